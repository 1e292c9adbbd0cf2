"""A hook that plays the server, and errors to play with."""

from __future__ import annotations

import json
from typing import Any

from specwire import Answer, Hook
from specwire.core.errors import APIStatusError, status_error
from specwire.core.wire import Headers, Reply
from specwire.errors import APIConnectionError
from tests.core.sample import NOTE

Step = Any
"""A status, a Reply, or an exception."""


def reply(status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    body = json.dumps(NOTE if status < 300 else {"error": {"message": "no"}}).encode()
    pairs = {"content-type": "application/json", **(headers or {})}
    return Reply(status, Headers.of(pairs.items()), body)


class Server(Hook):
    """Stands last among the hooks and answers: a script's steps, then 200 for ever."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.asked = 0

    def before_attempt(self, call: Any) -> Answer:
        self.asked += 1
        step = self.script.pop(0) if self.script else 200
        if isinstance(step, BaseException):
            raise step
        return Answer(step if isinstance(step, Reply) else reply(step))


def failed(status: int, retry_after_s: float | None = None) -> APIStatusError:
    """The error of a reply with ``status``."""
    again = status >= 500 or status in (408, 409, 429)
    return status_error(
        "test", status, None, retryable=again, retry_after_s=retry_after_s
    )


def cut() -> APIConnectionError:
    """The error of a connection that broke."""
    return APIConnectionError("test: it broke")
