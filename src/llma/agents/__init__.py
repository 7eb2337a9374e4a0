r"""LLaMA agents that learn from each other, scored against the exact Bayesian.

Small LLaMAs are trained from scratch on games of social learning (see `training/herds.py` and the card
beside their weights) and then put into the line themselves. Everything that they could be compared with
is computed exactly: the posterior after every history, and the law of every population.

Modules. `game`: the tree of histories, beliefs, and exact populations. `rules`: from a belief to an
action, and the band that makes a herd exact. `law`: what a population does, enumerated or simulated.
`prompts`: the words. `model`: the network, asked about all histories at once. `scores`: errors,
calibration, martingale tests. `evidence`: weights of own and public evidence, with errors and power.
`controls`: flipped, scrambled, one dissenter. `ask`: the same experiment for any sensor. `texts` and
`text_study`: an agent whose signal is a review. `study`: what is measured, and the shipped results.

The name. `llma.herd` is the command line's planner; this package holds agents.

>>> game = HerdGame(prior=0.5, accuracies=(0.7,))
>>> agent = load("greedy-0")
>>> exact = population_law(game, bayesian(game, raw)).wrong[10]
>>> width = midpoint(HerdGame(0.5, (0.7,), tremble=0.05))  # it was trained where hands slip
>>> found = population_law(game, agent.policy(game, keep_own(width))).wrong[10]
>>> bool(abs(found - exact) < 0.02)
True
"""

from llma.agents.game import (
    HerdGame,
    actions_of,
    bayesian,
    best_reply,
    history,
    levels,
    naive,
    private_log_odds,
    public_log_odds,
    show_signals,
)
from llma.agents.law import PopulationLaw, population_law, simulate
from llma.agents.model import HerdAgent, load, names
from llma.agents.rules import keep_own, midpoint, raw, sampled

__all__ = [
    "HerdAgent",
    "HerdGame",
    "PopulationLaw",
    "actions_of",
    "bayesian",
    "best_reply",
    "history",
    "keep_own",
    "levels",
    "load",
    "midpoint",
    "naive",
    "names",
    "population_law",
    "private_log_odds",
    "public_log_odds",
    "raw",
    "sampled",
    "show_signals",
    "simulate",
]
