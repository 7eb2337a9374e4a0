"""The tables of the chapter as text, one function a table."""

from __future__ import annotations

from collections.abc import Sequence

from llma.explorers.private.laws import EVEN, copies, ends_wrong, errors, forced_wrong, policy, row
from llma.explorers.readings import symmetric
from llma.private_observations import Crowd, binary_channel
from llma.private_observations import closed_forms as forms
from llma.social import TIE_RULES


def story_table(n_agents: int) -> str:
    """Return how the row of the story fares under four proposals (accuracy 0.7, rule "own").

    >>> print(story_table(200))
    proposal        ends wrong  errors
    as it is            0.1552    31.5
    two readings        0.1236    25.1
    the first 5         0.0992    21.0
    one in fifty        0.0617    21.2
    noise 0.2           0.2731    54.7
    """
    rows = {
        "as it is": policy("nobody", 0, n_agents),
        "two readings": Crowd(row(0.7, 2)).exact(EVEN, n_agents, prune=1e-13),
        "the first 5": policy("first K", 5, n_agents),
        "one in fifty": policy("share ε", 0.02, n_agents),
        "noise 0.2": Crowd(row(0.7), binary_channel(0.2)).exact(EVEN, n_agents),
    }
    lines = ["proposal        ends wrong  errors"]
    for name, law in rows.items():
        lines.append(f"{name:16}{ends_wrong(law):10.4f}{errors(law)[-1]:8.1f}")
    return "\n".join(lines)


def readings_table(accuracy: float, numbers: Sequence[int] = (1, 2, 3, 4), n_agents: int = 120) -> str:
    """Return the probability of a wrong cascade for m readings an agent, under each tie rule.

    >>> print(readings_table(0.7, (1, 2)))
    m    low    own   coin  follow  bound
    1  0.247  0.155  0.247   0.300  0.300
    2  0.124  0.124  0.119   0.152  0.155
    """
    lines = ["m    low    own   coin  follow  bound"]
    for m in numbers:
        low, own, coin, follow = (
            ends_wrong(row(accuracy, m, tie).exact(EVEN, n_agents, prune=1e-10)) for tie in TIE_RULES
        )
        bound = float(forms.wrong_bounds(accuracy, m)[1])
        lines.append(f"{m}{low:7.3f}{own:7.3f}{coin:7.3f}{follow:8.3f}{bound:7.3f}")
    return "\n".join(lines)


def forced_table(accuracy: float, numbers: Sequence[int] = (0, 1, 2, 3, 4, 5, 10, 20, 40)) -> str:
    """Return the probability of a wrong cascade after K forced reveals, "own" and "coin", and the bound.

    >>> print(forced_table(0.7, (0, 2, 3)))
    K      own    coin  bound
     0  0.1552  0.2468  0.500
     2  0.1552  0.1937  0.420
     3  0.1248  0.1825  0.385
    """
    lines = ["K      own    coin  bound"]
    beta = forms.bhattacharyya(symmetric(accuracy))
    for n in numbers:
        own, coin = (float(forced_wrong(accuracy, n, tie)) for tie in ("own", "coin"))
        lines.append(f"{n:2d}{own:8.4f}{coin:8.4f}{0.5 * beta**n:7.3f}")
    return "\n".join(lines)


def reveal_table(chances: Sequence[float] = (0.0, 0.02, 0.1), agents: Sequence[int] = (20, 100, 400)) -> str:
    """Return the probability that agent k stands before a wrong cascade, for each chance of a reveal.

    >>> print(reveal_table((0.0, 0.1), (20, 100)))
    chance  k = 20  k = 100
    0.00    0.1551   0.1552
    0.10    0.0939   0.0254
    """
    lines = ["chance" + "".join(f"{f'k = {k}':>{9 if k > 99 else 8}}" for k in agents)]
    for chance in chances:
        wrong = policy("share ε", chance, max(agents) + 1).p_wrong_cascade_by.mean(axis=1)
        cells = "".join(f"{wrong[k]:{9 if k > 99 else 8}.4f}" for k in agents)
        lines.append(f"{chance:.2f}  {cells}")
    return "\n".join(lines)


def policy_table(
    policies: Sequence[tuple[str, float]], n_agents: int = 1000, marks: Sequence[int] = (10, 100, 1000)
) -> str:
    """Return the expected number of wrong actions among the first agents under several policies.

    >>> print(policy_table((("nobody", 0), ("first K", 15)), 100, (10, 100)))
    who reveals       10     100
    nobody           2.0    16.0
    first K 15       3.0     7.4
    """
    lines = ["who reveals " + "".join(f"{n:8d}" for n in marks)]
    for name, amount in policies:
        total = errors(policy(name, amount, n_agents))
        label = name if name == "nobody" else f"{name} {amount:g}"
        lines.append(f"{label:12}" + "".join(f"{total[n - 1]:8.1f}" for n in marks))
    return "\n".join(lines)


def noise_table(accuracy: float, noises: Sequence[float]) -> str:
    """Return lead, probability of a wrong cascade and mean cascade time under noisy publication ("own").

    >>> print(noise_table(0.7, (0.0, 0.239, 0.2395)))
    noise   lead   wrong  mean τ
    0.0000     2  0.1552    3.45
    0.2390     2  0.2999    3.83
    0.2395     3  0.2194    8.08
    """
    lines = ["noise   lead   wrong  mean τ"]
    for d in noises:
        lead, wrong = forms.lead_of_noise(accuracy, d), forms.wrong_after_noise(accuracy, d)
        lines.append(f"{d:.4f}{int(lead):6d}{wrong:8.4f}{forms.agents_after_noise(accuracy, d):8.2f}")
    return "\n".join(lines)


def copies_table(accuracy: float, numbers: Sequence[int] = (1, 2, 3), n_agents: int = 60) -> str:
    """Return what m answers promise if they are independent, and what m copies of one answer do ("own").

    >>> print(copies_table(0.7, (1, 3), 40))
            agent 0        row
    m   claims  does  claims  does
    1    0.300 0.300   0.155 0.155
    3    0.216 0.300   0.054 0.030
    """
    lines = ["        agent 0        row", "m   claims  does  claims  does"]
    for m in numbers:
        crowd = Crowd(row(accuracy, m))
        claim = crowd.exact(EVEN, n_agents, prune=1e-9)
        fact = crowd.exact(EVEN, n_agents, truth=copies(accuracy, m, 1.0), prune=1e-9)
        first = [float(law.p_wrong_action[0].mean()) for law in (claim, fact)]
        lines.append(f"{m}{first[0]:9.3f}{first[1]:6.3f}{ends_wrong(claim):8.3f}{ends_wrong(fact):6.3f}")
    return "\n".join(lines)
