"""How long the server asks to wait, in all spellings (F3).

A wish is kept to and not much exceeded; what says nothing usable is as good as none; a
wish past the deadline fails at once, with the wish on the error.
"""

from __future__ import annotations

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import http, play

BACKOFF = ((0.1, 8.0),)
LONG = Setup(total=30.0)


def cases(d: Dialect) -> list[Case]:
    found = [*_kept(d), *_unusable(d), *_too_long(d)]
    good = http(200, d.ok())
    for status in (408, 429, 500, 529):
        found.append(
            Case(
                "retry-after",
                f"{status} with 3 seconds",
                play(http(status, d.error(), {"Retry-After": "3"}), good),
                Expect(requests=(2, 2), slept=((3.0, 3.75),)),
                setup=LONG,
            )
        )
    return found


def _case(d: Dialect, name: str, headers: dict[str, str], expect: Expect) -> Case:
    script = play(http(503, d.error(), headers), http(200, d.ok()))
    return Case("retry-after", name, script, expect, setup=LONG)


def _kept(d: Dialect) -> list[Case]:
    spellings: dict[str, tuple[dict[str, str], float, float]] = {
        "1 second": ({"Retry-After": "1"}, 1, 1),
        "7 seconds": ({"Retry-After": "7"}, 7, 7),
        "007 seconds": ({"Retry-After": "007"}, 7, 7),
        "1.5 seconds": ({"Retry-After": "1.5"}, 1.5, 1.5),
        "blanks around it": ({"Retry-After": "  3  "}, 3, 3),
        "a name in capitals": ({"RETRY-AFTER": "3"}, 3, 3),
        "a date": ({"Retry-After": "@DATE:6@"}, 4, 6),
        "milliseconds": ({"retry-after-ms": "1700"}, 1.7, 1.7),
        "milliseconds, a fraction": ({"retry-after-ms": "1700.5"}, 1.7, 1.71),
        "milliseconds before seconds": (
            {"retry-after-ms": "900", "Retry-After": "20"},
            0.9,
            0.9,
        ),
        "milliseconds that are none": (
            {"retry-after-ms": "soon", "Retry-After": "2"},
            2,
            2,
        ),
    }
    return [
        _case(d, name, headers, Expect(requests=(2, 2), slept=((low, high * 1.25),)))
        for name, (headers, low, high) in spellings.items()
    ]


def _unusable(d: Dialect) -> list[Case]:
    texts = {
        "0 seconds": "0",
        "a negative number": "-5",
        "a word": "soon",
        "nothing": "",
        "not a number": "nan",
        "hexadecimal": "0x10",
        "a date that is past": "@DATE:-3600@",
        "a date that is none": "Fri, 99 Foo 2026 99:99:99 GMT",
        "rubbish": "\xff\xfe;;",
        "two of them": "1, 2",
        "underscores": "1_0",
    }
    # Nothing usable: an ordinary wait, and neither none at all nor a long one.
    expect = Expect(requests=(2, 2), slept=((0.0, 8.0),))
    return [
        _case(d, name, {"Retry-After": text}, expect) for name, text in texts.items()
    ]


def _too_long(d: Dialect) -> list[Case]:
    texts = {
        "60 seconds of 30": "60",
        "1e9 seconds": "1e9",
        "1000000000 seconds": "1000000000",
        "inf": "inf",
        "30 digits": "9" * 30,
        "400 digits": "9" * 400,
        "a date next day": "@DATE:86400@",
        "the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    }
    expect = Expect(
        ("status 503",), requests=(1, 1), slept=(), checks=("wish_is_told",)
    )
    found = [
        _case(d, name, {"Retry-After": text}, expect) for name, text in texts.items()
    ]
    found.append(
        _case(d, "milliseconds of an hour", {"retry-after-ms": "3600000"}, expect)
    )
    return found
