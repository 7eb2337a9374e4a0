import shutil

import huggingface_hub
import pytest
from huggingface_hub import constants

from llma.sensing import PRODUCT_REVIEW, SensorError, TransformersSensor, loading, open_sensor, tiny
from llma.sensing.fetching import checksum, explain, find, has_template, missing_files
from llma.sensing.placing import Device
from tests.sensing.hub import COMMIT, Hub

TOKEN = "hf_" + "never" * 4


@pytest.fixture
def hub(tmp_path, monkeypatch):
    server = Hub.of(tiny.WEIGHTS)
    monkeypatch.setattr(constants, "ENDPOINT", server.address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    yield server
    server.close()


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(tiny.WEIGHTS, tmp_path / "copy")


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def refused(name="house/model", revision=None):
    with pytest.raises(SensorError) as caught:
        find(name, revision)
    for error in chain(caught.value):
        assert TOKEN not in f"{error!r} {vars(error)}"
    assert caught.value.__context__ is None
    return str(caught.value)


def test_a_model_is_fetched_once_and_answers(hub):
    found = find("house/model")
    assert (found.model, found.revision, found.folder.name) == ("house/model", COMMIT, COMMIT)
    assert missing_files(found.folder) == []
    hub.asked.clear()
    hub.close()
    sensor = open_sensor("transformers:house/model")
    assert hub.asked == []
    assert sensor.name == "transformers:house/model"
    assert sensor.identity["revision"] == COMMIT
    assert sensor.identity["model"] == "house/model"
    expected = tiny.load().probabilities(["It broke."], PRODUCT_REVIEW)
    assert sensor.probabilities(["It broke."], PRODUCT_REVIEW) == pytest.approx(expected, abs=1e-5)


def test_a_copy_that_was_broken_off_is_completed(hub):
    folder = find("house/model").folder
    (folder / "model.safetensors").unlink()
    assert missing_files(find("house/model").folder) == []


@pytest.mark.parametrize("online", [True, False])
def test_a_copy_without_its_template_is_completed(online, hub):
    # As another program leaves it: file by file.
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"):
        huggingface_hub.hf_hub_download("house/model", name)
    hub.asked.clear()
    if online:
        assert has_template(find("house/model").folder)
        assert any("chat_template.jinja" in path for path in hub.asked)
        assert not any("model.safetensors" in path for path in hub.asked)
        assert open_sensor("transformers:house/model").identity["revision"] == COMMIT
    else:
        hub.close()
        assert not has_template(find("house/model").folder)
        with pytest.raises(ValueError, match=r"or its folder lacks chat_template\.jinja"):
            open_sensor("transformers:house/model")


def test_pickles_and_other_layouts_are_not_fetched(hub):
    hub.files |= {
        "pytorch_model.bin": b"x",
        "consolidated.safetensors": b"x",
        "onnx/model.json": b"x",
        "run.py": b"x",
    }
    names = {path.name for path in find("house/model").folder.rglob("*")}
    assert not names & {"pytorch_model.bin", "consolidated.safetensors", "model.json", "run.py"}


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("where", ["/", "/house/model/resolve/"])
def test_a_gated_model_names_licence_login_and_alternative(hub, status, where):
    # The hub describes a gated model to everybody, and refuses its files.
    hub.refusal, hub.refused = (status, "GatedRepo"), where
    message = refused()
    for part in (
        "licence",
        "https://huggingface.co/house/model",
        "huggingface_hub.login()",
        "SmolLM2",
        "TinyLlama",
    ):
        assert part in message


def test_an_unknown_model_is_named(hub):
    assert "the hub has no model house/other" in refused("house/other")


def test_an_unknown_revision_is_named(hub):
    assert "has no revision 'v9'; look at https://huggingface.co/house/model/commits/main" in refused(
        revision="v9"
    )


def test_a_token_with_a_quotation_mark_is_named(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", f"{TOKEN}\u201d")
    assert refused() == "your token holds a character that no token has; copy it again into HF_TOKEN"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_hub_is_named(hub, status):
    hub.refusal = (status, "")
    assert f"the hub answered {status} for house/model; try again later" in refused()


def test_without_network_nothing_is_tried_for_long(hub, monkeypatch):
    hub.close()
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    assert "the hub cannot be reached (ConnectError), and the cache has no complete copy" in refused()
    assert waits == []


def test_offline_mode_is_no_network(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "cannot be reached (OfflineModeIsEnabled)" in refused()
    assert hub.asked == []


def test_a_model_without_weights_is_named(hub):
    del hub.files["model.safetensors"]
    assert "has no model.safetensors on the hub; only weights in safetensors are read" in refused()


def test_a_model_without_configuration_is_named(hub):
    del hub.files["config.json"]
    assert "the model house/model has no config.json" in refused()


def test_another_family_is_refused_before_its_weights_are_fetched(hub):
    hub.files["config.json"] = b'{"model_type": "gpt2"}'
    with pytest.raises(
        ValueError, match="house/model is a model of the type 'gpt2'; this sensor reads llama"
    ):
        find("house/model")
    assert not any("model.safetensors" in path for path in hub.asked)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantize": "4bit"}, "4 bits need a CUDA GPU"),
        ({"labels": ("Absolutely", "No")}, "the label 'Absolutely' is not one token"),
        ({"template": "Hello"}, "does not put text and question into the prompt"),
    ],
)
def test_what_cannot_work_is_said_before_the_weights_are_fetched(options, message, hub):
    with pytest.raises(ValueError, match=message):
        TransformersSensor.load("house/model", device="cpu", **options)
    assert any("tokenizer.json" in path for path in hub.asked)
    assert not any("model.safetensors" in path for path in hub.asked)


def test_a_model_that_is_too_large_is_not_fetched(hub, monkeypatch):
    monkeypatch.setattr(loading, "find_device", lambda name: Device("cpu", memory=1000))
    with pytest.raises(SensorError, match="take a smaller model"):
        open_sensor("transformers:house/model")
    assert not any("model.safetensors" in path for path in hub.asked)


def test_files_and_weights_are_of_one_commit(hub):
    asked = []
    assert find("house/model", prepare=lambda folder: asked.extend(hub.asked)).revision == COMMIT
    assert not any("model.safetensors" in path for path in asked)
    [weights] = {path for path in hub.asked if path.endswith("/model.safetensors")}
    assert weights == f"/house/model/resolve/{COMMIT}/model.safetensors"


def test_a_full_disk_is_named():
    assert "the disk is full; make room for a/b" in explain(OSError(28, "No space left on device"), "a/b")


def test_an_error_of_our_own_is_not_explained_away(hub, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        find("house/model")


@pytest.mark.parametrize(
    "name", ["", "a b", "./nowhere", "/no/such/folder", "a/b/c", "https://x.y/z", "~nobody/x"]
)
def test_what_is_no_name_is_not_asked_for(name, hub):
    with pytest.raises(ValueError, match="write owner/name, or the path of an existing folder"):
        find(name)
    assert hub.asked == []


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_without_a_file_is_named(name, copy):
    (copy / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"has no {name}; copy the whole folder"):
        find(copy)


def test_an_empty_folder_and_one_with_pickles(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no config\.json, no tokenizer\.json, no model\.safetensors; copy"
    ):
        find(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"weights in \.bin files are not opened, convert them"):
        find(tmp_path)


def test_a_missing_part_of_the_weights_is_named(copy):
    (copy / "model.safetensors").rename(copy / "model-00001-of-00002.safetensors")
    index = (
        '{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}'
    )
    (copy / "model.safetensors.index.json").write_text(index)
    assert missing_files(copy) == ["model-00002-of-00002.safetensors"]


@pytest.mark.parametrize("config", ["no json", "[]", '{"model_type": "bert"}', "{}"])
def test_a_folder_with_another_config_is_refused(config, copy):
    (copy / "config.json").write_text(config)
    with pytest.raises(ValueError, match=r"not a JSON file|this sensor reads llama"):
        find(copy)


def test_a_folder_has_no_revision(copy):
    with pytest.raises(ValueError, match="is a folder and has no revision 'main'"):
        find(copy, "main")


def test_the_checksum_follows_what_determines_the_answers(copy):
    before = checksum(copy)
    assert before == checksum(tiny.WEIGHTS)
    assert find(copy).revision == before
    (copy / "CARD.md").write_text("other words")
    assert checksum(copy) == before
    for name in ("config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors"):
        kept = (copy / name).read_bytes()
        (copy / name).write_bytes(kept + b" ")
        assert checksum(copy) != before
        (copy / name).write_bytes(kept)
