"""Base URLs: one that is taken is a host, and what is put after it is its path."""

from __future__ import annotations

from urllib.parse import urlsplit

from urllib3.util import parse_url

from specwire.core.wire import checked_base_url, origin

from ..taking import as_text


def check(data: bytes) -> None:
    """The text of the URL."""
    try:
        url = checked_base_url("shop", as_text(data))
    except ValueError:
        return
    whole = urlsplit(f"{url}/v1/things?a=b")
    assert whole.path.endswith("/v1/things"), whole
    assert (whole.query, whole.fragment) == ("a=b", "")
    assert whole.scheme in ("http", "https")
    assert whole.hostname and "@" not in whole.netloc
    assert origin(url) == origin(whole.geturl())
    if url.isascii():
        seen = parse_url(f"{url}/v1/things?a=b")
        assert (seen.host or "").strip("[]").lower() == whole.hostname
        assert seen.port == whole.port
