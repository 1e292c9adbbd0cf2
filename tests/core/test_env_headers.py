"""Headers that the environment holds for a service."""

from __future__ import annotations

import traceback

import pytest

from specwire.core import resource as r
from specwire.core import results
from specwire.core.auth import Service
from specwire.core.client import BaseClient
from specwire.errors import BadRequestError
from tests.core.conftest import Play
from tests.core.sample import NOTE, client
from tests.core.test_secrets import shown
from tests.scripted import reply, serving

GATEWAY = "gateway-secret-4711"


def test_each_line_is_a_header_of_every_request(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blank lines and blanks around a name or value do not count."""
    monkeypatch.setenv("NOTES_HEADERS", f"X-Gate: {GATEWAY}\r\n\n x-team :  blue: 7 \n")
    made, server = play(reply(200, NOTE), reply(200, NOTE))
    made.notes.create()
    made.with_options(max_retries=0).notes.create()
    for received in server.received:
        assert received.headers["x-gate"] == GATEWAY
        assert received.headers["x-team"] == "blue: 7"


def test_default_and_extra_headers_come_before_the_environments(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any case of letters, and a name stands once; our own headers give way."""
    monkeypatch.setenv(
        "NOTES_HEADERS", "X-A: env\nx-b: env\nX-Version: 9\nuser-agent: mine"
    )
    made, server = play(reply(200, NOTE), default_headers={"x-a": "default"})
    made.notes.create(extra_headers={"X-B": "extra"})
    head = server.received[0].head.lower()
    for line in (b"x-a: default", b"x-b: extra", b"x-version: 9", b"user-agent: mine"):
        assert line + b"\r\n" in head
        assert head.count(line.partition(b" ")[0]) == 1


def test_the_variable_is_read_when_a_client_is_made(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the base URL's is: a client does not change under way."""
    made, server = play(reply(200, NOTE))
    monkeypatch.setenv("NOTES_HEADERS", f"X-Gate: {GATEWAY}")
    made.notes.create()
    assert "x-gate" not in server.received[0].headers


@pytest.mark.parametrize(
    "line", ["no colon", ": value", "a b: c", "x\0y: 1", "x: a\rb", "x: \u20ac", "é: 1"]
)
def test_a_line_that_is_no_header_is_refused(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable and the line, and shows no value."""
    text = f"X-Gate: {GATEWAY}\n{line} {GATEWAY}"
    monkeypatch.setattr("os.environ", {"NOTES_HEADERS": text})
    with pytest.raises(ValueError, match="NOTES_HEADERS, line 2: expected") as caught:
        client()
    assert all(GATEWAY not in text for text in shown(caught.value))
    assert GATEWAY not in "".join(traceback.format_exception(caught.value))


def test_values_are_secrets(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that repeats one is not quoted, nor its part behind the scheme."""
    monkeypatch.setenv("NOTES_HEADERS", f"X-Gate: Bearer {GATEWAY}\nX-N: 12345678")
    body = {"error": {"message": f"bad {GATEWAY}", "n": 12345678}}
    made, _ = play(reply(400, body, {"X-Echo": f"Bearer {GATEWAY}"}))
    with pytest.raises(BadRequestError) as caught:
        made.notes.create()
    assert all(GATEWAY not in text for text in shown(caught.value))
    assert "***" in str(caught.value)


def test_another_service_never_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are one service's own, whatever else the client asks."""

    def get(service: str) -> r.Operation[object]:
        return r.Operation(
            "get", service, "GET", "/", results.Json(lambda: object), auth=()
        )

    class Two(BaseClient):
        _services = {
            "a": Service("a", base_url="http://127.0.0.1:1", headers_env="A_HEADERS"),
            "b": Service("b", base_url="http://127.0.0.1:1"),
        }

    monkeypatch.setenv("A_HEADERS", f"X-Gate: {GATEWAY}")
    limits = (r.UNSET, r.UNSET, None)
    with serving(reply(200, {}), reply(200, {})) as server:
        urls = {"a": server.url, "b": server.url}
        with Two(base_urls=urls) as made:
            for service in urls:
                r.Resource(made)._call(get(service), {}, limits, (None, None, None))
    assert server.received[0].headers["x-gate"] == GATEWAY
    assert "x-gate" not in server.received[1].headers
