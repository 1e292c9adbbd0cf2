"""Prompt caching: which part of a prompt was there before, and what that saves.

A prompt is its tools, its system text and its messages, in this order. Up to each
block with ``cache_control`` (and up to the last block where the request itself has it)
the prompt is kept for five minutes, or an hour; the longest part that is still kept is
read: one that ends at such a block, or up to twenty blocks before. Unlike the API, the
sandbox keeps prompts of any length.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import attrs

from ..state import State
from .conversation import blocks_of, size_of, words

_TTL_S = {"5m": 300.0, "1h": 3600.0}
_LOOK_BACK = 20


@attrs.frozen
class Cached:
    """Tokens read from the cache, and written to it by how long they live."""

    read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    @property
    def written(self) -> int:
        """All tokens that were written."""
        return self.written_5m + self.written_1h


@attrs.frozen
class _End:
    """The end of a block: what the prompt up to it is known by, and its length.

    ``ttl`` says how long it is to be kept, ``None`` that it is not.
    """

    key: str
    tokens: int
    ttl: str | None


def use_cache(params: Any, state: State) -> Cached:
    """What of the prompt was read and written; what is used lives on."""
    ends = list(_ends(params))
    marked = [number for number, end in enumerate(ends) if end.ttl]
    now = state.clock()
    near = {n for last in marked for n in range(last - _LOOK_BACK, last + 1)}
    with state.lock:
        there = [
            end
            for number, end in enumerate(ends)
            if number in near and state.prompts.get(end.key, 0.0) > now
        ]
        for end in (*there, *(ends[last] for last in marked)):
            until = now + _TTL_S[end.ttl or "5m"]
            state.prompts[end.key] = max(until, state.prompts.get(end.key, 0.0))
    read = max((end.tokens for end in there), default=0)
    written = {"5m": 0, "1h": 0}
    at = read
    for last in marked:
        written[ends[last].ttl or "5m"] += max(0, ends[last].tokens - at)
        at = max(at, ends[last].tokens)
    return Cached(read, written["5m"], written["1h"])


def _ends(params: Any) -> Iterator[_End]:
    digest = hashlib.blake2b(str(params["model"]).encode())
    tokens = 0
    blocks = list(_blocks(params))
    for number, (block, size) in enumerate(blocks, 1):
        plain, control = _parted(block)
        if number == len(blocks):
            control = control or params.get("cache_control")
        digest.update(json.dumps(plain, sort_keys=True).encode())
        tokens += size
        ttl = control.get("ttl", "5m") if control else None
        yield _End(digest.hexdigest(), tokens, ttl)


def _parted(block: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """A block without its ``cache_control``, and that; one inside is as good."""
    plain = {k: v for k, v in block.items() if k != "cache_control"}
    control = block.get("cache_control")
    if isinstance(block.get("content"), list):
        inner = [_parted(each) for each in block["content"]]
        plain["content"] = [each for each, _ in inner]
        control = control or next((c for _, c in reversed(inner) if c), None)
    return plain, control


def _blocks(params: Any) -> Iterator[tuple[dict[str, Any], int]]:
    for tool in params.get("tools") or ():
        yield tool, words(json.dumps(tool, sort_keys=True))
    for block in blocks_of(params.get("system")):
        yield block, size_of(block)
    for message in params["messages"]:
        for place, block in enumerate(blocks_of(message["content"])):
            turn = 1 if place == 0 else 0
            yield {**block, "role": message["role"]}, size_of(block) + turn
