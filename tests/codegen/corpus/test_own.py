"""What only our own documents show: security, servers, streams, pages, unions."""

from __future__ import annotations

import base64
import json
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire.core.types import Model, Unknown

from . import packages
from .packages import DOCUMENTS, Package

# Samples call deprecated operations like all others.
pytestmark = pytest.mark.filterwarnings("ignore:.*calls this deprecated")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def media(folder: Path) -> Iterator[Package]:
    with packages.built(DOCUMENTS / "media.yaml", folder) as found:
        yield found


@pytest.fixture(scope="module")
def schemas(folder: Path) -> Iterator[Package]:
    with packages.built(DOCUMENTS / "schemas.yaml", folder) as found:
        yield found


@pytest.fixture(scope="module")
def security(folder: Path) -> Iterator[Package]:
    with packages.built(DOCUMENTS / "security.yaml", folder) as found:
        yield found


@pytest.mark.parametrize("spec", packages.own(), ids=lambda path: path.stem)
def test_two_runs_are_byte_equal(spec: Path) -> None:
    """The same document gives the same files, names and lock."""
    first, second = packages.generated(spec, "twice"), packages.generated(spec, "twice")
    assert first.files == second.files
    assert first.names == second.names
    assert first.lock.text() == second.lock.text()


# -- security and servers --------------------------------------------------------

PAIR = "Basic " + base64.b64encode(b"me:secret").decode()
KEYS = {
    "header": "in-header",
    "query": "in-query",
    "cookie": "in-cookie",
    "basic": "me:secret",
    "bearer": "in-bearer",
    "oauth": "in-oauth",
}
SENT: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "/usual": ({"X-Key": "in-header"}, {}),
    "/either": ({"Authorization": "Bearer in-bearer"}, {}),
    "/both": ({"X-Key": "in-header", "Cookie": "sid=in-cookie"}, {}),
    "/query": ({}, {"key[]": "in-query"}),
    "/cookie": ({"Cookie": "sid=in-cookie"}, {}),
    "/basic": ({"Authorization": PAIR}, {}),
    "/oauth": ({"Authorization": "Bearer in-oauth"}, {}),
    "/anonymous": ({}, {}),
    "/optional": ({"Authorization": "Bearer in-bearer"}, {}),
}


def _credentials(
    package: Package, path: str, keys: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and query that the credential of one operation adds."""
    client_type: Any = type(package.client)
    given = {f"{package.name}.{scheme}": key for scheme, key in keys.items()}
    with client_type(api_keys=given, hooks=[package.recorder]) as client:
        name = package.records[f"#/paths/~1{path[1:]}/get"].name
        method: Any = client
        for step in name.split("."):
            method = getattr(method, step)
        package.recorder.will_answer(204, "", b"")
        method()
        call = package.recorder.call
        headers: dict[str, str] = {}
        query: dict[str, str] = {}
        service = client._services[package.name]
        client._engine.keyring.credential(call, service)(headers, query)
    return headers, query


@pytest.mark.parametrize("path", SENT)
def test_credentials_go_where_the_document_says(security: Package, path: str) -> None:
    """Each alternative of ``security``, first come first used, all of an AND."""
    assert _credentials(security, path, KEYS) == SENT[path]


@pytest.mark.parametrize(
    ("path", "keys", "expected"),
    [
        ("/either", {"query": "q"}, ({}, {"key[]": "q"})),
        ("/usual", {"basic": "me:secret"}, ({"Authorization": PAIR}, {})),
        ("/optional", {}, ({}, {})),
    ],
)
def test_the_next_alternative_serves(
    security: Package,
    path: str,
    keys: dict[str, str],
    expected: tuple[dict[str, str], dict[str, str]],
) -> None:
    """Without a key for the first alternative, one that has its keys is used."""
    assert _credentials(security, path, keys) == expected


def test_servers_of_documents_and_paths(media: Package) -> None:
    """Server variables stand at their defaults; a path's own server is a service."""
    services = media.client._services.values()
    assert [service.base_url for service in services] == [
        "https://eu.media.example:8443/v2",
        "https://elsewhere.example",
    ]


# -- streams and pages -----------------------------------------------------------


def test_events_end_and_skip_as_stated(media: Package) -> None:
    """What an overlay says of an event stream is what happens."""
    body = (
        b'event: piece\ndata: {"type":"piece","text":"a"}\n\n'
        b'event: ping\ndata: {"type":"ping"}\n\n'
        b'data: {"type":"unheard_of","x":1}\n\n'
        b"data: [DONE]\n\ndata: not json\n\n"
    )
    media.recorder.will_answer(200, "text/event-stream", body)
    first, second = media.client.events.read()
    assert isinstance(first, Model)
    assert isinstance(second, Unknown)
    assert second.raw == {"type": "unheard_of", "x": 1}


def test_pages_follow_the_overlay(media: Package) -> None:
    """The next page is asked for with the cursor that the reply gave."""
    first = {"data": [{"text": "a"}], "has_more": True, "last": "a 1"}
    media.recorder.will_answer(200, "application/json", json.dumps(first).encode())
    page = media.client.notes.list(limit=1)
    last = {"data": [{"text": "b"}], "has_more": False, "last": None}
    media.recorder.will_answer(200, "application/json", json.dumps(last).encode())
    assert [note.text for note in page] == ["a", "b"]
    assert media.recorder.call is not None
    assert media.recorder.call.request.url.endswith("/notes?limit=1&after=a+1")


def test_other_success_statuses_have_their_own_type(media: Package) -> None:
    """Of a pair of 200 and 202 each is read as itself; a stranger as the first."""
    names = []
    for status, body in (
        (200, {"text": "t"}),
        (202, {"job_id": "j"}),
        (203, {"text": ""}),
    ):
        media.recorder.will_answer(
            status, "application/json", json.dumps(body).encode()
        )
        method = media.methods["#/paths/~1pair/post"]
        names.append(type(method(text="go")).__name__)
    assert names == ["Note", "Job", "Note"]


# -- schemas ---------------------------------------------------------------------


def _answered(package: Package, pointer: str, value: Any) -> Any:
    package.recorder.will_answer(200, "application/json", json.dumps(value).encode())
    return package.methods[pointer]()


@pytest.mark.parametrize(
    ("member", "value", "expected"),
    [
        ("by_const", {"type": "circle", "radius": 1}, "Circle"),
        ("by_const", {"type": "square", "side": 1}, "Square"),
        ("by_const", {"type": "hexagon"}, "Unknown"),
        ("nested", {"type": "dot"}, "Dot"),
        ("nested", {"type": "square", "side": 2.5}, "Square"),
        ("by_required", {"a": "x"}, "HasA"),
        ("by_required", {"b": 1, "shared": "s"}, "HasB"),
        ("by_kind", "text", "str"),
        ("by_kind", 3, "int"),
        ("by_kind", ["x"], "list"),
        ("by_kind", {"a": "x"}, "HasA"),
        ("text_or_time", "2024-02-03T04:05:06Z", "datetime"),
        ("text_or_time", "not a time", "str"),
    ],
)
def test_members_of_unions_are_told_apart(
    schemas: Package, member: str, value: Any, expected: str
) -> None:
    """By constants, by required members, by JSON kind; what fits nothing stays raw."""
    whole = {"by_const": {"type": "circle", "radius": 1}, member: value}
    found = getattr(_answered(schemas, "#/paths/~1unions/get", whole), member)
    assert type(found).__name__ == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"petType": "kitty", "claws": True}, "Cat"),
        ({"petType": "pup", "bark": "wuff"}, "Dog"),
        ({"petType": "hamster", "wheel": 1}, "Unknown"),
    ],
)
def test_discriminators_are_followed(
    schemas: Package, value: Any, expected: str
) -> None:
    """The mapping decides, by reference or by bare name."""
    (pet,) = _answered(schemas, "#/paths/~1pets/get", [value])
    assert type(pet).__name__ == expected


def test_directions_have_their_own_members(schemas: Package) -> None:
    """Nobody sends what is readOnly, nobody waits for what is writeOnly."""
    record = schemas.records["#/paths/~1account/put"]
    assert isinstance(record.body, dict)
    assert sorted(record.body.values()) == [
        "email",
        "extra_query",
        "old",
        "password",
        "plan",
        "timeout",
    ]
    account = _answered(schemas, "#/paths/~1account/get", {"id": "1", "email": "e"})
    hints = typing.get_type_hints(type(account))
    assert "password" not in hints


def test_defaults_are_not_sent(schemas: Package) -> None:
    """A server's default is documented; only what was given is sent."""
    schemas.recorder.will_answer(200, "application/json", b'{"id":"1","email":"e"}')
    method = schemas.methods["#/paths/~1account/put"]
    method(email="e", password="p")
    assert schemas.recorder.call is not None
    sent = json.loads(schemas.recorder.call.request.body)
    assert sent == {"email": "e", "password": "p"}
    assert "Server default: 'free'" in method.__doc__
