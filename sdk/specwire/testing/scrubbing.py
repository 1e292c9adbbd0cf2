"""What must not stand in a cassette: keys, cookies, account ids.

Keys become ``***``. An account id becomes ``hidden-account-1``, the same one wherever
it stands, so that a reply's id can be asked for again; :mod:`.marks` says what that is
where a recorded request is compared.

All works on text, and only ever on what stands between quotes, so JSON stays JSON; the
pieces that a body came in keep their borders. :mod:`.looks` knows what keys look like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ..core.wire import Hidden
from ..telemetry.redaction import HIDDEN
from .looks import DELTA, SHAPES, fields, forms, in_query, named
from .marks import MARK, MARKED

_ACCOUNT_NAMES: Final = (
    r"(?:[\w-]*[_-])?(?:account|customer|org|organization|owner|project|subscription"
    r"|tenant|user|workspace)[_-]?(?:uu)?id|e?mail(?:[_-]address)?"
)
_ACCOUNTS: Final = re.compile(rf'(?i)"(?:{_ACCOUNT_NAMES})"\s*:\s*"([^"\\]{{1,256}})"')
_EVERYWHERE: Final = 6
"""A shorter account id is an ordinary word elsewhere: ``me``, ``1``."""
KEPT_HEADERS: Final = frozenset(
    (
        *("accept-ranges", "cache-control", "content-disposition", "content-range"),
        *("content-type", "deprecation", "etag", "link", "location", "request-id"),
        *("retry-after", "retry-after-ms", "sunset"),
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
        for key in keys:
            if len(key) >= Hidden.shortest:
                self._exact.update(dict.fromkeys(forms(key), HIDDEN))

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

    def query(self, name: str, value: str, *, accounts: bool = True) -> str:
        """The value of one parameter without them."""
        if in_query(name, value):
            return HIDDEN
        return self.text(value, accounts=accounts)

    def content(self, content: bytes, *, accounts: bool = True) -> bytes:
        """As :meth:`text`, for bytes of any kind; of JSON, no escape hides any."""
        try:
            plain = json.dumps(json.loads(content), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            plain = content
        cleaned = self.chunks([plain], accounts=accounts)[0]
        return content if cleaned == plain else cleaned

    def chunks(self, chunks: Sequence[bytes], *, accounts: bool = True) -> list[bytes]:
        """As :meth:`pieces`; characters lie across borders, and keys across events."""
        pieces = [chunk.decode("utf-8", "surrogateescape") for chunk in chunks]
        pieces = self.pieces(pieces, accounts=accounts)
        whole = "".join(pieces)
        found = list(DELTA.finditer(whole))
        spans: list[tuple[int, int, str]] = []
        for name in {each[1] for each in found}:
            deltas = [each for each in found if each[1] == name]
            clean = self.pieces([each[2] for each in deltas], accounts=accounts)
            pairs = zip(deltas, clean, strict=True)
            spans += [(*d.span(2), text) for d, text in pairs if d[2] != text]
        pieces = _spliced(pieces, sorted(spans))
        return [piece.encode("utf-8", "surrogateescape") for piece in pieces]

    def pieces(self, pieces: list[str], *, accounts: bool = True) -> list[str]:
        """A text in pieces without them: what lay across a border is in the first.

        :param accounts: also without account ids.
        """
        for text, by in sorted(self._exact.items(), key=_longest):
            pieces = _replaced(pieces, re.compile(re.escape(text)), by)
        for where in (named, fields):
            spans = [(*span, HIDDEN) for span in where("".join(pieces))]
            pieces = _spliced(pieces, spans)
        for pattern in SHAPES:
            pieces = _replaced(pieces, pattern, HIDDEN)
        if accounts:
            pieces = _replaced(pieces, _ACCOUNTS, lambda m: self._account(m[1]))
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
) -> list[str]:
    """``pieces`` with what ``pattern`` finds in their whole, or its group, replaced."""
    spans = [
        (*found.span(found.lastindex or 0), by if isinstance(by, str) else by(found))
        for found in pattern.finditer("".join(pieces))
    ]
    return _spliced(pieces, spans)


def _spliced(pieces: list[str], spans: list[tuple[int, int, str]]) -> list[str]:
    """``pieces`` with other texts at ``spans`` of their whole, in order."""
    if not spans:
        return pieces
    whole = "".join(pieces)
    result, start, first = [], 0, 0
    for piece in pieces:
        end = start + len(piece)
        parts, at = [], start
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        for left, right, text in spans[first:]:
            if left >= end:
                break
            parts.append(whole[at : max(left, at)])
            parts.append(text if left >= start else "")
            at = min(right, end)
        parts.append(whole[at:end])
        result.append("".join(parts))
        start = end
    return result
