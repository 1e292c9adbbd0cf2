"""A sandbox for the tests of its chat providers, and a way to call any of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from specwire.sandbox import Sandbox
from specwire.sandbox.chat.providers import PROVIDERS

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "description": "d", "parameters": SCHEMA},
}
TIME = {"type": "function", "function": {"name": "get_time", "parameters": SCHEMA}}
OPENAI_LIKE = sorted(
    each.id for each in PROVIDERS.values() if each.dialect == "openai" and each.chat
)
KEYED = sorted(each.id for each in PROVIDERS.values() if not each.keyless)


class Talker:
    """Calls the providers of a sandbox over one connection, with the right key."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(
        self,
        provider: str,
        path: str,
        body: Any = None,
        *,
        method: str = "POST",
        key: str | None = "",
        root: str | None = None,
    ) -> requests.Response:
        known = PROVIDERS[provider]
        key = self.box.chat_keys[provider] if key == "" else key
        headers = {}
        if key is not None:
            kind, _, name = known.auth[0].partition(":")
            bearer = kind == "bearer"
            headers[name or "authorization"] = f"Bearer {key}" if bearer else key
        root = known.roots[0] if root is None else root
        url = f"{self.box.url}/{provider}{root}{path}"
        return self.session.request(method, url, json=body, headers=headers, timeout=10)

    def chat(self, provider: str = "openai", **members: Any) -> requests.Response:
        """A chat completion; the user asks for the weather in Paris."""
        asked = [{"role": "user", "content": "How is the weather in Paris?"}]
        body = {"model": "m-1", "messages": asked, **members}
        return self(provider, "/chat/completions", body)


@pytest.fixture(scope="package")
def chat_box() -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def talk(chat_box: Sandbox) -> Iterator[Talker]:
    talker = Talker(chat_box)
    yield talker
    talker.session.close()
    chat_box.reset()


def chunks(reply: requests.Response) -> list[Any]:
    """The JSON of a stream's events; one that is no JSON as text.

    Without the one that says everything again, which MiniMax sends.
    """
    found: list[Any] = []
    for record in reply.content.decode().split("\n\n"):
        for line in record.split("\n"):
            if line.startswith("data: "):
                data = line[6:]
                found.append(json.loads(data) if data[0] == "{" else data)
    return [each for each in found if not _again(each)]


def _again(event: Any) -> bool:
    return isinstance(event, dict) and event.get("object") == "chat.completion"


def joined(stream: list[Any], member: str = "content", choice: int = 0) -> str:
    """The text that the deltas of one choice add up to."""
    text = ""
    for chunk in stream:
        for each in chunk["choices"] if isinstance(chunk, dict) else ():
            if each["index"] == choice:
                text += each["delta"].get(member) or ""
    return text
