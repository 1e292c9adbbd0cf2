"""``Guardrails``: the filters of a client, as a hook on all that it sends and gets."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.errors import GuardrailError
from ..core.hooks import Hook
from ..core.results import Either, Lines
from .deciding import findings_in, masked
from .filter import Filter
from .findings import Finding
from .folding import View
from .holding import Holding
from .pieces import Pieces
from .places import Texts, Walk

if TYPE_CHECKING:
    from ..core.hooks import Tap
    from ..core.wire import Call, Reply

logger = logging.getLogger("specwire.guardrails")
_STREAMS = ("event-stream", "jsonl", "ndjson", "eventstream", "json-seq")


class Guardrails(Hook):
    """Checks every text of requests and replies; give it to a client as a hook.

    >>> from specwire.guardrails import Guardrails, KeywordFilter, PiiDetector
    >>> guard = Guardrails(KeywordFilter(["project x"]), PiiDetector())
    >>> client = Client(hooks=[guard])  # doctest: +SKIP

    A request is checked once, before its first attempt, a reply each time. A stream's
    events are held back until what they bring is decided, a few characters mostly.

    :param filters: :class:`Filter` objects, in any order.
    :param texts: where texts are, such as ``messages.*.content``; everywhere by
        default. What stands elsewhere is not looked at.
    :param on_finding: called with each :class:`Finding`; also with those that ``warn``,
        which are logged where this is not given. What it raises is the caller's.
    :raises GuardrailError: from calls with what a filter blocks; ``rule`` and ``place``
        say what and where.
    """

    stage = 10

    def __init__(
        self,
        *filters: Filter | Iterable[Filter],
        texts: Iterable[str] | None = None,
        on_finding: Callable[[Finding], Any] | None = None,
    ) -> None:
        self.filters: list[Filter] = []
        for each in filters:
            self.filters += [each] if isinstance(each, Filter) else list(each)
        for one in self.filters:
            if not isinstance(one, Filter):
                raise TypeError(
                    f"Guardrails: expected filters, got {type(one).__name__}"
                )
        self._texts = Texts(texts)
        self._on_finding = on_finding
        self._lock = threading.Lock()
        self._counts = {"block": 0, "mask": 0, "warn": 0}

    def signals(self) -> Mapping[str, Any]:
        with self._lock:
            return {"guardrails": dict(self._counts)}

    def __repr__(self) -> str:
        return f"<Guardrails of {len(self.filters)} filters>"

    def _of(self, side: str) -> list[Filter]:
        return [f for f in self.filters if f.enabled and f.on in ("both", side)]

    # -- requests ------------------------------------------------------------------

    def before_attempt(self, call: Call) -> None:
        seen = ("guardrails", id(self))
        if seen in call.scratch:
            return
        filters = self._of("request")
        body = call.request.body
        if filters and isinstance(body, (bytes, str)) and body:
            media = _media(call.request.headers)
            made = self._checked(call, filters, body, media, "request")
            if made is not None:
                call.request.body = made
        call.scratch[seen] = True

    # -- replies ---------------------------------------------------------------------

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        if isinstance(outcome, BaseException) or call.open or not outcome.body:
            return
        filters = self._of("reply")
        if filters:
            media = outcome.content_type
            made = self._checked(call, filters, outcome.body, media, "reply")
            if made is not None:
                outcome.body = made

    def tap(self, call: Call) -> Tap | None:
        filters = self._of("reply")
        if not filters:
            return None
        rows = _is_rows(call.operation.result, call)
        return Holding(
            filters,
            Pieces(self._texts, rows=rows),
            lambda found, place: self._told(call, found, f"reply {place}"),
        )

    # -- both --------------------------------------------------------------------------

    def _checked(
        self,
        call: Call,
        filters: Sequence[Filter],
        body: bytes | str,
        media: str,
        side: str,
    ) -> bytes | None:
        """The body as it is to go on; ``None`` where it stays as it is."""
        if any(name in media for name in _STREAMS):
            return None
        look = _Look(filters, lambda f, at: self._told(call, f, f"{side} {at}".strip()))
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            if not (media.startswith("text/") or "json" in media):
                return None
            text = body if isinstance(body, str) else body.decode("utf-8", "replace")
            made = look.ask(text, "", False)
            return made.encode("utf-8", "replace") if look.changed else None
        data = Walk(self._texts, look.ask, look.across).of(data)
        if not look.changed:
            return None
        return _written(data)

    def _told(self, call: Call, found: Sequence[Finding], place: str) -> None:
        """Count, tell, and refuse where one of ``found`` is blocked."""
        for each in found:
            with self._lock:
                self._counts[each.action] += 1
            if self._on_finding is not None:
                self._on_finding(each)
            elif each.action == "warn":
                logger.warning("%s: rule %s applies to %s", call.name, each.rule, place)
        blocked = next((each for each in found if each.action == "block"), None)
        if blocked is None:
            return
        sent = "" if place.startswith("reply") else "; nothing was sent"
        why = f" ({blocked.message})" if blocked.message else ""
        raise GuardrailError(
            f"{call.name}: {place} is refused by rule {blocked.rule!r}{why}{sent}",
            rule=blocked.rule,
            place=place,
            attempts=call.attempts_made,
        )


def _media(headers: Mapping[str, str]) -> str:
    found = headers.get("Content-Type")
    if found is None:
        found = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
    return found or "application/json"


def _written(data: Any) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a character can be written as an escape only
        return json.dumps(data, separators=(",", ":")).encode()


def _is_rows(result: Any, call: Call) -> bool:
    if isinstance(result, Either):
        result = result.on if call.args.get(result.flag) else result.off
    return isinstance(result, Lines)


class _Look:
    """Asks filters about the texts of one body.

    :ivar changed: something was masked.
    """

    def __init__(
        self,
        filters: Sequence[Filter],
        told: Callable[[Sequence[Finding], str], None],
    ) -> None:
        self._filters, self._told = filters, told
        self.changed = False

    def ask(self, text: str, place: str, is_json: bool) -> str:
        """``text`` as it is to be."""
        found = findings_in(self._filters, View(text, json=is_json, place=place))
        if not found:
            return text
        self._told(found, place)
        covers = [each for each in found if each.action == "mask"]
        if not covers:
            return text
        self.changed = True
        return masked(text, covers, json=is_json)

    def across(self, text: str, ends: Sequence[int], place: str) -> None:
        """Refuse what stands over the end of a block; the rest was seen already."""
        filters = [f for f in self._filters if not f.whole and f.longest > 1]
        found = [
            each
            for each in findings_in(filters, View(text, place=place))
            if each.action == "block" and any(each.start < e < each.end for e in ends)
        ]
        if found:
            self._told(found, place)
