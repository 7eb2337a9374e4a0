"""The same programmes written a second time, in cvxpy, with the maxima left as maxima."""

import cvxpy as cp
import numpy as np

from llma.ribum import ChoiceData


def cvxpy_problem(data, stakes=None, cost="kernel"):
    """Return the max-margin problem and its variables; `stakes` asks for one utility up to stakes."""
    n_environments, n_states, n_actions = data.choice.shape
    if stakes is None:
        free = [cp.Variable((n_states, n_actions), bounds=[0, 1]) for _ in range(n_environments)]
        utility = free
    else:
        free = [cp.Variable((n_states, n_actions), bounds=[0, 1])]
        utility = [s / max(stakes) * free[0] for s in stakes]
    costs, margin, rules = cp.Variable(n_environments), cp.Variable(), []
    rules += [costs >= 0]
    own = []
    for m in range(n_environments):
        joint = data.priors[m][:, None] * data.choice[m]
        own.append(cp.sum(cp.multiply(joint, utility[m])))
        for u in range(n_actions):
            if not joint[:, u].any():
                continue
            for v in range(n_actions):
                if v != u:
                    rules.append(joint[:, u] @ (utility[m][:, u] - utility[m][:, v]) >= margin)
    for m in range(n_environments):
        for k in range(n_environments):
            if m == k or (cost == "posterior" and not np.allclose(data.priors[m], data.priors[k])):
                continue
            value = sum(
                cp.max((data.priors[m] * data.choice[k][:, u]) @ utility[m]) for u in range(n_actions)
            )
            rules.append(own[m] - costs[m] >= value - costs[k] + margin)
    return cp.Problem(cp.Maximize(margin), rules), utility, costs


def cvxpy_margin(data, stakes=None, cost="kernel"):
    """Return the largest margin."""
    problem, _, _ = cvxpy_problem(data, stakes, cost)
    problem.solve(solver="HIGHS")
    assert problem.status == "optimal"
    return problem.value


def random_data(rng, n_environments, n_states, n_actions, same_prior=False, unused=False):
    """Return choices drawn at random."""
    priors = rng.dirichlet(np.full(n_states, 2.0), n_environments)
    choice = rng.dirichlet(np.ones(n_actions), (n_environments, n_states))
    if unused:
        choice[0, :, 0] += choice[0, :, 1]
        choice[0, :, 1] = 0
    return ChoiceData(priors[0] if same_prior else priors, choice)
