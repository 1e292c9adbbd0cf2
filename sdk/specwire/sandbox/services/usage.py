"""What a message is billed for: tokens by kind, cached or not, and uses of tools."""

from __future__ import annotations

from typing import Any

from .caching import Cached
from .editing import Context
from .reply import Draft


def usage_of(
    params: Any, context: Context, draft: Draft, cached: Cached
) -> dict[str, Any]:
    """The counters of a message. What is read or written counts apart from the rest."""
    usage = {
        "input_tokens": max(0, context.tokens - cached.read - cached.written),
        "output_tokens": draft.output_tokens,
        "output_tokens_details": {"thinking_tokens": draft.thinking_tokens},
        "cache_creation_input_tokens": cached.written,
        "cache_read_input_tokens": cached.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached.written_5m,
            "ephemeral_1h_input_tokens": cached.written_1h,
        },
        "server_tool_use": dict(draft.uses) if any(draft.uses.values()) else None,
        "inference_geo": None,
        "service_tier": "standard",
    }
    if params.get("speed"):
        usage["speed"] = params["speed"]
    if context.summary is not None:
        usage["iterations"] = _iterations(params, context, usage)
    return usage


def _iterations(params: Any, context: Context, usage: Any) -> list[dict[str, Any]]:
    """The step that summed up, and the one that answered, if there was one."""
    cache = {
        "cache_creation": None,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    summed_up = {
        "type": "compaction",
        "input_tokens": context.original_tokens,
        "output_tokens": context.tokens,
        **cache,
    }
    if context.paused:
        return [summed_up]
    answered = {
        "type": "message",
        "model": params["model"],
        "input_tokens": context.tokens,
        "output_tokens": usage["output_tokens"],
        **cache,
    }
    return [summed_up, answered]
