"""Structured logs: what a record has, and what is in none of them."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import errors
from specwire.core.logs import hooks_from_env
from specwire.sandbox import Sandbox
from specwire.telemetry import (
    JsonFormatter,
    Logger,
    Redactor,
    TextFormatter,
    configure,
    log_context,
    unconfigure,
)
from tests.core.sample import KEY
from tests.core.sample import client as notes_client
from tests.resilience.answering import Server, failed

from .conftest import MODEL, Chat, Make, ask, listen

MESSAGES = "POST /v1/messages"


class Log(io.StringIO):
    """A stream of JSON lines."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    configure("info", stream=made)
    yield made
    unconfigure()


def test_a_call_is_one_record(log: Log, make: Make) -> None:
    """At ``info``: what was asked, how it ended, how long, whose id."""
    message = ask(make(Logger()))
    (line,) = log.lines
    assert (line["level"], line["logger"]) == ("INFO", "specwire.calls")
    assert (line["provider"], line["model"]) == ("anthropic", MODEL)
    assert (line["operation"], line["outcome"]) == ("messages.create", "ok")
    assert (line["status"], line["attempts"]) == (200, 1)
    assert line["request_id"] == message._request_id
    assert line["input_tokens"] == message.usage.input_tokens
    assert line["output_tokens"] == message.usage.output_tokens
    assert line["message"].startswith("messages.create: ok in ")
    assert line["duration_s"] >= 0
    assert line["timestamp"].endswith("Z")


def test_attempts_are_records_at_debug(box: Sandbox, make: Make) -> None:
    """Each with its number and URL, whose query has no values."""
    log = Log()
    configure("debug", stream=log)
    try:
        box.fail(MESSAGES, [529, 200])
        ask(make(Logger()), max_retries=1, extra_query={"session": "s-17"})
    finally:
        unconfigure()
    attempts = [line for line in log.lines if "attempt" in line]
    assert [line["attempt"] for line in attempts] == [1, 2]
    assert [line["status"] for line in attempts] == [529, 200]
    assert attempts[0]["error"] == "OverloadedError"
    assert attempts[0]["url"].endswith("/v1/messages?session")
    assert len([line for line in log.lines if "duration_s" in line]) == 1


def test_a_failure_is_a_warning(log: Log, box: Sandbox, make: Make) -> None:
    """With class, code and status, and nothing of what the server wrote."""
    box.fail(MESSAGES, [400], body={"error": {"message": "my secret prompt"}})
    with pytest.raises(errors.BadRequestError):
        ask(make(Logger()))
    (line,) = log.lines
    assert (line["level"], line["outcome"]) == ("WARNING", "error")
    assert (line["error"], line["code"]) == ("BadRequestError", "E1001")
    assert (line["reason"], line["status"]) == ("invalid_request", 400)
    assert "secret" not in log.getvalue()


def test_a_stream_is_one_record_at_its_end(log: Log, make: Make) -> None:
    """With the number of its events."""
    stream = listen(make(Logger()))
    assert log.lines == []
    events = list(stream)
    (line,) = log.lines
    assert (line["events"], line["outcome"]) == (len(events), "ok")
    assert line["first_event_s"] <= line["duration_s"]


def test_a_stream_left_early_is_closed(log: Log, chat: Chat) -> None:
    """No warning: somebody wanted it so."""
    with chat(Logger()).chat().user("hello").stream() as stream:
        next(stream)
    (line,) = log.lines
    assert (line["level"], line["outcome"]) == ("INFO", "closed")


def test_no_contents_and_no_keys(box: Sandbox, make: Make) -> None:
    """At the most talkative level: no text, no key, no value of a header."""
    log = Log()
    configure("debug", stream=log)
    try:
        message = make(Logger()).messages.create(
            model=MODEL,
            max_tokens=50,
            messages=[{"role": "user", "content": "tell me of pineapples"}],
            extra_headers={"x-tenant": "tenant-4711"},
        )
    finally:
        unconfigure()
    for text in (
        *("pineapples", message.content[0].text, "tenant-4711"),
        box.api_keys["anthropic"],
    ):
        assert text not in log.getvalue()


def test_the_trace_is_named() -> None:
    """Beside a tracer, a record has the ids of its span."""
    trace = pytest.importorskip(
        "opentelemetry.sdk.trace", reason="pip install 'specwire[telemetry]'"
    )
    from specwire.telemetry import Tracer

    log = Log()
    configure("info", stream=log)
    tracer = Tracer(tracer_provider=trace.TracerProvider())
    with notes_client(hooks=[Logger(), tracer, Server()]) as client:
        client.notes.create()
    unconfigure()
    assert len(log.lines[0]["trace_id"]) == 32
    assert len(log.lines[0]["span_id"]) == 16


def test_context_is_in_every_record(log: Log, make: Make) -> None:
    """What the block around a call says, and no longer than the block."""
    client = make(Logger())
    with log_context(user="u-17"), log_context(job="j-1", api_key="kkkk"):
        ask(client)
    ask(client)
    first, second = log.lines
    assert (first["user"], first["job"], first["api_key"]) == ("u-17", "j-1", "***")
    assert "user" not in second


def test_a_stream_has_the_context_it_began_in(log: Log, make: Make) -> None:
    """Wherever it is read."""
    with log_context(user="u-17"):
        stream = listen(make(Logger()))
    list(stream)
    assert log.lines[0]["user"] == "u-17"


def test_a_broken_handler_reaches_no_caller(make: Make) -> None:
    """A handler that raises is the logger's own affair."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ZeroDivisionError

    own = logging.getLogger("own.calls")
    own.addHandler(Broken())
    own.setLevel(logging.DEBUG)
    client = make(Logger(own))
    assert ask(client).content
    assert list(listen(client))


def test_without_configuring_nothing_is_set_up(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The program's own handlers get the records, where they listen."""
    assert logging.getLogger("specwire").handlers == []
    with caplog.at_level(logging.INFO, logger="specwire"):
        ask(make(Logger()))
    assert [record.name for record in caplog.records] == ["specwire.calls"]
    assert caplog.records[0].fields["outcome"] == "ok"  # type: ignore[attr-defined]


def test_configuring_again_replaces(make: Make) -> None:
    """Also what a variable had set up: no line comes twice."""
    before = logging.getLogger("specwire").handlers[:]
    first, second = Log(), Log()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOME_LOG", "info")
        hooks_from_env("SOME_LOG")
    configure(logging.INFO, stream=first)
    configure("INFO", "text", stream=second)
    ask(make(Logger()))
    unconfigure()
    logging.getLogger("specwire").setLevel(logging.NOTSET)
    assert logging.getLogger("specwire").handlers == before
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1
    assert f"model={MODEL}" in second.getvalue()


@pytest.mark.parametrize("wrong", [{"format": "xml"}, {"level": "loud"}])
def test_what_cannot_be_configured(wrong: dict[str, str]) -> None:
    """Said at once, with what is expected."""
    with pytest.raises(ValueError, match="configure: expected"):
        configure(**wrong)  # type: ignore[arg-type]


def test_a_level_that_is_off_costs_no_record(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is made of a call that nobody will read."""
    with notes_client(hooks=[Logger(), Server()]) as client:
        client.notes.create()
    assert caplog.records == []


# -- redaction -----------------------------------------------------------------------

SECRETS = [
    f"Authorization: Bearer {KEY}",
    f"authorization=Basic {KEY}",
    f"proxy-authorization: {KEY}",
    f'{{"api_key": "{KEY}"}}',
    f"x-api-key: {KEY}",
    f"OPENAI_API_KEY={KEY}",
    f"client_secret={KEY}",
    f"https://host/path?api_key={KEY}&a=b",
    f"https://user:{KEY}@host/path",
    f"it said Bearer {KEY}",
    f"AWS_SECRET_ACCESS_KEY={KEY}",
    f"Cookie: session={KEY}",
    f"password={KEY}",
]


@pytest.mark.parametrize("text", SECRETS)
def test_credentials_are_hidden(text: str) -> None:
    """In headers, members, variables, URLs, and behind a scheme."""
    shown = Redactor().mask(text)
    assert KEY not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "token",
    [
        *("sk-ant-REDACTED", "gsk_abcdefghijklmnop12"),
        *("AKIAIOSFODNN7EXAMPLE", "AIzaSyA-1234567890abcdefghijklmnopqrstu"),
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-def_123",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_known_kinds_of_keys_are_hidden(token: str) -> None:
    """Wherever they stand."""
    assert token not in Redactor().mask(f"what about {token}, then?")


@pytest.mark.parametrize(
    "text",
    [
        "the key to success is to ask",
        "max_tokens=100 output_tokens: 20",
        "https://host:8080/path?model=m",
        "the author: somebody",
        "a risky-looking task-based sk- thing",
    ],
)
def test_ordinary_texts_stay(text: str) -> None:
    """Counts of tokens, hosts and words are no secrets."""
    assert Redactor().mask(text) == text


def test_data_is_hidden_by_its_names() -> None:
    """At every depth; counts stay, contents go."""
    data = {
        "headers": {"X-Api-Key": "k", "accept": "a"},
        "max_tokens": 5,
        "token": "t",
        "author": "somebody",
        "monkey": "business",
        "apiKey": "k",
        "keys": ["k"],
        "tokens": {"input": 3},
        "items": [{"password": "p"}, "Bearer abcdefghijk"],
        "messages": [{"content": "hello"}],
        "raw": b"12345",
        "pin": None,
    }
    assert Redactor().mask_dict(data) == {
        "headers": {"X-Api-Key": "***", "accept": "a"},
        "max_tokens": 5,
        "token": "***",
        "author": "somebody",
        "monkey": "business",
        "apiKey": "***",
        "keys": "***",
        "tokens": {"input": 3},
        "items": [{"password": "***"}, "Bearer ***"],
        "messages": "***",
        "raw": "5 bytes",
        "pin": None,
    }


def test_data_that_holds_itself_ends() -> None:
    """A list within itself is cut off."""
    data: dict[str, Any] = {"a": []}
    data["a"].append(data)
    assert "***" in json.dumps(Redactor().mask_dict(data))


@pytest.mark.parametrize(
    "text", ["a-" * 50_000, "api_key" * 20_000, "Bearer " * 20_000]
)
def test_redaction_is_linear(text: str) -> None:
    """A hostile text of 100 KB and more takes less than a second."""
    began = time.perf_counter()
    Redactor().mask(text)
    assert time.perf_counter() - began < 1.0


def test_tracebacks_are_masked() -> None:
    """An exception that a program logs is JSON on one line, without its secrets."""
    try:
        raise ValueError(f"x-api-key: {KEY}")
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("n", 40, "p", 1, "it %s\nso", ("failed",), told)
    record.fields = {"message": "own", "object": object}
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert KEY not in line
    assert json.loads(line)["message"] == "it failed\nso"
    assert json.loads(line)["message_"] == "own"
    text = TextFormatter().format(record)
    assert KEY not in text
    assert text.splitlines()[0].endswith("object=<class 'object'>")


def test_no_record_drives_a_terminal() -> None:
    """Line ends, escapes and lone surrogates in a text: one line that can be sent."""
    told = "a\x1b[31m\nb\u2028c\ud800"
    record = logging.LogRecord("n", 20, "p", 1, told, (), None)
    text = TextFormatter().format(record)
    assert text.endswith(r"a\x1b[31m\nb\u2028c\ud800")
    line = JsonFormatter().format(record)
    line.encode()
    assert json.loads(line)["message"] == told


def test_a_failed_call_keeps_no_key() -> None:
    """Where a server repeats the key, the record has nothing of it."""
    log = Log()
    configure("debug", stream=log)
    with notes_client(hooks=[Logger(), Server(failed(401))]) as client:
        with pytest.raises(errors.AuthenticationError):
            client.notes.create(extra_headers={"authorization": f"Bearer {KEY}"})
    unconfigure()
    assert log.lines
    assert KEY not in log.getvalue()
