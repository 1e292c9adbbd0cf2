"""Which plugins ``SPECWIRE_PLUGINS`` lets in: all, none, some, or all but some."""

from __future__ import annotations

import os
from typing import Final

VARIABLE: Final = "SPECWIRE_PLUGINS"
_NONE: Final = ("0", "off", "none", "false", "no")
_ALL: Final = ("", "1", "on", "all", "true", "yes")


class Choice:
    """``0`` is none; ``acme,log`` these two; ``-acme`` all but that; nothing is all.

    :ivar none: not even looked for.
    """

    def __init__(self, text: str | None = None) -> None:
        said = os.environ.get(VARIABLE, "") if text is None else text
        words = [word.strip() for word in said.split(",") if word.strip()]
        whole = said.strip().lower()
        self.none = whole in _NONE
        self._without = {w[1:].strip() for w in words if w.startswith("-")}
        self._only = {w for w in words if not w.startswith("-")}
        if whole in (*_NONE, *_ALL):
            self._only = set()

    def takes(self, name: str) -> bool:
        """Whether a plugin of that name is let in."""
        if self.none or name in self._without:
            return False
        return not self._only or name in self._only
