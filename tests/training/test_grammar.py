"""The grammar: its parts are disjoint, its labels honest, its words mild, its draws repeatable."""

import re

import numpy as np
import pytest

from llma.sensing.questions import QUESTIONNAIRES
from training.grammar import DOMAINS, PARTS, Grammar, part_of, typing_error
from training.scores import ceiling, examples
from training.wordings import wordings
from training.words import STRANGE, WORDS


def every_list():
    """Yield the template lists of all domains."""
    for d in DOMAINS.values():
        for by_value in d.statements.values():
            yield from by_value.values()
        yield d.neutral
        yield d.wraps
        yield from d.openers.values()


def bare(text):
    """Return the words of a text or template, slots left out."""
    return re.findall(r"[a-z0-9]+", re.sub(r"\{.*?\}", " ", text.lower()))


def articles(text):
    """Return the text in lower case with "a" for "an"."""
    return re.sub(r"\ban\b", "a", text.lower())


def vocabulary(part):
    """Return all words that texts with templates and words of one part can hold."""
    lists = [*every_list(), *WORDS.values()]
    return {word for items in lists for item in part_of(items, part) for word in bare(item)}


def test_domains_are_the_questionnaires():
    assert list(DOMAINS) == list(QUESTIONNAIRES)
    for name, asked in QUESTIONNAIRES.items():
        domain = DOMAINS[name]
        assert tuple(domain.statements) == tuple(domain.presence) == asked.keys
        assert domain.n_states == asked.n_states
        assert set(domain.favourable) == set(asked.keys)


def test_a_yes_speaks_for_the_state_that_the_questionnaire_says():
    for name, asked in QUESTIONNAIRES.items():
        for question in asked.questions:
            steps = np.diff(DOMAINS[name].presence[question.key])
            assert (question.direction * steps > 0).all()


def test_parts_split_every_list():
    for items in [*every_list(), *WORDS.values()]:
        known, held = part_of(items, "known"), part_of(items, "held")
        assert (*known, *held) == tuple(items)
        assert len(set(items)) == len(items)
        assert 0.15 <= len(held) / len(items) <= 0.35


def test_word_lists_are_sorted_so_that_the_alphabet_chooses_what_is_withheld():
    for words in WORDS.values():
        assert list(words) == sorted(words)


def test_withheld_words_are_not_known_from_elsewhere():
    known = vocabulary("known")
    for slot, words in WORDS.items():
        for word in part_of(words, "held"):
            assert set(bare(word)) - known, f"{slot}: {word!r} is made of known words"


def test_strange_words_occur_nowhere():
    trained = vocabulary("all")
    assert set(STRANGE) == set(WORDS)
    for slot, words in STRANGE.items():
        for word in words:
            assert set(bare(word)) - trained, f"{slot}: {word!r} is made of trained words"


def test_templates_name_slots_that_exist():
    for templates in every_list():
        for template in templates:
            assert set(re.findall(r"\{(\w+)\}", template)) <= {*WORDS, "s"}, template


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_a_label_is_what_the_mention_says(name):
    """Every mentioned attribute appears with a template of its own value, and of no other value."""
    rng = np.random.default_rng(3)
    domain = DOMAINS[name]
    patterns = {
        (key, value): [
            re.compile(re.sub(r"\\\{\w+\\\}", "[a-z0-9 ]+", re.escape(articles(t)))) for t in templates
        ]
        for key, by_value in domain.statements.items()
        for value, templates in by_value.items()
    }
    for _ in range(300):
        example = Grammar("all", "all").sample(rng, name)
        # A typing error may hide one mention.
        text = articles(example.text)
        found = [
            any(p.search(text) for p in patterns[key, example.attributes[k]])
            for k, key in enumerate(domain.statements)
            if example.mentioned[k]
        ]
        assert found.count(False) <= 1, example


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_shares_are_those_of_the_model(name):
    domain, n = DOMAINS[name], 6000
    rng = np.random.default_rng(4)
    sample = [Grammar().sample(rng, name) for _ in range(n)]
    states = np.array([e.state for e in sample])
    attributes = np.array([e.attributes for e in sample])
    mentioned = np.array([e.mentioned for e in sample])
    for x in range(domain.n_states):
        share = attributes[states == x].mean(axis=0)
        wanted = np.array([p[x] for p in domain.presence.values()])
        assert np.abs(share - wanted).max() < 4 * 0.5 / np.sqrt(n / domain.n_states)
    for value in (0, 1):
        assert abs(mentioned[attributes == value].mean() - domain.mention[value]) < 0.02


def test_same_seed_same_texts():
    assert examples(Grammar(), "financial_news", 20, 5) == examples(Grammar(), "financial_news", 20, 5)
    assert examples(Grammar(), "financial_news", 20, 5) != examples(Grammar(), "financial_news", 20, 6)


def test_held_texts_hold_no_known_statement():
    rng = np.random.default_rng(6)
    example = Grammar("held", "held").sample(rng, "product_review")
    assert Grammar("held", "held").word("product", rng) in part_of(WORDS["product"], "held")
    assert example.text


def test_unknown_parts_are_refused():
    with pytest.raises(ValueError, match="'old' is not one of"):
        Grammar(words="old")
    with pytest.raises(ValueError, match="'strange' is not one of"):
        Grammar(templates="strange")
    with pytest.raises(ValueError, match="'old' is not one of"):
        part_of("abc", "old")
    assert PARTS == ("known", "held", "all", "even", "strange")


def test_typing_error_changes_at_most_two_letters():
    rng = np.random.default_rng(7)
    changed = [typing_error("a small sentence", rng) for _ in range(50)]
    assert all(abs(len(c) - len("a small sentence")) <= 1 for c in changed)
    assert sum(c != "a small sentence" for c in changed) > 40


def test_wordings_start_with_the_canonical_one():
    for name, asked in QUESTIONNAIRES.items():
        for question, group in zip(asked.questions, wordings(name), strict=True):
            assert group[0] == question.text
            assert len(set(group)) == len(group) == 5


def test_ceiling_of_a_silent_review_is_the_best_guess():
    """Silent bits are guessed through the state: three favourable mentions leave little doubt."""
    example = examples(Grammar(), "product_review", 1, 0)[0]
    told = type(example)("product_review", 1, (0, 1, 1, 1), (False, True, True, True), "")
    belief = 0.85**3 / (0.85**3 + 0.15**3)
    assert ceiling(told)[0] == pytest.approx(belief * 0.85 + (1 - belief) * 0.15)


# Short on purpose: words much harsher than these do not belong into this file either.
HARSH = "kill murder shoot stab burn bomb damn crap bloody bastard hell moronic scum filth".split()


def test_words_are_mild():
    assert not vocabulary("all") & set(HARSH)
    assert not {word for words in STRANGE.values() for w in words for word in bare(w)} & set(HARSH)
