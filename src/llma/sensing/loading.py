"""From the name of a model to the model in memory, with everything that can go wrong said before it is large.

The order is that of cost: packages, configuration, tokenizer and chat template, room on the device and what
it needs, and only then the weights, from the hub and into memory. Weights that the files lack would be drawn
at random by transformers; here they are an error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llma.sensing.asking import SensorError
from llma.sensing.families import context_of
from llma.sensing.fetching import find
from llma.sensing.placing import Placement, find_device, loading_options, place
from llma.sensing.scoring import ATTENTION


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model in memory.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    tokenizer : transformers.PreTrainedTokenizerBase
    source : str
        What was asked for.
    identity : dict
        `model`, `revision` and `dtype`, as a record knows them.
    """

    model: Any
    tokenizer: Any
    source: str
    identity: dict[str, str]


def load_model(
    source: str | Path,
    *,
    revision: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    quantize: str = "auto",
    examine: Callable[[Any], object] = lambda tokenizer: None,
    progress: bool | None = None,
) -> Loaded:
    """Load a model and its tokenizer.

    Parameters
    ----------
    source, revision, device, dtype, quantize, progress
        See `llma.sensing.TransformersSensor.load`.
    examine : callable
        Gets the tokenizer before the weights are loaded, and may raise.

    Returns
    -------
    Loaded

    Raises
    ------
    FileNotFoundError, ValueError, SensorError
        See `llma.sensing.TransformersSensor.load`.
    """
    examine_packages()
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    config: Any
    tokenizer: Any
    placement: Placement
    options: dict[str, Any]

    def prepare(folder: Path) -> None:
        nonlocal config, tokenizer, placement, options
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        context_of(config)
        if getattr(config, "quantization_config", None) is not None:
            raise ValueError(
                f"the weights of {source} are quantised already; take the original ones, with quantize='4bit'"
            )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        examine(tokenizer)
        placement = place(find_device(device), count_parameters(config), dtype, quantize)
        options = loading_options(placement)

    found = find(source, revision, prepare)
    with quiet_loading(progress):
        model, report = AutoModelForCausalLM.from_pretrained(
            found.folder,
            config=config,
            attn_implementation=ATTENTION,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            **options,
        )
    absent = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
    if absent:
        raise ValueError(
            f"the weights of {found.source} do not fit its config.json: {absent[0]} and "
            f"{len(absent) - 1} more are missing or of another shape, and would be random numbers; copy "
            "the folder again"
        )
    if "device_map" not in options and not placement.four_bit:
        model = model.to(placement.device)
    identity = {"model": found.model, "revision": found.revision, "dtype": placement.precision}
    return Loaded(model, tokenizer, found.source, identity)


def examine_packages() -> None:
    """Check that torch and transformers can be imported.

    Raises
    ------
    SensorError
        Saying what to install.
    """
    try:
        import torch  # noqa: F401, PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        raise SensorError(
            f"this sensor needs torch and transformers, and {error.name} cannot be imported; run: "
            'pip install "torch>=2.4" "transformers>=5"'
        ) from error
    if int(transformers.__version__.partition(".")[0]) < 5:
        raise SensorError(
            f"transformers {transformers.__version__} is too old; run: pip install -U transformers"
        )


@contextmanager
def quiet_loading(progress: bool | None) -> Iterator[None]:
    """Hide the bar of transformers where ours is hidden."""
    from transformers.utils import logging  # noqa: PLC0415

    shown = sys.stderr.isatty() if progress is None else progress
    if shown or not logging.is_progress_bar_enabled():
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()


def count_parameters(config: Any) -> int:
    """Return the number of parameters of a causal language model, without making one.

    Parameters
    ----------
    config : transformers.PreTrainedConfig
    """
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, attn_implementation=ATTENTION)
    return sum(parameter.numel() for parameter in model.parameters())
