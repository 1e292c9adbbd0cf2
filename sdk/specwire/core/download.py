"""``Download``: a body of any size that is no stream of items."""

from __future__ import annotations

import os
from collections.abc import Iterator

from . import hooks as _hooks
from .errors import SpecwireError
from .stream import Body


class Download(Body):
    """A body of any size, read once; memory stays constant unless ``read`` is used.

    >>> client.files.download(file_id).write_to_file("report.pdf")  # doctest: +SKIP
    """

    _told = False

    def _ended(self, outcome: BaseException | None) -> None:
        told, self._told = self._told, True
        if self._hooks and not told:
            _hooks.end(self._hooks, self._call, outcome)

    def close(self) -> None:
        super().close()
        self._ended(GeneratorExit())

    def __iter__(self) -> Iterator[bytes]:
        return self.iter_bytes()

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body as it arrives, or in pieces of ``chunk_size`` bytes.

        :raises APIConnectionError: where it breaks off before its end.
        """
        if chunk_size is None:
            yield from self._arriving()
            return
        rest = bytearray()
        for chunk in self._arriving():
            rest += chunk
            while len(rest) >= chunk_size:
                yield bytes(rest[:chunk_size])
                del rest[:chunk_size]
        if rest:
            yield bytes(rest)

    def _arriving(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except SpecwireError as error:
            error.request_id = self._request_id
            error.attempts = self._call.attempts_made
            self._ended(error)
            raise
        else:
            self._ended(None)
        finally:
            self.close()

    def read(self) -> bytes:
        """The whole body, or what is left of it."""
        return b"".join(self.iter_bytes())

    def text(self, encoding: str = "utf-8") -> str:
        """The whole body as text."""
        return self.read().decode(encoding)

    def write_to_file(
        self, path: str | os.PathLike[str], *, resume: bool = False
    ) -> int:
        """Write the body to ``path``; returns its size in bytes.

        A body that breaks off leaves no file: it is written beside it first. What is
        no regular file (a device, a pipe) is written to directly.

        :param resume: where the server allows ranges, go on behind a break, and keep
            what has arrived (``path.part``) for the next call that resumes. A file that
            has changed since begins again; without ranges it is as without ``resume``.
        """
        target = os.fspath(path)
        if os.path.exists(target) and not os.path.isfile(target):
            with open(target, "wb") as file:
                return sum(file.write(chunk) for chunk in self.iter_bytes())
        if resume:
            from .resuming import write_resumed

            return write_resumed(self, target)
        part = f"{target}.part"
        if os.path.exists(f"{part}.etag"):
            os.unlink(f"{part}.etag")  # what it tells of is about to be overwritten
        size = 0
        try:
            with open(part, "wb") as file:
                for chunk in self.iter_bytes():
                    size += file.write(chunk)
            os.replace(part, target)
        except BaseException:
            if os.path.exists(part):
                os.unlink(part)
            raise
        return size
