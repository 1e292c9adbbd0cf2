"""The generator's bench: its documents are what they say, its verdicts bite.

Nothing is timed here. The modules of ``bench/`` stand beside each other, as scripts do.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import codegen_documents  # noqa: E402
import codegen_measure  # noqa: E402
from codegen_peers import PACKAGE, PEERS, Generator  # noqa: E402

PYTHON = Path(sys.executable)


def peer(code: str) -> Generator:
    """A generator that is one line of Python."""
    return Generator("one", "", ("-c", code), PACKAGE, f"import {PACKAGE}")


def made(code: str, folder: Path) -> codegen_measure.Found:
    """The verdict on what such a generator leaves behind."""
    one, out = peer(code), folder / "out"
    spent = codegen_measure.generate(PYTHON, one, folder / "a.json", out)
    return codegen_measure.judged(PYTHON, one, out, [spent])


@pytest.mark.parametrize("count", [1, 7, 100])
def test_a_document_has_as_many_operations_as_asked(count: int, tmp_path: Path) -> None:
    """The number is exact, in JSON and in YAML."""
    document = codegen_documents.document(count)
    for name in ("a.json", "a.yaml"):
        text = codegen_documents.text_of(document, yaml=name == "a.yaml")
        (tmp_path / name).write_text(text, "utf-8")
        assert count == codegen_measure.operations_in(tmp_path / name)


def test_a_document_is_the_same_each_time() -> None:
    """Figures of two days are of one document."""
    one, two = (codegen_documents.document(20) for _ in range(2))
    assert codegen_documents.text_of(one) == codegen_documents.text_of(two)


def test_a_document_grows_with_its_operations() -> None:
    """Ten times the operations are about ten times the text."""
    sizes = [len(json.dumps(codegen_documents.document(n))) for n in (50, 500)]
    assert 8 < sizes[1] / sizes[0] < 12


def test_nothing_written_is_no_result(tmp_path: Path) -> None:
    """A generator that gives up is named with its exit code."""
    found = made("raise SystemExit(3)", tmp_path)
    assert ("exit 3, nothing written", None, 0) == (*found[:2], found.lines)


def test_a_module_that_cannot_be_imported_is_counted(tmp_path: Path) -> None:
    """The verdict tells how many modules fail, and no import time is given."""
    code = (
        f"import os; os.mkdir('{PACKAGE}');"
        f"open('{PACKAGE}/__init__.py', 'w').close();"
        f"open('{PACKAGE}/bad.py', 'w').write('import nothing_of_that_name')"
    )
    found = made(code, tmp_path)
    assert ("exit 0, 1 of 2 modules fail", None) == (found.verdict, found.import_ms)


def test_both_kinds_of_operations_are_counted(tmp_path: Path) -> None:
    """Records in resource modules and endpoint modules, whoever wrote them."""
    code = (
        "import os; from pathlib import Path;"
        "names = ['', 'resources', 'api'];"
        f"[os.makedirs('{PACKAGE}/' + name) for name in names[1:]];"
        f"[Path('{PACKAGE}', name, '__init__.py').touch() for name in names];"
        f"Path('{PACKAGE}/resources/a.py').write_text("
        "'class Operation:\\n  path = const_query = 0\\n  def __init__(self, method):'"
        "'\\n    self.method = method\\nA = Operation(1)\\nB = Operation(2)'"
        "'\\nAGAIN = Operation(2)');"
        f"Path('{PACKAGE}/api/b.py').write_text('def sync_detailed(): pass')"
    )
    found = made(code, tmp_path)
    assert ("exit 0, all 5 modules import", 3) == (found.verdict, found.operations)


def test_peak_memory_is_that_of_the_command(tmp_path: Path) -> None:
    """What the measuring process holds is not counted."""
    held = bytearray(b"x") * 200_000_000
    spent = codegen_measure.run([sys.executable, "-c", "pass"], tmp_path)
    assert (0, True) == (spent.exit, spent.peak_mb < 60)
    assert len(held) == 200_000_000


def test_every_peer_says_where_its_result_is(tmp_path: Path) -> None:
    """Commands name the document and the folder; versions of others are pinned."""
    for one in PEERS:
        arguments = " ".join(one.arguments(tmp_path / "a.json", tmp_path / "out"))
        assert str(tmp_path / "a.json") in arguments
        assert str(tmp_path / "out") in arguments
        assert "==" in one.install or one.name == "specwire"
