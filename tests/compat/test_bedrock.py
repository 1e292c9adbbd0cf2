"""``AnthropicBedrock`` over loopback: places, bodies, signatures, streams, failures."""

from __future__ import annotations

import json
import logging
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from specwire import dump, errors, load, models
from specwire.compat.anthropic import AnthropicBedrock
from specwire.testing import FakeClock
from tests.core.conftest import hang_up
from tests.core.test_secrets import shown
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

from .aws import MEDIA, chunk, exception, is_signed, streamed
from .sample import ASK, EVENTS, HELLO, MESSAGE
from .sample import nowhere as nowhere

pytest.importorskip("botocore", reason="the extra 'bedrock' is not installed")
pytestmark = pytest.mark.usefixtures("nowhere")

SECRET = "secret/key+of+the+account"
TOKEN = "token/of+the+session=="
KEYS = {"aws_access_key": "AKIDEXAMPLE", "aws_secret_key": SECRET}
REGION = "eu-central-1"
NONE: dict[str, Any] = dict.fromkeys(KEYS)
FRAMES = [chunk(event) for event in EVENTS]
Play = Callable[..., tuple[AnthropicBedrock, ScriptedServer]]


@pytest.fixture
def play() -> Iterator[Play]:
    """``play(*script, **settings)``: a client with keys, and the server it talks to."""
    with ExitStack() as stack:

        def make(*script: Step, **settings: Any) -> tuple[Any, ScriptedServer]:
            server = stack.enter_context(serving(*script))
            given = {**KEYS, "aws_region": REGION, "base_url": server.url, **settings}
            client = stack.enter_context(AnthropicBedrock(**given))
            client._engine.clock = FakeClock()
            return client, server

        yield make


# -- what is sent ------------------------------------------------------------------


def test_a_message_is_an_invocation_of_its_model(play: Play) -> None:
    """The model is in the path, the version in the body, and nothing of it is lost."""
    client, server = play(reply(200, MESSAGE, {"x-amzn-RequestId": "aws-1"}))
    message = client.messages.create(**{**ASK, "model": "anthropic.claude-v1:0"})
    sent = server.received[0]
    assert (sent.method, sent.target) == (
        "POST",
        "/model/anthropic.claude-v1:0/invoke",
    )
    assert sent.json() == {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "messages": HELLO,
    }
    assert sent.headers["accept"] == sent.headers["content-type"] == "application/json"
    assert "anthropic-version" not in sent.headers
    assert "idempotency-key" not in sent.headers
    assert (message.content[0].text, message._request_id) == ("Hello", "aws-1")


@pytest.mark.parametrize(
    ("model", "segment"),
    [
        ("us.anthropic.claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5"),
        (
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/ab1",
            "arn:aws:bedrock:us-east-1:1:application-inference-profile%2Fab1",
        ),
        ("a model?#é", "a%20model%3F%23%C3%A9"),
    ],
)
def test_any_model_is_one_segment(play: Play, model: str, segment: str) -> None:
    """An ARN's slash does not make another path, and the signature fits."""
    client, server = play(reply(200, MESSAGE))
    client.messages.create(**{**ASK, "model": model})
    assert server.received[0].target == f"/model/{segment}/invoke"
    assert is_signed(server.received[0], secret=SECRET, region=REGION)


@pytest.mark.parametrize("model", ["", "..", 7])
def test_what_is_no_model_is_not_sent(play: Play, model: Any) -> None:
    """A path that would be another one is refused."""
    client, server = play()
    with pytest.raises(errors.RequestValidationError, match="model"):
        client.messages.create(**{**ASK, "model": model})
    assert server.received == []


def test_betas_are_in_the_body(play: Play) -> None:
    """Bedrock reads them there; those of ``extra_body`` are kept."""
    client, server = play(reply(200, MESSAGE), reply(200, MESSAGE))
    client.beta.messages.create(**ASK, betas=["one", "two"])
    client.beta.messages.create(
        **ASK, betas=["one"], extra_body={"anthropic_beta": ["zero"]}
    )
    assert [r.json()["anthropic_beta"] for r in server.received] == [
        ["one", "two"],
        ["zero", "one"],
    ]
    assert all("anthropic-beta" not in r.headers for r in server.received)
    assert all("?" not in r.target for r in server.received)


def test_what_the_caller_says_is_kept(play: Play) -> None:
    """A version, a query, a key for repetition and an Authorization of one's own."""
    client, server = play(reply(200, MESSAGE), reply(200, MESSAGE))
    client.messages.create(
        **ASK,
        extra_body={"anthropic_version": "bedrock-2030-01-01"},
        extra_query={"a b": "c/d", "beta": "true"},
        idempotency_key="mine",
    )
    client.messages.create(**ASK, extra_headers={"Authorization": "Bearer gateway"})
    first, second = server.received
    assert first.json()["anthropic_version"] == "bedrock-2030-01-01"
    assert first.target == "/model/claude/invoke?a%20b=c%2Fd"
    assert first.headers["idempotency-key"] == "mine"
    assert is_signed(first, secret=SECRET, region=REGION)
    assert second.headers["authorization"] == "Bearer gateway"
    assert "x-amz-date" not in second.headers


def test_paths_of_the_platforms_own_go_as_they_are(play: Play) -> None:
    """Signed, and nothing is put into their bodies; those of the API are not there."""
    client, server = play(reply(200, {"ok": True}), reply(200, {"ok": True}))
    assert client.post("/model/m/converse", cast_to=dict, body={"a": 1}) == {"ok": True}
    client.get("/async-invoke", cast_to=dict)
    assert [r.target for r in server.received] == ["/model/m/converse", "/async-invoke"]
    assert server.received[0].json() == {"a": 1}
    assert all(is_signed(r, secret=SECRET, region=REGION) for r in server.received)
    with pytest.raises(errors.RequestValidationError, match="Amazon Bedrock"):
        client.post("/v1/complete", cast_to=dict, body={})
    with pytest.raises(errors.RequestValidationError, match="Amazon Bedrock"):
        client.get("/v1/messages", cast_to=dict)


# -- who asks ----------------------------------------------------------------------


def test_each_attempt_is_signed_over_what_arrives(play: Play) -> None:
    """Also after a failure and where a redirect led, with the session's token."""
    there = reply(307, b"", {"Location": "/other/place"})
    client, server = play(
        reply(500), there, reply(200, MESSAGE), aws_session_token=TOKEN
    )
    client.messages.create(**{**ASK, "messages": [{"role": "user", "content": "Añ😀"}]})
    assert [r.target for r in server.received] == [
        "/model/claude/invoke",
        "/model/claude/invoke",
        "/other/place",
    ]
    for sent in server.received:
        assert is_signed(sent, secret=SECRET, region=REGION)
        assert sent.headers["x-amz-security-token"] == TOKEN


def test_another_body_is_not_what_was_signed(play: Play) -> None:
    """The check of these tests can fail."""
    client, server = play(reply(200, MESSAGE))
    client.messages.create(**ASK)
    sent = server.received[0]
    assert is_signed(sent, secret=SECRET, region=REGION)
    sent.body += b" "
    assert not is_signed(sent, secret=SECRET, region=REGION)


def test_what_hooks_and_proxies_change_is_not_signed(play: Play) -> None:
    """Only the host, the content type and AWS's own headers are."""
    client, server = play(reply(200, MESSAGE))
    client.messages.create(**ASK, extra_headers={"X-Trace": "1", "X-Amz-Mine": "2"})
    names = server.received[0].headers["authorization"].partition("SignedHeaders=")[2]
    assert names.split(",")[0] == "content-type;host;x-amz-date;x-amz-mine"


def test_credentials_are_found_where_tools_look(
    play: Play, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment when the call is made, and a profile where one is named."""
    (nowhere / "credentials").write_text(
        "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = of-work\n"
    )
    client, server = play(reply(200, MESSAGE), **NONE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-environment")
    client.messages.create(**ASK)
    assert is_signed(server.received[0], secret="of-the-environment", region=REGION)
    client, server = play(reply(200, MESSAGE), aws_profile="work", **NONE)
    client.messages.create(**ASK)
    assert is_signed(server.received[0], secret="of-work", region=REGION)


def test_keys_that_cannot_be_sent_are_not_shown(play: Play, nowhere: Path) -> None:
    """botocore takes what stands in the file."""
    text = f"aws_access_key_id = A\naws_secret_access_key = {SECRET} {SECRET}\n"
    (nowhere / "credentials").write_text(f"[default]\n{text}")
    client, _ = play(**NONE)
    with pytest.raises(errors.MissingCredentialError, match="printable") as caught:
        client.messages.create(**ASK)
    assert all(SECRET not in text for text in shown(caught.value))


def test_expired_credentials_are_looked_up_anew(play: Play, nowhere: Path) -> None:
    """Once: those that were just found, or given, are the caller's to know of."""
    text = "[default]\naws_access_key_id = A\naws_secret_access_key = "
    expired = reply(403, {}, {"x-amzn-ErrorType": "ExpiredTokenException"})
    (nowhere / "credentials").write_text(f"{text}first\n")
    client, server = play(reply(200, MESSAGE), expired, reply(200, MESSAGE), **NONE)
    client.messages.create(**ASK)
    (nowhere / "credentials").write_text(f"{text}second\n")
    client.messages.create(**ASK)
    assert is_signed(server.received[1], secret="first", region=REGION)
    assert is_signed(server.received[2], secret="second", region=REGION)
    for settings in (NONE, {}):
        client, server = play(expired, **settings)
        with pytest.raises(errors.PermissionDeniedError):
            client.messages.create(**ASK)
        assert len(server.received) == 1


@pytest.mark.parametrize("settings", [{}, {"aws_profile": "nobody"}])
def test_without_credentials_nothing_is_sent(
    play: Play, settings: dict[str, Any]
) -> None:
    """One sentence of ours says what to set; botocore's errors do not escape."""
    client, server = play(**NONE, **settings)
    with pytest.raises(errors.MissingCredentialError, match="create: no AWS"):
        client.messages.create(**ASK)
    assert server.received == []


def test_a_key_of_bedrock_is_a_bearer_token(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an argument, or from its variable where no AWS credentials were given."""
    client, server = play(reply(200, MESSAGE), api_key="bedrock-key", **NONE)
    client.messages.create(**ASK)
    assert server.received[0].headers["authorization"] == "Bearer bedrock-key"
    assert "x-amz-date" not in server.received[0].headers
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "from-env")
    client, server = play(reply(200, MESSAGE), **NONE)
    client.messages.create(**ASK)
    assert server.received[0].headers["authorization"] == "Bearer from-env"
    client, server = play(reply(200, MESSAGE))
    client.messages.create(**ASK)
    assert is_signed(server.received[0], secret=SECRET, region=REGION)


def test_two_ways_to_sign_are_one_too_many() -> None:
    """And half a pair of keys is none; neither value is shown."""
    with pytest.raises(ValueError, match="cannot be used together"):
        AnthropicBedrock(api_key="k", aws_region=REGION, **KEYS)
    for odd in (
        {"aws_secret_key": SECRET},
        {**KEYS, "aws_secret_key": f"{SECRET}\n"},
        {**KEYS, "aws_session_token": f"{SECRET}\n"},
        {"api_key": f"{SECRET}\n"},
    ):
        with pytest.raises(ValueError, match=r"go together|line feed") as caught:
            AnthropicBedrock(**odd, aws_region=REGION)
        assert all(SECRET not in text for text in shown(caught.value))


def test_what_was_given_can_be_read() -> None:
    """Under the names of the arguments."""
    with AnthropicBedrock(**KEYS, aws_session_token=TOKEN) as client:
        found = (client.aws_access_key, client.aws_secret_key, client.aws_session_token)
        assert found == (KEYS["aws_access_key"], SECRET, TOKEN)
        assert client.api_key is None
    with AnthropicBedrock(api_key="k") as client:
        assert (client.api_key, client.aws_secret_key) == ("k", None)


def test_without_the_extra_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the client is made, not at its first stream."""
    monkeypatch.setitem(sys.modules, "botocore", None)
    with pytest.raises(ImportError, match=r"pip install 'specwire\[bedrock\]'"):
        AnthropicBedrock(**KEYS)


def test_the_region_is_looked_up_in_order(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Argument, AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1."""
    (nowhere / "config").write_text("[profile work]\nregion = ap-south-1\n")

    def found(**settings: Any) -> str:
        client = AnthropicBedrock(**KEYS, **settings)
        assert client._base_urls["anthropic"] == (
            f"https://bedrock-runtime.{client.aws_region}.amazonaws.com"
        )
        return client.aws_region

    assert found() == "us-east-1"
    assert found(aws_profile="work") == "ap-south-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert found() == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert found() == "eu-west-2"
    assert found(aws_region="eu-west-3") == "eu-west-3"
    with pytest.raises(ValueError, match="aws_region"):
        found(aws_region="evil.example/")


def test_the_place_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """ANTHROPIC_BEDROCK_BASE_URL counts; that of the API does not."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://api.example")
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example/aws")
    with AnthropicBedrock(**KEYS, aws_region=REGION) as client:
        assert client._base_urls["anthropic"] == "https://gateway.example/aws"


def test_a_copy_has_other_settings(play: Play) -> None:
    """Credentials and place are shared until others are given."""
    client, server = play(reply(200, MESSAGE), reply(200, MESSAGE))
    client.copy(max_retries=0).messages.create(**ASK)
    other = client.with_options(
        aws_access_key="AKID2", aws_secret_key="second", aws_region="us-west-2"
    )
    other.messages.create(**ASK)
    assert is_signed(server.received[0], secret=SECRET, region=REGION)
    assert is_signed(server.received[1], secret="second", region="us-west-2")
    assert (other.aws_region, client.aws_region) == ("us-west-2", REGION)
    with AnthropicBedrock(**KEYS, aws_region=REGION) as here:
        assert "us-west-2" in here.copy(aws_region="us-west-2").base_url
        assert here.copy(base_url="https://gw.example").base_url == "https://gw.example"
        assert here.copy(aws_session_token=TOKEN).aws_secret_key == SECRET
        assert here.copy(api_key="k", timeout=3).api_key == "k"
        assert here.auth_token is None


def test_a_key_can_be_assigned(play: Play) -> None:
    """Copies keep theirs."""
    client, server = play(*[reply(200, MESSAGE)] * 2)
    other = client.copy()
    client.api_key = "bedrock-key"
    client.messages.create(**ASK)
    other.messages.create(**ASK)
    assert server.received[0].headers["authorization"] == "Bearer bedrock-key"
    assert is_signed(server.received[1], secret=SECRET, region=REGION)


# -- streams -----------------------------------------------------------------------


def test_frames_are_the_events_of_a_message(play: Play) -> None:
    """``create(stream=True)`` gives them, ``stream`` puts the message together."""
    client, server = play(streamed(*FRAMES), streamed(*FRAMES), streamed(*FRAMES))
    kinds = [event.type for event in client.messages.create(**ASK, stream=True)]
    assert kinds == [event["type"] for event in EVENTS]
    with client.messages.stream(**ASK) as stream:
        assert list(stream.text_stream) == ["Hello"]
        assert dump(stream.get_final_message()) == dump(load(models.Message, MESSAGE))
    with client.beta.messages.stream(**ASK) as stream:
        assert stream.get_final_text() == "Hello"
    for sent in server.received:
        assert sent.target == "/model/claude/invoke-with-response-stream"
        assert "stream" not in sent.json()
        assert sent.headers["accept"] == MEDIA
        assert is_signed(sent, secret=SECRET, region=REGION)


def test_events_arrive_at_any_cut_of_the_wire(play: Play) -> None:
    """Byte by byte over the socket, the frames are the same."""
    pieces = [bytes([byte]) for byte in b"".join(FRAMES)]
    step = chunked(*pieces).replace(b"text/event-stream", MEDIA.encode())
    client, _ = play(step)
    kinds = [event.type for event in client.messages.create(**ASK, stream=True)]
    assert kinds == [event["type"] for event in EVENTS]


@pytest.mark.parametrize(
    ("name", "cls", "status"),
    [
        ("throttlingException", errors.RateLimitError, 429),
        ("validationException", errors.BadRequestError, 400),
        ("internalServerException", errors.InternalServerError, 500),
        ("modelStreamErrorException", errors.InternalServerError, 500),
        ("serviceUnavailableException", errors.InternalServerError, 503),
        ("modelTimeoutException", errors.APIStatusError, 408),
        ("somethingNewException", errors.InternalServerError, 500),
    ],
)
def test_an_exception_in_the_stream_is_its_error(
    play: Play, name: str, cls: type[errors.APIStatusError], status: int
) -> None:
    """With the status AWS gives it, and what had arrived before it."""
    client, _ = play(streamed(*FRAMES[:3], exception(name, "what happened")))
    stream = client.messages.create(**ASK, stream=True)
    events = [next(stream) for _ in range(3)]
    with pytest.raises(cls, match="what happened") as caught:
        next(stream)
    assert (caught.value.status_code, caught.value.code) == (status, name)
    assert caught.value.in_stream
    assert len(events) == 3


def test_an_early_exception_is_tried_again(play: Play) -> None:
    """Nothing has reached the caller yet."""
    early = exception("throttlingException", "slow down")
    client, server = play(streamed(early), streamed(early), streamed(*FRAMES))
    with client.messages.stream(**ASK) as stream:
        assert stream.get_final_text() == "Hello"
    assert len(server.received) == 3
    assert all(is_signed(r, secret=SECRET, region=REGION) for r in server.received)


@pytest.mark.parametrize("end", [b"", FRAMES[3][:7]])
def test_a_cut_is_a_stream_error(play: Play, end: bytes) -> None:
    """Between frames and inside one; the message so far is on the error."""
    body = b"".join(FRAMES[:3]) + end
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {MEDIA}\r\nConnection: close\r\n\r\n"
    client, _ = play(hang_up(head.encode() + body))
    with pytest.raises(errors.StreamError) as caught:
        with client.messages.stream(**ASK) as stream:
            stream.until_done()
    assert caught.value.message_object.content[0].text == "Hello"


def test_a_damaged_frame_ends_the_stream(play: Play) -> None:
    """What came before it is handed out; the rest cannot be trusted."""
    bad = bytearray(FRAMES[3])
    bad[-6] ^= 1
    client, _ = play(streamed(*FRAMES[:3], bytes(bad), *FRAMES[4:]))
    stream = client.messages.create(**ASK, stream=True)
    assert [next(stream).type for _ in range(3)][-1] == "content_block_delta"
    with pytest.raises(errors.DecodeError, match="damaged"):
        next(stream)
    assert list(stream) == []


def test_raw_replies_can_be_read(play: Play) -> None:
    """Their ``parse`` gives what the plain call would have."""
    client, _ = play(reply(200, MESSAGE), streamed(*FRAMES), streamed(*FRAMES))
    raw: Any = client.messages.with_raw_response
    assert raw.create(**ASK).parse().content[0].text == "Hello"
    assert len(list(raw.create(**ASK, stream=True).parse())) == len(EVENTS)
    live: Any = client.messages.with_streaming_response
    with live.create(**ASK, stream=True) as response:
        assert response.headers["content-type"] == MEDIA
        assert len(list(response.parse())) == len(EVENTS)


def test_an_http_client_sends_what_was_signed(play: Play) -> None:
    """httpx has its own idea of a URL, and does not change this one."""
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    client, server = play(
        reply(200, MESSAGE), streamed(*FRAMES), http_client=httpx.Client()
    )
    ask = {**ASK, "model": "arn:aws:bedrock:us-east-1:1:inference-profile/a b"}
    client.messages.create(**ask)
    assert len(list(client.messages.create(**ask, stream=True))) == len(EVENTS)
    assert all(is_signed(r, secret=SECRET, region=REGION) for r in server.received)


def test_json_in_place_of_frames_is_said(play: Play) -> None:
    """A gateway that does not stream: the message is on the error."""
    client, _ = play(reply(200, MESSAGE))
    with pytest.raises(errors.DecodeError, match="not an event stream") as caught:
        client.messages.stream(**ASK).__enter__()
    assert caught.value.message_object.content[0].text == "Hello"


def test_a_gateway_may_send_events_as_text(play: Play) -> None:
    """Server-sent events are understood as well."""
    texts = (f"data: {json.dumps(event)}\n\n".encode() for event in EVENTS)
    client, _ = play(chunked(*texts))
    with client.messages.stream(**ASK) as stream:
        assert stream.get_final_text() == "Hello"


# -- what goes wrong ---------------------------------------------------------------


def test_a_refusal_is_its_class_with_aws_name(play: Play) -> None:
    """The status gives the class, ``x-amzn-ErrorType`` the code."""
    named = {
        "x-amzn-ErrorType": "AccessDeniedException:http://aws",
        "x-amzn-RequestId": "r",
    }
    client, _ = play(reply(403, {"message": "not yours"}, named))
    with pytest.raises(errors.PermissionDeniedError, match="not yours") as caught:
        client.messages.create(**ASK)
    assert (caught.value.code, caught.value.request_id) == (
        "AccessDeniedException",
        "r",
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.messages.count_tokens(model="claude", messages=HELLO),
        lambda c: c.messages.batches.create(requests=[]),
        lambda c: c.beta.messages.batches.list(),
        lambda c: c.models.list(),
        lambda c: c.beta.files.upload(file=b"x"),
        lambda c: c.execute_workflow("w"),
    ],
)
def test_what_bedrock_has_not_is_refused(play: Play, ask: Any) -> None:
    """Nothing is sent, and no key of another service is asked for."""
    client, server = play()
    with pytest.raises(errors.RequestValidationError, match="Amazon Bedrock"):
        ask(client)
    assert server.received == []


def test_tools_and_typed_output_work(play: Play) -> None:
    """``parse`` and the tool runner are the same calls in the platform's form."""
    text = {**MESSAGE, "content": [{"type": "text", "text": '{"n": 3}'}]}
    client, server = play(reply(200, text), reply(200, MESSAGE))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert client.messages.parse(**ASK, output_format=schema).parsed_output == {"n": 3}
    runner = client.beta.messages.tool_runner(**ASK, tools=[])
    assert runner.until_done().content[0].text == "Hello"
    assert [r.target for r in server.received] == ["/model/claude/invoke"] * 2


def test_no_secret_is_shown(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """Not by the client, its errors, their frames, or botocore's log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"signed {TOKEN} with {SECRET}"}
    client, _ = play(
        reply(403, echo),
        streamed(exception("validationException", TOKEN)),
        hang_up(),
        aws_session_token=TOKEN,
        max_retries=0,
    )
    for stream in (False, True, False):
        with pytest.raises(errors.SpecwireError) as caught:
            list(client.messages.create(**ASK, stream=stream))  # type: ignore[call-overload]
        for text in shown(caught.value):
            assert SECRET not in text and TOKEN not in text
    assert "CanonicalRequest" in caplog.text
    for text in (
        caplog.text,
        repr(client),
        repr(vars(client)),
        repr(client._engine.keyring),
    ):
        assert SECRET not in text and TOKEN not in text
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(client)
