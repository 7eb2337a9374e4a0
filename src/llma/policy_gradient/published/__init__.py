"""The policy searches of the notebooks published with the paper, replicated and repaired. Not to be used.

`chain`: their public belief as a finite chain. `stopping`: optimal stopping, sweep and search. `pay`:
incentives, sweep and search. Each has the exact means of the published experiment, those of a repaired one
with the same numbers, and both as black boxes for `llma.policy_gradient.spsa`.
"""

from llma.policy_gradient.published import pay, stopping

__all__ = ["pay", "stopping"]
