"""The language model as a sensor: a text and yes/no questions in, probabilities of "yes" out."""

from llma.sensing.questions import (
    COMMENT_HOSTILITY,
    FINANCIAL_NEWS,
    PRODUCT_REVIEW,
    Question,
    Questionnaire,
    prompt,
    questionnaire,
)

__all__ = [
    "COMMENT_HOSTILITY",
    "FINANCIAL_NEWS",
    "PRODUCT_REVIEW",
    "Question",
    "Questionnaire",
    "prompt",
    "questionnaire",
]
