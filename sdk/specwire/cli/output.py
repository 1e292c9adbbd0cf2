"""What a command prints: data on standard output, talk on standard error.

JSON is sorted, one document or one line an item, so that it stays the same from one
version to the next. Colour is for terminals, and ``NO_COLOR`` takes it away.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO


def prepare() -> None:
    """Let no character that a terminal's encoding lacks end the command, and nothing
    else be opened in the place of a stream that is closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number, which is this
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        errors = getattr(stream, "errors", None)
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if errors == "strict" and reconfigure is not None:
            reconfigure(errors="backslashreplace")
    warnings.showwarning = _warned


def _warned(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning in a line, without the code that it came from."""
    talk(f"specwire: {message}")


def settle() -> None:
    """Write what is buffered, while a failure can still be told."""
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()


def abandon() -> None:
    """Send what is still buffered nowhere, as its reader has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            try:
                os.dup2(nowhere, stream.fileno())
            except (OSError, ValueError, AttributeError):
                continue
    os.close(nowhere)


def terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at ``stream``."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def coloured(stream: TextIO | None) -> bool:
    """Whether ``stream`` may be given colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return terminal(stream) and not plain


def say(text: str, *, end: str = "\n") -> None:
    """Text for standard output, at once; a terminal gets nothing that it would obey."""
    print(safe(text) if terminal(sys.stdout) else text, end=end, flush=True)


class Flow:
    """Text for standard output that comes in parts; leaving it ends its last line."""

    def __init__(self) -> None:
        self._open = False

    def __enter__(self) -> Flow:
        return self

    def say(self, text: str) -> None:
        """The next part, at once."""
        if text:
            self._open = True  # before it is written: Ctrl-C may come right behind
            say(text, end="")
            self._open = not text.endswith("\n")

    def __exit__(self, *_: object) -> None:
        if self._open:
            with contextlib.suppress(OSError):
                say("")


def talk(text: str) -> None:
    """A line for standard error."""
    print(safe(text), file=sys.stderr, flush=True)


def safe(text: str) -> str:
    """``text`` without the characters that a terminal acts on."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or ord(c) > 159 or 32 <= ord(c) < 127)


def document(value: Any, file: TextIO | None = None) -> None:
    """One JSON document, for standard output unless it is for another ``file``."""
    _write(value, file or sys.stdout, indent=2)


def item(value: Any, file: TextIO | None = None) -> None:
    """One line of JSON."""
    _write(value, file or sys.stdout)


def json_file(path: str) -> TextIO:
    """A new file for items; half a pair of surrogates is written as JSON escapes it."""
    return open(path, "w", encoding="utf-8", errors="backslashreplace")


def _write(value: Any, file: TextIO, indent: int | None = None) -> None:
    encoding = (getattr(file, "encoding", None) or "utf-8").lower()
    text = json.dumps(
        plain(value),
        indent=indent,
        sort_keys=True,
        default=str,
        ensure_ascii=encoding.replace("-", "") != "utf8",
    )
    print(text, file=file, flush=file in (sys.stdout, sys.stderr))


def plain(value: Any) -> Any:
    """A reply as JSON has it."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    from ..core.codec import dump

    return dump(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Columns, as wide as what stands in them; the last one ends where it ends."""
    cells = [tuple(head), *(tuple(map(one_line, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, row in enumerate(cells):
        text = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        bold = number == 0 and coloured(sys.stdout)
        yield f"\033[1m{text}\033[0m" if bold else text


def counted(number: int, thing: str) -> str:
    """``1 request``, ``2,000 requests``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def one_line(text: str) -> str:
    """``text`` as it may stand in a table."""
    return "".join(c if c.isprintable() else "?" for c in text)
