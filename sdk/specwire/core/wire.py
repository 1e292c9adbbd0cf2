"""The values that cross the seam to the transport: ``Request``, ``Reply``, ``Call``.

Also the rules of what may stand in a URL and in a header (RFC 3986, RFC 9110). Nothing
here opens a connection or knows a resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from attrs import define, field

from .errors import RequestValidationError
from .types import Unset

if TYPE_CHECKING:
    from .cancelling import CancelToken
    from .engine import Engine
    from .rate_limits import RateLimitInfo
    from .resource import Operation
    from .retry import Policy
    from .types import Timeout


@define(eq=False, repr=False)
class Headers(Mapping[str, str]):
    """Response headers: names in any case, repeated ones joined with a comma.

    ``lower`` is what it is made of: values by lower-case name.
    """

    lower: Mapping[str, str] = {}

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Headers:
        """Headers from (name, value) pairs, in which a name may stand twice."""
        lower: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            lower[key] = f"{lower[key]}, {value}" if key in lower else value
        return cls(lower)

    def __getitem__(self, name: str) -> str:
        return self.lower[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self.lower)

    def __len__(self) -> int:
        return len(self.lower)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.lower

    def __repr__(self) -> str:
        return f"Headers({dict(self.items())!r})"


@define(eq=False, repr=False)
class Request:
    """One request as it will be sent, without its credential.

    ``headers`` is a plain dict that hooks may add to; ``body`` is bytes, a
    file-like :class:`~specwire.core.multipart.MultipartBody`, or ``None``.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: Any = None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url.partition('?')[0]})"


@define(eq=False, repr=False)
class Reply:
    """What the server answered. ``body`` is empty where it is read as a stream.

    ``attempts`` counts the requests that were made for the call, from 1;
    ``elapsed_s`` spans all of them, up to the end of the headers of a stream and of
    the body otherwise. ``received_s`` is the time of day when the headers came, in
    seconds since the epoch.
    """

    status_code: int
    headers: Headers = field(factory=Headers)
    body: bytes = b""
    url: str = ""
    attempts: int = 1
    elapsed_s: float = 0.0
    received_s: float = 0.0

    def chunks(self) -> Iterator[bytes]:
        """``body`` in the pieces that it is read in, where it is read as a stream."""
        yield self.body

    @property
    def request_id(self) -> str | None:
        """The server's name for the request."""
        return request_id_of(self.headers)

    @property
    def rate_limit(self) -> RateLimitInfo | None:
        """The quota that the ``X-RateLimit`` headers speak of, ``None`` without any."""
        from .rate_limits import rate_limit_info

        return rate_limit_info(self.headers, self.received_s)

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters; empty if none came."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        return (
            f"Reply(status_code={self.status_code}, request_id={self.request_id!r}, "
            f"attempts={self.attempts}, elapsed_s={self.elapsed_s:.3f})"
        )


@define(eq=False, repr=False)
class Call:
    """One call on its way: what is asked, under which limits, and how far it got.

    Hooks see it. ``request`` is what the next attempt sends, ``attempt`` its number
    from 1, ``deadline`` a reading of the engine's clock or ``None``, ``attempts_made``
    how many requests went out, ``scratch`` a place for hooks to remember things.
    ``cancel`` ends it from another thread, ``policy`` says what is tried again,
    ``open`` that the body of the attempt's reply is on the wire still, ``engine`` sends
    it.
    """

    operation: Operation[Any]
    request: Request
    timeout: Timeout
    max_retries: int
    idempotency_key: str | None = None
    args: Mapping[str, Any] = {}
    attempt: int = 0
    attempts_made: int = 0
    started: float = 0.0
    deadline: float | None = None
    scratch: dict[Any, Any] = field(factory=dict)
    cancel: CancelToken | None = None
    policy: Policy | None = None
    open: bool = False
    engine: Engine | None = None

    @property
    def name(self) -> str:
        """The operation's, such as ``messages.create``."""
        return self.operation.name

    @property
    def service(self) -> str:
        """Whose server is asked."""
        return self.operation.service

    def following(self, args: Mapping[str, Any]) -> Call:
        """The same call with other query arguments, from its first attempt on."""
        query = self.operation.query
        parts = urlsplit(self.request.url)
        wires = {query[name]: value for name, value in args.items()}
        kept = [(k, v) for k, v in parse_qsl(parts.query, True) if k not in wires]
        url = parts._replace(query=query_string([*kept, *wires.items()])).geturl()
        request = Request(self.request.method, url, dict(self.request.headers))
        return Call(
            self.operation,
            request,
            self.timeout,
            self.max_retries,
            self.idempotency_key,
            {**self.args, **args},
        )

    def __repr__(self) -> str:
        return f"Call({self.name}, attempt {self.attempt})"


# -- URLs and headers --------------------------------------------------------------


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The server's name for the request that ``headers`` answer."""
    return (
        headers.get("request-id")
        or headers.get("x-request-id")
        or headers.get("x-amzn-requestid")
    )


_DOTS = re.compile(r"^(\.|%2e){1,2}$", re.IGNORECASE)
_BAD_IN_HEADER = re.compile(r"[\r\n\0]")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


def path_segment(operation: str, name: str, value: Any) -> str:
    """``value`` as one segment of a path: percent-encoded, no ``.`` or ``..``.

    :raises RequestValidationError: where the path would become another one.
    """
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = value if isinstance(value, str) else str(value)
    if value is None or isinstance(value, (bytes, Unset)) or not text.strip():
        raise RequestValidationError(
            f"{operation}: path parameter {name!r} is {_no_id(value)}; expected an id"
        )
    if _DOTS.match(text):
        raise RequestValidationError(
            f"{operation}: path parameter {name!r} is {text!r}, which would change "
            "the path; expected an id"
        )
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise RequestValidationError(
            f"{operation}: path parameter {name!r} is not valid Unicode text"
        ) from None


def _no_id(value: Any) -> str:
    empty = value is None or isinstance(value, str)
    return "empty" if empty else f"of type {type(value).__name__}"


def checked_headers(where: str, headers: Mapping[str, Any]) -> dict[str, str | None]:
    """``headers`` as text that is safe on the wire; the values are never shown.

    ``None`` and ``UNSET`` are ``None``: a header that is not to be sent.

    :raises RequestValidationError: for a CR, LF, NUL or a character outside Latin-1.
    """
    checked: dict[str, str | None] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.match(name):
            raise RequestValidationError(
                f"{where}: a header's name may hold letters, digits and -; "
                f"got {_harmless(name)}"
            )
        if value is None or isinstance(value, Unset):
            checked[name] = None
            continue
        text = value if isinstance(value, str) else str(value)
        if _BAD_IN_HEADER.search(text) or not _latin1(text):
            raise RequestValidationError(
                f"{where}: the value of header {name!r} holds a line feed, a NUL or a "
                "character outside Latin-1; it was not sent"
            )
        checked[name] = text
    return checked


class Hidden(str):
    """The value of a header that may be a credential; errors are kept free of it."""

    __slots__ = ()
    shortest: Final = 8
    """Shorter ones (``1``, ``prod``) are ordinary words of replies, and no secrets."""

    def forms(self) -> Iterator[str]:
        """What must not be shown of it: all, and a credential behind its scheme."""
        for text in (str(self), self.partition(" ")[2].strip()):
            if len(text) >= self.shortest:
                yield text


def merge(headers: dict[str, str], more: Mapping[str, str | None]) -> None:
    """Add ``more``; a name in another case replaces, ``None`` takes away."""
    names = {name.lower(): name for name in headers}
    for name, value in more.items():
        headers.pop(names.get(name.lower(), name), None)
        if value is not None:
            headers[name] = value


def _latin1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _harmless(name: Any) -> str:
    # A credential may have been put in the name's place: show its kind only.
    return (
        "text with other characters" if isinstance(name, str) else type(name).__name__
    )


def query_string(pairs: Iterable[tuple[str, Any]]) -> str:
    """``pairs`` in order, form-encoded; ``None`` is left out."""
    flat = []
    for name, value in pairs:
        if value is None:
            continue
        flat.append((name, scalar_text(value)))
    return urlencode(flat)


def scalar_text(value: Any) -> str:
    """One value as it stands in a path, query or header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return value if isinstance(value, str) else str(value)


def with_query(url: str, query: str) -> str:
    """``url`` and the text of one more query."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def followed(
    status_code: int, headers: Mapping[str, str], method: str, url: str
) -> tuple[str, str] | None:
    """Where a reply leads instead, as (URL, method); ``None`` to take it as it is.

    Only within the origin (a key never leaves it) and never turning one method into
    another: 307 and 308 keep it, the others are followed for GET and HEAD alone.
    """
    if status_code not in (301, 302, 303, 307, 308):
        return None
    if status_code < 307 and method not in ("GET", "HEAD"):
        return None
    location = headers.get("location")
    if not location:
        return None
    try:
        target = urlsplit(urljoin(url, location))
        same = origin(target.geturl()) == origin(url) and _PLACE(target.netloc)
    except ValueError:
        return None
    # A fragment is for browsers, and what is asked for begins with a slash.
    path = target.path or "/"
    return (target._replace(path=path, fragment="").geturl(), method) if same else None


# A host and its port and nothing else; no two parsers read such a place differently.
_NAMED = r"[\w.-]+"
_NUMBERED = r"\[[0-9A-Fa-f:.]+(?:%[\w.~-]+)?\]"
_PLACE = re.compile(rf"(?:{_NAMED}|{_NUMBERED})(?::[0-9]*)?").fullmatch


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of ``url``, the three things a credential is bound to."""
    parts = urlsplit(url)
    port = parts.port
    if port is None:
        port = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def checked_base_url(name: str, url: str) -> str:
    """``url`` without a trailing slash, if a credential may be sent there.

    :raises ValueError: for another scheme than http(s), a missing host, or user
        information in the URL (which HTTP libraries would send in place of the key).
    """
    if not isinstance(url, str):
        raise TypeError(f"base URL of {name!r}: expected str, got {type(url).__name__}")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (reading it is the check)
    except ValueError:
        raise ValueError(f"base URL of {name!r} is not a URL") from None
    if "@" in parts.netloc:
        raise ValueError(
            f"base URL of {name!r} holds user information; give the key as api_keys"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"base URL of {name!r}: expected http://host or https://host, "
            f"got {parts.scheme or 'no scheme'}"
        )
    if not _PLACE(parts.netloc):
        raise ValueError(f"base URL of {name!r}: the host cannot be read in one way")
    if re.search(r"[?#\s\x00-\x1f\x7f]", url):
        raise ValueError(
            f"base URL of {name!r} may not hold a query, a fragment or blanks"
        )
    return url.rstrip("/")
