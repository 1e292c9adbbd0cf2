"""What an async client offers."""

from __future__ import annotations


class AsyncSurface:
    """Every resource."""
