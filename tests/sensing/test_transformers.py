import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llma.sensing import (
    PRODUCT_REVIEW,
    Sensor,
    SensorError,
    TransformersSensor,
    UnreadableText,
    loading,
    open_sensor,
    record,
    replay,
    scoring,
    tiny,
)
from llma.sensing import packing as packing_module
from llma.sensing import transformers as module
from llma.sensing.batching import Room
from tests.sensing import decoders
from tests.sensing.decoders import BRACKETS, CHATML, DATED, THINKING, WORDS, make_model, make_tokenizer

TEXTS = [
    "The kettle broke after two days.",
    "A sturdy chair. I would buy it again, and so would my sister, who has three of them.",
    "Meh.",
    "Größe: 3 €, 日本語 🙂\x00\x1b[31m",
    "word " * 30,
]
WORDINGS = [question.text for question in PRODUCT_REVIEW.questions]
WIDE = Room(tokens=4000, memory=1e12, per_token=1, per_cell=1)
SHAPES = {
    "heads of their own": {},
    "shared keys and values": {"num_key_value_heads": 2},
    "one key for all heads": {"num_key_value_heads": 1, "head_dim": 8},
    "tied head": {"tie_word_embeddings": True},
    "biases": {"attention_bias": True, "mlp_bias": True},
    "llama3 positions": {
        "num_key_value_heads": 2,
        "rope_parameters": {
            "rope_type": "llama3",
            "rope_theta": 500.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
    },
    "linear positions": {"rope_parameters": {"rope_type": "linear", "rope_theta": 900.0, "factor": 4.0}},
    "yarn positions": {
        "rope_parameters": {
            "rope_type": "yarn",
            "rope_theta": 900.0,
            "factor": 4.0,
            "original_max_position_embeddings": 128,
        }
    },
    "mistral": {"model_type": "mistral", "num_key_value_heads": 2, "sliding_window": None},
    "mistral with a window": {"model_type": "mistral", "num_key_value_heads": 2, "sliding_window": 250},
    "qwen2": {"model_type": "qwen2", "num_key_value_heads": 2},
    "qwen2 with windows": {
        "model_type": "qwen2",
        "use_sliding_window": True,
        "sliding_window": 250,
        "max_window_layers": 1,
    },
    "qwen3": {"model_type": "qwen3", "num_key_value_heads": 2},
}
TEMPLATES = {
    "chatml": (CHATML, {}, ("Yes", "No")),
    "dated": (DATED, {"date_string": "26 Jul 2024"}, ("Yes", "No")),
    "thinking": (THINKING, {"enable_thinking": False}, ("Yes", "No")),
    "brackets": (BRACKETS, {}, (" Yes", " No")),
    "words": (WORDS, {}, (" Yes", " No")),
}


def token(tokenizer, label):
    [number] = tokenizer(label, add_special_tokens=False)["input_ids"]
    return number


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer()


@pytest.fixture(scope="module")
def model():
    return make_model(num_key_value_heads=2)


@pytest.fixture
def sensor(model, tokenizer):
    return TransformersSensor(model, tokenizer, room=WIDE)


@pytest.fixture(scope="module")
def reference(model, tokenizer):
    rows = decoders.one_at_a_time(model, tokenizer, TEXTS, WORDINGS)
    return rows, decoders.chances(rows, (token(tokenizer, "Yes"), token(tokenizer, "No")))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_one_pass_equals_one_prompt_at_a_time(shape, tokenizer):
    model = make_model(**shape)
    labels = token(tokenizer, "Yes"), token(tokenizer, "No")
    expected = decoders.chances(decoders.one_at_a_time(model, tokenizer, TEXTS, WORDINGS), labels)
    found = TransformersSensor(model, tokenizer, room=WIDE).probabilities(TEXTS, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert expected.std() > 0.01


@pytest.mark.slow
def test_equal_at_the_depth_of_a_real_model(tokenizer):
    # The layers of SmolLM2-135M.
    model = make_model(
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        head_dim=64,
        tie_word_embeddings=True,
    )
    sensor = TransformersSensor(model, tokenizer)
    expected = decoders.chances(
        decoders.one_at_a_time(model, tokenizer, TEXTS[:3], WORDINGS), sensor.renderer.answer_ids
    )
    np.testing.assert_allclose(sensor.probabilities(TEXTS[:3], PRODUCT_REVIEW), expected, atol=1e-5)
    assert expected.std() > 0.01


@pytest.mark.parametrize(("template", "variables", "answers"), TEMPLATES.values(), ids=TEMPLATES)
def test_equal_for_every_layout_of_turns(template, variables, answers, model):
    tokenizer = make_tokenizer(template)
    labels = token(tokenizer, answers[0]), token(tokenizer, answers[1])
    rows = decoders.one_at_a_time(model, tokenizer, TEXTS, WORDINGS, **variables)
    sensor = TransformersSensor(model, tokenizer)
    assert sensor.renderer.answer_ids == labels
    np.testing.assert_allclose(
        sensor.probabilities(TEXTS, PRODUCT_REVIEW), decoders.chances(rows, labels), atol=1e-5
    )


@pytest.mark.parametrize(
    ("template", "answers"), [(BRACKETS, ("▁Yes", "▁No")), (WORDS, ("▁Yes", "▁No")), (CHATML, ("Yes", "No"))]
)
def test_equal_where_blanks_are_letters(template, answers, model):
    tokenizer = decoders.make_blank_tokenizer(template)
    sensor = TransformersSensor(model, tokenizer)
    assert tokenizer.convert_ids_to_tokens(sensor.renderer.answer_ids) == list(answers)
    texts = ["  So so. ", "One\r\nand two\n", "x", "Größe: 3 €, 日本語 🙂"]
    rows = decoders.one_at_a_time(model, tokenizer, texts, WORDINGS)
    assert all(ids.shape[1] > 12 for row in rows for ids, _ in row)
    found = sensor.probabilities(texts, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, decoders.chances(rows, sensor.renderer.answer_ids), atol=1e-5)


def packs(change):
    """What goes wrong: `pack` with a change."""

    def wrong(prompts):
        packed = packing_module.pack(prompts)
        return packing_module.Packed(**{**vars(packed), **change(packed)})

    return wrong


TRAPS = {
    "positions not restarted": lambda p: {"positions": np.arange(p.ids.size)},
    "no block mask": lambda p: {"mask": np.tril(np.ones_like(p.mask))},
    "the last token of the sequence": lambda p: {"read": np.full_like(p.read, p.ids.size - 1)},
}


@pytest.mark.parametrize("change", TRAPS.values(), ids=TRAPS)
def test_the_known_traps_would_be_noticed(change, sensor, reference, monkeypatch):
    monkeypatch.setattr(module, "pack", packs(change))
    found = sensor.probabilities(TEXTS, PRODUCT_REVIEW)
    assert np.abs(found - reference[1]).max() > 1e-2


def test_a_padded_token_sees_itself_and_nobody_sees_it():
    _, _, mask, _ = scoring.collate([packing_module.pack([[3, 4, 5]]), packing_module.pack([[6]])])
    assert mask.any(axis=-1).all()
    assert not mask[1, 0, 0, 1:].any()
    assert not mask[1, 0, 1:, 0].any()


@pytest.mark.parametrize("tokens", [1, 60, 300, 4000])
def test_answers_do_not_depend_on_the_size_of_a_pass(tokens, model, tokenizer, reference):
    room = Room(tokens=tokens, memory=1e12, per_token=1, per_cell=1)
    found = TransformersSensor(model, tokenizer, room=room).probabilities(TEXTS, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, reference[1], atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(
    # Marks of turns begin with a bracket here.
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<"), min_size=1, max_size=40),
        max_size=4,
    ),
    tokens=st.integers(1, 400),
    k=st.integers(1, 4),
)
def test_answers_belong_to_their_texts(model, tokenizer, texts, tokens, k):
    texts = [f"a{text}" for text in texts]
    room = Room(tokens=tokens, memory=1e12, per_token=1, per_cell=1)
    sensor = TransformersSensor(model, tokenizer, room=room)
    found = sensor.probabilities(texts, PRODUCT_REVIEW.questions[:k])
    assert found.shape == (len(texts), k)
    assert found.dtype == np.float64
    rows = decoders.one_at_a_time(model, tokenizer, texts, WORDINGS[:k])
    if texts:
        np.testing.assert_allclose(found, decoders.chances(rows, sensor.renderer.answer_ids), atol=1e-5)


@pytest.fixture(scope="module")
def embedded():
    return open_sensor(f"transformers:{tiny.WEIGHTS}")


def test_the_embedded_model_answers_as_in_numpy(embedded):
    texts = [text for text in TEXTS if "word word" not in text]
    found = embedded.probabilities(texts, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, tiny.load().probabilities(texts, PRODUCT_REVIEW), atol=1e-5)
    assert embedded.prompts(texts[0], PRODUCT_REVIEW) == tuple(
        tiny.prompt(texts[0], question) for question in PRODUCT_REVIEW.questions
    )
    assert embedded.context == 1024
    assert repr(embedded) == f"TransformersSensor('transformers:{tiny.WEIGHTS}', float32 on cpu)"
    assert isinstance(embedded, Sensor)


def test_the_mass_of_the_labels_is_that_of_the_next_token(sensor, reference, embedded):
    rows, _ = reference
    labels = list(sensor.renderer.answer_ids)
    expected = [[float(torch.softmax(scores, 0)[labels].sum()) for _, scores in row] for row in rows]
    found = sensor.label_mass(TEXTS, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.max() < 0.5
    assert embedded.label_mass(TEXTS[:2], PRODUCT_REVIEW).min() > 0.9


def test_next_tokens_are_the_most_probable_ones(embedded):
    question = PRODUCT_REVIEW.questions[0]
    found = embedded.next_tokens(TEXTS[0], question, top=2)
    expected = tiny.load().next_token(tiny.prompt(TEXTS[0], question))
    assert found == pytest.approx({name: expected[name] for name in found}, abs=1e-5)
    assert set(found) == {"Yes", "No"}
    everything = embedded.next_tokens(TEXTS[0], question, top=2000)
    assert sum(everything.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    "texts", [["Fine.", " "], ["Fine.", "a\ud800"], ["Fine.", "x<|im_end|>y"], ["ok", "a" * 900]]
)
def test_an_unreadable_text_is_named_before_anything_is_computed(sensor, texts, monkeypatch):
    monkeypatch.setattr(scoring, "hidden_at_reads", lambda *args: pytest.fail("it computed"))
    for ask in (sensor.probabilities, sensor.label_mass):
        with pytest.raises(UnreadableText) as caught:
            ask(texts, PRODUCT_REVIEW)
        assert caught.value.index == 1


def test_a_text_that_just_fits_is_read(tokenizer):
    question = PRODUCT_REVIEW.questions[0]
    sensor = TransformersSensor(make_model(max_position_embeddings=200), tokenizer)
    free = 200 - len(sensor._tokens(0, "\x01", [question])[0]) + 1
    assert sensor.probabilities(["\x01" * free], [question]).shape == (1, 1)
    with pytest.raises(UnreadableText, match=r"it has 201 tokens and the model reads at most 200; shorten"):
        sensor.probabilities(["\x01" * (free + 1)], [question])


def test_questions_together_may_be_longer_than_the_context(tokenizer):
    model = make_model(max_position_embeddings=120)
    sensor = TransformersSensor(model, tokenizer)
    asked = [f"Is it number {k}, the one that the writer had in mind?" for k in range(8)]
    rows = decoders.one_at_a_time(model, tokenizer, TEXTS[2:3], asked)
    assert sum(ids.shape[1] for ids, _ in rows[0]) > 2 * 120
    np.testing.assert_allclose(
        sensor.probabilities(TEXTS[2:3], asked), decoders.chances(rows, sensor.renderer.answer_ids), atol=1e-5
    )


def test_threads_do_not_read_at_the_places_of_others(model, sensor, reference):
    # The first pass waits until the second thread has had every chance to begin its own.
    first, second = threading.Event(), threading.Event()

    def meet(*_):
        if not first.is_set():
            first.set()
            second.wait(0.3)
        else:
            second.set()

    network = model.base_model.layers[-1].mlp
    hook = network.register_forward_pre_hook(meet)
    try:
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(sensor.probabilities, TEXTS[:3], PRODUCT_REVIEW)]
            first.wait(10)
            runs.append(pool.submit(sensor.probabilities, TEXTS[:3], PRODUCT_REVIEW))
            for run in runs:
                np.testing.assert_allclose(run.result(), reference[1][:3], atol=1e-5)
    finally:
        hook.remove()


def test_a_bare_string_is_refused(sensor):
    with pytest.raises(ValueError, match="put it into a list"):
        sensor.probabilities("Fine.", PRODUCT_REVIEW)


def raising(model, most, error):
    """Let a model fail on more than so many sequences at once."""

    def check(_, args, kwargs):
        if len(kwargs["input_ids"]) > most:
            raise error

    return model.base_model.register_forward_pre_hook(check, with_kwargs=True)


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        ),
    ],
    ids=["GPU", "CPU"],
)
def test_a_pass_without_memory_is_halved(most, error, model, tokenizer, reference):
    # Without bounds on padding and size: all texts go into one pass at first.
    sensor = TransformersSensor(model, tokenizer, room=WIDE)
    texts = [*TEXTS, *TEXTS]
    hook = raising(model, most, error)
    try:
        found = sensor.probabilities(texts, PRODUCT_REVIEW)
    finally:
        hook.remove()
    np.testing.assert_allclose(found, np.tile(reference[1], (2, 1)), atol=1e-5)


def test_a_text_without_memory_for_it_alone_is_named(model, sensor):
    hook = raising(model, 0, torch.OutOfMemoryError("CUDA out of memory."))
    try:
        with pytest.raises(SensorError, match=r"does not suffice for text 1 alone, \d+ tokens .* shorten it"):
            sensor.probabilities(["Meh.", "A longer text."], PRODUCT_REVIEW)
    finally:
        hook.remove()


def test_the_text_is_named_by_its_place_among_all_texts(model, sensor):
    missing = np.array([[False] * 4, [True] * 4])
    hook = raising(model, 0, MemoryError())
    try:
        with pytest.raises(SensorError, match="text 1 alone"):
            sensor.stream(["Fine.", "Meh."], PRODUCT_REVIEW.questions, missing, lambda i, found: None)
    finally:
        hook.remove()


def test_another_error_is_not_taken_for_lack_of_memory(model, sensor):
    hook = raising(model, 0, RuntimeError("device-side assert triggered"))
    try:
        with pytest.raises(RuntimeError, match="device-side assert"):
            sensor.probabilities(["Meh."], PRODUCT_REVIEW)
    finally:
        hook.remove()


@pytest.mark.parametrize(
    ("dtype", "remedy"),
    [
        (torch.float16, "float16; load it with dtype='bfloat16' or dtype='float32'"),
        (torch.bfloat16, "bfloat16; load it with dtype='float32'"),
        (torch.float32, "float32; its weights may be damaged; fetch them again"),
    ],
)
def test_an_overflow_is_no_refusal(dtype, remedy, tokenizer):
    model = make_model().to(dtype)
    with torch.no_grad():
        model.model.norm.weight.fill_(float("inf"))
    sensor = TransformersSensor(model, tokenizer)
    for ask in (sensor.probabilities, sensor.label_mass):
        with pytest.raises(SensorError, match=f"overflowed in {remedy}"):
            ask(["Meh."], PRODUCT_REVIEW)


def test_padding_overflows_only_where_the_text_does(tokenizer):
    model = make_model()
    with torch.no_grad():
        model.model.embed_tokens.weight[0] = float("inf")  # a token that no text here has
    found = TransformersSensor(model, tokenizer, room=WIDE).probabilities(
        ["Meh.", "Meh. Meh. Meh."], WORDINGS
    )
    alone = TransformersSensor(model, tokenizer, room=WIDE).probabilities(["Meh."], WORDINGS)
    np.testing.assert_allclose(found[:1], alone, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_in_16_bits_the_labels_are_compared_in_float32(dtype, tokenizer):
    model = make_model().to(dtype)
    with torch.no_grad():
        model.model.norm.weight.mul_(16)
    sensor = TransformersSensor(model, tokenizer)
    batch = [packing_module.pack(sensor._tokens(0, TEXTS[0], PRODUCT_REVIEW.questions))]
    with torch.inference_mode():
        hidden = scoring.hidden_at_reads(model, batch).double()
        rows = model.lm_head.weight[list(sensor.renderer.answer_ids)].double()
    expected = (hidden @ (rows[0] - rows[1])).numpy()
    np.testing.assert_allclose(scoring.gaps(model, batch, sensor.renderer.answer_ids), expected, atol=1e-5)
    rough = (hidden.to(dtype) @ rows.to(dtype).T).double().numpy()
    assert np.abs(rough[..., 0] - rough[..., 1] - expected).max() > 1e-4


def test_a_head_with_biases_counts_them(tokenizer, model):
    biased = make_model(num_key_value_heads=2)
    labels = TransformersSensor(model, tokenizer).renderer.answer_ids
    biased.lm_head.bias = torch.nn.Parameter(torch.zeros(decoders.VOCABULARY))
    with torch.no_grad():
        biased.lm_head.bias[labels[0]] = 1.5
        biased.lm_head.bias[labels[1]] = -0.25
    batch = [
        packing_module.pack(TransformersSensor(model, tokenizer)._tokens(0, "Meh.", PRODUCT_REVIEW.questions))
    ]
    difference = scoring.gaps(biased, batch, labels) - scoring.gaps(model, batch, labels)
    np.testing.assert_allclose(difference, 1.75, atol=1e-5)


@pytest.mark.parametrize("attention", ["eager", "flash_attention_2"])
def test_another_attention_is_refused(attention, tokenizer, monkeypatch):
    model = make_model()
    monkeypatch.setattr(model.config, "_attn_implementation_internal", attention)
    with pytest.raises(ValueError, match=f"with the attention '{attention}'.*attn_implementation='sdpa'"):
        TransformersSensor(model, tokenizer)


def test_a_tokenizer_of_another_model_is_refused(tokenizer):
    sensor = TransformersSensor(make_model(vocab_size=200), tokenizer)
    with pytest.raises(ValueError, match=r"makes token \d+, and the model knows 200; they do not belong"):
        sensor.probabilities(["Meh."], PRODUCT_REVIEW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, model, tokenizer):
    return decoders.save(tmp_path_factory.mktemp("models") / "random", model, tokenizer)


def test_a_folder_is_loaded_in_float32_with_sdpa(folder, reference, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "attn_implementation": "flash_attention_2"}))
    sensor = TransformersSensor.load(copy, device="cpu")
    assert sensor._model.config._attn_implementation == "sdpa"
    np.testing.assert_allclose(sensor.probabilities(TEXTS, PRODUCT_REVIEW), reference[1], atol=1e-5)


def test_a_dtype_can_be_asked_for(folder):
    sensor = TransformersSensor.load(folder, dtype="bfloat16", device="cpu")
    assert sensor.identity["dtype"] == "bfloat16"
    assert sensor._model.dtype == torch.bfloat16


def test_a_record_is_replayed_without_the_model(folder, reference, tmp_path):
    path = tmp_path / "answers.jsonl"
    sensor = TransformersSensor.load(folder, device="cpu")
    with record(sensor, path) as kept:
        first = kept.probabilities(TEXTS, PRODUCT_REVIEW.questions[:2])
        found = kept.probabilities(TEXTS, PRODUCT_REVIEW)
    np.testing.assert_allclose(found, reference[1], atol=1e-5)
    assert np.array_equal(found[:, :2], first)
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    request = row["request"] if isinstance(row.get("request"), dict) else json.loads(row["request"])
    assert request["backend"] == "transformers"
    assert request["model"] == "random"
    assert request["revision"] == sensor.identity["revision"]
    assert request["dtype"] == "float32"
    assert request["prompt"].startswith("<|im_start|>user\n{text}\n\n{question}\nAnswer")
    assert request["parameters"]["labels"] == ["Yes", "No"]
    np.testing.assert_array_equal(replay(path).probabilities(TEXTS, PRODUCT_REVIEW), found)
    code = (
        "import sys; from llma.sensing import *; "
        f"p = open_sensor({f'record:{path}'!r}).probabilities({TEXTS!r}, PRODUCT_REVIEW); "
        f"assert abs(p - {found.tolist()!r}).max() == 0; "
        "assert not {'torch', 'transformers', 'huggingface_hub', 'jinja2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_other_weights_labels_or_templates_are_other_sensors(folder, model, tokenizer, tmp_path):
    other = decoders.save(tmp_path / "random", make_model(seed=1, num_key_value_heads=2), tokenizer)
    identities = [
        TransformersSensor.load(folder, device="cpu").identity,
        TransformersSensor.load(other, device="cpu").identity,
        TransformersSensor.load(folder, device="cpu", labels=("yes", "no")).identity,
        TransformersSensor.load(
            folder, device="cpu", template=DATED.replace("<|", "<<").replace("|>", ">>")
        ).identity,
        TransformersSensor.load(folder, device="cpu", variables={"tone": "dry"}).identity,
    ]
    assert len({json.dumps(identity, sort_keys=True) for identity in identities}) == len(identities)


def test_a_recorded_run_that_lacks_memory_keeps_what_it_has(model, tokenizer, tmp_path):
    identity = {"model": "random", "revision": "1", "dtype": "float32"}
    room = Room(tokens=1, memory=1e12, per_token=1, per_cell=1)
    sensor = TransformersSensor(model, tokenizer, identity=identity, room=room)
    asked = []
    hook = model.base_model.register_forward_pre_hook(
        lambda _, args, kwargs: asked.append(1) if len(asked) < 2 else 1 / 0, with_kwargs=True
    )
    try:
        with record(sensor, tmp_path / "answers.jsonl") as kept, pytest.raises(ZeroDivisionError):
            kept.probabilities(TEXTS, PRODUCT_REVIEW)
    finally:
        hook.remove()
    # The longest texts go first.
    replayed = replay(tmp_path / "answers.jsonl")
    assert replayed.probabilities([TEXTS[4], TEXTS[1]], PRODUCT_REVIEW).shape == (2, 4)
    with pytest.raises(ValueError, match="not in the record"):
        replayed.probabilities([TEXTS[2]], PRODUCT_REVIEW)


def test_a_model_without_identity_is_not_recorded(sensor, tmp_path):
    with pytest.raises(ValueError, match=r"have no revision.*TransformersSensor\.load"):
        record(sensor, tmp_path / "answers.jsonl").probabilities(["Meh."], PRODUCT_REVIEW)


def test_missing_weights_are_no_random_numbers(folder, model, tokenizer, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3, "layer_types": None}))
    with pytest.raises(
        ValueError, match=r"do not fit its config\.json: model\.layers\.2.*copy the folder again"
    ):
        TransformersSensor.load(copy, device="cpu")


def test_weights_that_are_quantised_already_are_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="quantised already; take the original"):
        TransformersSensor.load(copy, device="cpu")


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_a_missing_package_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SensorError, match=f"{package} cannot be imported; run: pip install"):
        open_sensor(f"transformers:{tiny.WEIGHTS}")


def test_an_old_version_is_named(monkeypatch):
    import transformers  # noqa: PLC0415

    monkeypatch.setattr(transformers, "__version__", "4.57.1")
    with pytest.raises(SensorError, match=r"transformers 4\.57\.1 is too old"):
        open_sensor(f"transformers:{tiny.WEIGHTS}")


def test_the_package_is_light():
    code = (
        "import sys, llma.sensing; assert not {'torch', 'transformers', 'huggingface_hub'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_bar_shows_when_asked(model, tokenizer, capsys):
    TransformersSensor(model, tokenizer, progress=True).probabilities(["Meh.", "Fine."], PRODUCT_REVIEW)
    assert "2/2" in capsys.readouterr().err
    TransformersSensor(model, tokenizer).probabilities(["Meh."], PRODUCT_REVIEW)
    assert capsys.readouterr().err == ""


def test_parameters_are_counted_without_making_the_model(model):
    assert loading.count_parameters(model.config) == sum(p.numel() for p in model.parameters())
