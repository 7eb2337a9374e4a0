"""Tests of `llma.ribum`."""
