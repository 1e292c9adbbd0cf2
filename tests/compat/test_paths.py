"""Calls by path: ``client.get``, ``post``, ``put``, ``patch``, ``delete``."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.compat.anthropic import APIStatusError, BaseModel, NotFoundError
from specwire.core.stream import Stream
from tests.compat.test_client import ANSWER, KEY, MESSAGE, asking
from tests.scripted import chunked, reply

START = b'data: {"type":"message_stop"}\n\n'


class Thing(BaseModel):
    id: str
    size: int | None = None


def test_a_reply_is_what_it_is_cast_to() -> None:
    """A model, JSON data, text, bytes, the raw reply, nothing."""
    body = {"id": "a", "size": 3}
    with asking(*[reply(body=body)] * 7) as (client, _):
        thing = client.get("/v1/things", cast_to=Thing)
        assert (thing.id, thing.size, thing._request_id) == ("a", 3, None)
        assert client.get("v1/things", cast_to=dict) == body
        assert client.get("/v1/things", cast_to=object) == body
        assert client.get("/v1/things", cast_to=str) == '{"id": "a", "size": 3}'
        assert client.get("/v1/things", cast_to=bytes) == b'{"id": "a", "size": 3}'
        nothing: Any = client.delete("/v1/things", cast_to=type(None))
        assert nothing is None
        raw: Any = client.get("/v1/things", cast_to=type("Response", (), {}))
        assert raw.headers["content-type"] == "application/json"
        assert raw.json() == body


def test_body_and_options_are_sent() -> None:
    """JSON with ``extra_json`` over it, headers, parameters, and the credential."""
    options = {"headers": {"X-A": "1"}, "params": {"q": "1"}, "extra_json": {"b": 2}}
    with asking(ANSWER) as (client, server):
        client.post("/v1/x?y=1", cast_to=dict, body={"a": 1}, options=options)
    received = server.received[0]
    assert (received.method, received.target) == ("POST", "/v1/x?y=1&q=1")
    assert received.json() == {"a": 1, "b": 2}
    assert received.headers["x-a"] == "1"
    assert received.headers["x-api-key"] == KEY


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_every_method_sends_a_body(method: str) -> None:
    """With its own verb."""
    with asking(ANSWER) as (client, server):
        getattr(client, method)("/v1/x", cast_to=dict, body=[1])
    assert (server.received[0].method, server.received[0].json()) == (
        method.upper(),
        [1],
    )


def test_content_and_files_are_sent_as_they_are() -> None:
    """Bytes whole, files as a form."""
    with asking(ANSWER, ANSWER) as (client, server):
        client.post("/v1/x", cast_to=dict, content=b"\x00raw")
        client.post(
            "/v1/x", cast_to=dict, body={"a": "1"}, files={"file": ("n.txt", b"data")}
        )
    assert server.received[0].body == b"\x00raw"
    kind = server.received[1].headers["content-type"]
    assert kind.startswith("multipart/form-data")
    assert b'filename="n.txt"' in server.received[1].body
    assert b'name="a"' in server.received[1].body


def test_a_stream_of_events_is_typed() -> None:
    """As ``create(stream=True)`` is."""
    event = b'data: {"type":"thing","id":"a"}\n\n'
    with asking(chunked(event, START)) as (client, _):
        stream: Any = client.post("/v1/x", cast_to=Thing, body={}, stream=True)
        assert isinstance(stream, Stream)
        assert next(stream).id == "a"


def test_a_list_goes_on_by_itself() -> None:
    """``get_api_list`` asks for the pages as they are wanted."""
    first = {"data": [{"id": "a"}], "has_more": True, "first_id": "a", "last_id": "a"}
    second = {"data": [{"id": "b"}], "has_more": False, "first_id": "b", "last_id": "b"}
    with asking(reply(body=first), reply(body=second)) as (client, server):
        things = client.get_api_list("/v1/things", model=Thing, page=None)
        assert [thing.id for thing in things] == ["a", "b"]
    assert server.received[1].target == "/v1/things?after_id=a"


def test_errors_and_retries_are_those_of_every_call() -> None:
    """A 500 is tried again, a 404 is its class."""
    script = (reply(500, headers={"retry-after-ms": "1"}), reply(body=MESSAGE))
    with asking(*script, reply(404, {"error": {"type": "not_found_error"}})) as (
        client,
        _,
    ):
        assert client.get("/v1/x", cast_to=dict)["id"] == "msg_1"
        with pytest.raises(NotFoundError) as caught:
            client.get("/v1/{x}", cast_to=dict)
        assert isinstance(caught.value, APIStatusError)


def test_the_key_goes_to_no_other_server() -> None:
    """A whole URL is taken where it is below the base URL."""
    with asking(ANSWER) as (client, server):
        assert client.get(f"{server.url}/v1/x", cast_to=dict)["id"] == "msg_1"
        with pytest.raises(ValueError, match=r"evil\.example"):
            client.get("https://evil.example/v1/x", cast_to=dict)
