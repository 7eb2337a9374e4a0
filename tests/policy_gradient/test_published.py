"""The published experiments: exact means against runs written out step by step, and the repaired ones."""

import numpy as np
import pytest

from llma.policy_gradient.published import pay, stopping
from llma.policy_gradient.published.chain import Chain


def update(belief, action, sensor):
    """The public update of the notebooks, written out: 1 + R, and ties count for both actions."""
    rise = np.ones(2)
    for x in (0, 1):
        for y in (0, 1):
            joint = sensor[:, y] * belief
            rise[x] += (joint[action] >= joint.max()) * sensor[x, y]
    later = rise * belief
    return later / later.sum()


def one_stopping_run(threshold, cost, rng):
    state, belief = rng.integers(2), np.array([0.4, 0.6])
    total = shown = 0.0
    for t in range(stopping.STEPS):
        y = int(rng.random() < stopping.SENSOR[state, 1])
        private = stopping.SENSOR[:, y] * belief
        if belief[0] < threshold:
            action = int(private.argmax())
        else:
            action = y
            total += stopping.DELAY[t] * private[0] * 0.99**t
            shown += 1
        total += 0.99**t * cost[:, action] @ private
        belief = update(belief, action, stopping.SENSOR)
    return total + 700 * 0.99**shown * private[1], shown, action == state


@pytest.mark.parametrize("threshold", [0.3, 0.8])
def test_published_stopping_against_runs_written_out(threshold):
    rng = np.random.default_rng(0)
    runs = np.array([one_stopping_run(threshold, stopping.SWEEP_COST, rng) for _ in range(150)])
    exact = stopping.replicate([threshold])
    error = runs.std(axis=0) / np.sqrt(150)
    for found, mean, spread in zip(
        (exact.cost, exact.steps, exact.accuracy), runs.mean(axis=0), error, strict=True
    ):
        assert mean == pytest.approx(float(found[0]), abs=4.5 * spread + 1e-9)


def test_published_box_has_the_exact_mean():
    levels = np.array([0.2, 0.6, 0.81, 0.95])
    for cost in (stopping.SWEEP_COST, stopping.SEARCH_COST):
        noisy = stopping.published_box(100, cost)(np.tile(levels, (50, 1)), np.random.default_rng(1))
        error = noisy.std(axis=0) / np.sqrt(50)
        exact = stopping.replicate(levels, cost).cost
        assert (np.abs(noisy.mean(axis=0) - exact) <= 4.5 * error + 1e-9).all()


def test_sweep_as_published():
    """The stored figure: costs 800, 920, 330; steps 100, 50, 0; accuracy .80, .85, .99."""
    found = stopping.replicate(np.linspace(0, 1, 41))
    assert found.cost[[0, -1]] == pytest.approx([800, 330], abs=5)
    assert found.cost.max() == pytest.approx(920, abs=5)
    assert found.steps[[0, 20, 40]] == pytest.approx([100, 48, 0], abs=1)
    assert found.accuracy[[0, 20, 40]] == pytest.approx([0.8, 0.85, 0.99], abs=0.006)


def test_repaired_stopping_against_its_box_and_its_optimum():
    levels = np.array([0.1, 0.5, 0.9, 0.97])
    for side in stopping.SIDES:
        noisy = stopping.repaired_box(6000, 0.0, side=side)(levels, np.random.default_rng(2))
        exact = stopping.repaired(levels, stopping.SEARCH_COST, side).cost
        assert noisy == pytest.approx(exact, rel=0.05)
        assert (exact >= stopping.optimum(stopping.SEARCH_COST) - 1e-9).all()
    assert stopping.repaired([0.971]).cost[0] == pytest.approx(stopping.optimum(), abs=0.1)


def test_repaired_never_stopping_is_the_accuracy_of_one_reading():
    never = stopping.repaired([0.0], side="published")
    assert never.accuracy[0] == pytest.approx(0.4 * 0.7 + 0.6 * 0.9)
    assert never.steps[0] == pytest.approx(100)
    at_once = stopping.repaired([0.0], side="turned")
    assert (at_once.accuracy[0], at_once.steps[0]) == pytest.approx((0.6, 0))
    turned = stopping.repaired([1.0])
    assert (turned.cost[0], turned.steps[0]) == pytest.approx((never.cost[0], 100))
    box = stopping.repaired_box(2000, 0.0, stopping.SWEEP_COST)
    assert float(box(1.0, np.random.default_rng(6))) == pytest.approx(never.cost[0], rel=0.05)


def one_paid_run(threshold, rng):
    state, belief, total = rng.integers(2), np.array([0.5, 0.5]), 0.0
    for _ in range(pay.AGENTS):
        y = int(rng.random() < pay.SENSOR[state, 1])
        private, bonus = pay.SENSOR[:, y] * belief, 0.0
        if belief[0] >= threshold:
            bonus = (private[0] - private[1]) / private.sum() / (0.2 - 0.4)
        action = int((private + np.array([0.4, 0.2]) * bonus).argmax())
        belief = update(belief, action, pay.SENSOR)
        total += bonus
    return total, belief.argmax() == state


@pytest.mark.parametrize("threshold", [0.0, 0.4, 0.65])
def test_published_pay_against_runs_written_out(threshold):
    rng = np.random.default_rng(3)
    runs = np.array([one_paid_run(threshold, rng) for _ in range(250)], dtype=float)
    exact = pay.replicate([threshold])
    error = runs.std(axis=0) / np.sqrt(250)
    assert runs[:, 0].mean() == pytest.approx(exact.paid[0], abs=4.5 * error[0])
    assert runs[:, 1].mean() == pytest.approx(exact.right[0], abs=4.5 * error[1])
    noisy = pay.published_box(8000)(np.array([threshold]), np.random.default_rng(4))
    assert noisy == pytest.approx(exact.paid, rel=0.02)


def test_who_is_paid_as_published_acts_against_its_private_belief():
    chain, bonus, act = pay._published()
    tilted = np.abs(bonus) > 1e-9
    assert (act[..., 1] != chain.private.argmax(axis=2))[tilted].all()


def test_repaired_pay_against_its_box():
    levels = np.array([0.0, 0.1, 0.5, 0.8, 1.0])
    noisy = pay.repaired_box(6000, 0.0)(levels, np.random.default_rng(5))
    assert noisy == pytest.approx(pay.repaired(levels).objective(), rel=0.05)
    assert pay.repaired([1.0]).paid[0] == 0
    assert (np.diff(pay.repaired(np.linspace(0, 1, 51)).paid) <= 1e-9).all()
    assert (np.diff(pay.repaired(np.linspace(0, 1, 51)).right) <= 1e-9).all()


def test_best_repaired():
    level, cost = pay.best_repaired()
    assert pay.repaired([level]).objective()[0] == pytest.approx(cost)
    assert pay.repaired(np.linspace(0, 1, 401)).objective().min() >= cost - 1e-9


def test_published_gains():
    gains = stopping.PublishedGains()
    assert [gains.width(0), gains.width(2)] == pytest.approx([1.0, 0.9801])
    assert [gains.step(998), gains.step(499)] == pytest.approx([5e-5, 0.025], abs=1e-4)
    # The published sum of squares of a_k / c_k: the last term of the run is enormous, the first is not.
    assert gains.step(900) / gains.width(900) > 5 > gains.step(0) / gains.width(0)
    steady = pay.PublishedGains()
    assert [steady.step(998), steady.width(5)] == pytest.approx([0.05, 1.0])


def test_chain_and_refusals():
    chain = Chain(stopping.SENSOR, stopping.PRIOR, 100)
    assert chain.belief[0] == pytest.approx(0.6)
    for i in (0, 3, 17):
        for u in (0, 1):
            expected = update(np.array([1 - chain.belief[i], chain.belief[i]]), u, stopping.SENSOR)[1]
            assert chain.belief[chain.after[i, u]] == pytest.approx(expected)
    with pytest.raises(ValueError, match="list of numbers"):
        stopping.replicate(0.5)
    with pytest.raises(ValueError, match="thresholds"):
        pay.replicate([1.5])
    with pytest.raises(ValueError, match="side"):
        stopping.repaired([0.5], side="left")
