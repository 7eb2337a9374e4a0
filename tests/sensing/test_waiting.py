import asyncio
import contextlib
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from llma.sensing.waiting import LONGEST, SHARE, pause, run


async def twice(x):
    await asyncio.sleep(0)
    return 2 * x


async def fail():
    raise KeyError("lost")


def test_a_coroutine_is_awaited_from_ordinary_code_and_from_a_running_loop():
    async def cell():
        return run(twice(3))

    assert run(twice(3)) == asyncio.run(cell()) == 6

    async def failing():
        run(fail())

    for work in (fail(), failing()):
        with pytest.raises(KeyError, match="lost"):
            run(work)


@pytest.fixture
def interrupts():
    """Python's own answer to Ctrl-C: a shell that starts its jobs in the background makes them deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("inside", [False, True])
def test_an_interrupt_cancels_what_is_on_its_way(inside):
    begun, stopped = threading.Event(), []

    async def endless():
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.append(True)
            raise

    async def cell():
        run(endless())

    def work():
        if not inside:
            return run(endless())
        # As a notebook's kernel does, without asyncio's own way with interrupts.
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(cell())

    def interrupt():
        begun.wait(60)
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    button = threading.Thread(target=interrupt)
    button.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    button.join()
    assert stopped == [True]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, 4),
        ({"retry-after": "nan"}, 4),
        ({}, 4),
    ],
)
def test_the_server_is_obeyed_and_otherwise_the_time_doubles(headers, seconds):
    waits = [pause(headers, attempt=3, first=0.5) for _ in range(50)]
    assert min(waits) >= seconds
    assert max(waits) <= seconds * (1 + SHARE)
    assert len(set(waits)) > 1 or seconds == 0


def test_a_date_is_understood_and_the_wait_is_bounded():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert 15 < pause({"retry-after": date}, 0, 0.5) < 20 * (1 + SHARE) + 1
    assert pause({}, 60, 0.5) <= LONGEST * (1 + SHARE)
