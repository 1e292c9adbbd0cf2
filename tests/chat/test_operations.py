"""What a provider offers besides chat: where it is, what is sent, what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.chat import operations
from specwire.chat.client import AiClient
from specwire.chat.foreign import compiled
from specwire.chat.manifest import Manifest
from specwire.errors import (
    DecodeError,
    ManifestError,
    RateLimitError,
    RequestValidationError,
    SpecwireError,
)

from ..scripted import reply, serving


def manifest(**more: Any) -> Manifest:
    """A provider with a list of models, a table of reefs and a place for videos."""
    data = {
        "id": "lagoon",
        "protocol_version": "2.0",
        "endpoint": {"base_url": "https://lagoon.example/v1"},
        "endpoints": {
            "chat": {"path": "/chat/completions"},
            "reef_get": {"path": "/reefs/{id}", "method": "GET"},
            "survey": {"path": "/surveys", "method": "POST"},
        },
        "services": {
            "list_models": {
                "path": "/models",
                "method": "GET",
                "response_binding": "data",
            }
        },
        "capabilities": {"required": ["text"], "optional": ["video_generation"]},
        **more,
    }
    return Manifest(compiled(data))


def test_the_manifest_says_where_an_operation_is() -> None:
    """Its path comes before a fallback, and a fallback before the usual place."""
    known = manifest()
    assert operations.place(known, "survey", "/other").path == "/surveys"
    assert operations.place(known, "video", "/clips").path == "/clips"
    assert operations.place(known, "video").path == "/video/generations"
    with pytest.raises(ManifestError, match="dowsing"):
        operations.place(known, "dowsing")


def test_placeholders_are_filled_and_escaped() -> None:
    """A value stays one segment of the path, whatever it holds."""
    made = operations.request(manifest(), "reef_get", names={"id": "../a b"})
    assert (made.method, made.path, made.body) == ("GET", "/reefs/..%2Fa%20b", None)


@pytest.mark.parametrize("names", [None, {}, {"id": ""}, {"id": ".."}])
def test_a_placeholder_without_a_value_is_refused(names: Any) -> None:
    """So is one that would lead elsewhere."""
    with pytest.raises(RequestValidationError, match=r"\{id\}"):
        operations.request(manifest(), "reef_get", names=names)


def test_a_body_is_an_object() -> None:
    """Anything else is refused before it is sent."""
    with pytest.raises(RequestValidationError, match="list"):
        operations.request(manifest(), "survey", [1])  # type: ignore[arg-type]
    assert operations.request(manifest(), "survey", {"n": 1}).body == {"n": 1}


def test_an_answer_is_what_the_manifest_binds() -> None:
    """All of it where nothing is bound; an error where the bound member is missing."""
    known = manifest()
    assert operations.answer(known, "list_models", {"data": [1]}) == [1]
    assert operations.answer(known, "survey", {"data": [1]}) == {"data": [1]}
    with pytest.raises(DecodeError, match="'data'"):
        operations.answer(known, "list_models", {"models": []})


@pytest.mark.parametrize(
    ("name", "refused"),
    [("video", False), ("survey", False), ("computer_use", True), ("dowsing", True)],
)
def test_what_is_not_declared_is_refused(name: str, refused: bool) -> None:
    """A capability declares an operation, and so does naming its place."""
    if not refused:
        operations.guard(manifest(), name)
        return
    with pytest.raises(SpecwireError) as caught:
        operations.guard(manifest(), name)
    assert caught.value.standard_code == "E1005"


def asking(url: str) -> AiClient:
    """A client of OpenAI's manifest that asks a server of ours."""
    return AiClient("openai/gpt-4o", api_key="sk-test", base_url=url, max_retries=0)


def test_a_client_sends_an_operation() -> None:
    """With the provider's key, to its place, and gives the JSON back."""
    with (
        serving(reply(body={"data": [{"embedding": [1.0]}]})) as server,
        asking(server.url) as client,
    ):
        found = client.operation("embeddings", {"model": "m", "input": "sea"})
    assert found["data"][0]["embedding"] == [1.0]
    request = server.received[0]
    assert (request.method, request.target) == ("POST", "/embeddings")
    assert request.json() == {"model": "m", "input": "sea"}
    assert request.headers["authorization"] == "Bearer sk-test"


def test_an_operation_fails_as_a_chat_call_does() -> None:
    """The provider's error is read by its manifest."""
    body = {"error": {"message": "slow", "type": "x", "code": "rate_limit_exceeded"}}
    with (
        serving(reply(429, body)) as server,
        asking(server.url) as client,
        pytest.raises(RateLimitError) as caught,
    ):
        client.operation("embeddings", {"model": "m", "input": "sea"})
    assert caught.value.standard_code == "E2001"


def test_nothing_is_sent_for_what_is_not_declared() -> None:
    """The guard comes before the connection."""
    with serving() as server, asking(server.url) as client:
        with pytest.raises(SpecwireError, match="video"):
            client.operation("video", {"prompt": "sea"})
        assert server.received == []
