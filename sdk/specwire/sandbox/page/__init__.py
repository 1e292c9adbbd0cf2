"""A page to watch the sandbox by: requests as they come, faults, and runs.

``Sandbox(ui=True)`` serves it below ``/_specwire/``. It is plain HTML, CSS and
JavaScript, from this folder, and loads nothing from anywhere else.
"""

from __future__ import annotations

from .runs import RunProgress
from .site import PLACE, PageSite

__all__ = ["PLACE", "PageSite", "RunProgress"]
