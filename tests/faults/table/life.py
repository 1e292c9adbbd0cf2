"""A client's life: closing, forks, signals, threads, the process's end (F7-F9, L6)."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import ANSWER, Dialect
from ..script import (
    CHUNKED,
    EVENTS,
    Forever,
    Hold,
    Pause,
    Reply,
    Script,
    chunks,
    head,
    http,
    play,
    reply,
    stream,
)

REAL = Setup(real=True)
ANSWERED = "cancelled", "connection", "stream"


def cases(d: Dialect) -> list[Case]:
    return [*_closing(d), *_streams(d), *_isolated(d), *_many(d)]


def _case(name: str, script: Script, action: str, expect: Expect, **more: Any) -> Case:
    return Case("life", name, script, expect, action, **more)


def _opened(d: Dialect) -> Reply:
    wire = head(200, CHUNKED, kind=EVENTS) + chunks(d.pieces(1), end=False)
    return reply([wire, Hold()])


def _closing(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    freed = Expect(ANSWERED, seconds=1.0, requests=(1, 1))
    sized = head(200, {"Content-Length": "9999"})
    unused = Expect(("cancelled", "refused", "connection"), requests=(0, 0))
    return [
        _case("use after close", play(good), "use_after_close", unused),
        _case(
            "closed while a call waits",
            play(Hold()),
            "close_during_call",
            freed,
            setup=REAL,
        ),
        _case(
            "closed while a body comes",
            play([sized + b"{", Hold()]),
            "close_during_call",
            freed,
            setup=REAL,
        ),
        _case(
            "closed while a stream waits",
            Script((_opened(d),)),
            "close_during_stream",
            Expect(ANSWERED, seconds=1.0, items=("p0",)),
            setup=REAL,
        ),
        _case(
            "closed while a call backs off",
            play(http(503, d.error(), {"Retry-After": "9"})),
            "close_during_call",
            freed,
            setup=REAL,
        ),
        _case(
            "120 clients used and dropped",
            play(good),
            "clients_dropped",
            Expect(value=0, requests=(120, 120), seconds=15.0),
            args={"count": 120},
        ),
    ]


def _streams(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    back = Expect(
        value=["p0", ANSWER], requests=(2, 2), seconds=3.0, checks=("none_left",)
    )
    piped = head(200, CHUNKED, kind=EVENTS) + chunks(d.pieces(1), end=False)
    talk = reply([piped, Forever(chunks(d.ping, end=False), 0.01)])
    both = Script((_opened(d), reply(good)))
    loud = Script((talk, reply(good)))
    return [
        _case(
            "a stream closed early",
            both,
            "stream_then_call",
            back,
            args={"leave": "close"},
        ),
        _case(
            "a stream dropped early",
            both,
            "stream_then_call",
            back,
            args={"leave": "drop"},
        ),
        _case(
            "a stream closed early, more to come",
            loud,
            "stream_then_call",
            back,
            args={"leave": "close"},
        ),
        _case(
            "a stream dropped early, more to come",
            loud,
            "stream_then_call",
            back,
            args={"leave": "drop"},
        ),
        _case(
            "20 streams dropped",
            Script((_opened(d),)),
            "streams_dropped",
            Expect(value=0, requests=(20, 20), seconds=6.0),
            args={"count": 20},
        ),
        _case(
            "20 streams read, one connection",
            play(stream(d.whole(3))),
            "streams",
            Expect(
                value=20, requests=(20, 20), seconds=6.0, checks=("one_connection",)
            ),
            args={"count": 20, "each": "p0p1p2"},
        ),
    ]


def _alone(name: str, script: Script, do: str, value: Any, **more: Any) -> Case:
    args = {
        "do": do,
        "args": more.pop("args", {}),
        "needs": more.pop("needs", ("call",)),
    }
    args |= {
        k: more.pop(k)
        for k in ("signal_after", "env", "files", "base_url")
        if k in more
    }
    settings = {"requests": (0, 999), "seconds": 10.0, **more.pop("expect", {})}
    expect = Expect(value=value, **settings)
    return Case(
        "life", name, script, expect, "isolated", more.pop("setup", REAL), args=args
    )


def _isolated(d: Dialect) -> list[Case]:
    good, thing = http(200, d.ok()), http(200, {**d.model, "id": "@LAST@"})
    slow = http(503, d.error(), {"Retry-After": "8"})
    stop = ["interrupt", ANSWER]
    two = {"requests": (2, 2), "seconds": 15.0}
    echo = {"/v1/models": (reply(thing),)}
    half = [head(200, {"Content-Length": "9999"}) + b"{", Hold()]
    whole = head(200, CHUNKED, kind=EVENTS) + chunks(d.pieces(1), end=False)
    later = reply([whole, Pause(0.3), chunks(d.piece(1) + d.finish + d.mark)])
    return [
        _alone(
            "Ctrl-C while a call waits",
            play(Hold(), good),
            "interrupted",
            stop,
            signal_after=1,
            expect=two,
        ),
        _alone(
            "Ctrl-C while a body comes",
            play(half, good),
            "interrupted",
            stop,
            signal_after=1,
            expect=two,
        ),
        _alone(
            "Ctrl-C while it backs off",
            play(slow, good),
            "interrupted",
            stop,
            signal_after=1,
            expect=two,
        ),
        _alone(
            "Ctrl-C while a stream waits",
            Script((_opened(d), reply(good))),
            "interrupted",
            stop,
            signal_after=1,
            expect=two,
            args={"streaming": True},
            needs=("call", "stream"),
        ),
        _alone(
            "5 forks of a used client",
            Script((reply(good),), paths=echo),
            "forked",
            0,
            args={"forks": 5, "calls": 30},
            needs=("call", "get"),
        ),
        _alone(
            "a child drops its parent's stream",
            Script((later,)),
            "fork_drops_stream",
            "p0p1",
            needs=("call", "stream"),
        ),
        _alone(
            "a child has the deadline too",
            play(good, Hold()),
            "deadline_in_fork",
            0,
            args={"kind": "timeout"},
            setup=Setup(real=True, total=2.0, read=None, connect=None, retries=0),
            needs=("call", "deadline"),
            expect={"seconds": 15.0},
        ),
        _alone(
            "the process ends with open streams",
            Script((_opened(d),)),
            "leaves_open",
            "open",
            needs=("call", "stream"),
            expect={"seconds": 15.0},
        ),
        _alone(
            "10,000 clients made and dropped",
            play(good),
            "many_clients",
            "made",
            args={"warm": 500, "count": 10_000},
            expect={"seconds": 30.0, "checks": ("small_growth",)},
            needs=("call", "cheap"),
        ),
    ]


def _many(d: Dialect) -> list[Case]:
    thing = {"/v1/models": (reply(http(200, {**d.model, "id": "@LAST@"})),)}
    echo = Script((reply(http(200, d.ok())),), paths=thing)
    few = Expect(value=0, requests=(0, 99_999), seconds=30.0)
    return [
        _case(
            "8 threads, 30 calls each",
            echo,
            "threads",
            few,
            args={"threads": 8, "calls": 30},
        ),
        _case(
            "32 threads, 40 mixed calls each",
            echo,
            "threads",
            few,
            args={"threads": 32, "calls": 40},
        ),
    ]
