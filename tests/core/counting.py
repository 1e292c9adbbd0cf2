"""Counts the work of a call: time would depend on the machine."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def entered(call: Callable[[], Any]) -> int:
    """How many Python functions and generators ``call`` enters or resumes."""
    count = 0

    def watch(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal count
        count += event == "call"

    # What other tests have left would be finalized in the middle, and counted too.
    gc.collect()
    gc.disable()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count
