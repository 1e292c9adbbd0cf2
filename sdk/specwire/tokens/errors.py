"""What can go wrong with a tokenizer."""

from __future__ import annotations

from ..core.errors import SpecwireError


class TokenizerError(SpecwireError):
    """A tokenizer's files cannot be had, or it knows no such encoding."""
