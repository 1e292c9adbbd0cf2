"""One process at a time: a lock on a file, which the system gives back at any death.

The file is removed with the lock, so that a lock a key does not leave a file a key. Not
for network file systems, which keep such locks badly.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Final

from .errors import LedgerFileError

_HELD: Final[set[int]] = set()


def _leave_to_parent() -> None:
    """A child of a fork has the lock as well, and would keep it when the parent dies.
    Closing does not give it back: that takes all who have it."""
    for fd in _HELD:
        os.close(fd)
    _HELD.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


@contextlib.contextmanager
def held(path: str, pause: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of ``path``; ``pause`` waits while another does, or raises.

    :raises LedgerFileError: where there can be no such file.
    """
    while (fd := _open(path)) is None:
        pause()
    _HELD.add(fd)
    try:
        yield
    finally:
        _HELD.discard(fd)
        with contextlib.suppress(OSError):  # Windows keeps open files
            os.unlink(path)
        os.close(fd)


def _open(path: str) -> int | None:
    try:
        return _taken(path)
    except FileNotFoundError as error:
        raise LedgerFileError(
            f"there is no folder {os.path.dirname(path)}; make it, or name another"
        ) from error
    except OSError as error:
        raise LedgerFileError(
            f"its lock cannot be had: {path}: {error.strerror}"
        ) from error


def _taken(path: str) -> int | None:
    """The open and locked file; ``None`` where another has it, or just removed it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if _locked(fd) and os.path.samestat(os.fstat(fd), os.stat(path)):
            return fd
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None


if os.name == "nt":  # pragma: no cover

    def _locked(fd: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:

    def _locked(fd: int) -> bool:
        import fcntl

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
