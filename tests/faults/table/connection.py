"""Connections that are refused, break off, or went stale (goal F1)."""

from __future__ import annotations

from ..case import Case, Expect, Setup
from ..dialects import ANSWER, Dialect
from ..script import (
    CHUNKED,
    Close,
    HalfClose,
    Hold,
    Op,
    Pause,
    Reset,
    Script,
    Send,
    chunks,
    encoded,
    head,
    http,
    play,
)

BROKEN = Expect(("connection",), attempts=3)
# Where bytes came that are no HTTP, "no connection" and "no answer" are both true.
GARBLED = Expect(("connection", "decode"))
SILENT = Setup(read=0.2)
PAIR = Expect(value=[ANSWER, ANSWER])


def cases(d: Dialect) -> list[Case]:
    return [*_without_answer(d), *_cut(d), *_framing(d), *_stale(d), *_recovering(d)]


def _case(name: str, script: Script, expect: Expect = BROKEN, **more: object) -> Case:
    return Case("conn", name, script, expect, **more)  # type: ignore[arg-type]


def _without_answer(d: Dialect) -> list[Case]:
    nobody = Expect(("connection",), requests=(0, 0))
    nowhere = {"base_url": "http://127.0.0.1:@CLOSED@"}
    nameless = {"base_url": "https://nowhere.invalid:@PORT@"}
    silence = Expect(("timeout",), attempts=3)
    early = Expect(("connection",), requests=(0, 6))
    return [
        _case("refused", Script(), nobody, args=nowhere),
        _case("a name that does not resolve", Script(), nobody, args=nameless),
        _case("accepted, then closed", Script(greet=((Close(),),)), early),
        _case("accepted, then reset", Script(greet=((Reset(),),)), early),
        _case(
            "accepted, then silent",
            Script(greet=((Hold(),),)),
            Expect(("timeout",), requests=(0, 0)),
            setup=SILENT,
        ),
        _case("asked, then closed", play(Close())),
        _case("asked, then reset", play(Reset())),
        _case("asked, then silent", play(Hold()), silence, setup=SILENT),
        _case("asked, then half closed", play([HalfClose(), Hold()])),
    ]


def _cut(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    top, _, content = good.partition(b"\r\n\r\n")
    top += b"\r\n\r\n"
    chunked = head(200, CHUNKED) + chunks(content, content)
    cuts = {
        "the status line": good[:9],
        "the headers": top[:-12],
        "the end of the headers": top[:-2],
        "the body, at its start": top,
        "the body": top + content[:-5],
        "a chunk": chunked[:-40],
        "the chunk's size": head(200, CHUNKED) + b"1",
        "the chunks, between two": head(200, CHUNKED) + chunks(content, end=False),
    }
    found = []
    ends: list[tuple[str, Op]] = [("closed", Close()), ("reset", Reset())]
    for place, data in cuts.items():
        for way, op in ends:
            # A reset may overtake what was sent before it.
            ops = [Send(data), Pause(0.02), op]
            found.append(_case(f"{way} in {place}", play(ops)))
    return found


def _framing(d: Dialect) -> list[Case]:
    content = encoded(d.ok())
    whole = b"%x\r\n%b\r\n" % (len(content), content)
    framed = head(200, CHUNKED)
    longer = {"Content-Length": str(len(content) + 7)}
    number = head(200, {"Content-Length": "5"}) + b"123"
    either = Expect(("ok", "connection"))
    return [
        _case("a chunk's size is no number", play([framed + b"zz\r\n", Close()])),
        _case("a chunk's size is negative", play([framed + b"-5\r\n{}", Close()])),
        _case("a chunk's size is huge", play([framed + b"f" * 16 + b"\r\n", Close()])),
        _case("a chunk is longer than it says", play([framed + b"2\r\n{}{}", Close()])),
        _case("a chunk's size is empty", play([framed + b"\r\n{}", Close()])),
        _case(
            "the last chunk is not ended",
            play([framed + whole + b"0\r\n", Close()]),
            either,
        ),
        _case(
            "whole JSON, a longer length", play([head(200, longer) + content, Close()])
        ),
        _case("cut JSON that parses", play([number, Close()])),
        _case(
            "cut JSON that parses, in chunks",
            play([framed + b"5\r\n123", Close()]),
        ),
        _case("closed behind the answer", play([http(200, d.ok()), Close()]), Expect()),
        _case(
            "half closed behind the answer",
            play([http(200, d.ok()), HalfClose(), Hold()]),
            Expect(),
        ),
        _case("no HTTP at all", play([b"hello\r\n\r\n", Close()]), GARBLED),
        _case("binary rubbish", play([bytes(range(256)), Close()]), GARBLED),
    ]


def _stale(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    twice = Expect(value=[ANSWER, ANSWER], requests=(2, 2), attempts=2)
    again = Expect(value=[ANSWER, ANSWER], requests=(2, 3), attempts=3)
    found = []
    for way, op in (("closed", Close()), ("reset", Reset())):
        found += [
            _case(
                f"kept, then {way} between two calls",
                play([good, Pause(0.02), op], good),
                twice,
                action="calls",
                args={"pause": 0.1},
            ),
            _case(
                f"kept, then {way} as the next call comes",
                play(good, op, good),
                again,
                action="calls",
            ),
        ]
    return found


def _recovering(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    content = encoded(d.ok())
    short = head(200, {"Content-Length": "9999"}) + content
    second = Expect(requests=(2, 2))
    poison = http(200, d.ok("poison"))
    return [
        _case("reset once, then good", play(Reset(), good), second),
        _case("cut once, then good", play([short, Close()], good), second),
        _case("silent once, then good", play(Hold(), good), second, setup=SILENT),
        _case(
            "a second answer comes with the first",
            play(good + poison, good),
            PAIR,
            action="calls",
        ),
        _case(
            "a second answer comes later",
            play([good, Pause(0.05), poison], good),
            PAIR,
            action="calls",
            args={"pause": 0.2},
        ),
        _case(
            "more body than was said",
            play(head(200, {"Content-Length": "2"}) + b"{}" + content, good),
            Expect(value=["decode", ANSWER], requests=(1, 3)),
            action="fail_then_call",
        ),
    ]
