"""What single commands do besides their usual output."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from specwire.cli import kept_batches, main
from specwire.sandbox import Sandbox

Caught = pytest.CaptureFixture[str]


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What is piped in."""
    stream = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    monkeypatch.setattr("sys.stdin", stream)


# -- api -------------------------------------------------------------------------------


def test_headers_that_sign_in_are_masked(
    here: Path, box: Sandbox, capsys: Caught
) -> None:
    """Cookies, and the key wherever a server repeats it."""
    key = box.api_keys["anthropic"]
    told = {"set-cookie": "session=s3", "x-echo": f"key {key}"}
    box.fail("GET /v1/models", headers=told)
    assert main(["api", "GET", "/v1/models", "--json"]) == 0
    text = capsys.readouterr().out
    found = json.loads(text)
    assert (found["headers"]["set-cookie"], found["headers"]["x-echo"]) == (
        "***",
        "key ***",
    )
    assert (found["status"], list(found)) == (200, ["body", "headers", "status"])
    assert key not in text


def test_a_raw_request_is_tried_again(here: Path, box: Sandbox, capsys: Caught) -> None:
    """As every call is."""
    box.fail("GET /v1/models", [529], retry_after=0.01)
    assert main(["api", "GET", "/v1/models"]) == 0
    assert len(box.requests) == 2


def test_a_stream_is_printed_as_it_comes(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    """The bytes of the server, with a body from standard input."""
    body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "stream": True}
    messages = [{"role": "user", "content": "Hi"}]
    type_in(monkeypatch, json.dumps({**body, "messages": messages}))
    assert main(["api", "POST", "/v1/messages", "-d", "-"]) == 0
    assert capsys.readouterr().out.startswith("event: message_start\n")


def test_bytes_are_sent_as_they_were_typed(
    here: Path, box: Sandbox, capsys: Caught
) -> None:
    """What is no UTF-8 too; where JSON is wanted, that is wrong usage."""
    typed = os.fsdecode(b"\xff!")
    plain = "Content-Type: text/plain"
    assert main(["api", "POST", "/v1/messages", "-d", typed, "-H", plain]) != 2
    assert bytes(box.requests[0].body) == b"\xff!"
    assert main(["api", "POST", "/v1/messages", "-d", typed]) == 2
    assert "-d: expected text in UTF-8, got byte 0xff" in capsys.readouterr().err


# -- files -----------------------------------------------------------------------------


def uploaded(folder: Path, capsys: Caught, name: str = "a.bin") -> str:
    (folder / name).write_bytes(bytes(range(256)))
    assert main(["files", "upload", name, "--json"]) == 0
    return str(json.loads(capsys.readouterr().out)["id"])


def test_a_download_has_the_files_own_name(
    here: Path, capsys: Caught, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written over unasked, and no part is left."""
    id = uploaded(here, capsys)
    assert main(["files", "download", id]) == 2
    assert "--force writes over it" in capsys.readouterr().err
    (here / "in").mkdir()
    assert main(["files", "download", id, "-o", "in", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "id": id,
        "path": os.path.join("in", "a.bin"),
        "size_bytes": 256,
    }
    assert (here / "in" / "a.bin").read_bytes() == bytes(range(256))
    assert os.listdir(here / "in") == ["a.bin"]


def test_a_download_that_breaks_off_leaves_what_was_there(
    here: Path, box: Sandbox, capsys: Caught
) -> None:
    """Whole, and nothing beside it."""
    id = uploaded(here, capsys)
    box.fail("GET /v1/files/*/content", cut_after=100)
    words = ["files", "download", id, "--force", "--max-retries", "0"]
    assert main(words) == 1
    assert (here / "a.bin").read_bytes() == bytes(range(256))
    assert sorted(os.listdir(here)) == ["a.bin"]


@pytest.mark.parametrize("name", ["../up.txt", "/etc/x", "..", "a\\b.txt", "a\nb"])
def test_a_name_from_the_server_stays_in_the_folder(name: str) -> None:
    """Whatever it says."""
    from specwire.cli.files import _own_name

    found = _own_name(name)
    assert not set(found) & set("/\\\n")
    assert found not in (".", "..")


# -- batches ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "p.jsonl, line 1: expected JSON"),
        ("\n[1]", "p.jsonl, line 2: expected an object or a text"),
        ('{"a": 1}', 'line 1: expected "params", "messages" or "prompt"'),
        ("[" * 100_000, "p.jsonl, line 1: expected JSON"),
        (
            '{"custom_id": "a", "prompt": "x"}\n\n{"custom_id": "a", "prompt": "y"}',
            "p.jsonl, line 3: custom_id 'a' is that of line 1 as well",
        ),
        ("", "p.jsonl: holds no requests"),
    ],
)
def test_a_line_that_is_no_request_is_named(
    here: Path, box: Sandbox, text: str, told: str, capsys: Caught
) -> None:
    """And nothing is sent."""
    (here / "p.jsonl").write_text(text)
    assert main(["batch", "submit", "p.jsonl"]) == 2
    assert told in capsys.readouterr().err
    assert box.requests == []


def test_requests_are_kept_for_their_owner(
    here: Path, box: Sandbox, capsys: Caught
) -> None:
    """Under the batch's name; ``--no-keep`` keeps none, a refused batch neither."""
    (here / "p.jsonl").write_text('"One"\n')
    assert main(["batch", "submit", "p.jsonl"]) == 0
    (name,) = os.listdir(kept_batches.folder())
    assert name == f"{capsys.readouterr().out.strip()}.jsonl"
    mode = os.stat(os.path.join(kept_batches.folder(), name)).st_mode
    assert mode & 0o077 == 0
    assert main(["batch", "submit", "p.jsonl", "--no-keep"]) == 0
    box.fail("POST /v1/messages/batches", [400])
    assert main(["batch", "submit", "p.jsonl"]) == 1
    assert os.listdir(kept_batches.folder()) == [name]


def test_requests_of_old_batches_are_forgotten(here: Path) -> None:
    """With their results, after 29 days."""
    kept = kept_batches.Kept([{"custom_id": "a"}])
    kept.named("msgbatch_old")
    path = Path(kept_batches.folder(), "msgbatch_old.jsonl")
    os.utime(path, (0, 0))
    kept_batches.tidy()
    assert not path.exists()


def test_results_go_to_a_file(here: Path, box: Sandbox, capsys: Caught) -> None:
    """Which is whole or not there; failed rows are exit code 3."""
    bad = {"custom_id": "bad", "params": {"messages": [], "max_tokens": 1}}
    (here / "p.jsonl").write_text(f'"One"\n{json.dumps(bad)}\n')
    assert main(["batch", "submit", "p.jsonl"]) == 0
    id = capsys.readouterr().out.strip()
    box.fail("GET /v1/messages/batches/*/results", [404])
    assert main(["batch", "results", id, "-o", "out.jsonl"]) == 1
    assert not (here / "out.jsonl").exists()
    assert main(["batch", "watch", id, "--poll", "0.01", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["request_counts"]["errored"] == 1
    assert main(["batch", "results", id, "-o", "out.jsonl"]) == 3
    rows = [json.loads(line) for line in (here / "out.jsonl").read_text().splitlines()]
    assert {row["custom_id"]: row["result"]["type"] for row in rows} == {
        "line-1": "succeeded",
        "bad": "errored",
    }
    assert sorted(p.name for p in here.glob("*.part")) == []


def test_failed_rows_of_another_machine(here: Path, capsys: Caught) -> None:
    """Are sent again from the file that they were in."""
    bad = {"custom_id": "bad", "params": {"messages": [], "max_tokens": 1}}
    (here / "p.jsonl").write_text(f'"One"\n{json.dumps(bad)}\n')
    main(["batch", "submit", "p.jsonl", "--no-keep"])
    id = capsys.readouterr().out.strip()
    main(["batch", "watch", id, "--poll", "0.01"])
    capsys.readouterr()
    assert main(["batch", "retry-failed", id, "--input", "p.jsonl", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["request_counts"]
    assert counts["processing"] == 1


# -- workflows -------------------------------------------------------------------------


def test_a_refused_run_is_a_failure(here: Path, box: Sandbox, capsys: Caught) -> None:
    """Nothing is printed but why."""
    box.fail("POST /api/workflows/*/execute", [500])
    words = ["workflows", "run", "wf_demo", "--input", "{}", "--max-retries", "0"]
    assert main(words) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err[:22]) == ("", "specwire workflows: wo")


def test_a_wait_ends_in_time(here: Path, box: Sandbox, capsys: Caught) -> None:
    """``--timeout`` is of the whole wait: exit code 6."""
    assert main(["workflows", "run", "wf_demo", "--background"]) == 0
    id = capsys.readouterr().out.strip()
    box.fail("GET /api/jobs/*", latency_s=3.0)
    assert main(["jobs", "wait", id, "--timeout", "0.3", "--poll", "0.05"]) == 6


# -- ask -------------------------------------------------------------------------------


def test_files_are_asked_about(here: Path, box: Sandbox, capsys: Caught) -> None:
    """Texts by name, pictures as such; the words come last."""
    (here / "a.txt").write_text("Some text")
    (here / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    words = ["ask", "What?", "--file", "a.txt", "--file", "p.png", "--json"]
    main(words)
    body = json.loads(box.requests[-1].body)
    blocks = body["messages"][0]["content"]
    assert [block["type"] for block in blocks] == ["text", "image", "text"]
    assert blocks[0]["text"] == "File a.txt:\n\nSome text"
    assert blocks[2]["text"] == "What?"


def test_settings_fill_what_flags_leave_out(
    here: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    """System, tokens and model."""
    monkeypatch.setenv("SPECWIRE_SYSTEM", "Be brief.")
    monkeypatch.setenv("SPECWIRE_MAX_TOKENS", "77")
    assert main(["ask", "Hello", "--temperature", "0"]) == 0
    body = json.loads(box.requests[-1].body)
    assert (body["max_tokens"], body["temperature"]) == (77, 0)
    assert "Be brief." in json.dumps(body["system"])
