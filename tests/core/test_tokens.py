"""Tokens of OAuth 2 servers: fetched, kept, fetched anew; and what is never shown."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest

from specwire import errors
from specwire.core import auth, results
from specwire.core import resource as r
from specwire.core.client import BaseClient
from specwire.core.tokens import TokenClient
from specwire.testing import FakeClock
from tests.scripted import ScriptedServer, Step, reply, serving

SECRET = "s3cr3t-very-long"
LIST: r.Operation[Any] = r.Operation(
    "things.list", "shop", "GET", "/things", result=results.Json(lambda: Any)
)
MAKE: r.Operation[Any] = r.Operation(
    "things.make",
    "shop",
    "POST",
    "/things",
    body={"name": "name"},
    result=results.Json(lambda: Any),
    retry="unstarted",
)
NO_LIMITS, NO_EXTRAS = (r.UNSET, r.UNSET, None), (None, None, None)


def token(value: str = "tok-1", **more: Any) -> bytes:
    said = {"access_token": value, "token_type": "Bearer", "expires_in": 3600}
    return reply(200, {**said, **more})


class Shop(TokenClient):
    _services = {
        "shop": auth.Service(
            "shop",
            base_url="",
            schemes={
                "login": auth.OAuth2(
                    "/token",
                    scopes=("read", "write"),
                    env="SHOP_API_KEY",
                    client_id_env="SHOP_CLIENT_ID",
                    client_secret_env="SHOP_CLIENT_SECRET",
                )
            },
            auth=(("login",),),
        )
    }

    def list(self, **limits: Any) -> Any:
        timeout = limits.get("timeout", r.UNSET)
        return r.Resource(self)._call(LIST, {}, (timeout, r.UNSET, None), NO_EXTRAS)

    def make(self) -> Any:
        return r.Resource(self)._call(MAKE, {"name": "n"}, NO_LIMITS, NO_EXTRAS)


@contextmanager
def shop(*script: Step, **settings: Any) -> Iterator[tuple[Shop, ScriptedServer]]:
    if "api_keys" not in settings:
        settings = {"client_id": "me", "client_secret": SECRET, **settings}
    with serving(*script) as server:
        base = {"shop": f"{server.url}/v1"}
        with Shop(base_urls=base, **{"_clock": FakeClock(), **settings}) as client:
            yield client, server


def sent(server: ScriptedServer) -> list[str]:
    return [f"{r.target} {r.headers.get('authorization')}" for r in server.received]


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_a_token_is_fetched_and_kept() -> None:
    """One fetch serves many calls; the form and the header are RFC 6749's."""
    with shop(token(), reply(200, []), reply(200, [])) as (client, server):
        client.list()
        client.list()
    first = server.received[0]
    assert sent(server) == [
        f"/token {basic(f'me:{SECRET}')}",
        "/v1/things Bearer tok-1",
        "/v1/things Bearer tok-1",
    ]
    assert first.method == "POST"
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(first.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["read write"],
    }


def test_id_and_secret_are_form_encoded_before_they_are_joined() -> None:
    """A colon in the id does not end it (RFC 6749, section 2.3.1)."""
    grant = auth.ClientCredentials("a:b", "c+d")
    assert grant.basic() == base64.b64encode(b"a%3Ab:c%2Bd").decode()


def test_the_secret_may_travel_in_the_form() -> None:
    """client_secret_post sends no Authorization; scopes and members can be said."""
    grant = auth.ClientCredentials(
        "me",
        SECRET,
        method="client_secret_post",
        scopes=["admin"],
        extra={"audience": "https://api"},
        token_url="elsewhere?x=1",
    )
    keys = {"shop": grant}
    with shop(token(), reply(200, []), api_keys=keys) as (client, server):
        client.list()
    asked = server.received[0]
    assert asked.target == "/v1/elsewhere?x=1"
    assert "authorization" not in asked.headers
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["admin"],
        "client_id": ["me"],
        "client_secret": [SECRET],
        "audience": ["https://api"],
    }


def test_the_environment_holds_id_and_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of its own variable comes first, then the pair."""
    monkeypatch.setenv("SHOP_CLIENT_ID", "env-id")
    monkeypatch.setenv("SHOP_CLIENT_SECRET", "env-secret")
    script = (token(), reply(200, []), reply(200, []))
    with shop(*script, api_keys=None) as (client, server):
        client.list()
        monkeypatch.setenv("SHOP_API_KEY", "ready")
        client.list()
    assert sent(server) == [
        f"/token {basic('env-id:env-secret')}",
        "/v1/things Bearer tok-1",
        "/v1/things Bearer ready",
    ]


def test_a_plain_token_is_used_as_it_is() -> None:
    """Nothing is fetched for a key that is a token."""
    with shop(reply(200, []), api_keys={"shop": "mine"}) as (client, server):
        client.list()
    assert sent(server) == ["/v1/things Bearer mine"]


def test_nothing_given_names_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what can be set."""
    monkeypatch.delenv("SHOP_API_KEY", raising=False)
    with (
        shop(api_keys=None) as (client, _),
        pytest.raises(
            errors.MissingCredentialError, match="SHOP_CLIENT_ID and SHOP_CLIENT_SECRET"
        ),
    ):
        client.list()


def test_half_a_pair_is_refused() -> None:
    """An id without a secret is a mistake, and says so at once."""
    with pytest.raises(ValueError, match="go together"):
        Shop(client_id="me")


@pytest.mark.parametrize(
    ("life", "kept_s", "over_s"), [(3600, 3539, 3541), (100, 89, 91), ("60", 53, 55)]
)
def test_a_token_is_fetched_anew_shortly_before_its_end(
    life: Any, kept_s: float, over_s: float
) -> None:
    """A minute early, or a tenth of a short life."""
    clock = FakeClock()
    script = [token(expires_in=life), reply(200, []), reply(200, [])]
    script += [token("tok-2"), reply(200, [])]
    with shop(*script, _clock=clock) as (client, server):
        client.list()
        clock.now += kept_s
        client.list()
        clock.now += over_s - kept_s
        client.list()
    assert [line.rpartition(" ")[2] for line in sent(server)[1:]][::2] == [
        "tok-1",
        basic(f"me:{SECRET}")[6:],
    ]
    assert sent(server)[-1] == "/v1/things Bearer tok-2"


def test_a_kept_token_that_is_refused_is_fetched_anew_once() -> None:
    """Also for a POST: a 401 is said before any work is done."""
    script = [token(), reply(200, {}), reply(401, {}), token("tok-2"), reply(200, {})]
    with shop(*script, max_retries=0) as (client, server):
        client.make()
        client.make()
    assert [request.target for request in server.received] == [
        "/token",
        "/v1/things",
        "/v1/things",
        "/token",
        "/v1/things",
    ]
    assert server.received[-1].json() == {"name": "n"}


def test_a_second_refusal_is_the_answer() -> None:
    """A new token that is refused as well is the caller's error; nothing loops."""
    script = [token(), reply(200, {}), reply(401, {}), token("tok-2"), reply(401, {})]
    with shop(*script) as (client, server):
        client.list()
        with pytest.raises(errors.AuthenticationError):
            client.list()
    assert len(server.received) == 5


def test_a_fresh_token_that_is_refused_is_not_fetched_again() -> None:
    """What was fetched for this very call will not get better."""
    with shop(token(), reply(401, {})) as (client, server):
        with pytest.raises(errors.AuthenticationError):
            client.list()
    assert len(server.received) == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_of_the_endpoint_is_an_authentication_error(status: int) -> None:
    """It names the endpoint and what it said, and never the secret."""
    said = {"error": "invalid_client", "error_description": f"no {SECRET}"}
    with shop(reply(status, said)) as (client, server):
        with pytest.raises(errors.AuthenticationError) as caught:
            client.list()
    error = caught.value
    assert error.status_code == status
    assert f"token from {server.url}/token" in str(error)
    assert "invalid_client" in str(error)
    assert SECRET not in f"{error!r}{error.body}{error.__dict__}"
    ours = [e for e in caught.traceback if "/specwire/" in str(e.path)]
    assert all(SECRET not in repr(e.frame.f_locals) for e in ours)


def test_a_failing_endpoint_is_asked_again_and_then_not_more() -> None:
    """The call's retries are the endpoint's; they are not multiplied."""
    script = [reply(503, {})] * 3
    with shop(*script, max_retries=2) as (client, server):
        with pytest.raises(errors.InternalServerError, match="token from"):
            client.list()
    assert len(server.received) == 3


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, {"token_type": "bearer"}),
        reply(200, {"access_token": "a\nb"}),
        reply(200, {"access_token": "tok-9", "token_type": "mac"}),
        reply(200, "access_token=tok-9", content_type="text/plain"),
        reply(200, ["tok-9"]),
    ],
)
def test_a_reply_without_a_usable_token_is_a_decode_error(answer: bytes) -> None:
    """What came is not shown, as it may be a token."""
    with shop(answer) as (client, _), pytest.raises(errors.DecodeError) as caught:
        client.list()
    assert "tok-9" not in f"{caught.value}{caught.value.__dict__}"
    assert "token from" in str(caught.value)


def test_a_redirect_to_another_origin_is_not_followed() -> None:
    """The secret goes nowhere else; the error says where it was sent to."""
    with serving(token()) as other:
        away = reply(307, b"", {"Location": f"{other.url}/token"})
        with shop(away) as (client, server):
            with pytest.raises(errors.APIStatusError, match="not followed"):
                client.list()
        assert len(server.received) == 1
        assert other.received == []


@pytest.mark.parametrize(
    "url", ["http://login.example/token", "https://me:x@login.example/t", "ftp://h/t"]
)
def test_a_secret_is_not_sent_in_the_open(url: str) -> None:
    """Plain http is for loopback only; nothing is sent."""
    keys = {"shop": auth.ClientCredentials("me", SECRET, token_url=url)}
    with shop(api_keys=keys) as (client, server):
        with pytest.raises(errors.RequestValidationError, match="no token can be"):
            client.list()
    assert server.received == []


def test_one_thread_fetches_for_all() -> None:
    """Ten calls at once cost one fetch."""
    started = threading.Barrier(10)
    script = [token(), *[reply(200, [])] * 10]
    with shop(*script) as (client, server):

        def work() -> None:
            started.wait(10)
            client.list()

        threads = [threading.Thread(target=work) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    targets = [request.target for request in server.received]
    assert targets.count("/token") == 1
    assert targets.count("/v1/things") == 10


def test_the_fetch_counts_within_the_time_limit() -> None:
    """A token endpoint that does not answer ends the call in its time."""
    hold = threading.Event()

    def silent(conn: Any, request: Any) -> None:
        hold.wait(10)

    with shop(silent, _clock=None) as (client, _):
        with pytest.raises(errors.APITimeoutError, match="token from"):
            client.list(timeout=0.2)
        hold.set()


def test_a_base_client_fetches_tokens_too() -> None:
    """A service with the scheme is enough; the pair is then a key."""

    class Plain(BaseClient):
        _services = Shop._services

    with serving(token(), reply(200, [])) as server:
        keys = {"shop": auth.ClientCredentials("me", SECRET)}
        with Plain(api_keys=keys, base_urls={"shop": server.url}) as client:
            r.Resource(client)._call(LIST, {}, NO_LIMITS, NO_EXTRAS)
    assert sent(server)[1] == "/things Bearer tok-1"


def test_credentials_show_nothing() -> None:
    """Neither repr nor pickle gives the secret away."""
    grant = auth.ClientCredentials("me", SECRET)
    assert repr(grant) == "ClientCredentials('me', '***')"
    with pytest.raises(TypeError, match="cannot be pickled"):
        grant.__reduce__()


def test_a_refused_secret_is_in_no_frame_of_ours() -> None:
    """A traceback with locals does not show a secret with a stray line feed."""
    with pytest.raises(ValueError, match="client_secret") as caught:
        Shop(client_id="me", client_secret="s3cr3t\nx")
    for entry in caught.traceback:
        if "/specwire/" in str(entry.path):
            assert "s3cr3t" not in repr(entry.frame.f_locals)
