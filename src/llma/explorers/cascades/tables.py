"""The tables of the chapter as text, one function a table: tie rules, priors, updates, sensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llma.explorers.cascades.laws import (
    COARSE,
    EVEN,
    FINE,
    GENERAL,
    MANY,
    agents_that_count,
    cut,
    row,
    tracking,
    wrong,
)
from llma.explorers.readings import gaussian_errors
from llma.social import TIE_RULES, UPDATES, SocialLearning


def last_agent_table(accuracy: float, n_agents: int) -> str:
    """Return, for each tie rule, how wrong the last agent is and how many readings counted (even prior).

    >>> print(last_agent_table(0.7, 1000))
    tie rule  wrong  readings
    low       0.247       1.9
    own       0.155       3.4
    coin      0.247       2.5
    follow    0.300       1.0
    """
    lines = ["tie rule  wrong  readings"]
    for tie in TIE_RULES:
        model = row(accuracy, tie=tie)
        last = model.exact(EVEN, n_agents).p_wrong_action[-1].mean()
        lines.append(f"{tie:8}{last:7.3f}{agents_that_count(model, 0.5).mean():10.1f}")
    return "\n".join(lines)


def rules_table(accuracies: Sequence[float], q: float = 0.5) -> str:
    """Return the probability of a wrong cascade under each tie rule, averaged over the prior (1 - q, q).

    >>> print(rules_table((0.6, 0.7)))
      p    own   coin    low  follow
    0.6  0.308  0.368  0.368   0.400
    0.7  0.155  0.247  0.247   0.300
    """
    lines = ["  p    own   coin    low  follow"]
    for p in accuracies:
        own, coin, low, follow = (wrong(row(p, tie=tie), q) for tie in ("own", "coin", "low", "follow"))
        lines.append(f"{p:.1f}{own:7.3f}{coin:7.3f}{low:7.3f}{follow:8.3f}")
    return "\n".join(lines)


def near_even_table(accuracy: float, priors: Sequence[float]) -> str:
    """Return the probability of a wrong cascade in each state and on average, for priors near one half.

    >>> print(near_even_table(0.7, (0.5, 0.5001)))
     prior    rule    x=0    x=1   mean
    0.5000     low  0.114  0.380  0.247
    0.5000     own  0.155  0.155  0.155
    0.5000    coin  0.247  0.247  0.247
    0.5000  follow  0.300  0.300  0.300
    0.5001     any  0.380  0.114  0.247
    """
    lines = [" prior    rule    x=0    x=1   mean"]
    for q in priors:
        laws = {
            tie: row(accuracy, tie=tie).exact((1 - q, q), MANY).p_wrong_cascade_by[-1] for tie in TIE_RULES
        }
        if np.ptp(np.array(list(laws.values())), axis=0).max() < 1e-9:
            laws = {"any": laws["low"]}
        for tie, by_state in laws.items():
            mean = (1 - q) * by_state[0] + q * by_state[1]
            lines.append(f"{q:.4f}{tie:>8}{by_state[0]:7.3f}{by_state[1]:7.3f}{mean:7.3f}")
    return "\n".join(lines)


def identity_table(accuracies: Sequence[float]) -> str:
    """Return what the identity start changes, under rule "own" and an even prior.

    "wrong" is the probability of a wrong cascade, "reads" the readings that count, and "admits" the error
    that the public belief admits when it freezes.

    >>> print(identity_table((0.7,)))
      p  update    wrong  reads  admits
    0.7  Bayes     0.155    3.4   0.155
    0.7  identity  0.033    9.3   0.255
    """
    lines = ["  p  update    wrong  reads  admits"]
    for p in accuracies:
        for update, name in zip(UPDATES, ("Bayes", "identity"), strict=True):
            model = row(p, tie="own", update=update)
            belief = np.array(EVEN)
            while not model.is_cascade(belief):
                belief = model.public_update(belief, 1)
            reads = agents_that_count(model, 0.5, 400)[0]
            lines.append(f"{p:.1f}  {name:8}{wrong(model, 0.5, 400):7.3f}{reads:7.1f}{belief[0]:8.3f}")
    return "\n".join(lines)


def general_table() -> str:
    """Return the law of the chapter's asymmetric example with three observations.

    >>> print(general_table())
    state    on 0    on 1  readings
        0  0.9049  0.0951     2.597
        1  0.3231  0.6769     2.975
    agents: 50, beliefs met: 2211
    error at most 2e-12
    """
    model = SocialLearning(GENERAL, ((0.0, 1.4), (1.0, 0.0)))
    law = model.exact((0.55, 0.45), 50)
    lines = ["state    on 0    on 1  readings"]
    for x in (0, 1):
        on_0, on_1 = law.p_cascade_on[-1, x]
        lines.append(f"{x:5d}{on_0:8.4f}{on_1:8.4f}{(1 - law.p_cascade_by[:, x]).sum():10.3f}")
    lines += [f"agents: 50, beliefs met: {law.n_points}", f"error at most {law.error_bound:.0e}"]
    return "\n".join(lines)


def better_sensor_table(q: float = 2 / 9) -> str:
    """Return what a finer sensor does to agent 0 and to the row, for the prior (1 - q, q).

    >>> print(better_sensor_table())
    sensor         agent 0     row
    three answers   0.1889  0.1349
    two merged      0.2000  0.0899
    """
    lines = ["sensor         agent 0     row"]
    for name, table in (("three answers", FINE), ("two merged", COARSE)):
        law = tracking(table).exact((1 - q, q), MANY)
        alone, crowd = (np.array([1 - q, q]) @ law.p_wrong_action[k] for k in (0, -1))
        lines.append(f"{name:13}{alone:9.4f}{crowd:8.4f}")
    return "\n".join(lines)


def gaussian_table(agents: Sequence[int]) -> str:
    """Return the errors of some agents with Gaussian readings, and with signs of readings (rule "low").

    >>> print(gaussian_table((0, 1, 9)))
    agent  Gaussian    sign
        0    0.1587  0.1587
        1    0.0969  0.1587
        9    0.0144  0.1061
    """
    unbounded = gaussian_errors(1.0, max(agents) + 1)
    sign = tracking(cut(2, 1.0)).exact(EVEN, max(agents) + 1).p_wrong_action.mean(axis=1)
    lines = ["agent  Gaussian    sign"]
    return "\n".join(lines + [f"{k:5d}{unbounded[k]:10.4f}{sign[k]:8.4f}" for k in agents])
