"""Where the official module has its errors; programs import them from here too."""

from __future__ import annotations

from .errors import *  # noqa: F403
