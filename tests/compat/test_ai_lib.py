"""``specwire.compat.ai_lib``: what the documents of ai-lib-python write, and its
names."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Hook, errors
from specwire.compat.ai_lib import AiClient, CancelToken, Message, ToolDefinition
from specwire.compat.ai_lib.errors import (
    AiLibError,
    ErrorClass,
    PipelineError,
    ProtocolError,
    RemoteError,
    TransportError,
    ValidationError,
    translation,
)
from specwire.compat.ai_lib.errors import RuntimeError as AiRuntimeError
from specwire.compat.ai_lib.pipeline import (
    AnthropicEventMapper,
    AnthropicSSEDecoder,
    DefaultEventMapper,
    FanOutTransform,
    JsonLinesDecoder,
    JsonPathSelector,
    PassThroughSelector,
    Pipeline,
    ProtocolEventMapper,
    ReplicateTransform,
    SplitTransform,
    SSEDecoder,
    ToolCallAccumulator,
    create_fan_out,
)
from specwire.compat.ai_lib.protocol import (
    ProtocolLoader,
    ProtocolManifest,
    ProtocolValidator,
    validate_manifest,
    validate_manifest_or_raise,
    validate_protocol_version,
    validate_streaming_config,
)
from specwire.sandbox import Sandbox
from tests.chat.test_loader import manifest
from tests.compat.ai_lib_spellings import SPELLINGS, Spelling

SEEDS = Path(
    os.environ.get("SPECWIRE_SEEDS")
    or Path(__file__).resolve().parents[3] / "shared/seeds"
)
TOOL = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture
def names(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the documents' code has around it, and providers of loopback."""
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)
    for provider in ("openai", "anthropic"):
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", box.api_keys[provider])
        monkeypatch.setenv(f"{provider.upper()}_BASE_URL", box.base_urls[provider])
    with AiClient.create("openai/gpt-4o") as client:
        calling = client.chat().user("The weather in Paris?").tools([TOOL])
        yield {
            "AiClient": AiClient,
            "CancelToken": CancelToken,
            "Message": Message,
            "client": client,
            "calling": calling.tool_choice("required"),
            "tool_definition": ToolDefinition(**TOOL),
            "should_cancel": True,
            "hook": Hook(),
            "error": RemoteError("no", status_code=401, error_class="authentication"),
        }


def synchronous(code: str) -> str:
    """The document's code with the import line changed and without ``await``."""
    code = re.sub(r"\bawait\s+|\basync\s+(?=for|with|def)", "", code)
    return code.replace("ai_lib_python", "specwire.compat.ai_lib")


# -- the documents -----------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling", [s for s in SPELLINGS if s.here], ids=lambda s: s.code[:60]
)
def test_a_documented_spelling(spelling: Spelling, names: dict[str, Any]) -> None:
    """It works as it is written."""
    exec(synchronous(spelling.code), names)


@pytest.mark.parametrize(
    "spelling", [s for s in SPELLINGS if not s.here], ids=lambda s: s.code[-40:]
)
def test_what_is_not_there_yet(spelling: Spelling) -> None:
    """The table says so, and it is so: what has come must be marked."""
    with pytest.raises(ImportError):
        exec(synchronous(spelling.code), {})


def test_the_table_is_whole() -> None:
    """51 spellings of five pages."""
    assert len(SPELLINGS) == 51
    assert {s.page for s in SPELLINGS} == {
        *("client", "quickstart", "streaming", "resilience", "advanced"),
    }


def blocks(name: str) -> list[str]:
    page = SEEDS / name
    if not page.is_file():
        pytest.skip(f"{page} is not there; set SPECWIRE_SEEDS to the documents' folder")
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_every_block_of_the_client_page(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each runs as it stands, without ``await``; listed members are there."""
    run = 0
    for block in blocks("aiclient-api.md"):
        listed = re.match(r"class (\w+):", block)
        if listed:
            members = re.findall(r"^    (\w+)(?::| ->)", block, re.MULTILINE)
            found = importlib.import_module("specwire.compat.ai_lib")
            cls = getattr(found, listed.group(1), None) or found.client.CallStats
            made = cls() if listed.group(1) != "StreamingEvent" else cls
            assert [m for m in members if not hasattr(made, m)] == []
        else:
            exec(synchronous(block), names)
        run += 1
    assert run >= 10
    assert capsys.readouterr().out


def test_every_layer_of_the_overview() -> None:
    """What the overview names of the layers that are there can be imported."""
    text = "".join(blocks("ai-lib-python-overview.md")) or (
        SEEDS / "ai-lib-python-overview.md"
    ).read_text("utf-8")
    for layer in ("client", "pipeline", "protocol", "transport", "resilience"):
        assert f"`{layer}/`" in text
        assert importlib.import_module(f"specwire.compat.ai_lib.{layer}").__all__


@pytest.mark.parametrize(
    "name", ["client", "errors", "pipeline", "protocol", "resilience", "transport"]
)
def test_names_of_a_module(name: str) -> None:
    """What it says it has, it has."""
    module = importlib.import_module(f"specwire.compat.ai_lib.{name}")
    assert [n for n in module.__all__ if not hasattr(module, n)] == []


def test_names_of_the_package() -> None:
    """All load when they are asked for."""
    package = importlib.import_module("specwire.compat.ai_lib")
    assert [n for n in package.__all__ if not hasattr(package, n)] == []
    assert set(package.__all__) <= set(dir(package))


# -- the client --------------------------------------------------------------------


def test_the_runtimes_own_spellings(names: dict[str, Any]) -> None:
    """What its code has where its documents have another word."""
    client, calling = names["client"], names["calling"]
    assert client.model_id == "openai/gpt-4o"
    assert (client.provider_id, client.is_resilient) == ("openai", False)
    assert (client.circuit_state, client.current_inflight) == ("closed", 0)
    assert client.get_resilience_stats() == {"current_inflight": 0}
    client.reset_resilience()
    call = calling.execute().tool_calls[0]
    assert call.function_name == call.name == "get_weather"
    events = list(calling.stream())
    started = next(e for e in events if e.is_tool_call_started)
    assert started.as_tool_call_started.tool_name == "get_weather"
    assert started.event_type == "ToolCallStarted"
    response = client.chat().add_message(Message.user("Hi")).param("seed", 1).execute()
    assert response.prompt_tokens == response.usage["prompt_tokens"]
    assert response.raw_response["object"] == "chat.completion"
    stream, stats = client.chat().user("Hi").stream_with_stats()
    with stream:
        assert "".join(e.text for e in stream if e.is_content_delta)
    assert stats.total_tokens == stream.response.total_tokens


def test_a_cancelled_stream_ends_quietly(names: dict[str, Any]) -> None:
    """As the documents have it; the client itself goes on working."""
    token = CancelToken()
    got = []
    for event in names["client"].chat().user("Hello").stream(cancel_token=token):
        got.append(event)
        token.cancel()
    assert len(got) == 1
    with pytest.raises(AiRuntimeError) as caught:
        names["client"].chat().user("Hello").execute(cancel_token=token)
    assert caught.value.standard_code == "E4002"


# -- errors ------------------------------------------------------------------------


def test_errors_are_theirs(
    names: dict[str, Any], box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised in place of ours, which are their causes."""
    settings = {"base_url": box.base_urls["openai"], "max_retries": 0}
    with AiClient("openai/gpt-4o", api_key="wrong-key-0001", **settings) as client:
        with pytest.raises(RemoteError) as remote:
            client.chat().user("Hi").execute()
        with pytest.raises(RemoteError):
            list(client.chat().user("Hi").stream())
    assert remote.value.status_code == 401
    assert remote.value.error_type is ErrorClass.AUTHENTICATION
    assert isinstance(remote.value.__cause__, errors.AuthenticationError)
    assert (remote.value.retryable, remote.value.fallbackable) == (False, True)
    with pytest.raises(ProtocolError, match="did you mean openai"):
        AiClient.create("opnai/gpt-4o")
    with pytest.raises(ProtocolError):
        AiClient.builder().model("opnai/gpt-4o").build()
    with pytest.raises(ValidationError):
        names["client"].chat().execute()
    settings["base_url"] = "http://127.0.0.1:9"
    with AiClient("openai/gpt-4o", **settings) as client:
        with pytest.raises(TransportError) as transport:
            client.chat().user("Hi").execute()
    assert transport.value.retryable
    monkeypatch.delenv("OPENAI_API_KEY")
    with AiClient("openai/gpt-4o") as client:
        with pytest.raises(AiLibError, match="OPENAI_API_KEY"):
            client.chat().user("Hi").execute()


def test_every_error_of_ours_has_one_of_theirs() -> None:
    """None but those of the resilience layer comes up as it is."""
    for name in errors.__all__:
        ours = getattr(errors, name)("what happened", request_id="req_1")
        theirs = translation(ours)
        assert str(theirs) == "what happened"
        assert theirs.standard_code == ours.standard_code
        assert (theirs.request_id, theirs.attempts) == ("req_1", 0)
    assert type(translation(errors.DecodeError("odd"))) is PipelineError


def test_errors_of_a_reply() -> None:
    """``from_response`` classifies as the client does; nulls do no harm."""
    body = {"error": {"message": "full", "type": None, "code": "overloaded"}}
    made = RemoteError.from_response(503, body, {"Retry-After": "2"})
    assert (made.error_class, made.standard_code) == ("overloaded", "E3002")
    assert (made.retry_after, made.message, made.raw_error) == (2.0, "full", body)
    assert RemoteError.from_response(418).error_class == "invalid_request"
    assert RemoteError.from_response(429, {"error": {"type": None}}).retryable
    assert len(ErrorClass) == 13
    assert made.with_hint("wait").context.hint == "wait"


# -- pipeline ----------------------------------------------------------------------

FRAMES: list[dict[str, Any]] = [
    {"choices": [{"index": 0, "delta": {"content": "Hé"}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
]
SENT = (
    'data: {"choices":[{"index":0,"delta":{"content":"Hé"}}]}\n\n'
    'data:{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    "data: [DONE]\n\n"
).encode()


def test_decoders_at_every_split() -> None:
    """Frames come out whole, whatever the pieces; a body that breaks off is an
    error."""
    for cut in range(len(SENT)):
        pieces = [SENT[:cut], SENT[cut:]]
        assert list(SSEDecoder().decode(pieces)) == FRAMES
    lines = b'{"a":1}\n{"a":2}\n'
    assert list(JsonLinesDecoder().decode([lines])) == [{"a": 1}, {"a": 2}]
    typed = b'event: ping\ndata: {"type": "ping"}\n\n'
    assert list(AnthropicSSEDecoder().decode([typed])) == [{"type": "ping"}]
    with pytest.raises(PipelineError, match="ended in the middle"):
        list(SSEDecoder().decode([SENT[:20]]))
    with pytest.raises(PipelineError, match="is not JSON"):
        list(SSEDecoder().decode([b"data: {oops\n\ndata: [DONE]\n\n"]))


def test_mappers() -> None:
    """By rules, by default, as Anthropic; each stream has one end."""
    rules = [
        {
            "match": "exists($.choices[*].delta.content)",
            "emit": "PartialContentDelta",
            "fields": {"content": "$.choices[*].delta.content"},
        },
        {
            "match": "$.choices[0].finish_reason",
            "emit": "StreamEnd",
            "extract": {"finish_reason": "$.choices[0].finish_reason"},
        },
    ]
    for mapper in (ProtocolEventMapper(rules), DefaultEventMapper()):
        events = list(mapper.map_events(FRAMES))
        assert events[0].as_content_delta.text == "Hé"
        assert events[-1].as_stream_end.finish_reason == "end_turn"
    assert DefaultEventMapper().map_frame(FRAMES[0])[0].is_content_delta
    frame = {"type": "content_block_delta", "index": 0}
    delta = {**frame, "delta": {"type": "text_delta", "text": "a"}}
    assert AnthropicEventMapper().map_frame(delta)[0].as_content_delta.content == "a"
    with pytest.raises(ProtocolError):
        ProtocolEventMapper([{"match": "$.a &&", "emit": "Metadata"}])


def test_a_pipeline() -> None:
    """Bytes to events, by a manifest or put together."""
    made = Pipeline.from_manifest(ProtocolLoader().load_provider("openai"))
    assert [e.event_type for e in made.process([SENT])] == [
        *("PartialContentDelta", "FinalCandidate", "StreamEnd"),
    ]
    own = Pipeline(SSEDecoder()).with_transform(JsonPathSelector("$.choices"))
    assert list(own.decode_only([SENT])) == FRAMES
    mapped = own.with_event_mapper(DefaultEventMapper()).process([SENT])
    assert len(list(mapped)) == 3


def test_transforms() -> None:
    """Select, fan out, replicate, split, accumulate."""
    selector = JsonPathSelector("exists($.choices[0].delta.content)")
    assert list(selector.transform(FRAMES)) == FRAMES[:1]
    assert PassThroughSelector().matches({})
    both = {"id": "x", "choices": [{"index": 0}, {"index": 1}]}
    alone = [{"id": "x", "choices": [{"index": n}]} for n in (0, 1)]
    assert list(FanOutTransform().transform([both])) == alone
    assert list(FanOutTransform(enabled=False).transform([both])) == [both]
    config = {"fan_out": True, "candidate_id_path": "$.choices[*].index"}
    made = create_fan_out(config)
    assert made is not None
    assert list(made.transform([both])) == alone
    assert create_fan_out(None) is None
    twice = ReplicateTransform(2, add_index=True).transform([{"a": 1}])
    assert [f["_replicate_index"] for f in twice] == [0, 1]
    split = SplitTransform(lambda f: f["a"] > 1)
    assert list(split.transform([{"a": 1}, {"a": 2}])) == [{"a": 2}]
    assert split.get_filtered() == [{"a": 1}]
    split.clear_filtered()
    assert split.get_filtered() == []


def test_accumulating() -> None:
    """Pieces of calls become calls; a repeated id or name is not doubled."""
    accumulator = ToolCallAccumulator()
    pieces = ['{"ci', 'ty":"T', 'okyo"}']
    frames = [
        {
            "choices": [
                {
                    "delta": {
                        "tool_calls": [
                            {
                                "index": 0,
                                "id": "call_1",
                                "function": {"name": "f", "arguments": piece},
                            }
                        ]
                    }
                }
            ]
        }
        for piece in pieces
    ]
    assert list(accumulator.transform(frames)) == frames
    call = accumulator.get_accumulated(0)
    assert (call.id, call.name, call.arguments) == ("call_1", "f", {"city": "Tokyo"})
    assert len(accumulator.calls()) == 1
    accumulator.reset()
    assert accumulator.get_accumulated() is None


# -- protocol ----------------------------------------------------------------------


def test_the_loader(tmp_path: Path) -> None:
    """By id, by model, by file; registered ones, and forgotten ones."""
    loader = ProtocolLoader(tmp_path, fallback_to_github=True, cache_enabled=True)
    assert loader.base_path == tmp_path
    assert loader.load_provider("google").id == "gemini"
    assert loader.load_model("openai/gpt-4o").id == "openai"
    made = loader.register_provider(manifest())
    assert isinstance(made, ProtocolManifest)
    assert loader.load_provider("acme") is made
    loader.invalidate("provider:acme")
    with pytest.raises(ProtocolError):
        loader.load_provider("acme")
    with pytest.raises(ProtocolError):
        loader.load_provider("../../../evil")
    path = tmp_path / "a.yaml"
    path.write_text("id: acme\nextra: 1\n")
    assert loader.load_file(path) == {"id": "acme", "extra": 1}
    loader.clear_cache()
    assert ProtocolLoader().base_path is None


def test_validation() -> None:
    """True where it may be used, else what is wrong."""
    assert validate_manifest(manifest())
    assert ProtocolValidator().is_valid(manifest())
    found = ProtocolValidator().validate({"id": "x y"})
    assert not found
    assert found.errors
    with pytest.raises(ProtocolError):
        ProtocolValidator().validate_or_raise({})
    with pytest.raises(ProtocolError):
        validate_manifest_or_raise({})
    assert validate_protocol_version("1.5")
    assert not validate_protocol_version("3.0")
    rule = {"match": "exists($.a", "emit": "Metadata"}
    assert not validate_streaming_config({"event_map": [rule]})
    assert not validate_streaming_config(None)
    assert validate_streaming_config({"decoder": {"format": "sse"}})
    found.add_warning("odd")
    assert found.warnings == ["odd"]
