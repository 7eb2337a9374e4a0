"""Max-margin, sparsest and bounds: parity with cvxpy, closed forms, invariances, and what cannot be had."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from llma.ribum import ChoiceData, nias_slack, own_values
from llma.ribum.cycles import cycle_means
from llma.ribum.recovery.identified import utility_bounds
from llma.ribum.recovery.programs import nias_rows, own_rows, reply_rows
from llma.ribum.recovery.reconstruct import margin_at, max_margin
from llma.ribum.recovery.restrictions import VACUOUS, common, free, known, linear, monotone
from llma.ribum.recovery.solver import InfeasibleError, UnboundedError
from llma.ribum.recovery.sparse_utility import sparsest
from tests.ribum.peers import cvxpy_margin, random_data

TWO = ChoiceData([0.5, 0.5], [[[0.75, 0.25], [0.25, 0.75]], [[0.9, 0.1], [0.1, 0.9]]])


def reader(accuracies, prior=0.5):
    """Return an agent that is right with these probabilities, in two states."""
    return ChoiceData([prior, 1 - prior], [[[a, 1 - a], [1 - a, a]] for a in accuracies])


@pytest.mark.parametrize(
    ("shape", "same", "unused"),
    [
        ((1, 3, 3), True, False),
        ((2, 3, 4), True, True),
        ((3, 2, 3), False, False),
        ((4, 3, 2), False, True),
        ((3, 4, 3), True, False),
    ],
)
def test_margins_equal_those_of_another_programme(shape, same, unused):
    rng = np.random.default_rng(sum(shape))
    data = random_data(rng, *shape, same_prior=same, unused=unused)
    stakes = rng.uniform(1, 4, shape[0])
    for cost in ("kernel", "posterior"):
        found = max_margin(data, cost=cost)
        assert found.bound == pytest.approx(cvxpy_margin(data, cost=cost), abs=1e-6)
        assert found.margin == pytest.approx(found.bound, abs=1e-7)
        assert found.utility.min() >= -1e-9
        assert found.utility.max() <= 1 + 1e-9
        assert found.attention_cost.min() >= 0
    found = max_margin(data, common(stakes))
    assert found.bound == pytest.approx(cvxpy_margin(data, stakes), abs=1e-6)


def test_one_utility_up_to_stakes_has_a_positive_margin_for_an_optimal_reader():
    data, stakes = reader([0.6, 0.75, 0.9]), [1, 2, 4]
    found = max_margin(data, common(stakes))
    assert found.margin == pytest.approx(cvxpy_margin(data, stakes), abs=1e-6)
    assert found.margin > 0.01
    ratio = found.utility[2] / found.utility[0].clip(1e-12)
    assert ratio[found.utility[0] > 0] == pytest.approx(4)
    backwards = max_margin(reader([0.9, 0.75, 0.6]), common(stakes))
    assert backwards.bound == pytest.approx(0, abs=1e-9)


def test_a_given_utility_needs_no_programme():
    rng = np.random.default_rng(5)
    for _ in range(10):
        data = random_data(rng, 3, 3, 3, same_prior=True)
        utility = rng.uniform(size=(3, 3, 3))
        found = max_margin(data, known(utility))
        assert found.margin == pytest.approx(found.bound, abs=1e-8)
        np.testing.assert_array_equal(found.utility, utility)
        slack = nias_slack(data, utility)[:, ~np.eye(3, dtype=bool)]
        joint = data.priors[:, None, :, None] * data.choice[None]
        value = np.einsum("mkxu,mxv->mkuv", joint, utility).max(axis=3).sum(axis=2)
        expected = min(slack.min(), cycle_means(own_values(data, utility)[:, None] - value))
        assert found.margin == pytest.approx(expected, abs=1e-12)


def test_equal_experiments_and_equal_posteriors_leave_no_margin():
    rng = np.random.default_rng(1)
    kernel = rng.dirichlet(np.ones(3), 3)
    same = ChoiceData(rng.dirichlet(np.ones(3), 2), [kernel, kernel])
    assert max_margin(same).bound == pytest.approx(0, abs=1e-9)
    # In environment 0 actions 1 and 2 reveal the same posterior.
    twice = np.stack([kernel.copy(), rng.dirichlet(np.ones(3), 3)])
    twice[0, :, 1:] = (1 - twice[0, :, :1]) * [0.6, 0.4]
    data = ChoiceData([0.2, 0.3, 0.5], twice)
    assert data.posteriors[0, 1] == pytest.approx(data.posteriors[0, 2])
    assert max_margin(data).bound == pytest.approx(0, abs=1e-9)
    # With a cost of posteriors, the equal experiments are not compared: their priors differ.
    assert max_margin(same, cost="posterior").margin > 1e-3


def test_anything_passes_with_free_utilities_and_the_result_says_so():
    rng = np.random.default_rng(2)
    for _ in range(10):
        found = max_margin(random_data(rng, 3, 3, 3))
        assert found.margin > 1e-6
        assert VACUOUS in str(found)
    assert VACUOUS not in str(max_margin(TWO, "common"))


def test_invariances():
    rng = np.random.default_rng(3)
    data = random_data(rng, 3, 3, 3, same_prior=False)
    found = max_margin(data)
    shifted = found.utility + rng.normal(size=(3, 3, 1))
    assert margin_at(data, shifted) == pytest.approx(found.margin, abs=1e-12)
    assert margin_at(data, 7 * found.utility) == pytest.approx(7 * found.margin, abs=1e-12)
    # A factor of its own for one environment is not an invariance.
    accurate = reader([0.6, 0.9])
    stakes = np.array([1.0, 2.0])[:, None, None] * np.eye(2)
    assert margin_at(accurate, stakes) > 0
    assert margin_at(accurate, stakes * np.array([4.0, 1.0])[:, None, None]) < 0


def test_without_the_box_there_is_no_largest_margin():
    with pytest.raises(UnboundedError, match="keep the box"):
        max_margin(TWO, common([1, 2]), box=False)
    assert max_margin(reader([0.9, 0.6]), common([1, 2]), box=False).bound == pytest.approx(0, abs=1e-9)


def test_sparsest_has_a_zero_in_every_state():
    rng = np.random.default_rng(4)
    for restriction in (free(), common()):
        n_environments = 3 if restriction.vacuous else 1
        data = random_data(rng, n_environments, 3, 3)
        found = sparsest(data, restriction)
        assert found.utility.min(axis=2) == pytest.approx(0, abs=1e-9)
        assert found.margin >= found.bound / 2 - 1e-9
        assert found.utility.sum() <= max_margin(data, restriction).utility.sum() + 1e-9


def test_the_count_is_never_above_that_of_the_surrogate():
    rng = np.random.default_rng(6)
    better = 0
    for _ in range(6):
        data = random_data(rng, 1, 3, 3)
        for share in (0.05, 0.5):
            margin = share * max_margin(data, "common").bound
            sums = sparsest(data, "common", margin=margin)
            counts = sparsest(data, "common", margin=margin, exact=True)
            assert counts.margin >= margin - 1e-7
            assert counts.utility.sum() >= sums.utility.sum() - 1e-7
            n_sums, n_counts = (int((found.utility > 1e-6).sum()) for found in (sums, counts))
            assert n_counts <= n_sums
            better += n_counts < n_sums
            assert n_counts == fewest(data, margin)
    assert better, "the surrogate is not the count"


def fewest(data, margin):
    """Return the least number of non-zero utilities, one environment: all supports, one by one."""
    forms = nias_rows(data)[0].toarray()
    n = forms.shape[1]
    for size in range(n + 1):
        for support in itertools.combinations(range(n), size):
            columns = forms[:, support]
            if not size:
                continue
            result = linprog(np.zeros(size), -columns, np.full(len(forms), -margin), bounds=(0, 1))
            if result.status == 0:
                return size
    raise AssertionError("no utility has this margin")


def test_bounds_are_posterior_odds():
    # NIAS: regret in state 1 over regret in state 0 lies between the odds of state 0 after 1 and after 0.
    data = ChoiceData([0.6, 0.4], [[[0.8, 0.2], [0.3, 0.7]]])
    bounds = utility_bounds(data, (0, 0, 0, 1), "common", base=0)
    odds = data.posteriors[0, :, 0] / data.posteriors[0, :, 1]
    assert bounds.upper[0, 1, 1] == pytest.approx(odds[0])
    assert bounds.lower[0, 1, 1] == pytest.approx(odds[1])
    assert bounds.upper[0, 0, 1] == pytest.approx(-1)
    assert bounds.lower[0, 0, 1] == pytest.approx(-1)


def test_the_truth_lies_inside_the_bounds():
    rng = np.random.default_rng(7)
    for _ in range(6):
        truth, stakes = rng.uniform(size=(3, 3)) + np.eye(3), np.array([1.0, 1.7, 3.0])
        choice = optimal_choices(rng, truth, stakes)
        data = ChoiceData([0.3, 0.3, 0.4], choice)
        utility = stakes[:, None, None] * truth
        assert margin_at(data, utility) >= -1e-12
        worst = int(truth[0].argmin())
        best = int(truth[0].argmax())
        bounds = utility_bounds(data, (0, 0, best, worst), common(stakes))
        assert bounds.contains(utility)
        assert bounds.upper[2] == pytest.approx(bounds.upper[0] * 3, nan_ok=True)
        wide = utility_bounds(data, (0, 0, best, worst), free())
        assert (wide.lower <= bounds.lower + 1e-6).all()
        assert (wide.upper >= bounds.upper - 1e-6).all()
        assert wide.contains(utility)


def optimal_choices(rng, truth, stakes):
    """Return the choices of an agent that picks from a few experiments with costs."""
    kernels = rng.dirichlet(np.ones(4), (6, 3))
    prices = np.sort(rng.uniform(0, 0.5, 6))
    tables = []
    for s in stakes:
        worth = np.array([0.3, 0.3, 0.4])[:, None] * kernels  # (N, X, Y)
        replies = np.einsum("nxy,xu->nyu", worth, s * truth)
        best = int((replies.max(axis=2).sum(axis=1) - prices).argmax())
        table = np.zeros((3, 3))
        for y, u in enumerate(replies[best].argmax(axis=1)):
            table[:, u] += kernels[best, :, y]
        tables.append(table)
    return tables


def test_a_unit_that_cannot_be_positive_is_refused():
    with pytest.raises(InfeasibleError, match="name another difference"):
        utility_bounds(reader([0.7]), (0, 0, 1, 0), linear([[[-1, 1], [0, 0]]], 0, common()))
    with pytest.raises(ValueError, match="unit"):
        utility_bounds(reader([0.7]), (0, 2, 0, 1))


def test_restrictions_hold():
    rng = np.random.default_rng(8)
    data = random_data(rng, 1, 3, 3)
    rising = max_margin(data, monotone())
    steps = np.diff(np.diff(rising.utility[0], axis=1), axis=0)
    assert steps.min() >= -1e-9
    assert rising.bound <= max_margin(data, "common").bound + 1e-9
    sure = linear([[[0, 0, 0], [0, 0, 0], [1, 0, -1]]], 0, free())
    found = max_margin(random_data(rng, 2, 3, 3), sure)
    assert (found.utility[:, 2, 0] <= found.utility[:, 2, 2] + 1e-9).all()
    with pytest.raises(InfeasibleError, match="check its inequalities"):
        max_margin(data, linear([np.eye(3)], -1))


def test_forms_are_the_closed_forms():
    rng = np.random.default_rng(9)
    data, utility = random_data(rng, 3, 2, 4, unused=True), rng.normal(size=(3, 2, 4))
    forms, which = nias_rows(data)
    assert forms @ utility.ravel() == pytest.approx(nias_slack(data, utility)[tuple(which.T)])
    assert not ((which[:, 0] == 0) & (which[:, 1] == 1)).any()
    assert own_rows(data) @ utility.ravel() == pytest.approx(own_values(data, utility))
    one = reply_rows(data, *(np.array([i]) for i in (1, 2, 3, 0))) @ utility.ravel()
    assert one[0] == pytest.approx((data.priors[1] * data.choice[2, :, 3]) @ utility[1, :, 0])


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="margin: is 0"):
        sparsest(TWO, margin=0.0)
    with pytest.raises(ValueError, match="nothing to choose"):
        sparsest(reader([0.7, 0.7]))
    with pytest.raises(ValueError, match="at most 64"):
        sparsest(random_data(np.random.default_rng(0), 5, 4, 4), exact=True)
    with pytest.raises(ValueError, match="nothing to compare"):
        max_margin(ChoiceData([0.5, 0.5], [[[1], [1]]]))
    with pytest.raises(ValueError, match="restriction"):
        max_margin(TWO, "known")
    with pytest.raises(ValueError, match="3 given; expected 2"):
        max_margin(TWO, common([1, 2, 3]))
    with pytest.raises(ValueError, match="cost"):
        max_margin(TWO, cost="prior")
