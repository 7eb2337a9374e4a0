import json

import numpy as np
import pytest

from llma.sensing import PRODUCT_REVIEW, ScriptedSensor, UnreadableText
from llma.sensing.questions import Question, Questionnaire

ONE = Questionnaire("one", (Question("good", "Is it good?"),), ("bad", "good"), "Is it good?")
SYMMETRIC = np.array([[0.7, 0.3], [0.3, 0.7]])


def by_words(text: str, question: Question) -> float | None:
    """Say yes to "good", no to "bad", nothing otherwise; a text with "long" is too long."""
    if "long" in text:
        raise UnreadableText(0, "it is too long; shorten it")
    return 1.0 if "good" in text else 0.0 if "bad" in text else None


@pytest.fixture
def sensor():
    return ScriptedSensor(by_words)


@pytest.fixture
def table_of_reviews(tmp_path):
    """A likelihood file for the four questions: independent answers, right with probability 0.7."""
    directions = np.array([question.direction for question in PRODUCT_REVIEW.questions])
    bits = np.array([PRODUCT_REVIEW.bits(y) for y in range(16)])
    agree = np.where(directions > 0, bits, 1 - bits)
    good = np.prod(np.where(agree == 1, 0.7, 0.3), axis=1)
    bad = np.prod(np.where(agree == 1, 0.3, 0.7), axis=1)
    path = tmp_path / "likelihood.json"
    entry = {"states": PRODUCT_REVIEW.states, "table": [bad.tolist(), good.tolist()]}
    entry |= {"method": "by hand", "n": 1, "source": "thin air"}
    path.write_text(json.dumps({"product_review": entry}))
    return path
