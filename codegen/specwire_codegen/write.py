"""Putting a finished output on disk, or comparing it with what is there.

Everything is in memory before the first file is touched. Only files that differ are
written; files that an earlier run made and this one does not are deleted; a file that
somebody edited by hand is never overwritten unless asked.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from attrs import frozen

from .lock import Lock, digest


@frozen
class Written:
    """What a run did."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int


class Edited(Exception):
    """Files that are not as the generator left them; ``files`` names them."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = tuple(files)
        super().__init__(
            "these generated files were edited by hand: "
            + ", ".join(self.files)
            + "; move the changes to a mixin or an overlay, or use --force to lose them"
        )


def write(
    out: Path,
    files: Mapping[str, str],
    old: Lock,
    *,
    force: bool = False,
) -> Written:
    """Make ``out`` hold exactly ``files`` (of those the generator owns).

    :raises Edited: before anything is written.
    """
    before = {name: _read(out, name) for name in sorted({*files, *old.files})}
    edited = [
        name
        for name, text in before.items()
        if text is not None
        and digest(text) != old.files.get(name)
        and text != files.get(name)
    ]
    if edited and not force:
        raise Edited(edited)
    changed = [name for name in files if before[name] != files[name]]
    for name in changed:
        _put(_inside(out, name), files[name])
    gone = [n for n in old.files if n not in files and before.get(n) is not None]
    for name in gone:
        path = _inside(out, name)
        path.unlink()
        _prune(path.parent, out)
    return Written(tuple(changed), tuple(gone), len(files) - len(changed))


def drift(
    out: Path, files: Mapping[str, str], old: Lock, *, owned: Iterable[str]
) -> list[str]:
    """The difference between disk and ``files`` as unified diff lines; empty if none.

    ``owned`` are folders in which there may be nothing else.
    """
    lines: list[str] = []
    there = {*files, *old.files, *_found(out, owned)}
    for name in sorted(there):
        have, want = _read(out, name), files.get(name)
        if have == want:
            continue
        before = f"a/{name}" if have is not None else "/dev/null"
        after = f"b/{name}" if want is not None else "/dev/null"
        changes = difflib.unified_diff(
            (have or "").splitlines(),
            (want or "").splitlines(),
            before,
            after,
            lineterm="",
        )
        # An empty file that is missing, or too many, has no line that differs.
        lines += list(changes) or [f"--- {before}", f"+++ {after}"]
    return lines


def _found(out: Path, owned: Iterable[str]) -> list[str]:
    return [
        path.relative_to(out).as_posix()
        for folder in owned
        for path in sorted((out / folder).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


def _inside(out: Path, name: str) -> Path:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError(f"output file {name!r} would leave {out}")
    return out.joinpath(*pure.parts)


def _read(out: Path, name: str) -> str | None:
    try:
        return _inside(out, name).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None


def _put(path: Path, text: str) -> None:
    """Whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(text.encode("utf-8", "surrogateescape"))
    os.replace(temporary, path)


def _prune(folder: Path, stop: Path) -> None:
    """Remove folders that became empty, up to ``stop``."""
    while folder != stop and stop in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
