"""Which models a provider has: a short list, in its dialect's shape.

Any other model is answered as well, unless its name begins with ``unknown-``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..state import State
from ..values import Request, Response, json_response
from .providers import Provider

_MODELS: Mapping[str, tuple[str, ...]] = {
    "openai": ("gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small"),
    "azure": ("gpt-4o", "gpt-4o-mini"),
    "gemini": ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"),
    "deepseek": ("deepseek-chat", "deepseek-reasoner"),
    "groq": ("llama-3.3-70b-versatile", "openai/gpt-oss-120b"),
    "mistral": ("mistral-large-latest", "mistral-small-latest", "mistral-embed"),
    "cohere": ("command-a-03-2025", "embed-v4.0", "rerank-v3.5"),
    "qwen": ("qwen-plus", "qwen-max"),
    "moonshot": ("kimi-k2-turbo-preview", "moonshot-v1-8k"),
    "zhipu": ("glm-4.6", "glm-4.5-air"),
    "doubao": ("doubao-seed-1-6-250615",),
    "xai": ("grok-4", "grok-3-mini"),
    "together": ("meta-llama/Llama-3.3-70B-Instruct-Turbo",),
    "fireworks": ("accounts/fireworks/models/llama-v3p3-70b-instruct",),
    "openrouter": ("openai/gpt-4o", "anthropic/claude-sonnet-4.5"),
    "perplexity": ("sonar", "sonar-pro"),
    "ollama": ("llama3.2", "qwen3"),
    "llamacpp": ("default",),
    "nvidia": ("meta/llama-3.3-70b-instruct",),
    "cerebras": ("llama-3.3-70b", "gpt-oss-120b"),
    "minimax": ("MiniMax-M2",),
    "baidu": ("ernie-4.5-turbo-128k",),
    "jina": ("jina-embeddings-v3", "jina-reranker-v2-base-multilingual"),
}
_CREATED = 1_735_689_600


def models_of(provider: Provider) -> tuple[str, ...]:
    """The names of the models of ``provider``."""
    return _MODELS.get(provider.id, ())


def list_models(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """All of them."""
    models = [_model(provider, name) for name in models_of(provider)]
    if provider.dialect == "gemini" or provider.dialect == "cohere":
        return json_response({"models": models})
    # Together gives the bare list.
    whole: Any = models
    if provider.id != "together":
        whole = {"object": "list", "data": models}
    return json_response(whole)


def retrieve_model(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One of them; any name will do."""
    return json_response(_model(provider, args["model"]))


def _model(provider: Provider, name: str) -> dict[str, Any]:
    if provider.dialect == "gemini":
        return {
            "name": f"models/{name}",
            "displayName": name,
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
    if provider.dialect == "cohere":
        return {"name": name, "endpoints": ["chat"], "context_length": 256_000}
    model = {"id": name, "object": "model", "created": _CREATED}
    return {**model, "owned_by": provider.id}
