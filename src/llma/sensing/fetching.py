"""Where a model's files are: in a folder, in the cache of the Hugging Face hub, or on the hub.

Everything is on the local disk before a model is loaded. The small files come first: whoever needs the
weights can look at the rest, and refuse, before gigabytes are fetched.

A complete copy in the cache is used without asking the hub, so that a session without network starts at once
(`from_pretrained` would first try for most of a minute), and so that a model does not change under a reader's
hands. To get a newer one, name its revision.

Only safetensors are read. The older files `pytorch_model.bin` are programs in disguise (pickles) and are
neither fetched nor opened; nor is code that comes with a model.

The hub's errors hold the request with its headers, and in these the reader's token. So none of them is
passed on, not even as the cause of another: what went wrong is said in our words.

>>> examine_name("https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct")
Traceback (most recent call last):
...
ValueError: 'https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct' is not the name of a model; write
owner/name, or the path of an existing folder
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from llma.sensing.asking import SensorError
from llma.sensing.families import examine_family

OPEN = "HuggingFaceTB/SmolLM2-1.7B-Instruct or TinyLlama/TinyLlama-1.1B-Chat-v1.0"
WEIGHTS = ["*.safetensors"]
WANTED = ["*.json", "*.jinja", "*.model", "*.txt"]
# Copies of the same weights in other layouts.
UNWANTED = ["*/*", "consolidated*"]
# What determines a model's answers. Cards and settings for writing do not.
DECISIVE = (
    "*.safetensors",
    "*.jinja",
    "tokenizer*",
    "config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
INDEX = "model.safetensors.index.json"
SECONDS = 10.0
NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
T = TypeVar("T")
NETWORK = ("httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3")


@dataclass(frozen=True)
class Found:
    """A model on the local disk.

    Parameters
    ----------
    source : str
        What was asked for.
    folder : Path
    model : str
        Its name in a record: that on the hub, or the name of the folder.
    revision : str
        Hash of the commit on the hub, or a checksum of the folder's files.
    """

    source: str
    folder: Path
    model: str
    revision: str


def find(
    source: str | Path, revision: str | None = None, prepare: Callable[[Path], object] = lambda folder: None
) -> Found:
    """Find a model's files; fetch them if need be.

    Parameters
    ----------
    source : str or Path
        A folder, or `owner/name` on the hub. A folder goes first.
    revision : str, optional
        Branch, tag or commit on the hub; by default the copy in the cache, or else the branch `main`.
    prepare : callable
        Gets the folder when it holds everything but the weights, and may raise.

    Raises
    ------
    FileNotFoundError
        When the folder lacks a file.
    ValueError
        When the name is no name, when a folder is given a revision, or when the model is of another family.
    SensorError
        When the hub cannot be reached, does not know the model, or does not give it to you.
    """
    folder = Path(source).expanduser()
    if str(source) and folder.is_dir():
        if revision is not None:
            raise ValueError(f"{source} is a folder and has no revision {revision!r}; leave revision out")
        complain(folder)
        examine_config(folder, str(source))
        prepare(folder)
        return Found(str(source), folder, folder.resolve().name, checksum(folder))
    name = examine_name(str(source))
    folder = _from_hub(name, revision, prepare)
    return Found(name, folder, name, folder.name)


def examine_name(source: str) -> str:
    """Return the name of a model on the hub, if it can be one.

    Raises
    ------
    ValueError
        When it looks like a path, an address, or nothing.
    """
    if not NAME.fullmatch(source) or source.startswith("."):
        raise ValueError(
            f"{source!r} is not the name of a model; write owner/name, or the path of an existing folder"
        )
    return source


def missing_files(folder: Path) -> list[str]:
    """Return what a folder lacks to be a model.

    Examples
    --------
    >>> from llma.sensing.tiny import WEIGHTS
    >>> missing_files(WEIGHTS)
    []
    >>> missing_files(WEIGHTS.parent)
    ['config.json', 'tokenizer.json', 'model.safetensors']
    """
    lacking = [] if (folder / "config.json").is_file() else ["config.json"]
    if not any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model")):
        lacking.append("tokenizer.json")
    if not (folder / INDEX).is_file():
        return lacking + ([] if (folder / "model.safetensors").is_file() else ["model.safetensors"])
    parts = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
    return lacking + sorted(part for part in parts if not (folder / part).is_file())


def has_template(folder: Path) -> bool:
    """Say whether a folder brings a chat template: in a file of its own, or in the tokenizer's settings.

    Examples
    --------
    >>> from llma.sensing.tiny import WEIGHTS
    >>> has_template(WEIGHTS)
    True
    """
    settings = folder / "tokenizer_config.json"
    return any(folder.glob("*.jinja")) or (
        settings.is_file() and '"chat_template"' in settings.read_text(encoding="utf-8")
    )


def complain(folder: Path) -> None:
    """Refuse a folder that is not a complete model.

    Raises
    ------
    FileNotFoundError
    """
    lacking = missing_files(folder)
    if lacking:
        pickled = any(folder.glob("*.bin"))
        hint = "; weights in .bin files are not opened, convert them to safetensors" if pickled else ""
        raise FileNotFoundError(
            f"the folder {folder} has no {', no '.join(lacking)}; copy the whole folder of a model in the "
            f"Hugging Face format{hint}"
        )


def examine_config(folder: Path, source: str) -> None:
    """Refuse a model of another family, before its weights are fetched or loaded.

    Raises
    ------
    ValueError
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON file: {error}") from error
    examine_family(config.get("model_type") if isinstance(config, dict) else None, source)


def checksum(folder: Path) -> str:
    """Return the sha256 of the names and contents of the files that determine a model's answers.

    Examples
    --------
    >>> from llma.sensing.tiny import WEIGHTS
    >>> len(checksum(WEIGHTS))
    64
    """
    total = hashlib.sha256()
    for path in sorted({path for kind in DECISIVE for path in folder.glob(kind)}):
        with path.open("rb") as file:
            total.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def _from_hub(name: str, revision: str | None, prepare: Callable[[Path], object]) -> Path:
    """Return the folder of the cache that holds the model; its name is the commit."""
    import huggingface_hub as hub  # noqa: PLC0415

    def fetch(patterns: list[str], revision: str | None, **options: Any) -> Path:
        return Path(
            hub.snapshot_download(
                name, revision=revision, allow_patterns=patterns, ignore_patterns=UNWANTED, **options
            )
        )

    def fetch_small(revision: str | None) -> Path:
        # One question with a limit of time; a download would try for half a minute before it fails.
        hub.HfApi().model_info(name, revision=revision, timeout=SECONDS)
        config = hub.hf_hub_download(name, "config.json", revision=revision)
        examine_config(Path(config).parent, name)
        return fetch(WANTED, revision)

    try:
        cached = fetch(WANTED + WEIGHTS, revision, local_files_only=True)
        complete = not missing_files(cached)
    except hub.errors.LocalEntryNotFoundError:
        complete = False  # nothing in the cache, or not all of it
    if complete:
        if not has_template(cached):
            # A base model, or a copy that another program made without this file. Where the hub cannot be
            # asked, the copy must do, and the renderer says what it lacks.
            with suppress(SensorError):
                _explained(lambda: fetch_small(cached.name), name, revision)
        examine_config(cached, name)
        prepare(cached)
        return cached
    small = _explained(lambda: fetch_small(revision), name, revision)
    prepare(small)
    # By its commit: the branch may have moved on in between.
    folder = _explained(lambda: fetch(WANTED + WEIGHTS, small.name), name, revision)
    lacking = missing_files(folder)
    if lacking:
        raise SensorError(
            f"the model {name} has no {', no '.join(lacking)} on the hub; only weights in safetensors are "
            f"read. Open models: {OPEN}"
        )
    return folder


def _explained(ask: Callable[[], T], name: str, revision: str | None) -> T:
    """Ask the hub; what goes wrong is said in our words."""
    try:
        return ask()
    except Exception as error:
        explained = explain(error, name, revision)
        if explained is None:
            raise
    # Raised here, outside of the handler, so that the hub's error is not even its context.
    raise SensorError(explained)


def explain(error: Any, name: str, revision: str | None = None) -> str | None:
    """Say in our words what went wrong with the hub; None if the error is not the hub's."""
    from huggingface_hub import errors  # noqa: PLC0415

    page = f"https://huggingface.co/{name}"
    # A more special error stands before the more general one that it also is.
    known = {
        errors.GatedRepoError: f"the model {name} is gated. Read its licence and ask for access on {page}, "
        "then log in by `huggingface_hub.login()` (on Colab: put a token named HF_TOKEN into Secrets). "
        f"Open models: {OPEN}",
        errors.RevisionNotFoundError: f"the model {name} has no revision {revision!r}; look at "
        f"{page}/commits/main, or leave it out",
        errors.RepositoryNotFoundError: f"the hub has no model {name}, or it is private, or your token has "
        f"expired. Check the spelling on {page}, or log in by `huggingface_hub.login()`. Open models: {OPEN}",
        errors.RemoteEntryNotFoundError: f"the model {name} has no config.json; it is not in the Hugging "
        f"Face format. Open models: {OPEN}",
        errors.HFValidationError: f"{name!r} cannot be the name of a model on the hub; write owner/name",
    }
    for kind, message in known.items():
        if isinstance(error, kind):
            return message
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the hub answered {status} for {name}; try again later, or open a folder on your disk"
    if isinstance(error, UnicodeEncodeError):
        return "your token holds a character that no token has; copy it again into HF_TOKEN"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full; make room for {name}, or set HF_HOME to another disk"
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in NETWORK:
        return (
            f"the hub cannot be reached ({type(error).__name__}), and the cache has no complete copy of "
            f"{name}. Connect, or copy the model's folder to this machine and open transformers:<folder>"
        )
    return None
