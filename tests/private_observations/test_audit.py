"""What the audit finds: every finding, and none where nothing is wrong."""

import re

import numpy as np
import pytest

from llma.private_observations import check_crowd

GOOD = {
    "likelihood": [[0.7, 0.3], [0.3, 0.7]],
    "cost": [[0, 1], [1, 0]],
    "prior": [0.5, 0.5],
    "n_readings": 3,
    "reveal": [0.1, 0.2],
    "channel": [[0.9, 0.1], [0.1, 0.9]],
    "tie": "own",
}


def test_nothing_is_wrong():
    assert check_crowd(**GOOD) == ()


@pytest.mark.parametrize(
    ("change", "level", "where", "what"),
    [
        ({"likelihood": [[0.7, 0.3], [0.3, 0.6]]}, "error", "likelihood", "row 1 .* sums to 0.9"),
        ({"likelihood": [[0.7, 0.3], [0.7, 0.3]]}, "warning", "likelihood", "rows 0 and 1 are equal"),
        ({"likelihood": [[1.0, 0.0], [0.3, 0.7]]}, "warning", "likelihood", r"entry \(0, 1\) is 0"),
        ({"cost": [[0, 1], [1, np.nan]]}, "error", "cost", "finite"),
        ({"cost": [[0, 1], [1, 0], [2, 2]]}, "error", "cost", "3 states, the likelihood for 2"),
        ({"cost": [[0, 1], [0, 1]]}, "warning", "cost", "action 0 is never worse than action 1"),
        ({"prior": [0.5, 0.6]}, "error", "prior", "sums to 1.1"),
        ({"prior": [[0.5, 0.5], [0.5, 0.5]]}, "error", "prior", "give one belief"),
        ({"prior": [1.0, 0.0]}, "warning", "prior", "state 1 has probability 0"),
        ({"prior": [0.99, 0.01], "n_readings": 1}, "warning", "prior", "in a cascade at once"),
        ({"reveal": [0.1, 1.5]}, "error", "reveal", "1.5"),
        ({"n_readings": 0}, "error", "n_readings", "at least one"),
        ({"tie": "high"}, "error", "tie", "expected one of"),
        ({"channel": [[0.9, 0.1]]}, "error", "channel", "1 rows for 2 actions"),
        ({"channel": [[0.9, 0.2], [0.1, 0.9]]}, "error", "channel", "sums to 1.1"),
        ({"channel": [[0.5, 0.5], [0.5, 0.5]]}, "warning", "channel", "hears nothing"),
        ({"channel": [[0.4, 0.6], [0.6, 0.4]]}, "warning", "channel", "heard as 1 more often than as 0"),
        ({"channel": [[0.6, 0.4], [0.8, 0.2]]}, "warning", "channel", "speaks for action 1"),
    ],
)
def test_what_is_found(change, level, where, what):
    findings = check_crowd(**(GOOD | change))
    matching = [f for f in findings if (f.level, f.where) == (level, where)]
    assert matching, findings
    assert any(re.search(what, f.what) for f in matching), matching


def test_errors_come_first():
    findings = check_crowd([[0.7, 0.3], [0.7, 0.3]], [[0, 1], [1, 0]], [0.4, 0.4])
    assert [f.level for f in findings] == ["error", "warning"]
    assert str(findings[0]).startswith("error, prior: ")
