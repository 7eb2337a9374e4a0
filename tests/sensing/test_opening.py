"""One string: every sensor is opened, kept and replayed in the same way; keys come from the environment."""

import os
import sys
import types

import numpy as np
import pytest

from llma.sensing import (
    PRODUCT_REVIEW,
    Budget,
    BudgetSpentError,
    key_from_colab,
    open_kept,
    open_sensor,
    record_path,
)
from tests.sensing.server import serving

TEXTS = ["The kettle broke after two days.", "A sturdy chair; I would buy it again."]


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("tiny", "tiny.jsonl"),
        ("openai:gpt-x", "openai-gpt-x.jsonl"),
        ("transformers:Org/Model-1.7B", "transformers-Org-Model-1.7B.jsonl"),
        ("tiny:/some/folder/", "tiny-some-folder.jsonl"),
        ("openai:../../up", "openai-..-..-up.jsonl"),
    ],
)
def test_a_record_has_a_name_inside_its_folder(spec, name, tmp_path):
    assert record_path(spec, tmp_path).name == name
    assert record_path(spec, tmp_path).parent == tmp_path


def test_a_server_is_asked_once_and_its_record_gives_the_same_numbers(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key")
    sensor = open_sensor("tiny")
    with serving(sensor) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with open_kept("openai:m", tmp_path / "new") as kept:
            first = kept.probabilities(TEXTS, PRODUCT_REVIEW)
        calls = len(server.seen)
        with open_kept("openai:m", tmp_path / "new") as kept:
            assert np.array_equal(kept.probabilities(TEXTS, PRODUCT_REVIEW), first)
        assert len(server.seen) == calls
    path = record_path("openai:m", tmp_path / "new")
    again = open_kept(f"record:{path}", tmp_path / "elsewhere")
    assert np.array_equal(again.probabilities(TEXTS, PRODUCT_REVIEW), first)
    assert not (tmp_path / "elsewhere").exists()
    assert "sk-not-a-key" not in path.read_text() + "".join(capsys.readouterr())
    # Where the client lacks `decisions`, log-probabilities of other spellings of a label count too.
    assert np.allclose(first, sensor.probabilities(TEXTS, PRODUCT_REVIEW), atol=1e-5)


def test_the_budget_holds_for_the_paid_sensor_only(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-key")
    with serving(open_sensor("tiny"), decisions=False) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with open_kept("openai:m", tmp_path, Budget(calls=4)) as kept, pytest.raises(BudgetSpentError):
            kept.probabilities(TEXTS, PRODUCT_REVIEW)
        assert len(server.seen) <= 4
    with open_kept("tiny", tmp_path, Budget(calls=0)) as kept:
        wanted = open_sensor("tiny").probabilities(TEXTS, PRODUCT_REVIEW)
        assert np.array_equal(kept.probabilities(TEXTS, PRODUCT_REVIEW), wanted)


def test_an_unknown_name_leaves_no_folder_behind(tmp_path):
    with pytest.raises(ValueError, match="unknown sensor 'parrot'"):
        open_kept("parrot", tmp_path / "answers")
    assert not (tmp_path / "answers").exists()


def colab(secrets, allowed=True):
    """A stand-in for Colab's module."""
    module = types.ModuleType("google.colab.userdata")
    module.SecretNotFoundError = type("SecretNotFoundError", (Exception,), {})
    module.NotebookAccessError = type("NotebookAccessError", (Exception,), {})

    def get(name):
        if name not in secrets:
            raise module.SecretNotFoundError(name)
        if not allowed:
            raise module.NotebookAccessError(name)
        return secrets[name]

    module.get = get
    return module


@pytest.fixture
def on_colab(monkeypatch):
    def install(secrets, allowed=True):
        monkeypatch.setenv("A_KEY", "")  # so that what a test sets is taken back
        monkeypatch.delenv("A_KEY")
        package = types.ModuleType("google.colab")
        module = colab(secrets, allowed)
        package.userdata = module
        monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
        monkeypatch.setitem(sys.modules, "google.colab", package)
        monkeypatch.setitem(sys.modules, "google.colab.userdata", module)

    return install


def test_colab_hands_its_secret_on(on_colab, capsys):
    on_colab({"A_KEY": "hidden"})
    assert key_from_colab("A_KEY")
    assert os.environ["A_KEY"] == "hidden"
    assert "hidden" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("secrets", "allowed"), [({}, True), ({"A_KEY": "hidden"}, False), ({"A_KEY": ""}, True)]
)
def test_colab_without_the_secret_changes_nothing(on_colab, secrets, allowed):
    on_colab(secrets, allowed)
    assert not key_from_colab("A_KEY")
    assert "A_KEY" not in os.environ


def test_a_key_in_the_environment_is_left_alone(on_colab, monkeypatch):
    on_colab({"A_KEY": "other"})
    monkeypatch.setenv("A_KEY", "mine")
    assert key_from_colab("A_KEY")
    assert os.environ["A_KEY"] == "mine"


def test_elsewhere_there_is_no_key(monkeypatch):
    monkeypatch.delenv("A_KEY", raising=False)
    assert not key_from_colab("A_KEY")
