"""Limits of one attempt and of one wait: after them the call may go on."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from specwire import Timeout, errors
from tests.core.conftest import Play
from tests.scripted import reply

NOTE = {"id": "n1", "text": "hi", "created_at": "2026-01-02T03:04:05Z"}


def test_an_attempt_that_takes_too_long_is_followed_by_another(play: Play) -> None:
    """However its reply arrives; ``total`` would end the call."""
    done = threading.Event()

    def drip(conn: Any, _: Any) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while not done.wait(0.02):
            conn.sendall(b" ")

    client, server = play(drip, reply(body={"data": []}))
    client.notes.list(timeout=Timeout(attempt=0.2))
    done.set()
    assert len(server.received) == 2


def test_the_last_attempt_names_its_limit(play: Play) -> None:
    """And may be tried again, as the error says."""

    def stall(conn: Any, _: Any) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        threading.Event().wait(1)

    client, _ = play(stall)
    with pytest.raises(errors.APITimeoutError) as caught:
        client.notes.list(timeout=Timeout(attempt=0.1), max_retries=0)
    assert caught.value.retryable


def test_a_wish_beyond_the_limit_of_waits_ends_the_call(play: Play) -> None:
    """At once, and the wish is on the error."""
    client, server = play(reply(503, headers={"retry-after": "9"}))
    with pytest.raises(errors.InternalServerError) as caught:
        client.notes.list(timeout=Timeout(wait=8))
    assert (caught.value.retry_after_s, len(server.received)) == (9, 1)


def test_limits_that_are_set_are_shown() -> None:
    """The rare ones only then."""
    assert "attempt" not in repr(Timeout())
    assert "attempt=2.0, wait=3.0" in repr(Timeout(attempt=2, wait=3))
