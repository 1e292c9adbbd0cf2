"""What a docstring says of a function: its description, and a text per parameter.

Reads the four usual styles: Google (``Args:``), NumPy (underlined ``Parameters``),
reStructuredText (``:param x:``) and Epytext (``@param x:``). Sections about what comes
back or is raised are left out of the description; all other text is kept.
"""

from __future__ import annotations

import inspect
import re

from attrs import frozen

_PARAMETERS = {
    *("args", "arguments", "parameters", "params"),
    *("keyword args", "keyword arguments", "other parameters"),
}
_LEFT_OUT = {"returns", "return", "yields", "yield", "raises", "raise", "exceptions"}
_FIELD = re.compile(
    r"^[:@](?:param|parameter|arg|argument|keyword|key)\s+"
    r"(?:[^:]*?\s)?\*{0,2}(\w+)\s*:\s*(.*)$"
)
_OTHER_FIELD = re.compile(
    r"^[:@](?:returns?|rtype|type|raises?|except|exception|yields?)\b[^:]*:"
)
_GOOGLE_ITEM = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\)|\[[^\]]*\])?\s*:\s*(.*)$")
_NUMPY_ITEM = re.compile(r"^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")


@frozen
class Docstring:
    """``description`` is the text without its sections, ``parameters`` name to text."""

    description: str
    parameters: dict[str, str]


def read(text: str | None) -> Docstring:
    """What ``text`` says; nothing where there is none."""
    lines = inspect.cleandoc(text or "").splitlines()
    kept: list[str] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(lines):
        end, section, underlined = _section(lines, at)
        if section is not None:
            block = lines[at + 1 + underlined : end]
            if section in _PARAMETERS:
                items = _numpy(block) if underlined else _google(block)
                parameters.update(items)
            at = end
            continue
        field = _FIELD.match(lines[at])
        if field or _OTHER_FIELD.match(lines[at]):
            end = _indented(lines, at + 1)
            if field:
                rest = [field.group(2), *lines[at + 1 : end]]
                parameters[field.group(1)] = _joined(rest)
            at = end
            continue
        kept.append(lines[at])
        at += 1
    return Docstring("\n".join(kept).strip(), parameters)


def _section(lines: list[str], at: int) -> tuple[int, str | None, bool]:
    """Where the section that begins at ``at`` ends, its name, and if it is underlined.

    The name is ``None`` where none begins that is of use here.
    """
    title = lines[at].strip()
    name = title.rstrip(":").lower()
    if lines[at][:1].isspace() or name not in _PARAMETERS | _LEFT_OUT:
        return at, None, False
    if _is_rule(lines, at + 1):
        end = at + 2
        while end < len(lines) and not _is_rule(lines, end + 1):
            end += 1
        return end, name, True
    if title.endswith(":"):
        return _indented(lines, at + 1), name, False
    return at, None, False


def _is_rule(lines: list[str], at: int) -> bool:
    return at < len(lines) and bool(re.fullmatch(r"-{3,}", lines[at].strip()))


def _indented(lines: list[str], at: int) -> int:
    """The end of the indented (or blank) lines from ``at`` on."""
    while at < len(lines) and (not lines[at].strip() or lines[at][:1].isspace()):
        at += 1
    return at


def _google(block: list[str]) -> dict[str, str]:
    """``name (type): text`` at the block's indentation, continued further in."""
    depths = [_depth(line) for line in block if line.strip()]
    found: dict[str, list[str]] = {}
    name = ""
    for line in block:
        item = _GOOGLE_ITEM.match(line.strip())
        if item and _depth(line) == min(depths):
            name = item.group(1)
            found[name] = [item.group(2)]
        elif name:
            found[name].append(line)
    return {name: _joined(lines) for name, lines in found.items()}


def _numpy(block: list[str]) -> dict[str, str]:
    """``name : type`` (or ``a, b : type``) with its text indented below."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in block:
        item = _NUMPY_ITEM.match(line) if not line[:1].isspace() else None
        if item:
            names = [name.strip(" *") for name in item.group(1).split(",")]
            found.update({name: [] for name in names})
        else:
            for name in names:
                found[name].append(line)
    return {name: _joined(lines) for name, lines in found.items()}


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())
