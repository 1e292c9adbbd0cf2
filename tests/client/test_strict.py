"""``strict=True``: the whole body is checked before anything is sent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from specwire import Client
from specwire.core.client import BaseClient
from specwire.errors import RequestValidationError
from specwire.sandbox import Sandbox
from tests.house.modules import SDK


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(box: Sandbox) -> Any:
    box.reset()
    with Client(
        api_keys=box.api_keys, base_urls=box.base_urls, strict=True, max_retries=0
    ) as made:
        yield made


def arguments(**further: Any) -> Any:
    said = [{"role": "user", "content": "Hello"}]
    return {"model": "claude-opus-4-8", "max_tokens": 9, "messages": said, **further}


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a kind": ({"max_tokens": "9"}, "/max_tokens", "integer"),
    "a limit": ({"temperature": 3}, "/temperature", "at most 1"),
    "a choice": (
        {"messages": [{"role": "robot", "content": "x"}]},
        "/messages/0/role",
        "one of ['user', 'assistant', 'system']",
    ),
    "a member that is missing": (
        {"thinking": {"type": "enabled"}},
        "/thinking/budget_tokens",
        "integer",
    ),
    "a tag": (
        {"tool_choice": {"type": "all"}},
        "/tool_choice/type",
        "one of 'auto', 'any', 'tool', 'none'",
    ),
    "a union": (
        {"messages": [{"role": "user", "content": 5}]},
        "/messages/0/content",
        "string or array",
    ),
    "a name with a slash": (
        {"metadata": {"a/b~c": 1}},
        "/metadata/a~1b~0c",
        "one of user_id",
    ),
    "a member of extra_body": (
        {"extra_body": {"max_tokens": None}},
        "/max_tokens",
        "integer",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_sent(
    client: Client, box: Sandbox, what: str
) -> None:
    """The error says where the body is wrong and what was expected there."""
    further, pointer, expected = WRONG[what]
    with pytest.raises(RequestValidationError) as caught:
        client.messages.create(**arguments(**further))
    assert (caught.value.pointer, caught.value.expected) == (pointer, expected)
    assert pointer in str(caught.value)
    assert box.requests == []


def test_a_name_that_is_nearly_right_is_suggested(client: Client) -> None:
    """A member nobody knows is told the known one that is spelled most like it."""
    spelled = arguments(messages=[{"rol": "user", "role": "user", "content": "x"}])
    with pytest.raises(RequestValidationError, match="did you mean 'role'"):
        client.messages.create(**spelled)


def test_several_problems_are_counted(client: Client) -> None:
    """The first problem is told; of the others it is said how many there are."""
    with pytest.raises(RequestValidationError, match=r"\(and 1 more\)"):
        client.messages.create(**arguments(max_tokens="9", temperature=3))


def test_what_is_right_is_sent_as_without(client: Client, box: Sandbox) -> None:
    """A body that the document allows is sent unchanged, generators included."""
    said = (turn for turn in [{"role": "user", "content": "Hello"}])
    client.messages.create(**arguments(messages=said))
    client.with_options(strict=False).messages.create(**arguments())
    first, second = (request.json() for request in box.requests)
    assert first == second


def test_streams_counts_and_batches_are_checked(client: Client, box: Sandbox) -> None:
    """Every operation with a JSON body is checked, in whichever way it is called."""
    calls = [
        lambda: client.messages.stream(**arguments(top_k=-1)).__enter__(),
        lambda: client.messages.count_tokens(model="m", messages=[{"role": "user"}]),  # type: ignore[list-item]
        lambda: client.messages.batches.create(
            requests=[{"custom_id": "a b", "params": arguments()}]
        ),
        lambda: client.beta.messages.create(**arguments(mcp_servers=[{"name": "x"}])),
    ]
    pointers = []
    for call in calls:
        with pytest.raises(RequestValidationError) as caught:
            call()
        pointers.append(caught.value.pointer)
    assert pointers == [
        "/top_k",
        "/messages/0/content",
        "/requests/0/custom_id",
        "/mcp_servers/0/type",
    ]
    assert box.requests == []


QUERY: dict[str, tuple[dict[str, Any], str, str]] = {
    "a kind": ({"limit": "ten"}, "query/limit", "integer"),
    "a limit": ({"limit": 5000}, "query/limit", "at most 1000"),
    "a limit from outside": (
        {"extra_query": {"limit": 5000}},
        "query/limit",
        "at most 1000",
    ),
    "a name": (
        {"extra_query": {"limt": "5"}},
        "query/limt",
        "one of before_id, after_id, limit",
    ),
}


@pytest.mark.parametrize("what", QUERY)
def test_the_query_is_checked(client: Client, box: Sandbox, what: str) -> None:
    """By the parameters of the operation; the pointer says that it is the query."""
    further, pointer, expected = QUERY[what]
    with pytest.raises(RequestValidationError) as caught:
        client.batches.list(**further)
    assert (caught.value.pointer, caught.value.expected) == (pointer, expected)
    assert str(caught.value).startswith(f"batches.list: {pointer}")
    assert box.requests == []


def test_headers_are_checked(client: Client, box: Sandbox) -> None:
    """Those that are arguments; a list may be given as the header's own text."""
    with pytest.raises(RequestValidationError) as caught:
        client.files.list(betas=[1])  # type: ignore[list-item]
    assert caught.value.pointer == "header/anthropic-beta/0"
    odd: Any = "a-1, b-2"
    client.files.list(betas=odd, limit=3, extra_headers={"x-any": "1"})
    client.batches.list(extra_query={"limit": "5"})
    client.beta.models.list(extra_query={"beta": "true"})
    assert len(box.requests) == 3


def test_one_call_may_be_strict(box: Sandbox) -> None:
    """with_options makes a strict client of one that is not, and back."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as lax:
        strict = lax.with_options(strict=True)
        with pytest.raises(RequestValidationError):
            strict.messages.create(**arguments(max_tokens=-1))
        assert strict.with_options(strict=False)._strict is False


def test_a_client_without_documents_cannot_be_strict() -> None:
    """A package that brings no documents says so when the client is made."""
    with pytest.raises(ValueError, match=r"no documents come with .*bundle = true"):
        BaseClient(strict=True)


def test_who_is_not_strict_does_not_load_jsonschema(box: Sandbox) -> None:
    """Without strict=True neither the checks nor jsonschema are imported."""
    code = (
        "import sys, json; from specwire import Client\n"
        "args = json.loads(sys.argv[1])\n"
        "client = Client(api_keys=args['keys'], base_urls=args['urls'])\n"
        "client.messages.create(**args['call'])\n"
        "print([m for m in ('jsonschema', 'specwire.core.strict') if m in sys.modules])"
    )
    told = json.dumps(
        {
            "keys": dict(box.api_keys),
            "urls": dict(box.base_urls),
            "call": arguments(),
        }
    )
    run = [sys.executable, "-c", code, told]
    env = {"PYTHONPATH": str(SDK), "PATH": ""}
    done = subprocess.run(
        run, env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
