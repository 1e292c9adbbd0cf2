"""JSONPath for overlay targets: the part of RFC 9535 that selects by name and value.

Known are ``$``, ``.name``, ``['name']``, ``.*``, ``[*]``, ``[0]``, ``[-1]``, slices,
``..`` and filters such as ``[?@.in == 'query' && !@.required]``. Functions are not: a
pattern from a file could run for hours. The work is bounded, and a match comes once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from attrs import frozen

LIMIT = 3_000_000
"""Values one expression may look at."""

Token: TypeAlias = "str | int"
_NOTHING = object()


class PathError(ValueError):
    """The expression is not one this program knows; ``offset`` is where it ends."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(f"{message} (at character {offset + 1})")
        self.offset = offset


@frozen(eq=False)
class Match:
    """One selected value: its tokens from the root, what holds it, and itself.

    ``parent`` is ``None`` for the root.
    """

    tokens: tuple[Token, ...]
    parent: Any
    value: Any


def find(data: Any, expression: str) -> list[Match]:
    """Everything in ``data`` that ``expression`` selects, each once, in document order.

    Raises :class:`PathError` for an expression that cannot be read or costs too much.
    """
    segments = _Reader(expression).path()
    return _Search(data).run(segments, [Match((), None, data)])


# -- what an expression says ---------------------------------------------------------


@frozen
class _Name:
    name: str


@frozen
class _Index:
    index: int


@frozen
class _Slice:
    slice: slice


@frozen
class _All:
    pass


@frozen
class _Filter:
    test: Callable[[_Search, Any], bool]


_Selector: TypeAlias = "_Name | _Index | _Slice | _All | _Filter"


@frozen
class _Segment:
    selectors: tuple[_Selector, ...]
    deep: bool = False


_SPACE = re.compile(r"[ \t\r\n]*")
_SHORT = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\-\u0080-\U0010ffff]*")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_SLICE = re.compile(
    r"(-?[0-9]{1,15})?[ \t]*:[ \t]*(-?[0-9]{1,15})?"
    r"(?:[ \t]*:[ \t]*(-?[0-9]{1,15})?)?"
)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][-+]?[0-9]{1,3})?")
_WORD = re.compile(r"(?:true|false|null)(?![A-Za-z0-9_])")
_COMPARE = re.compile(r"==|!=|<=|>=|<|>")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NESTING = 40

_Value: TypeAlias = "Callable[[_Search, Any], Any]"
_Test: TypeAlias = "Callable[[_Search, Any], bool]"


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.at = 0
        self.depth = 0

    def path(self) -> list[_Segment]:
        if not self._take("$"):
            raise self._error("a path starts with '$'")
        segments = self._segments()
        if self.at < len(self.text):
            raise self._error("expected '.', '..' or '['")
        return segments

    def _error(self, message: str) -> PathError:
        return PathError(message, offset=self.at)

    def _blank(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, literal: str) -> bool:
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        return False

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def _segments(self) -> list[_Segment]:
        out: list[_Segment] = []
        while True:
            start = self.at
            self._blank()
            deep = self._take("..")
            if self._take("["):
                out.append(_Segment(self._bracket(), deep))
            elif deep or self._take("."):
                out.append(_Segment((self._shorthand(),), deep))
            else:
                self.at = start
                return out

    def _shorthand(self) -> _Selector:
        if self._take("*"):
            return _All()
        found = self._match(_SHORT)
        if found is None:
            raise self._error("expected a name or '*'; odd names go in ['…']")
        return _Name(found[0])

    def _bracket(self) -> tuple[_Selector, ...]:
        selectors = [self._selector()]
        while True:
            self._blank()
            if self._take("]"):
                return tuple(selectors)
            if not self._take(","):
                raise self._error("expected ',' or ']'")
            selectors.append(self._selector())

    def _selector(self) -> _Selector:
        self._blank()
        if self._take("*"):
            return _All()
        if self._take("?"):
            return _Filter(self._either())
        found = self._match(_STRING)
        if found:
            return _Name(_unescaped(found))
        found = self._match(_SLICE)
        if found:
            start, stop, by = (int(part) if part else None for part in found.groups())
            if by == 0:
                raise self._error("a slice cannot step by 0")
            return _Slice(slice(start, stop, by))
        found = self._match(_INTEGER)
        if found:
            return _Index(int(found[0]))
        raise self._error("expected a name in quotes, a number, '*' or '?'")

    # -- filters -----------------------------------------------------------------

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._joined("||"):
            tests.append(self._both())
        if len(tests) == 1:
            return tests[0]
        return lambda search, node: any(test(search, node) for test in tests)

    def _both(self) -> _Test:
        tests = [self._one()]
        while self._joined("&&"):
            tests.append(self._one())
        if len(tests) == 1:
            return tests[0]
        return lambda search, node: all(test(search, node) for test in tests)

    def _joined(self, operator: str) -> bool:
        self._blank()
        return self._take(operator)

    def _one(self) -> _Test:
        self._blank()
        self.depth += 1
        if self.depth > _NESTING:
            raise self._error("nested too deep")
        try:
            if self.text[self.at : self.at + 2] != "!=" and self._take("!"):
                inner = self._one()
                return lambda search, node: not inner(search, node)
            if self._take("("):
                inner = self._either()
                self._blank()
                if not self._take(")"):
                    raise self._error("expected ')'")
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> _Test:
        left, is_path = self._operand()
        self._blank()
        operator = self._match(_COMPARE)
        if operator is None:
            if not is_path:
                raise self._error("expected a comparison")
            return lambda search, node: left(search, node) is not _NOTHING
        self._blank()
        right, _ = self._operand()
        compare = _COMPARISONS[operator[0]]
        return lambda search, node: compare(left(search, node), right(search, node))

    def _operand(self) -> tuple[_Value, bool]:
        relative = self._take("@")
        if relative or self._take("$"):
            segments = self._segments()

            def value(search: _Search, node: Any) -> Any:
                start = Match((), None, node if relative else search.data)
                found = search.run(segments, [start])
                return found[0].value if found else _NOTHING

            return value, True
        constant = self._literal()
        return lambda search, node: constant, False

    def _literal(self) -> Any:
        found = self._match(_STRING)
        if found:
            return _unescaped(found)
        found = self._match(_WORD)
        if found:
            return {"true": True, "false": False, "null": None}[found[0]]
        found = self._match(_NUMBER)
        if found:
            return float(found[0])
        raise self._error("expected '@', '$', text in quotes or a number")


def _unescaped(found: re.Match[str]) -> str:
    body = found[1] if found[1] is not None else found[2]

    def plain(escape: re.Match[str]) -> str:
        code = escape[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)

    return _ESCAPE.sub(plain, body)


def _same(left: Any, right: Any) -> bool:
    # JSON's true is no number, Python's is 1.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _below(left: Any, right: Any) -> bool:
    for kind in (str, (int, float)):
        if isinstance(left, kind) and isinstance(right, kind):
            return not isinstance(left, bool) and bool(left < right)  # type: ignore[operator]
    return False


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _below,
    ">": lambda left, right: _below(right, left),
    "<=": lambda left, right: _below(left, right) or _same(left, right),
    ">=": lambda left, right: _below(right, left) or _same(left, right),
}


# -- what it selects -----------------------------------------------------------------


class _Search:
    """One evaluation; counts what it looks at."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self._looked = 0

    def run(self, segments: list[_Segment], found: list[Match]) -> list[Match]:
        for segment in segments:
            nodes: Iterable[Match] = found
            if segment.deep:
                nodes = (below for match in found for below in self._deep(match))
            unique: dict[tuple[Token, ...], Match] = {}
            for node in nodes:
                for selector in segment.selectors:
                    for match in self._select(node, selector):
                        unique.setdefault(match.tokens, match)
            found = list(unique.values())
        return found

    def _look(self) -> None:
        self._looked += 1
        if self._looked > LIMIT:
            message = f"the expression looks at more than {LIMIT:,} values"
            raise PathError(message, offset=0)

    def _deep(self, match: Match) -> Iterator[Match]:
        waiting = [match]
        while waiting:
            node = waiting.pop()
            self._look()
            yield node
            waiting += reversed(list(_children(node)))

    def _select(self, node: Match, selector: _Selector) -> Iterator[Match]:
        self._look()
        value = node.value
        if isinstance(selector, _Name):
            if isinstance(value, dict) and selector.name in value:
                yield _child(node, selector.name)
        elif isinstance(selector, _All):
            for child in _children(node):
                self._look()
                yield child
        elif isinstance(selector, _Filter):
            for child in _children(node):
                self._look()
                if selector.test(self, child.value):
                    yield child
        elif isinstance(value, list):
            indexes: Iterable[int]
            if isinstance(selector, _Slice):
                indexes = range(len(value))[selector.slice]
            else:
                index = selector.index
                index = index + len(value) if index < 0 else index
                indexes = [index] if 0 <= index < len(value) else []
            for index in indexes:
                self._look()
                yield _child(node, index)


def _child(node: Match, token: Token) -> Match:
    return Match((*node.tokens, token), node.value, node.value[token])


def _children(node: Match) -> Iterator[Match]:
    if isinstance(node.value, dict):
        return (_child(node, key) for key in node.value)
    if isinstance(node.value, list):
        return (_child(node, index) for index in range(len(node.value)))
    return iter(())
