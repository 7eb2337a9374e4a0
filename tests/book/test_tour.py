"""The numbers printed on the page of the quick tour."""

import numpy as np
import pytest

from llma.explorers import protocol, sensor, tour
from llma.herd import learn, regrets
from llma.private_observations import closed_forms
from tests.book import browser
from tests.book.passages import printed

EVEN = (0.5, 0.5)


def test_the_review_is_that_of_the_sensor_chapter():
    printed("tour-text", sensor.REVIEW)


def test_a_wrong_cascade():
    law = protocol.kettle(accuracy=0.7, tie="own").exact(EVEN, n_agents=60)
    wrong = float(law.p_wrong_cascade_by[-1, 0])
    assert wrong == pytest.approx(0.3**2 / (0.3**2 + 0.7**2), abs=1e-9)
    assert law.p_cascade_by[-1, 0] == pytest.approx(1, abs=1e-6)
    printed("tour-wrong", f"So with probability {wrong:.3f} everybody")


def test_what_reveals_buy():
    wrong = [float(closed_forms.wrong_after_forced(0.7, agents)) for agents in (0, 2, 10)]
    law = protocol.kettle(accuracy=0.7, tie="own").exact(EVEN, n_agents=60)
    assert wrong[:2] == pytest.approx([float(law.p_wrong_cascade_by[-1, 0])] * 2, abs=1e-9)
    printed("tour-cure", "Two reveals buy nothing", f"Ten bring {wrong[0]:.3f} down to {wrong[2]:.3f}")
    for reads in ((0, 0), (0, 1), (1, 0), (1, 1)):
        run = protocol.replay(protocol.kettle(accuracy=0.7, tie="own"), EVEN, reads)
        assert tuple(run.actions) == reads


def test_the_walk_that_the_reader_is_asked_for():
    explorer = protocol.belief_walk()
    assert explorer.start["tie"] == "low"
    assert explorer.start["accuracy"] == 0.7
    setting = explorer.start | {"first": "good good bad", "then": "bad bad bad"}
    belief = explorer.evaluate(**setting)["belief"]
    crowd, shared = belief[:7], belief[7:]
    assert np.allclose(crowd[2:], crowd[2])
    printed("tour-explorer", f"stays at {crowd[-1]:.3f}, although", f"it would end at {shared[-1]:.3f}")
    assert setting == explorer.start
    setting |= {"first": "bad good good", "then": "good good good"}
    found = explorer.evaluate(**setting)
    crowd, shared = found["belief"][:7], found["belief"][7:]
    assert np.allclose(crowd[1:], crowd[1])
    assert set(found["they say"].split()) == {"no"}
    printed("tour-explorer", f"stays at {crowd[-1]:.3f} and nobody", f"would give {shared[-1]:.3f}")


def test_the_table_of_a_crowd_shows_gaps_and_no_cascade_where_there_is_none():
    likelihood = [[0.7, 0.3], [0.3, 0.7]]
    found = learn([[1], [float("nan")]], likelihood, EVEN, regrets(1, 1, 2))
    lines = tour.crowd(found, rows=5).splitlines()
    assert len(lines) == 3
    assert lines[1].split() == ["0", "1", "good", "0.700"]
    assert lines[2].split()[:3] == ["1", "?", "good"]


@pytest.mark.site
def test_explorers_in_a_browser():
    browser.check_page("book/tour", [protocol.belief_walk()])
