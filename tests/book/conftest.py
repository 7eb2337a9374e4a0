"""Failures inside the shared browser checks are shown as in a test."""

import pytest

pytest.register_assert_rewrite("tests.book.browser")
