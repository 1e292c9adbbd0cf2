"""One call of media: where the operation is, and how it is sent.

The manifest says where; for the shape that most providers share with OpenAI there is a
usual place as well. Sending is the core's, with its retries, limits and hooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..chat import capabilities, measures, operations
from ..chat.failures import error_of
from ..chat.manifest import Endpoint, Manifest
from ..core.errors import UnsupportedCapabilityError
from ..core.resource import UNSET, Operation, Resource

if TYPE_CHECKING:
    from ..chat.provider import Provider
    from ..core.client import BaseClient
    from ..core.results import Result

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "speech_to_text": ("stt", "transcription", "transcriptions"),
    "audio_translation": ("audio_translations",),
    "text_to_speech": ("tts", "speech"),
    "image_generation": ("images", "image_generations"),
    "image_edit": ("image_edits",),
    "image_variation": ("image_variations",),
    "video_generation": ("video", "video_generate"),
    "video_get": ("video_status",),
}
"""Operations, and what else manifests call them."""
_NEEDED: Final = {
    "speech_to_text": "stt",
    "audio_translation": "stt",
    "text_to_speech": "tts",
    "image_generation": "image_generation",
    "image_edit": "image_generation",
    "image_variation": "image_generation",
    "video_generation": "video_generation",
    "video_get": "video_generation",
}
_USUAL: Final = {
    "speech_to_text": Endpoint("POST", "/audio/transcriptions", {}),
    "text_to_speech": Endpoint("POST", "/audio/speech", {}),
    "image_generation": Endpoint("POST", "/images/generations", {}),
    "video_generation": Endpoint("POST", "/video/generations", {}),
    "video_get": Endpoint("GET", "/video/generations/{id}", {}),
}
"""Where it is with a provider of OpenAI's shape that declares it and says no more."""


class Asked(NamedTuple):
    """A model of a provider, and the operation that it is asked for.

    :ivar said: what the manifest says of the operation's files.
    """

    client: BaseClient
    provider: Provider
    model: str
    name: str
    endpoint: Endpoint

    @property
    def manifest(self) -> Manifest:
        return self.provider.manifest

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.manifest.data['id']}.{self.name}"

    @property
    def shape(self) -> str:
        """In whose words it is asked: ``gemini``, ``chat`` (a chat that also draws),
        or ``own``, the words of an operation of its own, which are OpenAI's."""
        path = self.endpoint.path
        if path.endswith(":generateContent"):
            return "gemini"
        return "chat" if path.endswith("/chat/completions") else "own"

    @property
    def said(self) -> Mapping[str, Any]:
        return measures.rule(self.manifest.data, self.name)

    def unsupported(self, why: str) -> UnsupportedCapabilityError:
        return UnsupportedCapabilityError(
            f"{self.where}: {why}; nothing was sent", capability=_NEEDED[self.name]
        )


def place(manifest: Manifest, name: str) -> Endpoint:
    """Where operation ``name`` is.

    :raises UnsupportedCapabilityError: where the provider does not have it.
    """
    known = manifest.data.get("operations") or {}
    for each in (name, *_NAMES[name]):
        if each in known:
            return manifest.endpoint(each)
    declared = capabilities.declares(manifest, _NEEDED[name])
    if declared and name in _USUAL and manifest.data.get("dialect") == "openai":
        return _USUAL[name]
    offered = sorted(each for each in _NAMES if each in known) or ["none of that kind"]
    raise UnsupportedCapabilityError(
        f"{manifest.data['id']}.{name}: the manifest has no such operation (it has "
        f"{', '.join(offered)}); nothing was sent",
        capability=_NEEDED[name],
    )


def send(
    asked: Asked,
    body: Mapping[str, Any] | None,
    result: Result,
    *,
    files: Mapping[str, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    timeout: Any = UNSET,
    max_retries: Any = UNSET,
) -> Any:
    """What the operation gives; with ``files`` the body is a form.

    :raises SpecwireError: as any call.
    """
    endpoint = asked.endpoint
    names = {"model": asked.model, **(names or {})}
    args: dict[str, Any] = {}
    how: dict[str, Any] = {}
    if files is not None:
        args = {**(body or {}), **files}
        how = {
            "body": {name: name for name in args},
            "media": "multipart/form-data",
            "files": frozenset(files),
        }
    elif body is not None:
        args, how = {"body": body}, {"body": "body"}
    operation: Operation[Any] = Operation(
        name=asked.where,
        service=asked.provider.service.name,
        method=endpoint.method,
        path=operations.filled(asked.where, endpoint.path, names),
        result=result,
        const_query=endpoint.query,
        failure=partial(error_of, asked.manifest),
        **how,
    )
    limits, extras = (timeout, max_retries, None), (None, None, None)
    client = asked.client
    call = Resource(client)._prepare(operation, args, limits, extras)
    return client._engine.send(call, client._hooks, asked.provider.policy)


def given(**members: Any) -> dict[str, Any]:
    """The members that were given a value."""
    return {k: v for k, v in members.items() if v is not None}
