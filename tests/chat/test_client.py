"""``AiClient`` and its builder: what is sent, what comes back, and how it ends."""

from __future__ import annotations

import copy
import json
import pickle
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest

import specwire
from specwire import AiClient, CancelToken, Client, Hook, Message, Timeout
from specwire.chat import ManifestLoader
from specwire.chat.provider import delays
from specwire.core.wire import Call
from specwire.errors import (
    AuthenticationError,
    CancelledError,
    InternalServerError,
    ManifestError,
    MissingCredentialError,
    RateLimitError,
    RequestValidationError,
    StreamError,
    UnsupportedCapabilityError,
)
from specwire.testing import FakeClock
from tests.chat.answers import anthropic, openai, openai_events, refused
from tests.chat.conftest import Play
from tests.chat.test_loader import manifest, put
from tests.core.test_lifecycle import outcome, silent
from tests.scripted import chunked, serving

TOOL = {"name": "f", "description": "does f", "parameters": {"type": "object"}}


# -- one call ------------------------------------------------------------------------


def test_a_chain_becomes_a_request(play: Play) -> None:
    """Messages in their order, parameters by the manifest, the model without prefix."""
    client, server = play(openai())
    chat = client.chat().system("Be brief.").user("Hello").assistant("Hi!")
    chat.messages([Message.user("More"), {"role": "user", "content": "Again"}])
    chat.temperature(0.7).max_tokens(1000).top_p(0.9).stop("END").seed(7)
    chat.tools([TOOL]).tool_choice("auto").response_format("json_object")
    chat.param("logit_bias", {"1": 2}).header("X-Mine", "1").execute()
    sent = server.received[0]
    body = sent.json()
    assert sent.target == "/chat/completions"
    assert sent.headers["authorization"] == "Bearer sk-secret-0001"
    assert sent.headers["x-mine"] == "1"
    assert [m["content"] for m in body["messages"]] == [
        *("Be brief.", "Hello", "Hi!", "More", "Again"),
    ]
    assert (body["model"], body["temperature"], body["stop"]) == (
        "gpt-4o",
        0.7,
        ["END"],
    )
    assert body["tools"][0]["function"]["name"] == "f"
    assert body["response_format"] == {"type": "json_object"}
    assert body["logit_bias"] == {"1": 2}


def test_an_answer(play: Play) -> None:
    """Text, reason, tokens, model, provider, cost and the reply's facts."""
    client, _ = play(openai("Hello"))
    response, stats = client.chat().user("Hi").execute_with_stats()
    assert (response.content, response.finish_reason) == ("Hello", "end_turn")
    assert response.usage.total_tokens == response.total_tokens == 5
    assert (response.model, response.provider) == ("gpt-4o-2024-08-06", "openai")
    assert response._request_id == "req_1"
    assert response.cost == pytest.approx((3 * 2.5 + 2 * 10) / 1e6)
    assert (stats.total_tokens, stats.prompt_tokens, stats.completion_tokens) == (
        5,
        3,
        2,
    )
    assert (stats.provider, stats.retry_count) == ("openai", 0)
    assert stats.latency_ms == 0
    assert stats.endpoint == "/chat/completions"
    assert len(stats.client_request_id) == 32


def test_a_stream(play: Play) -> None:
    """Events as they come, one end, then the whole answer and the stats."""
    client, server = play(openai_events("Hel", "lo"))
    with client.chat().user("Hi").stream() as stream:
        events = list(stream)
    text = "".join(e.as_content_delta.text for e in events if e.is_content_delta)
    assert text == stream.response.content == "Hello"
    assert [e.is_stream_end for e in events].count(True) == 1
    assert events[-1].as_stream_end.finish_reason == "end_turn"
    assert server.received[0].json()["stream"] is True
    assert stream.stats.total_tokens == 5
    assert stream.stats.time_to_first_token_ms == 0
    assert stream._request_id is None


def test_stats_are_filled_at_the_end(play: Play) -> None:
    """``stream_with_stats`` gives the object that the stream completes."""
    client, _ = play(openai_events("Hel", "lo"))
    stream, stats = client.chat().user("Hi").stream_with_stats()
    assert stats.latency_ms is None
    next(stream)
    assert stats.time_to_first_token_ms is not None
    stream.close()
    assert stats.latency_ms is not None


def test_a_cut_stream_is_an_error(play: Play) -> None:
    """What had come is there; the end is not pretended."""
    client, _ = play(openai_events("Hel", done=False))
    stream = client.chat().user("Hi").stream()
    assert next(stream).as_content_delta.text == "Hel"
    with pytest.raises(StreamError):
        next(stream)
    assert stream.response.content == "Hel"


def test_a_stream_that_fails_at_once_is_tried_again(play: Play) -> None:
    """Before the first event the caller notices nothing."""
    client, server = play(refused(503), openai_events("Hi"))
    stream = client.chat().user("Hi").stream()
    assert len(list(stream)) == 4
    assert len(server.received) == 2
    assert stream.stats.retry_count == 1


def test_a_builder_can_be_executed_again(play: Play) -> None:
    """It is what it was, and more may be said."""
    client, server = play(openai(), openai_events("Hi"), openai())
    chat = client.chat().user("One")
    chat.execute()
    list(chat.stream())
    chat.user("Two").execute()
    said = [len(r.json()["messages"]) for r in server.received]
    assert said == [1, 1, 2]
    assert "stream" not in server.received[2].json()


def test_the_payload_can_be_seen(play: Play) -> None:
    """Nothing is sent for it."""
    client, server = play()
    body = client.chat().user("Hi").build_payload(stream=True)
    assert body["messages"] == [{"role": "user", "content": "Hi"}]
    assert body["stream"] is True
    assert server.received == []


def test_what_cannot_be_sent_is_refused(play: Play) -> None:
    """No message, a header with a line feed, a parameter out of its bounds."""
    client, server = play()
    with pytest.raises(RequestValidationError, match="at least one message"):
        client.chat().execute()
    with pytest.raises(RequestValidationError, match="line feed"):
        client.chat().header("x", "a\nb")
    with pytest.raises(RequestValidationError) as caught:
        client.chat().user("Hi").temperature(3).execute()
    assert caught.value.pointer == "/temperature"
    assert server.connections == 0


def test_capabilities_are_guarded(play: Play) -> None:
    """What the manifest does not declare is refused before anything is sent."""
    loader = ManifestLoader()
    loader.register(manifest("acme", capabilities={"required": ["text"]}))
    client, server = play(model="acme/m", loader=loader)
    with pytest.raises(UnsupportedCapabilityError) as caught:
        client.chat().user("Hi").tools([TOOL]).execute()
    assert caught.value.standard_code == "E1005"
    assert server.connections == 0


# -- settings ------------------------------------------------------------------------


def test_retries_are_the_manifests(play: Play) -> None:
    """As often, and after such waits, as it advises; the caller's number wins."""
    clock = FakeClock(chance=0.5)
    client, server = play(*[refused(500)] * 4, _clock=clock)
    with pytest.raises(InternalServerError) as caught:
        client.chat().user("Hi").execute()
    assert caught.value.attempts == len(server.received) == 4
    assert clock.slept == [1.5, 2.5, 4.5]
    client, _ = play(refused(500), max_retries=0)
    with pytest.raises(InternalServerError):
        client.chat().user("Hi").execute()
    client, server = play(*[refused(500)] * 2)
    with pytest.raises(InternalServerError):
        client.chat().user("Hi").max_retries(1).execute()
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        ({"growth": "exponential", "jitter": "none"}, [1, 2, 4, 8, 10]),
        ({"growth": "linear", "jitter": "none"}, [1, 2, 3, 4, 5]),
        ({"growth": "fixed", "jitter": "none"}, [1, 1, 1, 1, 1]),
        ({"growth": "exponential", "jitter": "full"}, [2, 4, 8, 10, 10]),
        ({"growth": "exponential", "jitter": "equal"}, [2, 4, 8, 10, 10]),
    ],
)
def test_waits_of_a_manifest(policy: dict[str, Any], waits: list[float]) -> None:
    """Between its bounds; a server's wish is a floor."""
    backoff = delays({"min_s": 1, "max_s": 10, **policy})
    assert [backoff.delay_s(n, 1.0) for n in range(1, 6)] == waits
    assert all(backoff.delay_s(n, 0.0) >= 1 for n in range(1, 99))
    assert backoff.delay_s(1, 0.0, 30) == 30


def test_the_time_limit(play: Play) -> None:
    """600 seconds, or the caller's; a manifest's is one of connecting."""
    loader = ManifestLoader()
    endpoint = {"base_url": "https://a.example", "timeout_ms": 9000}
    loader.register(manifest("acme", endpoint=endpoint))
    client = AiClient("acme/m", loader=loader)
    assert client._timeout == Timeout(600.0, connect=9.0)
    assert AiClient("openai/m", timeout=3)._timeout == Timeout(3.0)


def test_fallbacks(play: Play) -> None:
    """Another model is asked where it may do better, and only there."""
    with serving(anthropic("from Anthropic"), anthropic("again")) as other:
        settings: dict[str, Any] = {
            "fallbacks": ["anthropic/claude-sonnet-4-5"],
            "api_keys": {"anthropic": "sk-ant-00001"},
            "base_urls": {"anthropic": other.url},
            "max_retries": 0,
        }
        script = [refused(401), refused(429), refused(400)]
        client, _ = play(*script, **settings)
        chat = client.chat().user("Hi").max_tokens(9)
        assert chat.execute().content == "from Anthropic"
        assert chat.execute().provider == "anthropic"
        with pytest.raises(RequestValidationError):
            client.chat().execute()
        with pytest.raises(specwire.errors.BadRequestError):
            chat.execute()
        assert other.received[0].headers["x-api-key"] == "sk-ant-00001"
        assert other.received[0].json()["model"] == "claude-sonnet-4-5"


def test_streams_fall_back_before_their_first_event(play: Play) -> None:
    """Never after it: the caller has seen something then."""
    error = b'data: {"error":{"message":"full","code":"overloaded"}}\n\n'
    client, _ = play(chunked(error), fallbacks=["openai/other"], max_retries=0)
    with pytest.raises(specwire.errors.SpecwireError):
        client.chat().user("Hi").stream()  # the script has no second answer
    client, server = play(
        chunked(error), openai_events("Hi"), fallbacks=["openai/o"], max_retries=0
    )
    events = list(client.chat().user("Hi").stream())
    assert events[0].as_content_delta.text == "Hi"
    assert [r.json()["model"] for r in server.received] == ["gpt-4o", "o"]


def test_several_answers_at_once(play: Play) -> None:
    """From a provider that gives one at a time, by several calls; tokens add up."""
    client, server = play(*[anthropic("Hi")] * 3, model="anthropic/claude-sonnet-4-5")
    response = client.chat().user("Hi").n(3).execute()
    assert [c.content for c in response.candidates] == ["Hi"] * 3
    assert [c.index for c in response.candidates] == [0, 1, 2]
    assert response.total_tokens == 15
    assert len(server.received) == 3


def test_one_of_several_answers_fails(play: Play) -> None:
    """So does the call: fewer answers than were asked for are none."""
    client, _ = play(*[refused(401)] * 2, model="anthropic/claude-sonnet-4-5")
    with pytest.raises(AuthenticationError):
        client.chat().user("Hi").candidates(2).execute()


def test_a_stream_of_several_answers_is_refused_where_it_would_have_one() -> None:
    """A provider that gives one at a time is not asked once and taken for several."""
    client = AiClient.create("anthropic/m", api_key="k")
    with pytest.raises(UnsupportedCapabilityError, match="one candidate, not 3"):
        client.chat().user("Hi").candidates(3).stream()


def test_tools_of_models_that_call_them_in_words(play: Play) -> None:
    """They are told in the system message, and read out of the text; streamed too."""
    tool_calling = {
        "native": {"supported": False},
        "text_fallback": {"prompt_level": "L2"},
    }
    loader = ManifestLoader()
    said = {"required": ["text", "streaming"], "tool_calling": tool_calling}
    loader.register(manifest("acme", capabilities=said))
    call = 'Sure. <tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>'
    pieces = [call[i : i + 7] for i in range(0, len(call), 7)]
    client, server = play(
        openai(call), openai_events(*pieces), model="acme/m", loader=loader
    )
    chat = client.chat().system("Be brief.").user("Hi").tools([TOOL])
    response = chat.execute()
    assert (response.content, response.finish_reason) == ("Sure.", "tool_use")
    assert response.tool_calls[0].arguments == {"a": 1}
    body = server.received[0].json()
    assert "tools" not in body
    assert "does f" in body["messages"][0]["content"]
    stream = chat.stream()
    events = list(stream)
    assert "".join(e.text for e in events if e.is_content_delta).strip() == "Sure."
    assert [e.name for e in events if e.is_tool_call_started] == ["f"]
    assert events[-1].as_stream_end.finish_reason == "tool_use"
    assert stream.response.tool_calls[0].arguments == {"a": 1}


def test_hooks_see_chat(play: Play) -> None:
    """Each attempt, each event, and the end, as with every other call."""

    class Seen(Hook):
        def __init__(self) -> None:
            self.log: list[Any] = []

        def before_attempt(self, call: Call) -> None:
            self.log.append((call.name, call.service, call.attempt))

        def on_event(self, call: Call, event: Any) -> None:
            self.log.append(event.event_type)

        def on_end(self, call: Call, outcome: BaseException | None) -> None:
            self.log.append(outcome)

    seen = Seen()
    client, _ = play(openai_events("Hi"), hooks=[seen])
    list(client.chat().user("Hi").stream())
    assert seen.log[:2] == [("chat", "openai", 1), "PartialContentDelta"]
    assert seen.log[-2:] == ["StreamEnd", None]


# -- cancelling and closing ------------------------------------------------------------


def test_a_token_ends_a_call_in_another_thread(play: Play) -> None:
    """A blocked read returns at once."""
    came, over, token = threading.Event(), threading.Event(), CancelToken()
    client, _ = play(silent(came, over))
    chat = client.chat().user("Hi")
    thread, results = outcome(lambda: chat.execute(cancel_token=token))
    assert came.wait(5)
    token.cancel()
    thread.join(1)
    over.set()
    assert type(results[0]) is CancelledError
    assert results[0].reason == "user_request"


def test_a_token_ends_a_stream(play: Play) -> None:
    """What had been read is not handed out any more, and nothing looks complete."""
    token = CancelToken()
    client, _ = play(openai_events("a", "b", "c"))
    stream = client.chat().user("Hi").stream(cancel_token=token)
    assert next(stream).as_content_delta.text == "a"
    token.cancel("shutdown")
    with pytest.raises(CancelledError, match="shutdown"):
        next(stream)


def test_a_token_that_is_cancelled_sends_nothing(play: Play) -> None:
    """Neither call nor stream begins."""
    token = CancelToken()
    token.cancel()
    client, server = play()
    with pytest.raises(CancelledError):
        client.chat().user("Hi").stream(cancel_token=token)
    assert server.connections == 0


def test_a_closed_client(play: Play) -> None:
    """Its calls are cancelled, before and during."""
    client, server = play()
    client.close()
    with pytest.raises(CancelledError, match="closed"):
        client.chat().user("Hi").execute()
    assert server.connections == 0


# -- the client itself -----------------------------------------------------------------


def test_a_client_keeps_its_key_to_itself(play: Play) -> None:
    """It is not shown, pickled or copied into another process."""
    client, _ = play()
    assert repr(client) == "<AiClient of openai/gpt-4o>"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(client)
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.copy(client)


@pytest.mark.parametrize("make", [AiClient, AiClient.create])
def test_a_key_that_is_refused_is_not_shown(make: Any) -> None:
    """Neither in the message nor in what a traceback's frames hold."""
    with pytest.raises(ValueError, match="printable ASCII") as caught:
        make("openai/gpt-4o", api_key="sk-never-shown\nreally")
    frames = traceback.walk_tb(caught.value.__traceback__)
    held = [repr(f.f_locals) for f, _ in frames if "specwire" in f.f_code.co_filename]
    assert "never-shown" not in "".join([str(caught.value), *held])


def test_properties(play: Play) -> None:
    """Model, provider, manifest and fallbacks."""
    client, _ = play(model="google/gemini-2.5-flash", fallbacks=["openai/gpt-4o"])
    assert (client.model_id, client.provider_id) == ("gemini-2.5-flash", "gemini")
    assert client.manifest.dialect == "gemini"
    assert client.fallbacks == ("openai/gpt-4o",)


def test_a_missing_key_names_the_variable() -> None:
    """When the call needs it, not before."""
    with AiClient.create("openai/gpt-4o") as client:
        with pytest.raises(MissingCredentialError, match="OPENAI_API_KEY"):
            client.chat().user("Hi").execute()


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument's, the variable's, the manifest's."""
    assert _address("openai/m") == "https://api.openai.com/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/x")
    assert _address("openai/m") == "http://127.0.0.1:1/x"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:2")
    assert _address("anthropic/m") == "http://127.0.0.1:2/v1"
    client = AiClient("openai/m", base_url="http://127.0.0.1:3/")
    assert client._base_urls["openai"] == "http://127.0.0.1:3"


def _address(model: str) -> str:
    client = AiClient(model)
    return client._base_urls[client.provider_id]


def test_other_settings(play: Play) -> None:
    """``with_options`` shares the connections and keeps the model."""
    client, server = play(openai(), openai())
    other = client.with_options(default_headers={"X-Team": "a"})
    assert other.chat().user("Hi").execute().content == "Hi"
    assert server.received[0].headers["x-team"] == "a"
    client.chat().user("Hi").execute()
    assert server.connections == 1


def test_threads_share_a_client(play: Play) -> None:
    """Each has a builder of its own."""
    client, server = play(*[openai()] * 16)
    begin, found = threading.Barrier(8), []  # type: ignore[var-annotated]

    def ask() -> None:
        begin.wait()
        for _ in range(2):
            found.append(client.chat().user("Hi").execute().content)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Hi"] * 16
    assert len(server.received) == 16


# -- the client's builder --------------------------------------------------------------


def test_a_built_client(tmp_path: Path) -> None:
    """Model, directory, key, address and time limit, one after the other."""
    put(tmp_path, "acme.yaml", manifest())
    with serving(openai()) as server:
        builder = AiClient.builder().model("acme/m").protocol_dir(tmp_path)
        builder.api_key("sk-acme-0001").base_url(server.url).timeout(60)
        client = builder.default_headers({"X-Team": "a"}).max_retries(1).build()
        with client:
            assert client.chat().user("Hi").execute().provider == "acme"
        assert client._timeout == Timeout(60.0)
        assert server.received[0].headers["x-team"] == "a"
        assert server.received[0].headers["authorization"] == "Bearer sk-acme-0001"


def test_hot_reload_of_a_client(tmp_path: Path) -> None:
    """The next request goes by the manifest as it is then."""
    path = put(tmp_path, "acme.yaml", manifest(name="one"))
    builder = AiClient.builder().model("acme/m").protocol_path(tmp_path)
    client = builder.hot_reload().build()
    assert client.manifest.name == "one"
    path.write_text(json.dumps(manifest(name="other")))
    assert client.manifest.name == "other"


def test_a_resilient_client() -> None:
    """The whole configuration, or its parts; not both."""
    from specwire.resilience import CircuitBreakerConfig, ResilientConfig

    config = ResilientConfig(max_retries=4, rate_limit_rps=10, max_inflight=5)
    builder = AiClient.builder().model("openai/m").resilience(config)
    assert builder.build()._max_retries == 4
    names = {type(hook).__name__ for hook in builder.build()._hooks}
    assert {"RateLimiter", "Backpressure"} <= names
    parts = AiClient.builder().model("openai/m").retry(max_attempts=3, backoff=0.1)
    parts.max_inflight(3).with_circuit_breaker(CircuitBreakerConfig())
    built = parts.build()
    assert built._max_retries == 2
    assert "CircuitBreaker" in {type(hook).__name__ for hook in built._hooks}
    with pytest.raises(ValueError, match="leave out circuit_breaker, max_inflight"):
        parts.with_resilience(config).build()
    ready = AiClient.builder().model("openai/m").production_ready().build()
    assert ready._max_retries == 3


def test_builders_that_cannot_build() -> None:
    """No model, an unknown provider, a hook that is none."""
    with pytest.raises(ValueError, match="expected a model"):
        AiClient.builder().build()
    with pytest.raises(ManifestError, match="did you mean openai"):
        AiClient.builder().model("opnai/gpt-4o").build()
    with pytest.raises(TypeError, match="expected a Hook"):
        AiClient.builder().metrics(object())


def test_keys_of_fallbacks() -> None:
    """By the fallback's model, or by any name of its provider."""
    builder = AiClient.builder().model("openai/m").with_fallbacks(["google/m"])
    client = builder.api_key_for("google/m", "g-key-00001").build()
    assert "gemini" in repr(client._engine.keyring)


# -- Client.chat -----------------------------------------------------------------------


def test_chat_of_the_client() -> None:
    """Over its connections, with its hooks, retries and keys by the provider's id."""
    with serving(openai(), refused(429), openai()) as server:
        client = Client(
            api_keys={"openai": "sk-of-client"},
            base_urls={"openai": server.url},
            max_retries=1,
            _clock=FakeClock(),
        )
        with client:
            assert client.chat("openai/gpt-4o").user("Hi").execute().content == "Hi"
            other = client.with_options(default_headers={"X-Team": "a"})
            assert other.chat("openai/gpt-4o").user("Hi").execute().content == "Hi"
        assert server.connections == 1
        assert server.received[0].headers["authorization"] == "Bearer sk-of-client"
        assert server.received[2].headers["x-team"] == "a"
        with pytest.raises(CancelledError):
            client.chat("openai/gpt-4o").user("Hi").execute()


def test_anthropic_in_both_ways() -> None:
    """Messages and chat share the key and the place; each has its own path."""
    with serving(anthropic("a"), anthropic("b")) as server:
        client = Client(
            api_keys={"anthropic": "sk-ant-00001"}, base_urls={"anthropic": server.url}
        )
        client.messages.create(model="m", max_tokens=9, messages=[])
        client.chat("anthropic/m").user("Hi").execute()
        assert [r.target for r in server.received] == ["/v1/messages", "/v1/messages"]
        assert {r.headers["x-api-key"] for r in server.received} == {"sk-ant-00001"}


def test_keys_for_nobody_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's id is known; a slip is not, unless manifests of one's own may be."""
    assert Client(api_keys={"openai": "k", "google": "k"})
    with pytest.raises(ValueError, match="no service of that name"):
        Client(api_keys={"opnai": "k"})
    monkeypatch.setenv("AI_PROTOCOL_DIR", "somewhere")
    assert Client(api_keys={"acme": "k"})


def test_a_client_cannot_do_with_a_limit_too_low(play: Play) -> None:
    """Errors of limits are those of every call."""
    client, _ = play(*[refused(429)] * 2, max_retries=0)
    with pytest.raises(RateLimitError):
        client.chat().user("Hi").execute()
