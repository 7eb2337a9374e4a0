"""The chapter on who sees whom: every number its prose prints, its theorems, its exercises, its explorers."""

import itertools
from fractions import Fraction as F
from math import ceil, log, sqrt

import numpy as np
import pytest

from llma import networks as library
from llma.explorers import networks
from llma.networks import Network, NetworkLearning, cascade_length, gaussian_line, symmetric_error
from llma.social import SocialLearning
from tests.book import browser, exercises
from tests.book.passages import ROOT, passage, printed

EVEN, LEAN = [0.5, 0.5], [0.45, 0.55]


def law(network, accuracy=0.7, prior=LEAN, tie="low", **more):
    model = NetworkLearning(network, networks.symmetric(accuracy), networks.ERRORS, tie, **more)
    return model.exact(prior)


def linked_errors(p, q0, linked):
    """The three agents of the story with exact fractions; an even comparison would raise."""
    chance = {(y, x): p if y == x else 1 - p for y in (0, 1) for x in (0, 1)}
    prior = (1 - q0, q0)

    def better(weight):
        assert weight[0] != weight[1], "a tie"
        return int(weight[1] > weight[0])

    said, seen = {}, {}
    for y0, y1 in itertools.product((0, 1), repeat=2):
        u0 = better([prior[x] * chance[y0, x] for x in (0, 1)])
        told = [prior[x] * (chance[u0, x] if linked else 1) * chance[y1, x] for x in (0, 1)]
        said[y0, y1] = (u0, better(told))
        weight = seen.setdefault(said[y0, y1], [F(0), F(0)])
        for x in (0, 1):
            weight[x] += prior[x] * chance[y0, x] * chance[y1, x]
    wrong = [F(0)] * 3
    for y0, y1, y2 in itertools.product((0, 1), repeat=3):
        u = (*said[y0, y1], better([seen[said[y0, y1]][x] * chance[y2, x] for x in (0, 1)]))
        for x in (0, 1):
            weight = prior[x] * chance[y0, x] * chance[y1, x] * chance[y2, x]
            for n in range(3):
                wrong[n] += weight * (u[n] != x)
    return wrong


def test_the_story():
    p, q0 = F(7, 10), F(55, 100)
    before, after = linked_errors(p, q0, False), linked_errors(p, q0, True)
    np.testing.assert_allclose(law(networks.APART).error, np.array(before, dtype=float), atol=1e-15)
    np.testing.assert_allclose(law(networks.LINKED).error, np.array(after, dtype=float), atol=1e-15)
    printed(
        "networks-story",
        f"errs with probability {float(before[2])}",
        f"Agent 1 gains {float(before[1] - after[1])}",
        f"Agent 2 loses {float(after[2] - before[2])}",
        "right with probability 0.7",
        "to begin with: 0.55",
    )


@pytest.mark.parametrize("p", [F(6, 10), F(7, 10), F(9, 10)])
def test_one_link_too_many(p):
    for step in range(1, 10):
        q0 = F(1, 2) + (p - F(1, 2)) * step / 10
        before, after = linked_errors(p, q0, False), linked_errors(p, q0, True)
        assert before[1] - after[1] == p * (1 - p) * (2 * q0 - 1)
        assert after[2] - before[2] == p * (1 - p) * (p - q0)
        assert before[2] == (1 - p) ** 2 * (1 + 2 * p)
        assert (sum(after) > sum(before)) == (q0 < (1 + p) / 3)


def test_one_link_in_numbers():
    sparse, dense = networks.tell("random, sparse"), networks.tell("everybody")
    assert len(sparse.network.edges) == 20
    assert len(dense.network.edges) == 66
    printed(
        "networks-links",
        "these are 0.021 and 0.0315",
        "with all 66 links",
        f"errs with {dense.exact(LEAN).error[-1]:.3f}",
        f"with 20 links, it errs with {sparse.exact(LEAN).error[-1]:.3f}",
    )


@pytest.mark.parametrize("tie", ["low", "own", "coin", "follow"])
@pytest.mark.parametrize("p", [0.55, 0.7, 0.95])
def test_the_line(tie, p):
    error = law(library.line(20), p, EVEN, tie).error
    q = 1 - p
    limit = q * (2 - p) / (2 * (1 - p * q))
    expected = np.full(20, q) if tie != "low" else limit + (q - limit) * (p * q) ** (np.arange(20) // 2)
    np.testing.assert_allclose(error, expected, atol=1e-13)
    row = SocialLearning(networks.symmetric(p), networks.ERRORS, "low").exact(EVEN, 300)
    assert row.p_wrong_cascade_by[-1].mean() == pytest.approx(limit)


@pytest.mark.parametrize("p", [F(51, 100), F(7, 10), F(99, 100)])
def test_and_or(p):
    """The induction of the proof with exact fractions: the rules, the ties and the values."""
    q, s = 1 - p, F(0)
    yes = [F(0), F(0)]
    for n in range(16):
        chance = [(q, p), (p, q)]  # of reading 1, of reading 0 in states 0 and 1
        new = [F(0), F(0)]
        for seen in (1, 0) if n else (None,):
            for reading in (1, 0):
                weight = [
                    (1 if seen is None else yes[x] if seen else 1 - yes[x]) * chance[1 - reading][x]
                    for x in (0, 1)
                ]
                says = int(weight[1] > weight[0])
                assert says == (reading if n == 0 else (seen and reading) if n % 2 else (seen or reading))
                new = [new[x] + says * weight[x] for x in (0, 1)]
        yes = new
        if n % 2 == 0:
            s = 1 + p * q * s
            assert yes == [q * s, p * s]
        else:
            assert yes == [q * q * s, p * p * s]


@pytest.mark.parametrize("seed", range(30))
def test_when_it_is_strict(seed):
    """Overturning, on two agents: strict if and only if some reading is strong enough."""
    rng = np.random.default_rng(seed)
    sensors, regret = rng.dirichlet(2 * np.ones(3), (2, 2)), rng.uniform(0.5, 2, 2)
    prior = rng.dirichlet(3 * np.ones(2))
    cost = [[0, regret[0]], [regret[1], 0]]
    found = NetworkLearning(library.line(2), list(sensors), cost).exact(prior)
    w, alarm, miss = prior * regret, found.p_action[0, 0, 1], found.p_action[0, 1, 0]
    after_yes = w[0] * alarm * sensors[1, 0] - w[1] * (1 - miss) * sensors[1, 1]
    after_no = w[1] * miss * sensors[1, 1] - w[0] * (1 - alarm) * sensors[1, 0]
    drop = np.maximum(after_yes, 0).sum() + np.maximum(after_no, 0).sum()
    spent = found.expected_cost
    assert spent[0] - spent[1] == pytest.approx(drop, abs=1e-12)


def test_last_k_in_numbers():
    lines = networks.last_table((0, 1, 2, 3, 4)).splitlines()
    assert lines[3].split()[1] == lines[-1].split()[1]
    assert lines[4].split()[2] == lines[-1].split()[2]
    assert lines[3].split()[2] != lines[-1].split()[2]
    printed(
        "networks-bounded",
        "In these two cases it is as good for agent 59, to four digits, to see the last two, or three",
    )


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("tie", ["low", "own", "coin", "follow"])
def test_last_k_does_not_learn(k, tie):
    for prior in (EVEN, LEAN, [0.4, 0.6]):
        error = law(library.last(150, k), 0.7, prior, tie).error
        assert (np.diff(error) < 1e-9).all()
        assert error[-1] > 0.15
        assert error[-2] - error[-1] < 1e-9


def test_depth_theorem_on_a_sparse_tree():
    """Agent n sees agent n // 2 only: depth log2 n. Follow the recursion of the line down to each depth."""
    line = gaussian_line(40)
    assert (np.diff(line.mean(axis=1)) < 0).all()
    network = Network([[]] + [[n // 2] if n > 1 else [0] for n in range(1, 64)])
    assert max(network.depth) == 6
    assert network.depth[63] == 6


def test_gaussian_numbers():
    seen = networks.lines().readouts(sigma=1.0, tie="low")
    own = networks.lines().readouts(sigma=1.0, tie="own")
    printed(
        "networks-unbounded",
        f"{seen['agent 199, sees one']} against {seen['agent 199, sees all']}",
        f"at {seen['agent 199, sees one, signs only']} under *low* and at "
        f"{own['agent 199, sees one, signs only']} under *own*",
    )
    assert float(seen["agent 199, sees one"]) < 2 * float(seen["agent 199, sees all"])


@pytest.mark.parametrize("seed", range(10))
def test_guinea_pig_bound(seed):
    rng = np.random.default_rng(seed)
    n_states = int(rng.integers(2, 5))
    table = rng.dirichlet(np.ones(3), n_states)
    cost = rng.random((n_states, 3))
    cost -= cost.min(axis=1, keepdims=True)
    prior = rng.dirichlet(np.ones(n_states))
    lone = NetworkLearning(Network([[]]), table, cost).exact(prior).p_action[0]
    for g in (1, 3, 6):
        spent = NetworkLearning(Network([[]] * g + [range(g)]), table, cost).exact(prior).expected_cost[-1]
        bound = sum(
            sqrt(prior[x] * prior[z]) * np.sqrt(lone[x] * lone[z]).sum() ** g
            for x, z in itertools.combinations(range(n_states), 2)
        )
        assert spent <= cost.max() * bound + 1e-12


def test_guinea_pigs_by_enumeration():
    """The binomial formula of the explorer against the exact law, in both forms of the network."""
    pigs = [0, 1, 4, 6]
    expected, count = networks.pigs_error(0.7, lambda n: n in pigs, 9)
    assert count == 4
    np.testing.assert_allclose(law(library.guinea_pigs(9, pigs), 0.7, EVEN).error, expected, atol=1e-14)
    more = law(library.guinea_pigs(9, pigs, all_see_all=True), 0.7, EVEN).error
    assert (more <= expected + 1e-12).all()


def test_guinea_pigs_in_numbers():
    beta = 2 * sqrt(0.21)
    printed(
        "networks-pigs",
        f"At $p=0.7$ that is {beta**10 / 2:.3f} for ten guinea pigs",
        f"exact error of ten readings is {networks.all_readings(0.7, 10):.3f}",
    )
    own = SocialLearning(networks.symmetric(0.7), networks.ERRORS, "own")
    row = own.exact(EVEN, 400).p_wrong_action.mean()
    explorer = networks.guinea_pigs()
    seen = {name: explorer.readouts(pigs=name, accuracy=0.7) for name in networks.PIGS}
    last = {name: text["last agent, no guinea pig"] for name, text in seen.items()}
    mean = {name: text["average of 400 agents"] for name, text in seen.items()}
    printed(
        "networks-pigs",
        f"errs with {last['every tenth']}, against {last['the first ten']} with the first ten",
        f"the best average of the four, {mean['the squares']}",
        f"The first ten give {mean['the first ten']}, every tenth {mean['every tenth']}, 0 and the powers of "
        f"two {mean['0 and powers of two']}",
        f"the average is {seen['the squares']['average in a row of 400']} under *low*",
        f"and {row:.4f} under *own*",
    )
    assert [
        explorer.readouts(pigs=name, accuracy=0.7)["guinea pigs among 400"] for name in networks.PIGS
    ] == [
        "10",
        "40",
        "20",
        "10",
    ]
    assert explorer.readouts(pigs="every tenth", accuracy=0.9)["last agent, no guinea pig"] == "below 0.0001"
    assert min(last, key=lambda name: float(last[name])) == "every tenth"
    assert min(mean, key=lambda name: float(mean[name])) == "the squares"
    blocks = [networks.pigs_error(0.7, lambda n, g=g: n < g, 60)[0].mean() for g in range(61)]
    assert int(np.argmin(blocks)) == 14
    printed(
        "networks-exercises", f"average of {blocks[8]:.4f}", f"the first fourteen are best, {blocks[14]:.4f}"
    )
    for p, needed in ((0.7, 45), (0.9, 8)):
        beta = 2 * sqrt(p * (1 - p))
        assert ceil(log(50) / -log(beta)) == needed
        printed("networks-exercises", f"For $p={p}$, $\\beta={beta:.3g}$: {needed}")


def test_what_you_should_have_seen_of_networks():
    explorer = networks.errors()
    seen = {name: explorer.function(network=name, accuracy=0.7, prior=0.55) for name in networks.SHAPES}
    last = {name: value["agent 11, Bayes"] for name, value in seen.items()}
    mean = {name: value["average agent, Bayes"] for name, value in seen.items()}
    naive = {name: value["agent 11, naive"] for name, value in seen.items()}
    assert min(last, key=last.get) == "guinea pigs"
    assert min(mean, key=mean.get) == "celebrities and line"
    assert [name for name in naive if naive[name] > 0.3 + 1e-12] == ["line"]
    printed(
        "networks-explorers",
        f"agent 11 is best off with the guinea pigs, {last['guinea pigs']:.3f}",
        f"celebrities and line, {mean['celebrities and line']:.3f}",
        f"naive agent 11 errs with {naive['line']:.3f}",
        "On *last 2*, *last 4*, *3 celebrities* and *everybody*",
    )
    assert networks.shape("celebrities and line", 6).neighbours[3:] == ((0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 4))
    assert networks.shape("guinea pigs", 5).neighbours == ((), (0,), (), (0, 1, 2), ())
    assert {len(seen) for seen in networks.shape("much-seen seen more", 12).neighbours[2:]} == {2}
    alike = {
        name
        for name in networks.SHAPES
        if np.allclose(
            networks.tell(name).exact(LEAN).joint, networks.tell(name, kind="naive").exact(LEAN).joint
        )
    }
    assert alike == {"nobody", "last 2", "last 4", "3 celebrities", "everybody"}


def test_what_you_should_have_seen_of_a_run():
    explorer = networks.drawn()

    def wrong(network, run=1):
        return explorer.function(network=network, kind="Bayes", run=run)["wrong actions"]

    readings = explorer.function(network="line", kind="Bayes", run=1)["readings"]
    printed("networks-explorers", f"In run 1 the readings are {readings}:")
    assert [wrong("everybody"), wrong("line"), wrong("nobody"), wrong("line", 2)] == [9, 2, 3, 8]
    printed(
        "networks-explorers",
        "All nine if everybody sees everybody, two on the line, three if nobody sees anybody",
        "in run 2 the line has eight wrong agents",
    )
    every = [
        explorer.function(network=name, kind=kind, run=1)["readings"]
        for name in networks.SHAPES
        for kind in ("Bayes", "naive")
    ]
    assert set(every) == {readings}


@pytest.mark.parametrize(("p", "q0"), [(0.7, 0.55), (0.9, 0.6), (0.6, 0.52)])
def test_naive_agents_on_a_line(p, q0):
    n = np.arange(15)
    error = law(library.line(15), p, [1 - q0, q0], kind="naive").error
    formula = (1 - q0) * (1 - p ** (n + 1)) + q0 * (1 - p) ** (n + 1)
    np.testing.assert_allclose(error, formula, atol=1e-13)
    if (p, q0) == (0.7, 0.55):
        printed("networks-naive-section", f"errs with {error[2]:.4f}", f"whom it sees ({error[1]:.3f})")
        assert error[2] > max(error[1], 0.3)


def test_costs_that_differ():
    careful = [[0, 1], [1 / 3, 0]]
    model = NetworkLearning(library.line(2), networks.symmetric(0.7), [careful, networks.ERRORS])
    found = model.exact(EVEN)
    np.testing.assert_array_equal(found.p_action[0, :, 0], 1)
    assert found.error[1] == pytest.approx(0.3)
    np.testing.assert_allclose(found.expected_cost, [1 / 6, 0.3])
    printed("networks-costs", "$L_{\\max}=7/3<3$", "$V_0=\\tfrac16$", "own reading only, and $V_1=0.3$")


def test_what_you_see_may_be_old():
    chain = [[0.9, 0.1], [0.1, 0.9]]
    error = law(library.line(3), 0.7, [0.99, 0.01], transition=chain).error
    printed(
        "networks-moving",
        f"agent 0 errs with {error[0]:.3f}, agent 1 with {error[1]:.3f} and agent 2 with {error[2]:.3f}",
    )


@pytest.mark.parametrize("seed", range(8))
def test_their_action_now(seed):
    """With a moving state an agent does at least as well as with any action it sees, or its own reading."""
    rng = np.random.default_rng(seed)
    up, down, prior = rng.uniform(0, 0.5), rng.uniform(0, 0.5), rng.dirichlet(np.ones(2))
    chain = np.array([[1 - up, up], [down, 1 - down]])
    spent = law(library.line(2), 0.7, prior, transition=chain).expected_cost[1]
    table, now = networks.symmetric(0.7), prior @ chain
    said = law(library.empty(1), 0.7, prior).p_action[0]
    copying = sum(prior[x] * said[x, u] * chain[x, 1 - u] for x in (0, 1) for u in (0, 1))
    assert spent <= copying + 1e-12
    assert spent <= np.minimum(now[0] * table[0], now[1] * table[1]).sum() + 1e-12


@pytest.mark.parametrize("seed", range(8))
def test_one_who_sees_more(seed):
    """More links into one agent, all else as before, never raise its cost."""
    rng = np.random.default_rng(seed)
    table, cost, prior = rng.dirichlet(np.ones(3), 2), rng.random((2, 2)), rng.dirichlet(np.ones(2))
    network = library.random(6, 0.4, rng)
    before = NetworkLearning(network, table, cost).exact(prior).expected_cost
    for link in itertools.combinations(range(6), 2):
        if link not in network.edges:
            after = NetworkLearning(network.with_edges(link), table, cost).exact(prior).expected_cost
            assert after[link[1]] <= before[link[1]] + 1e-12


def test_when_they_disagree():
    """Linked, agent 1 follows agent 0 as often as its own review: it says yes whenever they disagree."""
    says = law(networks.LINKED).rules[1].choice.argmax(axis=2)
    assert says.tolist() == [[0, 1], [1, 1]]
    printed("networks-story", "When agent 0 and its own review disagree, agent 1 now says yes")


def test_what_you_should_have_seen_of_a_moving_state():
    explorer = networks.moving()

    def seen(up, down, accuracy):
        return explorer.function(up=up, down=down, accuracy=accuracy, start=0.1)

    words = {3: "three", 7: "Seven", 14: "fourteen"}
    lengths = [int(seen(0.05, 0.05, p)["agents in this cascade"]) for p in (0.7, 0.8, 0.6)]
    endless = seen(0.01, 0.2, 0.7)
    assert endless["agents in this cascade"] == "it never ends"
    printed(
        "networks-moving",
        f"(a) {words[lengths[0]]}.",
        f"accuracy 0.8 only {words[lengths[1]]} agents act in it; with 0.6, {words[lengths[2]]}",
        f"The long-run belief is {endless['long-run belief']:.3f}",
    )
    leap = explorer.function(up=0.7, down=0.05, accuracy=0.7, start=0.1)
    assert leap["agents in this cascade"] == "it never ends"
    assert leap["belief"][:2] == pytest.approx([0.1, 0.725])
    printed("networks-moving", "from 0.10 over the whole region to 0.725")
    printed("networks-moving", "the belief comes near that end and does not reach it")
    edge = explorer.function(up=0.1, down=0.4, accuracy=0.8, start=0.1)
    assert edge["agents in this cascade"] == "it never ends"
    short = explorer.function(up=0.4, down=0.7, accuracy=0.8, start=0.1)
    assert short["longest cascade there can be"] == "one agent"
    # The rule "low" of the other sections gives the same lengths here.
    row = SocialLearning(networks.symmetric(0.7), networks.ERRORS)
    assert cascade_length(row, [[0.95, 0.05], [0.05, 0.95]], 0.1) == lengths[0]


def test_moving_table():
    rows = [line.split() for line in networks.moving_table((0.0, 0.01, 0.02, 0.05, 0.1, 0.2)).splitlines()]
    assert rows[0] == "flips none two four eight".split()
    assert float(rows[3][3]) < float(rows[3][4])
    assert rows[6][:3] == ["0.20", "0.3000", "0.3000"]
    assert 0 < 0.3 - float(rows[6][4]) <= 0.0003
    turning = networks.moving_table((0.0, 0.5, 1.0)).splitlines()
    assert turning[1].split()[1:] == turning[3].split()[1:]
    assert set(turning[2].split()[1:]) == {"0.3000"}
    printed("networks-moving", "worth nothing to those who see two, and 0.0003 to those who see eight")
    columns = np.array([[float(value) for value in row] for row in rows[1:]])
    assert (np.diff(columns[:, 2:], axis=0) > 0).all()


def test_exercise_numbers():
    p = 0.7
    error = symmetric_error(p, 3)
    printed("networks-exercises", f"At $p=0.7$: {error[0]:.1f}, {error[1]:.1f} and {error[2]:.3f}")
    printed("networks-exercises", f"the floor is {0.09 / 0.7:.3f}; the limit under *low* is 0.247")
    assert symmetric_error(p, 60)[-1] == pytest.approx(0.247, abs=5e-4)
    a = [0.3, 0.09, 0.3 * 1.21]
    m = [0.3, 0.51, 0.09 * 1.7]
    np.testing.assert_allclose(law(library.line(3), p, EVEN).p_wrong_action, np.stack([a, m], axis=1))


@pytest.mark.parametrize("tie_cost", [[[0, 1], [1, 0]], [[1, 0], [0, 1]]])
def test_certain_readings(tie_cost):
    table = np.array([[0.5, 0.5, 0], [0, 0.5, 0.5]])
    found = NetworkLearning(library.line(12), table, tie_cost).exact(EVEN)
    np.testing.assert_allclose(found.error, 0.5 ** (np.arange(12) + 2), atol=1e-15)


def test_the_floor():
    for p in (0.55, 0.7, 0.9):
        for tie in ("low", "own", "coin", "follow"):
            assert (law(library.line(60), p, EVEN, tie).error >= (1 - p) ** 2 / p).all()


def test_depth_exercise():
    halves = Network([[]] + [[n // 2] for n in range(1, 200)])
    assert max(halves.depth) == 8
    gaps = Network([[n - 1] if n % 100 else [] for n in range(400)])
    assert max(gaps.depth) == 99
    logs = Network([range(int(np.log(n + 1)) + 1) if n >= 2 else [] for n in range(200)])
    assert logs.neighbours[199][-1] == 5
    assert passage("networks-exercises").count("d(n)") == 0


@pytest.mark.slow
def test_line_by_simulation():
    """Draw the Gaussian line from scratch and count errors."""
    rng, n_paths = np.random.default_rng(1), 400_000
    truth, said = rng.integers(0, 2, n_paths), None
    errors = gaussian_line(8)
    for n in range(8):
        reading = rng.normal(2.0 * truth - 1)
        odds = np.zeros(n_paths)
        if said is not None:
            alarm, miss = errors[n - 1]
            odds = np.where(said == 1, np.log((1 - miss) / alarm), np.log(miss / (1 - alarm)))
        said = (odds + 2 * reading > 0).astype(int)
        for x in (0, 1):
            share, exact = (said[truth == x] != x).mean(), errors[n, x]
            assert abs(share - exact) < 4.5 * np.sqrt(exact * (1 - exact) / (n_paths / 2))


def solution(k):
    """The page's own solution of the notebook's exercise k."""
    text = (ROOT / "book" / "networks.md").read_text()
    _, _, rest = text.partition(f"Solution of the notebook's exercise {k}\n")
    return rest.partition("```python\n")[2].partition("```")[0]


class TestExercises(exercises.Exercises):
    slug = "networks"
    before = ("imports", "library-exact")
    once = True
    right = (
        ("depth", solution(1)),
        ("depth", "def depths(sees):\n    return np.array(Network(sees).depth)"),
        ("line", solution(2)),
        ("line", "def line_law(p, n):\n    return exact(networks.line(n), even, p).p_wrong_action.T"),
        ("link", solution(3)),
        ("link", "sees, link = [(), (), [1, 0], [1, 0], [0, 1], [0, 1, 2]], [0, 1]"),
        ("pigs", solution(4)),
        ("pigs", "pigs = range(10)"),
        ("pigs", "pigs = np.arange(8)"),
    )
    wrong = (
        ("depth", "def depths(sees):\n    return [0] * len(sees)", "agent"),
        ("depth", "def depths(sees):\n    return [len(seen) for seen in sees]", "agent"),
        ("depth", "def depths(sees):\n    return [np.nan] * len(sees)", "agent"),
        ("depth", "def depths(sees):\n    return [0]", "one number"),
        ("line", "def line_law(p, n):\n    return [1 - p] * n, [1 - p] * n", "agent 1"),
        ("line", "def line_law(p, n):\n    return np.full((2, n), np.nan)", "agent 0"),
        ("line", "def line_law(p, n):\n    return [1 - p] * n", "two lists"),
        ("link", "sees, link = [[], [], [0, 1]], (0, 1)", "only 1 agents"),
        ("link", "sees, link = [[], [0], [0, 1]], (0, 1)", "there already"),
        ("link", "sees, link = [[]] * 9, (0, 1)", "at most eight"),
        ("pigs", "pigs = []", "too high"),
        ("pigs", "pigs = range(60)", "too high"),
        ("pigs", "pigs = [60]", "0 to 59"),
        ("pigs", "pigs = range(6)", "too high"),
        ("pigs", "pigs = [0, 0]", "twice"),
        ("pigs", "pigs = [0.5]", "whole"),
    )


@pytest.mark.parametrize(
    ("explorer", "every"),
    [("errors", 5), ("drawn", 9), ("lines", 1), ("guinea_pigs", 1), ("moving", 41)],
)
def test_explorers_on_their_grids(explorer, every):
    exercises.evaluate_grid(getattr(networks, explorer)(), every)


@pytest.mark.site
def test_pages_in_a_browser():
    shown = [networks.lines(), networks.guinea_pigs(), networks.errors(), networks.drawn(), networks.moving()]
    browser.check_page("book/networks", shown)
    browser.check_page(
        "notebooks/networks",
        [networks.errors(), networks.drawn(), networks.lines(), networks.guinea_pigs(), networks.moving()],
    )
