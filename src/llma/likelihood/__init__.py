r"""What an answer tells about the state: p(y given x) from labelled answers to K yes-or-no questions.

Model. A text in state x gives K bits, b_k = 1 for yes. They are one observation, the integer
:math:`y = \sum_k b_k 2^k` in 0..2^K - 1, with K at most 12. A bit is NaN where there was no answer; it is
marginalised out exactly (its likelihood ratio is 1), never counted as a no. Answers are taken to be missing
at random.

Methods, from few numbers a state to many.

* "bernoulli": the questions are independent given the state. Wrong when answers repeat each other, and then
  usually far too sure.
* "ising": a field for each state and question, and a coupling for each pair of questions that all states
  share.
* "conditional-rbm": hidden bits instead of couplings, weights shared; "rbm": one such machine a state. Exact
  maximum likelihood, from a random start.
* "conditional-rbm-cd1", "rbm-cd1": the same machines by contrastive divergence, the historical way.
* "counts": the share of each y among the texts in state x, smoothed. Assumes nothing, and needs many texts.
* "auto": of "bernoulli", "ising" and "counts", the one that gives texts it has not seen the larger
  probability, by five-fold cross-validation.

In exact arithmetic all keep every entry of the table positive, so that no answer excludes a state.
Each states its smoothing or its prior in its own module.

Modules. `answers`: bits, their numbering and their tally. `model`: the table in hand. `counts`,
`bernoulli`, `ising`, `rbm`, `divergence`: the methods. `exact`: likelihood, gradient and search, which they
share. `fitting`: `fit`. `ordered`: tables in which a higher observation never points to a lower state.

Reference. Jain and Krishnamurthy, IEEE Access, 2025 (arXiv 2411.01271): the sensor that needs
a likelihood. Each module names the source of its method.

>>> bits = [[1, 1], [1, 1], [1, 0], [0, 0], [0, 0], [0, 1]]
>>> model = fit(bits, states=[1, 1, 1, 0, 0, 0], method="counts")
>>> model.table.round(3)
array([[0.429, 0.143, 0.286, 0.143],
       [0.143, 0.286, 0.143, 0.429]])
>>> model.of([[1, float("nan")]]).round(3)
array([[0.286, 0.714]])
"""

from llma.likelihood.answers import MAX_QUESTIONS, encode, patterns
from llma.likelihood.bernoulli import HALF
from llma.likelihood.counts import LAPLACE, expected_divergence
from llma.likelihood.fitting import CANDIDATES, FOLDS, METHODS, fit
from llma.likelihood.ising import Ising, fit_ising
from llma.likelihood.model import LikelihoodModel
from llma.likelihood.ordered import OrderedFit, fit_ordered, smallest_minor
from llma.likelihood.rbm import Machine

__all__ = [
    "CANDIDATES",
    "FOLDS",
    "HALF",
    "LAPLACE",
    "MAX_QUESTIONS",
    "METHODS",
    "Ising",
    "LikelihoodModel",
    "Machine",
    "OrderedFit",
    "encode",
    "expected_divergence",
    "fit",
    "fit_ising",
    "fit_ordered",
    "patterns",
    "smallest_minor",
]
