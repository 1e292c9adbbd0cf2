"""Resources and methods from paths, tags and queries; and names that stay."""

from __future__ import annotations

import json
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.build import Output, generate
from specwire_codegen.problems import Problems
from tests.scripted import reply

from .building import document, job, replies
from .calling import called

DONE = {"200": {"description": ""}}
GET, POST = {"get": {"responses": DONE}}, {"post": {"responses": DONE}}


def named(paths: dict[str, Any], folder: Path, **more: Any) -> dict[str, str]:
    """``METHOD /path`` to ``resource.method``."""
    output = generate(job(document(paths, **more), folder), Problems())
    found = json.loads(output.names)["operations"]
    return {_short(at): name for at, name in found.items()}


def _short(at: str) -> str:
    *_, path, method = at.split("/")
    return f"{method.upper()} {path.replace('~1', '/')}"


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (
            {
                "/a": GET,
                "/a/{x}": GET,
                "/a/{x}/b": GET | POST,
                "/a/{x}/b/{y}": GET,
                "/a/{x}/b/{y}/c": GET | POST,
            },
            {
                "GET /a": "a.list",
                "GET /a/{x}": "a.get",
                "GET /a/{x}/b": "a.b.list",
                "POST /a/{x}/b": "a.b.create",
                "GET /a/{x}/b/{y}": "a.b.get",
                "GET /a/{x}/b/{y}/c": "a.b.c.list",
                "POST /a/{x}/b/{y}/c": "a.b.c.create",
            },
        ),
        (
            {"/v1/jobs/{id}": GET, "/v1/jobs/{id}/cancel": POST},
            {
                "GET /v1/jobs/{id}": "jobs.get",
                "POST /v1/jobs/{id}/cancel": "jobs.cancel",
            },
        ),
        ({"/users/{id}/keys": GET}, {"GET /users/{id}/keys": "users.keys.list"}),
        (
            {"/users/{id}/profile": GET | {"put": {"responses": DONE}}},
            {
                "GET /users/{id}/profile": "users.profile.get",
                "PUT /users/{id}/profile": "users.profile.replace",
            },
        ),
        (
            {"/git/refs/{ref}": GET, "/git/refs": POST},
            {
                "GET /git/refs/{ref}": "git.refs.get",
                "POST /git/refs": "git.refs.create",
            },
        ),
        (
            {"/files": GET, "/files?beta=true": GET, "/files/{id}?beta=true": GET},
            {
                "GET /files": "files.list",
                "GET /files?beta=true": "beta.files.list",
                "GET /files/{id}?beta=true": "beta.files.get",
            },
        ),
    ],
    ids=["nested", "verb", "plural", "single", "folder", "twins"],
)
def test_paths_make_resources(
    paths: dict[str, Any], names: dict[str, str], tmp_path: Path
) -> None:
    """Without tags each noun of a path is a resource, a verb at its end a method."""
    assert named(paths, tmp_path) == names


def test_nested_resources_send_what_they_should(tmp_path: Path) -> None:
    """Every place of the path is an argument, in order."""
    paths = {"/a/{x}/b/{y}": GET, "/a/{x}/b/{y}/c/{z}": GET}
    with called(document(paths), tmp_path, reply(200)) as (client, server):
        client.a.b.c.get("1", "2", "3")
    assert server.received[0].target == "/a/1/b/2/c/3"


def test_most_tags_decide(tmp_path: Path) -> None:
    """One operation without a tag does not take the others' away."""
    tagged = {"get": {"tags": ["Pets"], "responses": DONE}}
    paths = {"/x": tagged, "/y/z": tagged, "/users": GET}
    found = named(paths, tmp_path)
    assert set(found.values()) == {"pets.list_x", "pets.list_y_z", "users.list"}


@pytest.mark.parametrize(
    ("path", "given", "target"),
    [
        ("/a/{x}.json", ["1"], "/a/1.json"),
        ("/a/{x}-{y}", ["1", "2"], "/a/1-2"),
        ("/a/{x", [], "/a/%7Bx"),
        ("/a/x}", [], "/a/x%7D"),
        ("/a/{{x}}", ["1"], "/a/%7B1%7D"),
        ("/a/{}", ["1"], "/a/1"),
        ("/a b/é", [], "/a%20b/%C3%A9"),
        ("/a%20b/(c);d=1", [], "/a%20b/(c);d=1"),
        ("/a/{x}/b/{x}", ["1"], "/a/1/b/1"),
        ("a/{x}", ["1"], "/a/1"),
        ("/a:run", [], "/a:run"),
    ],
)
def test_odd_templates_are_sent_as_text(
    path: str, given: list[str], target: str, tmp_path: Path
) -> None:
    """What is no place is itself, and percent-encoded where a URL needs that."""
    (name,) = named({path: GET}, tmp_path).values()
    with called(document({path: GET}), tmp_path, reply(200)) as (client, server):
        attrgetter(name)(client)(*given)
    assert server.received[0].target == target


# -- the lock --------------------------------------------------------------------

TEXT = {"type": "string"}


def again(first: dict[str, Any], second: dict[str, Any], folder: Path) -> list[Output]:
    """Two runs, the second with the lock of the first."""
    one = job(first, folder)
    before = generate(one, Problems())
    one.locks.mkdir(parents=True, exist_ok=True)
    (one.locks / "names.lock").write_text(before.names)
    return [before, generate(job(second, folder), Problems())]


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = replies({"$ref": f"#/components/schemas/{name}"})
    return found


def write(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"post": {"requestBody": body, "responses": DONE, **more}}


OLD = document(
    {
        "/jobs/{id}/run": POST,
        "/jobs": {"get": {"responses": of("job-state")}},
        "/books": write(thing(limit=TEXT, fooBar=TEXT)),
    },
    {"job-state": thing(fooBar=TEXT)},
)
NEW = document(
    {
        "/Jobs": {"get": {"responses": of("JobState")}},
        "/jobs/{id}/run/{step}": GET,
        "/book": {"get": {"responses": of("Books")}},
        **OLD["paths"],
        "/books": write(
            thing(foo_bar=TEXT, limit=TEXT, fooBar=TEXT),
            parameters=[{"name": "limit", "in": "query", "schema": TEXT}],
        ),
    },
    {
        "JobState": thing(a=TEXT),
        "Books": thing(a=TEXT),
        "Jobs": thing(a=TEXT),
        "job-state": thing(foo_bar=TEXT, fooBar=TEXT),
        "uses": thing(a={"$ref": "#/components/schemas/Jobs"}),
    },
)


def test_nothing_old_is_renamed(tmp_path: Path) -> None:
    """New operations, schemas, members, parameters and classes take other names."""
    old, new = (json.loads(o.names) for o in again(OLD, NEW, tmp_path))
    for table in ("models", "params", "operations", "classes", "modules"):
        assert {k: new[table].get(k) for k in old[table]} == old[table], table
    for table in ("fields", "arguments"):
        for at, names in old[table].items():
            assert {k: new[table][at].get(k) for k in names} == names, at


def test_without_a_lock_the_newcomers_would_win(tmp_path: Path) -> None:
    """The case above is one: made afresh, old things have other names."""
    old = json.loads(generate(job(OLD, tmp_path), Problems()).names)
    new = json.loads(generate(job(NEW, tmp_path), Problems()).names)
    changed = {
        table
        for table in ("models", "operations", "classes", "arguments", "fields")
        for key, name in old[table].items()
        if new[table].get(key) != name
    }
    assert {"models", "operations", "classes", "arguments"} <= changed


def test_a_lock_that_was_edited_to_nonsense_is_not_followed(tmp_path: Path) -> None:
    """A name from a lock is a name, or is made anew."""
    one = job(OLD, tmp_path)
    names = json.loads(generate(one, Problems()).names)
    one.locks.mkdir(parents=True)
    for table in ("models", "classes", "modules"):
        names[table] = dict.fromkeys(names[table], "../x")
    (one.locks / "names.lock").write_text(json.dumps(names))
    output = generate(one, Problems())
    assert "resources/jobs.py" in output.files
