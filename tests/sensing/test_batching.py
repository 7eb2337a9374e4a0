import sys
import weakref

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing.asking import SensorError
from llma.sensing.batching import LEAST_FILLED, Room, is_out_of_memory, plan, run

LENGTHS = st.lists(st.integers(1, 60), max_size=30)
ROOMS = st.builds(
    Room,
    tokens=st.integers(1, 300),
    memory=st.floats(1, 1e5),
    per_token=st.floats(0, 10),
    per_cell=st.floats(0, 1),
)


@given(LENGTHS, ROOMS)
def test_a_plan_keeps_every_bound(lengths, room):
    passes = plan(lengths, room)
    assert sorted(i for rows in passes for i in rows) == list(range(len(lengths)))
    for rows in passes:
        longest = max(lengths[i] for i in rows)
        assert longest == lengths[rows[0]]
        assert len(rows) == 1 or room.holds(len(rows), longest)
        assert min(lengths[i] for i in rows) >= LEAST_FILLED * longest


def test_a_pass_is_as_large_as_it_may_be():
    assert plan([8] * 7, Room(tokens=24, memory=1e9, per_token=1, per_cell=1)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert plan([8] * 4, Room(tokens=999, memory=2 * (8 * 3 + 64 * 5), per_token=3, per_cell=5)) == [
        [0, 1],
        [2, 3],
    ]


@pytest.mark.parametrize("room", [(0, 1, 1, 1), (1, 0, 1, 1), (1, float("nan"), 1, 1), (1, 1, -1, 1)])
def test_a_room_without_room_is_refused(room):
    with pytest.raises(ValueError, match="leaves no room"):
        Room(*room)


@given(LENGTHS, st.integers(1, 300))
def test_every_sequence_is_computed_once_whatever_the_memory(lengths, memory):
    done, failed = [], []

    def compute(rows):
        size = len(rows) * max(lengths[i] for i in rows)
        if len(rows) > 1 and size > memory:
            failed.append(size)
            raise MemoryError
        done.extend(rows)

    run(lengths, Room(tokens=10_000, memory=1e12, per_token=1, per_cell=1), compute)
    assert sorted(done) == list(range(len(lengths)))
    # A size that did not fit is not tried again.
    assert failed == sorted(set(failed), reverse=True)


def test_tensors_of_a_failed_pass_are_gone_before_memory_is_given_back():
    alive = []

    def compute(rows):
        if len(rows) > 1:
            tensor = torch.zeros(3)
            alive.append(weakref.ref(tensor))
            raise torch.OutOfMemoryError("CUDA out of memory.")

    def release():
        assert sys.exc_info() == (None, None, None)
        assert alive[-1]() is None

    run([5, 5, 5], Room(tokens=100, memory=1e9, per_token=1, per_cell=1), compute, release)
    assert len(alive) == 2


def test_what_does_not_fit_alone_is_named():
    def compute(rows):
        raise MemoryError

    with pytest.raises(SensorError, match="text 17 alone, 9 tokens") as caught:
        run([4, 9], Room(tokens=9, memory=1e9, per_token=1, per_cell=1), compute, names=[3, 17])
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"
            ),
            True,
        ),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(error, expected):
    assert is_out_of_memory(error) is expected


def test_the_real_allocator_is_understood():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
