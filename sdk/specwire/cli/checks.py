"""What ``specwire doctor`` finds out by asking: the sandbox, or with ``--online`` the
services whose keys there are. Told are answers, times and the clocks' difference."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import SpecwireError
from .exits import UsageError

if TYPE_CHECKING:
    from ..client import Client
    from .settings import Settings

SKEW_S: Final = 60.0
"""A clock that is further off makes tokens and signatures invalid."""
_TIMEOUT_S: Final = 10.0


def sandbox() -> dict[str, Any]:
    """A round trip to the embedded sandbox, over real sockets."""
    from ..client import Client
    from ..sandbox import Sandbox

    try:
        with (
            Sandbox() as box,
            Client(
                api_keys=box.api_keys,
                base_urls=box.base_urls,
                timeout=_TIMEOUT_S,
                max_retries=0,
            ) as client,
        ):
            return _asked("sandbox", client, "anthropic")
    except OSError as error:
        return {"name": "sandbox", "ok": False, "problem": str(error)}


def services(settings: Settings) -> Iterator[dict[str, Any]]:
    """A round trip to each service that there is a key for."""
    for name in ("anthropic", "sim"):
        if settings.key(name) is None:
            continue
        try:
            made = settings.client(name, hooks=())
        except (UsageError, SpecwireError) as error:
            yield {"name": name, "ok": False, "problem": str(error)}
            continue
        with made:
            client = made.with_options(timeout=_TIMEOUT_S, max_retries=0)
            yield _asked(name, client, name)


def _asked(name: str, client: Client, service: str) -> dict[str, Any]:
    begun = time.perf_counter()
    found: dict[str, Any] = {"name": name, "url": client._base_urls[service]}
    try:
        reply: Any = _question(client, service)
        headers = reply._reply.headers
    except SpecwireError as error:
        found |= {"ok": False, "problem": str(error)}
        headers = getattr(error, "headers", {})
    else:
        found["ok"] = True
    found["ms"] = round((time.perf_counter() - begun) * 1000)
    return found | {"clock_skew_s": skew(headers.get("date"), time.time())}


def _question(client: Client, service: str) -> Any:
    """Something that costs nothing and needs the key."""
    if service == "sim":
        return client.get_usage_limits()
    return client.models.list(limit=1)


def skew(date: str | None, now: float) -> float | None:
    """How far this machine's clock is ahead of the server's, in seconds.

    The header has whole seconds: what is within one is 0.
    """
    if not date:
        return None
    try:
        off = now - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None
    return 0.0 if -1.0 < off < 2.0 else round(off, 1)


def problems(asked: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the answers."""
    for each in asked:
        if not each["ok"]:
            yield f"{each['name']}: {each['problem']}"
        off = each.get("clock_skew_s")
        if off is not None and abs(off) > SKEW_S:
            way = "ahead of" if off > 0 else "behind"
            yield (
                f"this machine's clock is {abs(off):,.0f} s {way} that of "
                f"{each['name']}: set it by NTP"
            )
