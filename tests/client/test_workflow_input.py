"""What goes into a run: fields, files, and what cannot be sent."""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, errors

from ..scripted import ScriptedServer, reply, serving

OK = reply(200, {"success": True, "output": {}})
DONE = reply(200, {"data": {"runId": "r", "status": "completed", "output": {}}})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving(OK, OK, OK) as it:
        yield it


def asked(url: str, **options: Any) -> Client:
    return Client(api_keys={"sim": "sk-1"}, base_urls={"sim": url}, **options)


def sent(server: ScriptedServer, value: Any) -> Any:
    asked(server.url, api_version="v1").execute_workflow("wf_1", value)
    return server.received[-1].json()


def content(file: Any) -> bytes:
    """The bytes of a file as it was sent."""
    head, _, data = file["data"].partition(",")
    assert file["type"] == "file"
    assert head == f"data:{file['mime']};base64"
    return base64.b64decode(data)


# -- where it goes ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "v1", "v2"),
    [
        (None, {}, {}),
        ({}, {}, {}),
        ({"m": 1}, {"m": 1}, {"m": 1}),
        ([1, 2], {"input": [1, 2]}, {"input": [1, 2]}),
        ("text", {"input": "text"}, {"input": "text"}),
        (0, {"input": 0}, {"input": 0}),
        ({"input": {"q": 1}}, {"input": {"q": 1}}, {"input": {"q": 1}}),
        ({"stream": "river", "m": 1}, {"input": {"stream": "river", "m": 1}}, None),
        ({"input": 1, "m": 1}, {"input": {"input": 1, "m": 1}}, None),
        ({"workflowId": "x"}, {"input": {"workflowId": "x"}}, None),
        ({"triggerBlockId": "x"}, {"input": {"triggerBlockId": "x"}}, None),
    ],
)
def test_input_is_where_each_server_reads_it(value: Any, v1: Any, v2: Any) -> None:
    """At the root for v1, unless a field would be lost; always inside for v2."""
    with serving(OK, DONE) as server:
        asked(server.url, api_version="v1").execute_workflow("wf_1", value)
        asked(server.url, api_version="v2").execute_workflow("wf_1", value)
    assert server.received[0].json() == v1
    assert server.received[1].json() == {"input": value if v2 is None else v2}


def test_stream_and_fields_stand_side_by_side() -> None:
    """Options of the run are beside the input, also where that is nested."""
    with serving(OK) as server:
        asked(server.url).execute_workflow("wf_1", {"stream": "river"}, stream=True)
    assert server.received[0].json() == {"input": {"stream": "river"}, "stream": True}


def test_input_is_given_once() -> None:
    """``input_data`` and ``input`` are two names of one thing."""
    with pytest.raises(TypeError, match="not both"):
        asked("http://127.0.0.1:1").execute_workflow("wf_1", {}, input={})


# -- files ------------------------------------------------------------------------


def test_files_of_every_kind_become_data_urls(
    server: ScriptedServer, tmp_path: Path
) -> None:
    """Paths, open files, bytes and named content, each with name and media type."""
    path = tmp_path / "räport.pdf"
    path.write_bytes(b"%PDF")
    with open(path, "rb") as opened:
        body = sent(
            server,
            {
                "path": path,
                "open": opened,
                "bytes": b"raw",
                "array": bytearray(b"raw"),
                "memory": io.BytesIO(b"mem"),
                "named": ("a.csv", b"1,2"),
                "typed": ("a.bin", io.BytesIO(b"x"), "image/png"),
                "text": ("a.txt", io.StringIO("ü")),
                "deep": [{"more": (path.name, path)}],
            },
        )
    files = {**body, "deep": body["deep"][0]["more"]}
    assert {name: (f["name"], f["mime"], content(f)) for name, f in files.items()} == {
        "path": ("räport.pdf", "application/pdf", b"%PDF"),
        "open": ("räport.pdf", "application/pdf", b"%PDF"),
        "bytes": ("file", "application/octet-stream", b"raw"),
        "array": ("file", "application/octet-stream", b"raw"),
        "memory": ("file", "application/octet-stream", b"mem"),
        "named": ("a.csv", "text/csv", b"1,2"),
        "typed": ("a.bin", "image/png", b"x"),
        "text": ("a.txt", "text/plain", "ü".encode()),
        "deep": ("räport.pdf", "application/pdf", b"%PDF"),
    }


def test_text_files_keep_their_bytes(server: ScriptedServer, tmp_path: Path) -> None:
    """A file that was opened as text is sent as it is, whatever its encoding."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo \xff\x00")
    with open(path, encoding="utf-8") as file:
        body = sent(server, {"file": file})
    assert content(body["file"]) == b"one\r\ntwo \xff\x00"


def test_what_was_read_of_a_file_is_not_sent(
    server: ScriptedServer, tmp_path: Path
) -> None:
    """A file is sent from where it stands."""
    path = tmp_path / "a.txt"
    path.write_text("first\nsecond\n")
    with open(path) as file:
        assert file.readline() == "first\n"
        assert content(sent(server, {"file": file})["file"]) == b"second\n"


@pytest.mark.parametrize("mode", ["rb", "r"])
def test_pipes_can_be_sent(server: ScriptedServer, mode: str) -> None:
    """What has no position and a number for a name is read as it comes."""
    read, write = os.pipe()
    with os.fdopen(write, "wb") as end:
        end.write(b"through a pipe")
    with os.fdopen(read, mode) as file:
        body = sent(server, {"file": file})
    assert content(body["file"]) == b"through a pipe"
    assert body["file"]["name"] == "file"


def test_unbuffered_files_are_read_to_their_end(
    server: ScriptedServer, tmp_path: Path
) -> None:
    """A raw file may give less than it was asked for."""
    path = tmp_path / "raw"
    path.write_bytes(b"x" * 300_000)
    with open(path, "rb", buffering=0) as file:
        assert len(content(sent(server, [file])["input"][0])) == 300_000


def test_an_empty_file_is_a_file(server: ScriptedServer) -> None:
    """No bytes are sent as a data URL without data."""
    assert content(sent(server, {"f": ("a.txt", b"")})["f"]) == b""


def test_ready_made_files_and_tuples_of_text_stay_what_they_are(
    server: ScriptedServer,
) -> None:
    """What the caller converted is sent as it is; a tuple of text is a list."""
    made = {"type": "url", "data": "https://h/a.txt", "name": "a.txt"}
    body = sent(
        server, {"files": [made], "pair": ("a.txt", "text"), "path": "/etc/hosts"}
    )
    assert body == {"files": [made], "pair": ["a.txt", "text"], "path": "/etc/hosts"}


def test_files_are_read_once_for_both_contracts() -> None:
    """An input that is sent by v1 and then by v2 is the same in both."""
    with serving(reply(404, b""), DONE) as server:
        asked(server.url).execute_workflow("wf_1", {"f": io.BytesIO(b"once")})
    first, second = (r.json() for r in server.received)
    assert second == {"input": first}
    assert content(first["f"]) == b"once"


def test_files_beside_a_control_name_go_to_v2() -> None:
    """The older server reads files at the root only, where that name means another
    thing."""
    value = {"stream": "river", "f": ("a.txt", b"x")}
    with serving(DONE) as server:
        asked(server.url).execute_workflow("wf_1", value)
        assert server.received[0].target == "/api/v2/workflows/wf_1/execute"
        with pytest.raises(errors.RequestValidationError, match="v2"):
            asked(server.url, api_version="v1").execute_workflow("wf_1", value)


def test_a_file_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    """A path that is not there, a folder, a closed file: with the place of each."""
    closed = io.BytesIO(b"")
    closed.close()
    for odd in (tmp_path / "none", tmp_path, closed):
        with pytest.raises(errors.RequestValidationError) as caught:
            asked("http://127.0.0.1:1").execute_workflow("wf_1", {"a": [odd]})
        assert caught.value.pointer == "/input/a/0"


def test_limits_are_checked_before_anything_is_sent() -> None:
    """20 MB a file, 10 MB a request."""
    with serving() as server:
        client = asked(server.url)
        with pytest.raises(errors.RequestValidationError, match="20 MB") as caught:
            client.execute_workflow("wf_1", {"f": ("a", bytes((20 << 20) + 1))})
        assert caught.value.pointer == "/input/f"
        with pytest.raises(errors.RequestValidationError, match="10 MB"):
            client.execute_workflow("wf_1", {"f": ("a", bytes(8 << 20))})
        with pytest.raises(errors.RequestValidationError, match="10 MB"):
            client.execute_workflow("wf_1", {"text": "x" * (10 << 20)})
    assert server.received == []


# -- what JSON has not ------------------------------------------------------------


@pytest.mark.parametrize(
    ("odd", "hint"),
    [
        (dt.datetime(2026, 1, 1), "isoformat"),
        (dt.date(2026, 1, 1), "isoformat"),
        (dt.timedelta(1), "total_seconds"),
        (Decimal("1.5"), "str"),
        ({1, 2}, "list"),
        (frozenset(), "list"),
        (float("nan"), "JSON"),
        (object(), "JSON"),
    ],
)
def test_what_json_cannot_say_is_refused(odd: Any, hint: str) -> None:
    """The error names the place and says what to write instead."""
    with serving() as server:
        with pytest.raises(errors.RequestValidationError, match=hint) as caught:
            asked(server.url).execute_workflow("wf_1", {"a": [{"when": odd}]})
    assert caught.value.pointer.endswith("/a/0/when")
    assert server.received == []


def test_an_input_that_contains_itself_is_refused() -> None:
    """A circle is found; the same object twice is none."""
    circle: dict[str, Any] = {}
    circle["self"] = [circle]
    twice = {"x": 1}
    with serving(OK) as server:
        client = asked(server.url)
        with pytest.raises(errors.RequestValidationError, match="contains itself"):
            client.execute_workflow("wf_1", circle)
        client.execute_workflow("wf_1", {"a": twice, "b": twice})
    assert server.received[0].json() == {"a": {"x": 1}, "b": {"x": 1}}


def test_input_that_is_nested_very_deeply_is_refused() -> None:
    """No RecursionError leaves the client."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(errors.RequestValidationError, match="deep"):
        asked("http://127.0.0.1:1").execute_workflow("wf_1", deep)
    while deep:  # taken apart one by one: freeing it whole recurses too
        deep = deep.pop()
