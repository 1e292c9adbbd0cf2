"""Streaming ``multipart/form-data`` bodies in constant memory.

A :class:`MultipartBody` is read like a file, so an HTTP library can send it block by
block; no file is ever held whole. It can be rewound for a second attempt where its
sources can. It does not send anything and does not decide about attempts.

Framing is RFC 7578; names are escaped as the WHATWG HTML standard has browsers do
(4.10.21.8), except that line breaks are refused, not escaped.

Longer than most modules: sources, parts and the body are one idea, and each source's
few lines are read best beside the promise (:class:`_Source`) that they keep.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import typing as t
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOBase

import attrs

from .errors import RequestValidationError

__all__ = [
    "FileContent",
    "FileInput",
    "FilePart",
    "MultipartBody",
    "MultipartError",
    "NotRewindable",
    "SourceChanged",
    "Watched",
]

FileContent: t.TypeAlias = (
    bytes | bytearray | memoryview | os.PathLike[str] | t.IO[bytes] | Iterable[bytes]
)
FileInput: t.TypeAlias = t.Union[
    FileContent,
    tuple[str | None, FileContent],
    tuple[str | None, FileContent, str | None],
    tuple[str | None, FileContent, str | None, Mapping[str, str]],
    "Watched",
]

BLOCK_BYTES = 65536

_DEFAULT_FILENAME = "upload"
_DEFAULT_CONTENT_TYPE = "application/octet-stream"
# Of the 70 characters RFC 2046 allows, those that need no quotes in a header.
_BOUNDARY = re.compile(r"[0-9A-Za-z'+_.-]{1,70}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\r\n\0]")


class MultipartError(RequestValidationError):
    """A multipart body could not be read to its end. It is a ``ValueError`` too."""

    # Not an OSError: HTTP libraries take one for a broken connection and hide it.


class NotRewindable(MultipartError):
    """Some of the body was read, and one of its sources cannot be read again."""


class SourceChanged(MultipartError):
    """A source is no longer as long as it was when the body was made."""


class _Source(t.Protocol):
    """Content of a part. ``begin`` starts a pass; ``read`` gives b"" at the end."""

    length: int | None
    rewindable: bool

    def begin(self) -> None: ...
    def read(self, n: int, /) -> bytes: ...
    def end(self) -> None: ...


class _Memory:
    rewindable = True

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(content).cast("B")
        self.length: int | None = len(self._view)
        self._at = 0

    def begin(self) -> None:
        self._at = 0

    def read(self, n: int, /) -> bytes:
        piece = bytes(self._view[self._at : self._at + n])
        self._at += len(piece)
        return piece

    def end(self) -> None:
        pass


class _File:
    """A caller's open binary file: read from where it stands, never closed."""

    def __init__(self, file: t.IO[bytes], where: str) -> None:
        self._file = file
        self._where = where
        self._start, self.length = _extent(file)
        self.rewindable = self._start is not None

    def begin(self) -> None:
        if self._start is not None:
            self._file.seek(self._start)

    def read(self, n: int, /) -> bytes:
        return _only_bytes(self._file.read(n), self._where)

    def end(self) -> None:
        pass


class _Path:
    """A file named by its path: opened when its turn comes, closed at its end."""

    def __init__(self, path: os.PathLike[str]) -> None:
        self._path = path
        self._file: t.IO[bytes] | None = None
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError(
                errno.EISDIR, "expected a file, got a folder", str(path)
            )
        # A pipe or device has no size, and what was read from it is gone.
        self.rewindable = stat.S_ISREG(info.st_mode)
        self.length = info.st_size if self.rewindable else None

    def begin(self) -> None:
        self.end()
        self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115

    def read(self, n: int, /) -> bytes:
        return self._file.read(n) if self._file is not None else b""

    def end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _Pieces:
    """An iterable of bytes: as long as it turns out to be."""

    length: int | None = None

    def __init__(self, pieces: Iterable[bytes], where: str) -> None:
        self._pieces = pieces
        self._where = where
        self._iterator: Iterator[bytes] | None = None
        self._left = _Memory(b"")
        self.rewindable = not isinstance(pieces, Iterator)

    def begin(self) -> None:
        self._iterator = iter(self._pieces)
        self._left = _Memory(b"")

    def read(self, n: int, /) -> bytes:
        while not (block := self._left.read(n)):
            piece = next(self._iterator, None) if self._iterator is not None else None
            if piece is None:
                break
            self._left = _Memory(_only_bytes(piece, self._where))
        return block

    def end(self) -> None:
        self._iterator = None


@attrs.frozen
class Watched:
    """A file in any form, and who is told how much of it was sent.

    ``progress`` is called with the bytes of the file sent so far and how many there
    are (``None`` where that is not known); a second attempt begins again at 0.
    """

    file: t.Any
    progress: t.Callable[[int, int | None], object]


class _Counted:
    """A source whose bytes are counted as they are read."""

    def __init__(self, source: _Source, progress: t.Any, where: str) -> None:
        self._source = source
        self._progress = progress
        self._where = where
        self._sent = 0
        self.length = source.length
        self.rewindable = source.rewindable

    def begin(self) -> None:
        self._source.begin()
        self._sent = 0
        self._tell()

    def read(self, n: int, /) -> bytes:
        piece = self._source.read(n)
        if piece:
            self._sent += len(piece)
            self._tell()
        return piece

    def end(self) -> None:
        self._source.end()

    def _tell(self) -> None:
        try:
            self._progress(self._sent, self.length)
        except Exception as error:
            # As itself it would be taken for a failure of the connection.
            raise MultipartError(
                f"{self._where}: progress raised {type(error).__name__}: {error}; the "
                "upload was given up"
            ) from error


@attrs.frozen
class FilePart:
    """A file to send, from any of the forms a caller may give it in.

    ``filename`` is None for a part without one (servers take it for a text field).
    ``source`` gives the bytes. Made by :meth:`of`.
    """

    filename: str | None
    source: _Source = attrs.field(repr=False)
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, value: FileInput, *, name: str) -> FilePart:
        """Normalise what was given for the form field ``name``.

        ``value`` is bytes, a path (``os.PathLike``), a binary file, an iterable of
        bytes, or a tuple ``(filename, content[, content_type[, headers]])``.

        :raises TypeError: for a ``str``, a file in text mode, or anything else.
        :raises ValueError: if a name or header holds CR, LF or NUL.
        :raises OSError: if a path cannot be looked up.
        """
        where = f"multipart field {name!r}"
        if isinstance(value, Watched):
            part = cls.of(value.file, name=name)
            counted = _Counted(part.source, value.progress, where)
            return attrs.evolve(part, source=counted)
        content: t.Any = value
        filename: str | None = None
        content_type: str | None = None
        headers: Mapping[str, str] | None = None
        if isinstance(value, tuple):
            filename, content, content_type, headers = _unpack(value, where)
        else:
            filename = _name_of(content)
        source = _source_of(content, where)
        kept = _part_headers(headers or {}, where)
        if content_type is None:
            content_type = kept.pop("content-type", None) or _guess_type(filename)
        elif "content-type" in kept:
            raise RequestValidationError(
                f"{where}: the content type is given twice, as {content_type!r} and "
                "in the headers; leave out one"
            )
        _refuse_control(content_type, f"{where}: content type")
        return cls(filename, source, content_type, tuple(kept.items()))


def with_type(value: FileInput, content_type: str) -> FileInput:
    """``value`` with a content type, unless it says its own."""
    if isinstance(value, Watched):
        return Watched(with_type(value.file, content_type), value.progress)
    if not isinstance(value, tuple):
        return (_name_of(value), value, content_type)
    if len(value) > 2 and (value[2] or len(value) > 3):
        return value
    return (value[0], value[1], content_type)


class MultipartBody:
    """A ``multipart/form-data`` body to be read once per attempt.

    ``fields`` are text fields ``(name, value)``, ``files`` are ``(name, file)`` with
    each file in a form that :meth:`FilePart.of` takes; both are sent in the order
    given, fields first. ``boundary`` is for tests; the default is random.
    """

    def __init__(
        self,
        fields: Iterable[tuple[str, str]] = (),
        files: Iterable[tuple[str, FileInput]] = (),
        *,
        boundary: str | None = None,
    ) -> None:
        boundary = os.urandom(16).hex() if boundary is None else boundary
        if not _BOUNDARY.fullmatch(boundary):
            raise RequestValidationError(
                "multipart boundary: expected 1 to 70 of the characters 0-9 A-Z a-z "
                f"' + _ . -, got {boundary!r}"
            )
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._sources: list[tuple[str, _Source]] = []
        for name, value in fields:
            if not isinstance(value, str):
                raise TypeError(
                    f"multipart field {name!r}: expected a str, got "
                    f"{type(value).__name__}; pass files as files="
                )
            self._add(name, _head(boundary, name), _Memory(_utf8(value, name)))
        for name, file in files:
            part = FilePart.of(file, name=name)
            self._add(name, _head(boundary, name, part), part.source)
        self._add("", f"--{boundary}--\r\n".encode(), None)
        self._restart()

    def _add(self, name: str, head: bytes, content: _Source | None) -> None:
        self._sources.append((name, _Memory(head)))
        if content is not None:
            self._sources.append((name, content))
            self._sources.append((name, _Memory(b"\r\n")))

    def _restart(self) -> None:
        self._next = 0
        self._current: _Source | None = None
        self._sent = 0
        self._started = False
        self._closed = False

    @property
    def length(self) -> int | None:
        """Bytes in the whole body; None if unknown (then it must be sent chunked)."""
        total = 0
        for _, source in self._sources:
            if source.length is None:
                return None
            total += source.length
        return total

    @property
    def rewindable(self) -> bool:
        """Whether the body can be sent again once some of it was read."""
        return all(source.rewindable for _, source in self._sources)

    def read(self, n: int = -1) -> bytes:
        """Return the next ``n`` bytes, fewer only at the end; all if negative.

        :raises SourceChanged: if a file has grown or shrunk since the body was made.
        :raises MultipartError: if a source cannot be read.
        """
        if self._closed:
            raise ValueError("multipart body: read after close(); rewind() it first")
        pieces: list[bytes] = []
        wanted = n
        while wanted:
            piece = self._read_some(BLOCK_BYTES if n < 0 else wanted)
            if not piece:
                break
            pieces.append(piece)
            if n > 0:
                wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(BLOCK_BYTES):
            yield block

    def rewind(self) -> None:
        """Go back to the start: paths are opened again, files go back to their place.

        :raises NotRewindable: if bytes were read and a source cannot give them again.
        """
        if self._started:
            for name, source in self._sources:
                if not source.rewindable:
                    raise NotRewindable(
                        f"multipart field {name!r}: the content was read and cannot "
                        "be read again for another attempt; pass bytes, a path or a "
                        "seekable file to allow attempts"
                    )
        self.close()
        self._restart()

    def close(self) -> None:
        """Close what the body opened itself; the caller's files stay open.

        Only :meth:`rewind` makes it readable again.
        """
        self._closed = True
        for _, source in self._sources:
            source.end()

    def _read_some(self, n: int) -> bytes:
        while self._next < len(self._sources):
            name, source = self._sources[self._next]
            try:
                piece = self._read_source(name, source, n)
            except OSError as error:
                self.close()
                raise MultipartError(
                    f"multipart field {name!r}: its content could not be read: {error}"
                ) from error
            except BaseException:
                # Read on after an error, the body would look complete.
                self.close()
                raise
            if piece:
                return piece
            source.end()
            self._current = None
            self._next += 1
        return b""

    def _read_source(self, name: str, source: _Source, n: int) -> bytes:
        if self._current is None:
            self._started = True
            source.begin()
            self._current, self._sent = source, 0
        expected = source.length
        if expected is None:
            return source.read(n)
        left = expected - self._sent
        # One byte is asked for past the end, to notice a file that has grown.
        piece = source.read(min(n, left) or 1)
        self._sent += len(piece)
        if self._sent > expected or (left and not piece):
            found = "grown" if self._sent > expected else f"{self._sent} bytes"
            raise SourceChanged(
                f"multipart field {name!r}: expected {expected} bytes, as when the "
                f"request was made, got {found}; is the file still being written?"
            )
        return piece


def _source_of(content: t.Any, where: str) -> _Source:
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _Memory(content)
    if isinstance(content, str):
        raise TypeError(
            f"{where}: expected bytes, a path or a binary file, got a str; use "
            "pathlib.Path(...) for a file on disk, .encode() for content"
        )
    if isinstance(content, os.PathLike):
        return _Path(content)
    if hasattr(content, "read"):
        return _File(_binary(content, where), where)
    if isinstance(content, Iterable) and not isinstance(content, Mapping):
        return _Pieces(content, where)
    raise TypeError(
        f"{where}: expected bytes, a path, a binary file, an iterable of bytes or a "
        f"tuple (filename, content), got {type(content).__name__}"
    )


def _binary(file: t.Any, where: str) -> t.IO[bytes]:
    if getattr(file, "closed", False) is True:
        raise RequestValidationError(
            f"{where}: expected an open file, got a closed one"
        )
    if isinstance(file, TextIOBase) or isinstance(file.read(0), str):
        raise TypeError(
            f"{where}: expected a binary file, got one in text mode; open it with "
            "mode 'rb'"
        )
    return t.cast("t.IO[bytes]", file)


def _extent(file: t.IO[bytes]) -> tuple[int | None, int | None]:
    """Where the file stands and how many bytes follow; None for what it cannot say."""
    try:
        start = file.tell()
        file.seek(start)
    except (AttributeError, OSError, ValueError):
        return None, None
    try:
        file.seek(0, os.SEEK_END)
        length = file.tell() - start
    except (OSError, TypeError, ValueError):
        length = None
    file.seek(start)
    return start, None if length is None else max(length, 0)


def _only_bytes(piece: t.Any, where: str) -> bytes:
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, (bytearray, memoryview)):
        return bytes(piece)
    got = "None: is the file non-blocking?" if piece is None else type(piece).__name__
    raise TypeError(f"{where}: expected the content to be bytes, got {got}")


def _unpack(
    value: tuple[t.Any, ...], where: str
) -> tuple[str | None, t.Any, str | None, Mapping[str, str] | None]:
    if not 2 <= len(value) <= 4:
        raise TypeError(
            f"{where}: expected a tuple (filename, content[, content_type"
            f"[, headers]]), got {len(value)} items"
        )
    filename, content, content_type, headers = (*value, None, None)[:4]
    for item, kind, label in (
        (filename, str, "filename"),
        (content_type, str, "content type"),
        (headers, Mapping, "headers"),
    ):
        if not isinstance(item, (kind, type(None))):
            raise TypeError(
                f"{where}: expected the {label} to be a {kind.__name__} or None, got "
                f"{type(item).__name__}"
            )
    return filename, content, content_type, headers


def _name_of(content: t.Any) -> str:
    if isinstance(content, os.PathLike):
        return os.path.basename(os.fspath(content)) or _DEFAULT_FILENAME
    name = getattr(content, "name", None)
    if not isinstance(name, (str, bytes)):
        return _DEFAULT_FILENAME
    base = os.path.basename(os.fsdecode(name))
    # Pipes and standard input are called "<fdopen>", "<stdin>".
    return _DEFAULT_FILENAME if not base or base.startswith("<") else base


def _guess_type(filename: str | None) -> str:
    if filename is None:
        return _DEFAULT_CONTENT_TYPE
    # Reads the system's tables, so only once a type has to be guessed.
    import mimetypes

    return mimetypes.guess_type(filename)[0] or _DEFAULT_CONTENT_TYPE


def _part_headers(headers: Mapping[str, str], where: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or name.lower() == "content-disposition":
            raise RequestValidationError(
                f"{where}: a part cannot have a header named {name!r}"
            )
        _refuse_control(value, f"{where}: header {name}")
        kept["content-type" if name.lower() == "content-type" else name] = value
    return kept


def _refuse_control(text: str, what: str) -> None:
    if _CONTROL.search(text):
        raise RequestValidationError(
            f"{what}: expected no CR, LF or NUL, got {text!r}; for a file, give "
            "another name as (filename, content)"
        )


def _quoted(text: str, what: str) -> str:
    _refuse_control(text, what)
    return '"' + text.replace('"', "%22") + '"'


def _utf8(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise RequestValidationError(
            f"multipart field {name!r}: half of a surrogate pair is no text; send "
            "bytes as a file"
        ) from None


def _head(boundary: str, name: str, part: FilePart | None = None) -> bytes:
    """Delimiter and header lines of one part, with the blank line that ends them."""
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head += _quoted(name, "multipart field name")
    if part is not None:
        if part.filename is not None:
            what = f"multipart field {name!r}: filename"
            head += "; filename=" + _quoted(part.filename, what)
        head += f"\r\nContent-Type: {part.content_type}"
        head += "".join(f"\r\n{key}: {value}" for key, value in part.headers)
    # A file name that is not Unicode has lone surrogates: sent as "?".
    return f"{head}\r\n\r\n".encode("utf-8", "replace")
