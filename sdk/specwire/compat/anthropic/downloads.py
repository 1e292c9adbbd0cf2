"""What ``files.download`` gives in the drop-in: a download that can be read twice.

The official one is read before the call returns. This one stays on the wire, so that
``write_to_file`` takes no memory; what is asked for whole is kept, as it is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ...core.download import Download
from ...core.wire import Headers, Reply
from .exchange import Readable


class Text(str):
    """The body as text; it may be called, which :class:`Download` has as a method."""

    __slots__ = ("_body",)
    _body: bytes

    @classmethod
    def of(cls, body: bytes, encoding: str) -> Text:
        text = cls(body.decode(encoding, "replace"))
        text._body = body
        return text

    def __call__(self, encoding: str = "utf-8") -> str:
        return self._body.decode(encoding)


class BinaryContent(Download, Readable):
    """A file's content: iterate for it, write it to a file, or have it whole."""

    _kept: bytes | None = None

    @property
    def response(self) -> Reply:
        """The reply: ``status_code``, ``headers``."""
        assert self._reply is not None, "a download is made of a reply"
        return self._reply

    @property
    def headers(self) -> Headers:
        return self.response.headers

    @property
    def charset_encoding(self) -> str | None:
        """The charset that the reply names."""
        named = "charset=" in self.headers.get("content-type", "").lower()
        return self.encoding if named else None

    def read(self) -> bytes:
        """The whole content, which is kept."""
        if self._kept is None:
            self._kept = super().read()
        return self._kept

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The content as it arrives, or in pieces of ``chunk_size`` bytes."""
        if self._kept is not None:
            self._chunks = iter((self._kept,))
        return super().iter_bytes(chunk_size)

    iter_raw = iter_bytes

    @property
    def text(self) -> Text:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Text.of(self.read(), self.encoding)

    def json(self, **options: Any) -> Any:
        """:raises ValueError: where the content is no JSON."""
        import json

        return json.loads(self.read(), **options)

    def write_to_file(
        self, path: str | os.PathLike[str], *, resume: bool = False
    ) -> int:
        """As :meth:`Download.write_to_file`; what was read whole is written again."""
        return super().write_to_file(path, resume=resume and self._kept is None)
