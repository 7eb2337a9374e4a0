"""Many calls to one server: some at a time, again after a fault, and never beyond the budget.

Each call is a task (see `llma.sensing.methods`). A fixed number of workers take one task after the other:

1. wait until the server may be asked (after "too many requests" nobody asks before the time it named), and
   until the largest likely cost of the call fits into the budget;
2. send, read the reply, enter into the budget what the call has cost;
3. hand the answers over *before* the next task is taken;
4. after a fault that may pass (a broken connection, a busy server, a damaged reply) wait and try again, a
   limited number of times. A refusal is an answer: NaN.

After a failure that will not pass no new call is made. The calls that are on their way are paid for, so they
are awaited and kept; then the failure is raised.

A broken call may have been billed, so it enters the budget with its likely cost.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llma.sensing.budget import Budget, BudgetSpentError, Cost
from llma.sensing.methods import Malformed, Method, Task, Unfit
from llma.sensing.questions import UnreadableText
from llma.sensing.waiting import pause

LONGEST_PAUSE = 120.0  # seconds; a server that asks for more is asked again by the reader, later


class SensorError(RuntimeError):
    """The server cannot be asked, or gave no answer after all attempts."""


class UnfitError(SensorError):
    """The server does not offer the method."""


@dataclass(frozen=True)
class Fault:
    """Why a call had no answer.

    Attributes
    ----------
    kind : str
        "again" (it may pass), "unfit" (the server does not offer this), "refused", "unreadable" (the text is
        too long), or "stop".
    message : str
        Without any secret.
    headers : mapping
        Of the reply, lower-case names.
    billed : bool
        Whether the call may have cost something.
    """

    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    billed: bool = False


Send = Callable[[Method, Task], Awaitable[dict[str, Any] | Fault]]
Keep = Callable[[int, Mapping[int, float]], None]


class Asker:
    """The calls of one run.

    Parameters
    ----------
    send : coroutine function
        Takes a method and a task; returns the reply as a dictionary, or a `Fault`. It raises nothing.
    budget : Budget
    workers : int
        Calls on their way at once.
    tries : int
        Attempts a call.
    first_wait : float
        Seconds before the second attempt, when the server does not say.
    """

    def __init__(self, send: Send, budget: Budget, workers: int, tries: int, first_wait: float) -> None:
        self._send, self._budget = send, budget
        self._workers, self._tries, self._first_wait = workers, tries, first_wait
        self._changed = asyncio.Condition()
        self._not_before = 0.0

    async def all(self, method: Method, tasks: Sequence[Task], keep: Keep) -> None:
        """Carry out all tasks, handing over the answers as they come.

        Raises
        ------
        BudgetSpentError, SensorError, UnreadableText
            The first failure that will not pass, after the calls on their way have come back.
        """
        waiting = iter(tasks)
        failures: list[Exception] = []

        async def work() -> None:
            for task in waiting:
                if failures:
                    return
                try:
                    keep(task.row, await self.one(method, task))
                except Exception as error:
                    failures.append(error)

        await asyncio.gather(*(work() for _ in range(min(self._workers, len(tasks)))))
        if failures:
            raise failures[0]

    async def one(
        self, method: Method, task: Task, probing: bool = False, strict: bool = False
    ) -> dict[int, float]:
        """Carry out one task and return P(yes) by question.

        Probing tells a server that does not offer the method from a fault that may pass; strict also takes
        an answer that begins with neither Yes nor No for a sign of it.

        Raises
        ------
        BudgetSpentError, SensorError, UnfitError, UnreadableText
        """
        fault = Fault("stop", "no attempt was allowed")
        for attempt in range(self._tries):
            found = await self._attempt(method, task, probing, strict)
            if not isinstance(found, Fault):
                return found
            fault = found
            if fault.kind == "refused":
                return dict.fromkeys(task.columns, math.nan)
            if fault.kind == "unreadable":
                raise UnreadableText(task.row, fault.message)
            if fault.kind == "unfit":
                raise UnfitError(fault.message)
            if fault.kind == "stop":
                raise SensorError(fault.message)
            wait = pause(fault.headers, attempt, self._first_wait)
            if wait > LONGEST_PAUSE:
                raise SensorError(f"{fault.message}; the server asks to wait {wait:.0f} s: come back then")
            if fault.headers:
                self._not_before = max(self._not_before, time.monotonic() + wait)
            if attempt + 1 < self._tries:
                await asyncio.sleep(wait)
        raise SensorError(f"no answer after {self._tries} attempts; the last one: {fault.message}")

    async def _attempt(
        self, method: Method, task: Task, probing: bool, strict: bool
    ) -> dict[int, float] | Fault:
        likely, most = method.cost(task)
        await self._admit(most)
        actual = likely  # what a call that is cancelled on its way may have cost
        try:
            reply = await self._send(method, task)
            if isinstance(reply, Fault):
                actual = likely if reply.billed else Cost(calls=1)
                return reply
            actual = _usage(reply, likely)
        finally:
            self._budget.settle(most, actual)
            async with self._changed:
                self._changed.notify_all()
        try:
            return method.read(reply, task, strict)
        except Malformed as error:
            return Fault("again", str(error))
        except Unfit as error:
            return Fault("unfit" if probing else "again", str(error))

    async def _admit(self, cost: Cost) -> None:
        """Wait until a call may be made, and set its cost aside."""
        while (wait := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        async with self._changed:
            while not self._budget.room_for(cost):
                limit = self._budget.lacking(cost, reserved=False)
                if limit:
                    raise BudgetSpentError(f"the next call may pass the limit of {limit}")
                # Calls on their way will give back what they do not use.
                await self._changed.wait()
            self._budget.reserve(cost)


def _usage(reply: Mapping[str, Any], likely: Cost) -> Cost:
    """Return what the server says that a call has cost, or what was likely."""
    usage = reply.get("usage")
    if isinstance(usage, dict):
        for names in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
            read, written = (usage.get(name) for name in names)
            if isinstance(read, int) and isinstance(written, int) and min(read, written) >= 0:
                return Cost(1, read, written)
    return likely
