r"""A herd of LLM agents reads your texts: from a file to beliefs, actions and the start of a cascade.

Model. The texts come in the order of the file, one for each agent. Agent k asks the language model the K
questions about text k alone, and draws the answers from the probabilities: its observation. It sees the
actions of all agents before it, but not their texts. It plays the action of least expected cost,

$$u_k \in \arg\min_u \sum_x \eta_k(x)\, c(x, u), \qquad \eta_k(x) \propto B_{x y_k}\, \pi_k(x),$$

and everybody updates the public belief $\pi$ on the action, by Bayes' rule (see `llma.social`). From the
first agent in a *cascade* on, actions say nothing, and the herd stops learning however many texts follow.

Refusals. A question without an answer is marginalised out. That it was refused is taken to be public and to
say nothing about the state. An agent without any answer acts on the public belief.

Truth. A herd speaks of one thing, so it has one state. A column of states, if there is one, must agree
within a herd. With a column of groups there is one herd for each group.

Likelihood. By default the one that ships with the embedded model, for two reasons: it needs no labels, and
it has not seen your texts. With labelled groups you may fit it from your own labels. Then it is fitted, for
each herd, on the *other* groups, because a likelihood that has seen the labels of the texts it is used on
is too sure of itself.

Algorithm. Read and clean the texts; sense them in batches; draw bits with one child of the seeded generator
for each herd; run the protocol agent by agent. The cost is one pass of the model a text.

>>> from llma.sensing import Question, Questionnaire, ScriptedSensor
>>> broken = Question("broken", "Is it broken?", direction=-1)
>>> found = run(
...     ["It broke on the first day.", "The lid is loose.", "Still good after a year."],
...     questions=Questionnaire("one", (broken,), ("bad", "good"), "Is it good?"),
...     likelihood=[[0.4, 0.6], [0.7, 0.3]],
...     sensor=ScriptedSensor(lambda text, question: float("broke" in text or "loose" in text)),
... )
>>> found.herds[0].actions.tolist(), found.herds[0].cascade_start
([0, 0, 0], 1)
>>> print(summary(found.herds[0]))
3 agents. From agent 2 on every agent plays 'bad' whatever it reads: a cascade. 2 texts teach nobody anything.

Modules. `learn`: the protocol over given observations. `planning`: arguments and texts, examined before a
model reads. `running`: `run`, from texts to herds. `report`: table, HTML, CSV and figure.

Reference: A. Jain and V. Krishnamurthy, *Interacting Large Language Model Agents*, IEEE Access 2025,
arXiv 2411.01271, Sections IV and V.
"""

from llma.herd.learn import Herd, learn, regrets
from llma.herd.report import alt, figure, summary, write_csv
from llma.herd.running import HerdRun, run

__all__ = [
    "Herd",
    "HerdRun",
    "alt",
    "figure",
    "learn",
    "regrets",
    "run",
    "summary",
    "write_csv",
]
