"""What a provider offers besides chat: an operation by name, JSON in and JSON out.

Where it is says the manifest (``endpoints``, ``services``); for the operations that
AI-Protocol names there is a usual place besides. Pure: what is sent and what an answer
holds; ``client.operation(name, body)`` sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from ..core.errors import DecodeError, RequestValidationError
from . import capabilities
from .manifest import Endpoint, Manifest
from .record import provider

USUAL: Final = {
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


def prepared(
    manifest: Manifest,
    name: str,
    body: Mapping[str, Any] | None = None,
    *,
    fallback: str | None = None,
    **names: Any,
) -> OperationRequest:
    """The request for operation ``name``, if the manifest declares what it needs.

    :param names: what stands for the placeholders of the path (``id="vid_1"``).
    :raises UnsupportedCapabilityError: where it does not; nothing was sent.
    :raises RequestValidationError: for a body that is no JSON object, and for a
        placeholder without a value.
    """
    capabilities.check_method(manifest, name)
    return request(manifest, name, body, fallback=fallback, **names)


def request(
    manifest: Manifest,
    name: str,
    body: Mapping[str, Any] | None = None,
    *,
    fallback: str | None = None,
    **names: Any,
) -> OperationRequest:
    """As :func:`prepared`, whatever the manifest declares."""
    found = place(manifest, name, fallback)
    where = f"{provider(manifest)}.{name}"
    if body is not None and not isinstance(body, Mapping):
        raise RequestValidationError(
            f"{where}: expected a JSON object as body, got {type(body).__name__}"
        )
    path = _filled(where, found.path, names)
    sent = None if found.method in ("GET", "HEAD", "DELETE") else dict(body or {})
    return OperationRequest(found.method, path, found.query, sent)


def _filled(where: str, path: str, names: Mapping[str, Any]) -> str:
    """``path`` with each ``{name}`` replaced; never by what leads elsewhere."""
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
