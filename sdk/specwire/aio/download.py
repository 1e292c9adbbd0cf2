"""``AsyncDownload``: a body of any size that is no stream of items, in a task."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from ..core.download import Download
from .twin import Iteration, Managed


class AsyncDownload(Managed[Download]):
    """A body of any size, read once; memory stays constant unless ``read`` is used."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.iter_bytes()

    def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body as it arrives, or in pieces of ``chunk_size`` bytes."""
        return Iteration(self._of.iter_bytes(chunk_size))

    async def read(self) -> bytes:
        """The whole body, or what is left of it."""
        return await self._run(self._of.read)

    async def text(self, encoding: str = "utf-8") -> str:
        """The whole body as text."""
        return await self._run(self._of.text, encoding)

    async def write_to_file(
        self, path: str | os.PathLike[str], *, resume: bool = False
    ) -> int:
        """Write the body to ``path``; returns its size in bytes.

        See :meth:`specwire.core.download.Download.write_to_file`.
        """
        return await self._run(self._of.write_to_file, path, resume=resume)

    async def close(self) -> None:
        """Stop; the connection is given up unless the body was read whole."""
        await self.aclose()
