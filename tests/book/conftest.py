"""Failures inside the shared checks are shown as in a test."""

import pytest

pytest.register_assert_rewrite("tests.book.browser", "tests.book.exercises")
