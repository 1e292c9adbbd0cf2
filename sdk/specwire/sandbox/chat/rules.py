"""What the OpenAI dialect's providers refuse beyond its schema: what makes no sense."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from .errors import refuse
from .providers import Provider

NEWER: Final = re.compile(r"(o\d|gpt-5)")
"""Models that think, and take no ``max_tokens``."""
_FILES: Final = frozenset(("input_audio", "file", "document_url", "video_url"))
"""Parts of a message that not all providers take."""


def check_wishes(provider: Provider, body: Any) -> None:
    """Refuse forms and limits that the provider does not have."""
    form = (body.get("response_format") or {}).get("type", "text")
    if form not in provider.forms:
        text = "This response_format type is unavailable now"
        raise refuse(provider, "bad_body", text, param="response_format")
    if provider.id not in ("openai", "azure"):
        return
    if body.get("max_tokens") and NEWER.match(body.get("model", "")):
        text = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        code = "unsupported_parameter"
        raise refuse(provider, "bad_body", text, param="max_tokens", code=code)
    if body.get("stream_options") and not body.get("stream"):
        text = (
            "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        )
        raise refuse(provider, "bad_body", text, param="stream_options")


def check_conversation(provider: Provider, body: Any) -> None:
    """Every tool message answers a call right before it, and every call is answered.

    :raises Refused: where that is not so, naming the place.
    """
    waiting: set[str] = set()
    for at, message in enumerate(body["messages"]):
        _check_parts(provider, message, at)
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                text = (
                    "Invalid parameter: messages with role 'tool' must be a response "
                    "to a preceeding message with 'tool_calls'."
                )
                raise refuse(provider, "bad_body", text, param=f"messages.[{at}].role")
            waiting.discard(message["tool_call_id"])
            continue
        _all_answered(provider, waiting, f"messages.[{at}].role")
        waiting = {call["id"] for call in message.get("tool_calls") or ()}
        if message["role"] == "assistant" and not waiting:
            _has_content(provider, message, at)
    _all_answered(provider, waiting, "messages")
    _check_order(provider, body["messages"])


def _check_parts(provider: Provider, message: Any, at: int) -> None:
    content = message.get("content")
    kinds = {part["type"] for part in content} if isinstance(content, list) else set()
    if "image_url" in kinds and not provider.images:
        text = f"messages[{at}]: unknown variant `image_url`, expected `text`"
        raise refuse(provider, "bad_body", text, param=f"messages[{at}].content")
    for kind in sorted((kinds & _FILES) - provider.parts):
        text = f"Invalid content type. {kind} is not supported by this model."
        raise refuse(provider, "bad_body", text, param=f"messages[{at}].content")


def _check_order(provider: Provider, messages: Any) -> None:
    """Who speaks when, for those who mind."""
    roles = [each["role"] for each in messages if each["role"] != "system"]
    if provider.id == "perplexity":
        turns = ["assistant" if role == "assistant" else "user" for role in roles]
        if any(one == other for one, other in pairwise(turns)):
            text = (
                "After the (optional) system message(s), user or tool message(s) "
                "should alternate with assistant message(s)."
            )
            raise refuse(provider, "bad_body", text, param="messages")
    if roles[-1:] != ["assistant"] or messages[-1].get("prefix"):
        return
    if provider.id == "mistral":
        text = (
            "Expected last role User or Tool (or Assistant with prefix True) for "
            "serving but got assistant"
        )
        raise refuse(provider, "bad_body", text, param="messages")
    if provider.id == "perplexity":
        text = "Last message must have role `user` or `tool`."
        raise refuse(provider, "bad_body", text, param="messages")


def _all_answered(provider: Provider, waiting: set[str], where: str) -> None:
    if waiting:
        text = (
            "An assistant message with 'tool_calls' must be followed by tool messages "
            "responding to each 'tool_call_id'. The following tool_call_ids did not "
            f"have response messages: {', '.join(sorted(waiting))}"
        )
        raise refuse(provider, "bad_body", text, param=where)


def _has_content(provider: Provider, message: Any, at: int) -> None:
    spoken = ("content", "refusal", "audio", "function_call")
    if all(message.get(name) is None for name in spoken):
        where = f"messages.[{at}].content"
        text = f"Invalid value for '{where}': expected a string, got null."
        raise refuse(provider, "bad_body", text, param=where)
