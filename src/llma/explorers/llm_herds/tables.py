"""The chapter's tables as text. Rows of trained models are read from the shipped results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from llma.agents.evidence import power
from llma.agents.game import bayesian, naive
from llma.agents.law import population_law
from llma.agents.rules import raw
from llma.agents.study import SECRET, Row, interval, results
from llma.explorers.llm_herds.views import ACCURACIES, MODELS, exact_law

ROWS = tuple(f"{p:g}" for p in ACCURACIES)


def story_table(accuracy: float = 0.6) -> str:
    """Return how often agent 10 is wrong: in the exact row, and in rows of three models by sign and band.

    >>> print(story_table().splitlines()[1])
    exact row          0.310
    """
    lines = ["agent 10 wrong   by sign  by band"]
    lines.append(f"exact row {exact_law(accuracy, 'own').wrong[10]:14.3f}")
    for seed, name in enumerate(MODELS):
        row: Row = results()["greedy"][name][f"{accuracy:g}"]
        lines.append(f"models, seed {seed}{row['wrong_sign']:10.3f}{row['wrong_band']:9.3f}")
    return "\n".join(lines)


def _over_seeds(study: str, name: Callable[[str], str], accuracy: str, key: str) -> list[float]:
    rows = results()[study]
    return [rows[name(model)][accuracy][key] for model in MODELS if name(model) in rows]


def _line(head: str, values: list[float], digits: int) -> str:
    mean, low, high = interval(values)
    low = max(low, 0.0)  # none of the measures can be negative
    return f"{head:6}{mean:8.{digits}f}  [{low:.{digits}f}, {high:.{digits}f}]"


def errors_table(key: str = "mean", digits: int = 4) -> str:
    """Return one measure of the greedy models: the mean over three seeds and its 95 % interval."""
    lines = ["p         mean  95 % interval"]
    for p in ROWS:
        lines.append(_line(p, _over_seeds("greedy", str, p, key), digits))
    return "\n".join(lines)


def law_table() -> str:
    """Return P(agent 10 wrong) of each model's population by band and by sign, beside the exact one.

    The last two columns count prompts that can occur without slips: where the band's decision differs from
    the exact one, and where the model's log-odds are off by what the band tolerates, or more.
    """
    lines = ["p   seed exact  band  sign differ above"]
    for p in ROWS:
        for seed, name in enumerate(MODELS):
            row: Row = results()["greedy"][name][p]
            lines.append(
                f"{p:4}{seed:4}{row['wrong_exact']:6.3f}{row['wrong_band']:6.3f}{row['wrong_sign']:6.3f}"
                f"{row['differing']:7.0f}{row['beyond']:6.0f}"
            )
    return "\n".join(lines)


def herd_table() -> str:
    """Return P(agent 10 herds) of each model's population, and how far its law by the band is off."""
    lines = ["p   seed exact  band  sign  distance"]
    for p in ROWS:
        for seed, name in enumerate(MODELS):
            row: Row = results()["greedy"][name][p]
            lines.append(
                f"{p:4}{seed:4}{row['herd_exact']:6.3f}{row['herd_band']:6.3f}{row['herd_sign']:6.3f}"
                f"{row['distance_band']:10.3f}"
            )
    return "\n".join(lines)


def sampling_rounds_table(accuracy: float = 0.7) -> str:
    """Return the rounds of self-play by sampling: model, exact level, fixed point."""
    p = f"{accuracy:g}"
    lines = ["round  seed   model   level   fixed"]
    for r in range(4):
        for seed, model in enumerate(MODELS):
            rows = results()["by_sampling"].get(f"{model}-sampled-{r}")
            if rows:
                row = rows[p]
                lines.append(
                    f"{r:5}{seed:6}{row['wrong']:8.3f}{row['wrong_level']:8.3f}{row['wrong_fixed']:8.3f}"
                )
    return "\n".join(lines)


def choice_rounds_table(accuracy: float = 0.7) -> str:
    """Return the rounds of self-play by sign and by band: P(agent 10 wrong), decisions that differ."""
    p = f"{accuracy:g}"
    lines = ["rule  round  seed  wrong  differ"]
    for rule in ("raw", "band"):
        for r in range(3):
            for seed, model in enumerate(MODELS):
                rows = results()["by_choice"].get(f"{model}-{rule}-{r}")
                if rows:
                    name = "sign" if rule == "raw" else rule
                    lines.append(f"{name:6}{r:5}{seed:6}{rows[p]['wrong']:7.3f}{rows[p]['differing']:8.0f}")
    lines.append(f"exact {exact_law(accuracy, 'own').wrong[10]:18.3f}")
    return "\n".join(lines)


def graded_table() -> str:
    """Return the mean error of the graded model where prior and accuracy were trained and where held out."""
    by_kind: dict[str, list[Row]] = {}
    for setting, row in results()["graded"]["sampled"].items():
        by_kind.setdefault(setting.partition(":")[0], []).append(row)
    lines = ["prior, accuracy     n   mean  worst"]
    for kind, rows in by_kind.items():
        mean = [row["mean"] for row in rows]
        lines.append(f"{kind:18}{len(rows):3}{np.mean(mean):8.4f}{max(mean):7.4f}")
    return "\n".join(lines)


def exact_secret_table(agents: tuple[int, ...] = (2, 4, 8, 10)) -> str:
    """Return P(agent wrong) with secret accuracies .65 and .9, Bayesian and naive, exactly.

    >>> print(exact_secret_table((10,)))
    agent    Bayes   naive
    10       0.0854  0.1439
    """
    laws = [population_law(SECRET, people(SECRET, raw)) for people in (bayesian, naive)]
    lines = ["agent    Bayes   naive"]
    lines += [f"{k:<9}{laws[0].wrong[k]:.4f}  {laws[1].wrong[k]:.4f}" for k in agents]
    return "\n".join(lines)


def secret_table() -> str:
    """Return what the two models with secret accuracies do, beside their exact counterparts."""
    lines = ["model      wrong   exact   error"]
    for name in ("private", "naive"):
        row: Row = results()["secret"][name]["0.65, 0.9"]
        lines.append(f"{name:9}{row['wrong']:7.4f}{row['wrong_exact']:8.4f}{row['mean']:8.4f}")
    return "\n".join(lines)


def weights_table() -> str:
    """Return the weights of own signal and crowd in the models' log-odds (a Bayesian has 1 and 1)."""
    lines = ["model          p    own  crowd   R2"]
    for p in ROWS:
        own, crowd, r2 = (np.mean(_over_seeds("greedy", str, p, key)) for key in ("own", "crowd", "r2"))
        lines.append(f"greedy      {p:>5}{own:7.2f}{crowd:7.2f}{r2:6.2f}")
    for name in ("private", "naive"):
        row: Row = results()["secret"][name]["0.65, 0.9"]
        lines.append(f"{name:12}     {row['own']:7.2f}{row['crowd']:7.2f}{row['r2']:6.2f}")
    row = results()["secret"]["naive"]["0.65, 0.9"]
    lines.append(f"naive, exact     {row['own_exact']:7.2f}{row['crowd_exact']:7.2f}{row['r2_exact']:6.2f}")
    return "\n".join(lines)


def controls_table() -> str:
    """Return the mean effects of flipping and of scrambling, over three seeds, beside the exact agent's."""
    lines = ["p      flip   order  order, exact"]
    for p in ROWS:
        flip, order, exact = (
            np.mean(_over_seeds("greedy", str, p, key)) for key in ("flip", "order", "order_exact")
        )
        lines.append(f"{p:5}{flip:7.4f}{order:8.4f}{exact:10.4f}")
    return "\n".join(lines)


def power_table(crowd: float = 1.55, own: float = 0.81, n_studies: int = 200) -> str:
    """Return how often a study of n choices notices a crowd weight, and how often it errs at weight 1.

    Prompts: own log-odds of a signal of accuracy 0.7, public leads of -2 to 2 such signals, all equally
    likely.
    """
    rng, unit = np.random.default_rng(4), float(np.log(7 / 3))
    leads, signals = (grid.ravel() for grid in np.meshgrid(np.arange(-2, 3), (-1, 1)))
    lines = [f"choices  weight {crowd:g}  weight 1"]
    for n in (50, 100, 200, 400, 800):
        found, wrong = (
            power(unit * signals, unit * leads, weights, n, rng, n_studies=n_studies)
            for weights in ((0.0, own, crowd), (0.0, own, 1.0))
        )
        lines.append(f"{n:7}{found:13.2f}{wrong:10.2f}")
    return "\n".join(lines)
