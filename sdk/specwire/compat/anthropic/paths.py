"""Calls by path, for what has no method: ``client.post("/v1/...", cast_to=dict)``.

They go the way of every other call: credentials, retries, limits and errors are the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ...core import results
from ...core.client import BaseClient
from ...core.errors import RequestValidationError
from ...core.paging import Page
from ...core.resource import Operation, Resource
from ...core.types import UNSET
from ...core.wire import origin
from .exchange import HTTPResponse

T = TypeVar("T")
_SERVICE = "anthropic"
_END = ("message_stop",)
_CURSORS = {"after_id": "last_id", "before_id": "first_id"}


class PathCalls(BaseClient):
    """``get``, ``post``, ``put``, ``patch`` and ``delete`` of a client."""

    def get(
        self,
        path: str,
        *,
        cast_to: type[T],
        options: Mapping[str, Any] | None = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> T:
        """Ask for ``path``; the reply as a ``cast_to``.

        :param path: below the base URL; it may hold a query.
        :param cast_to: a model, ``dict``, ``list``, ``object``, ``str``, ``bytes``,
            ``NoneType``, or ``httpx.Response`` for what looks like one.
        :param options: ``headers``, ``params``, ``timeout``, ``max_retries``,
            ``extra_json``, ``idempotency_key``.
        :param stream: hand the reply out as a stream of events of type ``cast_to``.
        """
        return self._by_path("GET", path, cast_to, options, stream=stream)

    def post(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Any = None,
        content: Any = None,
        options: Mapping[str, Any] | None = None,
        files: Any = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> T:
        """Send ``body`` as JSON, or as a form with ``files``, or ``content`` as is."""
        return self._by_path(
            "POST", path, cast_to, options, body, content, files, stream=stream
        )

    def put(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Any = None,
        content: Any = None,
        options: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> T:
        """As :meth:`post`, with PUT."""
        return self._by_path("PUT", path, cast_to, options, body, content, files)

    def patch(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Any = None,
        content: Any = None,
        options: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> T:
        """As :meth:`post`, with PATCH."""
        return self._by_path("PATCH", path, cast_to, options, body, content, files)

    def delete(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Any = None,
        content: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> T:
        """As :meth:`post`, with DELETE."""
        return self._by_path("DELETE", path, cast_to, options, body, content)

    def get_api_list(
        self,
        path: str,
        *,
        model: type[T],
        page: Any = None,
        body: Any = None,
        options: Mapping[str, Any] | None = None,
        method: str = "get",
    ) -> Page[T]:
        """Ask for a list whose items are of type ``model``; iterating reads it all."""
        result = results.Pages(
            lambda: model, items="data", more="has_more", cursors=_CURSORS
        )
        found: Page[T] = self._sent(method.upper(), path, result, options, body)
        return found

    def _by_path(
        self,
        method: str,
        path: str,
        cast_to: type[T],
        options: Mapping[str, Any] | None,
        body: Any = None,
        content: Any = None,
        files: Any = None,
        *,
        stream: bool = False,
    ) -> T:
        result = _result(cast_to, stream)
        value: T = self._sent(method, path, result, options, body, content, files)
        return value

    def _sent(
        self,
        method: str,
        path: str,
        result: results.Result,
        options: Mapping[str, Any] | None,
        body: Any = None,
        content: Any = None,
        files: Any = None,
    ) -> Any:
        given = dict(options or {})
        path = _below(path, self._base_urls[_SERVICE])
        about, args = _about(method, path, body, content, files)
        if isinstance(result, results.Pages):
            about["query"] = tuple(_CURSORS)
            args.update(dict.fromkeys(_CURSORS, UNSET))
        limits = (
            given.get("timeout", UNSET),
            given.get("max_retries", UNSET),
            given.get("idempotency_key"),
        )
        extras = (given.get("headers"), given.get("params"), given.get("extra_json"))
        operation: Operation[Any] = Operation(**about, result=result)
        return Resource(self)._call(operation, args, limits, extras)


def _below(path: str, base_url: str) -> str:
    """``path`` as it stands behind the base URL.

    :raises RequestValidationError: for another origin, which must not get the key.
    """
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        if origin(path) != origin(base_url) or not path.startswith(f"{base_url}/"):
            raise RequestValidationError(
                "path: expected one below the client's base_url; the key is for that "
                f"server alone, got one of {parts.netloc}"
            )
        path = path.removeprefix(base_url)
    path = path if path.startswith("/") else f"/{path}"
    # A brace would be read as a placeholder.
    return path.replace("{", "%7B").replace("}", "%7D")


def _about(
    method: str, path: str, body: Any, content: Any, files: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is known of the call without its result, and its arguments."""
    about: dict[str, Any] = {
        "name": f"{method} {path.partition('?')[0]}",
        "service": _SERVICE,
        "method": method,
        "path": path,
    }
    if files:
        pairs = list(files.items() if isinstance(files, Mapping) else files)
        names = [name for name, _ in pairs]
        fields = {**dict.fromkeys(body or {}), **dict.fromkeys(names)}
        args = {**(body or {}), **{n: [f for k, f in pairs if k == n] for n in names}}
        about["body"] = {name: name for name in fields}
        about["media"] = "multipart/form-data"
        about["files"] = frozenset(names)
        return about, args
    if content is not None:
        about["media"] = "application/octet-stream"
        return {**about, "body": "content"}, {"content": content}
    if body is not None:
        return {**about, "body": "body"}, {"body": body}
    return about, {}


def _result(cast_to: Any, stream: bool) -> results.Result:
    if stream:
        return results.Events(
            lambda: cast_to, tag="type", end=_END, error=("error",), skip=("ping",)
        )
    if cast_to is type(None):
        return results.Nothing()
    if cast_to is str:
        return results.Text()
    if cast_to is bytes:
        return Whole()
    if getattr(cast_to, "__name__", "") in ("Response", "HTTPResponse"):
        return Reply()
    return results.Json(lambda: Any if cast_to in (object, None) else cast_to)


class Reply(results.Result):
    """The reply as it came, with its headers; its body is read."""

    __slots__ = ()

    def value(self, arrived: results.Arrived) -> HTTPResponse:
        return HTTPResponse(arrived)


class Whole(results.Result):
    """The body as it came."""

    __slots__ = ()

    def value(self, arrived: results.Arrived) -> bytes:
        return arrived.reply.body
