"""Servers on this machine need no key, and take one where they were started with it."""

from __future__ import annotations

import pytest

from specwire.chat.client import AiClient
from tests.scripted import reply, serving

from .wire_samples import sample


@pytest.mark.parametrize("provider", ["llamacpp", "ollama"])
@pytest.mark.parametrize("key", [None, "sk-local"])
def test_a_key_is_sent_where_one_is_given(provider: str, key: str | None) -> None:
    """Without a key nothing is missing; with one it is a bearer token."""
    answer = sample(provider)["replies"]["text"]
    with serving(reply(200, answer["body"])) as server:
        model = f"{provider}/some-model"
        with AiClient(model, api_key=key, base_url=server.url) as client:
            response = client.chat().user("Hello").execute()
    assert answer["expected"]["text"] == response.content
    sent = server.received[0].headers.get("authorization")
    assert sent == (None if key is None else "Bearer sk-local")
