"""Settings of a client, and what it shares with its copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from specwire import Hook, Timeout
from specwire.errors import InternalServerError
from specwire.testing import FakeClock
from tests.core.conftest import Play
from tests.core.sample import KEY, client
from tests.scripted import reply

OK = reply(200, {"ok": True})


def test_a_copy_has_other_settings_and_the_same_connections(play: Play) -> None:
    """with_options changes nothing for the first client."""
    made, server = play(OK, OK)
    other = made.with_options(
        timeout=3, max_retries=0, default_headers={"X-A": "1"}, hooks=[Hook()]
    )
    made.notes.public()
    other.notes.public()
    assert server.connections == 1
    first, second = server.received
    assert "x-a" not in first.headers
    assert second.headers["x-a"] == "1"
    assert other._timeout == Timeout(total=3.0)
    assert made._timeout == Timeout(total=600.0)
    assert made._max_retries == 2
    assert made._hooks == ()


def test_a_copy_keeps_what_is_not_named(play: Play) -> None:
    """None is a value: no limit, no headers."""
    made, _ = play(timeout=7, default_headers={"X-A": "1"})
    assert made.with_options(max_retries=5)._timeout == Timeout(total=7.0)
    assert made.with_options(timeout=None)._timeout == Timeout(connect=None)
    assert made.with_options(default_headers=None)._default_headers == {}


def test_a_copys_resources_are_its_own(play: Play, clock: FakeClock) -> None:
    """They do not lead back to the first client's settings."""
    made, server = play(reply(500), OK, _clock=clock)
    _ = made.notes
    with pytest.raises(InternalServerError):
        made.with_options(max_retries=0).notes.public()
    assert len(server.received) == 1


def test_a_resource_is_made_once() -> None:
    """Asking again gives the same object."""
    with client() as made:
        assert made.notes is made.notes


def test_a_client_shows_where_it_asks_and_no_key() -> None:
    """repr names the effective URL, which a variable may have moved."""
    with client("http://127.0.0.1:9/api") as made:
        assert repr(made) == "NotesClient(notes=http://127.0.0.1:9/api)"
        assert KEY not in repr(vars(made)) + repr(made.notes)


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_does_not_leave_its_process(leave: Any) -> None:
    """It holds connections and keys; the message says what to do."""
    with client() as made, pytest.raises(TypeError, match="make one in each process"):
        leave(made)


def test_the_base_url_comes_from_argument_variable_or_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this order; an empty variable counts as absent."""
    from tests.core.sample import NotesClient

    monkeypatch.setenv("NOTES_BASE_URL", " ")
    assert NotesClient()._base_urls == {"notes": "http://127.0.0.1:1"}
    monkeypatch.setenv("NOTES_BASE_URL", "https://env.example/")
    assert NotesClient()._base_urls == {"notes": "https://env.example"}
    given = NotesClient(base_urls={"notes": "https://arg.example"})
    assert given._base_urls == {"notes": "https://arg.example"}


def test_plain_http_to_another_machine_is_warned_of() -> None:
    """The key would be shown to everyone on the way; loopback is fine."""
    with pytest.warns(UserWarning, match=r"notes: host\.example is asked over plain"):
        client("http://host.example")
    client("http://127.1.2.3:80")
    client("http://localhost:80")
    client("http://[::1]:80")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"timeout": 0}, "more than 0 seconds"),
        ({"timeout": "3"}, "expected seconds"),
        ({"max_retries": -1}, "0 to 1000"),
        ({"max_retries": 1.5}, "expected int"),
        ({"base_urls": {"nobody": "http://h"}}, "known: notes"),
        ({"default_headers": {"a b": "1"}}, "a header's name"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(
    settings: dict[str, Any], problem: str
) -> None:
    """Where the client is made, not at the first call."""
    from tests.core.sample import NotesClient

    with pytest.raises((ValueError, TypeError), match=problem):
        NotesClient(api_keys={"notes": KEY}, **settings)


def test_a_callers_limit_of_time_wins(play: Play) -> None:
    """For one call; what is not given is the client's."""
    made, _ = play(timeout=7)
    from tests.core.sample import RUN, pack

    args = {"note_id": "n", "text": "t"}
    prepare = made.notes._prepare
    assert prepare(RUN, args, *pack({})).timeout == Timeout(total=7.0)
    assert prepare(RUN, args, *pack({"timeout": 2})).timeout == Timeout(total=2.0)
    unlimited = prepare(RUN, args, *pack({"timeout": None})).timeout
    assert unlimited == Timeout(connect=None)
