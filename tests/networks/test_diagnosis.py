"""What is said about a reader's own list of edges."""

import pytest

from llma import networks
from llma.networks import Network, diagnose


@pytest.mark.parametrize(
    ("n_agents", "edges", "lines"),
    [
        (2, [(0, 1)], ["note: agent 0 sees nobody", "note: agent 1 is seen by nobody"]),
        (3, [(0, 1), (1, 7)], ["error: edge (1, 7): there is no agent 7; expected 0 to 2"]),
        (3, [(-1, 1)], ["error: edge (-1, 1): there is no agent -1; expected 0 to 2"]),
        (3, [(2, 2)], ["error: edge (2, 2): an agent cannot see itself"]),
        (3, [(0, 1), (0, 1)], ["error: edge (0, 1): is listed twice"]),
        (
            3,
            [(2, 1)],
            ["error: edge (2, 1): agent 1 acts before agent 2", "remedy: let the agents act in the"],
        ),
        (
            4,
            [(0, 1), (1, 2), (2, 0), (0, 3)],
            ["error: edge (2, 0): agent 0 acts before", "error: cycle 0 -> 1 -> 2 -> 0: each would have"],
        ),
    ],
)
def test_diagnosis(n_agents, edges, lines):
    said = str(diagnose(n_agents, edges)).splitlines()
    for expected in lines:
        assert any(text.startswith(expected) for text in said), said
    if any(text.startswith("error") for text in said):
        with pytest.raises(ValueError, match="edge"):
            Network.from_edges(n_agents, edges)


def test_nothing_to_report_needs_everybody_seen_and_seeing():
    # Agent 0 never sees anybody and the last agent is never seen, so a network always has notes.
    assert diagnose(3, networks.complete(3).edges).notes == (
        "agent 0 sees nobody",
        "agent 2 is seen by nobody",
    )


@pytest.mark.parametrize("edge", [(0, 1, 2), "ab", (0.5, 1), 3])
def test_not_a_pair(edge):
    with pytest.raises(ValueError, match="pair of whole numbers"):
        diagnose(3, [edge])
