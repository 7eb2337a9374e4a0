"""One string opens any sensor, and its answers are kept: ask once, read the record ever after.

`open_kept(spec, folder)` is `llma.sensing.open_sensor` wrapped in `llma.sensing.record`. A chapter that asks
through it runs with the embedded model, with a model on the reader's own GPU, or with a model behind a
server, and the string is all that changes. What was answered stands in `record_path(spec, folder)`. That file
is a sensor too, without model, key or network: `open_sensor("record:<file>")`.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     with open_kept("tiny", folder) as sensor:
...         p = sensor.probabilities(["It broke."], ["Is it good?"])
...     again = open_kept(f"record:{record_path('tiny', folder)}", folder)
...     bool((again.probabilities(["It broke."], ["Is it good?"]) == p).all())
True

**The key** of a server is read from the environment when a call is made. On Colab it is kept under "Secrets";
`key_from_colab` hands it on to the environment. It is never shown.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from pathlib import Path

from llma.sensing.budget import Budget
from llma.sensing.client import KEY
from llma.sensing.openai import OpenAISensor
from llma.sensing.recording import RecordedSensor, record
from llma.sensing.replaying import Replay, replay
from llma.sensing.sensor import Sensor, open_sensor


def record_path(spec: str, folder: str | Path) -> Path:
    """Return the file in a folder that keeps the answers of a sensor.

    Examples
    --------
    >>> record_path("openai:a/b-1", "answers").as_posix()
    'answers/openai-a-b-1.jsonl'
    """
    return Path(folder) / f"{re.sub(r'[^A-Za-z0-9.]+', '-', spec).strip('-.')}.jsonl"


def open_kept(
    spec: str = "tiny", folder: str | Path = "answers", budget: Budget | None = None
) -> RecordedSensor | Replay:
    """Open a sensor by its name, and keep what it answers.

    Parameters
    ----------
    spec : str
        As for `llma.sensing.open_sensor`. A record is opened as it is.
    folder : str or Path
        Where records are kept; made if need be.
    budget : Budget, optional
        The limit of a paid sensor, `openai:<model>`. Others cost nothing and have none.

    Returns
    -------
    RecordedSensor or Replay

    Raises
    ------
    ValueError
        When the name is unknown, or a record was edited.
    """
    kind, _, rest = spec.partition(":")
    if kind == "record" and rest:
        return replay(rest)
    if kind == "openai" and rest:
        key_from_colab()
        sensor: Sensor = OpenAISensor(rest, budget=budget)
    else:
        sensor = open_sensor(spec)
    path = record_path(spec, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    return record(sensor, path)


def key_from_colab(name: str = KEY) -> bool:
    """Hand a key that Colab keeps under "Secrets" on to the environment; return whether there is one.

    A key that stands in the environment already is left alone. Elsewhere than on Colab nothing happens.
    """
    if os.environ.get(name):
        return True
    # `google` is a namespace that other packages share; find_spec of the part would fail without it.
    if "google.colab" not in sys.modules and importlib.util.find_spec("google") is None:
        return False
    try:
        userdata = importlib.import_module("google.colab.userdata")
    except ImportError:
        return False
    try:
        key = userdata.get(name)
    except (userdata.SecretNotFoundError, userdata.NotebookAccessError):
        return False
    if not key:
        return False
    os.environ[name] = key
    return True
