"""A call's reply as events or as an answer, over a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from specwire.chat import failures
from specwire.chat.decoding import ChatEvents, ChatReply, ChatStream
from specwire.chat.response import ChatResponse
from specwire.core import resource as r
from specwire.core import results
from specwire.errors import (
    DecodeError,
    InternalServerError,
    RateLimitError,
    StreamError,
)
from specwire.testing import FakeClock
from tests.core.sample import KEY, client, pack
from tests.scripted import ScriptedServer, chunked, reply, serving

from .records import ours
from .streams import openai, sse, text_of

MANIFEST = ours("openai")
ASK: r.Operation[Any] = r.Operation(
    "chat.create",
    "notes",
    "POST",
    "/chat/completions",
    body={"model": "model", "stream": "stream"},
    result=results.Either(
        "stream", ChatReply(MANIFEST, "m"), ChatEvents(MANIFEST, "m")
    ),
    retry="always",
)
STREAM = [openai("Hel"), openai("lo"), openai(finish="stop"), "[DONE]"]
ANSWER = {
    "model": "m-1",
    "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
}


class Chat(r.Resource):
    def create(self, *, stream: bool) -> Any:
        return self._call(ASK, {"model": "m", "stream": stream}, *pack({}))


def asked(server: ScriptedServer, *, stream: bool) -> Any:
    made = client(server.url, _clock=FakeClock())
    return Chat(made).create(stream=stream)


def failed(items: Iterator[Any]) -> tuple[list[Any], Exception]:
    came: list[Any] = []
    with pytest.raises(Exception) as caught:
        for item in items:
            came.append(item)
    return came, caught.value


def test_an_answer_knows_its_reply() -> None:
    """Request id and status stand on it, as on every object of a reply."""
    with serving(reply(200, ANSWER, {"x-request-id": "q"})) as server:
        response = asked(server, stream=False)
    assert isinstance(response, ChatResponse)
    assert (response.content, response.model, response._request_id) == (
        "Hello",
        "m-1",
        "q",
    )


def test_a_stream_gives_events_and_then_the_answer() -> None:
    """What was iterated is there as a whole, with the reply it came by."""
    with serving(chunked(sse(*STREAM), headers="x-request-id: q\r\n")) as server:
        stream = asked(server, stream=True)
        assert isinstance(stream, ChatStream)
        events = list(stream)
    assert text_of(events) == stream.response.content == "Hello"
    assert events[-1].is_stream_end
    assert (stream.response.model, stream.response._request_id) == ("m", "q")


def test_an_error_with_status_200_is_an_error() -> None:
    """Some servers say 200 and mean 429."""
    body = {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}
    for stream in (False, True):
        with serving(*[reply(200, body)] * 3) as server:
            with pytest.raises(RateLimitError) as caught:
                found = asked(server, stream=stream)
                list(found)
        assert caught.value.standard_code == "E2001"
        assert caught.value.in_stream is stream
        said = "inside the stream" if stream else "an error with status 200"
        assert said in caught.value.message


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", "text/html"),
        (b"oops", "application/json"),
        (b"{}", "application/json"),
    ],
)
def test_what_is_no_answer_is_a_decode_error(body: bytes, kind: str) -> None:
    """It shows the status, the type and the first bytes."""
    with serving(*[reply(200, body, content_type=kind)] * 3) as server:
        with pytest.raises(DecodeError, match=r"chat.create: the reply .*status 200"):
            asked(server, stream=False)


def test_a_page_is_no_stream() -> None:
    """HTML where events should be is a DecodeError at once."""
    with serving(reply(200, b"<html>", content_type="text/html")) as server:
        with pytest.raises(DecodeError, match="is not an event stream"):
            asked(server, stream=True)


def test_a_whole_answer_to_a_stream_request_is_its_events() -> None:
    """Whatever its media type says."""
    with serving(reply(200, ANSWER)) as server:
        assert text_of(asked(server, stream=True)) == "Hello"


def test_a_stream_in_answer_to_a_plain_request_is_an_answer() -> None:
    """Whole, or the error of a stream that was cut."""
    with serving(chunked(sse(*STREAM)), chunked(sse(STREAM[0]))) as server:
        response = asked(server, stream=False)
        assert (response.content, response.finish_reason) == ("Hello", "end_turn")
        with pytest.raises(StreamError):
            asked(server, stream=False)


def test_a_broken_connection_is_no_end() -> None:
    """Not even behind the finish reason: what counts is the end mark."""
    with serving(chunked(sse(*STREAM[:-1]), end=False)) as server:
        came, error = failed(asked(server, stream=True))
    assert type(error) is StreamError
    assert error.events_received == len(came) == 3
    assert not came[-1].is_stream_end


def test_an_error_before_the_first_event_is_tried_again() -> None:
    """Nothing has reached the caller, so another attempt is the same call."""
    busy = sse({"error": {"message": "m", "code": "overloaded"}})
    with serving(chunked(busy), chunked(sse(*STREAM))) as server:
        stream = asked(server, stream=True)
        assert text_of(stream) == "Hello"
        assert stream.response.content == "Hello"
        assert len(server.received) == 2


def test_an_error_after_the_first_event_is_raised() -> None:
    """What came is the caller's; the error says that it was inside the stream."""
    late = sse(STREAM[0], {"error": {"message": "m", "code": "overloaded"}})
    with serving(chunked(late)) as server:
        came, error = failed(asked(server, stream=True))
    assert text_of(came) == "Hel"
    assert isinstance(error, InternalServerError)
    assert error.standard_code == "E3002"
    assert error.in_stream


def test_no_credential_stands_in_an_error_of_a_stream() -> None:
    """A server that repeats the key does not get it into an exception."""
    body = sse({"error": {"message": f"bad key {KEY}", "code": "invalid_api_key"}})
    with serving(chunked(body)) as server:
        _, error = failed(asked(server, stream=True))
    assert KEY not in f"{error!r}{json.dumps(error.__dict__, default=repr)}"
    assert failures.classify(MANIFEST, None, error.body) == "E1002"  # type: ignore[attr-defined]
