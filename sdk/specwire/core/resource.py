"""What generated resources stand on: operation records, and the step to a request.

A generated method puts its arguments in a dict and names a record; everything else
about the call is in the record, which :meth:`Resource._prepare` interprets: path,
query, headers, body, limits. No generated code builds a URL.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from attrs import field, frozen

from .deprecation import deprecated as deprecated
from .deprecation import untold as untold
from .errors import RequestValidationError
from .results import Result
from .retry import checked_retries
from .types import UNSET as UNSET
from .types import Timeout
from .types import Unset as Unset
from .wire import Call, Request, checked_headers, merge, path_segment

if TYPE_CHECKING:
    from .auth import Need
    from .client import BaseClient
    from .errors import APIStatusError
    from .wire import Reply

T = TypeVar("T")
TimeoutOption: TypeAlias = "float | Timeout | Unset | None"
Headers: TypeAlias = Mapping[str, str]
Query: TypeAlias = Mapping[str, object]
Body: TypeAlias = Mapping[str, object]
Limits: TypeAlias = tuple[Any, Any, Any]
"""timeout, max_retries, idempotency_key."""
Extras: TypeAlias = tuple[Any, Any, Any]
"""extra_headers, extra_query, extra_body."""

_IDEMPOTENCY = "Idempotency-Key"

child = cached_property
"""A resource below another one, made when it is first asked for."""


Failure: TypeAlias = "Callable[[Call, Reply, Sequence[str], float], APIStatusError]"
Members: TypeAlias = "Mapping[str, str] | tuple[str, ...]"
"""Arguments and their wire names; or wire names alone, which tell the arguments."""


def _members(names: Members) -> Mapping[str, str]:
    if isinstance(names, tuple):
        return {wire.replace("-", "_").lower(): wire for wire in names}
    return names


def _body_members(names: Members | str | None) -> Mapping[str, str] | str | None:
    return _members(names) if isinstance(names, tuple) else names


@frozen(eq=False)
class Operation(Generic[T]):
    """One operation as data. The mappings lead from Python argument to wire name.

    :ivar path: the template; its placeholders are argument names.
    :ivar body: members of the JSON object (or form), or the one argument that is it.
    :ivar optional_body: of a body that may be missing, the arguments it needs once any
        is given: to its constant, or to ``UNSET`` where the caller has to say.
    :ivar styles: "style,explode" of parameters that are not of the usual style.
    :ivar files: arguments that are files of a multipart body.
    :ivar parts: media types of parts of a multipart body, where it says them.
    :ivar failure: makes the error of a reply with an error status, of the call, the
        reply, what must not be shown of it and the time of day; ``None`` for the usual.
    :ivar implied: arguments that need a value in a header: header and value.
    :ivar retiring: arguments whose use warns: a table of values to the day they end,
        or the (member, member) of the body in which the argument is said now.
    :ivar replaced: arguments whose member (part) has a value with a better one, where
        another argument has one of some values: part, value, better, argument, values.
    :ivar retry: "always", or "unstarted": only where the server has not begun.
    :ivar auth: OR of ANDs of scheme ids; ``None`` is the service's own.
    """

    name: str
    service: str
    method: str
    path: str
    result: Result
    query: Mapping[str, str] = field(default={}, converter=_members)
    headers: Mapping[str, str] = field(default={}, converter=_members)
    cookies: Mapping[str, str] = field(default={}, converter=_members)
    body: Mapping[str, str] | str | None = field(default=None, converter=_body_members)
    media: str = "application/json"
    files: frozenset[str] = frozenset()
    styles: Mapping[str, str] = {}
    const_headers: Mapping[str, str] = {}
    const_query: Mapping[str, str] = {}
    implied: Mapping[str, tuple[str, str]] = {}
    retiring: Mapping[str, Mapping[str, str] | tuple[str, str]] = {}
    replaced: Mapping[str, tuple[str, str, str, str, tuple[str, ...]]] = {}
    retry: str = "always"
    auth: Need | None = None
    optional_body: Mapping[str, Any] | None = None
    parts: Mapping[str, str] = {}
    failure: Failure | None = None


class Resources:
    """Base of a package's surface: the resources that its client offers."""

    @property
    def _client(self) -> BaseClient:
        return self  # type: ignore[return-value]


class Resource:
    """A group of operations of one client."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    if TYPE_CHECKING:
        # Lent by specwire.compat.anthropic to the resources of its clients.
        with_raw_response: Any
        with_streaming_response: Any
    else:

        def __getattr__(self, name: str) -> Any:
            lent = getattr(self.__dict__.get("_client"), "_lent", ())
            return lent[name](self) if name in lent else super().__getattribute__(name)

    def _call(
        self,
        operation: Operation[T],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> T:
        client = self._client
        call = self._prepare(operation, args, limits, extras)
        return client._engine.send(call, client._hooks)  # type: ignore[no-any-return]

    def _prepare(
        self,
        operation: Operation[Any],
        args: Mapping[str, Any],
        limits: Limits,
        extras: Extras,
    ) -> Call:
        """The call, ready to send.

        :raises RequestValidationError: for arguments that cannot be sent.
        """
        client = self._client
        if client._adapts:
            args, limits, extras = client._adapted(operation, args, limits, extras)
        timeout, retries, key = limits
        extra_headers, extra_query, extra_body = extras
        headers = _headers(operation, args, client, extra_headers)
        if operation.retiring or operation.replaced:
            args = self._minded(operation, args)
        if key is None and extra_headers:
            key = _in_any_case(headers, "idempotency-key")
        if key is not None:
            merge(headers, checked_headers(operation.name, {_IDEMPOTENCY: key}))
        elif operation.retry == "always" and _writes(operation):
            headers[_IDEMPOTENCY] = f"specwire-{secrets.token_hex(12)}"
        base_url = client._base_urls[operation.service]
        if not base_url:
            raise RequestValidationError(_no_server(operation, client))
        url = base_url + _path(operation, args)
        if operation.query or operation.const_query or extra_query:
            url = _with_query(url, operation, args, extra_query, client._list_style)
        request = Request(operation.method, url, headers)
        if operation.body is not None or extra_body:
            request.body, media = _body(operation, args, extra_body)
            own = client._default_headers or extra_headers
            if media and not (own and _in_any_case(headers, "content-type")):
                headers["Content-Type"] = media
        if client._strict:
            from .strict import check_request

            place = client._document_of(operation.service)
            check_request(operation, args, extra_query, request.body, place)
        return Call(
            operation,
            request,
            client._timeout if timeout is UNSET else Timeout.of(timeout),
            client._max_retries if retries is UNSET else checked_retries(retries),
            key,
            args,
        )

    def _minded(
        self, operation: Operation[Any], args: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """``args`` without what is retiring; the caller is warned of it."""
        for name, said in operation.retiring.items():
            value = args[name]
            if isinstance(said, tuple):
                if value is not UNSET:
                    from .retiring import moved

                    args = moved(operation, args, name, said, type(self))
            elif isinstance(value, str) and value in said:
                from .retiring import warn_of_value

                warn_of_value(operation, name, value, said[value], type(self))
        for name, better in operation.replaced.items():
            if args[name] is not UNSET and args[better[3]] in better[4]:
                from .retiring import warn_of_part

                warn_of_part(operation, args, name, better, type(self))
        return args


def _writes(operation: Operation[Any]) -> bool:
    return operation.body is not None and operation.method not in ("GET", "HEAD")


def _no_server(operation: Operation[Any], client: BaseClient) -> str:
    service = client._services[operation.service]
    path = service.base_url
    found = f"only the path {path!r} of its server" if path else "no server"
    named = f"set {service.base_url_env}, or " if service.base_url_env else ""
    url = f"'https://HOST{path}'" if path else "..."
    return (
        f"{operation.name}: the document of {operation.service!r} names {found}; "
        f"{named}pass base_urls={{{operation.service!r}: {url}}}"
    )


# -- the parts of a request --------------------------------------------------------


def _path(operation: Operation[Any], args: Mapping[str, Any]) -> str:
    if "{" not in operation.path:
        return operation.path
    parts = operation.path.split("{")
    out = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        style = operation.styles.get(name)
        value = args[name]
        if style is not None or isinstance(value, (list, tuple, dict)):
            from .styles import path_text

            text = path_text(operation.name, name, value, style)
        else:
            text = path_segment(operation.name, name, value)
        out += [text, rest]
    return "".join(out)


def _headers(
    operation: Operation[Any],
    args: Mapping[str, Any],
    client: BaseClient,
    extra: Mapping[str, Any] | None,
) -> dict[str, str]:
    headers = {
        "Accept": operation.result.accepts(args),
        **client._base_headers[operation.service],
        **operation.const_headers,
    }
    given: dict[str, Any] = {}
    for name, wire in operation.headers.items():
        value = args[name]
        if value is UNSET or value is None:
            continue
        text = _header_text(operation, name, value)
        if not text and not isinstance(value, str):
            continue  # an empty list says nothing
        if wire in operation.const_headers:
            from .implied import joined

            text = joined(operation.const_headers[wire], text)
        given[wire] = text
    if operation.implied:
        from .implied import imply

        imply(operation, args, given)
    if operation.cookies:
        from .styles import cookie_text

        cookie = "; ".join(
            cookie_text(operation.name, wire, args[name], operation.styles.get(name))
            for name, wire in operation.cookies.items()
            if args[name] is not UNSET and args[name] is not None
        )
        if cookie:
            given["Cookie"] = cookie
    if given:
        merge(headers, checked_headers(operation.name, given))
    if client._default_headers:
        merge(headers, client._default_headers)
    if extra:
        merge(headers, checked_headers(operation.name, extra))
    return headers


def _header_text(operation: Operation[Any], name: str, value: Any) -> str:
    style = operation.styles.get(name)
    if style is None and isinstance(value, str):
        return value
    from .styles import header_text

    return header_text(operation.name, value, style)


def _in_any_case(headers: Mapping[str, str], wanted: str) -> str | None:
    return next((v for k, v in headers.items() if k.lower() == wanted), None)


def _with_query(
    url: str,
    operation: Operation[Any],
    args: Mapping[str, Any],
    extra: Mapping[str, Any] | None,
    list_style: str,
) -> str:
    from .styles import query_text

    extra = extra or {}
    pairs: list[tuple[str, Any, str | None]] = [
        (wire, value, None)
        for wire, value in operation.const_query.items()
        if wire not in extra
    ]
    for name, wire in operation.query.items():
        if wire not in extra:
            pairs.append((wire, args[name], operation.styles.get(name)))
    for wire, value in extra.items():
        deep = isinstance(value, Mapping)  # else its members would lose its name
        pairs.append((wire, value, "deepObject,true" if deep else list_style))
    text = query_text(operation.name, pairs)
    if not text:
        return url
    return f"{url}{'&' if '?' in url else '?'}{text}"


def _body(
    operation: Operation[Any],
    args: Mapping[str, Any],
    extra: Mapping[str, Any] | None,
) -> tuple[Any, str]:
    """The body to send and its media type, which is empty where there is no body."""
    fields = operation.body
    value: Any
    if fields is None or isinstance(fields, str):
        value = {} if fields is None else args[fields]
        if extra:
            if value is UNSET:
                value = {}
            if not isinstance(value, Mapping):
                raise RequestValidationError(
                    f"{operation.name}: extra_body needs a body that is an object"
                )
            value = {**value, **extra}
        if value is UNSET:
            return None, ""
    else:
        value = {
            wire: args[name] for name, wire in fields.items() if args[name] is not UNSET
        }
        if extra:
            value.update(extra)
        if operation.optional_body is not None:
            if not value:
                return None, ""
            from .bodies import complete

            complete(operation, operation.optional_body, fields, value)
    if operation.media == "application/json":
        from .codec import dumps

        return dumps(value, operation.name), operation.media
    from .bodies import encoded

    return encoded(operation, value)
