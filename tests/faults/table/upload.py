"""Uploads arrive whole, also when they are sent again (N5)."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import Close, Hold, Pause, Reply, Reset, Script, Send, http, play

ONCE = Expect(requests=(1, 1))
SMALL = {"size": 70_000}


def cases(d: Dialect) -> list[Case]:
    return [*_again(d), *_kinds(d), *_final(d)]


def _case(name: str, script: Script, expect: Expect, **args: Any) -> Case:
    setup = args.pop("setup", Setup())
    return Case("upload", name, script, expect, "upload", setup, args={**SMALL, **args})


def _again(d: Dialect) -> list[Case]:
    good, down = http(200, d.file), http(503, d.error(), {"Retry-After": "1"})
    whole = Expect(requests=(2, 2), checks=("same_body",))
    busy = http(429, d.error())
    early = Reply((Send(down), Pause(0.02), Close()), early=True)
    return [
        _case("a path, again after 503", play(down, good), whole),
        _case("a path, again after 429", play(busy, good), whole),
        _case("an open file, again", play(down, good), whole, kind="file"),
        _case(
            "an open file from its middle, again",
            play(down, good),
            whole,
            kind="tail",
            offset=30_000,
        ),
        _case("bytes, again", play(down, good), whole, kind="memory"),
        _case(
            "again after 503 in its middle",
            play(early, good),
            Expect(("ok", "connection"), requests=(1, 2), checks=("same_body",)),
            size=3_000_000,
        ),
        _case(
            "three times",
            play(down, down, good),
            Expect(requests=(3, 3), checks=("same_body",)),
        ),
    ]


def _kinds(d: Dialect) -> list[Case]:
    good = http(200, d.file)
    parts = ("whole_file",)
    return [
        _case("a path", play(good), Expect(requests=(1, 1), checks=parts)),
        _case(
            "an open file",
            play(good),
            Expect(requests=(1, 1), checks=parts),
            kind="file",
        ),
        _case(
            "bytes", play(good), Expect(requests=(1, 1), checks=parts), kind="memory"
        ),
        _case("an empty file", play(good), ONCE, size=0),
        _case(
            "a name with quotes and line feeds",
            play(good),
            Expect(("ok", "refused"), requests=(0, 1), checks=("one_part_head",)),
            filename='a"\r\nX-Evil: 1',
        ),
        _case("a name beyond ASCII", play(good), ONCE, filename="übung\u2028.bin"),
        _case(
            "a pipe",
            play(good),
            Expect(("ok", "refused"), requests=(0, 1)),
            kind="pipe",
        ),
    ]


def _final(d: Dialect) -> list[Case]:
    down = http(503, d.error(), {"Retry-After": "1"})
    good = http(200, d.file)
    refused = http(413, d.error("request_too_large"))
    final = Expect(("status 413",), requests=(1, 1))
    half = Reply((Pause(0.02), Reset()), early=True)
    return [
        _case("413 is final", play(refused, good), final),
        _case(
            "a pipe is not sent twice",
            play(down, good),
            Expect(("status 503", "refused"), requests=(0, 1)),
            kind="pipe",
        ),
        _case(
            "reset in its middle",
            play(half),
            Expect(("connection",), requests=(1, 3)),
            size=5_000_000,
        ),
        _case(
            "nobody reads it",
            play(Reply((Hold(),), early=True)),
            Expect(("timeout",), requests=(1, 3)),
            size=30_000_000,
            setup=Setup(total=0.6, real=True),
        ),
    ]
