"""The last layer's network is worked out where an answer is read, and nowhere else."""

import numpy as np
import pytest
import torch

from llma.sensing import scoring
from llma.sensing.packing import pack
from tests.sensing.decoders import make_model

PROMPTS = [
    [[1, 7, 8, 4, 9], [1, 7, 8, 5], [1, 7, 8, 6, 6]],
    [[2, 3, 4], [2, 3, 5], [2, 3, 6, 7]],
    [[9, 8, 7, 6], [9, 5], [9, 8, 4]],
]
LABELS = (3, 4)


def test_the_last_network_works_at_the_read_positions_only():
    model = make_model()
    batch = [pack(prompts) for prompts in PROMPTS]
    networks = [layer.mlp for layer in model.model.layers]
    seen: list[tuple[int, ...]] = []
    watches = [
        network.down_proj.register_forward_pre_hook(lambda _, given: seen.append(tuple(given[0].shape[:2])))
        for network in networks
    ]
    found = scoring.gaps(model, batch, LABELS)
    for watch in watches:
        watch.remove()
    longest = max(packed.ids.size for packed in batch)
    assert seen == [(3, longest)] * (len(networks) - 1) + [(3, 3)]
    with torch.inference_mode():
        logits = [[model(torch.tensor([ids])).logits[0, -1] for ids in prompts] for prompts in PROMPTS]
    alone = [[float(scores[LABELS[0]] - scores[LABELS[1]]) for scores in row] for row in logits]
    np.testing.assert_allclose(found, alone, atol=1e-5)


def test_a_network_that_reads_at_some_places_is_the_network_there():
    network = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.SiLU(), torch.nn.Linear(5, 3))
    x = torch.randn(2, 4, 3)
    places = (torch.tensor([[0], [1]]), torch.tensor([[0, 3], [1, 2]]))
    with torch.inference_mode(), scoring.reading_at(network, places):
        found = network(x)
    with torch.inference_mode():
        expected = network(x)
    torch.testing.assert_close(found[places], expected[places])
    assert found.shape == x.shape
    assert found[0, 1:3].abs().max() == 0
    assert found[1, [0, 3]].abs().max() == 0


def test_a_network_is_left_as_it_was_when_a_pass_fails():
    network = torch.nn.Linear(3, 3)
    with pytest.raises(RuntimeError, match="out of memory"), scoring.reading_at(network, (0, 0)):
        raise RuntimeError("out of memory")
    assert not network._forward_pre_hooks
    assert not network._forward_hooks
