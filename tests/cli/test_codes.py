"""Each exit code, and the one sentence that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from specwire.cli import main
from specwire.sandbox import Sandbox

ASK = ("ask", "Hello", "--max-retries", "0")


def ended(words: Sequence[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, 1, "invalid_request_error"),
        (401, 4, "`specwire doctor` tells where the key comes from"),
        (403, 4, "the key is known, but may not do this"),
        (429, 5, "wait, or send less at a time"),
        (500, 1, "status 500"),
        (529, 1, "the service is full; ask again later"),
    ],
)
def test_a_refusal_has_its_code(
    here: Path,
    box: Sandbox,
    status: int,
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line on standard error, and nothing on standard output."""
    box.fail("POST /v1/messages", [status])
    assert ended(ASK) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("specwire ask: ")
    assert told in shown.err
    assert len(shown.err.splitlines()) == 1


def test_a_time_out(
    here: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is 6, and --timeout is named."""
    box.fail("POST /v1/messages", latency_s=5.0)
    assert ended((*ASK, "--timeout", "0.2")) == 6
    assert "--timeout SECONDS gives it longer" in capsys.readouterr().err


def test_no_server(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is 1; the network is to be looked at."""
    assert ended((*ASK, "--base-url", "http://127.0.0.1:9")) == 1
    assert "specwire doctor --online" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "Hello", "--file", "none.txt"),
        ("ask", "Hello", "--timeout", "0"),
        ("ask", "Hello", "--model", "nobody/nothing"),
        ("ask", "Hello", "--base-url", "ftp://x"),
        ("messages", "create"),
        ("messages", "create", "-d", "[]"),
        ("batch",),
        ("batch", "submit", "none.jsonl"),
        ("batch", "retry-failed", "msgbatch_unknown"),
        ("files", "upload", "none.txt"),
        ("workflows", "run", "w", "--input", "{"),
        ("workflows", "run", "w", "--watch", "--stream"),
        ("api", "GET", "https://elsewhere.example/v1"),
        ("api", "GET", "/v1/models", "-H", "Authorization: x"),
        ("api", "POST", "/v1/messages", "-d", "no json"),
        ("completion", "tcsh"),
        ("nonsense",),
    ],
)
def test_wrong_usage_is_2(
    here: Path, box: Sandbox, words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is sent."""
    assert ended(words) == 2
    shown = capsys.readouterr()
    assert (shown.out, box.requests) == ("", [])
    assert "specwire" in shown.err


def test_a_key_is_never_an_argument(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No command has an option for one."""
    from specwire.cli.completion import words

    flags = {flag for place in words() for flag in place.flags}
    assert {flag for flag in flags if "key" in flag or "token" in flag} <= {
        "--max-tokens"
    }
