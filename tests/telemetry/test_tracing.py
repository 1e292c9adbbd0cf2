"""Traces of calls: one span over all attempts, by OpenTelemetry's own SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import CancelToken, errors
from specwire.sandbox import Sandbox
from tests.core.sample import KEY, NOTE
from tests.core.sample import client as notes_client
from tests.house.modules import SDK
from tests.resilience.answering import Server, failed, reply

from .collector import Collector
from .conftest import MODEL, Chat, Make, ask, listen

MESSAGES = "POST /v1/messages"
pytest.importorskip("opentelemetry.trace", reason="pip install 'specwire[otel]'")
sdk: Any = pytest.importorskip(
    "opentelemetry.sdk.trace", reason="pip install 'specwire[telemetry]'"
)

from opentelemetry import trace  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: E402
    InMemorySpanExporter,
)

from specwire.telemetry import Tracer  # noqa: E402


class Traces:
    """A provider of spans that keeps them."""

    def __init__(self, **settings: Any) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = sdk.TracerProvider(**settings)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer = Tracer("shop", tracer_provider=self.provider)

    @property
    def only(self) -> Any:
        (span,) = self.exporter.get_finished_spans()
        return span


@pytest.fixture
def traces() -> Iterator[Traces]:
    made = Traces()
    yield made
    made.provider.shutdown()


def test_a_call_is_a_span(traces: Traces, make: Make) -> None:
    """A client's span, named as the conventions say, with what was asked and told."""
    message = ask(make(traces.tracer), temperature=0.5)
    span = traces.only
    assert (span.name, span.kind) == (f"chat {MODEL}", trace.SpanKind.CLIENT)
    said = dict(span.attributes)
    assert said["gen_ai.operation.name"] == "chat"
    assert said["gen_ai.provider.name"] == "anthropic"
    assert said["gen_ai.request.model"] == MODEL
    assert said["gen_ai.request.max_tokens"] == 50
    assert said["gen_ai.request.temperature"] == 0.5
    assert said["gen_ai.response.id"] == message.id
    assert said["gen_ai.response.finish_reasons"] == (message.stop_reason,)
    assert said["gen_ai.usage.input_tokens"] == message.usage.input_tokens
    assert said["gen_ai.usage.output_tokens"] == message.usage.output_tokens
    assert said["server.address"] == "127.0.0.1"
    assert said["http.response.status_code"] == 200
    assert said["specwire.request_id"] == message._request_id
    assert span.status.status_code is trace.StatusCode.UNSET


def test_attempts_are_events_of_one_span(
    traces: Traces, box: Sandbox, make: Make
) -> None:
    """However often it is tried again."""
    box.fail(MESSAGES, [529, 500, 200])
    ask(make(traces.tracer), max_retries=3)
    span = traces.only
    found = [
        (event.attributes["specwire.attempt.number"],
         event.attributes["http.response.status_code"])
        for event in span.events
        if event.name == "specwire.attempt"
    ]  # fmt: skip
    assert found == [(1, 529), (2, 500), (3, 200)]
    assert span.attributes["http.request.resend_count"] == 2


def test_the_context_goes_to_the_server(
    traces: Traces, box: Sandbox, make: Make
) -> None:
    """``traceparent`` names the span, which is a child of the program's own; no
    baggage goes to other people's servers."""
    from opentelemetry import baggage, context

    outer = traces.provider.get_tracer("program")
    token = context.attach(baggage.set_baggage("user", "u-17"))
    with outer.start_as_current_span("work") as work:
        ask(make(traces.tracer))
    context.detach(token)
    sent = {name.lower(): v for name, v in dict(box.requests[-1].headers).items()}
    span, _ = traces.exporter.get_finished_spans()
    _, trace_id, span_id, flags = sent["traceparent"].split("-")
    assert trace_id == trace.format_trace_id(span.context.trace_id)
    assert span_id == trace.format_span_id(span.context.span_id)
    assert int(flags, 16) % 2 == 1
    assert "baggage" not in sent
    assert span.parent.span_id == work.get_span_context().span_id


def test_a_stream_ends_its_span(traces: Traces, make: Make) -> None:
    """Not before it is read; with its usage and the time to its first event."""
    stream = listen(make(traces.tracer))
    assert traces.exporter.get_finished_spans() == ()
    events = list(stream)
    said = dict(traces.only.attributes)
    assert said["gen_ai.request.stream"] is True
    assert said["gen_ai.response.time_to_first_chunk"] >= 0
    assert said["gen_ai.usage.output_tokens"] > 0
    assert said["gen_ai.response.finish_reasons"] == ("end_turn",)
    assert said["specwire.stream.events"] == len(events)


def test_a_stream_left_early(traces: Traces, make: Make) -> None:
    """Is closed, and no error."""
    with listen(make(traces.tracer)) as stream:
        next(stream)
    assert traces.only.attributes["specwire.outcome"] == "closed"
    assert traces.only.status.status_code is trace.StatusCode.UNSET


def test_a_stream_that_breaks(traces: Traces, box: Sandbox, make: Make) -> None:
    """Is an error, of what broke it."""
    box.fail(MESSAGES, None, cut_after=900)
    with pytest.raises(errors.StreamError):
        list(listen(make(traces.tracer)))
    assert traces.only.attributes["error.type"] == "StreamError"
    assert traces.only.status.status_code is trace.StatusCode.ERROR


def test_an_error_has_its_code(traces: Traces, box: Sandbox, make: Make) -> None:
    """Status, standard code and an error's status; never what the server wrote."""
    box.fail(MESSAGES, [400], body={"error": {"message": "my secret prompt"}})
    with pytest.raises(errors.BadRequestError):
        ask(make(traces.tracer))
    span = traces.only
    assert span.attributes["error.type"] == "400"
    assert span.attributes["specwire.standard_code"] == "E1001"
    assert span.status.description == "BadRequestError (E1001 invalid_request)"
    assert "secret" not in span.to_json()


def test_a_cancelled_call(traces: Traces, chat: Chat) -> None:
    """Is told apart from one that failed."""
    token = CancelToken()
    client = chat(traces.tracer)
    with pytest.raises(errors.CancelledError):
        for _ in client.chat().user("hello").stream(token):
            token.cancel()
    assert traces.only.attributes["specwire.outcome"] == "cancelled"
    assert traces.only.status.status_code is trace.StatusCode.ERROR


def test_chat_has_the_same_names(traces: Traces, chat: Chat) -> None:
    """A chat answer, a chat stream, and the conventions' name of a provider."""
    client = chat(traces.tracer, model="gemini/gemini-2.5-pro")
    client.chat().user("hello").max_tokens(40).execute()
    list(client.chat().user("hello").stream())
    whole, streamed = traces.exporter.get_finished_spans()
    assert whole.name == streamed.name == "chat gemini-2.5-pro"
    for span in (whole, streamed):
        assert span.attributes["gen_ai.provider.name"] == "gcp.gemini"
        assert span.attributes["gen_ai.usage.output_tokens"] > 0
    assert whole.attributes["gen_ai.request.max_tokens"] == 40


def test_nothing_of_the_contents_is_written(traces: Traces, make: Make) -> None:
    """No text of a request or an answer, no key, no header."""
    client = make(traces.tracer)
    message = client.messages.create(
        model=MODEL,
        max_tokens=50,
        system="the moon is secret",
        messages=[{"role": "user", "content": "tell me of pineapples"}],
    )
    written = traces.only.to_json()
    for text in ("secret", "pineapples", message.content[0].text, "api-key"):
        assert text not in written


def test_a_key_is_not_written(traces: Traces) -> None:
    """Also where the request has it in a header or an error repeats it."""
    with notes_client(hooks=[traces.tracer, Server(failed(401))]) as client:
        with pytest.raises(errors.AuthenticationError):
            client.notes.create(extra_headers={"authorization": "Bearer abcdefghij"})
    assert KEY not in traces.only.to_json()
    assert "abcdefghij" not in traces.only.to_json()


def test_without_a_provider_nothing_is_sent_or_kept(box: Sandbox, make: Make) -> None:
    """The API alone: calls work, no header is added."""
    ask(make(Tracer("shop", tracer_provider=trace.NoOpTracerProvider())))
    names = {name.lower() for name in dict(box.requests[-1].headers)}
    assert "traceparent" not in names


def test_a_parent_that_is_not_sampled(box: Sandbox, make: Make) -> None:
    """Nothing is recorded, and the server hears that: its flag is not set."""
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    quiet = Traces(sampler=ALWAYS_OFF)
    ask(make(quiet.tracer))
    assert quiet.exporter.get_finished_spans() == ()
    sent = {name.lower(): v for name, v in dict(box.requests[-1].headers).items()}
    assert int(sent["traceparent"].rpartition("-")[2], 16) % 2 == 0


@pytest.mark.parametrize("broken", ["on_start", "on_end"])
def test_a_fault_of_an_exporter_reaches_no_caller(
    broken: str, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """A processor of the program's that raises."""

    class Broken(sdk.SpanProcessor):  # type: ignore[misc]
        def on_start(self, *_: Any, **__: Any) -> None:
            if broken == "on_start":
                raise ZeroDivisionError

        def on_end(self, *_: Any) -> None:
            if broken == "on_end":
                raise ZeroDivisionError

    provider = sdk.TracerProvider()
    provider.add_span_processor(Broken())
    client = make(Tracer(tracer_provider=provider))
    assert ask(client).content
    assert list(listen(client))
    assert "ZeroDivisionError" in caplog.text


def test_spans_reach_a_collector(box: Sandbox, make: Make) -> None:
    """With an ``endpoint``: the SDK's exporter sends them, as OTLP over HTTP."""
    pytest.importorskip(
        "opentelemetry.exporter.otlp.proto.http",
        reason="pip install 'specwire[telemetry]'",
    )
    collector = Collector()
    with collector.serving() as url:
        tracer = Tracer(service_name="shop", endpoint=url)
        ask(make(tracer))
        list(listen(make(tracer)))
        tracer.close()
    (resource,) = {
        value.value.string_value
        for request in collector.requests
        for each in request.resource_spans
        for value in each.resource.attributes
        if value.key == "service.name"
    }
    assert resource == "shop"
    assert [span.name for span in collector.spans] == [f"chat {MODEL}"] * 2
    keys = {each.key for span in collector.spans for each in span.attributes}
    assert {"gen_ai.usage.input_tokens", "gen_ai.provider.name"} <= keys


def test_without_the_api_one_sentence_says_what_to_do() -> None:
    """``Tracer()`` without its package: how to install it."""
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from specwire.telemetry import Tracer, MetricsCollector\n"
        "sys.modules['prometheus_client'] = None\n"
        "for make in (Tracer, lambda: list(MetricsCollector().collect())):\n"
        "    try: make()\n"
        "    except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SDK)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, second = done.stdout.splitlines()
    assert "pip install 'specwire[otel]'" in first
    assert "pip install 'specwire[metrics]'" in second


def test_a_reply_of_no_json_object(traces: Traces) -> None:
    """A body with usage that is no object to look into is no trouble."""
    body = json.dumps({**NOTE, "choices": [1], "id": 7}).encode()
    odd = reply()
    odd.body = body
    with notes_client(hooks=[traces.tracer, Server(odd)]) as client:
        with pytest.raises(errors.DecodeError):
            client.notes.create()
    assert traces.only.attributes["error.type"] == "DecodeError"
