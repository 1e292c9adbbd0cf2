"""The chat providers that the sandbox plays: where they answer, and how each is odd.

Written from what the providers document and not from our manifests, so that a manifest
that is wrong meets a sandbox that is right. All facts are data; what a dialect has in
common is in its own module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs


@attrs.frozen
class Provider:
    """One provider.

    :ivar dialect: ``openai``, ``anthropic``, ``gemini`` or ``cohere``.
    :ivar roots: what may come before the operations' paths.
    :ivar base: the path of its address, as it is usually written; the first root.
    :ivar auth: where the key stands: ``bearer``, ``header:NAME``, ``query:NAME``.
    :ivar keyless: requests without a key, or with any, are let in.
    :ivar errors: whose error shape it has; empty: its own.
    :ivar strict: members of a body that it does not know are refused.
    :ivar members: what it knows beyond the dialect's members.
    :ivar lacks: members of the dialect that it does not know.
    :ivar reasoning: the member of a message with the reasoning; ``parts``: the content
        is then a list; ``details``: a list beside it; empty: counted and not shown.
    :ivar usage: where a stream has it: ``asked`` (a chunk of its own, on request),
        ``finish`` (beside the finish reason), ``every`` (in all chunks), ``choice``
        (in the choice that finishes), ``x_groq`` or ``whole`` (in the answer, once more
        as a whole, after its pieces).
    :ivar calls: how tool calls are streamed: ``pieces``, ``whole`` or ``blank`` (pieces
        whose later parts repeat the members, empty).
    :ivar limits: which rate-limit headers it sends.
    :ivar slash: a model's name may hold a slash.
    :ivar images: messages may hold pictures.
    :ivar forms: the types of ``response_format`` that it has.
    :ivar finish: its own words for reasons to stop.
    :ivar abilities: what it has besides: ``speaks``, ``hears``, ``translates``,
        ``draws``, ``edits``, ``films``, ``draws_in_chat``.
    :ivar parts: the parts of a message, besides text and pictures, that it takes.
    :ivar chat: it has chat; one without is there for embeddings.
    """

    id: str
    dialect: str = "openai"
    roots: tuple[str, ...] = ("/v1",)
    base: str = attrs.field(
        default=attrs.Factory(lambda self: self.roots[0], takes_self=True)
    )
    auth: tuple[str, ...] = ("bearer",)
    keyless: bool = False
    errors: str = ""
    strict: bool = False
    members: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    reasoning: str = ""
    usage: str = "asked"
    calls: str = "pieces"
    limits: str = ""
    slash: bool = False
    images: bool = True
    forms: frozenset[str] = frozenset(("text", "json_object", "json_schema"))
    finish: Mapping[str, str] = attrs.field(factory=dict)
    abilities: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset(("video_url",))
    chat: bool = True

    @property
    def shape(self) -> str:
        """Whose error shape it has."""
        return self.errors or self.id


def _provider(id: str, *roots: str, **facts: Any) -> Provider:
    for name in ("members", "lacks", "forms", "abilities", "parts"):
        if name in facts:
            facts[name] = frozenset(facts[name].split())
    if roots:
        facts["roots"] = roots
    return Provider(id, **facts)


_AZURE_ROOTS = ("/openai/v1", "/openai", "/openai/deployments/{model}")
_MISTRAL_LACKS = (
    "stream_options user logit_bias logprobs top_logprobs seed store service_tier "
    "max_completion_tokens functions function_call modalities audio verbosity "
    "web_search_options safety_identifier prompt_cache_retention"
)
_ALL: Final = (
    _provider(
        "openai",
        strict=True,
        limits="durations",
        abilities="speaks hears translates draws edits",
        parts="input_audio file",
    ),
    _provider(
        "anthropic",
        "/v1",
        dialect="anthropic",
        auth=("header:x-api-key",),
        limits="anthropic",
    ),
    _provider(
        "gemini",
        "/v1beta",
        "/v1",
        dialect="gemini",
        auth=("header:x-goog-api-key", "query:key"),
    ),
    _provider(
        "azure",
        *_AZURE_ROOTS,
        base="",
        auth=("header:api-key", "bearer"),
        strict=True,
        members="data_sources",
        limits="remaining",
        parts="input_audio file",
    ),
    _provider(
        "deepseek",
        "",
        "/v1",
        "/beta",
        reasoning="reasoning_content",
        forms="text json_object",
        images=False,
        parts="",
    ),
    _provider(
        "groq",
        "/openai/v1",
        strict=True,
        members="reasoning_format include_reasoning search_settings documents "
        "citation_options disable_tool_validation compound_custom",
        reasoning="reasoning",
        usage="x_groq",
        limits="durations",
        slash=True,
        abilities="speaks hears translates",
        parts="",
    ),
    _provider(
        "mistral",
        strict=True,
        members="random_seed safe_prompt prompt_mode guardrails",
        lacks=_MISTRAL_LACKS,
        reasoning="parts",
        usage="finish",
        calls="whole",
        limits="by_size",
        abilities="hears",
        parts="input_audio document_url file",
    ),
    _provider("cohere", "", dialect="cohere", strict=True, limits="trial"),
    _provider(
        "qwen",
        "/compatible-mode/v1",
        reasoning="reasoning_content",
        calls="blank",
        parts="input_audio video_url",
    ),
    _provider("moonshot", reasoning="reasoning_content", usage="choice"),
    _provider(
        "zhipu",
        "/api/paas/v4",
        reasoning="reasoning_content",
        usage="finish",
        calls="whole",
        forms="text json_object",
        finish={"refusal": "sensitive"},
        abilities="speaks hears draws films",
        parts="video_url",
    ),
    _provider("doubao", "/api/v3", reasoning="reasoning_content", abilities="draws"),
    _provider(
        "xai",
        reasoning="reasoning_content",
        usage="every",
        calls="whole",
        limits="counts",
        abilities="draws films",
        parts="",
    ),
    _provider(
        "together",
        reasoning="reasoning",
        usage="finish",
        slash=True,
        limits="seconds",
        abilities="speaks hears draws",
    ),
    _provider(
        "fireworks",
        "/inference/v1",
        reasoning="reasoning_content",
        usage="finish",
        slash=True,
        limits="counts",
    ),
    _provider(
        "openrouter",
        "/api/v1",
        reasoning="reasoning",
        slash=True,
        parts="input_audio file video_url",
        abilities="draws_in_chat",
    ),
    _provider("perplexity", "", "/v1", usage="every"),
    _provider(
        "ollama",
        base="",
        keyless=True,
        reasoning="reasoning",
        calls="whole",
        slash=True,
    ),
    _provider(
        "llamacpp",
        "/v1",
        "",
        base="",
        keyless=True,
        reasoning="reasoning_content",
        slash=True,
        parts="input_audio",
    ),
    _provider("nvidia", reasoning="reasoning_content", slash=True),
    _provider(
        "cerebras",
        strict=True,
        reasoning="reasoning",
        usage="finish",
        limits="counts",
        images=False,
        parts="",
    ),
    _provider("minimax", reasoning="details", usage="whole"),
    _provider("baidu", "/v2", reasoning="reasoning_content"),
    _provider("jina", slash=True, chat=False),
)
PROVIDERS: Final[Mapping[str, Provider]] = {each.id: each for each in _ALL}
"""The providers by id."""


def provider_of(path: str) -> Provider | None:
    """The provider below whose address ``path`` lies."""
    return PROVIDERS.get(path.partition("/")[2].partition("/")[0])
