"""How the command ends: closed pipes, Ctrl-C, full disks, paths that are no good."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from specwire_codegen.cli import main
from specwire_codegen.options import parsed

from .building import HERE, reads, saved

ROOT = HERE.parents[1]
BOX = {"type": "object", "properties": {"a": {"type": "string"}}}
DATA = reads(Box=BOX)
MORE = reads(Box={**BOX, "title": "Crate"}, Lid=BOX)

AT_AN_EVENT = """
import os, signal, sys
name, wanted, *argv = sys.argv[1:]
def hook(event, args):
    if event == name and wanted in str(args[0]):
        os.kill(os.getpid(), signal.SIGINT)
sys.argv[1:] = argv
from specwire_codegen.cli import main
sys.addaudithook(hook)
sys.exit(main())
"""
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit, *argv = sys.argv[1:]
from specwire_codegen.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
sys.exit(main(argv))
"""


def run(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    """The interpreter with these words, in a process of its own."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'codegen'}"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, *map(str, words)],
        capture_output="stdout" not in more,
        text=True,
        env=env,
        timeout=60,
        **more,
    )


def there(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder, and what it holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def words(spec: Path, out: Path, command: str = "build") -> list[str]:
    return [command, str(spec), "-o", str(out), "--package", "shop"]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A package that an earlier run made."""
    assert main(words(saved(DATA, tmp_path), tmp_path / "out")) == 0
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("argv", "code"), [(["check"], 1), (["explain"], 0), (["--help"], 0)]
)
def test_a_reader_that_leaves_is_no_error(
    argv: list[str], code: int, built: Path, tmp_path: Path
) -> None:
    """The pipe's other end is closed: nothing is said, the exit code is as ever."""
    spec = saved(MORE, tmp_path, "more.json")
    if argv[0] != "--help":
        argv = [*words(spec, built, argv[0]), *(["Box"] if argv[0] != "check" else [])]
    end, pipe = os.pipe()
    os.close(end)
    with os.fdopen(pipe, "w") as stdout:
        done = run(
            *("-m", "specwire_codegen", *argv), stdout=stdout, stderr=subprocess.PIPE
        )
    assert (code, "") == (done.returncode, done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A full disk under standard output is said on standard error."""
    argv = ["-m", "specwire_codegen", "explain", saved(DATA, tmp_path), "Box"]
    with open("/dev/full", "w") as full:
        done = run(*argv, stdout=full, stderr=subprocess.PIPE)
    assert (2, "error: No space left on device\n") == (done.returncode, done.stderr)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("event", "file", "whole"),
    [
        ("open", "more.json", "old"),
        ("open", ".lid.py.new", "old"),
        ("open", ".codegen.lock.new", "old"),
        ("os.rename", ".lid.py.new", "new"),
    ],
)
def test_an_interrupted_build_is_all_or_nothing(
    event: str, file: str, whole: str, built: Path, tmp_path: Path
) -> None:
    """Ctrl-C ends in 130 without a traceback, with the old package or the new one."""
    spec = saved(MORE, tmp_path, "more.json")
    before = there(built)
    done = run("-c", AT_AN_EVENT, event, file, *words(spec, built))
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
    assert main(words(spec, tmp_path / "fresh")) == 0
    after = before if whole == "old" else there(tmp_path / "fresh")
    assert there(built) == after


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
@pytest.mark.parametrize("fresh", [True, False])
def test_a_full_disk_leaves_what_was_there(
    fresh: bool, built: Path, tmp_path: Path
) -> None:
    """A write that fails is a message and exit code 2; nothing half is left."""
    spec = saved(MORE, tmp_path, "more.json")
    out = tmp_path / "fresh" if fresh else built
    before = there(out)
    done = run("-c", LIMITED, "1000", *words(spec, out))
    assert done.returncode == 2
    assert re.fullmatch(r"error: .*\.new: File too large\n", done.stderr)
    assert there(out) == before
    assert out.exists() is not fresh


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["build", "none.json"], "none.json: error S001 cannot be read: No such file"),
        (["build", "folder"], "folder: error S001 this is a folder, expected"),
        (["build", "api.json", "--overlay", "no.json"], "no.json: error S001 cannot"),
        (["build", "--plan", "no.toml"], "no.toml: error S001 the plan cannot be read"),
        (["build", "--plan", "folder"], "folder: error S001 the plan cannot be read"),
        (["build", "api.json", "-o", "api.json"], "error: api.json: this is no folder"),
        (["build", "api.json", "-o", "x" * 300], "File name too long"),
        (["check", "none.json"], "none.json: error S001"),
        (["explain", "none.json", "Box"], "none.json: error S001"),
        (["explain", "api.json", "Bx"], "did you mean 'Box'?"),
        (["diff", "api.json", "none.json"], "none.json: error S001"),
        (["diff", "no.toml", "api.json"], "no.toml: error S001"),
    ],
)
def test_paths_that_are_no_good(
    argv: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each is one readable message and exit code 2, and nothing is written."""
    saved(DATA, tmp_path)
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api.json", "folder"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything"
)
def test_a_folder_that_may_not_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names it."""
    (tmp_path / "out").mkdir(mode=0o500)
    assert main(words(saved(DATA, tmp_path), tmp_path / "out")) == 2
    assert "out/shop: Permission denied" in capsys.readouterr().err


def test_a_folder_in_the_place_of_a_file(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not replaced, and neither is anything else."""
    (built / "shop/models/lid.py").mkdir()
    before = there(built)
    assert main(words(saved(MORE, tmp_path, "more.json"), built)) == 2
    assert "lid.py: Is a directory" in capsys.readouterr().err
    assert there(built) == before


@pytest.mark.parametrize("command", ["build", "check", "explain", "diff"])
def test_help_has_an_example_and_a_line_for_every_argument(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example stands before anything else that is explained."""
    with pytest.raises(SystemExit) as end:
        parsed([command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert f"examples:\n  specwire codegen {command} " in text.split("\n\n")[0]
    for argument in re.findall(r"^  (-\S.*|[A-Z]+.*)$", text, re.MULTILINE):
        assert re.search(r"\S  +\S|^\S+( \S+)*$", argument)
    assert len(re.findall(r"^  (?:-|[A-Z])", text, re.MULTILINE)) >= 8


def test_arguments_may_stand_anywhere(built: Path, tmp_path: Path) -> None:
    """Documents before and behind the flags are all documents."""
    spec, more = saved(DATA, tmp_path, "a.json"), saved(MORE, tmp_path, "b.json")
    found = parsed(["build", str(spec), "-o", "x", str(more), "--package", "y"])
    assert found.specs == [spec, more]
    found = parsed(["explain", str(spec), "-o", "x", "Box"])
    assert (found.specs, found.pointer) == ([spec], "Box")
    with pytest.raises(SystemExit):
        parsed(["build", str(spec), "--nope"])
