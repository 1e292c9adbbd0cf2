"""The drop-in client: settings, credentials, copies, limits, what arguments mean."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from specwire import Client, errors
from specwire.compat import anthropic as module
from specwire.compat.anthropic import Anthropic, omit
from specwire.compat.httpx import Timeout
from tests.samples import message
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

KEY, TOKEN = "sk-ant-very-secret", "token-very-secret"
MESSAGE = message()
ANSWER = reply(body=MESSAGE, headers={"request-id": "req_1"})
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}


@contextlib.contextmanager
def asking(*script: Step, **options: Any) -> Iterator[tuple[Anthropic, ScriptedServer]]:
    options.setdefault("api_key", KEY)
    with serving(*script) as server:
        with Anthropic(base_url=server.url, **options) as client:
            yield client, server


# -- credentials -------------------------------------------------------------------


def sent(server: ScriptedServer) -> tuple[str | None, str | None]:
    """Key and token of the last request."""
    headers = server.received[-1].headers
    return headers.get("x-api-key"), headers.get("authorization")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"api_key": KEY}, (KEY, None)),
        ({"api_key": None, "auth_token": TOKEN}, (None, f"Bearer {TOKEN}")),
        ({"api_key": KEY, "auth_token": TOKEN}, (KEY, f"Bearer {TOKEN}")),
    ],
)
def test_what_is_given_is_sent(given: Any, expected: Any) -> None:
    """A key, a token, or both."""
    with asking(ANSWER, **given) as (client, server):
        client.messages.create(**ASK)
        assert sent(server) == expected
        assert (client.api_key, client.auth_token) == (
            given.get("api_key"),
            given.get("auth_token"),
        )


def test_the_environment_fills_in_where_nothing_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both variables are sent; one argument keeps both out."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "env-key")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "env-token")
    with asking(ANSWER, api_key=None) as (client, server):
        client.messages.create(**ASK)
        assert sent(server) == ("env-key", "Bearer env-token")
    with asking(ANSWER, api_key=None, auth_token=TOKEN) as (client, server):
        client.messages.create(**ASK)
        assert sent(server) == (None, f"Bearer {TOKEN}")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client can be made without a key; its call says what to set."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", " ")
    client = Anthropic(api_key="")
    assert client.api_key is None
    with pytest.raises(module.AnthropicError, match="ANTHROPIC_API_KEY") as caught:
        client.messages.create(**ASK)
    assert "api_key" in str(caught.value)


def test_a_header_of_the_callers_own_is_the_credential() -> None:
    """Without a key it is enough, with one it wins."""
    own = {"Authorization": "Bearer own"}
    with asking(ANSWER, api_key=None, default_headers=own) as (client, server):
        client.messages.create(**ASK)
        assert sent(server) == (None, "Bearer own")
    with asking(ANSWER, auth_token=TOKEN) as (client, server):
        client.messages.create(**ASK, extra_headers={"X-Api-Key": "own"})
        assert sent(server) == ("own", f"Bearer {TOKEN}")


def test_no_credential_is_shown() -> None:
    """Not by repr, nor by a pickle, which there is none of."""
    client = Anthropic(api_key=KEY, auth_token=TOKEN, webhook_key="whsec-secret")
    shown = f"{client!r} {client.messages!r} {client._engine.keyring!r}"
    assert "secret" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_a_key_can_be_assigned() -> None:
    """Calls from then on are made with it; a copy keeps its own."""
    with asking(ANSWER, ANSWER) as (client, server):
        copy = client.copy()
        client.api_key = "other"
        client.messages.create(**ASK)
        assert sent(server)[0] == "other"
        copy.messages.create(**ASK)
        assert sent(server)[0] == KEY


# -- settings and copies -----------------------------------------------------------


def test_settings_are_attributes() -> None:
    """As they were given, or the official ones; the URL without its last slash."""
    client = Anthropic(
        api_key=KEY,
        base_url="http://127.0.0.1:9/sub/",
        timeout=20,
        max_retries=4,
        default_headers={"X-A": "1"},
        default_query={"q": "1"},
        webhook_key="w",
    )
    assert client.base_url == "http://127.0.0.1:9/sub"
    assert (client.timeout, client.max_retries) == (20, 4)
    assert client.default_headers["X-A"] == "1"
    assert client.default_headers["anthropic-version"] == "2023-06-01"
    assert client.default_query == {"q": "1"}
    assert client.webhook_key == "w"
    usual = Anthropic(api_key=KEY)
    assert usual.timeout == module.DEFAULT_TIMEOUT == Timeout(600.0, connect=5.0)
    assert usual.max_retries == module.DEFAULT_MAX_RETRIES == 2


def test_a_copy_adds_headers_and_query_or_replaces_them() -> None:
    """``default_*`` adds, ``set_default_*`` replaces, both at once are refused."""
    client = Anthropic(
        api_key=KEY, default_headers={"X-A": "1"}, default_query={"q": 1}
    )
    added = client.with_options(default_headers={"x-a": "2"}, default_query={"r": 2})
    assert added._default_headers == {"x-a": "2"}
    assert added.default_query == {"q": 1, "r": 2}
    replaced = added.copy(set_default_headers={"B": "3"}, set_default_query={})
    assert replaced._default_headers == {"B": "3"}
    assert replaced.default_query == {}
    dropped = client.copy(default_headers={"X-A": omit})
    assert "X-A" not in dropped.default_headers
    with pytest.raises(ValueError, match="not both"):
        client.copy(default_headers={}, set_default_headers={})


def test_a_copy_shares_the_connection_also_with_another_key() -> None:
    """One connection serves both, and closing one closes both."""
    with asking(ANSWER, ANSWER) as (client, server):
        other = client.with_options(api_key="other", timeout=3, max_retries=0)
        client.messages.create(**ASK)
        other.messages.create(**ASK)
        assert server.connections == 1
        assert sent(server)[0] == "other"
        assert (other.timeout, other.max_retries) == (3, 0)
        other.close()
        assert client.is_closed()


def test_a_copy_may_have_connections_of_its_own() -> None:
    """Then closing it leaves the first one open."""
    with asking(ANSWER, ANSWER) as (client, server):
        other = client.copy(http_client=requests.Session())
        client.messages.create(**ASK)
        other.messages.create(**ASK)
        assert server.connections == 2
        other.close()
        assert not client.is_closed()


def test_default_query_is_sent_unless_the_call_says_otherwise() -> None:
    """Its own arguments and ``extra_query`` win."""
    page = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    script = (reply(body=page), reply(body=page))
    with asking(*script, default_query={"q": "1", "limit": 3}) as (client, server):
        client.models.list(limit=5)
        client.models.list(extra_query={"q": "2"})
    queries = [received.target.partition("?")[2] for received in server.received]
    assert [sorted(query.split("&")) for query in queries] == [
        ["limit=5", "q=1"],
        ["limit=3", "q=2"],
    ]


def test_middleware_is_refused_with_the_way_to_do_it() -> None:
    """Hooks are."""
    with pytest.raises(NotImplementedError, match="hooks"):
        Anthropic(api_key=KEY, middleware=[lambda request, call_next: None])


def test_an_argument_that_nobody_knows_is_a_type_error() -> None:
    """As with every client."""
    with pytest.raises(TypeError, match="tempreature"):
        Anthropic(tempreature=1)  # type: ignore[call-arg]


def test_async_names_can_be_imported_without_their_extra() -> None:
    """Programs import what they do not use; making one says what to install."""
    code = (
        "import sys; sys.modules['greenlet'] = None\n"
        "from specwire.compat.anthropic import Anthropic, AsyncAnthropic, AsyncStream\n"
        "from specwire.compat.anthropic.types import Message\n"
        "AsyncStream[Message]; Anthropic()\n"
        "try: AsyncAnthropic()\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": ""},
    )
    assert done.stderr == ""
    assert done.stdout.startswith("AsyncAnthropic needs greenlet")
    assert "pip install 'specwire[async]'" in done.stdout


# -- time --------------------------------------------------------------------------


def test_a_number_bounds_each_attempt_and_another_is_made() -> None:
    """A server that stalls once costs one time-out, not the call."""
    done = threading.Event()

    def stall(*_: Any) -> None:
        done.wait(5)

    with asking(stall, ANSWER, timeout=0.2) as (client, server):
        message = client.messages.create(**ASK)
        done.set()
    assert message._reply is not None
    assert message._reply.attempts == 2
    assert len(server.received) == 2


def test_a_server_is_not_waited_for_longer_than_the_number() -> None:
    """What it asks for is on the error."""
    with asking(reply(429, headers={"retry-after": "31"}), timeout=30) as (client, _):
        with pytest.raises(module.RateLimitError) as caught:
            client.messages.create(**ASK, stream=True)
    assert (caught.value.retry_after_s, caught.value.attempts) == (31, 1)


def test_a_number_bounds_an_attempt_whose_reply_drips() -> None:
    """No silence is as long as the limit, and still it ends."""
    done = threading.Event()

    def drip(conn: Any, _: Any) -> None:
        conn.sendall(ANSWER[:60])
        while not done.wait(0.02):
            conn.sendall(b" ")

    with asking(drip, max_retries=0) as (client, _):
        with pytest.raises(module.APITimeoutError, match=r"timeout\.attempt"):
            client.messages.create(**ASK, timeout=0.3)
        done.set()


def test_a_number_does_not_bound_a_stream_that_goes_on() -> None:
    """For a stream it is the longest silence."""
    start = {"type": "message_start", "message": MESSAGE}
    events = [start, *[{"type": "content_block_stop", "index": 0}] * 4]
    go_on = threading.Event()

    def step(conn: Any, _: Any) -> None:
        conn.sendall(chunked(end=False))
        for event in [*events, {"type": "message_stop"}]:
            data = b"data: %s\n\n" % json.dumps(event).encode()
            conn.sendall(b"%x\r\n%s\r\n" % (len(data), data))
            go_on.wait(0.1)
        conn.sendall(b"0\r\n\r\n")

    with asking(step, timeout=0.4, max_retries=0) as (client, _):
        stream = client.messages.create(**ASK, stream=True)
        assert len(list(stream)) == 6
        go_on.set()


def test_a_long_request_is_refused_unless_it_is_streamed() -> None:
    """A ``ValueError`` before anything is sent."""
    client = Anthropic(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ValueError, match="Streaming is required") as caught:
        client.messages.create(**{**ASK, "max_tokens": 21_334})
    assert isinstance(caught.value, module.AnthropicError)
    with pytest.raises(ValueError, match="up to 8192"):
        client.beta.messages.create(
            **{**ASK, "model": "claude-opus-4-0", "max_tokens": 8_193}
        )
    with pytest.raises(ValueError, match="Streaming is required"):
        client.messages.parse(
            **{**ASK, "max_tokens": 64_000}, output_format={"type": "object"}
        )


@pytest.mark.parametrize(
    ("settings", "call"),
    [
        ({}, {"max_tokens": 21_333}),
        ({}, {"timeout": 900}),
        ({}, {"timeout": None}),
        ({"timeout": 900}, {}),
        ({"timeout": Timeout(900)}, {}),
        ({"long_requests": "allow"}, {}),
    ],
)
def test_a_long_request_is_sent_with_a_time_out_of_its_own(
    settings: Any, call: Any
) -> None:
    """Or where the client is told to allow it, or it is not that long."""
    with asking(ANSWER, **settings) as (client, _):
        asked = {**ASK, "max_tokens": 64_000, **call}
        assert client.messages.create(**asked).id == "msg_1"


def test_our_own_client_refuses_no_long_request() -> None:
    """The guard is the drop-in's."""
    with serving(ANSWER) as server:
        keys, urls = {"anthropic": KEY}, {"anthropic": server.url}
        with Client(api_keys=keys, base_urls=urls) as client:
            assert client.messages.create(**{**ASK, "max_tokens": 64_000}).id == "msg_1"


# -- arguments ---------------------------------------------------------------------


def picture(data: Any) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    block = {"type": "image", "source": source}
    return {**ASK, "messages": [{"role": "user", "content": [block]}]}


def test_a_path_or_an_open_file_is_read_and_encoded(tmp_path: Path) -> None:
    """As data of a base64 source, each time that it is sent; by both clients."""
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG")
    file = io.BytesIO(b"\x89PNG")
    with asking(*[ANSWER] * 4) as (client, server):
        for data in (path, file, file):
            client.messages.create(**picture(data))
        keys, urls = {"anthropic": KEY}, {"anthropic": server.url}
        with Client(api_keys=keys, base_urls=urls) as own:
            own.messages.create(**picture(path))
    expected = base64.b64encode(b"\x89PNG").decode()
    for received in server.received:
        (block,) = received.json()["messages"][0]["content"]
        assert block["source"]["data"] == expected


def test_a_file_elsewhere_is_not_read(tmp_path: Path) -> None:
    """A path that stands where text should is refused, not sent."""
    client = Anthropic(api_key=KEY, base_url="http://127.0.0.1:9")
    turn: Any = {"role": "user", "content": tmp_path / "secret.txt"}
    with pytest.raises(ValueError, match="data of a base64 source"):
        client.messages.create(model="m", max_tokens=9, messages=[turn])


def test_what_is_omitted_is_not_sent_at_any_depth() -> None:
    """``omit`` and ``NOT_GIVEN`` are one value; ``None`` is JSON null."""
    assert module.NOT_GIVEN is omit
    turn: Any = {"role": "user", "content": "hi", "name": omit}
    with asking(ANSWER) as (client, server):
        client.messages.create(
            model="m", max_tokens=9, messages=[turn], temperature=module.NOT_GIVEN
        )
    body = server.received[-1].json()
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert "temperature" not in body


@pytest.mark.parametrize("id", ["", None])
def test_an_empty_id_is_a_value_error(id: Any) -> None:
    """And nothing is sent."""
    client = Anthropic(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ValueError, match="message_batch_id"):
        client.messages.batches.retrieve(id)
    with pytest.raises(errors.RequestValidationError):
        client.models.retrieve(id)
