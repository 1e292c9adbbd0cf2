"""Counts of tokens by one name each, whatever a provider calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import programs

NAMES = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
)


class Usage(dict[str, int]):
    """What an answer has cost in tokens: the counts that are known, by name.

    ``prompt_tokens`` (also ``input_tokens``), ``completion_tokens``
    (``output_tokens``), ``total_tokens``, ``reasoning_tokens``, ``cache_read_tokens``,
    ``cache_creation_tokens``: keys where known, and attributes that are ``None`` where
    not. The total is the provider's, else the sum of the first two.

    :ivar raw: what the provider sent.
    """

    __slots__ = ("raw",)

    def __init__(
        self, counts: Mapping[str, int] | None = None, *, raw: Any = None
    ) -> None:
        super().__init__(counts or {})
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        if "total_tokens" not in self and len(self.keys() & NAMES[:2]) == 2:
            self["total_tokens"] = self["prompt_tokens"] + self["completion_tokens"]

    @property
    def prompt_tokens(self) -> int | None:
        """Tokens of the request."""
        return self.get("prompt_tokens")

    @property
    def completion_tokens(self) -> int | None:
        """Tokens of the answer."""
        return self.get("completion_tokens")

    @property
    def total_tokens(self) -> int | None:
        """Tokens of both."""
        return self.get("total_tokens")

    @property
    def reasoning_tokens(self) -> int | None:
        """Tokens of the answer that the model only thought."""
        return self.get("reasoning_tokens")

    @property
    def cache_read_tokens(self) -> int | None:
        """Tokens of the request that a cache held."""
        return self.get("cache_read_tokens")

    @property
    def cache_creation_tokens(self) -> int | None:
        """Tokens of the request that were put into a cache."""
        return self.get("cache_creation_tokens")

    input_tokens = prompt_tokens
    output_tokens = completion_tokens

    def cost(self, prices: Mapping[str, Any] | None) -> float | None:
        """What the tokens cost, or ``None`` where a price or a count is not known.

        :param prices: ``{"input", "output", "cache_read", "cache_write": USD for a
            million tokens, "cache_apart": bool}``; the last one says that
            ``prompt_tokens`` leave out what caches held.
        """
        prompt, answered = self.prompt_tokens, self.completion_tokens
        if not prices or prompt is None or answered is None:
            return None
        given, taken = prices.get("input"), prices.get("output")
        if given is None or taken is None:
            return None
        read, written = self.cache_read_tokens or 0, self.cache_creation_tokens or 0
        if not prices.get("cache_apart"):
            prompt = max(prompt - read - written, 0)
            # Some leave what was thought out of the answer, and not out of the total.
            total = self.total_tokens or 0
            answered = max(answered, total - prompt - read - written)
        cost = prompt * given + answered * taken
        cost += read * _price(prices, "cache_read", given)
        cost += written * _price(prices, "cache_write", given)
        return float(cost) / 1_000_000

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (dict(self), dict(self.raw))


def _restored(counts: dict[str, int], raw: dict[str, Any]) -> Usage:
    return Usage(counts, raw=raw)


class Counting:
    """Reads the counts of a provider's usage objects.

    :param names: standard name -> paths from the usage object, the first that leads to
        a count is taken.
    """

    def __init__(self, names: Mapping[str, Sequence[Any]]) -> None:
        self._gets = [
            (name, [programs.getter(path) for path in paths])
            for name, paths in names.items()
        ]

    def counts(self, usage: Any) -> dict[str, int]:
        """The counts of one usage object, of any shape."""
        env, found = (usage,), {}
        for name, gets in self._gets:
            for get in gets:
                count = whole(get(env))
                if count is not None:
                    found[name] = count
                    break
        return found


class Tally:
    """The usage of a stream, which may come in parts: later counts win."""

    def __init__(self, counting: Counting) -> None:
        self._counts: Callable[[Any], dict[str, int]] = counting.counts
        self._known: dict[str, int] = {}
        self._raw: dict[str, Any] = {}

    def add(self, fields: Mapping[str, Any]) -> bool:
        """Take what a rule found: a usage object, or counts by their own names.

        Whether something is known that was not.
        """
        usage = fields.get("usage")
        found = self._counts(usage) if usage is not None else {}
        for name in NAMES:
            if name not in found and name in fields:
                count = whole(fields[name])
                if count is not None:
                    found[name] = count
        if usage.__class__ is dict:
            self._raw.update(usage)
        if found.items() <= self._known.items():
            return False
        self._known.update(found)
        return True

    def usage(self) -> Usage:
        """All counts so far."""
        return Usage(self._known, raw=dict(self._raw))


def _price(prices: Mapping[str, Any], name: str, usual: Any) -> Any:
    price = prices.get(name)
    return usual if price is None else price


def whole(value: Any) -> int | None:
    """A count as a number of tokens; some providers write ``12.0``."""
    if value.__class__ is int:
        return value if value >= 0 else None
    if value.__class__ is float and 0 <= value < 2**53 and value == int(value):
        return int(value)
    return None
