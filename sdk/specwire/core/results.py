"""What an operation returns, as data: one class a kind, each knows how to read it.

The generator writes these into operation records; :class:`Either` and
:class:`ByStatus` choose among the others. ``opens`` says whether the body stays on the
wire, ``value`` makes the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import define

from .replies import reply_error
from .types import Replied, ReplyDict, ReplyList, ReplyText

if TYPE_CHECKING:
    from .engine import Engine
    from .hooks import Hook
    from .lease import Arriving
    from .records import EventDecoder
    from .wire import Call, Reply

_JSON = "application/json"
_EVENTS = "text/event-stream"
FRAMINGS: dict[str, type[EventDecoder]] = {}
"""Media types that event streams may have besides the usual one, and who reads them."""
Type = Callable[[], Any]
"""A type expression, not evaluated before the reply is here: models load then."""


@define(eq=False, repr=False)
class Arrived:
    """A reply on its way to the caller: what was asked, and what came.

    ``opened`` is the body where it stays on the wire, else it is in ``reply``.
    """

    engine: Engine
    call: Call
    hooks: tuple[Hook, ...]
    reply: Reply
    opened: Arriving | None


class Result:
    """Base: the body is read whole."""

    __slots__ = ()
    accept: str = "*/*"

    def accepts(self, args: Mapping[str, Any]) -> str:
        """The Accept header for a call with ``args``."""
        return self.accept

    def opens(self, call: Call, reply: Reply) -> bool:
        """Whether the body is handed out as a stream."""
        return False

    def value(self, arrived: Arrived) -> Any:
        raise NotImplementedError


class Nothing(Result):
    """No content: ``None``."""

    __slots__ = ()

    def value(self, arrived: Arrived) -> None:
        return None


class Json(Result):
    """A JSON document of one type, or of an envelope the one ``member`` that counts."""

    __slots__ = ("member", "type")
    accept = _JSON

    def __init__(self, type: Type, *, member: str | None = None) -> None:
        self.type = type
        self.member = member

    def value(self, arrived: Arrived) -> Any:
        call, reply = arrived.call, arrived.reply
        if self.member is None:
            return known(decoded(call, reply, self.type()), reply)
        data = decoded(call, reply, dict[str, Any])
        at = f"/{self.member}"
        if self.member not in data:
            raise reply_error(call, reply, f"has no {self.member!r}", pointer=at)
        return known(
            converted(call, reply, self.type(), data[self.member], at=at), reply
        )


class Text(Result):
    """Text of any media type."""

    __slots__ = ()

    def value(self, arrived: Arrived) -> Any:
        reply = arrived.reply
        charset = reply.headers.get("content-type", "").partition("charset=")[2]
        try:
            text = reply.body.decode(charset.strip("\"' ;") or "utf-8")
        except (LookupError, ValueError):
            text = reply.body.decode("utf-8", "replace")
        return known(ReplyText(text), reply)


class Bytes(Result):
    """A body of any size, handed out as a :class:`~specwire.core.download.Download`."""

    __slots__ = ()

    def opens(self, call: Call, reply: Reply) -> bool:
        return True

    def value(self, arrived: Arrived) -> Any:
        if arrived.engine.downloads is not None:
            return arrived.engine.downloads(arrived)
        from .download import Download

        return Download(arrived)


class Events(Result):
    """Server-sent events of one type.

    :param tag: the member of an event's data that names its kind.
    :param end: kinds after which the stream is complete.
    :param error: kinds that are raised.
    :param skip: kinds that are not handed out.
    :param done: raw data that ends the stream.
    """

    __slots__ = ("done", "end", "error", "skip", "tag", "type")
    accept = _EVENTS

    def __init__(
        self,
        type: Type,
        *,
        tag: str | None = None,
        end: tuple[str, ...] = (),
        error: tuple[str, ...] = (),
        skip: tuple[str, ...] = (),
        done: tuple[str, ...] = (),
    ) -> None:
        self.type = type
        self.tag = tag
        self.end = frozenset(end)
        self.error = frozenset(error)
        self.skip = frozenset(skip)
        self.done = frozenset(done)

    def opens(self, call: Call, reply: Reply) -> bool:
        # Anything else is read whole, so that the error can show what came.
        return reply.content_type in (_EVENTS, "") or reply.content_type in FRAMINGS

    def value(self, arrived: Arrived) -> Any:
        from .records import EventDecoder
        from .stream import Stream

        call, reply = arrived.call, arrived.reply
        decoding = FRAMINGS.get(reply.content_type, EventDecoder)
        usual = reply.content_type in (_EVENTS, "")
        if arrived.opened is None and decoding is EventDecoder and not usual:
            raise reply_error(call, reply, f"is not an event stream ({_EVENTS})")
        return Stream(arrived, decoding(call, reply, self, arrived.engine.secrets))


class Lines(Result):
    """JSON lines of one type."""

    __slots__ = ("type",)
    accept = "application/x-jsonl, application/jsonl, application/x-ndjson, */*;q=0.5"

    def __init__(self, type: Type) -> None:
        self.type = type

    def opens(self, call: Call, reply: Reply) -> bool:
        return reply.content_type != "text/html"

    def value(self, arrived: Arrived) -> Any:
        from .records import LineDecoder
        from .stream import Stream

        call, reply = arrived.call, arrived.reply
        if arrived.opened is None and reply.content_type == "text/html":
            raise reply_error(call, reply, "is not JSON lines")
        decoder = LineDecoder(call, reply, self.type(), arrived.engine.secrets)
        return Stream(arrived, decoder)


class Pages(Result):
    """A list in pages: ``items`` holds this page's, ``cursors`` lead to the next.

    :param cursors: argument of the operation -> member of the reply that it is sent
        back in; the first one that was given leads the way, else the first of all.
    """

    __slots__ = ("cursors", "items", "more", "type")
    accept = _JSON

    def __init__(
        self,
        type: Type,
        *,
        items: str = "data",
        more: str | None = None,
        cursors: Mapping[str, str] | None = None,
    ) -> None:
        self.type = type
        self.items = items
        self.more = more
        self.cursors = cursors or {}

    def value(self, arrived: Arrived) -> Any:
        from .paging import Page

        call, reply = arrived.call, arrived.reply
        data = decoded(call, reply, dict[str, Any])
        raw = data.get(self.items)
        if not isinstance(raw, list):
            raise reply_error(
                call, reply, f"has no list {self.items!r}", pointer=f"/{self.items}"
            )
        items = converted(call, reply, list[self.type()], raw)  # type: ignore[misc]
        return Page(arrived, self, data, items)


class Either(Result):
    """JSON, or a stream where the argument ``flag`` is true."""

    __slots__ = ("flag", "off", "on")

    def __init__(self, flag: str, off: Result, on: Result) -> None:
        self.flag = flag
        self.off = off
        self.on = on

    def _chosen(self, args: Mapping[str, Any]) -> Result:
        return self.on if args.get(self.flag) else self.off

    def accepts(self, args: Mapping[str, Any]) -> str:
        return self._chosen(args).accepts(args)

    def opens(self, call: Call, reply: Reply) -> bool:
        return self._chosen(call.args).opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        return self._chosen(arrived.call.args).value(arrived)


class ByMedia(Result):
    """The usual result; another one where ``extra_headers`` ask for its media type.

    Only then, so that the type of what comes is the one that was asked for.
    """

    __slots__ = ("others", "usual")

    def __init__(self, usual: Result, others: Mapping[str, Result]) -> None:
        self.usual = usual
        self.others = others

    def accepts(self, args: Mapping[str, Any]) -> str:
        return self.usual.accepts(args)

    def _chosen(self, call: Call, reply: Reply) -> Result:
        other = self.others.get(reply.content_type)
        if other is None:
            return self.usual
        headers = call.request.headers
        asked = next((v for k, v in headers.items() if k.lower() == "accept"), "")
        return other if reply.content_type in asked.lower() else self.usual

    def opens(self, call: Call, reply: Reply) -> bool:
        return self._chosen(call, reply).opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        return self._chosen(arrived.call, arrived.reply).value(arrived)


class ByStatus(Result):
    """One result a success status (``200``, ``2XX``); others read like the first."""

    __slots__ = ("table",)

    def __init__(self, table: Mapping[str, Result]) -> None:
        self.table = table

    def _chosen(self, reply: Reply) -> Result:
        status = str(reply.status_code)
        table = self.table
        return (
            table.get(status)
            or table.get(f"{status[0]}XX")
            or next(iter(table.values()))
        )

    def accepts(self, args: Mapping[str, Any]) -> str:
        accepted = (result.accepts(args) for result in self.table.values())
        return ", ".join(dict.fromkeys(accepted))

    def opens(self, call: Call, reply: Reply) -> bool:
        return self._chosen(reply).opens(call, reply)

    def value(self, arrived: Arrived) -> Any:
        return self._chosen(arrived.reply).value(arrived)


def decoded(call: Call, reply: Reply, type: Any) -> Any:
    """The reply's JSON as a value of ``type``.

    :raises DecodeError: where it is empty, not JSON, or of another shape.
    """
    from . import codec

    if not reply.body:
        raise reply_error(call, reply, "is empty; expected JSON")
    try:
        data = codec.loads(reply.body)
    except ValueError as error:
        problem = f"is not JSON ({str(error)[:80]})"
    else:
        return converted(call, reply, type, data)
    # Outside: json's error, which would be the context, holds the whole text.
    raise reply_error(call, reply, problem)


def converted(call: Call, reply: Reply, type: Any, data: Any, *, at: str = "") -> Any:
    """Parsed JSON as a value of ``type``; :raises DecodeError: for another shape.

    ``at`` is the pointer of ``data`` in the reply.
    """
    from . import codec

    try:
        return codec.load(type, data)
    except codec.Mismatch as error:
        found = error
    except RecursionError:
        found = codec.Mismatch("less nesting", data)
    raise reply_error(
        call, reply, f"is of another shape: {found}", pointer=f"{at}{found.pointer}"
    )


def known(value: Any, reply: Reply) -> Any:
    """``value`` with its reply attached, where it can carry one."""
    if value.__class__ is dict:
        value = ReplyDict(value)
    elif value.__class__ is list:
        value = ReplyList(value)
    elif value.__class__ is str:
        value = ReplyText(value)
    if isinstance(value, Replied):
        value._reply = reply
    return value
