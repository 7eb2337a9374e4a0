r"""Questions put one after the other, in one dialogue with the embedded model.

Usually each question stands alone behind the text, and no answer sees another. Here the model is asked as a
writer would be: the first question, its answer, the second question, and so on. From the probabilities after
every history of answers comes the exact law of the sheet that the model would write (`llma.sensing.chains`).

Two forms. In the first the text stands once, at the beginning, and each further turn holds only its question.
In the second (`again=True`) the text is repeated in every turn.

**What the numbers do not say.** The embedded model was trained on one text and one question at a time. It has
never met a second question in one prompt. What it does there is a fact about this model outside its training,
and no sign of what a large model that was trained on dialogues does. The same functions work with any
`TinySensor`.

>>> from llma.sensing.questions import PRODUCT_REVIEW
>>> from llma.sensing.tiny import load
>>> two = PRODUCT_REVIEW.questions[:2]
>>> print(dialogue("It broke.", two, ("Yes",)).replace("<|", "\n<|"))
<s>
<|user|>It broke.
<BLANKLINE>
Does the product have defects?
Answer Yes or No only.
<|assistant|>Yes</s>
<|user|>Is the product durable?
Answer Yes or No only.
<|assistant|>
>>> written_chain(load(), "It broke.", two).shape
(3,)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma.checks import Floats
from llma.sensing.llama import forward, logits
from llma.sensing.packing import pack
from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, prompt
from llma.sensing.tiny import TinySensor

WORDS = ("No", "Yes")
# The mask of a pass grows with the square of its tokens, and dialogues double with every question.
PER_PASS = 32


def dialogue(text: str, asked: Sequence[Question], answers: Sequence[str], again: bool = False) -> str:
    """Return the prompt of the last question, after the questions before it and their answers.

    Parameters
    ----------
    text : str
    asked : sequence of k + 1 questions
    answers : sequence of k words, "Yes" or "No"
        The answers to all questions but the last.
    again : bool
        Whether the text is repeated in every turn.

    Raises
    ------
    ValueError
        When the numbers of questions and answers do not fit, or an answer is another word.
    UnreadableText
        When the text is empty.
    """
    if len(asked) != len(answers) + 1:
        raise ValueError(f"{len(asked)} questions and {len(answers)} answers: the last question has none")
    for word in answers:
        if word not in WORDS:
            raise ValueError(f"the answer {word!r} must be one of {WORDS}")
    first = prompt(text, asked[0])
    head = "<s><|user|>"
    parts = [first]
    for question, word in zip(asked[1:], answers, strict=True):
        turn = prompt(text, question).removeprefix(head)
        if not again:
            # The same turn without its text and the empty line behind it.
            turn = turn[turn.rindex(question.text) :]
        parts.append(f"{word}</s><|user|>{turn}")
    return "".join(parts)


def written_chain(
    sensor: TinySensor, text: str, questions: Questionnaire | Sequence[Question | str], again: bool = False
) -> Floats:
    """Return P(yes) of every answer after every history of answers, shape (2**K - 1,).

    Dialogues about the text share passes.

    Raises
    ------
    UnreadableText
        When the text is empty, or a dialogue is longer than the context.
    """
    asked = as_questions(questions)
    prompts = []
    for k in range(len(asked)):
        for history in range(2**k):
            answers = [WORDS[(history >> j) & 1] for j in range(k)]
            prompts.append(dialogue(text, asked[: k + 1], answers, again))
    ids = [sensor.tokenizer.encode(p, add_special_tokens=False).ids for p in prompts]
    longest = max(len(numbers) for numbers in ids)
    if longest > sensor.llama.shape.context:
        raise UnreadableText(
            0,
            f"its dialogue has {longest} tokens and the model reads at most {sensor.llama.shape.context}; "
            "shorten it or ask less",
        )
    passes = [pack(ids[first : first + PER_PASS]) for first in range(0, len(ids), PER_PASS)]
    pair = np.concatenate(
        [logits(sensor.llama, forward(sensor.llama, [packed]), sensor.labels) for packed in passes]
    ).astype(np.float64)
    chain: Floats = 0.5 * (1 + np.tanh(0.5 * (pair[:, 0] - pair[:, 1])))
    return chain
