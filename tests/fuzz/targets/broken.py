"""A property that does not hold, so that a driver can be seen to notice."""

from __future__ import annotations


def check(data: bytes) -> None:
    """Nothing is ever right."""
    raise AssertionError("this never holds")
