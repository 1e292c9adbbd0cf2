"""Prompt caching: which part of a prompt was there before, and what that saves.

A prompt is its tools, its system text and its messages, in this order. Up to each
block with ``cache_control`` (and up to the last block where the request itself has it)
the prompt is kept for five minutes, or an hour; the longest part that is still kept is
read. Unlike the API, the sandbox keeps prompts of any length.
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
class _Point:
    """A place up to which a prompt is kept: what it is known by, and its length."""

    key: str
    tokens: int
    ttl: str


def use_cache(params: Any, state: State) -> Cached:
    """What of the prompt was read and written; what is used lives on."""
    points = list(_points(params))
    if not points:
        return Cached()
    now = state.clock()
    with state.lock:
        kept = [p for p in points if state.prompts.get(p.key, 0.0) > now]
        for point in points:
            state.prompts[point.key] = now + _TTL_S[point.ttl]
    read = max((point.tokens for point in kept), default=0)
    written = {"5m": 0, "1h": 0}
    end = read
    for point in points:
        written[point.ttl] += max(0, point.tokens - end)
        end = max(end, point.tokens)
    return Cached(read, written["5m"], written["1h"])


def _points(params: Any) -> Iterator[_Point]:
    digest = hashlib.blake2b(str(params["model"]).encode())
    tokens = 0
    blocks = list(_blocks(params))
    for number, (block, size) in enumerate(blocks, 1):
        control = block.get("cache_control")
        if number == len(blocks):
            control = control or params.get("cache_control")
        plain = {k: v for k, v in block.items() if k != "cache_control"}
        digest.update(json.dumps(plain, sort_keys=True).encode())
        tokens += size
        if control:
            yield _Point(digest.hexdigest(), tokens, control.get("ttl", "5m"))


def _blocks(params: Any) -> Iterator[tuple[dict[str, Any], int]]:
    for tool in params.get("tools") or ():
        yield tool, words(json.dumps(tool, sort_keys=True))
    for block in blocks_of(params.get("system")):
        yield block, size_of(block)
    for message in params["messages"]:
        for place, block in enumerate(blocks_of(message["content"])):
            turn = 1 if place == 0 else 0
            yield {**block, "role": message["role"]}, size_of(block) + turn
