"""``SentRequests`` and ``assert_requested``: what was asked, or was not."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from specwire import Client
from specwire.sandbox import Sandbox
from specwire.testing import SentRequests, assert_requested, standing

HELLO: Any = {
    "model": "m",
    "max_tokens": 5,
    "messages": [{"role": "user", "content": "Hello"}],
}


@pytest.fixture
def sent(box: Sandbox) -> SentRequests:
    """Of one message, one list, one upload."""
    requests = SentRequests()
    given: Any = {"api_keys": box.api_keys, "base_urls": box.base_urls}
    with Client(hooks=[requests], **given) as client:
        client.messages.create(**HELLO)
        client.models.list(limit=2)
        client.files.upload(file=("a.txt", b"content", "text/plain"))
    return requests


def test_what_was_asked_passes(sent: SentRequests) -> None:
    """By method, path, body, a part of it, query and count."""
    sent.assert_requested("POST", "/v1/messages")
    sent.assert_requested("post", "/v1/messages", json=HELLO, times=1)
    sent.assert_requested("POST", "/v1/*", json={**HELLO, "model": ANY})
    sent.assert_requested("*", "/{version}/messages", json={"max_tokens": 5})
    words = {"messages": [{"content": "Hello"}]}
    sent.assert_requested("POST", "/v1/messages", json=words)
    whole = sent[0].json()
    sent.assert_requested("POST", "/v1/messages", json=whole, exactly=True)
    sent.assert_requested("POST", "/v1/messages", json=words, exactly=True, times=0)
    sent.assert_requested("GET", "/v1/models", query={"limit": "2"})
    sent.assert_requested("DELETE", "/v1/messages", times=0)
    assert b"content" in sent[2].content
    assert [each.operation for each in sent] == [
        "messages.create",
        "models.list",
        "files.upload_raw",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("DELETE", "/v1/messages"), "expected 1 or more requests, got 0"),
        (("GET", "/v1/models", {"query": {"limit": "3"}}), "GET /v1/models?limit=2"),
        (
            ("POST", "/v1/messages", {"json": {"model": 1}}),
            "with json {'model': 1}",
        ),
        (("POST", "/v1/messages", {"times": 2}), "expected 2 requests, got 1"),
        (("POST", "/v1/messages", {"json": {"max_tokens": 6}}), "'max_tokens': 5"),
    ],
)
def test_what_was_not_asked_is_told(sent: SentRequests, asked: Any, said: str) -> None:
    """With what was expected, and what was requested in its place."""
    method, path, *more = asked
    with pytest.raises(AssertionError) as caught:
        sent.assert_requested(method, path, **(more[0] if more else {}))
    assert said in str(caught.value)


def test_no_credential_is_kept(sent: SentRequests, box: Sandbox) -> None:
    """Neither in what is held nor in what is told."""
    assert box.api_keys["anthropic"] not in str([each.headers for each in sent])
    assert sent[0].headers["Content-Type"] == "application/json"


def test_all_clients_of_a_block_are_seen(box: Sandbox) -> None:
    """Also where their hooks are changed; those made afterwards are not."""
    given: Any = {"api_keys": box.api_keys, "base_urls": box.base_urls}
    with pytest.raises(RuntimeError, match="no requests were kept"):
        assert_requested("GET", "/v1/models")
    requests = SentRequests()
    with standing(requests):
        with Client(**given) as client:
            client.with_options(hooks=[]).models.list()
            client.with_options(hooks=client._hooks).models.list()
        assert_requested("GET", "/v1/models", times=2)
    with Client(**given) as client:
        client.models.list()
    assert len(requests) == 2
    requests.clear()
    assert len(requests) == 0
