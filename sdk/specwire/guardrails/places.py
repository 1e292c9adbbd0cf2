"""Where texts stand in JSON values and in typed events, and which are none.

Every string is a text unless its key says otherwise (an id or a type of one word,
base64 data); a number of many digits is one too. With ``texts=`` only the places that
it names are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

_NO_TEXT_NAMES: Final = """
    type role id model object event status phase media_type mime_type mimeType format
    signature thought_signature thoughtSignature encrypted_content cache_control
    tool_use_id tool_call_id call_id item_id file_id response_id message_id request_id
    block_id blockId execution_id executionId workflow_id workflowId container_id
    stop_reason finish_reason finishReason system_fingerprint service_tier encoding
    created created_at createdAt timestamp
"""
_NO_TEXT: Final = frozenset(_NO_TEXT_NAMES.split())
_JSON: Final = frozenset({"arguments", "partial_json"})
_BASE64: Final = frozenset({"data", "b64_json", "file_data", "audio"})
_BLOB: Final = re.compile(
    r"data:[\w.+/-]{1,100};base64,|[A-Za-z0-9+/_-]{64}[A-Za-z0-9+/=_-]*\Z"
)
_SPACE: Final = re.compile(r"\s")
_DIGITS: Final = 9_999_999

Path = tuple[Any, ...]
Ask = Callable[[str, str, bool], str]
"""Takes a text, its place and whether it is JSON; gives what is to stand there."""
Across = Callable[[str, Sequence[int], str], None]


class Texts:
    """Which strings are texts.

    :param paths: such as ``messages.*.content``; ``*`` is any one step, and what lies
        below a path belongs to it.
    """

    def __init__(self, paths: Iterable[str] | None = None) -> None:
        given = None if paths is None else list(paths)
        if isinstance(paths, str) or given == []:
            raise ValueError(f"texts: expected paths such as 'input.*'; got {paths!r}")
        self.paths = None if given is None else [tuple(p.split(".")) for p in given]

    def has(self, path: Path, value: str, holder: Any) -> bool:
        """Whether ``value`` is one."""
        if not value:
            return False
        if self.paths is not None:
            return any(_below(path, pattern) for pattern in self.paths)
        key = next((each for each in reversed(path) if isinstance(each, str)), "")
        if key in _NO_TEXT and not _SPACE.search(value):
            return False
        return not (key in _BASE64 or value[:5] == "data:") or not _blob(value, holder)


def _below(path: Path, pattern: tuple[str, ...]) -> bool:
    if len(path) < len(pattern):
        return False
    return all(p in ("*", str(at)) for p, at in zip(pattern, path, strict=False))


def _blob(value: str, holder: Any) -> bool:
    said = isinstance(holder, dict) and holder.get("type") == "base64"
    return said or _BLOB.match(value) is not None


def is_json(path: Path) -> bool:
    """Whether the text at ``path`` is itself JSON."""
    return bool(path) and path[-1] in _JSON


def shown(path: Path) -> str:
    """``path`` as it is written: ``messages[0].content``."""
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
    return text.lstrip(".")


class Walk:
    """Asks of all texts of a JSON value.

    :param across: told of texts that are read as one though they stand in several
        blocks: all of it, and where the blocks part.
    """

    def __init__(self, texts: Texts, ask: Ask, across: Across) -> None:
        self._texts, self._ask, self._across = texts, ask, across

    def of(self, value: Any, path: Path = (), holder: Any = None) -> Any:
        """``value``, its texts as they are to be; changed where it stands."""
        kind = value.__class__
        if kind is str:
            if self._texts.has(path, value, holder):
                return self._ask(value, shown(path), is_json(path))
        elif kind is dict:
            self._dict(value, path)
        elif kind is list:
            self._list(value, path, holder)
        elif kind is int and value > _DIGITS:
            written = str(value)
            if self._texts.has(path, written, holder):
                made = self._ask(written, shown(path), False)
                return value if made == written else made
        return value

    def _dict(self, value: dict[Any, Any], path: Path) -> None:
        named = self._texts.paths is not None
        for key, inner in value.items():
            kind = inner.__class__
            if kind is str:
                # Most strings are such: where they stand need not be worked out.
                if not named and key in _NO_TEXT and not _SPACE.search(inner):
                    continue
            elif kind is int:
                if inner <= _DIGITS:
                    continue
            elif kind is not dict and kind is not list:
                continue
            made = self.of(inner, (*path, key), value)
            if made is not inner:
                value[key] = made

    def _list(self, value: list[Any], path: Path, holder: Any) -> None:
        for place, inner in enumerate(value):
            made = self.of(inner, (*path, place), holder)
            if made is not inner:
                value[place] = made
        if len(value) < 2:
            return
        blocks = [one["text"] for one in value if _is_text(one)]
        if len(blocks) > 1 and self._texts.has((*path, 0, "text"), blocks[0], holder):
            ends = list(accumulate(map(len, blocks)))
            self._across("".join(blocks), ends[:-1], shown(path))


def _is_text(block: Any) -> bool:
    return (
        block.__class__ is dict
        and block.get("type") in ("text", "output_text")
        and block.get("text").__class__ is str
    )


# -- in events ---------------------------------------------------------------------


class Leaf(NamedTuple):
    """One text of an event, and how to put another in its place."""

    path: Path
    value: str
    put: Callable[[str], None]
    holders: tuple[Any, ...]


def leaves(event: Any, texts: Texts) -> Iterator[Leaf]:
    """The texts of a typed event or of a JSON one."""
    yield from _leaves(event, texts, (), ())


def _leaves(
    value: Any, texts: Texts, path: Path, holders: tuple[Any, ...]
) -> Iterator[Leaf]:
    members = _members(value)
    if members is None:
        return
    inside = (*holders, value)
    for key, inner in members:
        at = (*path, key)
        if inner.__class__ is str:
            if texts.has(at, inner, value):
                yield Leaf(at, inner, _putter(value, key), inside)
        elif inner is not None and inner.__class__ not in (int, float, bool):
            yield from _leaves(inner, texts, at, inside)


def _members(value: Any) -> list[tuple[Any, Any]] | None:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    raw = getattr(value, "raw", None)
    if type(value).__name__ == "Unknown" and isinstance(raw, (dict, list)):
        return _members(raw)
    members = getattr(value, "__dict__", None)
    if members is None:
        return None
    extra = members.get("_extra") or {}
    return [*((k, v) for k, v in members.items() if k[:1] != "_"), *extra.items()]


def _putter(holder: Any, key: Any) -> Callable[[str], None]:
    if type(holder).__name__ == "Unknown":
        holder = holder.raw
    if not isinstance(holder, (dict, list)):
        if key in holder.__dict__:
            return lambda text: setattr(holder, key, text)
        holder = holder.__dict__["_extra"]

    def put(text: str) -> None:
        holder[key] = text

    return put
