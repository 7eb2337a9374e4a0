"""The network: what it computes about itself, and an order in which all edges point forward."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma import networks
from llma.networks import Network, renumbered


def paths_to(network, n):
    """All paths that end at agent n, listed one by one."""
    found = [[n]]
    for j in network.neighbours[n]:
        found += [[*path, n] for path in paths_to(network, j)]
    return found


@given(st.integers(1, 7), st.floats(0, 1), st.integers(0, 1000))
def test_depth_ancestors_and_width(n_agents, probability, seed):
    network = networks.random(n_agents, probability, np.random.default_rng(seed))
    for n in range(n_agents):
        paths = paths_to(network, n)
        assert network.depth[n] == max(len(path) for path in paths) - 1
        assert network.ancestors(n) == {j for path in paths for j in path} - {n}
    waiting = [len({j for j, m in network.edges if j < n <= m}) for n in range(n_agents)]
    assert network.width == max(waiting)
    assert Network.from_edges(n_agents, reversed(network.edges)) == network
    matrix = np.zeros((n_agents, n_agents), dtype=int)
    for j, n in network.edges:
        matrix[n, j] = 1
    assert Network.from_matrix(matrix) == network


def test_builders():
    assert networks.complete(4).neighbours == ((), (0,), (0, 1), (0, 1, 2))
    assert networks.line(4).neighbours == ((), (0,), (1,), (2,))
    assert networks.empty(3).edges == ()
    assert networks.last(4, 0) == networks.empty(4)
    assert networks.random(6, 1.0, np.random.default_rng(0)) == networks.complete(6)
    assert networks.random(6, 0.0, np.random.default_rng(0)) == networks.empty(6)
    assert networks.guinea_pigs(5, range(5)) == networks.empty(5)
    everyone = networks.guinea_pigs(5, [0, 3], all_see_all=True)
    assert everyone.neighbours == ((), (0,), (0, 1), (), (0, 1, 2, 3))
    assert networks.celebrities(4, 0, line=True).neighbours == ((), (0,), (1,), (2,))
    assert networks.celebrities(3, 3) == networks.empty(3)


def test_much_seen_agents_are_seen_more():
    network = networks.preferential(400, 2, np.random.default_rng(1))
    assert all(len(seen) == min(n, 2) for n, seen in enumerate(network.neighbours))
    followers = np.bincount([j for j, _ in network.edges], minlength=400)
    uniform = np.zeros(400)
    rng = np.random.default_rng(1)
    for n in range(2, 400):
        uniform[rng.choice(n, 2, replace=False)] += 1
    assert followers.max() > 2 * uniform.max()


@given(st.permutations(range(5)), st.integers(0, 2**10 - 1))
def test_renumbering_repairs_every_graph_without_a_cycle(order, mask):
    pairs = [pair for k, pair in enumerate(itertools.combinations(range(5), 2)) if mask >> k & 1]
    edges = [(order[j], order[n]) for j, n in pairs]
    network, found = renumbered(5, edges)
    assert sorted(found) == list(range(5))
    assert sorted((found[j], found[n]) for j, n in network.edges) == sorted(edges)


def test_renumbering_refuses():
    with pytest.raises(ValueError, match="cycle 0 -> 1 -> 0"):
        renumbered(3, [(0, 1), (1, 0)])
    with pytest.raises(ValueError, match="itself"):
        renumbered(3, [(1, 1), (2, 0)])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Network([]), "n_agents"),
        (lambda: Network.from_matrix([[0, 2], [1, 0]]), r"entry \(0, 1\) is 2"),
        (lambda: Network.from_matrix([[0, 1]]), "square"),
        (lambda: Network.from_matrix([[0, 1], [0, 0]]), r"edge \(1, 0\)"),
        (lambda: networks.line(3).without_edges((0, 2)), "not in the network"),
        (lambda: networks.line(3).with_edges((0, 1)), "listed twice"),
        (lambda: networks.last(3, -1), "k"),
        (lambda: networks.preferential(3, -1, np.random.default_rng(0)), "k"),
        (lambda: networks.celebrities(3, 4), "k"),
        (lambda: networks.guinea_pigs(3, [5]), "no agent 5"),
        (lambda: networks.random(3, 1.5, np.random.default_rng(0)), "probability"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
