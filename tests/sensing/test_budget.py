import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing.budget import Budget, Cost

COST = st.builds(Cost, st.integers(0, 5), st.integers(0, 1000), st.integers(0, 1000))


@given(COST, COST)
def test_costs_add_up(a, b):
    assert (a + b) - b == a
    assert a + Cost() == a


@given(
    st.lists(st.tuples(COST, COST), max_size=9), st.integers(0, 9), st.integers(0, 3000), st.floats(0, 0.01)
)
def test_no_limit_is_passed_by_calls_that_cost_no_more_than_was_reserved(calls, most, tokens, money):
    budget = Budget(most, tokens, money, prices=(1.5, 3.0))
    for reserved, actual in calls:
        if not budget.room_for(reserved):
            assert budget.lacking(reserved)
            continue
        budget.reserve(reserved)
        less = Cost(*(min(a, r) for a, r in zip(vars(actual).values(), vars(reserved).values(), strict=True)))
        budget.settle(reserved, less)
    assert budget.reserved == Cost()
    assert budget.spent.calls <= most
    assert budget.spent.read + budget.spent.written <= tokens
    assert budget.price(budget.spent) <= money


def test_what_is_reserved_counts_until_it_is_given_back():
    budget = Budget(tokens=100)
    budget.reserve(Cost(1, 80, 10))
    assert budget.lacking(Cost(1, 11, 0)) == "100 tokens"
    assert budget.lacking(Cost(1, 11, 0), reserved=False) == ""
    budget.settle(Cost(1, 80, 10), Cost(1, 20, 1))
    assert budget.room_for(Cost(1, 79, 0))
    assert str(budget) == "1 calls; 20 tokens read and 1 written of 100"


def test_money_is_tokens_at_the_readers_prices():
    budget = Budget(money=1.0, prices=(2.0, 10.0))
    assert budget.price(Cost(1, 1_000_000, 100_000)) == pytest.approx(3.0)
    assert Budget().price(Cost(1, 5, 5)) is None
    assert not budget.room_for(Cost(1, 500_001, 0))
    assert budget.room_for(Cost(1, 500_000, 0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"calls": -1}, "calls is -1"),
        ({"tokens": float("nan")}, "tokens is nan"),
        ({"money": 1.0}, "needs prices"),
        ({"money": 1.0, "prices": (1.0,)}, "two are needed"),
        ({"money": 1.0, "prices": (1.0, -1.0)}, "each must be a number from 0 on"),
        ({"prices": (1.0, float("inf"))}, "each must be a number from 0 on"),
    ],
)
def test_limits_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        Budget(**settings)
