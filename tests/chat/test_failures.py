"""What providers' errors are: by body, by status, and never by a guess."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.chat import Manifest
from specwire.chat.failures import classify
from specwire.errors import (
    APIStatusError,
    BadRequestError,
    InternalServerError,
    OverloadedError,
    RateLimitError,
    RequestTooLargeError,
)
from tests.chat.answers import refused
from tests.chat.conftest import Play
from tests.scripted import chunked, reply


def error(**members: Any) -> dict[str, Any]:
    return {"error": members}


ODD = [
    None,
    "",
    "no json",
    b"bytes",
    [],
    [1, 2],
    {},
    0,
    {"error": None},
    {"error": "text"},
    {"error": []},
    error(message=None, type=None, code=None),
    error(message=[], type={}, code=[1]),
    error(code=True),
]


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "cohere"])
@pytest.mark.parametrize("body", ODD)
def test_no_body_makes_it_fail(provider: str, body: Any) -> None:
    """Where the body says nothing, the status does; without both it is unknown."""
    manifest = Manifest.builtin(provider)
    assert classify(manifest, 429, body) == "E2001"
    assert classify(manifest, 418, body) == "E1001"
    assert classify(manifest, None, body) == "E9999"


@pytest.mark.parametrize(
    ("provider", "status", "body", "code"),
    [
        # a code wins over the type and over the status
        ("openai", 401, error(type="invalid_request_error", code="invalid_api_key"), 2),
        ("openai", 400, error(code="context_length_exceeded"), 5),
        ("openai", 503, error(type="server_error", code="overloaded"), "E3002"),
        ("gemini", 400, error(status="RESOURCE_EXHAUSTED"), "E2001"),
        ("gemini", 400, [error(status="UNAUTHENTICATED")], "E1002"),
        # without a code the type may carry it, but a vague one yields to the status
        ("openai", 429, error(type="insufficient_quota", code=None), "E2002"),
        ("openai", 401, error(type="invalid_request_error", code=None), "E1002"),
        ("anthropic", 529, error(type="overloaded_error"), "E3002"),
        ("anthropic", 400, error(type="rate_limit_error"), "E2001"),
        # a number in the body is a status where there is none
        ("openai", None, error(code=502), "E3001"),
        ("openai", None, error(code="429"), "E2001"),
        # the provider's own status, then HTTP's
        ("deepseek", 402, error(message="Insufficient Balance"), "E2002"),
        ("openai", 418, error(message="teapot"), "E1001"),
        ("openai", 599, error(message="?"), "E3001"),
    ],
)
def test_priorities(provider: str, status: int | None, body: Any, code: Any) -> None:
    """Body code, then provider's status, then HTTP's."""
    expected = code if isinstance(code, str) else f"E100{code}"
    assert classify(Manifest.builtin(provider), status, body) == expected


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("You exceeded your current quota", "E2002"),
        ("Please upgrade your plan for a higher rate limit", "E2001"),
        ("See the explanation of rate limits", "E2001"),
        ("Rate limit reached for gpt-4o", "E2001"),
    ],
)
def test_quotas_by_exact_marks_only(message: str, code: str) -> None:
    """A word that a message happens to hold is no exhausted quota."""
    assert classify(Manifest.builtin("openai"), 429, error(message=message)) == code


# -- the errors ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "cls", "retryable"),
    [
        (refused(400, code="context_length_exceeded"), RequestTooLargeError, False),
        (refused(429, code="insufficient_quota"), RateLimitError, False),
        (refused(429, code="rate_limit_exceeded"), RateLimitError, True),
        (refused(402), APIStatusError, False),
        (refused(400, type="overloaded"), OverloadedError, True),
        (refused(503), InternalServerError, True),
        (reply(502, "<html>", content_type="text/html"), InternalServerError, True),
        (refused(400), BadRequestError, False),
    ],
)
def test_classes(play: Play, step: Any, cls: Any, retryable: bool) -> None:
    """The class is the code's where body and status disagree; the status is told."""
    client, _ = play(step, max_retries=0)
    with pytest.raises(APIStatusError) as caught:
        client.chat().user("Hi").execute()
    assert type(caught.value) is cls
    assert caught.value.retryable is retryable
    assert caught.value.status_code == int(step[9:12])


def test_facts_of_an_error(play: Play) -> None:
    """Message, type, code, request id and attempts; nothing of the key."""
    said = "Incorrect API key: sk-secret-0001"
    step = reply(
        401, error(message=said, type="t", code="c"), {"x-request-id": "req_7"}
    )
    client, _ = play(step)
    with pytest.raises(APIStatusError) as caught:
        client.chat().user("Hi").execute()
    found = caught.value
    assert (found.type, found.code, found.request_id) == ("t", "c", "req_7")
    assert (found.attempts, found.standard_code.name) == (1, "authentication")
    assert "Incorrect API key: ***" in str(found)
    assert "sk-secret" not in repr(vars(found))


def test_how_long_the_body_asks_to_wait(play: Play) -> None:
    """In words, or in Google's RetryInfo; a header wins."""
    text = "Rate limit reached. Please try again in 2.5s."
    client, _ = play(refused(429, text), max_retries=0)
    with pytest.raises(RateLimitError) as caught:
        client.chat().user("Hi").execute()
    assert caught.value.retry_after_s == 2.5
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
    step = refused(429, status="RESOURCE_EXHAUSTED", details=[info])
    client, _ = play(step, model="gemini/gemini-2.5-flash", max_retries=0)
    with pytest.raises(RateLimitError) as caught:
        client.chat().user("Hi").execute()
    assert caught.value.retry_after_s == 17


def test_an_error_inside_a_stream(play: Play) -> None:
    """It raises the class of its code, and says that the stream had begun."""
    frame = b'data: {"error":{"message":"full","code":"overloaded"}}\n\n'
    begun = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    client, _ = play(chunked(begun, frame))
    stream = client.chat().user("Hi").stream()
    assert next(stream).as_content_delta.text == "a"
    with pytest.raises(OverloadedError) as caught:
        next(stream)
    assert caught.value.in_stream
    assert caught.value.standard_code == "E3002"
