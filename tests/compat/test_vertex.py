"""``AnthropicVertex`` over loopback: places, bodies, tokens and their end, failures."""

from __future__ import annotations

import datetime
import json
import logging
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from specwire import Timeout, errors
from specwire.compat.anthropic import AnthropicVertex
from specwire.testing import FakeClock
from tests.core.test_secrets import shown
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

from .sample import ASK, EVENTS, HELLO, MESSAGE
from .sample import nowhere as nowhere

pytest.importorskip("google.auth", reason="the extra 'vertex' is not installed")

from google.auth import exceptions as google
from google.auth.credentials import Credentials
from google.oauth2.credentials import Credentials as UserCredentials

pytestmark = pytest.mark.usefixtures("nowhere")

PLACE = "/projects/mine/locations/us-east5/publishers/anthropic/models"
STREAM = [f"data: {json.dumps(event)}\n\n".encode() for event in EVENTS]
Play = Callable[..., tuple[AnthropicVertex, ScriptedServer]]


class Fake(Credentials):  # type: ignore[misc,no-untyped-call,unused-ignore]
    """Credentials that give ``token-1``, ``token-2`` and so on, or fail."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
        self.refreshed = 0
        self.failure = failure

    def refresh(self, request: Any) -> None:
        if self.failure is not None:
            raise self.failure
        self.refreshed += 1
        self.token = f"token-{self.refreshed}"
        self.expiry = None

    def expire(self) -> None:
        self.expiry = datetime.datetime(2020, 1, 1)


@pytest.fixture
def play() -> Iterator[Play]:
    """``play(*script, **settings)``: a client, and the server that it talks to."""
    with ExitStack() as stack:

        def make(*script: Step, **settings: Any) -> tuple[Any, ScriptedServer]:
            server = stack.enter_context(serving(*script))
            given = {"region": "us-east5", "project_id": "mine", "base_url": server.url}
            client = stack.enter_context(AnthropicVertex(**{**given, **settings}))
            client._engine.clock = FakeClock()
            return client, server

        yield make


def tokens(server: ScriptedServer) -> list[str]:
    return [request.headers.get("authorization", "") for request in server.received]


# -- what is sent ------------------------------------------------------------------


def test_a_message_is_a_raw_prediction(play: Play) -> None:
    """The model is in the path, the version in the body, betas stay a header."""
    client, server = play(reply(200, MESSAGE), access_token="mine")
    ask = {**ASK, "model": "claude-sonnet-4-5@20250929"}
    message = client.beta.messages.create(**ask, betas=["one"])
    sent = server.received[0]
    assert sent.method == "POST"
    assert sent.target == f"{PLACE}/claude-sonnet-4-5@20250929:rawPredict"
    assert sent.json() == {
        "anthropic_version": "vertex-2023-10-16",
        "max_tokens": 9,
        "messages": HELLO,
    }
    assert sent.headers["anthropic-beta"] == "one"
    assert sent.headers["authorization"] == "Bearer mine"
    assert "anthropic-version" not in sent.headers
    assert "idempotency-key" not in sent.headers
    assert message.content[0].text == "Hello"


def test_a_stream_has_a_place_of_its_own(play: Play) -> None:
    """``stream`` stays in the body."""
    client, server = play(chunked(*STREAM), chunked(*STREAM), access_token="mine")
    kinds = [event.type for event in client.messages.create(**ASK, stream=True)]
    assert kinds == [event["type"] for event in EVENTS]
    with client.messages.stream(**ASK) as stream:
        assert stream.get_final_text() == "Hello"
    for sent in server.received:
        assert sent.target == f"{PLACE}/claude:streamRawPredict"
        assert sent.json()["stream"] is True


@pytest.mark.parametrize("beta", [False, True])
def test_tokens_are_counted(play: Play, beta: bool) -> None:
    """The model stays in the body there."""
    client, server = play(reply(200, {"input_tokens": 7}), access_token="mine")
    messages: Any = client.beta.messages if beta else client.messages
    counted = messages.count_tokens(model="claude", messages=HELLO)
    sent = server.received[0]
    assert counted.input_tokens == 7
    assert sent.target == f"{PLACE}/count-tokens:rawPredict"
    assert sent.json() == {
        "anthropic_version": "vertex-2023-10-16",
        "messages": HELLO,
        "model": "claude",
    }


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
    ],
)
def test_each_region_has_its_host(region: str, host: str) -> None:
    """Three names are more than a place."""
    with AnthropicVertex(region=region, access_token="t") as client:
        assert client._base_urls["anthropic"] == f"https://{host}/v1"


def test_settings_come_from_their_variables(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Region, project and place; that of the API itself does not count."""
    with pytest.raises(ValueError, match="CLOUD_ML_REGION"):
        AnthropicVertex(access_token="t")
    with pytest.raises(ValueError, match="region"):
        AnthropicVertex(region="evil.example/", access_token="t")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://api.example")
    monkeypatch.setenv("CLOUD_ML_REGION", "us-east5")
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "mine")
    with serving(reply(200, MESSAGE)) as server:
        monkeypatch.setenv("ANTHROPIC_VERTEX_BASE_URL", f"{server.url}/v1")
        with AnthropicVertex(access_token="t") as client:
            client.messages.create(**ASK)
    assert server.received[0].target == f"/v1{PLACE}/claude:rawPredict"


def test_without_a_project_nothing_is_sent(play: Play) -> None:
    """One sentence says what to set."""
    for project in ("", None):
        client, server = play(project_id=project, access_token="t")
        with pytest.raises(errors.RequestValidationError, match="project_id="):
            client.messages.create(**ASK)
        assert server.received == []


def test_a_copy_has_other_settings(play: Play) -> None:
    """Credentials and place are shared until others are given."""
    client, server = play(*[reply(200, MESSAGE)] * 2, access_token="one")
    client.copy(max_retries=0).messages.create(**ASK)
    other = client.with_options(access_token="two", project_id="yours", region="eu")
    other.messages.create(**ASK)
    assert tokens(server) == ["Bearer one", "Bearer two"]
    assert "/projects/yours/locations/eu/" in server.received[1].target
    assert (client.project_id, client.region) == ("mine", "us-east5")


# -- tokens ------------------------------------------------------------------------


def test_a_token_is_refreshed_when_it_expires(play: Play) -> None:
    """And not before."""
    credentials = Fake()
    client, server = play(*[reply(200, MESSAGE)] * 3, credentials=credentials)
    client.messages.create(**ASK)
    client.messages.create(**ASK)
    credentials.expire()
    client.messages.create(**ASK)
    assert tokens(server) == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_threads_refresh_once(play: Play) -> None:
    """One asks, the others wait for its answer."""
    credentials = Fake()
    client, server = play(*[reply(200, MESSAGE)] * 8, credentials=credentials)
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait(10)
        client.messages.create(**ASK)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert tokens(server) == ["Bearer token-1"] * 8
    assert credentials.refreshed == 1


def test_a_refused_token_is_refreshed_once(play: Play) -> None:
    """A kept one; a fresh one that is refused is the caller's to know."""
    credentials = Fake()
    no = reply(401, {"error": {"code": 401, "message": "m", "status": "NO"}})
    client, server = play(
        reply(200, MESSAGE), no, reply(200, MESSAGE), no, no, credentials=credentials
    )
    client.messages.create(**ASK)
    client.messages.create(**ASK)
    assert tokens(server)[1:] == ["Bearer token-1", "Bearer token-2"]
    with pytest.raises(errors.AuthenticationError) as caught:
        client.messages.create(**ASK)
    assert tokens(server)[3:] == ["Bearer token-2", "Bearer token-3"]
    assert caught.value.code == "NO"


def test_an_access_token_is_used_as_it_is(play: Play) -> None:
    """It is not ours to refresh."""
    client, server = play(reply(401, b""), access_token="mine")
    with pytest.raises(errors.AuthenticationError):
        client.messages.create(**ASK)
    assert tokens(server) == ["Bearer mine"]


def test_an_access_token_can_be_replaced(play: Play) -> None:
    """As programs do that fetch tokens themselves."""
    client, server = play(reply(200, MESSAGE), access_token="first")
    client.access_token = "second"
    client.messages.create(**ASK)
    assert tokens(server) == [f"Bearer {client.access_token}"] == ["Bearer second"]
    assert client.credentials is None


def test_waiting_for_a_token_is_part_of_the_call(play: Play) -> None:
    """Another call may take longer than this one has."""
    client, server = play(credentials=Fake())
    for limit in (0.01, Timeout(total=0.01)):
        held = client._key._turns.turn(1)
        with held, pytest.raises(errors.APITimeoutError, match="another"):
            client.with_options(timeout=limit).messages.create(**ASK)
    assert server.received == []


@pytest.mark.parametrize("missing", ["google", "google.auth"])
def test_without_the_extra_one_sentence_says_so(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where google-auth is needed at all."""
    monkeypatch.delitem(sys.modules, "google.auth")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"pip install 'specwire\[vertex\]'"):
        AnthropicVertex(region="eu")
    with AnthropicVertex(region="eu", project_id="mine", access_token="t") as client:
        assert client.region == "eu"


def test_an_authorization_of_the_callers_is_kept(play: Play) -> None:
    """Then Google is not asked."""
    client, server = play(reply(200, MESSAGE), credentials=Fake(OSError()))
    client.messages.create(**ASK, extra_headers={"authorization": "Bearer gateway"})
    assert tokens(server) == ["Bearer gateway"]


def test_google_auth_asks_over_http_itself(play: Play) -> None:
    """Its own credentials with a refresh token, against a token endpoint."""
    with serving(reply(200, {"access_token": "fresh", "expires_in": 3600})) as google_:
        credentials = UserCredentials(  # type: ignore[no-untyped-call,unused-ignore]
            None,
            refresh_token="refresh",
            token_uri=f"{google_.url}/token",
            client_id="id",
            client_secret="secret",
        )
        client, server = play(*[reply(200, MESSAGE)] * 2, credentials=credentials)
        client.messages.create(**ASK)
        client.messages.create(**ASK)
    assert tokens(server) == ["Bearer fresh"] * 2
    assert len(google_.received) == 1


def test_the_machines_credentials_say_the_project(
    play: Play, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is given: credentials and project are google-auth's to find."""
    with serving(reply(200, {"access_token": "found", "expires_in": 3600})) as google_:
        file = nowhere / "adc.json"
        file.write_text(
            json.dumps(
                {
                    "type": "external_account",
                    "audience": "//iam.googleapis.com/projects/1/x",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                    "token_url": f"{google_.url}/token",
                    "credential_source": {"file": str(nowhere / "subject")},
                }
            )
        )
        (nowhere / "subject").write_text("jwt")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "found-project")
        client, server = play(reply(200, MESSAGE), project_id=None)
        client.messages.create(**ASK)
    assert "/projects/found-project/" in server.received[0].target
    assert tokens(server) == ["Bearer found"]


@pytest.mark.parametrize(
    ("failure", "cls", "asked"),
    [
        (google.RefreshError("invalid_grant"), errors.MissingCredentialError, 1),
        (google.TransportError("no route"), errors.APIConnectionError, 3),
        (google.RefreshError("busy", retryable=True), errors.APIConnectionError, 3),
        (ConnectionResetError("gone"), errors.APIConnectionError, 3),
    ],
)
def test_googles_errors_become_ours(
    play: Play, failure: Exception, cls: type[errors.SpecwireError], asked: int
) -> None:
    """What may pass is tried again; nothing of Google's is cause or context."""
    credentials = Fake(failure)
    client, server = play(credentials=credentials)
    with pytest.raises(cls, match=r"messages\.create") as caught:
        client.messages.create(**ASK)
    cause: BaseException | None = caught.value
    while cause is not None:
        assert isinstance(cause, errors.SpecwireError)
        cause = cause.__cause__ or cause.__context__
    assert len(client._engine.clock.slept) == asked - 1  # type: ignore[attr-defined]
    assert server.received == []


def test_without_credentials_nothing_is_sent(
    play: Play, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says how to sign in; what google-auth says of it is quoted."""
    # A file that is named and not there: nothing else is asked, no metadata service.
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(nowhere / "none.json"))
    client, server = play()
    with pytest.raises(errors.MissingCredentialError, match="gcloud auth"):
        client.messages.create(**ASK)
    assert server.received == []


@pytest.mark.parametrize("token", ["", "two\nlines", 7])
def test_an_odd_token_is_not_sent(play: Play, token: Any) -> None:
    """Nor quoted."""
    credentials = Fake()
    credentials.refresh = lambda _: setattr(credentials, "token", token)
    client, server = play(credentials=credentials)
    with pytest.raises(errors.MissingCredentialError, match="no token"):
        client.messages.create(**ASK)
    assert server.received == []


# -- what goes wrong ---------------------------------------------------------------


def test_googles_refusals_have_their_class(play: Play) -> None:
    """Also as a stream has them, in an array; the status is the code."""
    said = {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}}
    for body in (said, [said]):
        client, _ = play(reply(429, body), access_token="mine", max_retries=0)
        with pytest.raises(errors.RateLimitError, match="429: quota") as caught:
            client.messages.create(**ASK, stream=True)
        assert caught.value.code == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.messages.batches.create(requests=[]),
        lambda c: c.models.list(),
        lambda c: c.beta.files.list(),
    ],
)
def test_what_vertex_has_not_is_refused(play: Play, ask: Any) -> None:
    """Nothing is sent."""
    client, server = play(access_token="t")
    with pytest.raises(errors.RequestValidationError, match="Google Vertex AI"):
        ask(client)
    assert server.received == []


def test_no_secret_is_shown(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """Not by the client, its errors, their frames, or the log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    for settings in ({"access_token": "token-1"}, {"credentials": Fake()}):
        no = reply(401, {"error": {"message": "not token-1", "status": "token-1"}})
        client, _ = play(no, no, max_retries=0, **settings)
        for _ in range(2):
            with pytest.raises(errors.SpecwireError) as caught:
                client.messages.create(**ASK)
            assert all("token-1" not in text for text in shown(caught.value))
        assert "token-1" not in repr(client) + repr(vars(client))
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(client)
    assert "token-1" not in caplog.text
