"""A short training: the loss falls, and the same seed gives the same bits."""

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from llma.sensing.questions import PRODUCT_REVIEW  # noqa: E402
from llma.sensing.tiny import load  # noqa: E402
from training import train as command  # noqa: E402
from training.optimise import Recipe, rate  # noqa: E402

SHORT = Recipe(
    vocabulary=400,
    width=32,
    layers=2,
    feed_forward=48,
    context=256,
    steps=16,
    labelled=6,
    unlabelled=6,
    warm_up=5,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Train the same short recipe twice, and once with another seed."""
    threads, before = torch.get_num_threads(), command.TOKENIZER_TEXTS
    torch.set_num_threads(1)
    command.TOKENIZER_TEXTS = 300
    base = tmp_path_factory.mktemp("trained")
    recipes = {"first": SHORT, "second": SHORT, "other": replace(SHORT, seed=1, steps=2)}
    yield {name: command.build(recipe, base / name, quiet=True) for name, recipe in recipes.items()}
    torch.set_num_threads(threads)
    command.TOKENIZER_TEXTS = before


def test_same_seed_same_bits(folders):
    first, second, other = (
        (folders[k] / "model.safetensors").read_bytes() for k in ("first", "second", "other")
    )
    assert first == second
    assert first != other


def test_the_loss_falls(folders):
    log = json.loads((folders["first"] / "training.json").read_text())["log"]
    # A model that knows nothing has the loss log(vocabulary); the log holds the mean over all steps.
    assert log[-1]["step"] == SHORT.steps
    assert log[-1]["answer_loss"] < 0.93 * np.log(SHORT.vocabulary)
    assert log[-1]["text_loss"] < np.log(SHORT.vocabulary)


def test_the_folder_is_a_sensor(folders):
    sensor = load(folders["first"])
    p = sensor.probabilities(["It fell apart.", "A great kettle."], PRODUCT_REVIEW)
    assert p.shape == (2, 4)
    assert ((p > 0) & (p < 1)).all()


def test_transformers_reads_the_folder_and_agrees(folders):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folders["first"])
    model = transformers.LlamaForCausalLM.from_pretrained(folders["first"], dtype=torch.float32).eval()
    sensor = load(folders["first"])
    question = PRODUCT_REVIEW.questions[0].text
    chat = [{"role": "user", "content": f"It fell apart.\n\n{question}\nAnswer Yes or No only."}]
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"]
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids])).logits[0, -1, list(sensor.labels)]
    wanted = torch.sigmoid(logits[0] - logits[1]).item()
    assert sensor.probabilities(["It fell apart."], [question])[0, 0] == pytest.approx(wanted, abs=1e-5)


def test_rate_warms_up_and_ends_low():
    recipe = Recipe(steps=1000, warm_up=100, rate=1.0, final_rate=0.02)
    rates = [rate(step, recipe) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01, rel=1e-3)
    assert np.argmax(rates) == pytest.approx(100, abs=2)
    assert (np.diff(rates[101:]) < 0).all()
    assert rates[-1] == pytest.approx(0.02)
