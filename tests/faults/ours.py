"""This project's adapter: nothing but the public surface of ``specwire``."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from specwire import Client, Timeout, errors
from specwire.core.clock import Clock
from specwire.testing import FakeClock

from .case import Setup
from .client import Library, unknown
from .dialects import Dialect, Messages

SAY_HI: Any = {
    "model": "m1",
    "max_tokens": 16,
    "messages": [{"role": "user", "content": "hi"}],
}


class Chance(FakeClock):
    """Jitter as it will be, and the same in every run."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = random.Random(7).random  # type: ignore[method-assign]


class Steady(Clock):
    """The machine's time, and jitter at its lowest: whether a wait fits is no luck."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = lambda: 0.0  # type: ignore[method-assign]


def clock_for(setup: Setup) -> Clock:
    """What tells the time and the jitter of a case."""
    jitter = Chance if setup.chance else FakeClock
    return Steady() if setup.real else jitter()


class Specwire(Library):
    name = "specwire"
    package = "specwire"
    can = frozenset(
        [
            "call",
            "run",
            "get",
            "stream",
            "rows",
            "upload",
            "download",
            "headers",
            "limit",
            "deadline",
            "cheap",
        ]
    )
    exact = True
    dialect: Dialect = Messages()

    def now(self) -> float:
        return FakeClock().time()

    def make(self, setup: Setup) -> Client:
        clock = clock_for(setup)
        options: dict[str, Any] = {}
        if setup.max_body_bytes is not None:
            options["max_body_bytes"] = setup.max_body_bytes
        client = Client(
            api_keys={"anthropic": setup.key, "sim": setup.key},
            base_urls={"anthropic": setup.base_url, "sim": setup.base_url},
            timeout=Timeout(setup.total, connect=setup.connect, read=setup.read),
            max_retries=setup.retries,
            _clock=clock,
            **options,
        )
        client.__dict__["_slept"] = getattr(clock, "slept", [])
        return client

    def slept(self, client: Any) -> list[float]:
        return list(client._slept)

    def kind(self, error: BaseException) -> str:
        match error:
            case errors.StreamError():
                return "stream"
            case errors.APITimeoutError():
                return "timeout"
            case errors.APIConnectionError():
                return "connection"
            case errors.APIStatusError():
                return f"status {error.status_code}"
            case errors.DecodeError():
                return "decode"
            case errors.RequestValidationError() | errors.MissingCredentialError():
                return "refused"
            case errors.CancelledError():
                return "cancelled"
        return unknown(error)

    def wish(self, error: BaseException) -> float | None:
        return getattr(error, "retry_after_s", None)

    def call(self, client: Any) -> str:
        return str(client.messages.create(**SAY_HI).content[0].text)

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        made = client.messages.create(**SAY_HI, extra_headers=headers)
        return str(made.content[0].text)

    def run(self, client: Any) -> str:
        return str(client.execute_workflow("wf", {"a": 1}).output["content"])

    def get(self, client: Any, name: str = "m1") -> str:
        return str(client.models.retrieve(name).id)

    def stream(self, client: Any) -> Iterator[str]:
        with client.messages.create(**SAY_HI, stream=True) as events:
            for event in events:
                if event.type == "content_block_delta":
                    yield event.delta.text

    def rows(self, client: Any) -> Iterator[str]:
        for row in client.batches.results("b1"):
            yield row.custom_id

    def upload(self, client: Any, file: Any) -> str:
        return str(client.files.upload(file=file).id)

    def download(self, client: Any) -> Iterator[bytes]:
        yield from client.files.download("file_1")
