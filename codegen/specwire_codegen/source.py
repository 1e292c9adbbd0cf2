"""Input files: bytes to plain JSON data, every defect a problem and none a traceback.

JSON is read by :mod:`json`, YAML by PyYAML's events (the C parser where it is built in)
and :mod:`~specwire_codegen.yamltree`. The data is dicts, lists, text, numbers, booleans
and ``None``; positions are not kept, :mod:`~specwire_codegen.positions` finds them
again. This is the only module that imports ``yaml``.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from attrs import frozen

from . import jsontext
from .grammar import step
from .problems import Place, Problems, Severity, Unusable, shown
from .yamltree import DEPTH, Tree

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@frozen(eq=False)
class Source:
    """One input file, read.

    ``file`` is its name for people and pointers, relative to the root and with forward
    slashes; ``data`` is JSON data; ``sha256`` is of the bytes.
    """

    file: str
    path: Path
    data: Any
    sha256: str


def load(path: Path, problems: Problems, *, root: Path | None = None) -> Source:
    """Read a JSON or YAML file; raises :class:`Unusable` when nothing can be read.

    ``root`` is the folder that names are relative to, the working directory by default.
    """
    file = display_name(path, root=root)
    return read(file, path, _bytes(path, _Reporter(file, problems)), problems)


def read(file: str, path: Path, raw: bytes, problems: Problems) -> Source:
    """The bytes of a file called ``file``; raises :class:`Unusable`.

    ``path`` says by its ending what they should be.
    """
    report = _Reporter(file, problems)
    text = _text(raw, report)
    if not text.strip():
        report.fatal("S004", "the file is empty")
    data = _read(path, text, report)
    if _SURROGATE.search(text):
        data = _mended(data, file + "#", problems)
    return Source(file, path, data, hashlib.sha256(raw).hexdigest())


def display_name(path: Path, *, root: Path | None = None) -> str:
    """``path`` as problems and pointers call it; a ``#`` in it is written ``%23``."""
    base = Path.cwd() if root is None else root
    try:
        name = os.path.relpath(path, base)
    except ValueError:  # another drive
        name = str(path)
    return Path(name).as_posix().replace("#", "%23")


class _Reporter:
    """Problems of one file that are known by place, not by pointer."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.at = f"{file}#"
        self.problems = problems

    def add(
        self,
        code: str,
        message: str,
        place: Place | None = None,
        *,
        severity: Severity = "error",
        hint: str | None = None,
    ) -> None:
        self.problems.add(severity, code, self.at, message, hint, place=place)

    def fatal(
        self,
        code: str,
        message: str,
        place: Place | None = None,
        *,
        hint: str | None = None,
    ) -> NoReturn:
        self.add(code, message, place, hint=hint)
        raise Unusable(self.problems)

    def at_mark(
        self, code: str, message: str, mark: Any, *, fatal: bool = False
    ) -> None:
        """What :class:`~specwire_codegen.yamltree.Tree` reports to."""
        place = (mark.line + 1, mark.column + 1)
        if fatal:
            self.fatal(code, message, place)
        severity: Severity = "warning" if code == "S009" else "error"
        self.add(code, message, place, severity=severity)


# -- bytes to text -----------------------------------------------------------------


def _bytes(path: Path, report: _Reporter) -> bytes:
    try:
        if path.is_dir():
            report.fatal("S001", "this is a folder, expected a JSON or YAML file")
        if path.exists() and not path.is_file():
            report.fatal("S001", "not a regular file")
        return path.read_bytes()
    except OSError as error:
        report.fatal("S001", f"cannot be read: {error.strerror or error}")
    except ValueError as error:  # a NUL in the name
        report.fatal("S001", f"cannot be read: {error}")


def _text(raw: bytes, report: _Reporter) -> str:
    # RFC 8259 and YAML alike: a byte order mark, or where the first NULs stand.
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        bad = raw[error.start : error.start + 1].hex()
        place = (raw.count(b"\n", 0, error.start) + 1, 1)
        message = f"byte {error.start} (0x{bad}) is not {encoding.upper()}"
        report.fatal("S002", message, place, hint="save the file as UTF-8")


def read_text(path: Path) -> str | None:
    """The text of a file that was read before; ``None`` when it cannot be read now."""
    try:
        return text_of(path.read_bytes())
    except OSError:
        return None


def text_of(raw: bytes) -> str | None:
    """The text that was read from bytes; ``None`` when they are no text."""
    try:
        return raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")
    except ValueError:
        return None


# -- text to data ------------------------------------------------------------------


def looks_like_json(path: Path, text: str) -> bool:
    """Whether a file is tried as JSON first."""
    return path.suffix.lower() == ".json" or text.lstrip()[:1] in ("{", "[")


def _read(path: Path, text: str, report: _Reporter) -> Any:
    if not looks_like_json(path, text):
        return _yaml(text, report)
    try:
        return _json(text, report)
    except json.JSONDecodeError as error:
        # YAML's flow style starts with a brace too.
        if path.suffix.lower() != ".json":
            return _yaml(text, report)
        message = f"this is not JSON: {error.msg}"
        report.fatal("S003", message, (error.lineno, error.colno))


def _json(text: str, report: _Reporter) -> Any:
    repeated = False
    refused: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        made = dict(found)
        repeated = repeated or len(made) < len(found)
        return made

    def number(literal: str) -> Any:
        try:
            if not set(literal) & set(".eEN"):
                return int(literal)
            value = float(literal)
        except ValueError:
            value = math.inf
        if math.isfinite(value):
            return value
        refused.append(literal)
        return literal

    try:
        data = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_float=number,
            parse_int=number,
            parse_constant=number,
        )
    except RecursionError:
        report.fatal("S007", f"nested more than {DEPTH} levels deep")
    _check_depth(data, report)
    if refused or repeated:
        _slips(text, refused, repeated, report)
    return data


def _slips(text: str, refused: list[str], repeated: bool, report: _Reporter) -> None:
    place = jsontext.Lines(text)
    for literal, offset in jsontext.offsets_of(text, refused).items():
        message = f"JSON has no number '{shown(literal)}'; it is read as text"
        report.add("S009", message, place(offset))
    for tokens, offset in jsontext.twice(text) if repeated else ():
        message = f"the key '{shown(tokens[-1])}' is here twice; the last one is used"
        report.add("S005", message, place(offset))


def _check_depth(data: Any, report: _Reporter) -> None:
    level = [data] if isinstance(data, (dict, list)) else []
    for _ in range(DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    report.fatal("S007", f"nested more than {DEPTH} levels deep")


def _yaml(text: str, report: _Reporter) -> Any:
    try:
        import yaml
    except ImportError:
        report.fatal(
            "S011",
            "reading YAML needs PyYAML, which is not installed",
            hint="install it with: pip install 'specwire[codegen]'",
        )
    tree = Tree(report.at_mark)
    try:
        tree.feed(yaml_events(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else None
        said = ", ".join(part for part in (error.context, error.problem) if part)
        report.fatal("S003", f"this is not YAML: {said}", place)
    except yaml.YAMLError as error:
        offset = getattr(error, "position", None)
        place = jsontext.Lines(text)(offset) if offset is not None else None
        said = str(error).splitlines()[0]
        report.fatal("S003", f"this is not YAML: {said}", place)
    if not tree.documents:
        report.fatal("S004", "the file holds no document, only comments or blanks")
    return tree.data


def yaml_events(text: str, *, pure: bool = False) -> Iterator[Any]:
    """The events of a YAML text; raises ``yaml.YAMLError`` on a syntax error.

    The parser is libyaml where PyYAML has it, else (or if ``pure``) the one in Python.
    """
    import yaml

    quick = None if pure else getattr(yaml, "CSafeLoader", None)
    loader = (quick or yaml.SafeLoader)(text)
    return iter(loader.get_event, None)


def _mended(value: Any, at: str, problems: Problems) -> Any:
    """``value`` without lone surrogates, which no encoding of JSON can carry."""
    if isinstance(value, str):
        mended = re.sub("[\ud800-\udfff]", "\ufffd", value)
        if mended != value:
            message = "half of a surrogate pair; replaced by U+FFFD"
            problems.warning("S010", at, message)
        return mended
    if isinstance(value, list):
        return [_mended(v, step(at, i), problems) for i, v in enumerate(value)]
    if isinstance(value, dict):
        return {
            _mended(k, at, problems): _mended(v, step(at, k), problems)
            for k, v in value.items()
        }
    return value
