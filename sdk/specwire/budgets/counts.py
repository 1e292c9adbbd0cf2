"""The tokens of one answer, by what they are billed as, from usage of any shape.

Anthropic counts what caches held beside ``input_tokens``; OpenAI, Gemini and Cohere
count it within. Here each token stands in exactly one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

_INPUT: Final = ("prompt_tokens", "promptTokenCount", "input_tokens")
_OUTPUT: Final = ("completion_tokens", "candidatesTokenCount", "output_tokens")
_TOTAL: Final = ("total_tokens", "totalTokenCount")
_CACHED: Final = ("cached_tokens", "cachedContentTokenCount", "prompt_cache_hit_tokens")
_WRITTEN: Final = ("cache_creation_input_tokens",)
_READ: Final = ("cache_read_input_tokens",)
_LONG: Final = ("ephemeral_1h_input_tokens",)
_FURTHER: Final = frozenset(
    (
        *(*_TOTAL, *_CACHED, "cache_read_tokens", "thoughtsTokenCount"),
        *("prompt_tokens_details", "input_tokens_details"),
    )
)

_MOST: Final = 10**9
"""More tokens than any answer has; sums of what servers say have to fit a column."""


class Counts(NamedTuple):
    """Tokens; ``written_1h`` are those of ``written`` that a cache keeps for an hour.

    :ivar fresh: tokens of the request that no cache held.
    """

    fresh: int = 0
    read: int = 0
    written: int = 0
    written_1h: int = 0
    output: int = 0

    @property
    def total(self) -> int:
        """All tokens: read, written to a cache, and answered."""
        return self.fresh + self.read + self.written + self.output


_new: Final = tuple.__new__  # a named tuple's own is a function of Python's


class Meter:
    """What a reply or the events of a stream have told of their usage so far."""

    __slots__ = ("_parts", "said")

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}
        self.said = 0  # bytes of text

    def add(self, told: Any) -> None:
        """Take the usage in ``told``, where there is any; later counts win."""
        for holder in (told, _get(told, "message"), _get(told, "response")):
            usage = _get(holder, "usage") or _get(holder, "usageMetadata")
            if usage is None:
                usage = _get(_get(holder, "delta"), "usage")
            for name, value in _members(usage):
                if value is not None:
                    self._parts[name] = value

    def hear(self, event: Any) -> None:
        """Count the text in ``event``: all there is to go by where a stream is cut."""
        self.add(event)
        for piece in _pieces(event):
            texts = (_get(piece, name) for name in _TEXTS)
            text = next((each for each in texts if isinstance(each, str)), "")
            self.said += len(text.encode("utf-8", "replace"))

    def counts(self) -> Counts | None:
        """``None`` where no usage was told."""
        return counted(self._parts) if self._parts else None


def counted(usage: Mapping[str, Any]) -> Counts | None:
    """The tokens in one usage object; ``None`` where none are in it."""
    if "billed_units" in usage or "tokens" in usage:
        usage = _within(usage)
    find = usage.get
    given = find("prompt_tokens") or find("input_tokens")
    if given.__class__ is not int or not 0 <= given <= _MOST:
        given = _first(usage, _INPUT)
    output = find("completion_tokens") or find("output_tokens")
    if output.__class__ is not int or not 0 <= output <= _MOST:
        output = _first(usage, _OUTPUT)
    if "cache_read_input_tokens" in usage or "cache_creation_input_tokens" in usage:
        if given is not None or output is not None or _first(usage, _TOTAL) is not None:
            return _apart(usage, given or 0, output or 0)
        return None
    if _FURTHER.isdisjoint(usage):
        if given is None and output is None:
            return None
        return _new(Counts, (given or 0, 0, 0, 0, output or 0))
    total = _first(usage, _TOTAL)
    if given is None and output is None and total is None:
        return None
    given, read = given or 0, _read(usage) or 0
    # Some leave what was thought out of the answer, and not out of the total.
    output = (output or 0) + (_count(usage.get("thoughtsTokenCount")) or 0)
    output = max(output, (total or 0) - given)
    return _new(Counts, (max(given - read, 0), min(read, given), 0, 0, output))


def _read(usage: Mapping[str, Any]) -> int | None:
    details = usage.get("prompt_tokens_details", usage.get("input_tokens_details"))
    read = _first(details, _CACHED) or _first(usage, _CACHED)
    return read or _count(usage.get("cache_read_tokens"))


def _apart(usage: Mapping[str, Any], given: int, output: int) -> Counts:
    long = _first(usage.get("cache_creation"), _LONG) or 0
    written = _first(usage, _WRITTEN) or 0
    read = _first(usage, _READ) or 0
    return _new(Counts, (given, read, max(written, long), long, output))


def _within(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Cohere has one more level."""
    for name in ("billed_units", "tokens"):
        inner = usage.get(name)
        if inner is not None and not isinstance(inner, (int, float)):
            return {**dict(_members(inner))}
    return usage


_TEXTS: Final = ("text", "thinking", "partial_json", "content", "arguments")


def _pieces(event: Any) -> Iterator[Any]:
    yield event
    delta = _get(event, "delta")
    if delta is not None:
        yield delta
    choices = _get(event, "choices")
    for choice in choices if isinstance(choices, list) else ():
        yield _get(choice, "delta")


def at_most(counts: Counts, output: int) -> Counts:
    """``counts`` with an answer of ``output`` tokens, where it had fewer."""
    return counts._replace(output=max(counts.output, output))


def _first(holder: Any, names: tuple[str, ...]) -> int | None:
    if holder is None:
        return None
    plain = holder.__class__ is dict
    for name in names:
        if plain and name not in holder:
            continue
        value = holder[name] if plain else _get(holder, name)
        if value.__class__ is int and 0 <= value <= _MOST:  # as it nearly always is
            return value
        count = _count(value)
        if count is not None:
            return count
    return None


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(int(value), _MOST) if 0 <= value < float("inf") else None


def _get(holder: Any, name: str) -> Any:
    if holder.__class__ is dict or isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)


def _members(usage: Any) -> list[tuple[str, Any]]:
    if isinstance(usage, Mapping):
        raw = getattr(usage, "raw", None)  # chat's: the provider's own words first
        told = raw if isinstance(raw, Mapping) and counted(raw) else usage
        return list(told.items())
    if usage is None or isinstance(usage, (str, int, float)):
        return []
    names = (
        *(*_INPUT, *_OUTPUT, *_TOTAL, *_CACHED, "cache_creation", "billed_units"),
        *("cache_read_input_tokens", "cache_creation_input_tokens", "tokens"),
        *("prompt_tokens_details", "input_tokens_details", "thoughtsTokenCount"),
    )
    return [(name, getattr(usage, name, None)) for name in names]
