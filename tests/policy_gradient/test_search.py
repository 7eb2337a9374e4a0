"""SPSA, REINFORCE and the grid: exact cases, unbiasedness, spurious points, success rates."""

import numpy as np
import pytest
from scipy.special import expit

from llma.policy_gradient import (
    ESTIMATORS,
    Gains,
    ThresholdBox,
    angle_of,
    annealed,
    excess_cost,
    grid_search,
    model_box,
    reinforce,
    slope,
    smoothed_cost,
    spsa,
    text_source,
    threshold_of,
)
from llma.stopping import CentralControl

BASE = CentralControl([[0.7, 0.3], [0.3, 0.7]], [0.1, 0.6], [10, 0], discount=0.9)


def quadratic(u, rng):
    return 2 * (u - 0.3) ** 2 + 0.1 * rng.standard_normal(np.shape(u))


def test_gains():
    gains = Gains(a=2.0, c=0.5, stability=7, alpha=0.8, gamma=0.2)
    k = np.arange(5)
    assert [gains.step(i) for i in k] == pytest.approx(2.0 / (k + 8) ** 0.8)
    assert [gains.width(i) for i in k] == pytest.approx(0.5 / (k + 1) ** 0.2)
    assert gains.admissible
    assert not Gains(alpha=1.1).admissible
    assert not Gains(gamma=0.0).admissible
    assert not Gains(alpha=0.6, gamma=0.101).admissible
    for wrong in ({"a": 0.0}, {"c": -1.0}, {"stability": -1.0}, {"alpha": np.nan}, {"gamma": np.inf}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Gains(**wrong)


def test_common_random_numbers_give_the_slope_of_a_quadratic_exactly():
    trace = spsa(quadratic, 0.9, np.random.default_rng(0), iterations=40, decode=None)
    assert trace.estimate == pytest.approx(4 * (trace.parameter[:-1] - 0.3))
    assert trace.parameter.shape == (41,)
    assert trace.evaluations == 80
    assert trace.final == trace.decoded[-1]


def test_independent_noise_is_seen():
    trace = spsa(quadratic, 0.9, np.random.default_rng(0), iterations=40, decode=None, common=False)
    assert np.abs(trace.estimate - 4 * (trace.parameter[:-1] - 0.3)).max() > 0.1


def test_mean_of_the_estimate_on_a_quadratic():
    """One step from many starts: no bias, and the variance that two independent noises have."""
    gains = Gains(a=1e-9, c=0.2, stability=0)
    trace = spsa(
        quadratic,
        np.full(40_000, 0.8),
        np.random.default_rng(1),
        iterations=1,
        gains=gains,
        common=False,
        decode=None,
    )
    deviation = 0.1 / (np.sqrt(2) * 0.2)
    assert trace.estimate.mean() == pytest.approx(2.0, abs=4 * deviation / 200)
    assert trace.estimate.std() == pytest.approx(deviation, rel=0.02)


def test_a_step_is_clipped():
    trace = spsa(
        lambda u, rng: 1000 * u, 0.0, np.random.default_rng(0), iterations=3, decode=None, max_step=0.1
    )
    assert trace.parameter == pytest.approx([0, -0.1, -0.2, -0.3])


def test_zero_and_one_hold_a_run_with_common_random_numbers():
    box = model_box(BASE, 0.5, temperature=0.1, episodes=5)
    start = np.array([0.0, np.pi / 2])
    trace = spsa(box, start, np.random.default_rng(2), iterations=15)
    # In floating point sin(pi / 2 + h) and sin(pi / 2 - h) may differ in the last digit.
    assert np.abs(trace.estimate).max() < 1e-9
    assert trace.final == pytest.approx([0, 1])
    free = spsa(box, start, np.random.default_rng(2), iterations=15, common=False)
    assert np.abs(free.estimate).max() > 0.1


def test_a_hard_threshold_has_no_score_and_a_flat_cost():
    box = model_box(BASE, 0.5, temperature=0.0, episodes=50)
    with pytest.raises(ValueError, match="no score"):
        box.sample(0.5, np.random.default_rng(0))
    costs = [float(box(level, np.random.default_rng(4))) for level in (0.71, 0.77, 0.84)]
    assert costs[0] == costs[1] == costs[2]


def test_common_numbers_a_higher_threshold_never_stops_earlier():
    box = model_box(BASE, 0.5, temperature=0.05, episodes=400)
    times = [box.sample(level, np.random.default_rng(6)).stop_time for level in (0.5, 0.7, 0.9)]
    times = [np.where(t < 0, box.horizon, t) for t in times]
    assert (times[0] <= times[1]).all()
    assert (times[1] <= times[2]).all()


def test_sample_and_call_see_the_same_episodes():
    box = model_box(BASE, 0.3, temperature=0.05, episodes=60)
    levels = np.array([[0.4, 0.6, 0.8]])
    costs = box(levels, np.random.default_rng(8))
    sample = box.sample(levels, np.random.default_rng(8))
    assert costs.shape == (1, 3)
    assert sample.cost.shape == sample.to_go.shape == (1, 3, 60)
    assert costs == pytest.approx(sample.cost.mean(axis=-1))


def test_together_is_what_calls_with_the_same_numbers_return():
    for tau in (0.0, 0.05):
        box = model_box(BASE, 0.3, temperature=tau, episodes=30)
        stacks = [np.array([0.4, 0.8]), np.array([0.5, 1.0])]
        once = box.together(stacks, np.random.default_rng(8))
        for levels, costs in zip(stacks, once, strict=True):
            assert costs.tolist() == box(levels, np.random.default_rng(8)).tolist()
    with pytest.raises(ValueError, match="shapes"):
        box.together([0.5, [0.5, 0.6]], np.random.default_rng(0))


def test_scores_against_a_slow_loop():
    box = model_box(BASE, 0.5, temperature=0.1, episodes=1, rest=0.05)
    draw = box._draw

    for seed in range(30):
        states, q, noise = draw(1, np.random.default_rng(seed))
        x, score, to_go, cost, k = int(states[0, 0]), 0.0, 0.0, 0.0, 0
        steps = []
        while k < box.horizon:
            soft = expit((q[0, 0, k] - 0.7) / 0.1)
            if q[0, 0, k] - noise[0, 0, k] >= 0.7:
                steps.append(((soft - 1) / 0.1, cost))
                cost += 0.9**k * box.stop_cost[x]
                break
            steps.append((soft / 0.1, cost))
            cost += 0.9**k * box.continue_cost[x]
            k += 1
        score = sum(push for push, _ in steps)
        to_go = sum(push * (cost - before) for push, before in steps)
        found = box.sample(0.7, np.random.default_rng(seed))
        assert float(found.score[0]) == pytest.approx(score)
        assert float(found.to_go[0]) == pytest.approx(to_go)
        assert float(found.cost[0]) == pytest.approx(cost)
        assert int(found.stop_time[0]) == (k if k < box.horizon else -1)


@pytest.mark.parametrize("tau", [0.05, 0.2])
def test_reinforce_has_no_bias(tau):
    box = model_box(BASE, 0.5, temperature=tau, episodes=30_000, rest=1e-5)
    episodes = box.sample(0.7, np.random.default_rng(7))
    exact = float(smoothed_cost(BASE, 0.5, 0.7, tau).slope)
    for name in ESTIMATORS:
        single = {"plain": episodes.cost * episodes.score, "to-go": episodes.to_go}.get(
            name, (episodes.cost - episodes.cost.mean()) * episodes.score
        )
        error = single.std() / np.sqrt(single.size)
        assert float(slope(episodes, name)) == pytest.approx(exact, abs=4.5 * error)
    assert episodes.score.mean() == pytest.approx(0, abs=4.5 * episodes.score.std() / np.sqrt(30_000))
    assert episodes.to_go.std() < (episodes.cost * episodes.score).std()


def test_reinforce_and_annealed_spsa_find_thresholds_that_cost_little():
    start = np.full(8, angle_of(0.5))
    box = model_box(BASE, 0.5, temperature=0.03, episodes=80)
    gains = Gains(a=0.1, stability=20)
    found = reinforce(box.sample, start, np.random.default_rng(5), gains=gains, iterations=150)
    assert np.median(excess_cost(BASE, 0.5, found.average())) < 0.02
    boxes = [model_box(BASE, 0.5, temperature=t, episodes=80) for t in (0.1, 0.05, 0.02)]
    trace = annealed(boxes, start, np.random.default_rng(5), gains=gains, iterations=150)
    assert trace.parameter.shape == (151, 8)
    assert trace.evaluations == 300
    assert (excess_cost(BASE, 0.5, trace.final) < 0.02).all()


def test_annealing_one_box_is_spsa():
    box = model_box(BASE, 0.5, temperature=0.05, episodes=10)
    once = spsa(box, 0.6, np.random.default_rng(3), iterations=12)
    parts = annealed([box, box, box], 0.6, np.random.default_rng(3), iterations=12)
    assert parts.parameter == pytest.approx(once.parameter)
    assert parts.estimate == pytest.approx(once.estimate)


def test_grid():
    found = grid_search(quadratic, np.linspace(0, 1, 21), np.random.default_rng(0))
    assert found.best == pytest.approx(0.3)
    assert found.evaluations == 21
    box = model_box(BASE, 0.5, temperature=0.0, episodes=2000)
    found = grid_search(box, np.linspace(0, 1, 101), np.random.default_rng(0))
    # The whole interval (0.7, 0.845] costs the same on the same episodes; its middle is returned.
    assert found.best == pytest.approx(0.77, abs=0.011)
    noisy = grid_search(quadratic, np.linspace(0, 1, 21), np.random.default_rng(0), common=False)
    assert np.ptp(noisy.cost - 2 * (noisy.thresholds - 0.3) ** 2) > 0.1


def test_texts_as_a_source_of_observations():
    rng = np.random.default_rng(0)
    pools = [rng.uniform(0.1, 0.4, 30), rng.uniform(0.6, 0.9, 20)]
    source = text_source(pools)
    for x in (0, 1):
        seen = source(np.full(4000, x), 5, np.random.default_rng(1))
        assert seen.mean() == pytest.approx(pools[x].mean(), abs=0.015)
        assert np.corrcoef(seen[:, 0], seen[:, 1])[0, 1] == pytest.approx(0, abs=0.06)
    box = ThresholdBox(source, [-1.0, 1.0], [0.1, 0.6], [10, 0], 0.9, episodes=2000, temperature=0.0)
    same = CentralControl([[1 - m, m] for m in (pools[0].mean(), pools[1].mean())], [0.1, 0.6], [10, 0], 0.9)
    twin = model_box(same, 0.5, episodes=2000, temperature=0.0)
    object.__setattr__(twin, "evidence", np.array([-1.0, 1.0]))
    levels = np.array([0.7, 0.8, 0.9])
    assert box(levels, np.random.default_rng(2)) == pytest.approx(
        twin(levels, np.random.default_rng(3)), abs=0.25
    )


def test_truncation_and_horizon():
    box = model_box(BASE, 0.5, rest=1e-3)
    assert 0.9 ** (box.horizon - 1) <= 1e-3 < 0.9 ** (box.horizon - 2)
    assert box.truncation == pytest.approx(0.9**box.horizon * 6)


def test_bad_input():
    with pytest.raises(ValueError, match="shape"):
        spsa(lambda u, rng: np.zeros(3), 0.5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="finite"):
        spsa(lambda u, rng: np.nan * u, 0.5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="iterations"):
        spsa(quadratic, 0.5, np.random.default_rng(0), iterations=0)
    with pytest.raises(ValueError, match="max_step"):
        spsa(quadratic, 0.5, np.random.default_rng(0), max_step=0)
    with pytest.raises(ValueError, match="objectives"):
        annealed([], 0.5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="rising"):
        grid_search(quadratic, [0.5, 0.5], np.random.default_rng(0))
    with pytest.raises(ValueError, match="estimator"):
        reinforce(lambda u, rng: None, 0.5, np.random.default_rng(0), estimator="best")
    with pytest.raises(ValueError, match="iterations"):
        reinforce(lambda u, rng: None, 0.5, np.random.default_rng(0), iterations=0)
    with pytest.raises(ValueError, match="two or more"):
        slope(model_box(BASE, 0.5, episodes=1).sample(0.5, np.random.default_rng(0)), "baseline")
    with pytest.raises(ValueError, match="share"):
        spsa(quadratic, 0.5, np.random.default_rng(0), iterations=3).average(0)
    with pytest.raises(ValueError, match="two states"):
        text_source([[0.5]])
    with pytest.raises(ValueError, match="threshold"):
        model_box(BASE, 0.5)(1.5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="two states"):
        model_box(CentralControl([[0.7, 0.3], [0.3, 0.7]], [0, 0], [[0, 1], [1, 0]], 0.9), 0.5)
    with pytest.raises(ValueError, match="possible"):
        model_box(CentralControl([[1.0, 0.0], [0.3, 0.7]], [0, 0], [0, 1], 0.9), 0.5)
    for change, name in (
        ({"prior": 1.0}, "prior"),
        ({"temperature": -1.0}, "temperature"),
        ({"episodes": 0}, "episodes"),
        ({"rest": 1.0}, "rest"),
        ({"discount": 0.0}, "discount"),
        ({"stop_cost": [1.0]}, "stop_cost"),
    ):
        arguments = {"continue_cost": [0.1, 0.6], "stop_cost": [10, 0], "discount": 0.9} | change
        with pytest.raises(ValueError, match=name):
            ThresholdBox(text_source([[0.2], [0.8]]), [-1.0, 1.0], **arguments)


def test_angles():
    levels = np.linspace(0, 1, 11)
    assert threshold_of(angle_of(levels)) == pytest.approx(levels)
    angles = np.random.default_rng(0).uniform(-9, 9, 50)
    assert threshold_of(angles + np.pi) == pytest.approx(threshold_of(angles))
    with pytest.raises(ValueError, match="threshold"):
        angle_of(1.01)


def test_a_logistic_coordinate_has_no_spurious_points_but_a_plateau():
    """Far below the prior nearly every episode stops at once: the threshold hardly matters."""
    box = model_box(BASE, 0.5, temperature=0.1, episodes=40)
    gains = Gains(a=1.0, c=0.5)
    trace = spsa(box, [-2.0, 0.0, 2.0], np.random.default_rng(0), iterations=150, gains=gains, decode=expit)
    cost = smoothed_cost(BASE, 0.5, trace.final, 0.1).cost
    assert (cost[1:] < 2.6).all()
    assert cost[0] > 4.9


@pytest.mark.slow
def test_spsa_is_within_one_per_cent_in_95_of_100_runs():
    """400 steps, two evaluations each, 80 episodes an evaluation: 64,000 episodes a run."""
    boxes = [model_box(BASE, 0.5, temperature=t, episodes=80) for t in (0.1, 0.05, 0.025, 0.0125)]
    gains = Gains(a=0.1, c=0.15, stability=40)
    start = np.full(100, angle_of(0.5))
    trace = annealed(boxes, start, np.random.default_rng(2026), iterations=400, gains=gains)
    assert trace.evaluations * 80 == 64_000
    assert (excess_cost(BASE, 0.5, trace.final) < 0.01).sum() >= 95
