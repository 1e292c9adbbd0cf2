"""``Timeout`` with the constructor that programs for httpx know.

One number is the limit of each phase (connect, read, write, pool) and none of the whole
call; :class:`specwire.Timeout` has ``total`` first.
"""

from __future__ import annotations

from typing import Any

from ..core.types import UNSET
from ..core.types import Timeout as _Timeout

_PHASES = ("connect", "read", "write", "pool")


class Timeout(_Timeout):
    """Time limits in seconds, a phase each; ``None`` is no limit.

    >>> Timeout(60.0, connect=5.0)
    Timeout(60.0, connect=5.0)

    :param timeout: what holds for the phases that are not named: a number, ``None``, a
        tuple ``(connect, read, write, pool)``, or another object with such attributes.
    :param total: the limit of the whole call, retries included. httpx has none.
    :raises ValueError: where neither ``timeout`` nor all four phases are given.
    """

    __slots__ = ()

    def __init__(
        self,
        timeout: Any = UNSET,
        *,
        connect: Any = UNSET,
        read: Any = UNSET,
        write: Any = UNSET,
        pool: Any = UNSET,
        total: float | None = None,
    ) -> None:
        named = dict(zip(_PHASES, (connect, read, write, pool), strict=True))
        others = _each(timeout)
        limits = {k: others[k] if v is UNSET else v for k, v in named.items()}
        missing = [name for name, value in limits.items() if value is UNSET]
        if missing:
            raise ValueError(
                f"Timeout: {', '.join(missing)} not given; give one number for all "
                "phases first, or name all four"
            )
        super().__init__(total, **limits)

    def as_dict(self) -> dict[str, float | None]:
        """The four phases by name."""
        return {name: getattr(self, name) for name in _PHASES}

    def __repr__(self) -> str:
        given = self.as_dict()
        if len(set(given.values())) == 1:
            return f"Timeout(timeout={self.read})"
        if len({self.read, self.write, self.pool}) == 1:
            return f"Timeout({self.read}, connect={self.connect})"
        return f"Timeout({', '.join(f'{k}={v}' for k, v in given.items())})"


def _each(timeout: Any) -> dict[str, Any]:
    if isinstance(timeout, tuple):
        padded = (*timeout, None, None, None, None)[:4]
        return dict(zip(_PHASES, padded, strict=True))
    if hasattr(timeout, "connect") and hasattr(timeout, "read"):
        return {name: getattr(timeout, name, None) for name in _PHASES}
    return dict.fromkeys(_PHASES, timeout)
