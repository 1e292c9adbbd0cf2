"""What the drop-in client reads from the environment beside its credential."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from specwire import Client
from specwire.compat.anthropic import Anthropic
from tests.scripted import reply, serving

GATEWAY = "gateway-secret-4711"
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
ASK: Any = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "a"}],
}


def test_custom_headers_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the API's service; what the program says comes before them."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Gate: {GATEWAY}\nx-own: env")
    with (
        serving(reply(200, MESSAGE), reply(200, {"isDeployed": True})) as server,
        Anthropic(
            api_key="sk-1", base_url=server.url, default_headers={"X-Own": "program"}
        ) as client,
        Client(api_keys={"sim": "sk-2"}, base_urls={"sim": server.url}) as other,
    ):
        client.messages.create(**ASK)
        other.workflows.status("w1")
    assert server.received[0].headers["x-gate"] == GATEWAY
    assert server.received[0].headers["x-own"] == "program"
    assert "x-gate" not in server.received[1].headers


def test_the_log_is_turned_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level that is asked for, once a client is made; without it, nothing."""
    caplog.set_level(logging.DEBUG, "specwire")
    for level, count in (("debug", 3), ("info", 1), ("", 0)):
        monkeypatch.setenv("ANTHROPIC_LOG", level)
        caplog.clear()
        with (
            serving(reply(200, MESSAGE)) as server,
            Anthropic(api_key="sk-secret-1", base_url=server.url) as client,
        ):
            client.messages.create(**ASK)
        lines = [r.getMessage() for r in caplog.records if r.name == "specwire"]
        assert len(lines) == count
        assert "sk-secret-1" not in caplog.text
