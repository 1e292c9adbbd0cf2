"""A memory in a folder of this machine, which no path of the model's can leave.

Paths are refused, never repaired: ``..``, backslashes, percent-encoded dots and
slashes, control characters. No symbolic link is followed, wherever it leads, and only
regular files are opened. What is read and written is bounded.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .memory import MemoryTool
from .protocol import ToolError

_ROOT = "/memories"
_BAD = re.compile(r"[\x00-\x1f\x7f\\:]")
_MOST_NAME = 200
_MOST_PATH = 500
_MOST_ENTRIES = 1_000


class LocalMemory(MemoryTool):
    """Keeps the model's ``/memories`` in the folder ``path``, which is made if missing.

    >>> memory = LocalMemory("notes")  # doctest: +SKIP
    >>> client.beta.messages.tool_runner(tools=[memory], ...)  # doctest: +SKIP

    :param max_file_bytes: the largest file that is written or read.
    :param max_files: the most files and folders there may be.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_file_bytes: int = 1_000_000,
        max_files: int = 10_000,
        cache_control: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(cache_control=cache_control)
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The folder itself may be given by a link; below it there are none.
        self._folder = folder.resolve(strict=True)
        self._max_bytes = max_file_bytes
        self._max_files = max_files

    def call(self, input: Any) -> str:
        try:
            return super().call(input)
        except OSError as error:
            # Its own text would tell where the folder really is.
            raise ToolError(f"memory: {error.strerror or 'not possible'}") from error

    # -- the commands ------------------------------------------------------------------

    def view(self, path: str, view_range: list[int] | None = None) -> str:
        place = self._found(path)
        if place.is_dir():
            if view_range is not None:
                raise ToolError(f"{path} is a folder; view_range is for files")
            return self._listing(path, place)
        lines = self._read(path, place).split("\n")
        first, last = _range(view_range, len(lines))
        shown = [f"{n:6}\t{lines[n - 1]}" for n in range(first, last + 1)]
        return "\n".join([f"{path}, with line numbers:", *shown])

    def create(self, path: str, file_text: str) -> str:
        place = self._place(path)
        if os.path.lexists(place):
            raise ToolError(
                f"{path} exists; use str_replace or insert, or delete it first"
            )
        if sum(1 for _ in self._all()) >= self._max_files:
            raise ToolError(f"there are {self._max_files} files already; delete some")
        with _told(path):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(path, place, file_text)
        return f"Created {path}"

    def str_replace(self, path: str, old_str: str, new_str: str = "") -> str:
        place = self._found(path)
        text = self._read(path, place)
        if not old_str:
            raise ToolError("old_str is empty; use insert to add text")
        count = text.count(old_str)
        if count != 1:
            at = [str(text.count("\n", 0, m) + 1) for m in _places(text, old_str)]
            where = f"{count} times, on lines {', '.join(at)}" if count else "nowhere"
            raise ToolError(
                f"old_str stands {where} in {path}; it must stand there once: nothing "
                "was changed"
            )
        self._write(path, place, text.replace(old_str, new_str))
        line = text.count("\n", 0, text.index(old_str)) + 1
        return f"Edited {path} at line {line}"

    def insert(self, path: str, insert_line: int, insert_text: str) -> str:
        place = self._found(path)
        text = self._read(path, place)
        lines = text.splitlines(keepends=True)
        if not 0 <= insert_line <= len(lines):
            raise ToolError(
                f"insert_line is {insert_line}; {path} has {len(lines)} lines, so "
                f"expected 0 to {len(lines)}"
            )
        before, after = lines[:insert_line], lines[insert_line:]
        if before and not before[-1].endswith("\n"):
            before[-1] += "\n"
        if after and not insert_text.endswith("\n"):
            insert_text += "\n"
        self._write(path, place, "".join([*before, insert_text, *after]))
        return f"Edited {path}: inserted after line {insert_line}"

    def delete(self, path: str) -> str:
        place = self._found(path)
        if place == self._folder:
            raise ToolError(f"{_ROOT} itself cannot be deleted")
        with _told(path):
            # rmtree does not go through links.
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        return f"Deleted {path}"

    def rename(self, old_path: str, new_path: str) -> str:
        old, new = self._found(old_path), self._place(new_path)
        if self._folder in (old, new):
            raise ToolError(f"{_ROOT} itself cannot be renamed")
        if os.path.lexists(new):
            raise ToolError(f"{new_path} exists; nothing was renamed")
        if old in new.parents:
            raise ToolError(f"{new_path} is inside {old_path}; nothing was renamed")
        with _told(new_path):
            new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            old.rename(new)
        return f"Renamed {old_path} to {new_path}"

    # -- from the model's paths to files -----------------------------------------------

    def _place(self, path: str) -> Path:
        """Where ``path`` lies in the folder; whether it exists is not said.

        :raises ToolError: for a path that might lead out of it.
        """
        if path != _ROOT and not path.startswith(f"{_ROOT}/"):
            raise ToolError(f"expected a path below {_ROOT}, got {path!r}")
        if len(path) > _MOST_PATH:
            raise ToolError(f"the path has more than {_MOST_PATH} characters")
        parts = [part for part in path[len(_ROOT) :].split("/") if part]
        for part in parts:
            if part.strip(" .") == "" or _BAD.search(part) or _encoded(part):
                raise ToolError(
                    f"{path!r} is no path for a memory: {part!r} is not a plain name"
                )
            try:
                size = len(part.encode())
            except UnicodeEncodeError:
                raise ToolError(f"{path!r} is not valid Unicode text") from None
            if size > _MOST_NAME:
                raise ToolError(f"a name in the path has more than {_MOST_NAME} bytes")
        place = self._folder
        for part in parts:
            place = place / part
            if place.is_symlink():
                raise ToolError(f"{path} goes through a link, which is not followed")
        if place.resolve() != place:
            raise ToolError(f"{path} is not below {_ROOT}")
        return place

    def _found(self, path: str) -> Path:
        place = self._place(path)
        if not place.exists():
            raise ToolError(f"{path} does not exist")
        return place

    def _read(self, path: str, place: Path) -> str:
        with _told(path):
            # Not blocking: a pipe in the folder would wait for a writer.
            flags = os.O_RDONLY | _flag("O_NOFOLLOW") | _flag("O_NONBLOCK")
            handle = os.open(place, flags | _flag("O_BINARY"))
            with open(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise ToolError(f"{path} is not a file")
                content = file.read(self._max_bytes + 1)
        if len(content) > self._max_bytes:
            raise ToolError(f"{path} is larger than {self._max_bytes} bytes")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise ToolError(f"{path} is not UTF-8 text") from None

    def _write(self, path: str, place: Path, text: str) -> None:
        """Whole or not at all: beside its place first."""
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise ToolError(
                "the text is not valid Unicode; nothing was written"
            ) from None
        if len(content) > self._max_bytes:
            raise ToolError(
                f"{path} would have {len(content)} bytes, more than {self._max_bytes}; "
                "nothing was written"
            )
        with _told(path):
            handle, part = tempfile.mkstemp(prefix=".part-", dir=place.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(content)
                os.replace(part, place)
            except BaseException:
                os.unlink(part)
                raise

    def _all(self) -> Iterator[str]:
        for _, folders, files in os.walk(self._folder):
            yield from folders
            yield from files

    def _listing(self, path: str, place: Path) -> str:
        """Two levels, hidden entries left out, folders with a slash."""
        lines = [f"{path}, two levels deep (size, path):"]
        root = path.rstrip("/")
        for entry in _entries(place):
            lines.append(_line(root, entry))
            if entry.is_dir(follow_symlinks=False):
                below = f"{root}/{entry.name}"
                lines += [_line(below, inner) for inner in _entries(Path(entry.path))]
        if len(lines) > _MOST_ENTRIES:
            left = len(lines) - _MOST_ENTRIES
            lines = [*lines[:_MOST_ENTRIES], f"... and {left} more"]
        return "\n".join(lines) if len(lines) > 1 else f"{path} is empty"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with _told(folder.name), os.scandir(folder) as found:
        seen = [e for e in found if not e.name.startswith(".") and not e.is_symlink()]
    return sorted(seen, key=lambda entry: entry.name)


def _line(root: str, entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        return f"-\t{root}/{entry.name}/"
    return f"{entry.stat(follow_symlinks=False).st_size}\t{root}/{entry.name}"


def _encoded(part: str) -> bool:
    """Whether it hides a dot, a slash or the like from a look at its text."""
    plain = unquote(part)
    return plain != part and bool(re.search(r"[./\\%\x00-\x1f]", plain))


def _range(view_range: list[int] | None, count: int) -> tuple[int, int]:
    first, last = view_range or (1, -1)
    last = count if last == -1 else min(last, count)
    if not 1 <= first <= count or last < first:
        raise ToolError(
            f"view_range is {view_range}; the file has {count} lines, so expected a "
            f"first line from 1 to {count} and a last line from there on, or -1"
        )
    return first, last


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _flag(name: str) -> int:
    return int(getattr(os, name, 0))


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    """The system's refusals in the model's words: without the folder's real place."""
    try:
        yield
    except OSError as error:
        raise ToolError(f"{path}: {error.strerror or type(error).__name__}") from error
