"""TLS that cannot be trusted, or breaks off; counted with the connections (F1).

The tests' own authority is trusted by every library; see ``certs``.
"""

from __future__ import annotations

from ..case import Case, Expect, Setup
from ..dialects import Dialect
from ..script import Close, Hold, Pause, Reset, Script, Send, encoded, head, http, play

REFUSED = Expect(
    ("connection",), requests=(0, 0), checks=("one_connection",), seconds=4.0
)
SILENT = Setup(connect=0.3, read=0.3)


def cases(d: Dialect) -> list[Case]:
    good = http(200, d.ok())
    short = head(200, {"Content-Length": "9999"}) + encoded(d.ok())
    open_ended = head(200, {"Connection": "close"}) + encoded(d.ok())[:-9]
    broken = Expect(("connection",), requests=(0, 6))
    plain = {"base_url": "https://127.0.0.1:@PORT@"}
    reverse = {"base_url": "http://127.0.0.1:@PORT@"}

    def case(name: str, script: Script, expect: Expect, **more: object) -> Case:
        return Case("conn", f"TLS: {name}", script, expect, **more)  # type: ignore[arg-type]

    def trusted(*replies: object) -> Script:
        return play(*replies, tls="good")

    return [
        case("trusted", trusted(good), Expect()),
        case("nobody vouches for it", play(good, tls="selfsigned"), REFUSED),
        case("of another host", play(good, tls="otherhost"), REFUSED),
        case("expired", play(good, tls="expired"), REFUSED),
        case(
            "silent",
            Script(greet=((Hold(),),), tls="good"),
            Expect(("timeout", "connection"), requests=(0, 0)),
            setup=SILENT,
        ),
        case("closed", Script(greet=((Close(),),), tls="good"), broken),
        # Not at once: the standard library leaks a socket that is dead before.
        case("reset", Script(greet=((Pause(0.05), Reset()),), tls="good"), broken),
        case(
            "plain text instead",
            Script(greet=((Send(good), Close()),)),
            broken,
            args=plain,
        ),
        case("asked in plain text", trusted(good), broken, args=reverse),
        case(
            "no close-notify behind a whole answer",
            trusted([good, Close(plain=True)]),
            Expect(),
        ),
        case(
            "cut without close-notify",
            trusted([short, Close(plain=True)]),
            Expect(("connection",), attempts=3),
        ),
        case(
            "cut with close-notify",
            trusted([short, Close()]),
            Expect(("connection",), attempts=3),
        ),
        case(
            "cut, and no length to tell by",
            trusted([open_ended, Close(plain=True)]),
            Expect(("connection", "decode")),
        ),
        case("reset in the body", trusted([short, Pause(0.02), Reset()]), broken),
    ]
