r"""A language model behind an OpenAI-compatible server, as a sensor.

`OpenAISensor("<model>")` asks OpenAI; with `base_url` it asks any server that speaks the protocol, also one
on your own machine. It needs the package `openai` (2.50 or later; the method "decisions" comes with 3).

Three methods give P(yes); see `llma.sensing.methods`. With `method="auto"` the first question of the first
text is put by each in turn, until one works. `sensor.method` says which it was.

**The key** is read from the environment variable `OPENAI_API_KEY` when a call is made. It is not an argument,
no object of ours holds it, and messages of the server are searched for it before they are shown.

**Money.** Before a run the number of calls and the likely number of tokens are shown. `Budget` limits both,
and money at your prices. A run that meets the limit stops with an error. Its answers are kept: in the sensor,
and on the disk if it is wrapped in `llma.sensing.record`, which every paid run should be:

    sensor = record(OpenAISensor("gpt-x", budget=Budget(money=1.0, prices=(0.5, 2.0))), "reviews.jsonl")
    sensor.probabilities(texts, PRODUCT_REVIEW)

The same text and question are asked about once. For "decisions" and "logprobs" P(yes) is taken for a property
of the model, and the bits are drawn from it outside. The method "json" gives one answer that the model wrote;
it is kept as a probability of 0 or 1, and every draw from it repeats it.

What it cannot know: which weights stand behind a model's name today. Use a dated name if the server has one.
"""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llma.sensing.asking import Asker, Fault, Keep, SensorError, UnfitError
from llma.sensing.budget import Budget, BudgetSpentError, Cost
from llma.sensing.client import KEY, connect, examine_environment, post
from llma.sensing.index import Memory
from llma.sensing.methods import Decisions, Logprobs, Method, Structured, Task
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts
from llma.sensing.recording import RecordedSensor
from llma.sensing.waiting import run

METHODS = ("decisions", "logprobs", "json")


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class OpenAISensor:
    """A model behind an OpenAI-compatible server.

    Parameters
    ----------
    model : str
        Its name on the server.
    base_url : str, optional
        Address of the server, for example `http://localhost:8000/v1`. By default that of the environment
        variable `OPENAI_BASE_URL`, or OpenAI. Your key is sent there. A record knows a server by its host,
        not by its port, which may change from day to day, nor by its path, which may hold a secret. Two
        servers on one host need two records, or two names for their models.
    method : str
        "auto", "decisions", "logprobs" or "json".
    budget : Budget, optional
        Without one there is no limit.
    concurrency : int
        Calls on their way at once.
    timeout : float
        Seconds until a call counts as broken.
    tries : int
        Attempts a call.
    first_wait : float
        Seconds before the second attempt, when the server does not say. The time doubles with each attempt.
    temperature : float, optional
        Passed on to the server, for the method "json" only. By default the server's own.
    max_output : int
        Most tokens that the model may write, for the method "json".
    show : callable, optional
        Gets a line before a run: by default it goes to stderr. None shows nothing.

    Raises
    ------
    ValueError
        When an argument is malformed, or when `base_url` contains a password.

    Examples
    --------
    >>> OpenAISensor("a-model", method="logprobs")
    OpenAISensor('a-model', method='logprobs')
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        method: str = "auto",
        budget: Budget | None = None,
        concurrency: int = 8,
        timeout: float = 60.0,
        tries: int = 6,
        first_wait: float = 0.5,
        temperature: float | None = None,
        max_output: int = 1024,
        show: Callable[[str], None] | None = _print,
    ) -> None:
        if not isinstance(model, str) or not model.strip():
            raise ValueError("the model has no name; give the one that the server knows")
        if method not in ("auto", *METHODS):
            raise ValueError(f"unknown method {method!r}; known: auto, {', '.join(METHODS)}")
        for name, value in (("concurrency", concurrency), ("tries", tries), ("max_output", max_output)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}; it must be a whole number from 1 on")
        for name, seconds in (("timeout", timeout), ("first_wait", first_wait)):
            if not 0 < seconds < float("inf"):
                raise ValueError(f"{name} is {seconds!r}; it must be a positive number of seconds")
        self.model, self.budget = model, budget or Budget()
        self._base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
        address = urlsplit(self._base_url or "https://api.openai.com/v1")
        if address.scheme not in ("http", "https") or not address.hostname:
            # The address is not repeated here: it may hold a password.
            raise ValueError("base_url does not begin with http:// or https:// and the name of a host")
        if address.username or address.password or address.query:
            raise ValueError(f"base_url contains a name, a password or a query; put the key into {KEY}")
        self._server = address.hostname
        self._concurrency, self._timeout, self._tries = concurrency, float(timeout), tries
        self._first_wait, self._show = float(first_wait), show
        self._temperature = None if temperature is None else float(temperature)
        known = (Decisions(), Logprobs(), Structured(most=max_output))
        self._candidates: tuple[Method, ...] = tuple(m for m in known if method in ("auto", m.name))
        self._settled = False
        self._announced = 0
        self._memory = Memory()

    def __repr__(self) -> str:
        """Return one line."""
        return f"OpenAISensor({self.model!r}, method={self.method!r})"

    @property
    def name(self) -> str:
        """How reports call the sensor."""
        return f"openai:{self.model}"

    @property
    def method(self) -> str:
        """The method that is used: "decisions", "logprobs" or "json"; "auto" until it is known."""
        return self._candidates[0].name if len(self._candidates) == 1 else "auto"

    @property
    def together(self) -> bool:
        """Whether all questions about a text are in one prompt."""
        return len(self._candidates) == 1 and self._candidates[0].together

    @property
    def identity(self) -> dict[str, Any]:
        """What determines its answers beside text and question, see `llma.sensing.recording`."""
        common = {"backend": "openai", "model": self.model, "revision": None, "dtype": None}
        if len(self._candidates) > 1:
            return {**common, "prompt": None, "parameters": {"method": "auto", "server": self._server}}
        [method] = self._candidates
        parameters = {**method.parameters, "server": self._server}
        if isinstance(method, Structured):
            parameters["temperature"] = self._temperature
        return {**common, "prompt": method.template, "parameters": parameters}

    @property
    def alternatives(self) -> tuple[OpenAISensor, ...]:
        """The sensors that this one may still turn out to be."""
        dressed: list[Method] = []
        for candidate in () if self._settled else self._candidates:
            method: Method | None = candidate
            while method is not None:
                dressed.append(method)
                method = method.instead("") if not isinstance(method, Decisions) else None
        found = []
        for method in dressed if len(dressed) > 1 else ():
            sensor = copy.copy(self)
            sensor._candidates = (method,)
            found.append(sensor)
        return tuple(found)

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return P(yes), shape (n, K); NaN where the model refused or where its answer cannot be read.

        Raises
        ------
        UnreadableText
            When a text is empty, or too long for the model. Answers to other texts are kept.
        BudgetSpentError
            When the next call does not fit into the budget. All answers until then are kept.
        SensorError
            When the server cannot be asked, or gives no answer after all attempts.
        """
        return RecordedSensor(self, self._memory).probabilities(texts, questions)

    def announce(
        self,
        texts: Sequence[str],
        questions: Questionnaire | Sequence[Question | str],
        missing: ArrayLike | None = None,
    ) -> None:
        """Show how many calls a run will make, and what they are likely to cost.

        `probabilities` does it by itself, unless these texts were announced together before.
        """
        texts, asked = as_texts(texts), as_questions(questions)
        lacking = np.ones((len(texts), len(asked)), dtype=bool) if missing is None else np.asarray(missing)
        costs = [self._likely(method, texts, asked, lacking) for method in self._candidates]
        cost = max(costs, key=lambda c: c.calls)
        self._announced = cost.calls
        if self._show is not None and cost.calls:
            price = self.budget.price(cost)
            money = "" if price is None else f"; about {price:.3g} in your prices"
            short = self.budget.lacking(cost)
            warning = f". This will not fit into {short}: the run will stop there" if short else ""
            most = "at most " if len(costs) > 1 else ""
            probes = ", and a few calls to find a method that works" if len(costs) > 1 else ""
            self._show(f"{self.name}: {most}{cost} (estimated){probes}{money}{warning}")

    @staticmethod
    def _likely(
        method: Method, texts: Sequence[str], asked: tuple[Question, ...], missing: NDArray[np.bool_]
    ) -> Cost:
        return sum((method.cost(task)[0] for task in method.tasks(texts, asked, missing)), Cost())

    def stream(
        self, texts: Sequence[str], questions: Sequence[Question], missing: ArrayLike, keep: Keep
    ) -> None:
        """Ask where `missing` is true; hand over each answer as soon as it is known.

        Raises
        ------
        UnreadableText, BudgetSpentError, SensorError
            As `probabilities`.
        """
        texts, asked = as_texts(texts), tuple(questions)
        lacking = np.array(missing, dtype=bool)
        for i in np.flatnonzero(lacking.any(axis=1)).tolist():
            if not texts[i].strip():
                raise UnreadableText(i, "it is empty; leave it out")
        if not lacking.any():
            return
        examine_environment(self._base_url)
        calls = max(self._likely(method, texts, asked, lacking).calls for method in self._candidates)
        if calls > self._announced:
            self.announce(texts, asked, lacking)
        self._announced = max(0, self._announced - calls)
        kept, wanted = 0, int(lacking.sum())

        def count(i: int, found: Mapping[int, float]) -> None:
            nonlocal kept
            keep(i, found)
            kept += len(found)

        try:
            run(self._stream(texts, asked, lacking, count))
        except (BudgetSpentError, SensorError) as error:
            done = f"{kept} of {wanted} answers were obtained and are kept"
            what = f"{self.name}: {error}. {done}; spent: {self.budget}. Ask again to go on from there"
            failure = type(error)(what)
        else:
            return
        raise failure

    async def _stream(
        self, texts: Sequence[str], asked: tuple[Question, ...], missing: NDArray[np.bool_], keep: Keep
    ) -> None:
        async with connect(self._base_url, self._timeout) as client:

            async def send(method: Method, task: Task) -> dict[str, Any] | Fault:
                body = method.body(self.model, task)
                if isinstance(method, Structured) and self._temperature is not None:
                    body["temperature"] = self._temperature
                return await post(client, method.name == "decisions", body, self._timeout)

            asker = Asker(send, self.budget, self._concurrency, self._tries, self._first_wait)
            if not self._settled:
                has_decisions = hasattr(client, "decisions")
                task, found = await self._settle(
                    asker, has_decisions, lambda method: method.tasks(texts, asked, missing)[0]
                )
                keep(task.row, found)
                missing[task.row, list(found)] = False
            [method] = self._candidates
            await asker.all(method, method.tasks(texts, asked, missing), keep)

    async def _settle(
        self, asker: Asker, has_decisions: bool, first: Callable[[Method], Task]
    ) -> tuple[Task, dict[int, float]]:
        """Find the first method that works, on its first task; return the task and its answers."""
        reasons: list[str] = []
        several = len(self._candidates) > 1
        waiting: list[Method] = list(self._candidates)
        while waiting:
            method = waiting.pop(0)
            if isinstance(method, Decisions) and not has_decisions:
                reasons.append(f"decisions: openai {version('openai')} does not have it, version 3 does")
                continue
            task = first(method)
            try:
                found = await asker.one(method, task, probing=True, strict=several)
            except UnfitError as error:
                reasons.append(f"{method.name}: {error}")
                other = method.instead(str(error))
                if other is not None:
                    waiting.insert(0, other)
                continue
            self._candidates, self._settled = (method,), True
            if several and self._show is not None:
                self._show(f"{self.name}: asked by {method.name}" + "".join(f"; no {r}" for r in reasons))
            return task, found
        raise SensorError("none of the methods works: " + "; ".join(reasons))
