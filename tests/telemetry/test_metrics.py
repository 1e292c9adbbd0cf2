"""Metrics of calls: what is counted, how it is read, and that callers never notice."""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from specwire import AiClient, Answer, CancelToken, errors
from specwire.budgets import Counts
from specwire.core.wire import Headers, Reply
from specwire.sandbox import Sandbox
from specwire.telemetry import MetricsCollector, ProviderHealthTracker
from specwire.telemetry.exposition import NAMES
from specwire.telemetry.usage import usage_in
from specwire.testing import FakeClock
from tests.core.sample import NOTE
from tests.core.sample import client as notes_client
from tests.house.modules import ROOT
from tests.resilience.answering import Server, cut, failed

from .conftest import MODEL, Chat, Make, ask, listen

MESSAGES = "POST /v1/messages"


def only(metrics: MetricsCollector) -> dict[str, Any]:
    """The one series there is."""
    (found,) = metrics.snapshot()["series"]
    return found


def test_a_call_is_counted(make: Make) -> None:
    """A call that goes well: one request, one attempt, its tokens and their price."""
    metrics = MetricsCollector()
    usage = ask(make(metrics)).usage
    series = only(metrics)
    assert (series["provider"], series["model"]) == ("anthropic", MODEL)
    assert series["operation"] == "messages.create"
    assert (series["requests"], series["ok"], series["attempts"]) == (1, 1, 1)
    assert (series["retries"], series["failed"], series["in_flight"]) == (0, 0, 0)
    assert series["tokens"]["input"] == usage.input_tokens
    assert series["tokens"]["output"] == usage.output_tokens
    cost = (3 * usage.input_tokens + 15 * usage.output_tokens) / 1e6
    assert series["cost_usd"] == pytest.approx(cost)


def test_retries_and_errors_are_counted(box: Sandbox, make: Make) -> None:
    """Attempts are requests; an error has its code and its status."""
    metrics = MetricsCollector()
    client = make(metrics)
    box.fail(MESSAGES, [529, 500, 200])
    ask(client, max_retries=2)
    box.fail(MESSAGES, [429])
    with pytest.raises(errors.RateLimitError):
        ask(client, max_retries=0)
    series = only(metrics)
    assert (series["attempts"], series["retries"]) == (4, 2)
    assert series["errors"] == [{"code": "E2001", "status": "429", "count": 1}]


def test_waits_are_part_of_the_duration() -> None:
    """The duration of a call has its retries and waits, by the client's clock."""
    clock = FakeClock()
    metrics = MetricsCollector(clock=clock)
    server = Server(failed(503, retry_after_s=7.0))
    with notes_client(hooks=[metrics, server], _clock=clock) as client:
        client.notes.create()
    assert only(metrics)["duration_s"]["sum"] == pytest.approx(sum(clock.slept))
    assert sum(clock.slept) >= 7.0


def test_a_stream_is_counted_at_its_end(make: Make) -> None:
    """Under way until it is read, then its tokens and the time to its first event."""
    metrics = MetricsCollector()
    stream = listen(make(metrics))
    assert metrics.snapshot()["in_flight"] == 1
    assert metrics.snapshot()["requests"] == 0
    list(stream)
    series = only(metrics)
    assert (series["ok"], series["in_flight"]) == (1, 0)
    assert series["first_event_s"]["count"] == 1
    assert series["tokens"]["output"] > 0


def test_a_stream_left_early_is_closed(make: Make) -> None:
    """Neither a success nor an error."""
    metrics = MetricsCollector()
    with listen(make(metrics)) as stream:
        next(stream)
    assert (only(metrics)["closed"], only(metrics)["failed"]) == (1, 0)


def test_a_call_that_is_cancelled_is_closed(chat: Chat) -> None:
    """Its caller wanted it so: it is no error."""
    metrics, token = MetricsCollector(), CancelToken()
    with pytest.raises(errors.CancelledError):
        for _ in chat(metrics).chat().user("hello").stream(token):
            token.cancel()
    assert (only(metrics)["closed"], only(metrics)["failed"]) == (1, 0)


def test_a_stream_that_breaks_is_an_error(box: Sandbox, make: Make) -> None:
    """A cut after its beginning is counted with its code."""
    metrics = MetricsCollector()
    box.fail(MESSAGES, None, cut_after=900)
    with pytest.raises(errors.StreamError):
        list(listen(make(metrics)))
    assert [each["code"] for each in only(metrics)["errors"]] == ["E3001"]


def test_chat_is_counted(chat: Chat) -> None:
    """Answers and streams of chat, with the wire's model and the provider's id."""
    metrics = MetricsCollector()
    client = chat(metrics)
    response = client.chat().user("hello").execute()
    list(client.chat().user("hello").stream())
    series = only(metrics)
    assert (series["provider"], series["model"]) == ("openai", "gpt-4o")
    assert series["ok"] == 2
    assert series["tokens"]["output"] >= 2 * (response.usage.output_tokens or 1)
    assert series["cost_usd"] > 0


def test_a_provider_has_one_name(box: Sandbox, make: Make) -> None:
    """Asked by resources or by chat of the same client."""
    metrics, tracker = MetricsCollector(), ProviderHealthTracker()
    client = make(metrics, tracker)
    ask(client)
    client.chat(f"anthropic/{MODEL}").user("hello").execute()
    found = [(s["provider"], s["operation"]) for s in metrics.snapshot()["series"]]
    assert found == [("anthropic", "chat"), ("anthropic", "messages.create")]
    assert tracker.get_all_providers() == ["anthropic"]


def test_embeddings_are_counted(chat: Chat) -> None:
    """An operation besides chat has its model and its price."""
    metrics = MetricsCollector()
    model = "text-embedding-3-small"
    client = chat(metrics, model=f"openai/{model}")
    client.operation("embeddings", {"model": model, "input": ["a", "b"]})
    series = only(metrics)
    assert (series["model"], series["tokens"]["output"]) == (model, 0)
    assert series["tokens"]["input"] > 0
    assert series["cost_usd"] > 0


def test_gemini_is_counted(chat: Chat) -> None:
    """A provider that calls its usage otherwise has tokens too."""
    metrics = MetricsCollector()
    chat(metrics, model="gemini/gemini-2.5-pro").chat().user("hello").execute()
    assert only(metrics)["tokens"]["output"] > 0


def test_the_builder_takes_it(box: Sandbox) -> None:
    """``AiClient.builder().metrics(m)``."""
    metrics = MetricsCollector()
    builder = AiClient.builder().model("openai/gpt-4o").metrics(metrics)
    builder.api_key(box.api_keys["openai"]).base_url(box.base_urls["openai"])
    with builder.build() as client:
        client.chat().user("hello").execute()
    assert metrics.snapshot()["ok"] == 1


def test_a_call_that_is_refused_before_is_counted() -> None:
    """Where a hook before it refuses the call: an error without an attempt."""

    class Refusing(Server):
        def before_attempt(self, call: Any) -> Answer:
            raise errors.GuardrailError("no")

    metrics = MetricsCollector()
    with notes_client(hooks=[Refusing(), metrics]) as client:
        with pytest.raises(errors.GuardrailError):
            client.notes.create()
    series = only(metrics)
    assert (series["failed"], series["attempts"], series["in_flight"]) == (1, 0, 0)


def test_an_unread_result_is_an_error() -> None:
    """A reply of another shape is an error of the call, after a good attempt."""
    bad = Reply(200, Headers.of([("content-type", "text/html")]), b"<html>")
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server(bad)]) as client:
        with pytest.raises(errors.DecodeError):
            client.notes.create()
    assert only(metrics)["failed"] == 1


def test_threads_lose_nothing() -> None:
    """Sixteen threads on one client: every call is counted once."""
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server()]) as client:
        threads = [
            threading.Thread(target=lambda: [client.notes.create() for _ in range(50)])
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    series = only(metrics)
    assert (series["ok"], series["duration_s"]["count"]) == (800, 800)
    assert series["in_flight"] == 0


def test_what_another_hook_answers_costs_nothing() -> None:
    """No request was sent: no attempt, no tokens, no USD."""
    metrics = MetricsCollector(prices={"m": {"input": 1, "output": 1}})
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
    series = only(metrics)
    assert (series["ok"], series["attempts"]) == (1, 0)
    assert set(series["tokens"].values()) == {0}
    assert series["cost_usd"] is None


def test_labels_are_bounded(box: Sandbox, make: Make) -> None:
    """Models beyond ``max_series`` are counted together, and none is lost."""
    metrics = MetricsCollector(max_series=3)
    client = make(metrics)
    for number in range(8):
        client.messages.create(
            model=f"m-{number}" + "x" * 500, max_tokens=5, messages=[
                {"role": "user", "content": "hi"}
            ]
        )  # fmt: skip
    snapshot = metrics.snapshot()
    assert snapshot["requests"] == 8
    assert [each["requests"] for each in snapshot["series"]] == [1, 1, 1, 5]
    assert snapshot["series"][-1]["model"] == "other"
    assert max(len(each["model"]) for each in snapshot["series"]) == 120


def test_a_dropped_call_is_not_under_way() -> None:
    """A stream that nobody reads and nobody closes is not in flight for ever."""
    metrics = MetricsCollector()
    body = b'event: x\ndata: {"type": "start"}\n\n'
    reply = Reply(200, Headers.of([("content-type", "text/event-stream")]), body)
    with notes_client(hooks=[metrics, Server(reply)]) as client:
        stream = client.notes.create(stream=True)
        del stream
    assert metrics.snapshot()["in_flight"] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_begins_with_nothing_under_way() -> None:
    """A child has no calls of its parent's in flight, and its lock is free."""
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
        metrics.series[0].flying.add("parent's")
        with metrics._lock:
            pid = os.fork()
            if pid == 0:
                free = threading.Thread(target=metrics.snapshot)
                free.start()
                free.join(5)
                ok = not free.is_alive() and metrics.snapshot()["in_flight"] == 0
                os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_reset_forgets() -> None:
    """What was counted is gone, and counting goes on."""
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
        metrics.reset()
        client.notes.create()
    assert metrics.snapshot()["requests"] == 1


@pytest.mark.parametrize("broken", ["_add", "leave"])
def test_a_fault_of_its_own_reaches_no_caller(
    broken: str, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever fails in it is logged, on calls and on streams."""

    def fails(*_: Any) -> Any:
        raise ZeroDivisionError("telemetry")

    metrics = MetricsCollector()
    setattr(metrics, broken, fails)
    client = make(metrics)
    assert ask(client).content
    assert list(listen(client))
    assert "ZeroDivisionError" in caplog.text


def test_a_file_of_prices_that_is_none(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; all else is counted."""
    monkeypatch.setenv("SPECWIRE_PRICES", "/nowhere/prices.toml")
    metrics = MetricsCollector()
    ask(make(metrics))
    assert only(metrics)["ok"] == 1
    assert only(metrics)["cost_usd"] is None
    assert "what calls cost is not counted" in caplog.text


def test_own_prices(make: Make) -> None:
    """Prices of one's own are what a model costs."""
    metrics = MetricsCollector(prices={MODEL: {"input": 1_000_000, "output": 0}})
    usage = ask(make(metrics)).usage
    assert only(metrics)["cost_usd"] == usage.input_tokens


# -- what Prometheus reads -----------------------------------------------------------


def scraped(text: str) -> dict[str, Any]:
    parser = pytest.importorskip(
        "prometheus_client.parser", reason="pip install 'specwire[metrics]'"
    )
    return {each.name: each for each in parser.text_string_to_metric_families(text)}


def test_a_scrape_is_what_its_parser_reads(box: Sandbox, make: Make) -> None:
    """The page over HTTP, read by the client of Prometheus: same names and numbers."""
    metrics = MetricsCollector()
    client = make(metrics)
    ask(client)
    list(listen(client))
    box.fail(MESSAGES, [400])
    with pytest.raises(errors.BadRequestError):
        ask(client)
    with metrics.serve() as server:
        assert server.addr == "127.0.0.1"
        with urllib.request.urlopen(server.url, timeout=10) as reply:
            kind = reply.headers["Content-Type"]
            found = scraped(reply.read().decode())
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(server.url + "/secrets", timeout=10)
    assert kind.startswith("text/plain; version=0.0.4")
    assert {name.removesuffix("_total") for name in found} == {
        f"specwire_{name}".removesuffix("_total") for name in NAMES
    }
    outcomes = {
        each.labels["outcome"]: each.value
        for each in found["specwire_requests"].samples
    }
    assert outcomes == {"ok": 2, "error": 1}
    durations = found["specwire_request_duration_seconds"].samples
    counts = [each.value for each in durations if each.name.endswith("_bucket")]
    assert counts == sorted(counts)
    assert counts[-1] == 3
    assert [each.value for each in durations if each.name.endswith("_count")] == [3]


def test_hostile_labels_are_escaped(make: Make) -> None:
    """A model's name with quotes, line ends and a surrogate is one label."""
    name = 'a"b\\c\nd\ud800'
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server()]) as client:
        client.notes.create()
    metrics.series[0].subject = metrics.series[0].subject._replace(model=name)
    text = metrics.export_prometheus()
    text.encode()
    sample = scraped(text)["specwire_attempts"].samples[0]
    assert sample.labels["model"] == 'a"b\\c\nd?'


def test_it_stands_in_a_registry(make: Make) -> None:
    """Beside a program's own metrics, with the same numbers; doubles are refused."""
    prometheus = pytest.importorskip(
        "prometheus_client", reason="pip install 'specwire[metrics]'"
    )
    registry = prometheus.CollectorRegistry()
    prometheus.Counter("own", "of the program", registry=registry).inc()
    metrics = MetricsCollector()
    registry.register(metrics)
    ask(make(metrics))
    text = prometheus.generate_latest(registry).decode()
    found = scraped(text)
    assert found["own"].samples[0].value == 1
    labels = {"provider": "anthropic", "model": MODEL, "operation": "messages.create"}
    value = registry.get_sample_value("specwire_attempts_total", labels)
    assert value == 1
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(MetricsCollector())


def test_the_dashboard_asks_for_what_there_is() -> None:
    """Every metric in docs/grafana-dashboard.json is one of ours; each is shown."""
    import re

    board = json.loads((ROOT / "docs/grafana-dashboard.json").read_text("utf-8"))
    queries = [
        target["expr"] for panel in board["panels"] for target in panel["targets"]
    ]
    asked = set(re.findall(r"\bspecwire_\w+", " ".join(queries)))
    known = set()
    for name in NAMES:
        family = f"specwire_{name}"
        known |= {family}
        if name.endswith("_seconds"):
            known |= {f"{family}_{part}" for part in ("bucket", "sum", "count")}
    assert asked <= known
    assert {each for each in known if each.endswith(("_total", "_flight"))} <= asked


# -- usage ---------------------------------------------------------------------------

NESTED = {"content": [{"input": {"usage": {"input_tokens": 99}}}]}
OWN = {"usage": {"input_tokens": 3, "output_tokens": 4}}


@pytest.mark.parametrize(
    ("data", "counts"),
    [
        (OWN, Counts(fresh=3, output=4)),
        ({**NESTED, **OWN}, Counts(fresh=3, output=4)),
        ({**OWN, **NESTED}, Counts(fresh=3, output=4)),
        (NESTED, None),
        ({**OWN, "after": '}{ "usage": 7'}, Counts(fresh=3, output=4)),
        ({**OWN, "after": "x" * 9000}, Counts(fresh=3, output=4)),
        ({"text": '"usage": {"input_tokens": 5}'}, None),
        ({"usage": None}, None),
        ({"usage": [1]}, None),
        ({"usage": {"input_tokens": -1, "output_tokens": "x"}}, None),
        ([OWN], None),
        (NOTE, Counts(fresh=1, output=2)),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_usage_is_the_replys_own(
    data: Any, counts: Counts | None, indent: int | None
) -> None:
    """Wherever it stands, however it is written; never one inside of something."""
    assert usage_in(json.dumps(data, indent=indent).encode()) == counts


@pytest.mark.parametrize(
    "body", [b"", b'"usage', b'{"usage": {', b'{"usage"}}', b"\xff\xfe" * 50]
)
def test_what_is_no_json_has_no_usage(body: bytes) -> None:
    """A torn body is no error."""
    assert usage_in(body) is None


def test_a_cut_connection_is_an_error() -> None:
    """``E3001`` without a status."""
    metrics = MetricsCollector()
    with notes_client(hooks=[metrics, Server(cut())], max_retries=0) as client:
        with pytest.raises(errors.APIConnectionError):
            client.notes.create()
    assert only(metrics)["errors"] == [{"code": "E3001", "status": "", "count": 1}]
