"""Writing: only what differs, never over somebody's edit, never outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from specwire_codegen.lock import Lock, digest, read_lock
from specwire_codegen.write import Edited, drift, write

FILES = {"models/a.py": "a = 1\n", "models/b.py": "b = 1\n"}


def lock(files: dict[str, str]) -> Lock:
    return Lock("1", {}, {name: digest(text) for name, text in files.items()})


def test_only_changed_files_are_written(tmp_path: Path) -> None:
    """A file that is as it should be is not touched."""
    assert write(tmp_path, FILES, Lock()).written == ("models/a.py", "models/b.py")
    before = (tmp_path / "models/a.py").stat().st_mtime_ns
    done = write(tmp_path, {**FILES, "models/b.py": "b = 2\n"}, lock(FILES))
    assert (done.written, done.unchanged) == (("models/b.py",), 1)
    assert (tmp_path / "models/a.py").stat().st_mtime_ns == before


def test_files_of_an_earlier_run_go(tmp_path: Path) -> None:
    """What the lock lists and this run does not make is deleted, empty folders too."""
    write(tmp_path, {**FILES, "old/c.py": ""}, Lock())
    write(tmp_path, FILES, lock({**FILES, "old/c.py": ""}))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["models"]


def test_files_of_others_stay(tmp_path: Path) -> None:
    """A file that no lock lists is not the generator's to delete."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/mine.py").write_text("x")
    write(tmp_path, FILES, Lock())
    assert (tmp_path / "models/mine.py").read_text() == "x"


@pytest.mark.parametrize("name", ["models/a.py", "models/c.py"])
def test_edited_files_are_refused(name: str, tmp_path: Path) -> None:
    """A file that is not as the generator left it is not overwritten, nor deleted."""
    old = {**FILES, "models/c.py": "c = 1\n"}
    write(tmp_path, old, Lock())
    (tmp_path / name).write_text("mine\n")
    with pytest.raises(Edited, match=name):
        write(tmp_path, {**FILES, "models/a.py": "a = 2\n"}, lock(old))
    assert (tmp_path / name).read_text() == "mine\n"
    assert (tmp_path / "models/b.py").read_text() == "b = 1\n"


def test_force_overwrites(tmp_path: Path) -> None:
    """``--force`` loses the edit."""
    write(tmp_path, FILES, Lock())
    (tmp_path / "models/a.py").write_text("mine\n")
    write(tmp_path, FILES, lock(FILES), force=True)
    assert (tmp_path / "models/a.py").read_text() == "a = 1\n"


def test_a_stranger_is_not_overwritten(tmp_path: Path) -> None:
    """A file that was there before the first run is somebody's."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models/a.py").write_text("mine\n")
    with pytest.raises(Edited):
        write(tmp_path, FILES, Lock())


@pytest.mark.parametrize("name", ["../a.py", "/a.py", "a/../../b.py"])
def test_nothing_is_written_outside(name: str, tmp_path: Path) -> None:
    """A file name that leaves the folder is an error."""
    with pytest.raises(ValueError, match="would leave"):
        write(tmp_path, {name: ""}, Lock())


def test_drift_shows_changed_missing_and_extra(tmp_path: Path) -> None:
    """Any difference in the owned folders is shown as a diff."""
    write(tmp_path, FILES, Lock())
    assert drift(tmp_path, FILES, lock(FILES), owned=["models"]) == []
    (tmp_path / "models/a.py").write_text("a = 2\n")
    (tmp_path / "models/b.py").unlink()
    (tmp_path / "models/c.py").write_text("c = 1\n")
    lines = drift(tmp_path, FILES, lock(FILES), owned=["models", "none"])
    assert [line for line in lines if line[:3] in ("---", "+++")] == [
        "--- a/models/a.py",
        "+++ b/models/a.py",
        "--- /dev/null",
        "+++ b/models/b.py",
        "--- a/models/c.py",
        "+++ /dev/null",
    ]


def test_a_broken_lock_is_an_empty_one(tmp_path: Path) -> None:
    """A lock that cannot be read lists nothing, so every file is somebody's."""
    path = tmp_path / "codegen.lock"
    assert read_lock(path) == Lock()
    path.write_text("{")
    assert read_lock(path) == Lock()
    path.write_text(lock(FILES).text())
    assert read_lock(path) == lock(FILES)
