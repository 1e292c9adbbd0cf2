"""Putting a finished output on disk, or comparing it with what is there.

Everything is in memory, and then under other names on disk, before the first file is
touched. Only files that differ are written; files that an earlier run made and this one
does not are deleted; a file that somebody edited by hand is never overwritten unless
asked.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
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
    beside: Mapping[Path, bytes] | None = None,
    kept: Path | None = None,
) -> Written:
    """Make ``out`` hold exactly ``files`` (of those the generator owns).

    ``beside`` is written with them, locks for instance; in the folder ``kept`` nothing
    else is left. All of it is on disk under other names before the first file of an
    earlier run is touched.

    :raises Edited: before anything is written.
    :raises OSError: with the old files as they were.
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
    gone = [n for n in old.files if n not in files and before.get(n) is not None]
    new = {_inside(out, name): _bytes(files[name]) for name in changed}
    new |= {p: raw for p, raw in (beside or {}).items() if _raw(p) != raw}
    old_copies = {*_files(kept)} - {*(beside or {})} if kept else set()
    _replace(new, [*(_inside(out, name) for name in gone), *sorted(old_copies)])
    for name in gone:
        _prune(_inside(out, name).parent, out)
    if kept and old_copies:
        _prune(kept, kept.parent)
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
    raw = _raw(_inside(out, name))
    return None if raw is None else raw.decode("utf-8", "surrogateescape")


def _raw(path: Path) -> bytes | None:
    """What a file holds; ``None`` where there is none.

    One that is there and cannot be read is an ``OSError``: it is not to be replaced.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []


def _replace(new: Mapping[Path, bytes], gone: Iterable[Path]) -> None:
    """All or nothing, as far as a disk allows: what can fail comes first."""
    ready: dict[Path, Path] = {}
    made: list[Path] = []
    try:
        for path, raw in new.items():
            _make(path.parent, made)
            temporary = path.with_name(f".{path.name}.new")
            ready[path] = temporary
            _put(temporary, raw)
    except BaseException:
        for temporary in ready.values():
            temporary.unlink(missing_ok=True)
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    with _uninterrupted():
        for path, temporary in ready.items():
            os.replace(temporary, path)
        for path in gone:
            path.unlink(missing_ok=True)


def _put(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        # What fails while writing, as a full disk does, does not say where.
        error.filename = error.filename or str(path)
        raise


def _make(folder: Path, made: list[Path]) -> None:
    """``folder`` with its parents; those that were missing are added to ``made``."""
    missing = [folder]
    while not missing[-1].exists() and missing[-1].parent != missing[-1]:
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        if not each.exists():
            each.mkdir()
            made.append(each)
        elif not each.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "this is no folder", str(each))


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C waiting for the short time in which the old becomes the new."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:  # Windows
        yield
        return
    before = mask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)


def _prune(folder: Path, stop: Path) -> None:
    """Remove folders that became empty, up to ``stop``."""
    while folder != stop and stop in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
