"""The language model as a sensor: a text and yes/no questions in, probabilities of "yes" out."""

from llma.sensing.asking import SensorError
from llma.sensing.budget import Budget, BudgetSpentError
from llma.sensing.openai import OpenAISensor
from llma.sensing.opening import key_from_colab, open_kept, record_path
from llma.sensing.questions import (
    COMMENT_HOSTILITY,
    FINANCIAL_NEWS,
    PRODUCT_REVIEW,
    QUESTIONNAIRES,
    Question,
    Questionnaire,
    UnreadableText,
    prompt,
    questionnaire,
)
from llma.sensing.recording import RecordedSensor, record
from llma.sensing.replaying import Replay, replay
from llma.sensing.scripted import ScriptedSensor
from llma.sensing.sensor import Sensor, draw, open_sensor, tempered
from llma.sensing.tiny import TinySensor
from llma.sensing.transformers import TransformersSensor

__all__ = [
    "COMMENT_HOSTILITY",
    "FINANCIAL_NEWS",
    "PRODUCT_REVIEW",
    "QUESTIONNAIRES",
    "Budget",
    "BudgetSpentError",
    "OpenAISensor",
    "Question",
    "Questionnaire",
    "RecordedSensor",
    "Replay",
    "ScriptedSensor",
    "Sensor",
    "SensorError",
    "TinySensor",
    "TransformersSensor",
    "UnreadableText",
    "draw",
    "key_from_colab",
    "open_kept",
    "open_sensor",
    "prompt",
    "questionnaire",
    "record",
    "record_path",
    "replay",
    "tempered",
]
