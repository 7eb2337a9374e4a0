"""Written sheets: the theorem on what scoring drops, and the two ways of heating."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.sensing import chains, tempered

INSIDE = st.floats(0.01, 0.99)
CHAINS = st.integers(1, 4).flatmap(lambda k: st.lists(INSIDE, min_size=2**k - 1, max_size=2**k - 1))


def entropy(p):
    return -sum(q * np.log(q) for q in np.ravel(p) if q > 0)


def by_hand(chain, k):
    """The law from its definition, one sheet at a time."""
    law = np.zeros(2**k)
    for bits in itertools.product((0, 1), repeat=k):
        p, history = 1.0, 0
        for j, bit in enumerate(bits):
            yes = chain[2**j - 1 + history]
            p *= yes if bit else 1 - yes
            history += bit << j
        law[sum(bit << j for j, bit in enumerate(bits))] = p
    return law


@given(CHAINS)
def test_law_chain_and_marginals_belong_together(chain):
    law = chains.chain_law(chain)
    k = law.size.bit_length() - 1
    assert np.allclose(law, by_hand(chain, k))
    assert np.allclose(chains.chain_of(law), chain)
    bits = (np.arange(law.size)[:, None] >> np.arange(k)) & 1
    assert np.allclose(chains.marginals(law), law @ bits)


@given(CHAINS, st.data())
def test_the_divergence_has_two_parts(chain, data):
    law = chains.chain_law(chain)
    k = law.size.bit_length() - 1
    alone = np.array(data.draw(st.lists(INSIDE, min_size=k, max_size=k)))
    scored = by_hand(np.repeat(alone, 2 ** np.arange(k)), k)
    dependence, form = chains.split(law, alone)
    assert dependence + form == pytest.approx(float((law * np.log(law / scored)).sum()), abs=1e-9)
    yes = chains.marginals(law)
    singles = sum(entropy([q, 1 - q]) for q in yes)
    assert dependence == pytest.approx(singles - entropy(law), abs=1e-9)
    assert -1e-12 <= dependence <= (k - 1) * np.log(2) + 1e-12


@given(st.lists(INSIDE, min_size=1, max_size=4), st.floats(0.2, 5))
def test_without_dependence_the_two_ways_of_heating_agree(alone, temperature):
    chain = np.repeat(alone, 2 ** np.arange(len(alone)))
    law = chains.chain_law(chain)
    assert chains.total_correlation(law) == pytest.approx(0, abs=1e-9)
    steps = chains.heat_steps(chain, temperature)
    assert np.allclose(steps, chains.heat_law(law, temperature))
    assert np.allclose(chains.marginals(steps), tempered(alone, temperature))


def test_an_echo_has_all_the_dependence_there_can_be():
    for k in (2, 3):
        law = np.zeros(2**k)
        law[[0, -1]] = 0.5
        assert chains.total_correlation(law) == pytest.approx((k - 1) * np.log(2))
        assert np.isnan(chains.chain_of(law)).sum() == (0 if k == 2 else 2)


def test_a_heated_law_is_its_power():
    law = np.array([0.3, 0.0, 0.3, 0.4])
    assert np.allclose(chains.heat_law(law, 0.5), law**2 / (law**2).sum())
    assert chains.heat_law(law, np.inf).tolist() == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3])
    assert chains.heat_law(law, 0).tolist() == [0, 0, 0, 1]
    assert np.allclose(chains.heat_law(law, 1), law)


def test_written_sheets_have_the_law():
    chain = [0.4, 0.5, 1.0, 0.1, 0.2, 0.3, 0.9]
    sheets = chains.write(chain, np.random.default_rng(3), 60_000)
    share = np.bincount((sheets @ [1, 2, 4]).astype(int), minlength=8) / len(sheets)
    assert np.abs(share - chains.chain_law(chain)).max() < 0.01


def test_a_form_that_alone_never_occurs_is_infinitely_far():
    assert chains.split([0.5, 0.5], [0.0]) == (0.0, np.inf)
    assert chains.split([1.0, 0.0], [0.0]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: chains.chain_law([0.5, 0.5]), "belongs to 3 sheets"),
        (lambda: chains.chain_law([[0.5]]), "belongs to 0 sheets"),
        (lambda: chains.chain_law([0.5, 1.2, 0.5]), "chain"),
        (lambda: chains.marginals([0.2, 0.3, 0.5]), "belongs to 3 sheets"),
        (lambda: chains.marginals([0.2, 0.3]), "law"),
        (lambda: chains.split([0.5, 0.5], [0.5, 0.5]), "the sheet has 1 answers"),
        (lambda: chains.heat_law([0.5, 0.5], -1), "temperature is -1"),
        (lambda: chains.heat_law([0.5, 0.5], float("nan")), "temperature is nan"),
    ],
)
def test_bad_input_is_named(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()
