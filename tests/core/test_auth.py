"""How a key is kept, looked up and put on."""

from __future__ import annotations

import base64
import copy
import pickle
from typing import Any

import pytest

from specwire.core.auth import ApiKey, Basic, Bearer, Keyring, Secret, Service
from specwire.core.wire import Request
from specwire.errors import AuthenticationError, MissingCredentialError
from tests.core.conftest import Play
from tests.core.sample import KEY, NOTE, client
from tests.scripted import reply


def test_a_secret_shows_nothing() -> None:
    """Neither repr nor str nor format holds the value; reveal does."""
    secret = Secret("sk-1")
    assert [repr(secret), str(secret), f"{secret}"] == ["Secret('***')"] * 3
    assert secret.reveal() == "sk-1"


def test_a_secret_is_not_pickled_or_copied() -> None:
    """It does not leave the process by accident."""
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            leave(Secret("sk-1"))  # type: ignore[operator]


def test_secrets_compare_by_value() -> None:
    """Two of the same value are one key of a set."""
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


BAD_KEYS = ["sk-1\n", "sk\r\n-1", "sk-\x00", "sk-é", "sk 1", "sk-\u2028", "\nsk-1"]


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
def test_a_key_that_cannot_stand_in_a_header_is_refused_at_once(key: str) -> None:
    """The client is not made, and the message does not quote the key."""
    with pytest.raises(ValueError, match="line ends") as caught:
        client(api_keys={"notes": key})
    assert "sk" not in str(caught.value)


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
def test_a_refused_key_is_in_no_frame_of_ours(key: str) -> None:
    """A traceback with locals, as error trackers send it, does not show the key."""
    with pytest.raises(ValueError) as caught:
        client(api_keys={"notes": key})
    for entry in caught.traceback:
        if "/specwire/" in str(entry.path):
            assert key not in str(entry.frame.f_locals.values())
            assert repr(key) not in repr(entry.frame.f_locals)


def test_blanks_around_a_key_are_not_part_of_it(play: Play) -> None:
    """A key copied with a space works."""
    made, server = play(reply(200, NOTE), api_keys={"notes": f" {KEY}\t"})
    made.notes.create()
    assert server.received[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize("keys", [{}, {"notes": ""}, {"notes": " "}, {"notes": None}])
def test_a_missing_key_is_named_with_its_variable(keys: dict[str, Any]) -> None:
    """An empty one counts as absent; nothing is sent."""
    with client(api_keys=keys) as made, pytest.raises(MissingCredentialError) as caught:
        made.notes.create()
    assert "set NOTES_API_KEY or NOTES_TOKEN" in str(caught.value)
    assert caught.value.attempts == 0


def test_a_key_of_the_wrong_kind_is_named_by_kind() -> None:
    """The value is not shown."""
    with pytest.raises(TypeError, match="expected str, got bytes"):
        client(api_keys={"notes": b"sk-1"})


def test_keys_that_are_no_mapping_are_refused_unseen() -> None:
    """Giving the key itself in the mapping's place does not show it."""
    with pytest.raises(TypeError, match="expected a mapping") as caught:
        client(api_keys="sk-test-9")
    ours = [e for e in caught.traceback if "/specwire/" in str(e.path)]
    assert ours
    assert all("sk-test-9" not in repr(e.frame.f_locals) for e in ours)


def test_an_unknown_service_is_refused() -> None:
    """A typing mistake does not silently leave a service without its key."""
    with pytest.raises(ValueError, match="known: notes"):
        client(api_keys={"note": "sk-1"})


def test_the_environment_is_read_when_a_call_needs_it(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key may appear after the client was made; the first scheme comes first."""
    made, server = play(reply(200, NOTE), reply(200, NOTE), api_keys={})
    monkeypatch.setenv("NOTES_TOKEN", "tok-1")
    made.notes.create()
    monkeypatch.setenv("NOTES_API_KEY", "sk-env\n")
    made.notes.create()
    first, second = server.received
    assert first.headers["authorization"] == "Bearer tok-1"
    assert "x-api-key" not in first.headers
    assert second.headers["x-api-key"] == "sk-env"


def test_an_argument_wins_over_the_environment(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the program says is more than what surrounds it."""
    monkeypatch.setenv("NOTES_API_KEY", "sk-env")
    made, server = play(reply(200, NOTE))
    made.notes.create()
    assert server.received[0].headers["x-api-key"] == KEY


def test_a_bad_key_of_the_environment_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message says where to look, not what it found."""
    monkeypatch.setenv("NOTES_API_KEY", "sk-a\nb")
    with client(api_keys={}) as made, pytest.raises(ValueError) as caught:
        made.notes.create()
    assert str(caught.value).startswith("NOTES_API_KEY: expected printable ASCII")
    ours = [e for e in caught.traceback if "/specwire/" in str(e.path)]
    assert all("sk-a" not in repr(e.frame.f_locals) for e in ours)


def test_a_second_scheme_can_be_given_by_its_id(play: Play) -> None:
    """service.scheme names the credential of one scheme."""
    made, server = play(reply(200, NOTE), api_keys={"notes.bearer": "tok-2"})
    made.notes.create()
    assert server.received[0].headers["authorization"] == "Bearer tok-2"


def test_a_key_in_the_headers_is_the_one_that_is_sent(play: Play) -> None:
    """With a key of the client's or without; its echo is blotted out."""
    for keys in ({"notes": KEY}, {}):
        made, server = play(reply(401, "who is sk-other-key?"), api_keys=keys)
        with pytest.raises(AuthenticationError) as caught:
            made.notes.create(extra_headers={"X-API-KEY": "sk-other-key"})
        assert server.received[0].headers["x-api-key"] == "sk-other-key"
        assert "who is ***?" in str(caught.value)


def test_an_operation_that_needs_no_credential_sends_none() -> None:
    """An empty AND is always met."""
    ring = Keyring({})
    headers: dict[str, str] = {}
    service = Service("s", base_url="http://h", auth=((),))
    operation = type("O", (), {"auth": None})
    request = Request("GET", "http://h", {})
    call: Any = type("C", (), {"operation": operation, "request": request})
    ring.credential(call, service)(headers, {})
    assert headers == {}


def test_a_replaced_key_is_used_from_the_next_call_on(play: Play) -> None:
    """Replacing is one assignment; taking it away is an error at the next call."""
    made, server = play(reply(200, NOTE), reply(200, NOTE))
    made.notes.create()
    made._engine.keyring.set("notes", "sk-new")
    made.notes.create()
    made._engine.keyring.set("notes", None)
    with pytest.raises(MissingCredentialError):
        made.notes.create()
    assert [r.headers["x-api-key"] for r in server.received] == [KEY, "sk-new"]


def test_a_keyring_shows_names_only() -> None:
    """Services, no keys; and it is not pickled."""
    ring = Keyring({"notes": KEY})
    assert repr(ring) == "Keyring(notes)"
    with pytest.raises(TypeError):
        pickle.dumps(ring)


def test_a_copied_keyring_is_independent() -> None:
    """Setting a key on the copy leaves the first one alone."""
    ring = Keyring({"notes": KEY})
    ring.copy().set("notes", None)
    assert repr(ring) == "Keyring(notes)"


def test_each_scheme_puts_the_key_in_its_place() -> None:
    """Header, query, cookie, bearer and basic."""
    headers: dict[str, str] = {"Cookie": "a=1"}
    query: dict[str, str] = {}
    secret = Secret("user:pw")
    ApiKey("header", "x-key").put(secret, headers, query)
    ApiKey("query", "key").put(secret, headers, query)
    ApiKey("cookie", "session").put(secret, headers, query)
    Bearer().put(secret, headers, query)
    assert headers == {
        "x-key": "user:pw",
        "Cookie": "a=1; session=user:pw",
        "Authorization": "Bearer user:pw",
    }
    assert query == {"key": "user:pw"}
    Basic().put(secret, headers, query)
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"user:pw").decode()


def test_everything_that_may_be_echoed_is_known_for_blotting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given keys, keys of single schemes, variables, and the form Basic sends."""
    monkeypatch.setenv("V", "sk-env")
    schemes = {"k": ApiKey("header", "x", env="V"), "b": Basic()}
    service = Service("s", base_url="http://h", schemes=schemes)
    known = Keyring({"s": "sk-given", "s.b": "user:pw"}).secrets(service)
    basic = base64.b64encode(b"user:pw").decode()
    assert {"sk-env", "sk-given", "user:pw", basic} <= set(known)
