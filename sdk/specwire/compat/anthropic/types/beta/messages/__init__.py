"""The types of ``beta.messages``, under their official names."""

from __future__ import annotations

from ...naming import finder, names

__getattr__ = finder(__name__, beta=True)


def __dir__() -> list[str]:
    return sorted({*globals(), *names(beta=True)})
