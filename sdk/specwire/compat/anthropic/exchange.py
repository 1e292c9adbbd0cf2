"""A request and its reply as programs for ``anthropic`` look at them.

``HTTPResponse`` has what they use of ``httpx.Response``; its body is read from the wire
when it is asked for, once. No credential is in reach of either by a public name.
"""

from __future__ import annotations

import codecs
import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...core.errors import SpecwireError
from ...core.replies import reply_error
from ...core.results import decoded
from ...core.types import Replied
from ...core.wire import Headers

if TYPE_CHECKING:
    from ...core.lease import Arriving
    from ...core.results import Arrived
    from ...core.wire import Request

_SECRET = re.compile("authorization|cookie|api-?key|token|secret", re.I).search


class StreamAlreadyConsumed(SpecwireError):
    """The body of a reply was read before, and not kept; it comes only once."""


class HTTPRequest:
    """A request as it was sent; the values of headers that hold credentials are not."""

    def __init__(self, request: Request) -> None:
        self.method = request.method
        self.url = request.url
        self.headers: Mapping[str, str] = Headers.of(
            (name, "***" if _SECRET(name) else value)
            for name, value in request.headers.items()
        )
        self._body = request.body

    @property
    def content(self) -> bytes:
        """The body; empty where it was sent from a file."""
        return self._body if isinstance(self._body, bytes) else b""

    def read(self) -> bytes:
        """The same as :attr:`content`."""
        return self.content

    def __repr__(self) -> str:
        return f"<HTTPRequest({self.method} {self.url.partition('?')[0]})>"


class Readable:
    """The forms in which a body is read, made of ``read`` and ``iter_bytes``."""

    if TYPE_CHECKING:

        @property
        def headers(self) -> Headers: ...
        def read(self) -> bytes: ...
        def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]: ...

    @property
    def encoding(self) -> str:
        """The charset that the reply names; UTF-8 if none, or none that is known."""
        _, _, rest = self.headers.get("content-type", "").lower().partition("charset=")
        try:
            return codecs.lookup(rest.split(";")[0].strip("\"' ") or "utf-8").name
        except LookupError:
            return "utf-8"

    @property
    def content(self) -> bytes:
        return self.read()

    @property
    def text(self) -> str:
        return self.read().decode(self.encoding, "replace")

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """The body as text; a character is never cut."""
        decode = codecs.getincrementaldecoder(self.encoding)("replace").decode
        texts = (decode(chunk) for chunk in self.iter_bytes())
        return texts if chunk_size is None else _pieces(texts, chunk_size, "")

    def iter_lines(self) -> Iterator[str]:
        """The lines of the body, without their ends."""
        return _lines(self.iter_text())

    def stream_to_file(
        self, file: str | os.PathLike[str], *, chunk_size: int | None = None
    ) -> None:
        """Write the body to ``file`` as it arrives."""
        with open(file, "wb") as target:
            for chunk in self.iter_bytes(chunk_size):
                target.write(chunk)


class HTTPResponse(Readable, Replied):
    """A reply whose body may be on the wire still.

    :ivar request: what it answers.
    """

    http_version = "HTTP/1.1"

    def __init__(self, arrived: Arrived) -> None:
        self._call = arrived.call
        self._reply = arrived.reply
        self._known = arrived.reply
        self._limit = arrived.engine.max_body_bytes
        # Until somebody reads it; ``_open`` is held for as long as it can be closed.
        self._unread = self._open = arrived.opened
        self._kept = arrived.opened is None
        self.request = HTTPRequest(arrived.call.request)

    @property
    def status_code(self) -> int:
        return self._known.status_code

    @property
    def headers(self) -> Headers:
        """Names in any case; repeated ones are joined."""
        return self._known.headers

    @property
    def url(self) -> str:
        """Where the answer came from."""
        return self._known.url or self.request.url

    @property
    def elapsed(self) -> dt.timedelta:
        """How long the call took, with all its attempts, until the reply was here."""
        return dt.timedelta(seconds=self._known.elapsed_s)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can come: the body was read to its end, or given up."""
        return self._open is None

    # -- the body --------------------------------------------------------------------

    def take(self) -> Arriving:
        """The body on the wire, for one reader.

        :raises StreamAlreadyConsumed: where there was one before.
        """
        opened, self._unread = self._unread, None
        if opened is None:
            raise StreamAlreadyConsumed(
                f"{self._call.name}: the body was read or closed before; it comes "
                "once, and read() keeps it",
                request_id=self._request_id,
                attempts=self._known.attempts,
            )
        return opened

    def let_go(self) -> None:
        """The body's reader closes it; it may outlive this object."""
        self._open = None

    @property
    def kept(self) -> bool:
        """Whether the body was read whole, so that all can have it."""
        return self._kept

    def read(self) -> bytes:
        """The whole body, which is kept.

        :raises DecodeError: for one larger than the client's ``max_body_bytes``.
        """
        if not self._kept:
            parts: list[bytes] = []
            left = self._limit
            for chunk in self._arriving(self.take()):
                parts.append(chunk)
                left -= len(chunk)
                if left < 0:
                    self.close()
                    told = f"is larger than {self._limit} bytes (max_body_bytes)"
                    raise reply_error(self._call, self._known, told)
            self._known.body = b"".join(parts)
            self._kept = True
        return self._known.body

    def json(self) -> Any:
        """:raises DecodeError: where the body is no JSON."""
        self.read()
        return decoded(self._call, self._known, Any)

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body as it arrives, or in pieces of ``chunk_size`` bytes.

        :raises APIConnectionError: where it breaks off before its end.
        """
        chunks = iter((self.read(),)) if self._kept else self._arriving(self.take())
        return chunks if chunk_size is None else _pieces(chunks, chunk_size, b"")

    def _arriving(self, opened: Arriving) -> Iterator[bytes]:
        try:
            yield from opened.chunks()
        except SpecwireError as error:
            error.request_id = self._request_id
            error.attempts = self._known.attempts
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Read no more; the connection is given up unless the body was read whole."""
        opened, self._open, self._unread = self._open, None, None
        if opened is not None:
            opened.close()

    def __del__(self) -> None:
        # Only what nobody reads: a stream that was made of it may live on.
        if getattr(self, "_unread", None) is not None:
            self.close()

    def __repr__(self) -> str:
        return f"<HTTPResponse [{self.status_code}]>"


def _pieces(chunks: Iterator[Any], size: int, empty: Any) -> Iterator[Any]:
    rest = empty
    for chunk in chunks:
        rest += chunk
        full = len(rest) - len(rest) % size
        yield from (rest[at : at + size] for at in range(0, full, size))
        rest = rest[full:]
    if rest:
        yield rest


_END = re.compile("\r\n|\n|\r")


def _lines(texts: Iterator[str]) -> Iterator[str]:
    """Lines by the ends that HTTP knows; JSON may hold others that Python knows."""
    line: list[str] = []
    half = ""
    for text in texts:
        text = half + text
        half = "\r" if text.endswith("\r") else ""  # of a CRLF, perhaps
        first, *more = _END.split(text.removesuffix("\r"))
        line.append(first)
        for begun in more:
            yield "".join(line)
            line = [begun]
    last = "".join(line)
    if last or half:
        yield last
