"""Errors under their official names: what they hold, and how users make them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from specwire import errors
from specwire.compat import anthropic as module
from tests.compat.test_client import ASK, KEY, asking
from tests.scripted import chunked, reply

BODY = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}


def raised(*script: Any, **ask: Any) -> Any:
    with asking(*script, max_retries=0) as (client, _):
        with pytest.raises(module.AnthropicError) as caught:
            list(client.messages.create(**ASK, **ask))
    return caught.value


def test_one_base_catches_everything() -> None:
    """``AnthropicError`` and ``APIError`` are the root of our tree."""
    assert module.AnthropicError is module.APIError is errors.SpecwireError
    assert module.APIResponseValidationError is errors.DecodeError
    for name, value in vars(module.errors).items():
        if isinstance(value, type):
            assert issubclass(value, module.APIError), name


def test_a_status_error_has_its_official_attributes() -> None:
    """Status, body, type, request id, and the reply and request themselves."""
    error = raised(reply(429, BODY, {"request-id": "req_1", "retry-after": "9"}))
    assert type(error) is module.RateLimitError
    assert (error.status_code, error.type) == (429, "rate_limit_error")
    assert (error.body, error.request_id) == (BODY, "req_1")
    assert error.message == str(error)
    assert error.response.status_code == 429
    assert error.response.headers["retry-after"] == "9"
    assert error.response.json() == BODY
    assert '"slow down"' in error.response.text
    assert error.response.content == error.response.text.encode()
    assert (error.request.method, error.response.request) == ("POST", error.request)
    assert error.request.url.endswith("/v1/messages")
    assert error.response.url == error.request.url


def test_a_connection_error_has_its_request_and_no_reply() -> None:
    """``body`` is ``None`` on what no server told."""
    with asking(max_retries=0) as (client, server):
        server.close()
        with pytest.raises(module.APIConnectionError) as caught:
            client.messages.create(**ASK)
    assert caught.value.body is None
    assert caught.value.request.method == "POST"
    assert not hasattr(caught.value, "response")


def test_errors_of_streams_and_of_bodies_have_a_request() -> None:
    """A cut stream, an error event, and what is no JSON."""
    event = b'data: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
    for script, kind in (
        (chunked(b'data: {"type":"ping"}\n\n'), errors.StreamError),
        (chunked(event), module.OverloadedError),
    ):
        error = raised(script, stream=True)
        assert type(error) is kind
        assert error.request.url.endswith("/v1/messages")
    error = raised(reply(200, "<html>", content_type="text/html"))
    assert type(error) is module.APIResponseValidationError
    assert error.response.status_code == 200
    assert error.request.method == "POST"


def test_no_credential_is_in_an_error() -> None:
    """Not in what it was asked with, nor in a pickle; which has all of the rest."""
    error = raised(reply(401, {"error": {"message": f"bad key {KEY}"}}))
    data = pickle.dumps(error)
    assert KEY.encode() not in data
    again = pickle.loads(data)
    assert again.request == error.request
    assert again.response.json() == error.response.json()


def test_programs_make_errors_as_the_official_ones_are_made() -> None:
    """In tests of their own: with a response, a request, a message."""
    httpx = pytest.importorskip("httpx", reason="its objects are what programs give")
    request = httpx.Request("POST", "https://api.example/v1/messages")
    response = httpx.Response(503, headers={"request-id": "req_9"}, request=request)
    error = module.InternalServerError("down", response=response, body=None)
    assert (error.status_code, error.request_id) == (503, "req_9")
    assert error.response is response
    assert error.request is request
    assert (str(error), error.body) == ("down", None)
    lonely = module.RateLimitError("x", response=httpx.Response(429), body={})
    assert (lonely.status_code, lonely.request) == (429, None)
    assert module.APITimeoutError(request).request is request
    assert module.APITimeoutError(request=request).request is request
    broken = module.APIConnectionError(message="broken", request=request)
    assert (broken.message, broken.request) == ("broken", request)
    assert module.APIError("m", request, body={"a": 1}).body == {"a": 1}
