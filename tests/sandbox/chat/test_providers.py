"""What every provider of the sandbox has: an address, a key, errors, faults, limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import specwire
from specwire.sandbox import Sandbox
from specwire.sandbox.chat.limits import duration
from specwire.sandbox.chat.providers import PROVIDERS

from .conftest import KEYED, OPENAI_LIKE, Talker

BODY: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}


def ask(talk: Talker, provider: str, model: str = "m", **how: Any) -> Any:
    """The smallest chat with a provider, or an embedding where it has no chat."""
    known = PROVIDERS[provider]
    if known.dialect == "gemini":
        contents = [{"parts": [{"text": "Hello"}]}]
        path = f"/models/{model}:generateContent"
        return talk(provider, path, {"contents": contents}, **how)
    if known.dialect == "anthropic":
        body = {**BODY, "max_tokens": 9, "model": model}
        return talk(provider, "/messages", body, **how)
    if known.dialect == "cohere":
        return talk(provider, "/v2/chat", {**BODY, "model": model}, **how)
    if not known.chat:
        return talk(provider, "/embeddings", {"input": "x", "model": model}, **how)
    return talk(provider, "/chat/completions", {**BODY, "model": model}, **how)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_provider_answers(talk: Talker, provider: str) -> None:
    """With its key, at its address."""
    assert ask(talk, provider).status_code == 200
    assert talk.box.chat_urls[provider].startswith(f"{talk.box.url}/{provider}")


@pytest.mark.parametrize("provider", KEYED)
def test_no_key_and_a_wrong_key_are_refused(talk: Talker, provider: str) -> None:
    """Both are client errors, and neither repeats the key."""
    wrong = "sk-wrong-key-of-somebody-else"
    for key in (None, wrong):
        reply = ask(talk, provider, key=key)
        assert reply.status_code in (400, 401, 403)
        assert wrong not in reply.text


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_an_unknown_model_is_refused(talk: Talker, provider: str) -> None:
    """A model that begins with unknown- is not there."""
    assert ask(talk, provider, "unknown-model").status_code in (400, 403, 404, 422)


@pytest.mark.parametrize("provider", ["openai", "groq", "together", "mistral"])
def test_a_model_without_its_provider(talk: Talker, provider: str) -> None:
    """A name that still has the provider's id in front is not one of its models."""
    assert ask(talk, provider, f"{provider}/m").status_code in (400, 404)


SHAPES: dict[str, tuple[int, Any]] = {
    "openai": (429, {"error": {"type": "requests", "code": "rate_limit_exceeded"}}),
    "azure": (401, {"error": {"code": "401"}}),
    "anthropic": (529, {"type": "error", "error": {"type": "overloaded_error"}}),
    "gemini": (503, {"error": {"code": 503, "status": "UNAVAILABLE"}}),
    "mistral": (429, {"object": "error", "type": "rate_limited", "code": "1300"}),
    "deepseek": (402, {"error": {"message": "Insufficient Balance"}}),
    "groq": (500, {"error": {"type": "internal_server_error"}}),
    "cohere": (500, {"message": "internal server error, this has been reported to"}),
    "qwen": (429, {"error": {"code": "limit_requests"}}),
    "moonshot": (429, {"error": {"type": "rate_limit_reached_error"}}),
    "zhipu": (429, {"error": {"code": "1302"}}),
    "doubao": (429, {"error": {"code": "RateLimitExceeded.EndpointRPMExceeded"}}),
    "xai": (429, {"code": "Some resource has been exhausted"}),
    "openrouter": (502, {"error": {"code": 502, "metadata": {}}}),
    "perplexity": (429, {"error": {"type": "too_many_requests", "code": 429}}),
    "together": (503, {"error": {"code": "overloaded"}}),
    "fireworks": (429, {"error": {"object": "error", "code": "RATE_LIMIT_EXCEEDED"}}),
    "ollama": (503, {"error": {"type": "api_error", "code": None}}),
    "llamacpp": (503, {"error": {"code": 503, "type": "unavailable_error"}}),
    "nvidia": (429, {"title": "Too Many Requests", "status": 429}),
    "cerebras": (429, {"code": "request_quota_exceeded", "param": None}),
    "minimax": (429, {"type": "error", "error": {"http_code": "429"}}),
    "baidu": (429, {"error": {"code": "rpm_rate_limit_exceeded"}}),
    "jina": (429, {"detail": "Rate limit exceeded"}),
}


@pytest.mark.parametrize("provider", sorted(SHAPES))
def test_a_failure_has_the_providers_shape(talk: Talker, provider: str) -> None:
    """A status that was ordered comes with the provider's own words for it."""
    status, expected = SHAPES[provider]
    for depth in range(2, 7):
        talk.box.fail(f"POST /{provider}" + "/*" * (depth - 1), status)
    reply = ask(talk, provider)
    assert reply.status_code == status
    assert _holds(reply.json(), expected)


def _holds(found: Any, expected: Any) -> bool:
    """Whether ``found`` has what ``expected`` has; texts may go on."""
    if isinstance(expected, dict):
        return all(k in found and _holds(found[k], v) for k, v in expected.items())
    if isinstance(expected, str):
        return isinstance(found, str) and found.startswith(expected)
    return bool(found == expected)


def test_every_provider_has_a_shape_that_is_tested() -> None:
    """None is left out of the table above."""
    assert set(SHAPES) == set(PROVIDERS)


def test_perplexity_refuses_keys_with_a_page(talk: Talker) -> None:
    """Its 401 is HTML."""
    reply = ask(talk, "perplexity", key=None)
    assert reply.status_code == 401
    assert reply.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("provider", ["openai", "openrouter", "zhipu", "xai"])
def test_a_stream_breaks_in_the_providers_words(talk: Talker, provider: str) -> None:
    """An error event comes after three others, without an end."""
    root = PROVIDERS[provider].roots[0]
    pattern = f"POST /{provider}{root}/chat/completions"
    talk.box.fail(pattern, None, stream_error="rate_limit_exceeded")
    text = talk.chat(provider, stream=True).text
    assert "[DONE]" not in text
    assert '"rate_limit_exceeded"' in text.rstrip().rpartition("\n")[2]


def test_faults_reach_every_provider(talk: Talker) -> None:
    """Retry-After, whole JSON for a stream, and a connection that is cut."""
    pattern = "POST /openai/v1/chat/completions"
    talk.box.fail(pattern, 429, retry_after=0.5)
    assert talk.chat().headers["retry-after"] == "0.5"
    talk.box.fail(pattern, None, as_json=True)
    assert talk.chat(stream=True).json()["object"] == "chat.completion"


@pytest.mark.parametrize(
    ("provider", "name", "value"),
    [
        ("openai", "x-ratelimit-reset-requests", "120ms"),
        ("groq", "x-ratelimit-reset-tokens", "6m0s"),
        ("anthropic", "anthropic-ratelimit-tokens-reset", "2026-01-01T00:01:00Z"),
        ("together", "x-ratelimit-reset", "60"),
        ("mistral", "ratelimitbysize-reset", "60"),
        ("cohere", "x-trial-endpoint-call-remaining", "499"),
        ("azure", "x-ratelimit-remaining-requests", "499"),
    ],
)
def test_limits_are_told_as_the_provider_tells_them(
    talk: Talker, provider: str, name: str, value: str
) -> None:
    """Times are durations, seconds or times of the day."""
    assert ask(talk, provider).headers[name] == value


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.02, "20ms"), (1.5, "1.5s"), (60, "1m0s"), (360, "6m0s"), (61.25, "1m1.25s")],
)
def test_a_duration_is_written_as_go_writes_it(seconds: float, text: str) -> None:
    """Units in a row, without spaces."""
    assert duration(seconds) == text


@pytest.mark.parametrize("provider", [*OPENAI_LIKE, "cohere", "gemini"])
def test_models_are_listed(talk: Talker, provider: str) -> None:
    """Each provider has some, in its dialect's shape."""
    path = "/v1/models" if provider == "cohere" else "/models"
    listed = talk(provider, path, method="GET").json()
    if isinstance(listed, dict):
        listed = listed.get("data") or listed["models"]
    assert all(each.get("id") or each["name"] for each in listed) and listed


def test_paths_and_methods_that_are_not_there(talk: Talker) -> None:
    """They are refused in the provider's shape."""
    missing = talk("openai", "/chat/complete", BODY)
    assert missing.status_code == 404 and "Invalid URL" in missing.text
    wrong = talk("openai", "/chat/completions", method="GET")
    assert (wrong.status_code, "error" in wrong.json()) == (405, True)


def test_a_body_that_is_no_json_is_refused(talk: Talker) -> None:
    """It is a 400, not a bug."""
    url = talk.box.chat_urls["openai"] + "/chat/completions"
    headers = {"authorization": f"Bearer {talk.box.chat_keys['openai']}"}
    reply = talk.session.post(url, data=b"{", headers=headers, timeout=10)
    assert reply.status_code == 400


def test_addresses_are_those_that_manifests_ask_for(talk: Talker) -> None:
    """Each built-in manifest of a provider has its address's path in common."""
    records = Path(specwire.__file__).parent / "providers"
    known = {path.stem for path in records.glob("[a-z]*.json")} - {"index"}
    assert known == set(PROVIDERS), "sandbox/chat/providers.py lacks one, or has more"
    for name in known:
        said = json.loads((records / f"{name}.json").read_text("utf-8"))["base_url"]
        assert urlsplit(said).path == PROVIDERS[name].base


def test_a_sandbox_of_other_documents_has_no_chat() -> None:
    """Its paths are the documents' alone."""
    box = Sandbox(documents={"shop": {"openapi": "3.1.0", "paths": {}}})
    assert (box.chat_keys, list(box.api_keys)) == ({}, ["shop"])
