"""Program text in its final layout: what ``ruff format`` would leave as it is.

A piece of code that may not fit on its line is a :data:`Node`; :class:`Lines` writes
nodes wrapped at 88 columns and keeps the indentation. It knows the few shapes the
emitters use (calls, subscripts, literals, unions, signatures) and nothing of specs.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from attrs import frozen

WIDTH = 88
_UNEVEN = re.compile("^ |  | $")


@frozen
class Group:
    """``head item, item close``: one line, or an indented block.

    ``fill`` lets the block be one line of all items (calls, subscripts); a literal has
    one item a line. ``comma`` says whether a broken block ends in a comma.
    """

    head: str
    items: tuple[Node, ...]
    close: str
    fill: bool = True
    comma: bool = True


@frozen
class Or:
    """``A | B``; broken it has a member a line."""

    members: tuple[Node, ...]


@frozen
class Pair:
    """``key: value`` or ``key=value``: text before a node."""

    head: str
    value: Node
    tail: str = ""


@frozen
class Lambda:
    """``lambda: body``; a body that cannot be broken goes into parentheses."""

    body: Node


Node: TypeAlias = str | Group | Or | Pair | Lambda


class Params:
    """The parameters of signatures that differ in the rest: laid out once for all."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self.line = ", ".join(map(flat, nodes))
        self._blocks: dict[int, list[str]] = {}

    def block(self, indent: int) -> list[str]:
        """Their lines, further in than ``indent``."""
        found = self._blocks.get(indent)
        if found is None:
            pad = " " * (indent + 4)
            found = self._blocks[indent] = []
            # One parameter alone gets a comma: that is how formatters have it.
            if len(self.nodes) > 1 and width(pad + self.line) <= WIDTH:
                found.append(pad + self.line)
                return found
            for node in self.nodes:
                lines = layout(node, start=indent + 4, indent=indent + 4, tail=1)
                found += _wrapped(pad, lines, ",")
        return found


def call(name: str, *args: Node) -> Group:
    return Group(f"{name}(", args, ")")


def subscript(name: str, *args: Node) -> Group:
    return Group(f"{name}[", args, "]", comma=len(args) > 1)


def table(pairs: Iterable[tuple[str, Node]]) -> Group:
    """A dict literal; keys are program text (write document text with ``lit``)."""
    items = tuple(Pair(f"{key}: ", value) for key, value in pairs)
    return Group("{", items, "}", fill=False)


def sequence(items: Sequence[Node]) -> Group:
    """A tuple literal."""
    if len(items) == 1:
        return Group("(", (Pair("", items[0], ","),), ")", fill=False, comma=False)
    return Group("(", tuple(items), ")", fill=False)


def width(text: str) -> int:
    """Columns that ``text`` takes; wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c)
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def flat(node: Node) -> str:
    """``node`` on one line."""
    if isinstance(node, str):
        return node
    if isinstance(node, (Group, Or)):
        # Most of what is inside is text: half of all calls are saved here.
        parts = node.items if isinstance(node, Group) else node.members
        texts = [one if isinstance(one, str) else flat(one) for one in parts]
        if isinstance(node, Or):
            return " | ".join(texts)
        return f"{node.head}{', '.join(texts)}{node.close}"
    if isinstance(node, Lambda):
        return "lambda: " + flat(node.body)
    return f"{node.head}{flat(node.value)}{node.tail}"


def layout(node: Node, *, start: int, indent: int, tail: int) -> list[str]:
    """``node`` from column ``start``; later lines carry their own indentation.

    ``tail`` columns stay free after the last line.
    """
    text = flat(node)
    if start + width(text) + tail <= WIDTH or isinstance(node, str):
        return [text]
    if isinstance(node, Group):
        return _block(node, text, indent=indent) if node.items else [text]
    if isinstance(node, Or):
        return _hanging(node, start=start, indent=indent, tail=tail)
    if isinstance(node, Lambda):
        return _lambda(node, start=start, indent=indent, tail=tail)
    inner = layout(
        node.value,
        start=start + width(node.head),
        indent=indent,
        tail=tail + width(node.tail),
    )
    return _wrapped(node.head, inner, node.tail)


def _wrapped(head: str, lines: list[str], tail: str) -> list[str]:
    out = list(lines)
    out[0] = head + out[0]
    out[-1] += tail
    return out


def _block(node: Group, text: str, *, indent: int) -> list[str]:
    """``node`` over some lines; ``text`` is it on one."""
    pad = " " * (indent + 4)
    close = " " * indent + node.close
    one = text[len(node.head) : len(text) - len(node.close)]
    if node.fill and indent + 4 + width(one) <= WIDTH:
        return [node.head, pad + one, close]
    out = [node.head]
    comma = "," if node.comma else ""
    for item in node.items:
        if isinstance(item, str):
            out.append(f"{pad}{item}{comma}")
            continue
        lines = layout(item, start=indent + 4, indent=indent + 4, tail=len(comma))
        out += _wrapped(pad, lines, comma)
    return [*out, close]


def _hanging(node: Or, *, start: int, indent: int, tail: int) -> list[str]:
    pad = " " * indent
    last = len(node.members) - 1
    out: list[str] = []
    for number, member in enumerate(node.members):
        bar = "| " if number else ""
        at = indent + 2 if number else start
        left = tail if number == last else 0
        lines = layout(member, start=at, indent=indent, tail=left)
        out += _wrapped((pad if number else "") + bar, lines, "")
    return out


def _lambda(node: Lambda, *, start: int, indent: int, tail: int) -> list[str]:
    if isinstance(node.body, Group):
        lines = layout(node.body, start=start + 8, indent=indent, tail=tail)
        return _wrapped("lambda: ", lines, "")
    return ["lambda: (", " " * (indent + 4) + flat(node.body), " " * indent + ")"]


def _parenthesized(node: Node, *, indent: int) -> list[str]:
    lines = layout(node, start=indent + 4, indent=indent + 4, tail=0)
    pad = " " * (indent + 4)
    return ["(", *_wrapped(pad, lines, ""), " " * indent + ")"]


class Lines:
    """A module being written, line by line."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, *texts: str, indent: int = 0) -> None:
        """Finished lines, indented."""
        for text in texts:
            self._lines.append(" " * indent + text if text else "")

    def blank(self, count: int = 1) -> None:
        """Exactly ``count`` empty lines from here."""
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        self._lines += [""] * count

    def statement(
        self, head: str, node: Node, *, tail: str = "", indent: int = 0
    ) -> None:
        """``head node tail``, the node broken where it must be."""
        lines = layout(
            node, start=indent + width(head), indent=indent, tail=width(tail)
        )
        self._lines += _wrapped(" " * indent + head, lines, tail)

    def annotated(
        self, name: str, kind: Node, value: Node | None = None, *, indent: int = 0
    ) -> None:
        """``name: kind = value``."""
        head = f"{' ' * indent}{name}: "
        text = flat(kind)
        if value is None:
            lines = self._kind(kind, len(head), indent, 0)
            self._lines += _wrapped(head, lines, "")
            return
        if width(head + text) + 3 + width(flat(value)) <= WIDTH:
            self._lines.append(f"{head}{text} = {flat(value)}")
        elif isinstance(value, Group):
            self._assigned_group(head, kind, value, indent)
        elif width(head + text) + 4 <= WIDTH:
            self._lines += _wrapped(
                f"{head}{text} = ", _parenthesized(value, indent=indent), ""
            )
        else:
            tail = f" = {flat(value)}"
            lines = self._kind(kind, width(head), indent, width(tail))
            self._lines += _wrapped(head, lines, tail)

    def _assigned_group(self, head: str, kind: Node, value: Group, indent: int) -> None:
        text = f"{head}{flat(kind)} = "
        block = _block(value, flat(value), indent=indent)
        if width(text + value.head) <= WIDTH:
            self._lines += _wrapped(text, block, "")
            return
        inner = _parenthesized(value, indent=indent)
        if width(text) + 1 <= WIDTH and (
            value.close == ")" or all(width(line) <= WIDTH for line in inner)
        ):
            self._lines += _wrapped(text, inner, "")
        elif isinstance(kind, str):
            self._lines += _wrapped(text, block, "")
        else:
            lines = layout(kind, start=WIDTH, indent=indent, tail=0)
            self._lines += _wrapped(head, lines, f" = {block[0]}")
            self._lines += block[1:]

    @staticmethod
    def _kind(kind: Node, start: int, indent: int, tail: int) -> list[str]:
        fits = start + width(flat(kind)) + tail <= WIDTH
        whole = isinstance(kind, str) and indent + 4 + width(kind) <= WIDTH
        if not fits and (isinstance(kind, Or) or whole):
            return _parenthesized(kind, indent=indent)
        return layout(kind, start=start, indent=indent, tail=tail)

    def signature(
        self,
        head: str,
        params: Sequence[Node] | Params,
        result: Node,
        *,
        tail: str = ":",
        indent: int = 0,
    ) -> None:
        """``head(params) -> result tail``."""
        pad = " " * indent
        known = params if isinstance(params, Params) else Params(params)
        line = f"{pad}{head}({known.line}) -> {flat(result)}{tail}"
        if width(line) <= WIDTH:
            self._lines.append(line)
            return
        self._lines.append(f"{pad}{head}(")
        self._lines += known.block(indent)
        end = self._kind(result, indent + 5, indent, width(tail))
        self._lines += _wrapped(f"{pad}) -> ", end, tail)

    def docstring(
        self, text: str, *, rest: Sequence[str] = (), indent: int = 0
    ) -> None:
        """A docstring; ``text`` and ``rest`` come from ``doc()`` or our own source.

        ``rest`` are paragraphs after the first; those that begin with ``:`` stand
        together and hang by four.
        """
        pad = " " * indent
        if not rest and indent + len(text) + 6 <= WIDTH:
            self._lines.append(f'{pad}"""{text}"""')
            return
        first, *others = _folded(text, WIDTH - indent - (3 if rest else 6))
        self._lines.append(f'{pad}"""{first}')
        if others:
            others = _folded(" ".join(others), WIDTH - indent)
            self._lines += [pad + line for line in others]
        if not rest and not others:
            self._lines[-1] += '"""'
            return
        previous = ""
        for paragraph in rest:
            if not (paragraph.startswith(":") and previous.startswith(":")):
                self._lines.append("")
            hang = "    " if paragraph.startswith(":") else ""
            folded = _folded(paragraph, WIDTH - indent, hang)
            self._lines += [pad + line for line in folded]
            previous = paragraph
        self._lines.append(f'{pad}"""')

    def text(self) -> str:
        """The module, ending in one newline."""
        return "\n".join(self._lines).rstrip("\n") + "\n"

    def __len__(self) -> int:
        return len(self._lines)


def _folded(text: str, columns: int, hang: str = "") -> list[str]:
    columns = max(columns, 30)
    if text.isprintable() and not _UNEVEN.search(text):
        return _cut(text, columns, hang)
    return textwrap.wrap(
        text,
        columns,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _cut(text: str, columns: int, hang: str) -> list[str]:
    """What :mod:`textwrap` does to words with one blank between them, much faster."""
    out: list[str] = []
    start, left, pad = 0, columns, ""
    while len(text) - start > left:
        at = text.rfind(" ", start, start + left + 1)
        if at < 0:
            at = text.find(" ", start + left)
        if at < 0:
            break
        out.append(pad + text[start:at])
        start, left, pad = at + 1, columns - len(hang), hang
    return [*out, pad + text[start:]]
