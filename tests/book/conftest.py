"""Failures inside the shared checks are shown as in a test; a module leaves no browser behind."""

import sys

import pytest

pytest.register_assert_rewrite("tests.book.browser", "tests.book.exercises")


@pytest.fixture(autouse=True, scope="module")
def browser_stops():
    """End the browser that a module has used."""
    yield
    if "tests.book.browser" in sys.modules:
        sys.modules["tests.book.browser"].stop()
