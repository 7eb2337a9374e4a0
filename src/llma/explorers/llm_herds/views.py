"""Beliefs and laws of the chapter's games, exact and of the shipped models, each computed once."""

from __future__ import annotations

from functools import cache

from llma.agents.game import HerdGame, Policy, Rule, bayesian, public_log_odds
from llma.agents.law import PopulationLaw, population_law
from llma.agents.model import load
from llma.agents.rules import keep_own, midpoint, raw, sampled
from llma.agents.study import TREMBLE, exact_beliefs
from llma.checks import Floats

MODELS = ("greedy-0", "greedy-1", "greedy-2")
ACCURACIES = (0.6, 0.7, 0.8)
RULES = ("band", "sign", "sampling")


def slips(accuracy: float) -> HerdGame:
    """Return the game in which the greedy models were trained."""
    return HerdGame(0.5, (accuracy,), TREMBLE)


def calm(accuracy: float) -> HerdGame:
    """Return the same game without slips: there the models act."""
    return HerdGame(0.5, (accuracy,))


def rule_of(name: str, accuracy: float) -> Rule:
    """Return a rule by its name in the chapter."""
    return {"band": keep_own(midpoint(slips(accuracy))), "sign": raw, "sampling": sampled}[name]


@cache
def exact_policy(accuracy: float, rule: str) -> Policy:
    """Return the exact population that acts by "own signal at ties" or by "sampling"."""
    return bayesian(calm(accuracy), sampled if rule == "sampling" else raw)


@cache
def exact_law(accuracy: float, rule: str) -> PopulationLaw:
    """Return its law."""
    return population_law(calm(accuracy), exact_policy(accuracy, rule))


@cache
def exact_private(accuracy: float) -> list[Floats]:
    """Return the exact private log-odds where predecessors are greedy and their hands slip."""
    game = slips(accuracy)
    return exact_beliefs(game, bayesian(game, raw))


@cache
def exact_public(accuracy: float) -> list[Floats]:
    """Return the exact public log-odds there."""
    game = slips(accuracy)
    return public_log_odds(game, bayesian(game, raw))


@cache
def model_private(name: str, accuracy: float) -> list[Floats]:
    """Return a model's private log-odds for all histories."""
    return load(name).private(calm(accuracy))


@cache
def model_public(name: str, accuracy: float) -> list[Floats]:
    """Return a model's log-odds without a signal for all histories."""
    return load(name).public(calm(accuracy))


@cache
def model_law(name: str, accuracy: float, rule: str) -> PopulationLaw:
    """Return the law of the population that is this model and acts by "band", "sign" or "sampling"."""
    game, act = calm(accuracy), rule_of(rule, accuracy)
    return population_law(game, [act(level, game) for level in model_private(name, accuracy)])
