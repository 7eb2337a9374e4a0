"""Rational inattention: agents who pay for what they look at."""

from llma.attention.shannon import Shannon, shannon

__all__ = ["Shannon", "shannon"]
