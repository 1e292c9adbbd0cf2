"""Which attempt of a call a request is: callers that try again keep the key."""

from __future__ import annotations

from typing import Final

from ..values import Request

HEADER: Final = "idempotency-key"
_KNOWN: Final = 2_000
_LONGEST: Final = 200


class Attempts:
    """Counts requests by their idempotency keys, of which the last 2,000 are known."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}

    def count(self, request: Request) -> int:
        """1 for the first one of its key, and for one without a key."""
        key = request.headers.get(HEADER, "")
        if not key or len(key) > _LONGEST:
            return 1
        call = (request.method, request.path[:_LONGEST], key)
        # Taken out first, so that the oldest stand in front.
        self._counts[call] = number = self._counts.pop(call, 0) + 1
        if len(self._counts) > _KNOWN:
            del self._counts[next(iter(self._counts))]
        return number
