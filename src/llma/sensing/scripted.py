"""A sensor that reads its answers from a script: for tests, for teaching, and for answers of people.

The script is a function of a text and a question, or a table. Nothing is guessed: a text that is not in the
table is an error. A cell that is empty, or NaN, is a refusal: no observation.

>>> from llma.sensing.questions import Question
>>> questions = [Question("long", "Is the text long?"), Question("loud", "Is the text loud?")]
>>> def rule(text, question):
...     return {"long": len(text) > 9, "loud": "!" in text}[question.key]
>>> by_rule = ScriptedSensor(rule)
>>> by_rule.probabilities(["Quiet.", "Listen to me!"], questions).tolist()
[[0.0, 0.0], [1.0, 1.0]]
>>> by_table = ScriptedSensor.from_table({"Quiet.": {"long": 0.1, "loud": None}})
>>> by_table.probabilities(["Quiet."], questions).tolist()
[[0.1, nan]]

It is also the shape in which answers of human annotators enter the book: one row per text, one column per
question, and the share of annotators who said yes in the cell.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llma.sensing.questions import Question, Questionnaire, UnreadableText, as_questions, as_texts


@dataclass(frozen=True)
class ScriptedSensor:
    """A sensor whose answer is `answer(text, question)`: a probability, or None or NaN for a refusal."""

    answer: Callable[[str, Question], float | None]
    name: str = "scripted"

    def probabilities(
        self, texts: Sequence[str], questions: Questionnaire | Sequence[Question | str]
    ) -> NDArray[np.float64]:
        """Return the scripted answers, shape (n, K).

        Raises
        ------
        UnreadableText
            When a text is empty or the script does not know it.
        ValueError
            When an answer is not a number in [0, 1].
        """
        texts, asked = as_texts(texts), as_questions(questions)
        answers = np.full((len(texts), len(asked)), np.nan)
        for i, text in enumerate(texts):
            if not text.strip():
                raise UnreadableText(i, "it is empty; leave it out")
            for k, question in enumerate(asked):
                try:
                    value = self.answer(text, question)
                except UnreadableText as error:
                    raise UnreadableText(i, error.reason) from error
                if value is None or math.isnan(value):
                    continue
                if not 0 <= value <= 1:
                    raise ValueError(
                        f"text {i}, question {question.key!r}: the script answers {value!r}; "
                        "write a probability in [0, 1], or None for no answer"
                    )
                answers[i, k] = value
        return answers

    @classmethod
    def from_table(
        cls, table: Mapping[str, Mapping[str, float | None]], name: str = "scripted"
    ) -> ScriptedSensor:
        """Make a sensor of a table: text -> key of the question -> probability or None.

        Raises
        ------
        ValueError
            When the table is empty.
        """
        if not table:
            raise ValueError("the script has no text; write at least one row")

        def answer(text: str, question: Question) -> float | None:
            if text not in table:
                raise UnreadableText(0, "the script has no such text; add a row for it")
            if question.key not in table[text]:
                raise ValueError(f"the script has no column {question.key!r}; add it, empty if need be")
            return table[text][question.key]

        return cls(answer, name)

    @classmethod
    def from_csv(cls, path: str | Path) -> ScriptedSensor:
        """Read a table from a UTF-8 CSV file: a column `text`, and a column for every key.

        Raises
        ------
        FileNotFoundError
            When there is no such file.
        ValueError
            When there is no column `text`, or a cell is no number in [0, 1], or a text stands twice with
            different answers.
        """
        table: dict[str, dict[str, float | None]] = {}
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "text" not in (reader.fieldnames or ()):
                raise ValueError(f"{path}: no column 'text' in {reader.fieldnames}")
            for record in reader:
                row: dict[str, float | None] = {}
                for key, cell in record.items():
                    if key == "text" or key is None:
                        continue
                    try:
                        row[key] = float(cell) if cell and cell.strip() else None
                    except ValueError as error:
                        raise ValueError(
                            f"{path}, line {reader.line_num}: {key} is {cell!r}; write a number in [0, 1]"
                        ) from error
                text = record["text"].replace("\r\n", "\n").strip()
                if text in table and table[text] != row:
                    raise ValueError(f"{path}, line {reader.line_num}: this text has other answers above")
                table[text] = row
        return cls.from_table(table, name=f"scripted:{path}")
