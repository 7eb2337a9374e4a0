import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing.packing import Packed, common_prefix, pack

PROMPTS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=4)


@given(PROMPTS)
def test_what_a_tail_sees_is_exactly_its_prompt(prompts):
    packed = pack(prompts)
    for prompt, end in zip(prompts, packed.read, strict=True):
        seen = packed.mask[end]
        assert packed.ids[seen].tolist() == prompt
        assert packed.positions[seen].tolist() == list(range(len(prompt)))


@given(PROMPTS)
def test_tokens_of_other_tails_are_invisible_on_the_way_too(prompts):
    packed = pack(prompts)
    for end in packed.read:
        own = np.flatnonzero(packed.mask[end])
        assert np.array_equal(packed.mask[np.ix_(own, own)], np.tril(np.ones((own.size,) * 2, bool)))


@given(PROMPTS)
def test_the_text_is_read_once(prompts):
    shared = common_prefix(prompts)
    assert pack(prompts).ids.size == shared + sum(len(p) - shared for p in prompts)


def test_every_tail_keeps_a_token_when_a_prompt_is_the_beginning_of_another():
    packed = pack([[1, 2], [1, 2], [1, 2, 3]])
    assert packed.ids.tolist() == [1, 2, 2, 2, 3]
    assert packed.read.tolist() == [1, 2, 4]


@pytest.mark.parametrize("prompts", [[], [[1], []]])
def test_nothing_to_pack_is_refused(prompts):
    with pytest.raises(ValueError, match="at least one token"):
        pack(prompts)


@pytest.mark.parametrize(
    ("positions", "mask", "read", "message"),
    [
        ([0], np.eye(2, dtype=bool), [1], "positions of shape"),
        ([0, 1], np.array([[True, False], [True, False]]), [1], "token 1 cannot see itself"),
        ([0, 1], np.ones((2, 2), bool), [1], "token 0 may look ahead"),
        ([0, 1], np.eye(2, dtype=bool), [2], "must be indices of the 2 tokens"),
        ([0, 1], np.eye(2, dtype=bool), [], "must be indices"),
    ],
)
def test_an_impossible_layout_is_refused(positions, mask, read, message):
    with pytest.raises(ValueError, match=message):
        Packed(np.array([5, 6]), np.array(positions), mask, np.array(read, dtype=int))
