"""Which calls are equal: everything that an answer may depend on makes them differ."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from specwire import Client
from specwire.cache import Cache, DiskCache, from_cache
from specwire.core.auth import Bearer, Grant, Issuer, Secret
from specwire.core.oauth import ClientCredentials
from tests.scripted import serving

from .asking import ASKED, KEY, answer, asking, said

OTHER: list[dict[str, Any]] = [
    {"model": "claude-haiku-4-5"},
    {"temperature": 0.5},
    {"messages": [{"role": "user", "content": "Ho"}]},
    {"extra_headers": {"anthropic-beta": "new"}},
    {"extra_headers": {"X-Tenant": "two"}},
    {"extra_query": {"beta": "true"}},
    {"extra_body": {"more": 1}},
]


def test_an_equal_call_is_answered_without_a_request() -> None:
    """Its answer says that it is no new one, and that nothing was sent for it."""
    cache = Cache()
    with asking(cache, answer(request_id="req_1")) as (client, server):
        first, second = (client.messages.create(**ASKED) for _ in range(2))
        assert len(server.received) == 1
    assert second == first
    assert (from_cache(first), from_cache(second)) == (None, "hit")
    assert second._reply is not None
    assert second._reply.headers["X-Specwire-Cache"] == "hit"
    assert (second._reply.attempts, second._request_id) == (0, "req_1")
    assert (cache.stats.hits, cache.stats.misses, cache.stats.stored) == (1, 1, 1)


@pytest.mark.parametrize("more", OTHER, ids=lambda more: next(iter(more)))
def test_another_call_is_another(more: dict[str, Any]) -> None:
    """Model, parameters, messages, headers, query, members besides."""
    with asking(Cache(), answer("a"), answer("b")) as (client, _):
        assert [said(client), said(client, **more), said(client)] == ["a", "b", "a"]


def test_the_order_of_members_says_nothing() -> None:
    """A body is compared in one canonical form."""
    one = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    with asking(Cache(), answer("a")) as (client, _):
        for block in (one, dict(reversed(one.items()))):
            asked = [{"role": "user", "content": [block]}]
            assert said(client, messages=asked) == "a"


def test_headers_that_only_name_a_request_say_nothing() -> None:
    """Keys of idempotency, names of requests, traces."""
    with asking(Cache(), answer("a")) as (client, _):
        for number in range(2):
            headers = {"X-Request-Id": str(number), "traceparent": f"00-{number}"}
            key = f"key-{number}"
            assert said(client, extra_headers=headers, idempotency_key=key) == "a"


def test_chosen_headers_alone_count() -> None:
    """With ``vary`` all others say nothing."""
    with asking(Cache(vary=["X-Tenant"]), answer("a"), answer("b")) as (client, _):
        assert said(client, extra_headers={"x-tenant": "1", "x-more": "1"}) == "a"
        assert said(client, extra_headers={"X-TENANT": "1", "x-more": "2"}) == "a"
        assert said(client, extra_headers={"x-tenant": "2"}) == "b"


def with_key(url: str, key: str, cache: Cache, **settings: Any) -> Client:
    return Client(
        api_keys={"anthropic": key},
        base_urls={"anthropic": url},
        hooks=[cache],
        **settings,
    )


def test_one_keys_answers_are_not_anothers(path: str) -> None:
    """Clients that share a file do not share answers across credentials."""
    with serving(answer("mine"), answer("yours")) as server:
        for _ in range(2):
            for key, text in ((KEY, "mine"), ("sk-secret-0002", "yours")):
                cache = Cache(DiskCache(path))
                with with_key(server.url, key, cache) as client:
                    assert said(client) == text
        assert len(server.received) == 2


@pytest.mark.parametrize("vary", [None, ["anthropic-version"]])
def test_a_key_in_a_header_is_a_credential_as_well(vary: list[str] | None) -> None:
    """Whatever headers were chosen."""
    with asking(Cache(vary=vary), answer("a"), answer("b")) as (client, _):
        assert said(client, extra_headers={"x-api-key": "one-secret-key"}) == "a"
        assert said(client, extra_headers={"x-api-key": "two-secret-key"}) == "b"


def test_credentials_may_share_where_it_is_said() -> None:
    """``by_credential=False``: one answer for all."""
    cache = Cache(by_credential=False)
    with serving(answer("a")) as server:
        for key in (KEY, "sk-secret-0002"):
            with with_key(server.url, key, cache) as client:
                assert said(client) == "a"


def test_no_answer_without_a_credential() -> None:
    """Who has no key gets no answer that another has paid for."""
    cache = Cache()
    with asking(cache, answer()) as (client, server):
        said(client)
        with (
            Client(base_urls={"anthropic": server.url}, hooks=[cache]) as other,
            pytest.raises(Exception, match="no credential"),
        ):
            said(other)


def test_what_a_session_brings_is_told_apart() -> None:
    """Headers and credentials of a session of the user's; one that signs is not kept
    for."""
    with serving(answer("a"), answer("b"), answer("c"), answer("d")) as server:
        cache = Cache()

        def asked(tenant: str, auth: Any = None) -> str:
            session = requests.Session()
            session.headers["x-tenant"], session.auth = tenant, auth
            with with_key(server.url, KEY, cache, session=session) as client:
                return said(client)

        assert [asked("1"), asked("2"), asked("1"), asked("2")] == ["a", "b", "a", "b"]
        assert [asked("1", lambda r: r), asked("1", lambda r: r)] == ["c", "d"]


def test_the_file_shows_no_credential(path: str) -> None:
    """Neither plain nor in a digest that another file has too."""
    keys = []
    for number in range(2):
        store = DiskCache(f"{path}.{number}")
        with asking(Cache(store), answer()) as (client, _):
            said(client)
        keys += store._asked("SELECT key FROM entries")
        store.close()
        with open(store.path, "rb") as file:
            assert KEY.encode() not in file.read()
    assert len(set(keys)) == 2


@pytest.mark.parametrize("other", [{"client_secret": "two"}, {"extra": {"a": "b"}}])
def test_an_applications_answers_are_its_own(other: dict[str, Any]) -> None:
    """OAuth: by its id and secret and what it asks for, not by the token it has got."""
    one = {"client_id": "me", "client_secret": "one"}
    asked = [ClientCredentials(**grant) for grant in (one, one, {**one, **other})]  # type: ignore[arg-type]
    told = [grant.identity() for grant in asked]
    assert told[0] == told[1] != told[2]


def test_who_is_known_only_by_use_has_no_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Credentials of the machine, which may be anybody's; shared, they have one."""

    class Anybody(Grant):
        def forms(self) -> tuple[str, ...]:
            return ()

    class Tokens(Issuer):
        def secret(self, *_: Any) -> Secret:
            return Secret("sk-of-the-moment")

        def issued(self, service: Any) -> list[Secret]:
            return []

    schemes = {"apiKey": Bearer()}
    monkeypatch.setattr(Bearer, "grants", True)
    for shared, texts in ((False, ["a", "b"]), (True, ["a", "a"])):
        cache = Cache(by_credential=not shared)
        with asking(cache, answer("a"), answer("b")) as (client, _):
            service = client._engine.services["anthropic"]
            monkeypatch.setattr(service, "schemes", schemes)
            client._engine.keyring.set("anthropic", Anybody())
            client._engine.keyring.issuer = Tokens()
            assert [said(client), said(client)] == texts
