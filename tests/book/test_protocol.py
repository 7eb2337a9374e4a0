"""The chapter on the protocol: every number that its prose prints, its exercises, its explorers."""

import itertools
from math import log

import numpy as np
import pytest

from llma import bayes, experiments
from llma.explorers import protocol
from llma.social import SocialLearning
from tests.book import browser, exercises
from tests.book.passages import ROOT, passage, printed

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
        "| reads | " + " | ".join(("bad", "good")[y] for y in protocol.STORY) + " |",
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
    assert r == pytest.approx(49 / 58, abs=1e-12)
    low, own = (
        protocol.kettle(tie=tie).exact(EVEN, n_agents=200).p_wrong_cascade_by[-1, 0] for tie in ("low", "own")
    )
    assert low == pytest.approx(0.09 / 0.79, abs=1e-12)
    assert max(low, own) <= (1 - r) / r
    printed(
        "protocol-martingale-section",
        f"$r=49/58\\approx{r:.3f}$",
        f"at most $9/49\\approx{(1 - r) / r:.3f}$",
        f"Under *low* it is {low:.3f}",
        f"Under *own* it is {own:.3f}",
        "so $h=0.09/0.79$",
    )


@pytest.mark.parametrize("tie", ["low", "own"])
def test_martingale_section_average_steps(tie):
    model = protocol.kettle(tie=tie)
    chance = model.public_likelihood(belief(0.7))  # (X, U)
    down, up = (model.public_update(belief(0.7), u)[1] for u in (0, 1))
    rise = float(belief(0.7) @ chance[:, 1])
    assert rise * up + (1 - rise) * down == pytest.approx(0.7)
    insider = chance[0] @ [down, up]
    even = model.public_likelihood(EVEN)[0]
    after = np.array([model.public_update(EVEN, u)[1] for u in (0, 1)])
    assert even @ (after / (1 - after)) == pytest.approx(1)
    printed(
        "protocol-martingale-section",
        f"rises to {up:.3f} with probability {rise:.2f}, and falls to {down:.1f}, by more, "
        f"with probability {1 - rise:.2f}",
        f"below, at {insider:.3f}",
        f"goes to {after[1]:.1f} or to {after[0]:.1f}, on average to {even @ after:.2f}",
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
    matrix = np.array(protocol.NOT_TP2)
    assert matrix[0, 0] * matrix[1, 2] < matrix[0, 2] * matrix[1, 0]
    printed("protocol-monotone-section", "$.3\\cdot.2<.6\\cdot.2$")
    for order in itertools.permutations(range(3)):
        assert not bayes.is_tp2(matrix[:, list(order)])


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


@pytest.mark.parametrize("swapped", [False, True])
def test_closed_form_section_own_speaks_for_a_state(swapped):
    # The names of the two signals play no part: the table holds for either order of the columns.
    likelihood = np.array(protocol.sensor(0.7))[:, :: -1 if swapped else 1]
    region = SocialLearning(likelihood, np.array(protocol.costs(1.0)), tie="own").cascade_region()
    assert (region.lower_closed, region.upper_closed) == (True, True)


def test_definitions_section_a_cascade_freezes_belief_and_action():
    for tie in ("low", "own", "follow"):
        model = protocol.kettle(tie=tie)
        for q, previous in itertools.product((0.1, 0.3, 0.7, 0.9), (0, 1)):
            if model.is_cascade(belief(q), previous=previous):
                u = int(model.action(belief(q), 0, previous=previous))
                assert model.public_update(belief(q), u, previous=previous)[1] == pytest.approx(q, abs=1e-12)
                assert model.is_cascade(belief(q), previous=u)
                assert int(model.action(belief(q), 1, previous=u)) == u


def test_explorer_section_what_you_should_have_seen():
    def first_cascade(tie, ys):
        run = protocol.replay(protocol.kettle(tie=tie), EVEN, ys)
        return run.cascade.index(True), run.actions[-1]

    printed("protocol-explorers", "Under *low* a single", "under *own* it takes two")
    assert first_cascade("low", (0, 1, 1, 1)) == (1, 0)
    assert first_cascade("own", (0, 0, 1, 1)) == (2, 0)
    for ys in itertools.product((0, 1), repeat=4):
        assert first_cascade("follow", ys) == (1, ys[0])
    for ys in itertools.product((0, 1), repeat=6):
        for tie in ("low", "own", "follow"):
            said = {
                protocol.replay(protocol.kettle(p, tie=tie), EVEN, ys).actions for p in protocol.ACCURACIES
            }
            assert len(said) == 1, "the accuracy never changes who says what"
    good, bad = (protocol.replay(protocol.kettle(), EVEN, (1, 0, 1, y, 0, 0)).beliefs for y in (1, 0))
    printed(
        "protocol-explorers",
        f"cascade on 1, at {good[-1]:.3f}",
        f"back to {bad[4]:.3f}, and a second one makes it {bad[5]:.3f}",
    )


def test_explorer_section_width_of_the_region():
    wide, narrow = (np.subtract(*protocol.learning_ends(0.75, kappa)[::-1]) for kappa in (1.0, 0.25))
    printed("protocol-explorers", f"from {wide:.3f} ($\\kappa=1$) to {narrow:.3f} ($\\kappa=0.25$)")


def test_explorer_section_repair():
    explorer = protocol.flag_repair()
    repairs = np.linspace(0, 1, 21).tolist()

    def first(tilt, ordered):
        marks = [ordered(explorer.readouts(repair=r, tilt=tilt)) for r in repairs]
        assert all(marks[marks.index(True) :])
        return repairs[marks.index(True)]

    def actions(shown):
        said = shown["recommends after flags 0, 1, 2"].split(", ")
        return said == sorted(said)

    def means(shown):
        return shown["means in order"] == "yes"

    printed(
        "protocol-explorers",
        f"in order from repair {first(0.0, actions):.2f} on, the means from {first(0.0, means):.2f}",
        f"TP2 only from {first(0.0, lambda shown: shown['TP2'] == 'yes'):.2f}",
        f"at tilt $-2$ the means are in order from {first(-2.0, means):.2f} on only",
        ".6&.3&.1\\\\ .3&.4&.3\\\\ .1&.3&.6",
    )
    assert first(1.5, means) == 0
    assert protocol.flag_means(1.0, 0.0)[1] == pytest.approx(1)


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
    eager = protocol.kettle(kappa=0.5)
    assert others.is_cascade(belief(0.2))
    assert not eager.is_cascade(belief(0.2))
    region = eager.cascade_region()
    printed("protocol-assumptions", f"runs from {region.lower:.3f} to {region.upper:.3f}")


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
    assert top + 1 == 3
    printed("protocol-assumptions", f"It rises to {path[top]:.3f} at three answers")
    assert 0 < top < 9, "it turns within the explorer's range"
    assert np.all(np.diff(path[: top + 1]) > 0)
    assert np.all(np.diff(path[top:]) < 0)
    assert path[-1] == pytest.approx(0.7, abs=1e-4)
    assert path[4] - 0.7 < odds / (1 + odds) - path[4]


@pytest.mark.parametrize(
    ("up", "down", "ends", "words"),
    [
        (0.05, 0.05, True, "Seven agents act in the cascade. The eighth has the belief 0.309"),
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


def test_exercise_how_long_a_cascade_lasts():
    path = [0.1]
    while protocol.kettle().is_cascade(belief(path[-1])):
        path.append(bayes.predict(belief(path[-1]), np.array([[0.9, 0.1], [0.1, 0.9]]))[1])
    assert len(path) == 5
    printed("protocol-exercises", f"first for $n=4$, at {path[-1]:.3f}.", "Four agents act in the cascade")
    q = 0.9
    for _ in range(100):
        assert protocol.kettle().is_cascade(belief(q))
        q = bayes.predict(belief(q), np.array([[0.81, 0.19], [0.01, 0.99]]))[1]
    assert q == pytest.approx(0.95)
    printed("protocol-exercises", "$\\bar q=0.95>0.7$")


@pytest.mark.parametrize("kappa", [0.5, 2.0])
def test_moving_state_can_leave_a_cascade_by_a_jump(kappa):
    # A negative rate: part 2 of the proposition does not hold.
    low, _ = protocol.learning_ends(0.7, kappa)
    up, down = 0.95 * low / (1 - 0.95 * low), 1.0
    assert up / (up + down) < low
    jumped = bayes.predict(belief(0.001), np.array([[1 - up, up], [down, 1 - down]]))[1]
    assert jumped > low


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
    exercises.evaluate_grid(getattr(protocol, name)(), every=7)


def test_belief_walk_shows_the_story():
    explorer = protocol.belief_walk()
    shown = explorer.readouts(**explorer.start)
    assert shown["cascade from agent"] == "2"
    assert shown["public belief at the end"] == "0.845"
    walk = [row["belief"] for row in explorer.table(**explorer.start)]
    assert walk[:7] == pytest.approx(protocol.replay(protocol.kettle(), EVEN, protocol.STORY).beliefs)


def printed_solution(number):
    page = (ROOT / "book" / "protocol.md").read_text()
    _, _, rest = page.partition(f"Solution of the notebook's exercise {number}\n")
    return rest.partition("```python\n")[2].partition("```")[0]


# However well the model reads: two texts that it recommends most, then the four that it recommends least.
TEXTS = """
chances = reader.probabilities(sample.texts, question)[:, 0]
ranked = [sample.texts[k] for k in np.argsort(-chances, kind="stable")]
my_texts = [*ranked[:2], *ranked[-4:]]
"""

UPDATE = """
def update(q, u, p):
    if not 1 - p - 1e-9 <= q <= p + 1e-9:
        return q
    odds = q / (1 - q) * (p / (1 - p)) ** (1 if u == 1 else -1)
    return odds / (1 + odds)
"""


class TestExercises(exercises.Exercises):
    slug = "protocol"
    before = (
        "imports",
        "library-model",
        "theorem-posterior-check",
        "theorem-martingale-exact",
        "misled-check",
        "theorem-monotone-check",
        "search-run",
        "theorem-region-check",
        "real-sense",
        "real-likelihood",
        "real-protocol",
    )
    once = True
    right = (
        ("update", UPDATE),
        ("update", printed_solution(1)),
        ("herd", printed_solution(2)),
        ("tp2", printed_solution(3)),
        ("tp2", "candidate = [[0.5, 0.2, 0.3], [0.3, 0.5, 0.2], [0.1, 0.3, 0.6]]"),
        ("texts", TEXTS),
    )
    wrong = (
        ("update", UPDATE.replace("1e-9", "0"), "own way"),
        ("update", UPDATE.replace("return q\n", "return q + 0.01 * (u == (q > 0.5))\n"), "the belief stays"),
        ("update", "def update(q, u, p): return q + 0.1 * (2 * u - 1)", "the belief"),
        ("herd", "accuracy, kappa = 0.8, 1.0", "still listens"),
        ("herd", "accuracy, kappa = 0.8, 0.2", "on 1"),
        ("tp2", "candidate = [[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]]", "is TP2"),
        ("tp2", "candidate = protocol.NOT_TP2", "actions fall"),
        ("texts", TEXTS + "my_texts = my_texts[:5]", "six reviews"),
        ("texts", TEXTS + "my_texts = my_texts[::-1]", "not everybody"),
        ("texts", TEXTS + "my_texts = ranked[:6]", "more than two"),
    )


@pytest.mark.site
def test_explorers_in_a_browser():
    made = [protocol.belief_walk(), protocol.decision_map(), protocol.flag_repair(), protocol.copies()]
    browser.check_page("book/protocol", made)
    browser.check_page("notebooks/protocol", made)
