"""Waiting in an orderly way: for a coroutine, for a server, for a budget.

`run` waits for a coroutine from ordinary code. A notebook already runs an event loop in its thread, in which
nobody may wait; there the coroutine gets a loop and a thread of its own. An interrupt (Ctrl-C, or the stop
button) cancels it in both cases, so that nothing goes on costing money in the background.

`pause` says how long to wait before the next attempt: as long as the server asks (`Retry-After`), and
otherwise a time that doubles with each attempt. Both have a random part, so that calls that failed together
do not come back together.

>>> async def answer():
...     return 42
>>> run(answer())
42
>>> 3 <= pause({"retry-after": "3"}, attempt=0, first=0.5) <= 3.6
True
"""

from __future__ import annotations

import asyncio
import math
import random
import threading
import time
from collections.abc import Coroutine, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST = 30.0  # seconds between two attempts, when the server does not say
SHARE = 0.2  # of the waiting time, the random part


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from ordinary code, inside a running event loop too."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    results: list[T] = []
    failures: list[BaseException] = []
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    interrupted, done = threading.Event(), threading.Event()

    async def outer() -> T:
        task = asyncio.current_task()
        assert task is not None
        started.append((asyncio.get_running_loop(), task))
        if interrupted.is_set():
            work.close()
            raise asyncio.CancelledError
        return await work

    def inside() -> None:
        try:
            results.append(asyncio.run(outer()))
        except BaseException as error:  # handed on to the waiting thread below
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=inside, name="asking", daemon=True)
    thread.start()
    try:
        # Not `thread.join()`: interrupted once, it takes the thread for stopped (seen in Python 3.11).
        done.wait()
    except BaseException:
        interrupted.set()
        for loop, task in started:
            loop.call_soon_threadsafe(task.cancel)
        done.wait()
        raise
    if failures:
        raise failures[0]
    return results[0]


def pause(headers: Mapping[str, str], attempt: int, first: float) -> float:
    """Return the seconds to wait before the next attempt.

    Parameters
    ----------
    headers : mapping
        Of the server's reply, with lower-case names; empty if there was none.
    attempt : int
        0 after the first attempt.
    first : float
        Seconds to wait after the first attempt, when the server does not say.
    """
    asked = _retry_after(headers)
    wait = min(LONGEST, first * 2**attempt) if asked is None else asked
    # Never shorter than what the server asked for.
    return wait * (1 + SHARE * random.random())


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except ValueError:
                continue
        if not math.isnan(seconds):
            return max(0.0, seconds)
    return None
