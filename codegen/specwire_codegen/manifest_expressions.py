"""The expression language of manifests, to and from small lists.

``$.type == 'x' && exists($.delta.text)`` becomes
``["and", ["==", [0, "type"], "x"], ["exists", [0, "delta", "text"]]]``; a path is the
level it counts from and its steps: a name, an index, ``None`` for every element,
``["?", expr]`` for those that fit. AI-Protocol has no grammar of it: this is what its
manifests of all versions use. Hostile text is an error, never slow: the reader looks at
each character once and its depth is bounded.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeAlias

from .problems import shown

Path: TypeAlias = "list[Any]"
"""``[level, step, ...]``."""
Expr: TypeAlias = "list[Any]"

LENGTH = 10_000
DEPTH = 32
TRUE: Expr = ["true"]
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<op>&&|\|\||==|!=|!|\(|\)|\[|\]|,|\?|\.\.|\.|\*|\$|@)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w]))
    | (?P<name>[^\W\d][\w-]*)
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NAME = re.compile(r"[^\W\d][\w-]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class BadExpression(ValueError):
    """A text that is no expression; the message begins with the character."""


def parse(text: str) -> Expr:
    """An expression; a bare path asks whether it leads to a value that is not null.

    :raises BadExpression: with the place in the text.
    """
    reader = _Reader(text)
    found = reader.either(0)
    reader.ended()
    return found


def parse_path(text: str) -> Path:
    """A path, with or without ``$`` in front."""
    reader = _Reader(text)
    found = reader.path(0)
    reader.ended()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        if len(text) > LENGTH:
            raise BadExpression(
                f"it is {len(text)} characters long, at most {LENGTH} are read"
            )
        self.text = text
        self.at = 0
        self.kind = ""
        self.value = ""
        self._next = 0
        self.step()

    # -- words -------------------------------------------------------------------

    def step(self) -> None:
        """To the next word."""
        found = _TOKEN.match(self.text, self._next)
        if found is None:
            rest = self.text[self._next :]
            self.at = self._next + len(rest) - len(rest.lstrip())
            self.fail(f"'{shown(self.text[self.at])}' has no place in an expression")
        self.kind = str(found.lastgroup)
        self.value = found[self.kind]
        self.at, self._next = found.span(self.kind)

    def fail(self, message: str) -> NoReturn:
        raise BadExpression(f"character {self.at + 1}: {message}")

    def wanted(self, what: str) -> NoReturn:
        came = "the end" if self.kind == "end" else f"'{shown(self.value)}'"
        self.fail(f"expected {what}, got {came}")

    def take(self, op: str) -> bool:
        if self.kind == "op" and self.value == op:
            self.step()
            return True
        return False

    def need(self, op: str) -> None:
        if not self.take(op):
            self.wanted(f"'{op}'")

    def ended(self) -> None:
        if self.kind != "end":
            self.wanted("the end")

    # -- expressions -------------------------------------------------------------

    def either(self, depth: int) -> Expr:
        if depth > DEPTH:
            self.fail(f"nested more than {DEPTH} levels deep")
        return self._joined("||", "or", self._both, depth)

    def _both(self, depth: int) -> Expr:
        return self._joined("&&", "and", self._one, depth)

    def _joined(self, op: str, name: str, part: Any, depth: int) -> Expr:
        parts = [part(depth)]
        while self.take(op):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else [name, *parts]

    def _one(self, depth: int) -> Expr:
        if self.take("!"):
            if depth > DEPTH:
                self.fail(f"nested more than {DEPTH} levels deep")
            return ["not", self._one(depth + 1)]
        if self.take("("):
            inner = self.either(depth + 1)
            self.need(")")
            return inner
        if self.kind == "name" and self.value in ("true", "false"):
            return self._constant()
        if self._literal_first():
            return self._turned(depth)
        return self._about(self._exists_or_path(depth), depth)

    def _constant(self) -> Expr:
        found = TRUE if self.value == "true" else ["not", TRUE]
        self.step()
        return list(found)

    def _exists_or_path(self, depth: int) -> Any:
        if self.kind == "name" and self.value in ("exists", "has"):
            before = self.kind, self.value, self.at, self._next
            self.step()
            if self.take("("):
                found = self.path(depth)
                self.need(")")
                return ["exists", found]
            self.kind, self.value, self.at, self._next = before
        return self.path(depth)

    def _about(self, subject: Any, depth: int) -> Expr:
        if subject[0] == "exists":
            return list(subject)
        for op in ("==", "!="):
            if self.take(op):
                return [op, subject, self._literal()]
        if self.kind == "name" and self.value == "in":
            self.step()
            return ["in", subject, self._list()]
        return ["exists", subject]

    def _literal_first(self) -> bool:
        return self.kind in ("text", "number") or (
            self.kind == "name" and self.value == "null"
        )

    def _turned(self, depth: int) -> Expr:
        """``'x' == $.type``."""
        value = self._literal()
        for op in ("==", "!="):
            if self.take(op):
                return [op, self.path(depth), value]
        self.wanted("'==' or '!='")

    def _list(self) -> list[Any]:
        self.need("[")
        found: list[Any] = []
        while not self.take("]"):
            if found:
                self.need(",")
            found.append(self._literal())
        return found

    def _literal(self) -> Any:
        if self.kind == "text":
            value: Any = _unquoted(self.value)
        elif self.kind == "number":
            value = self._number()
        elif self.kind == "name" and self.value in _WORDS:
            value = _WORDS[self.value]
        else:
            self.wanted("a text in quotes, a number, true, false or null")
        self.step()
        return value

    def _number(self) -> int | float:
        if len(self.value) > 40:
            self.fail("a number of more than 40 characters")
        value = float(self.value)
        if not math.isfinite(value):
            self.fail(f"'{self.value}' is too large")
        return value if set(self.value) & set(".eE") else int(self.value)

    # -- paths -------------------------------------------------------------------

    def path(self, depth: int) -> Path:
        steps: Path = [0]
        begun = self.at
        if self.take("$") or self.take("@"):
            if self.kind == "name" and self.at == begun + 1:
                self.wanted("'.' or '['")
        elif self.kind == "name":
            steps.append(self.value)
            self.step()
        elif not (self.kind == "op" and self.value == "["):
            self.wanted("a path")
        while self.kind == "op" and self.value in (".", "["):
            steps.append(self._dotted() if self.take(".") else self._bracket(depth))
        if self.kind == "op" and self.value == "..":
            self.fail("'..' is not known here: name every step")
        return steps

    def _dotted(self) -> Any:
        if self.take("*"):
            return None
        if self.kind == "number" and self.value.isdigit():
            return self._index()
        if self.kind != "name":
            self.wanted("a name after '.'")
        name = self.value
        self.step()
        return name

    def _bracket(self, depth: int) -> Any:
        self.need("[")
        found: Any
        if self.take("*"):
            found = None
        elif self.take("?"):
            found = ["?", self.either(depth + 1)]
        elif self.kind == "text":
            found = _unquoted(self.value)
            self.step()
        elif self.kind == "number" and self.value.isdigit():
            found = self._index()
        else:
            self.wanted("an index, '*', a filter or a name in quotes")
        self.need("]")
        return found

    def _index(self) -> int:
        if len(self.value) > 6:
            self.fail("an index of more than 6 digits")
        index = int(self.value)
        self.step()
        return index


def _unquoted(text: str) -> str:
    return re.sub(
        r"\\(.)",
        lambda found: _ESCAPES.get(found[1], found[1]),
        text[1:-1],
        flags=re.DOTALL,
    )


# -- back to text ------------------------------------------------------------------


def text_of(expr: Expr) -> str:
    """An expression as a manifest would say it; :func:`parse` gives it back."""
    kind = expr[0]
    if kind == "true":
        return "true"
    if kind == "not":
        return f"!{_part(expr[1])}"
    if kind in ("and", "or"):
        return (" && " if kind == "and" else " || ").join(map(_part, expr[1:]))
    if kind == "exists":
        return f"exists({path_text(expr[1])})"
    if kind == "in":
        return f"{path_text(expr[1])} in [{', '.join(map(_quoted, expr[2]))}]"
    return f"{path_text(expr[1])} {kind} {_quoted(expr[2])}"


def path_text(path: Path) -> str:
    """A path that counts from the frame, with ``$``."""
    out = ["$"]
    for step in path[1:]:
        if step is None:
            out.append("[*]")
        elif isinstance(step, int):
            out.append(f"[{step}]")
        elif isinstance(step, list):
            out.append(f"[?({text_of(step[1])})]")
        else:
            out.append(f".{step}" if _NAME.fullmatch(step) else f"[{_quoted(step)}]")
    return "".join(out)


def _part(expr: Expr) -> str:
    return f"({text_of(expr)})" if expr[0] in ("and", "or") else text_of(expr)


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    return json.dumps(value)
