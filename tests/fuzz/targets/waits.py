"""Retry-After and its kin: a wait that can be kept, or none, whatever the text is."""

from __future__ import annotations

import email.utils
import re

from specwire.core.retry import Backoff, retry_after_s, retryable_status
from specwire.core.wire import Headers

from ..taking import Taking

NOW = 1_700_000_000
_NAMES = ("retry-after", "Retry-After-Ms", "x-should-retry", "Date")


def check(data: bytes) -> None:
    """A date, a status and a chance; then lines, each a header's number and text."""
    take = Taking(data)
    later, status, chance = take.number(65_536), 100 + take.number(500), take.number(99)
    pairs = [
        (_NAMES[line[0] % len(_NAMES)], line[1:].decode("latin-1"))
        for line in take.rest().split(b"\n")
        if line
    ]
    headers = Headers.of(pairs)
    assert retryable_status(status, headers) in (True, False)
    wish = retry_after_s(headers, NOW)
    assert wish is None or wish >= 0
    for retry in (1, 5, 1000):
        delay = Backoff().delay_s(retry, chance / 98, wish)
        assert delay >= (wish or 0)
        assert wish is not None or delay <= 8
    text = headers.get("retry-after", "")
    if re.fullmatch("[0-9]{1,15}", text) and "retry-after-ms" not in headers:
        assert wish == int(text)
    date = email.utils.formatdate(NOW + later, usegmt=True)
    assert retry_after_s({"retry-after": date}, NOW) == (later or None)
