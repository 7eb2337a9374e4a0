r"""A LLaMA-like model of the Hugging Face hub, or in a folder, as a sensor.

`open_sensor("transformers:<owner/name or folder>")` loads a chat model with the packages torch and
transformers, which are imported only then. `TransformersSensor.load` is the same with options.

**What is computed.** The chat template of the model turns text and question into a prompt
(`llma.sensing.rendering`); the logits of the two labels after it give

$$P(\text{yes}) = \sigma(\text{logit of "Yes"} - \text{logit of "No"}),$$

the probability of "Yes" given that the answer begins with one of the two. How much probability the two hold
together says `label_mass`; where it is small, the model would rather say something else, and `next_tokens`
shows what.

**How.** One pass answers all K questions about several texts (`llma.sensing.packing`): the text is read
once, each question sees the text and itself. The result is that of K separate prompts, up to rounding. In
float32 the tests find differences below 1e-5 for every family and every shape that is let in
(`llma.sensing.families`). In 16 bits rounding depends on the company of a text; differences of a hundredth in
a logit are normal.

**Where.** On the GPU if there is one, in 16 bits, or in 4 bits if the model does not fit otherwise
(`llma.sensing.placing`); else on the CPU in float32. Passes are sized to the memory
(`llma.sensing.batching`).

**What is the same tomorrow.** The commit of the weights, the rendered prompt with its date held fixed, the
labels, and the format are the sensor's `identity` and enter the key of every recorded answer
(`llma.sensing.recording`). A run that should be published is recorded::

    sensor = record(open_sensor("transformers:HuggingFaceTB/SmolLM2-360M-Instruct"), "reviews.jsonl")

and then replayed without torch and without the model. Not in the key: versions of torch, and the device. They
change roundings.

Reference: A. Jain and V. Krishnamurthy, *Interacting Large Language Model Agents*, IEEE Access 2025,
arXiv 2411.01271, Section II. There an 8B LLaMA writes its answers out as JSON, so that each may depend on the
ones before it; here each depends on the text and its own question.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from llma.sensing import scoring
from llma.sensing.batching import Room, run
from llma.sensing.families import context_of
from llma.sensing.loading import load_model
from llma.sensing.packing import Packed, common_prefix, pack
from llma.sensing.placing import find_device
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts
from llma.sensing.rendering import Renderer

Measure = Callable[[Any, Sequence[Packed], tuple[int, int]], NDArray[np.float64]]


class TransformersSensor:
    """A decoder in torch as a sensor. Usually made by `TransformersSensor.load` or `open_sensor`.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A causal language model of a known family, with the attention "sdpa".
    tokenizer : transformers.PreTrainedTokenizerBase
        Its tokenizer.
    name : str
        How reports call the sensor.
    identity : mapping, optional
        `model`, `revision` and `dtype`, for records. Without it the answers cannot be recorded.
    labels : (str, str)
        The words for yes and no.
    template : str, optional
        A chat template in Jinja, in the place of the tokenizer's.
    variables : mapping, optional
        Further variables of the template.
    room : Room, optional
        What a pass may take; by default it is estimated.
    progress : bool, optional
        Whether to show a bar; by default on a terminal only.

    Raises
    ------
    ValueError
        When the family, the attention, the template or the labels are refused.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str = "transformers",
        identity: Mapping[str, Any] | None = None,
        labels: tuple[str, str] = ("Yes", "No"),
        template: str | None = None,
        variables: Mapping[str, Any] | None = None,
        room: Room | None = None,
        progress: bool | None = None,
    ) -> None:
        attention = model.config._attn_implementation
        if attention != scoring.ATTENTION:
            raise ValueError(
                f"the model was loaded with the attention {attention!r}, which does not take the mask of "
                f"packed questions as it is; load it with attn_implementation={scoring.ATTENTION!r}"
            )
        self.context = context_of(model.config)
        self.renderer = Renderer(tokenizer, labels, template, variables or {})
        self._model, self._name = model.eval(), name
        self._identity = dict(identity or {})
        self._room = room or scoring.room_for(model, find_device(str(model.device)).memory)
        self._progress = progress
        # A pass hangs its reading positions on the model, so there is one at a time, whatever the threads.
        self._alone = threading.Lock()

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        revision: str | None = None,
        device: str | None = None,
        dtype: str | None = None,
        quantize: str = "auto",
        labels: tuple[str, str] = ("Yes", "No"),
        template: str | None = None,
        variables: Mapping[str, Any] | None = None,
        progress: bool | None = None,
    ) -> TransformersSensor:
        """Load a model from a folder or from the hub.

        Parameters
        ----------
        source : str or Path
            A folder in the Hugging Face format, or `owner/name` on the hub.
        revision : str, optional
            Branch, tag or commit on the hub.
        device : str, optional
            "cpu", "cuda", "cuda:1" or "mps"; by default the GPU, if there is one for CUDA.
        dtype : str, optional
            "float32", "float16" or "bfloat16".
        quantize : str
            "auto", "4bit" or "none".
        labels, template, variables, progress
            As for the class.

        Returns
        -------
        TransformersSensor

        Raises
        ------
        FileNotFoundError
            When a folder lacks a file.
        ValueError
            When the model or its chat template is not fit for yes/no questions, or an argument is unknown.
        SensorError
            When a package is missing, when the hub does not give the model, or when it does not fit.
        """
        loaded = load_model(
            source,
            revision=revision,
            device=device,
            dtype=dtype,
            quantize=quantize,
            # A template or a label that does not work shows before gigabytes are loaded.
            examine=lambda tokenizer: Renderer(tokenizer, labels, template, variables or {}),
            progress=progress,
        )
        return cls(
            loaded.model,
            loaded.tokenizer,
            name=f"transformers:{loaded.source}",
            identity=loaded.identity,
            labels=labels,
            template=template,
            variables=variables,
            progress=progress,
        )

    def __repr__(self) -> str:
        """Return one line."""
        how = self._identity.get("dtype") or str(self._model.dtype).removeprefix("torch.")
        return f"TransformersSensor({self._name!r}, {how} on {self._model.device})"

    @property
    def name(self) -> str:
        """How reports call the sensor."""
        return self._name

    @property
    def identity(self) -> dict[str, Any]:
        """What determines its answers beside text and question, see `llma.sensing.recording`.

        Raises
        ------
        ValueError
            When the model was handed over without its identity.
        """
        if not self._identity.get("revision"):
            raise ValueError(
                f"the weights of {self._name!r} have no revision, so its answers cannot be told from those "
                "of other weights; make the sensor by TransformersSensor.load, or give identity=..."
            )
        return {
            "backend": "transformers",
            **self._identity,
            "prompt": self.renderer.pattern,
            "parameters": {"labels": list(self.renderer.answers), "template": self.renderer.fingerprint},
        }

    def prompts(self, text: str, questions: Questionnaire | Sequence[Question | str]) -> tuple[str, ...]:
        """Return what the model reads: the rendered prompt of each question about a text.

        Raises
        ------
        UnreadableText
            When the text is empty, or holds what could pass for the boundary of a turn.
        """
        return tuple(self.renderer.prompts(0, text, as_questions(questions)))

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return P(yes) for every text and question.

        Parameters
        ----------
        texts : sequence of n str
        questions : Questionnaire or sequence of K questions

        Returns
        -------
        ndarray of float64, shape (n, K)
            Probabilities. This sensor never refuses, so there is no NaN.

        Raises
        ------
        UnreadableText
            A ValueError with the index of the first text that is empty, longer than the context, or holds
            what could pass for the boundary of a turn. It is raised before anything is computed.
        SensorError
            When the memory does not suffice for one text alone, or when a number overflowed.
        """
        return self._measure(texts, questions, _probabilities)

    def label_mass(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return how much probability the two labels hold together, shape (n, K).

        Near one, the model answers with a label as a matter of course. Near zero, P(yes) compares two answers
        that it would hardly give.

        Raises
        ------
        UnreadableText, SensorError
            As `probabilities`.
        """
        return self._measure(texts, questions, scoring.label_mass)

    def next_tokens(self, text: str, question: Question | str, top: int = 10) -> dict[str, float]:
        """Return the most probable first tokens of an answer, with their probabilities.

        Tokens that are spelt alike are added up.

        Raises
        ------
        UnreadableText
            As `probabilities`.
        """
        [asked] = as_questions([question])
        packed = pack(self._tokens(0, text, [asked]))
        with self._alone:
            share = np.exp(scoring.next_tokens(self._model, [packed])[0, 0])
        shown: dict[str, float] = defaultdict(float)
        for i in np.argsort(-share, kind="stable")[:top]:
            shown[str(self.renderer.tokenizer.decode([int(i)]))] += float(share[i])
        return dict(shown)

    def stream(
        self,
        texts: Sequence[str],
        questions: Sequence[Question],
        missing: ArrayLike,
        keep: Callable[[int, Mapping[int, float]], None],
    ) -> None:
        """Answer where `missing` is true; hand over the answers to a text as soon as its pass is done.

        Raises
        ------
        UnreadableText, SensorError
            As `probabilities`.
        """
        lacking = np.asarray(missing, dtype=bool)
        self._stream(as_texts(texts), as_questions(questions), lacking, _probabilities, keep)

    def _measure(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str], measure: Measure
    ) -> NDArray[np.float64]:
        texts, asked = as_texts(texts), as_questions(questions)
        answers = np.full((len(texts), len(asked)), np.nan)

        def keep(i: int, found: Mapping[int, float]) -> None:
            answers[i, list(found)] = list(found.values())

        self._stream(texts, asked, np.ones(answers.shape, dtype=bool), measure, keep)
        return answers

    def _stream(
        self,
        texts: Sequence[str],
        asked: tuple[Question, ...],
        missing: NDArray[np.bool_],
        measure: Measure,
        keep: Callable[[int, Mapping[int, float]], None],
    ) -> None:
        # Texts that lack the same questions share passes. All are tokenised before the first pass.
        groups: dict[tuple[int, ...], list[tuple[int, list[list[int]]]]] = defaultdict(list)
        for i in np.flatnonzero(missing.any(axis=1)).tolist():
            columns = tuple(np.flatnonzero(missing[i]).tolist())
            groups[columns].append((i, self._tokens(i, texts[i], [asked[k] for k in columns])))
        total = sum(map(len, groups.values()))
        hidden = None if self._progress is None else not self._progress
        with tqdm(total=total, unit="text", desc=self._name, disable=hidden) as bar:
            for columns, jobs in groups.items():

                def compute(rows: list[int], columns: tuple[int, ...] = columns, jobs: Any = jobs) -> None:
                    batch = [pack(jobs[row][1]) for row in rows]
                    with self._alone:
                        values = measure(self._model, batch, self.renderer.answer_ids)
                    for row, found in zip(rows, values.tolist(), strict=True):
                        keep(jobs[row][0], dict(zip(columns, found, strict=True)))
                    bar.update(len(rows))

                lengths = [_packed_length(prompts) for _, prompts in jobs]
                run(lengths, self._room, compute, scoring.release, [i for i, _ in jobs])

    def _tokens(self, index: int, text: str, asked: Sequence[Question]) -> list[list[int]]:
        """Return the tokenised prompts, if the model can read them."""
        prompts = self.renderer.tokens(index, text, asked)
        longest = max(map(len, prompts))
        if longest > self.context:
            raise UnreadableText(
                index,
                f"with its question it has {longest} tokens and the model reads at most {self.context}; "
                "shorten it or split it",
            )
        rows = self._model.get_input_embeddings().weight.shape[0]
        if max(map(max, prompts)) >= rows:
            raise ValueError(
                f"the tokenizer makes token {max(map(max, prompts))}, and the model knows {rows}; they do "
                "not belong together"
            )
        return prompts


def _probabilities(model: Any, batch: Sequence[Packed], labels: tuple[int, int]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scoring.gaps(model, batch, labels))), dtype=np.float64)


def _packed_length(prompts: Sequence[Sequence[int]]) -> int:
    shared = common_prefix(prompts)
    return shared + sum(len(prompt) - shared for prompt in prompts)
