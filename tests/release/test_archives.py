"""The checks of ``make dist`` see what is wrong with an archive."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

import pytest

from . import dist

GOOD = (
    "sdk/specwire/py.typed",
    "sdk/specwire/specs/anthropic.json",
    "sdk/specwire/providers/index.json",
    "LICENSE",
)


def sdist(folder: Path, files: dict[str, bytes], when: int = 0) -> Path:
    """An archive of ``files``, as setuptools makes them."""
    path = folder / "specwire-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"specwire-1/{name}")
            member.size, member.mtime, member.uname = len(content), when, "jane"
            archive.addfile(member, io.BytesIO(content))
    return path


def test_a_good_one_passes(tmp_path: Path) -> None:
    """Data, licence and nothing else: nothing is wrong."""
    assert dist.wrong(sdist(tmp_path, dict.fromkeys(GOOD, b"x"))) == []


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    """A file of data that was forgotten, and the licence."""
    found = dist.wrong(sdist(tmp_path, dict.fromkeys(GOOD[:2], b"x")))
    assert found == [f"{GOOD[2]} is missing", "the licence is missing"]


def test_strangers_are_found(tmp_path: Path) -> None:
    """Tests, caches, and a text that holds the path of this folder."""
    files = {**dict.fromkeys(GOOD, b"x"), "tests/a.py": b"", "sdk/b.pyc": b""}
    files["sdk/specwire/c.py"] = str(dist.ROOT).encode()
    assert dist.wrong(sdist(tmp_path, files)) == [
        "tests/a.py is not for users",
        "sdk/b.pyc is not for users",
        "specwire-1/sdk/specwire/c.py tells of this machine",
    ]


def test_problems_end_the_release() -> None:
    """Each is told with the archive's name."""
    with pytest.raises(dist.Failed, match=r"a\.whl: x is missing"):
        dist.complain("a.whl", ["x is missing"])


def test_a_settled_archive_tells_no_time_and_no_owner(tmp_path: Path) -> None:
    """Two that differ in times alone become the same bytes."""
    (tmp_path / "other").mkdir()
    one = sdist(tmp_path, {"a": b"1", "b": b"2"}, when=5)
    two = sdist(tmp_path / "other", {"b": b"2", "a": b"1"}, when=9)
    for archive in (one, two):
        dist.settle(archive, dist.ZIP_BEGINS)
    assert one.read_bytes() == two.read_bytes()
    assert b"jane" not in gzip.decompress(one.read_bytes())
    assert dist.names_of(one) == ["a", "b"]


def test_the_time_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """SOURCE_DATE_EPOCH, from 1980 on."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert dist.epoch() == 1_700_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert dist.epoch() == dist.ZIP_BEGINS


def test_what_is_no_python_is_passed_by(tmp_path: Path) -> None:
    """A file that cannot be run has no version; this interpreter has one."""
    assert dist.version_of(tmp_path / "python3.99") == ()
    assert dist.version_of(Path(sys.executable)) == sys.version_info[:2]
