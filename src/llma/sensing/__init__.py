"""The language model as a sensor: a text and yes/no questions in, probabilities of "yes" out.

`open_sensor` opens every kind by its name; `open_kept` also keeps what it answers. All share one method,
`probabilities(texts, questions)` (module `sensor`), and one form of question (`questions`). The other
modules, by what they serve:

* *The embedded model*, `tiny`: its network in NumPy (`llama`), its weights (`checkpoint`), K questions
  about a text in one sequence (`packing`), and the likelihood that ships with it (`shipped`).
* *A model in torch*, `transformers`. To load it (`loading`): find its files (`fetching`), accept its kind
  (`families`), decide on device and format (`placing`). To ask it: write the prompts (`rendering`), pack
  them (`packing`), fill passes (`batching`), and read the labels off one pass (`scoring`).
* *A model behind a server*, `openai`: what a call asks for and how its reply is read (`methods`, `parse`),
  many calls and their faults (`asking`), one call (`client`, `waiting`), and what they may cost (`budget`).
* *Answers that last*: a sensor that remembers (`recording`), its two files (`answers`, `index`), the record
  as a sensor (`replaying`), and one string for all of it (`opening`).
* *Answers from a table or a function*, for tests and examples: `scripted`.
* *Studies of sensors*: answers that depend on one another (`chains`, `dialogue`), commands hidden in texts
  (`injection`).

None imports torch, transformers or openai before a sensor of that kind is used.
"""

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
