"""A success that is no answer is a typed error (B1); what is only odd is taken."""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect
from ..dialects import Dialect
from ..script import encoded, gzip, http, play

NO_ANSWER = Expect(("decode",), attempts=1)
FINE = Expect(attempts=1)


def cases(d: Dialect) -> list[Case]:
    found = [
        Case("body", name, play(http(200, body)), NO_ANSWER)
        for name, body in _no_answers(d).items()
    ]
    page = http(200, "<!doctype html><p>Sign in", kind="text/html")
    found.append(Case("body", "a page of HTML", play(page), NO_ANSWER))
    found += [
        Case("body", name, play(http(200, body)), FINE)
        for name, body in _odd(d).items()
    ]
    return [*found, *_coded(d)]


def _no_answers(d: Dialect) -> dict[str, Any]:
    good = encoded(d.ok())
    held = {"content", "choices", "data"}
    digits = b"[" + b"9" * 5000 + b"]"
    return {
        "empty": b"",
        "blank": b" \r\n\t ",
        "null": b"null",
        "true": b"true",
        "a number": b"42",
        "text": b'"fine"',
        "an empty list": b"[]",
        "the answer in a list": [d.ok()],
        "an empty object": b"{}",
        "an error with status 200": d.error(),
        "a member is missing": {k: v for k, v in d.ok().items() if k not in held},
        "members of wrong types": _wrong_types(d),
        "everything is null": dict.fromkeys(d.ok()),
        "cut": good[:-7],
        "rubbish behind it": good + b"}",
        "two answers": good + good,
        "5,000 digits": digits,
        "NaN": good.replace(b'"hello"', b"NaN"),
        "Infinity": good.replace(b'"hello"', b"-Infinity"),
        "bad UTF-8": good.replace(b"hello", b"he\xff\xfello"),
        "cut UTF-8": good.replace(b"hello", b"he\xe2\x82"),
        "100,000 brackets": b"[" * 100_000,
        "100,000 brackets, closed": b"[" * 100_000 + b"]" * 100_000,
        "100,000 braces": b'{"a":' * 100_000,
        "100,000 brackets in a member": good[:-1]
        + b',"more":'
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}",
        "single quotes": good.replace(b'"', b"'"),
        "a comment": b"/* hi */" + good,
        "gzip that nobody asked for": gzip(good),
    }


def _wrong_types(d: Dialect) -> Any:
    """Each list and object is a number instead."""
    return {
        name: 7 if isinstance(value, (list, dict)) else value
        for name, value in d.ok().items()
    }


def _odd(d: Dialect) -> dict[str, Any]:
    good = encoded(d.ok())
    key = encoded(next(iter(d.ok())))
    twice = b'{"' + key + b'": null, ' + good[1:]
    return {
        "blanks around it": b"\r\n " + good + b" \n\n",
        "members nobody knows": {**d.ok(), "new": {"deep": [1, None]}},
        "a member twice: the last counts": twice,
        "escapes": good.replace(b"hello", b"\\u0068ello"),
        "a huge number in a member nobody knows": {**d.ok(), "n": 10**300},
    }


def _coded(d: Dialect) -> list[Case]:
    good = encoded(d.ok())
    coding = {"Content-Encoding": "gzip"}
    damaged = bytearray(gzip(good))
    damaged[len(damaged) // 2] ^= 0xFF
    return [
        Case("body", name, play(http(200, bytes(data), coding)), NO_ANSWER)
        for name, data in {
            "gzip, damaged": damaged,
            "gzip without its end": gzip(good)[:-8],
            "gzip of something else": gzip("hello"),
            "gzip, rubbish behind it": gzip(good) + b"rubbish",
        }.items()
    ] + [
        Case(
            "body",
            "a text with U+2028 and a lone surrogate",
            play(http(200, encoded(d.ok("a\u2028b\ud800")))),
            Expect(value="a\u2028b\ud800"),
        ),
        Case(
            "body",
            "a byte order mark before it",
            play(http(200, b"\xef\xbb\xbf" + good)),
            Expect(("ok", "decode")),
        ),
    ]
