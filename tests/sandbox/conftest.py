"""A running sandbox, a way to call it, and a check of its answers by the documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from specwire.sandbox import Sandbox
from specwire.sandbox.documents import own_document
from specwire.sandbox.routing import Router
from specwire.sandbox.validation import Checker

NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Caller:
    """Calls a sandbox over one keep-alive connection, with the right key."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        service = "sim" if path.startswith("/api/") else "anthropic"
        headers = {"x-api-key": self.box.api_keys[service]}
        headers.update(options.pop("headers", {}))
        options.setdefault("timeout", 10)
        return self.session.request(
            method, self.box.url + path, headers=headers, **options
        )


@pytest.fixture(scope="session", autouse=True)
def documents() -> dict[str, Any]:
    try:
        return {name: own_document(name) for name in ("anthropic", "sim")}
    except FileNotFoundError as error:
        pytest.skip(f"the generated documents are missing: {error}")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def call(box: Sandbox) -> Iterator[Caller]:
    caller = Caller(box)
    yield caller
    caller.session.close()


@pytest.fixture(scope="session")
def problems(documents: dict[str, Any]) -> Callable[..., list[str]]:
    """What a document has against a value: by operation and status, or by schema."""
    router = Router(documents)
    checkers = {name: Checker(document) for name, document in documents.items()}

    def find(operation_id: str, value: Any, status: str = "200") -> list[str]:
        if operation_id.startswith("/"):
            return [str(p) for p in checkers["anthropic"].problems(operation_id, value)]
        operation = router.by_id[operation_id]
        content = operation.node["responses"][status]["content"]
        media = next(name for name in content if "json" in name)
        pointer = f"{operation.pointer}/responses/{status}/content/"
        pointer += media.replace("/", "~1") + "/schema"
        return [str(p) for p in checkers[operation.service].problems(pointer, value)]

    return find


def message(text: str = "Hello there", **further: Any) -> dict[str, Any]:
    """The smallest body of a message, and what is added to it."""
    return {
        "model": "claude-opus-4-8",
        "max_tokens": 200,
        "messages": [{"role": "user", "content": text}],
        **further,
    }


def events(response: requests.Response) -> list[tuple[str, Any]]:
    """The events of a stream: name and parsed data."""
    import json

    found = []
    for record in response.content.decode().split("\n\n")[:-1]:
        name = ""
        for line in record.split("\n"):
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            else:
                data = json.loads(value)
        found.append((name, data))
    return found
