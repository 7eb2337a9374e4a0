"""The exact law of a crowd against enumeration in fractions, and against what is known of special cases."""

from fractions import Fraction as F

import numpy as np
import pytest

from llma.private_observations import Crowd, ManyReadings, binary_channel, constant, forced, harmonic
from llma.private_observations import closed_forms as forms
from llma.social import SocialLearning
from tests.private_observations.oracle import CrowdOracle
from tests.social.oracle import as_floats, binary, random_oracle

EVEN = [0.5, 0.5]
ERRORS = [[0, 1], [1, 0]]
PLAIN = ((F(1), F(0)), (F(0), F(1)))


def symmetric(p, tie="own"):
    return SocialLearning([[p, 1 - p], [1 - p, p]], ERRORS, tie=tie)


def assert_same(oracle, prior):
    agents = oracle.agents
    model = SocialLearning(as_floats(agents.likelihood), as_floats(agents.cost), agents.tie)
    crowd = Crowd(model, as_floats(oracle.channel))
    law = crowd.exact([float(q) for q in prior], len(oracle.reveal), reveal=[float(e) for e in oracle.reveal])
    for name, table in oracle.law(prior).items():
        np.testing.assert_allclose(getattr(law, name), table, atol=1e-12, rtol=0, err_msg=name)
    assert law.error_bound < 1e-12


@pytest.mark.parametrize("tie", ["low", "own", "coin"])
@pytest.mark.parametrize("noise", [F(0), F(1, 5)])
def test_binary_crowd_equals_enumeration(tie, noise):
    channel = ((1 - noise, noise), (noise, 1 - noise))
    reveal = (F(1, 5), F(0), F(1, 3), F(1, 7))
    for ratio, prior in ((F(1), F(1, 2)), (F(7, 3), F(7, 10)), (F(5, 4), F(2, 5))):
        assert_same(CrowdOracle(binary(70, ratio, tie), channel, reveal), [1 - prior, prior])


@pytest.mark.parametrize("seed", range(6))
def test_random_crowd_equals_enumeration(seed):
    rng = np.random.default_rng(seed)
    n_actions, n_words = rng.integers(2, 4, size=2)
    agents = random_oracle(rng, 2, 3, int(n_actions))
    weights = rng.integers(0, 5, (n_actions, n_words)) + np.eye(n_actions, n_words, dtype=int)
    channel = tuple(tuple(F(int(v), int(row.sum())) for v in row) for row in weights + 1)
    assert_same(CrowdOracle(agents, channel, (F(1, 4), F(1, 2), F(0))), [F(2, 5), F(3, 5)])


def test_without_reveals_and_noise_it_is_the_plain_protocol():
    rng = np.random.default_rng(1)
    for _ in range(5):
        model = SocialLearning(rng.dirichlet(np.ones(3), size=2), rng.uniform(size=(2, 3)))
        prior = rng.dirichlet(np.ones(2) * 3)
        mine, plain = Crowd(model).exact(prior, 12), model.exact(prior, 12)
        np.testing.assert_allclose(mine.p_action, plain.p_action, atol=1e-12, rtol=0)
        np.testing.assert_allclose(mine.p_cascade_on, plain.p_cascade_on, atol=1e-12, rtol=0)


@pytest.mark.parametrize("p", [0.55, 0.7, 0.9])
@pytest.mark.parametrize("n_reveal", [0, 1, 2, 3, 4, 5, 10, 20])
def test_forced_reveals_have_the_closed_form(p, n_reveal):
    n = n_reveal + 400
    law = Crowd(symmetric(p)).exact(EVEN, n, reveal=forced(n_reveal, n))
    wrong = float(forms.wrong_after_forced(p, n_reveal))
    assert law.p_wrong_cascade_by[-1] == pytest.approx([wrong, wrong], abs=1e-10)


def test_table_of_forced_reveals():
    wrong = forms.wrong_after_forced(0.7, [0, 1, 2, 3, 4, 5, 10, 20, 40])
    target = [0.1552, 0.1552, 0.1552, 0.1248, 0.1248, 0.0992, 0.0633, 0.0219, 0.0030]
    assert wrong == pytest.approx(target, abs=5e-5)


@pytest.mark.parametrize("tie", ["low", "own", "coin"])
@pytest.mark.parametrize("noise", [0.01, 0.239, 0.2395, 0.4])
def test_noise_has_the_closed_form_under_every_tie_rule(noise, tie):
    law = Crowd(symmetric(0.7, tie), binary_channel(noise)).exact(EVEN, 1500)
    wrong, agents = forms.wrong_after_noise(0.7, noise), forms.agents_after_noise(0.7, noise)
    assert law.p_wrong_cascade_by[-1] == pytest.approx([wrong, wrong], abs=1e-10)
    assert (1 - law.p_cascade_by).sum(axis=0) == pytest.approx([agents, agents], abs=1e-8)


def test_table_of_flagged_reveals():
    targets = {0.0: (0.155, 0.155, 0.155), 0.02: (0.137, 0.091, 0.032), 0.1: (0.094, 0.025, 0.0008)}
    for chance, target in targets.items():
        law = Crowd(symmetric(0.7)).exact(EVEN, 401, reveal=constant(chance, 401))
        for x in (0, 1):
            assert law.p_wrong_cascade_by[[20, 100, 400], x] == pytest.approx(target, abs=5e-4)


def test_the_log_odds_grow_by_the_share_of_the_divergence():
    likelihood = [[0.8, 0.2], [0.4, 0.6]]
    law = Crowd(SocialLearning(likelihood, [[0, 1.4], [1, 0]])).exact([0.55, 0.45], 120, reveal=0.5)
    slope = (law.mean_log_odds[119] - law.mean_log_odds[90]) / 29
    rate = 0.5 * forms.divergence(likelihood)
    assert slope == pytest.approx([-rate[0], rate[1]], abs=5e-4)


@pytest.mark.parametrize("reveal", [constant(0.05, 120), harmonic(6, 120), forced(15, 120)])
@pytest.mark.parametrize("tie", ["low", "own", "coin"])
def test_listeners_err_less_than_the_bound(reveal, tie):
    crowd = Crowd(ManyReadings([[0.7, 0.3], [0.3, 0.7]], ERRORS, 1, tie))
    law = crowd.exact([0.4, 0.6], 120, reveal=reveal)
    error = law.p_wrong_listener @ [0.4, 0.6]
    bound = forms.listener_bound([0.4, 0.6], [[0.7, 0.3], [0.3, 0.7]], reveal)
    assert (error <= bound + 1e-12).all()


def test_reveals_of_several_readings_stay_on_one_lattice():
    model = ManyReadings([[0.7, 0.3], [0.3, 0.7]], ERRORS, 2, "own")
    law = Crowd(model).exact(EVEN, 40, reveal=0.2, prune=1e-12)
    assert law.n_points < 2_000
    assert law.error_bound < 1e-8


def test_a_wrong_belief_about_the_readings():
    # Agents who believe in accuracy 0.8 stop at a lead of 2; the walk is that of the truth.
    truth = [[0.6, 0.4], [0.4, 0.6]]
    law = Crowd(symmetric(0.8)).exact(EVEN, 300, truth=truth)
    r = 2 / 3
    assert law.p_wrong_cascade_by[-1] == pytest.approx([r**2 / (1 + r**2)] * 2, abs=1e-10)


def test_certain_beliefs_stay():
    model = SocialLearning([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]], ERRORS)
    law = Crowd(model).exact(EVEN, 30, reveal=0.5)
    assert np.isfinite(law.p_action).all()
    assert np.abs(law.p_action.sum(axis=2) - 1).max() <= law.error_bound
    runs = Crowd(model).simulate(EVEN, 30, 4000, np.random.default_rng(0), reveal=0.5, state=1)
    error = (runs.actions[:, 29] == 0).mean()
    assert error == pytest.approx(law.p_wrong_action[29, 1], abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reveal": 1.2}, "1.2; a probability lies between"),
        ({"reveal": [0.1, 0.2]}, "one number, or 5 of them"),
        ({"prior": [0.5, 0.6]}, "sums to 1.1"),
        ({"n_agents": 0}, "n_agents >= 1"),
        ({"truth": [[0.7, 0.3]]}, "expected 2, one a state"),
        ({"truth": [[0.7, 0.2, 0.1]] * 2}, "3 columns; expected 2"),
    ],
)
def test_bad_calls_are_refused(change, message):
    call = {"prior": EVEN, "n_agents": 5} | change
    with pytest.raises(ValueError, match=message):
        Crowd(symmetric(0.7)).exact(**call)


def test_a_truth_that_the_crowd_excludes_is_refused():
    model = SocialLearning([[1.0, 0.0], [0.3, 0.7]], ERRORS)
    with pytest.raises(ValueError, match="thinks observation 1 impossible in state 0"):
        Crowd(model).exact(EVEN, 3, truth=[[0.9, 0.1], [0.3, 0.7]])


@pytest.mark.parametrize(
    ("options", "channel", "message"),
    [
        ({"tie": "follow"}, None, "copies the predecessor"),
        ({"update": "identity-start"}, None, "needs 'bayes'"),
        ({}, [[0.9, 0.1]], "1 rows; expected 2"),
        ({}, [[0.9, 0.2], [0.1, 0.9]], "row 0 .* sums to 1.1"),
    ],
)
def test_bad_crowds_are_refused(options, channel, message):
    model = SocialLearning([[0.7, 0.3], [0.3, 0.7]], ERRORS, **options)
    with pytest.raises(ValueError, match=message):
        Crowd(model, channel)


def test_three_states_are_sent_to_the_simulation():
    model = SocialLearning(np.full((3, 3), 1 / 3), np.eye(3))
    with pytest.raises(ValueError, match=r"two states .* use simulate"):
        Crowd(model).exact([1 / 3] * 3, 5)


def test_bad_schedules_and_channels_are_refused():
    with pytest.raises(ValueError, match="from 0 to 3"):
        forced(4, 3)
    with pytest.raises(ValueError, match="at least 0"):
        harmonic(-1, 3)
    with pytest.raises(ValueError, match="between 0 and 1"):
        constant(2, 3)
    for noise in (-0.1, 0.5, 0.7):
        with pytest.raises(ValueError, match=r"less than 0\.5"):
            binary_channel(noise)
