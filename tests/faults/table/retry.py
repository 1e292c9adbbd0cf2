"""What is tried again, how often, and what never is (F3, F4, L7, L9)."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import ANSWER, Dialect
from ..script import Close, Hold, Pause, Reset, Script, encoded, head, http, play

SHORT = Setup(read=0.2)


def cases(d: Dialect) -> list[Case]:
    return [*_statuses(d), *_words(d), *_same(d), *_runs(d), *_load(d)]


def _case(name: str, script: Script, expect: Expect, **more: Any) -> Case:
    return Case("retry", name, script, expect, **more)


def _statuses(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    found = []
    for status in (408, 409, 429, 500, 502, 503, 504, 529):
        error = http(status, d.error())
        expect = Expect(requests=(2, 2), slept=((0.1, 8.0),))
        found.append(_case(f"{status}, then good", play(error, good), expect))
    for status in (400, 401, 403, 404, 413, 422):
        error = http(status, d.error())
        expect = Expect((f"status {status}",), requests=(1, 1), slept=())
        found.append(_case(f"{status} is final", play(error, good), expect))
    down = http(503, d.error())
    twice = Expect(requests=(3, 3), slept=((0.1, 8.0), (0.1, 8.0)))
    gives_up = Expect(("status 503",), requests=(3, 3))
    never = Expect(("status 503",), requests=(1, 1), slept=())
    return [
        *found,
        _case("503 twice, then good", play(down, down, good), twice),
        _case("503 for ever", play(down), gives_up),
        _case(
            "503, no retries wanted", play(down, good), never, setup=Setup(retries=0)
        ),
        _case(
            "503 five times, then good, five retries wanted",
            play(*[down] * 5, good),
            Expect(requests=(6, 6)),
            setup=Setup(retries=5, total=120.0),
        ),
        _case(
            "503, then reset, then good",
            play(down, Reset(), good),
            Expect(requests=(3, 3)),
        ),
    ]


def _words(d: Dialect) -> list[Case]:
    """The server's own word on whether to come again."""
    good = http(200, d.ok())
    yes, no = {"x-should-retry": "true"}, {"x-should-retry": "false"}
    what = {"x-should-retry": "perhaps"}
    again = Expect(requests=(2, 2))
    return [
        _case("400, and come again", play(http(400, d.error(), yes), good), again),
        _case(
            "503, and do not come again",
            play(http(503, d.error(), no), good),
            Expect(("status 503",), requests=(1, 1)),
        ),
        _case("503, and no clear word", play(http(503, d.error(), what), good), again),
    ]


def _same(d: Dialect) -> list[Case]:
    """All attempts are one call."""
    good, down = http(200, d.ok()), http(503, d.error())
    once_more = Expect(requests=(2, 3), checks=("same_idempotency_key", "same_body"))
    return [
        _case("the same call after 503", play(down, down, good), once_more),
        _case("the same call after a reset", play(Reset(), good), once_more),
        _case(
            "the same call after a silence", play(Hold(), good), once_more, setup=SHORT
        ),
        _case(
            "the same call after a cut reply",
            play(
                [head(200, {"Content-Length": "9999"}) + encoded(d.ok()), Close()], good
            ),
            once_more,
        ),
    ]


def _runs(d: Dialect) -> list[Case]:
    """A run may be billed: it is sent again only where it cannot have begun."""
    good = http(200, d.ran)
    slow = {"Retry-After": "1"}
    cut = head(200, {"Content-Length": "9999"}) + encoded(d.ran)

    def once(*kinds: str) -> Expect:
        return Expect(kinds, requests=(1, 1))

    again = Expect(requests=(2, 2))

    def case(name: str, script: Script, expect: Expect, **more: Any) -> Case:
        return _case(f"a run: {name}", script, expect, action="run", **more)

    return [
        case("500 is final", play(http(500, d.error()), good), once("status 500")),
        case("502 is final", play(http(502, d.error()), good), once("status 502")),
        case("503 is final", play(http(503, d.error()), good), once("status 503")),
        case("503 with a wish is not", play(http(503, d.error(), slow), good), again),
        case("429 is not", play(http(429, d.error()), good), again),
        case("reset behind the request", play(Reset(), good), once("connection")),
        case("closed behind the request", play(Close(), good), once("connection")),
        case(
            "silence behind the request",
            play(Hold(), good),
            once("timeout"),
            setup=SHORT,
        ),
        case("cut in the reply", play([cut, Close()], good), once("connection")),
        case("no answer in the reply", play(http(200, "<html>"), good), once("decode")),
        case(
            "a refused connection is not begun",
            Script(play(good).replies, greet=((Reset(),), ())),
            # Once the reset is seen after sending, nobody can tell.
            Expect(("ok", "connection"), requests=(0, 1)),
        ),
    ]


def _load(d: Dialect) -> list[Case]:
    """What many callers do to a server in trouble."""
    down, good = http(503, d.error()), http(200, d.ok())
    return [
        _case(
            "200 calls in an outage",
            play(down),
            Expect(value=["status 503"], requests=(200, 250), seconds=12.0),
            action="outage",
            args={"count": 200},
        ),
        _case(
            "200 calls while nobody listens",
            Script(greet=((Reset(),),)),
            Expect(
                value=["connection"],
                requests=(0, 250),
                seconds=12.0,
                checks=("few_connections",),
            ),
            action="outage",
            args={"count": 200},
        ),
        _case(
            "20 failures at one moment",
            play(*[[Pause(0.3), down]] * 20, good),
            Expect(value=[[ANSWER], 20, "spread"], requests=(40, 40), seconds=8.0),
            action="storm",
            args={"count": 20},
            setup=Setup(chance=True),
        ),
        _case(
            "after an outage all is well again",
            play(*[down] * 150, good),
            Expect(value=[ANSWER] * 120, requests=(120, 400), seconds=12.0),
            action="recovers",
            args={"count": 120},
        ),
        _case(
            "one failure in three, for long",
            play(*[down, good, good] * 60),
            Expect(value=[ANSWER] * 120, requests=(180, 180), seconds=12.0),
            action="calls",
            args={"count": 120},
        ),
    ]
