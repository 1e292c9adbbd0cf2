"""``Timeout`` with the constructor that programs for httpx know.

One number is the limit of each phase (connect, read, write, pool) and none of the whole
call; :class:`specwire.Timeout` has ``total`` first.
"""

from __future__ import annotations

from typing import Any

from ..core.types import UNSET
from ..core.types import Timeout as _Timeout

_PHASES = ("connect", "read", "write", "pool")
_EACH = ", ".join(f"{name}=..." for name in _PHASES)


class Timeout(_Timeout):
    """Time limits in seconds, a phase each; ``None`` is no limit.

    >>> Timeout(60.0, connect=5.0)
    Timeout(connect=5.0, read=60.0, write=60.0, pool=60.0)

    :param timeout: what holds for the phases that are not named: a number, ``None``, a
        tuple ``(connect, read, write, pool)``, or another object with such attributes.
    :param total: the limit of the whole call, retries included. httpx has none.
    :param attempt: the limit of one attempt, however its reply arrives.
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
        attempt: float | None = None,
    ) -> None:
        named = dict(zip(_PHASES, (connect, read, write, pool), strict=True))
        if hasattr(timeout, "connect") or isinstance(timeout, (tuple, list)):
            if any(value is not UNSET for value in named.values()):
                raise ValueError("Timeout: a whole time-out takes no further limits")
            named = _whole(timeout)
        elif timeout is UNSET and UNSET in named.values():
            raise ValueError(
                f"Timeout: give one limit for all phases, or each of them: {_EACH}"
            )
        limits = {k: timeout if v is UNSET else v for k, v in named.items()}
        super().__init__(total, **limits, attempt=attempt)
        for name, value in limits.items():
            setattr(self, name, value)  # as it was written: 5 stays 5

    def as_dict(self) -> dict[str, float | None]:
        """The four phases by name."""
        return {name: getattr(self, name) for name in _PHASES}

    def __eq__(self, other: object) -> bool:
        return self.total == getattr(other, "total", None) and all(
            hasattr(other, name) and getattr(other, name) == getattr(self, name)
            for name in _PHASES
        )

    def __hash__(self) -> int:
        return super().__hash__()

    def __repr__(self) -> str:
        given = self.as_dict()
        if len(set(given.values())) == 1:
            return f"Timeout(timeout={self.read})"
        return f"Timeout({', '.join(f'{k}={v}' for k, v in given.items())})"


def _whole(timeout: Any) -> dict[str, Any]:
    if not isinstance(timeout, (tuple, list)):
        return {name: getattr(timeout, name, None) for name in _PHASES}
    if not 2 <= len(timeout) <= 4:
        raise ValueError("Timeout: a tuple is (connect, read[, write[, pool]])")
    return dict(zip(_PHASES, [*timeout, None, None], strict=False))
