"""Which class has which face."""

from __future__ import annotations

FACES: dict[str, str] = {}
