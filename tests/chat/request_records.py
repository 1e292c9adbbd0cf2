"""Small records, written by hand: what a request needs of a manifest, and no more."""

from __future__ import annotations

from typing import Any


class Provider:
    """A provider that is described by a record."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.data = record


def provider(dialect: str = "openai", **changed: Any) -> Provider:
    """The provider of that dialect, with some tables of its record replaced."""
    record = {**RECORDS[dialect], **changed}
    return Provider({k: v for k, v in record.items() if v is not None})


def _places(**wires: str) -> dict[str, Any]:
    kinds = {
        "temperature": "float",
        "top_p": "float",
        "max_tokens": "integer",
        "stop_sequences": "array",
    }
    return {
        name: {"wire": wire.split("."), "type": kinds.get(name)}
        for name, wire in wires.items()
    }


def _auth(id: str) -> dict[str, Any]:
    name = f"{id.upper()}_API_KEY"
    return {"type": "bearer", "env": [name], "conventional": [name]}


_CAPABLE = {
    "declared": [
        *("text", "streaming", "tools", "vision", "audio", "video", "reasoning"),
        *("parallel_tools", "structured_output"),
    ]
}

RECORDS: dict[str, dict[str, Any]] = {
    "openai": {
        "format": 1,
        "id": "openai",
        "dialect": "openai",
        "auth": _auth("openai"),
        "operations": {"chat": {"method": "POST", "path": "/chat/completions"}},
        "capabilities": _CAPABLE,
        "parameters": _places(
            temperature="temperature",
            top_p="top_p",
            max_tokens="max_tokens",
            stop_sequences="stop",
        ),
        "multi_candidate": {"how": "native", "wire": ["n"], "max": 8},
        "roles": {"system": "system", "tool": "tool"},
        "system": "message",
        "blocks": {"document": {"format": "openai_file"}},
        "body": {
            "plain": {},
            "stream": {"stream": True, "stream_options": {"include_usage": True}},
        },
    },
    "anthropic": {
        "format": 1,
        "id": "anthropic",
        "dialect": "anthropic",
        "auth": {
            **_auth("anthropic"),
            "type": "header",
            "name": "x-api-key",
            "prefix": "",
        },
        "headers": {"anthropic-version": "2023-06-01"},
        "operations": {"chat": {"method": "POST", "path": "/messages"}},
        "capabilities": _CAPABLE,
        "parameters": {
            **_places(
                temperature="temperature",
                top_p="top_p",
                stop_sequences="stop_sequences",
                user="metadata.user_id",
            ),
            "max_tokens": {"wire": ["max_tokens"], "type": "integer", "required": True},
        },
        "multi_candidate": {"how": "simulated", "max": 4},
        "roles": {"tool": "user"},
        "system": "top_level",
        "blocks": {
            "document": {
                "format": "anthropic_document",
                "type_field": "document",
                "ref_resolution": "error_before_encode",
            }
        },
        "body": {"plain": {}, "stream": {"stream": True}},
    },
    "gemini": {
        "format": 1,
        "id": "gemini",
        "dialect": "gemini",
        "auth": {"type": "query", "name": "key", "env": ["GEMINI_API_KEY"]},
        "operations": {
            "chat": {"method": "POST", "path": "/models/{model}:generateContent"},
            "stream_chat": {
                "method": "POST",
                "path": "/models/{model}:streamGenerateContent",
                "query": {"alt": "sse"},
            },
        },
        "capabilities": _CAPABLE,
        "parameters": _places(
            temperature="generationConfig.temperature",
            top_p="generationConfig.topP",
            max_tokens="generationConfig.maxOutputTokens",
            stop_sequences="generationConfig.stopSequences",
            reasoning_effort="generationConfig.thinkingConfig",
        ),
        "multi_candidate": {
            "how": "native",
            "wire": ["generationConfig", "candidateCount"],
        },
        "roles": {"assistant": "model", "tool": "user"},
        "system": "instruction",
        "blocks": {"document": {"format": "gemini_inline_data"}},
        "body": {"plain": {}, "stream": {}},
    },
    "cohere": {
        "format": 1,
        "id": "cohere",
        "dialect": "cohere",
        "auth": _auth("cohere"),
        "operations": {"chat": {"method": "POST", "path": "/chat"}},
        "capabilities": _CAPABLE,
        "parameters": _places(
            temperature="temperature",
            top_p="p",
            max_tokens="max_tokens",
            stop_sequences="stop_sequences",
            reasoning_effort="thinking",
        ),
        "multi_candidate": {"how": "none"},
        "body": {"plain": {}, "stream": {"stream": True}},
    },
}
