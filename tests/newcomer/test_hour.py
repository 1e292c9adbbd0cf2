"""The first hour is as ``transcript.txt`` shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.house.test_readme import README

from .first_hour import HELLO, TRANSCRIPT, differences, hour
from .session import Session, steady

SHELL = pytest.mark.skipif(os.name == "nt", reason="a shell")


@SHELL
@pytest.mark.soak
def test_the_hour_is_as_it_was(tmp_path: Path) -> None:
    """Typed anew in a clean environment, it reads the same."""
    assert "".join(differences(TRANSCRIPT.read_text("utf-8"), hour(tmp_path))) == ""


def test_the_transcript_tells_of_no_machine() -> None:
    """It has no path, key or port of the machine that it was made on."""
    text = TRANSCRIPT.read_text("utf-8")
    assert steady(text, {str(Path.home()): "HOME"}) == text
    assert "/tmp" not in text


def test_the_first_program_is_the_readmes() -> None:
    """What is typed is what stands there."""
    assert f"```python\n{HELLO}```" in README


def test_what_differs_is_made_the_same() -> None:
    """Ids, ports and times have a sign; a traceback is its last line."""
    told = (
        "sandbox on http://127.0.0.1:43157, request req_idAwooYDKt94b55x1, 435 ms\n"
        "Traceback (most recent call last):\n"
        '  File "/x/hello.py", line 3, in <module>\n'
        "    hello()\n"
        "ValueError: no\n"
    )
    assert steady(told, {}) == (
        "sandbox on http://127.0.0.1:PORT, request req_…, … ms\n"
        "Traceback …\n"
        "ValueError: no\n"
    )


@SHELL
def test_a_session_is_kept(tmp_path: Path) -> None:
    """Files, commands, variables and exit codes, in the order they came."""
    session = Session(tmp_path)
    session.file("a.txt", "one\n")
    session.export("WORD", "two")
    session.type("cat a.txt; echo $WORD; exit 3")
    assert session.transcript({}) == (
        "$ edit a.txt\n    one\n$ export WORD=two\n"
        "$ cat a.txt; echo $WORD; exit 3\none\ntwo\n[exit code 3]\n"
    )


@SHELL
def test_an_interruption_is_kept(tmp_path: Path) -> None:
    """What came before Ctrl-C, and the code of an interrupted program."""
    code = "import signal, time\nprint('go', flush=True)\nsignal.pause()\n"
    (tmp_path / "a.py").write_text(code)
    session = Session(tmp_path)
    session.env["PY"] = sys.executable
    session.interrupt('"$PY" a.py', after="go")
    told = session.transcript({})
    assert told.startswith('$ "$PY" a.py\ngo\n^C\nTraceback …\nKeyboardInterrupt\n')
    assert told.endswith("[exit code 130]\n")


def test_a_change_is_found() -> None:
    """Another line is shown as a difference."""
    assert differences("a\nb\n", "a\nb\n") == []
    assert "+c\n" in differences("a\nb\n", "a\nc\n")
