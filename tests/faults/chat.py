"""The provider-neutral client under the same table: the built-in manifest of OpenAI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specwire import AiClient, Timeout, errors
from specwire.core.retry import Policy

from .case import Setup
from .dialects import Chat, Dialect
from .ours import Specwire, clock_for

APART = {
    "body: an error with status 200": "some providers send errors so, and it is told",
    "stream: an error event that is null": "of what is no object the name is not read",
    "stream: JSON instead": "a server may answer with the whole at once",
    "stream: JSON that says it is a stream": "it is known by its bytes",
    "stream: no blank line behind the last event": "the end mark is there, and whole",
}


class Neutral(Specwire):
    """``AiClient``, with the usual waits: a manifest may ask for longer ones."""

    name = "specwire.chat"
    can = frozenset(["call", "get", "stream", "headers", "limit", "deadline", "cheap"])
    apart = APART
    dialect: Dialect = Chat()

    def make(self, setup: Setup) -> Any:
        clock = clock_for(setup)
        options: dict[str, Any] = {}
        if setup.max_body_bytes is not None:
            options["max_body_bytes"] = setup.max_body_bytes
        client = AiClient.create(
            "openai/m1",
            api_key=setup.key,
            base_url=f"{setup.base_url}/v1",
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
            policy=Policy(),
            _clock=clock,
            **options,
        )
        client.__dict__["_slept"] = getattr(clock, "slept", [])
        return client

    def kind(self, error: BaseException) -> str:
        match error:
            case errors.APIStatusError(in_stream=True, type="overloaded_error"):
                return "status 529"  # not a word of OpenAI's
        return super().kind(error)

    def call(self, client: Any) -> str:
        return str(client.chat().user("hi").max_tokens(16).execute().content)

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        asking = client.chat().user("hi").max_tokens(16)
        for name, value in headers.items():
            asking.header(name, value)
        return str(asking.execute().content)

    def get(self, client: Any, name: str = "m1") -> str:
        return str(client.operation("get_model", names={"model": name})["id"])

    def stream(self, client: Any) -> Iterator[str]:
        with client.chat().user("hi").max_tokens(16).stream() as events:
            for event in events:
                if event.is_content_delta:
                    yield event.as_content_delta.text
