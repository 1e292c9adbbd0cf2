"""Which of the workflow API's two contracts a server speaks: found out, remembered.

The older one ("v1") has its paths below ``/api/workflows``; the newer one ("v2") has
its own below ``/api/v2``, on servers where it is switched on. A call is made by v1
first; a 404 that is not that API's own says that the paths are not there, and nothing
was begun.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, get_args

from ..core.errors import APIStatusError, NotFoundError
from ..core.rate_limits import RateLimitInfo

ApiVersion: TypeAlias = Literal["auto", "v1", "v2"]
T = TypeVar("T")
_MOST_RECEIPTS: Final = 10_000


class Contracts:
    """What one client and its ``with_options`` copies know of their servers.

    :ivar wanted: the contract to speak; ``auto`` finds out.
    :ivar quota: what the last reply said of the caller's quota.
    """

    def __init__(self, wanted: ApiVersion = "auto") -> None:
        if wanted not in get_args(ApiVersion):
            raise ValueError(
                f"api_version: expected 'auto', 'v1' or 'v2', got {wanted!r}"
            )
        self.wanted: ApiVersion = wanted
        self.quota: RateLimitInfo | None = None
        self._found: dict[str, str] = {}
        self._receipts: dict[str, str] = {}

    def of(self, base_url: str) -> str | None:
        """``v1`` or ``v2``; ``None`` where it has to be found out."""
        return self._found.get(base_url) if self.wanted == "auto" else self.wanted

    def found(self, base_url: str, version: str) -> None:
        self._found.setdefault(base_url, version)

    def forget(self, base_url: str) -> None:
        self._found.pop(base_url, None)

    def by_either(
        self,
        base_url: str,
        v1: Callable[[], T],
        v2: Callable[[], T],
        *,
        only_v2: bool = False,
    ) -> T:
        """What ``v1`` gives, or ``v2`` where that is what the server speaks.

        :param only_v2: the older contract cannot say it.
        :raises APIStatusError: the server's own answer.
        """
        version = self.of(base_url)
        if version == "v2" or (only_v2 and self.wanted == "auto"):
            return v2()
        try:
            result = v1()
        except NotFoundError as error:
            if version == "v1" or not is_no_path(error.body):
                self.found(base_url, "v1")
                raise
        else:
            self.found(base_url, "v1")
            return result
        try:
            result = v2()
        except APIStatusError as error:
            if error.status_code != 404 or is_v2_error(error.body):
                self.found(base_url, "v2")
            raise
        self.found(base_url, "v2")
        return result

    # -- runs in the background are named by their workflow in v2 ------------------

    def started(self, run_id: str, workflow_id: str) -> None:
        """Remember whose run it is; the oldest of very many are forgotten."""
        # No lock: one that a fork copied would stay shut, and one too many is no harm.
        self._receipts[run_id] = workflow_id
        if len(self._receipts) > _MOST_RECEIPTS:
            with contextlib.suppress(RuntimeError, StopIteration):
                self._receipts.pop(next(iter(self._receipts)), None)

    def workflow_of(self, run_id: str) -> str | None:
        return self._receipts.get(run_id)


def is_v2_error(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("error"), dict)


_NO_ROUTE = re.compile(
    r"not found\.?$|no route\b|cannot (get|post)\b|.*/api/", re.IGNORECASE | re.DOTALL
)


def is_no_path(body: Any) -> bool:
    """Whether the ``body`` of a 404 comes from something that has no such path.

    It is that of the older API where its ``error`` is text. A workflow may answer with
    a 404 of its author's making too, after it has run: other JSON is taken for that,
    unless it is what gateways and frameworks say.
    """
    if not isinstance(body, dict):
        return not isinstance(body, list)
    if "error" in body:
        return not isinstance(body["error"], str)
    said = [body.get(name) for name in ("message", "detail")]
    return not body or any(isinstance(s, str) and _NO_ROUTE.match(s) for s in said)


def contracts_of(client: Any) -> Contracts:
    return cast(Contracts, client._contracts)
