"""What a provider offers besides chat: an operation by name, JSON in and JSON out.

Where it is says the manifest (``endpoints``, ``services``); for the operations that
AI-Protocol names there is a usual place besides. :func:`request` and :func:`answer` are
pure; ``client.operation(name, body)`` is :func:`call`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from ..core.errors import DecodeError, RequestValidationError
from ..core.resource import UNSET, Operation, Resource
from ..core.results import Json
from . import capabilities
from .failures import error_of
from .manifest import Endpoint, Manifest
from .record import provider

if TYPE_CHECKING:
    from ..core.client import BaseClient
    from ..core.results import Result
    from ..core.wire import Call
    from .provider import Provider

USUAL: Final = {
    "embeddings": ("POST", "/embeddings"),
    "rerank": ("POST", "/rerank"),
    "mcp": ("POST", "/mcp/tools/call"),
    "mcp_call_tool": ("POST", "/mcp/tools/call"),
    "mcp_list_tools": ("GET", "/mcp/tools"),
    "computer_use": ("POST", "/computer-use/actions"),
    "reasoning": ("POST", "/reasoning"),
    "video": ("POST", "/video/generations"),
    "video_generate": ("POST", "/video/generations"),
    "video_get": ("GET", "/video/generations/{id}"),
}
"""Operation -> method and path, where a manifest does not say."""


class OperationRequest(NamedTuple):
    """What is sent for an operation.

    :ivar path: below the base URL, with its placeholders filled in.
    :ivar body: the JSON object, or ``None`` for a method without one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: dict[str, Any] | None


def place(manifest: Manifest, name: str, fallback: str | None = None) -> Endpoint:
    """Where operation ``name`` is: by the manifest, by ``fallback``, or as usual.

    :param fallback: a path that begins with ``/``, or another operation's name.
    :raises ManifestError: where none of them knows.
    """
    if fallback is None and name not in manifest.data.get("operations", {}):
        method, path = USUAL.get(name, ("", ""))
        if path:
            return Endpoint(method, path, {})
    return manifest.endpoint(name, fallback)


def request(
    manifest: Manifest,
    name: str,
    body: Mapping[str, Any] | None = None,
    *,
    fallback: str | None = None,
    names: Mapping[str, Any] | None = None,
) -> OperationRequest:
    """What is sent for operation ``name``.

    :param names: what stands for the placeholders of the path: ``{"id": "vid_1"}``.
    :raises RequestValidationError: for a body that is no JSON object, and for a
        placeholder without a value.
    """
    found = place(manifest, name, fallback)
    where = f"{provider(manifest)}.{name}"
    if body is not None and not isinstance(body, Mapping):
        raise RequestValidationError(
            f"{where}: expected a JSON object as body, got {type(body).__name__}"
        )
    path = filled(where, found.path, names or {})
    bare = found.method in ("GET", "HEAD", "DELETE")
    sent = None if body is None and bare else dict(body or {})
    return OperationRequest(found.method, path, found.query, sent)


def guard(manifest: Manifest, name: str) -> None:
    """See that the manifest declares what operation ``name`` needs.

    One whose place it names is declared.

    :raises UnsupportedCapabilityError: where it does not.
    """
    if name not in manifest.data.get("operations", {}):
        capabilities.check_method(manifest, name)


def filled(where: str, path: str, names: Mapping[str, Any]) -> str:
    """``path`` with each ``{name}`` replaced; never by what leads elsewhere.

    :raises RequestValidationError: for a placeholder without a value.
    """
    made = ""
    for text, name, _, _ in Formatter().parse(path):
        made += text
        if name is None:
            continue
        value = str(names.get(name, ""))
        if not value.strip(". \t"):
            raise RequestValidationError(
                f"{where}: expected a value for {{{name}}} of {path!r}, got {value!r}"
            )
        made += quote(value, safe="")
    return made


def answer(manifest: Manifest, name: str, data: Any) -> Any:
    """What an answer holds: the member that the manifest binds, or all of it.

    :raises DecodeError: where that member is not there.
    """
    operation = manifest.data.get("operations", {}).get(name) or {}
    bound = operation.get("binding")
    if not bound:
        return data
    for member in str(bound).split("."):
        if not isinstance(data, Mapping) or member not in data:
            raise DecodeError(
                f"{provider(manifest)}.{name}: the reply has no {bound!r}", body=data
            )
        data = data[member]
    return data


def call(
    client: BaseClient,
    provided: Provider,
    name: str,
    body: Mapping[str, Any] | None,
    *,
    fallback: str | None = None,
    names: Mapping[str, Any] | None = None,
    timeout: Any = UNSET,
    max_retries: Any = UNSET,
    headers: Mapping[str, str | None] | None = None,
) -> Any:
    """What the provider answers to operation ``name``, as JSON data.

    Retries, limits, hooks and errors are those of a chat call.
    """
    ready = prepared(
        client,
        provided,
        name,
        body,
        fallback=fallback,
        names=names,
        timeout=timeout,
        max_retries=max_retries,
        headers=headers,
    )
    found = client._engine.send(ready, client._hooks, provided.policy)
    return answer(provided.manifest, name, found)


def prepared(
    client: BaseClient,
    provided: Provider,
    name: str,
    body: Mapping[str, Any] | None,
    *,
    result: Result | None = None,
    fallback: str | None = None,
    names: Mapping[str, Any] | None = None,
    timeout: Any = UNSET,
    max_retries: Any = UNSET,
    headers: Mapping[str, str | None] | None = None,
) -> Call:
    """The call of operation ``name``, ready to send.

    :param result: what its reply is read into; JSON data where nothing is said.
    """
    manifest = provided.manifest
    guard(manifest, name)
    made = request(manifest, name, body, fallback=fallback, names=names)
    operation: Operation[Any] = Operation(
        name=f"{provider(manifest)}.{name}",
        service=provided.service.name,
        method=made.method,
        path=made.path,
        result=Json(lambda: Any) if result is None else result,
        body=None if made.body is None else "body",
        const_query=made.query,
        failure=partial(error_of, manifest),
    )
    args = {} if made.body is None else {"body": made.body}
    limits, extras = (timeout, max_retries, None), (headers, None, None)
    return Resource(client)._prepare(operation, args, limits, extras)
