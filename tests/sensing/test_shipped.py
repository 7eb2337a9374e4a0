import json

import numpy as np
import pytest

from llma.sensing import PRODUCT_REVIEW, QUESTIONNAIRES
from llma.sensing.shipped import read_likelihood, shipped_likelihood

TABLE = np.full((2, 16), 1 / 16)
ENTRY = {
    "states": ["bad product", "good product"],
    "table": TABLE.tolist(),
    "method": "counts",
    "n": 7,
    "source": "seven texts",
}


def write(path, entry=ENTRY, name="product_review"):
    path.write_text(json.dumps({name: entry}))
    return path


@pytest.mark.parametrize("q", QUESTIONNAIRES.values(), ids=QUESTIONNAIRES)
def test_shipped_likelihood_tells_the_states_apart_and_says_where_it_comes_from(q):
    card = shipped_likelihood(q)
    assert card.table.shape == (q.n_states, q.n_observations)
    assert card.n > 0
    assert "grammar" in card.source
    # Under the true state the mean log-likelihood ratio is positive: divergence between neighbouring rows.
    assert (np.sum(card.table[1:] * np.log(card.table[1:] / card.table[:-1]), axis=1) > 0.01).all()


@pytest.mark.parametrize("q", QUESTIONNAIRES.values(), ids=QUESTIONNAIRES)
def test_shipped_answers_point_where_the_questionnaire_says(q):
    table = shipped_likelihood(q).table
    bits = np.array([q.bits(y) for y in range(q.n_observations)])
    yes = table @ bits
    assert (np.sign(yes[-1] - yes[0]) == [question.direction for question in q.questions]).all()


def test_a_file_is_read_with_its_card(tmp_path):
    card = read_likelihood(write(tmp_path / "l.json"), PRODUCT_REVIEW)
    np.testing.assert_array_equal(card.table, TABLE)
    assert str(card) == "counts, 7 texts: seven texts"


def test_rounded_decimals_are_rescaled(tmp_path):
    rounded = TABLE + np.arange(16) * 3e-8
    card = read_likelihood(write(tmp_path / "l.json", ENTRY | {"table": rounded.tolist()}), PRODUCT_REVIEW)
    np.testing.assert_allclose(card.table.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": ["low", "high"]}, "states are"),
        ({"questions": ["a", "b", "c", "d"]}, "questions are"),
        ({"table": [[0.5] * 2] * 2}, r"shape \(2, 2\).*\(2, 16\)"),
        ({"table": (TABLE * 0.9).tolist()}, "row 0"),
        ({"table": [[1.0], [0.5, 0.5]]}, "table"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        read_likelihood(write(tmp_path / "l.json", ENTRY | change), PRODUCT_REVIEW)


def test_missing_entries_and_fields_are_named(tmp_path):
    with pytest.raises(ValueError, match="no entry 'product_review'"):
        read_likelihood(write(tmp_path / "l.json", name="other"), PRODUCT_REVIEW)
    with pytest.raises(ValueError, match="field 'table' is missing"):
        read_likelihood(write(tmp_path / "l.json", {"states": ENTRY["states"]}), PRODUCT_REVIEW)


def test_what_is_no_file_or_no_json_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_likelihood(tmp_path / "none.json", PRODUCT_REVIEW)
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match="not a JSON file"):
        read_likelihood(tmp_path / "bad.json", PRODUCT_REVIEW)
