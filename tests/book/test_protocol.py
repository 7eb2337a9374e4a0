"""The chapter on the protocol: every number that its prose prints, its exercises, its explorers."""

import itertools
from math import log

import numpy as np
import pytest

from llma import bayes, experiments
from llma.explorers import protocol
from llma.social import SocialLearning
from tests.book.passages import cell, passage, printed

EVEN = np.array([0.5, 0.5])


def belief(q):
    return np.array([1 - q, q])


def test_the_story():
    run = protocol.replay(protocol.kettle(), EVEN, protocol.STORY)
    assert run.actions == (1,) * 6
    assert run.cascade == (False, False, True, True, True, True)
    public = bayes.filter_path(EVEN, protocol.sensor(0.7), protocol.STORY)[-1, 1]
    printed(
        "protocol-story",
        "| its review | " + " | ".join(("bad", "good")[y] for y in protocol.STORY) + " |",
        f"rises to {run.beliefs[1]:.3f}. Agent 1 does the same, and it rises to {run.beliefs[2]:.3f}",
        f"It still ends at {run.private[2]:.3f}",
        f"the belief would be {public:.3f}",
        "observations=(1, 1, 0, 0, 0, 0)",
    )


def test_martingale_section_settles_where_it_says():
    run = protocol.replay(protocol.kettle(), EVEN, protocol.STORY)
    printed("protocol-martingale-section", f"In the story they settle at {run.beliefs[-1]:.3f}.")


def test_martingale_section_bound_on_being_misled():
    r = protocol.replay(protocol.kettle(), EVEN, (1, 1)).beliefs[-1]
    law = protocol.kettle().exact(EVEN, n_agents=80)
    exact = law.p_wrong_cascade_by[-1, 0]
    assert exact == pytest.approx(0.3**2 / (1 - 0.7 * 0.3), abs=1e-12)
    assert exact <= (1 - r) / r
    printed(
        "protocol-martingale-section",
        f"ever reaches {r:.3f} is at most {(1 - r) / r:.3f}",
        f"exact value in the story's model is {exact:.3f}",
    )


def test_martingale_section_zero_in_the_likelihood():
    likelihood = np.array([[0.7, 0.3, 0.0], [0.2, 0.5, 0.3]])
    odds = 1.0
    mean = sum(p * odds * q / p for p, q in likelihood.T if p > 0)
    assert mean == pytest.approx(0.7)
    printed("protocol-martingale-section", "$E_0[o_1]=o_0\\,(0.2+0.5)=0.7\\,o_0$")


def test_monotone_section_counterexample():
    means = protocol.flag_means(0.0, 0.0)
    printed(
        "protocol-monotone-section",
        ".3&.1&.6\\\\ .2&.6&.2\\\\ .1&.45&.45",
        f"{means[0]:.3f} after flag 0, {means[1]:.3f} after flag 1 and {means[2]:.3f} after flag 2",
    )
    assert protocol.NOT_TP2 == ((0.3, 0.1, 0.6), (0.2, 0.6, 0.2), (0.1, 0.45, 0.45))
    cost = np.column_stack([np.arange(3) - 1.0, np.zeros(3)])
    model = SocialLearning(np.array(protocol.NOT_TP2), cost)
    assert [int(model.action(np.ones(3) / 3, y)) for y in range(3)] == [0, 1, 0]


@pytest.mark.parametrize("accuracy", [0.6, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("kappa", [0.5, 1.0])
def test_closed_form_section_region(accuracy, kappa):
    model = protocol.kettle(accuracy, kappa)
    low, high = protocol.learning_ends(accuracy, kappa)
    region = model.cascade_region()
    assert (region.lower, region.upper) == pytest.approx((low, high), abs=1e-12)
    for q in np.linspace(0.001, 0.999, 333):
        assert (not model.is_cascade(belief(q))) == (low < q <= high)


def test_closed_form_section_end_points():
    text = passage("protocol-closed-form")
    word = {True: "cascade on", False: "still learning"}
    for tie in ("low", "own", "coin"):
        model = protocol.kettle(tie=tie)
        left, right = (bool(model.is_cascade(belief(q))) for q in (0.3, 0.7))
        name = "low" if tie == "low" else "own, coin"
        assert (
            f"| {name} | {word[left]}{' 0' if left else ''} | {word[right]}{' 1' if right else ''} |" in text
        )
    model = protocol.kettle(tie="follow")
    for u in (1, 0):
        left, right = (bool(model.is_cascade(belief(q), previous=u)) for q in (0.3, 0.7))
        row = f"{word[left]}{' 0' if left else ''} | {word[right]}{' 1' if right else ''}"
        assert f"| follow, after $u={u}$ | {row} |" in text


def test_closed_form_section_direction():
    rng = np.random.default_rng(0)
    moved = 0
    for _ in range(200):
        likelihood = rng.dirichlet(np.ones(4), size=2)
        model = SocialLearning(likelihood, np.array(protocol.costs(rng.uniform(0.3, 3))))
        q = rng.uniform(0.05, 0.95)
        if not model.is_cascade(belief(q)):
            down, up = (model.public_update(belief(q), u)[1] for u in (0, 1))
            assert down < q < up
            moved += 1
    assert moved > 50


def test_explorer_section_what_you_should_have_seen():
    def first_cascade(tie, ys):
        run = protocol.replay(protocol.kettle(tie=tie), EVEN, ys)
        return run.cascade.index(True), run.actions[-1]

    printed("protocol-explorers", "Under *low* a single", "under *own* it takes two")
    assert first_cascade("low", (0, 1, 1, 1)) == (1, 0)
    assert first_cascade("own", (0, 0, 1, 1)) == (2, 0)
    for ys in itertools.product((0, 1), repeat=4):
        assert first_cascade("follow", ys) == (1, ys[0])
    repairs = np.linspace(0, 1, 21)
    in_order = [bool(np.all(np.diff(protocol.flag_means(t, 0.0)) >= 0)) for t in repairs]
    tp2 = [bayes.is_tp2(protocol.repaired(t)) for t in repairs]
    assert in_order.index(True) < tp2.index(True)
    printed("protocol-explorers", "The means come into order before the matrix is TP2.")


def test_value_section_table():
    table = protocol.crowd(protocol.kettle(), EVEN, 8)
    printed(
        "protocol-value-section",
        f"errs with probability {table[-1].error:.3f}. It would be {table[-1].error_all:.3f}",
        "n_agents=8",
    )
    for earlier, later in itertools.pairwise(table):
        assert later.error <= earlier.error + 1e-12
    for row in table:
        assert row.heard <= row.seen + 1e-12
        assert row.error_all <= row.error + 1e-12


def test_value_section_error_agrees_with_the_exact_law():
    # In a cascade an agent errs if the cascade is wrong, before one it errs like a reader of one review.
    law = protocol.kettle(tie="own").exact(EVEN, n_agents=9)
    free = 1 - law.p_cascade_by[-1].mean()
    error = protocol.crowd(protocol.kettle(tie="own"), EVEN, 9)[-1].error
    assert error == pytest.approx(law.p_wrong_cascade_by[-1].mean() + 0.3 * free, abs=1e-12)


def test_assumption_tie_rule():
    coin, own = (protocol.kettle(tie=tie) for tie in ("coin", "own"))
    after = coin.public_update(belief(0.7), 1)[1]
    assert coin.public_likelihood(belief(0.7))[:, 1] == pytest.approx([0.65, 0.85])
    printed(
        "protocol-assumptions",
        f"break ties with *own*, the belief is {own.public_update(belief(0.7), 1)[1]:.3f}",
        f"The correct belief is {after:.3f}.",
    )
    with pytest.raises(ValueError, match="action 0 has probability 0"):
        protocol.kettle(tie="follow").public_update(belief(0.7), 0, previous=1)


def test_assumption_common_costs():
    careful, others = protocol.kettle(kappa=3.0), protocol.kettle()
    assert careful.is_cascade(EVEN)
    assert careful.action(EVEN, 1) == 0
    misread = others.public_update(EVEN, 0)
    assert others.is_cascade(misread)
    printed("protocol-assumptions", "the correct belief stays 0.5", f"go to {misread[1]:.1f}.")


def test_assumption_independence():
    odds = (0.7 / 0.3) ** 5
    printed(
        "protocol-assumptions",
        f"\\approx{odds:.1f}$ and the belief {odds / (1 + odds):.3f}",
        f"nearer to {odds / (1 + odds):.3f} or to {protocol.copied_belief(5, 1.0, 0.7):.2f}?",
        f"at $s=0.3$ it is {protocol.copied_belief(5, 0.3, 0.7):.3f}",
    )
    path = [protocol.copied_belief(n, 0.3, 0.7) for n in range(1, 40)]
    top = int(np.argmax(path))
    assert 0 < top < 9, "it turns within the explorer's range"
    assert np.all(np.diff(path[: top + 1]) > 0)
    assert np.all(np.diff(path[top:]) < 0)
    assert path[-1] == pytest.approx(0.7, abs=1e-4)
    assert path[4] - 0.7 < odds / (1 + odds) - path[4]


@pytest.mark.parametrize(
    ("up", "down", "ends", "words"),
    [
        (0.05, 0.05, True, "After 7 agents the belief is 0.309"),
        (0.01, 0.19, False, "The belief falls to 0.05 and stays."),
    ],
)
def test_assumption_static_state(up, down, ends, words):
    model, q = protocol.kettle(), 0.1
    transition = np.array([[1 - up, up], [down, 1 - down]])
    mean, rate = up / (up + down), 1 - up - down
    path = [q]
    while len(path) < 200 and model.is_cascade(belief(path[-1])):
        path.append(bayes.predict(belief(path[-1]), transition)[1])
    assert path == pytest.approx([mean + rate**k * (q - mean) for k in range(len(path))])
    assert (len(path) < 200) == ends
    printed("protocol-assumptions", words)
    if ends:
        assert (len(path) - 1, round(path[-1], 3)) == (7, 0.309)
    else:
        assert path[-1] == pytest.approx(0.05)


def test_exercise_walk_by_hand():
    low, own = (protocol.replay(protocol.kettle(tie=tie), EVEN, (0, 1, 1, 1, 1)) for tie in ("low", "own"))
    assert low.actions == (0, 0, 0, 0, 0)
    assert own.actions == (0, 1, 1, 1, 1)
    assert own.cascade[4]
    printed("protocol-exercises", f"$q$ stays {low.beliefs[-1]:.3f}", f"final belief {own.beliefs[-1]:.3f}")


def test_exercise_who_herds_at_once():
    assert protocol.learning_ends(0.8, 2.0) == pytest.approx((1 / 3, 8 / 9))
    printed("protocol-exercises", "a cascade on 0 for $q_0<1/3$ and on 1 for $q_0>8/9$")


def test_exercise_coarser_flags():
    matrix = np.array([[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]])
    printed("protocol-exercises", "Rows $(.6,.3,.1)$, $(.3,.4,.3)$, $(.1,.3,.6)$ are TP2.")
    assert bayes.is_tp2(matrix)
    assert bayes.is_tp2(bayes.merge_observations(matrix, [[0, 1], [2]]))
    merged = bayes.merge_observations(matrix, [[0, 2], [1]])
    assert not bayes.is_tp2(merged)
    assert not bayes.is_tp2(merged[:, ::-1])


@pytest.mark.parametrize("p", [0.6, 0.7, 0.9])
def test_exercise_sharp_bound(p):
    law = protocol.kettle(p, tie="own").exact(EVEN, n_agents=400)
    r = p**2 / (p**2 + (1 - p) ** 2)
    assert law.p_wrong_cascade_by[-1, 0] == pytest.approx(1 - r, abs=1e-9)
    if p == 0.7:
        printed("protocol-exercises", f"exact {1 - r:.3f}, bound {(1 - r) / r:.3f}")


def test_crowd_information_is_that_of_one_review_for_the_first_agent():
    (row,) = protocol.crowd(protocol.kettle(), EVEN, 1)
    expected = log(2) + 0.7 * log(0.7) + 0.3 * log(0.3)
    assert row.heard == pytest.approx(expected, abs=1e-12)
    assert row.seen == pytest.approx(float(experiments.information(EVEN, protocol.sensor(0.7))), abs=1e-12)


@pytest.mark.parametrize("name", ["belief_walk", "decision_map", "flag_repair", "copies"])
def test_explorers_evaluate_everywhere(name):
    explorer = getattr(protocol, name)()
    assert explorer.settings <= 2_000
    for setting in itertools.islice(explorer.grid(), 0, None, 7):
        rows = explorer.table(**setting)
        numbers = [v for row in rows for v in row.values() if isinstance(v, float)]
        assert np.isfinite(numbers).all()


def test_belief_walk_shows_the_story():
    explorer = protocol.belief_walk()
    shown = explorer.readouts(**explorer.start)
    assert shown["cascade from agent"] == "2"
    assert shown["public belief at the end"] == "0.845"
    walk = [row["belief"] for row in explorer.table(**explorer.start)]
    assert walk[:7] == pytest.approx(protocol.replay(protocol.kettle(), EVEN, protocol.STORY).beliefs)


def finished(identity, namespace):
    exec(cell("protocol", identity), namespace)


@pytest.fixture(scope="module")
def cells_run_once():
    namespace = {}
    for identity in ("imports", "theorem-posterior-check", "theorem-monotone-check", "search-run"):
        finished(identity, namespace)
    finished("theorem-region-check", namespace)
    return namespace


@pytest.fixture
def notebook(cells_run_once):
    return dict(cells_run_once)


@pytest.mark.parametrize("name", ["update", "herd", "tp2"])
def test_unfinished_exercises_say_so(notebook, capsys, name):
    finished("exercise-update" if name == "update" else f"exercise-{name}-answer", notebook)
    capsys.readouterr()
    finished(f"exercise-{name}-check", notebook)
    assert capsys.readouterr().out == "finish the cell above\n"


UPDATE = """
def update(q, u, p):
    if not 1 - p - 1e-9 <= q <= p + 1e-9:
        return q
    odds = q / (1 - q) * (p / (1 - p)) ** (1 if u == 1 else -1)
    return odds / (1 + odds)
"""


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("update", UPDATE),
        ("herd", "accuracy, kappa = 0.8, 5.0"),
        ("tp2", "candidate = [[0.5, 0.2, 0.3], [0.3, 0.5, 0.2], [0.1, 0.3, 0.6]]"),
    ],
)
def test_right_answers_pass(notebook, capsys, name, answer):
    exec(answer, notebook)
    finished(f"exercise-{name}-check", notebook)
    assert "well done" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "answer", "complaint"),
    [
        ("update", UPDATE.replace("1e-9", "0"), "own way"),
        ("update", "def update(q, u, p): return q + 0.1 * (2 * u - 1)", "the belief"),
        ("herd", "accuracy, kappa = 0.8, 1.0", "still listens"),
        ("herd", "accuracy, kappa = 0.8, 0.2", "on 1"),
        ("tp2", "candidate = [[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]", "is TP2"),
        ("tp2", "candidate = protocol.NOT_TP2", "actions fall"),
    ],
)
def test_wrong_answers_are_told_why(notebook, name, answer, complaint):
    exec(answer, notebook)
    with pytest.raises(AssertionError, match=complaint):
        finished(f"exercise-{name}-check", notebook)
