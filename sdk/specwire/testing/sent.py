"""``SentRequests``: a hook that keeps what was asked, and asserts it."""

from __future__ import annotations

import json as _json
import re
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from attrs import frozen

from ..core.hooks import Hook
from ..core.types import UNSET
from ..core.wire import Headers, Hidden
from .asked import Asked, holds, pattern_of, shown

if TYPE_CHECKING:
    from ..core.wire import Call

_LISTED: Final = 10
_NOTHING: Final = "nothing was requested by clients made in the test"


@frozen(eq=False, repr=False)
class SentRequest:
    """One request as it went out, or as a cassette has answered it.

    :ivar operation: such as ``messages.create``.
    :ivar path: of the whole URL, decoded.
    :ivar own_path: without what the base URL has before the operation's path.
    :ivar query: by name, of a repeated one the last.
    :ivar headers: by name in any case; without the credential.
    """

    operation: str
    method: str
    url: str
    path: str
    own_path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON.

        :raises ValueError: where it is none.
        """
        return _json.loads(self.content)

    def __repr__(self) -> str:
        return f"<SentRequest {self.method} {self.path}>"


class SentRequests(Hook):
    """Every attempt that goes out, the oldest first; iterate, count, index.

    >>> sent = SentRequests()
    >>> client = Client(hooks=[sent])  # doctest: +SKIP
    >>> sent.assert_requested("POST", "/v1/messages", times=2)  # doctest: +SKIP
    """

    stage = 94

    def __init__(self) -> None:
        self._sent: list[SentRequest] = []
        self._lock = threading.Lock()

    def before_attempt(self, call: Call) -> None:
        request = call.request
        asked = Asked.of(call)
        told = request.headers.items()
        sent = SentRequest(
            call.name,
            request.method,
            request.url,
            unquote(urlsplit(request.url).path),
            asked.path,
            dict(asked.query),
            Headers.of((k, v) for k, v in told if not isinstance(v, Hidden)),
            asked.content,
        )
        with self._lock:
            self._sent.append(sent)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._sent.clear()

    def __iter__(self) -> Iterator[SentRequest]:
        with self._lock:
            return iter(self._sent[:])

    def __len__(self) -> int:
        return len(self._sent)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int) -> SentRequest:
        return self._sent[index]

    def assert_requested(
        self,
        method: str,
        path: str,
        *,
        json: Any = UNSET,
        exactly: bool = False,
        query: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> None:
        """Assert that it was asked, at least once, or exactly ``times`` times.

        :param method: ``*`` is any.
        :param path: with or without what the base URL has in front; ``*`` or
            ``{name}`` stand for one segment.
        :param json: the body; of objects, the members that are named here.
        :param exactly: nothing else may be in the body.
        :param query: a part of the query.
        :raises AssertionError: with what was asked instead.
        """
        __tracebackhide__ = True  # pytest shows the test's line alone
        at_place = [each for each in self if _at(each, method, path)]
        found = [each for each in at_place if _says(each, json, exactly, query)]
        if len(found) == times or (times is None and found):
            return
        wanted = "1 or more" if times is None else f"{times}"
        lines = [f"{method} {path}: expected {wanted} requests, got {len(found)}"]
        for name, value in (("json", json), ("query", query)):
            if value is not UNSET and value is not None:
                lines.append(f"  with {name} {value!r}")
        asked = [_line(each) for each in (at_place or list(self))]
        lines.append("requested were:" if asked else _NOTHING)
        lines += asked[:_LISTED]
        if len(asked) > _LISTED:
            lines.append(f"  … and {len(asked) - _LISTED} more")
        raise AssertionError("\n".join(lines))


def _at(sent: SentRequest, method: str, path: str) -> bool:
    if method not in ("*", sent.method) and method.upper() != sent.method:
        return False
    asked = re.compile(pattern_of(path)).fullmatch
    return any(map(asked, (sent.path, sent.own_path)))


def _says(
    sent: SentRequest, json: Any, exactly: bool, query: Mapping[str, str] | None
) -> bool:
    if any(sent.query.get(name) != value for name, value in (query or {}).items()):
        return False
    if json is UNSET:
        return True
    try:
        body = sent.json()
    except ValueError:
        return False
    return bool(json == body) if exactly else holds(body, json)


def _line(sent: SentRequest) -> str:
    query = "&".join(f"{name}={value}" for name, value in sent.query.items())
    line = f"  {sent.method} {sent.path}{'?' if query else ''}{query}"
    try:
        return f"{line} {shown(sent.json(), 300)}"
    except ValueError:
        return f"{line} {len(sent.content)} bytes" if sent.content else line
