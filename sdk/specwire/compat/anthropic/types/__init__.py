"""The types of requests and replies, under their official names.

What type checkers read of them is in the stub beside this module.
"""

from __future__ import annotations

import sys

from ..lent import lend_all
from .naming import OneTypeEach, finder, names

lend_all()
__getattr__ = finder(__name__, beta=False)


def __dir__() -> list[str]:
    return sorted({*globals(), *names(beta=False)})


sys.meta_path.append(OneTypeEach())  # type: ignore[arg-type]
