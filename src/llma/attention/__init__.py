"""Rational inattention: agents who pay for what they look at."""

from llma.attention.menu import Menu, Plan, answer_kernel, best_actions, menu_of_answers
from llma.attention.shannon import Shannon, shannon

__all__ = [
    "Menu",
    "Plan",
    "Shannon",
    "answer_kernel",
    "best_actions",
    "menu_of_answers",
    "shannon",
]
