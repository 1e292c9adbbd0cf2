"""Redirects: what is followed stays on the origin, as urllib3 and the parser see it."""

from __future__ import annotations

from urllib.parse import urlsplit

from urllib3.util import parse_url

from specwire.core.lease import origin_text
from specwire.core.wire import followed

from ..taking import Taking

BASES = (
    "http://host.example/a/b?c=d",
    "https://host.example/",
    "http://127.0.0.1:8080/v1/x",
    "https://[::1]:8443/v1/x",
)


def check(data: bytes) -> None:
    """One byte each for the URL, the status and the method, then the Location."""
    take = Taking(data)
    url = take.one(BASES)
    status = take.one((307, 301, 302, 303, 308, 200, 304))
    method = take.one(("GET", "POST", "HEAD"))
    location = take.rest().decode("latin-1")
    found = followed(status, {"location": location}, method, url)
    if found is None:
        return
    target, kept = found
    assert kept == method
    assert status >= 307 or method in ("GET", "HEAD")
    was, now = urlsplit(url), urlsplit(target)
    assert (was.scheme, was.hostname) == (now.scheme, now.hostname)
    assert _port(was) == _port(now)
    assert "@" not in now.netloc
    assert "#" not in target
    start = origin_text(target)
    assert urlsplit(start).netloc == now.netloc, "the pool is that of the origin"
    asked = now.path + (now.query and f"?{now.query}")
    assert target[len(start) :] == asked and asked[0] == "/", "a path is asked for"
    seen = parse_url(target)
    assert (seen.scheme, seen.auth) == (was.scheme, None)
    assert (seen.host or "").strip("[]") == was.hostname


def _port(parts: object) -> int | None:
    port: int | None = getattr(parts, "port", None)
    if port is None:
        return {"http": 80, "https": 443}.get(getattr(parts, "scheme", ""))
    return port
