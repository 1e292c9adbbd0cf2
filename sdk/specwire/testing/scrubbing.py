"""What must not stand in a cassette: keys, cookies, account ids.

Keys become ``***``. An account id becomes ``hidden-account-1``, the same one wherever
it stands, so that a reply's id can be asked for again; :mod:`.marks` says what that is
where a recorded request is compared.

All works on text, and only ever on what stands between quotes, so JSON stays JSON; the
pieces that a body came in keep their borders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ..core.wire import Hidden
from ..telemetry.redaction import HIDDEN, PATTERNS
from .marks import MARK, MARKED

_KEY_NAMES: Final = (
    r"[\w-]*api[_-]?key|[\w-]*secret[\w-]*|[\w-]*access[_-]?key[\w-]*|password|passwd"
    r"|[\w-]*private[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token"
    r"|id[_-]?token|client[_-]?assertion|(?:proxy-)?authorization|(?:set-)?cookie"
)
_ACCOUNT_NAMES: Final = (
    r"(?:[\w-]*[_-])?(?:account|customer|org|organization|owner|project|subscription"
    r"|tenant|user|workspace)[_-]?(?:uu)?id|e?mail(?:[_-]address)?"
)
_KEYS: Final = (
    re.compile(rf'(?i)"(?:{_KEY_NAMES})"\s*:\s*"((?:[^"\\]|\\.)+)"'),
    re.compile(rf"(?i)(?:^|[?&])(?:key|{_KEY_NAMES})=([^&\s]+)"),
)
_ACCOUNTS: Final = re.compile(rf'(?i)"(?:{_ACCOUNT_NAMES})"\s*:\s*"([^"\\]{{1,256}})"')
_EVERYWHERE: Final = 6
"""A shorter account id is an ordinary word elsewhere: ``me``, ``1``."""
# The first ones go by names, which has been done; the rest know keys by their looks.
_LOOKS: Final = [(re.compile(pattern), by) for pattern, by in PATTERNS[1:]]
KEPT_HEADERS: Final = frozenset(
    (
        *("accept-ranges", "cache-control", "content-disposition", "content-range"),
        *("content-type", "deprecation", "etag", "link", "location", "request-id"),
        *("retry-after", "retry-after-ms", "sunset", "upload-token"),
        *("x-amzn-errortype", "x-amzn-requestid", "x-execution-id", "x-execution-mode"),
        *("x-request-id", "x-run-id", "x-should-retry", "x-sim-stream-protocol"),
        *("x-stream-response",),
    )
)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that a client reads; no cookie and no account is among them."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower() in KEPT_HEADERS or "ratelimit" in name.lower()
    }


class Scrubber:
    """Takes secrets out of texts, in the same way each time.

    :param hide: texts of the user's own, and what is put in place of each.
    """

    def __init__(self, hide: Mapping[str, str] | Iterable[str] = ()) -> None:
        given = hide if isinstance(hide, Mapping) else dict.fromkeys(hide, HIDDEN)
        self._exact = {text: by for text, by in given.items() if text}
        self._accounts: dict[str, str] = {}

    def learn_keys(self, keys: Iterable[str]) -> None:
        """Hide ``keys`` from now on; a short one is an ordinary word elsewhere."""
        long = (key for key in keys if len(key) >= Hidden.shortest)
        self._exact.update(dict.fromkeys(long, HIDDEN))

    def learn_accounts(self, text: str) -> None:
        """Hide the account ids that ``text`` names, everywhere."""
        for found in _ACCOUNTS.finditer(text):
            self._account(found[1])

    def _account(self, value: str) -> str:
        if value == HIDDEN or MARKED.fullmatch(value):
            return value
        return self._accounts.setdefault(value, f"{MARK}{len(self._accounts) + 1}")

    def text(self, text: str, *, accounts: bool = True) -> str:
        """``text`` without them."""
        return self.pieces([text], accounts=accounts)[0]

    def content(self, content: bytes, *, accounts: bool = True) -> bytes:
        """As :meth:`text`, for bytes of any kind."""
        return self.chunks([content], accounts=accounts)[0]

    def chunks(self, chunks: Sequence[bytes], *, accounts: bool = True) -> list[bytes]:
        """As :meth:`pieces`; a character may lie across a border."""
        texts = [chunk.decode("utf-8", "surrogateescape") for chunk in chunks]
        cleaned = self.pieces(texts, accounts=accounts)
        return [text.encode("utf-8", "surrogateescape") for text in cleaned]

    def pieces(self, pieces: list[str], *, accounts: bool = True) -> list[str]:
        """A text in pieces without them: what lay across a border is in the first.

        :param accounts: also without account ids.
        """
        for text, by in sorted(self._exact.items(), key=_longest):
            pieces = _replaced(pieces, re.compile(re.escape(text)), by)
        for pattern in _KEYS:
            pieces = _replaced(pieces, pattern, HIDDEN, group=1)
        for pattern, by in _LOOKS:
            pieces = _replaced(pieces, pattern, _expanding(by))
        if accounts:
            pieces = _replaced(pieces, _ACCOUNTS, lambda m: self._account(m[1]), 1)
            for value, mark in sorted(self._accounts.items(), key=_longest):
                if len(value) >= _EVERYWHERE:
                    whole = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
                    pieces = _replaced(pieces, whole, mark)
        return pieces


def _longest(pair: tuple[str, str]) -> int:
    return -len(pair[0])


def _replaced(
    pieces: list[str],
    pattern: re.Pattern[str],
    by: str | Callable[[re.Match[str]], str],
    group: int = 0,
) -> list[str]:
    """``pieces`` with each ``group`` of ``pattern`` in their whole replaced."""
    whole = "".join(pieces)
    spans = [
        (*found.span(group), by if isinstance(by, str) else by(found))
        for found in pattern.finditer(whole)
    ]
    if not spans:
        return pieces
    result, start = [], 0
    for piece in pieces:
        end = start + len(piece)
        parts, at = [], start
        for left, right, text in spans:
            if right <= start or left >= end:
                continue
            parts.append(whole[at : max(left, at)])
            parts.append(text if left >= start else "")
            at = min(right, end)
        parts.append(whole[at:end])
        result.append("".join(parts))
        start = end
    return result


def _expanding(template: str) -> Callable[[re.Match[str]], str]:
    return lambda found: found.expand(template)
