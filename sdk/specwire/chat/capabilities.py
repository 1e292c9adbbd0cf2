"""Capabilities: what a request needs, and whether the provider declares it.

Refused is what the manifest rules out, before anything is sent (AI-Protocol E1005). The
guard is not stricter than the manifest: one that says nothing of capabilities refuses
no chat. The protocol's versions have several names for some of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import UnsupportedCapabilityError
from .dialects.media import KINDS
from .messages import Message
from .record import Described, part, provider

if TYPE_CHECKING:
    from .request import ChatRequest

_SAME: Final = (
    ("text", "chat", "text_completion", "text_generation"),
    ("streaming", "stream"),
    ("tools", "tool_use", "tool_calling", "function_calling", "tool_call_sequence"),
    ("parallel_tools", "parallel_tool_calls", "parallel_tool_use"),
    ("vision", "multimodal", "image", "image_input", "images"),
    ("audio", "audio_input"),
    ("video", "video_input"),
    ("document", "documents", "document_understanding", "pdf"),
    ("structured_output", "structured_outputs", "structured_json", "json_mode", "json"),
    ("reasoning", "extended_thinking", "thinking"),
    ("embeddings", "embedding"),
    ("image_generation", "image_gen"),
    ("video_generation", "video_gen"),
    ("audio_generation", "audio_gen"),
    ("mcp_client", "mcp"),
    ("stt", "speech_to_text", "transcription"),
    ("tts", "text_to_speech", "speech"),
    ("rerank", "reranking"),
)
_METHODS: Final = (
    ("mcp", "mcp_client"),
    ("computeruse", "computer_use"),
    ("computer", "computer_use"),
    ("reason", "reasoning"),
    ("think", "reasoning"),
    ("video", "video_generation"),
    ("generatevideo", "video_generation"),
    ("image", "image_generation"),
    ("generateimage", "image_generation"),
    ("embed", "embeddings"),
    ("rerank", "rerank"),
    ("transcri", "stt"),
    ("stt", "stt"),
    ("speechtotext", "stt"),
    ("tts", "tts"),
    ("synthesi", "tts"),
    ("speech", "tts"),
    ("audio", "audio_generation"),
    ("batch", "batch"),
    ("chatstream", "streaming"),
    ("stream", "streaming"),
    ("chat", "text"),
)
"""How methods of runtimes begin, without case and ``_``, and what they need."""
_UNSAID: Final = frozenset({"structured_output", "document"})
"""Refused only where the manifest says no: its lists often leave them out."""
_OF_CHAT: Final = frozenset(
    {"text", "streaming", "tools", "vision", "reasoning", "agentic", "parallel_tools"}
)
"""Who declares one of these can hold a conversation."""


@lru_cache(1024)
def canonical(name: str) -> str:
    """One name for what has several."""
    word = re.sub(r"[\s.-]+", "_", str(name).strip()).lower()
    return next((names[0] for names in _SAME if word in names), word)


def declared(manifest: Described) -> set[str]:
    """What the manifest declares, by canonical names; feature flags count as well."""
    table = part(manifest, "capabilities")
    found = {canonical(name) for name in table.get("declared") or ()}
    for more in ("required", "optional"):
        found |= {canonical(name) for name in table.get(more) or ()}
    if found:
        flags = part(manifest, "features").items()
        found |= {canonical(name) for name, on in flags if on is True}
    return found


def declares(manifest: Described, capability: str) -> bool:
    return canonical(capability) in declared(manifest)


def check(manifest: Described, capability: str) -> None:
    """See that the manifest declares ``capability``.

    :raises UnsupportedCapabilityError: where it does not.
    """
    if not declares(manifest, capability):
        raise _refused(manifest, canonical(capability))


def check_method(manifest: Described, method: str) -> str:
    """See that ``method`` (``MCPListTools``, ``ComputerUse``) may be called.

    :returns: the capability that it needs.
    :raises UnsupportedCapabilityError: where the manifest does not declare it.
    """
    word = re.sub(r"[\s_.-]+", "", method).lower()
    needs = next((c for start, c in _METHODS if word.startswith(start)), None)
    capability = needs or canonical(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", method))
    check(manifest, capability)
    return capability


def integration_method(manifest: Described, capability: str) -> str:
    """How a declared capability is used: of ``mcp_client``, by tools over a bridge.

    ``not_supported`` where it is not declared.
    """
    if not declares(manifest, capability):
        return "not_supported"
    raw = part(manifest, "raw").get("provider_contract")
    contracts = raw.get("capability_contracts") if isinstance(raw, Mapping) else None
    for name in (capability, capability.partition("_")[0]):
        said = contracts.get(name) if isinstance(contracts, Mapping) else None
        if isinstance(said, Mapping) and said.get("integration_method"):
            return str(said["integration_method"])
    return "native_tool" if capability == "computer_use" else "tool_bridge"


def tool_mode(manifest: Described) -> str:
    """How tools are called: ``native``, ``hybrid`` (native and in the text), or
    ``text_only``."""
    table = part(manifest, "tool_calling")
    native, text = table.get("native") or {}, table.get("text_fallback")
    if native.get("supported") is False:
        return "text_only"
    if not native and text and not declares(manifest, "tools"):
        return "text_only"
    if not text:
        return "native"
    said = {"partial": "hybrid", "unreliable": "text_only"}
    return said.get(str(native.get("reliability")), "native")


def required(request: ChatRequest) -> set[str]:
    """What ``request`` needs of a provider."""
    needs = {"streaming"} if request.stream else set()
    if request.tools:
        needs.add("tools")
    if request.parameters.get("parallel_tool_calls"):
        needs.add("parallel_tools")
    if request.parameters.get("reasoning_effort") not in (None, "none", "auto"):
        needs.add("reasoning")
    form = getattr(request.response_format, "kind", request.response_format)
    if form not in (None, "text", {"type": "text"}):
        needs.add("structured_output")
    return needs | held(request.messages)


_NEEDED: Final = {"image": "vision"}


def held(messages: Iterable[Any]) -> set[str]:
    """What the content of ``messages`` needs: ``vision``, ``audio`` and the like."""
    kinds: set[str] = set()
    for message in messages:
        content = Message.of(message).content
        for block in content if isinstance(content, list) else ():
            if block.type in KINDS:
                kinds.add(KINDS[block.type])
    return {_NEEDED.get(kind, kind) for kind in kinds}


def guard(manifest: Described, request: ChatRequest) -> None:
    """See that the manifest declares what ``request`` needs.

    :raises UnsupportedCapabilityError: where it does not.
    """
    known = declared(manifest)
    if not known:
        return
    features = part(manifest, "features")
    ruled_out = {canonical(name) for name, on in features.items() if on is False}
    # A flag may be off for one of several names; a declared name counts.
    ruled_out -= {
        canonical(name)
        for table in ("declared", "required", "optional")
        for name in part(manifest, "capabilities").get(table) or ()
    }
    if not known & _OF_CHAT:
        raise _refused(manifest, "text")
    in_words = part(manifest, "tool_calling").get("text_fallback")
    for capability in sorted(required(request)):
        if capability == "tools" and in_words:
            continue
        missing = capability not in known and capability not in _UNSAID
        if missing or capability in ruled_out:
            raise _refused(manifest, capability)


def _refused(manifest: Described, capability: str) -> UnsupportedCapabilityError:
    known = ", ".join(sorted(declared(manifest))) or "nothing"
    return UnsupportedCapabilityError(
        f"chat ({provider(manifest)}): the manifest does not declare {capability!r} "
        f"(it declares {known}); nothing was sent",
        capability=capability,
    )
