"""Redirects: followed on the origin, the method kept, or not at all (S1, S2)."""

from __future__ import annotations

from ..case import Case, Expect
from ..dialects import Dialect
from ..script import Close, Script, http, play, reply

STATUSES = (301, 302, 303, 307, 308)


def cases(d: Dialect) -> list[Case]:
    return [*_near(d), *_far(d), *_odd(d), *_streams(d)]


def _case(name: str, script: Script, expect: Expect, **more: object) -> Case:
    return Case("redirect", name, script, expect, **more)  # type: ignore[arg-type]


def _to(status: int, place: str, body: str = "") -> bytes:
    return http(status, body, {"Location": place})


def _near(d: Dialect) -> list[Case]:
    """On the origin: a GET may go anywhere, a POST goes whole or not."""
    found = []
    for status in STATUSES:
        there = {"/there": (reply(http(200, d.ok())),)}
        script = Script((reply(_to(status, "/there")),), paths=there)
        if status < 307:
            expect = Expect((f"status {status}",), attempts=1, checks=("no_get",))
        else:
            expect = Expect(requests=(2, 2), checks=("no_get", "same_body"))
        found.append(_case(f"{status} of a POST on the origin", script, expect))
        thing = {"/there": (reply(http(200, d.model)),)}
        script = Script((reply(_to(status, "/there")),), paths=thing)
        good = Expect(value=d.model.get("id", True), requests=(2, 2))
        found.append(
            _case(f"{status} of a GET on the origin", script, good, action="get")
        )
    return found


def _far(d: Dialect) -> list[Case]:
    """To another origin: not at all, whatever the method."""
    found = []
    trap = play(http(200, d.ok()))
    for status in STATUSES:
        expect = Expect(
            (f"status {status}",), attempts=1, checks=("nothing_elsewhere",)
        )
        script = play(_to(status, "@OTHER@/v1/messages"))
        found.append(
            _case(f"{status} of a POST to another port", script, expect, other=trap)
        )
    thing = play(http(200, d.model))
    for status in (302, 307):
        expect = Expect(
            (f"status {status}",), attempts=1, checks=("nothing_elsewhere",)
        )
        found.append(
            _case(
                f"{status} of a GET to another port",
                play(_to(status, "@OTHER@/v1/models/m1")),
                expect,
                action="get",
                other=thing,
            )
        )
    refused = Expect(("status 307",), attempts=1, checks=("nothing_elsewhere",))
    return [
        *found,
        _case(
            "to the same server by another name",
            play(_to(307, "http://localhost:@PORT@/v1/messages"), http(200, d.ok())),
            refused,
        ),
        _case(
            "to another host",
            play(_to(307, "http://localhost:@OPORT@/v1/messages")),
            refused,
            other=trap,
        ),
        _case(
            "to another host, without a scheme",
            play(_to(307, "//localhost:@OPORT@/v1/messages")),
            refused,
            other=trap,
        ),
        _case(
            "from https to http",
            play(_to(307, "@OTHER@/v1/messages"), tls="good"),
            refused,
            other=trap,
        ),
        _case(
            "from http to https",
            play(_to(307, "@OTHER@/v1/messages")),
            refused,
            other=play(http(200, d.ok()), tls="good"),
        ),
    ]


def _odd(d: Dialect) -> list[Case]:
    error = Expect(("status 307", "connection"), requests=(1, 1))
    places = {
        "to a file": "file:///etc/passwd",
        "to ftp": "ftp://127.0.0.1/x",
        "to javascript": "javascript:alert(1)",
        "to data": "data:application/json,{}",
        "to no place": "",
        "to rubbish": "http://[::1",
        "to a port that is none": "http://127.0.0.1:99999999/x",
        "with a user in the URL": "http://u:p@127.0.0.1:@PORT@/v1/messages",
    }
    found = [
        _case(name, play(_to(307, place), http(200, d.ok())), error)
        for name, place in places.items()
    ]
    looping = Expect(("status 307", "connection"), requests=(2, 20), attempts=5)
    return [
        *found,
        _case("without a Location", play(http(307)), error),
        _case("in a circle", play(_to(307, "/a")), looping),
        _case(
            "with a user in the URL, of a GET",
            play(_to(302, "http://u:p@127.0.0.1:@PORT@/x"), http(200, d.model)),
            Expect(("status 302",), attempts=1, checks=("key_is_sent",)),
            action="get",
        ),
        _case(
            "300 with choices",
            play(_to(300, "@OTHER@/x")),
            Expect(("status 300",), attempts=1, checks=("nothing_elsewhere",)),
            other=play(http(200, d.ok())),
        ),
        _case(
            "and the answer is an error",
            Script(
                (reply(_to(308, "/there")),),
                paths={"/there": (reply(http(400, d.error())),)},
            ),
            Expect(("status 400",), attempts=2),
        ),
        _case(
            "behind which the connection closes",
            play([_to(307, "/there"), Close()], http(200, d.ok())),
            Expect(requests=(2, 2), checks=("same_body",)),
        ),
    ]


def _streams(d: Dialect) -> list[Case]:
    away = Expect(("status 307",), checks=("nothing_elsewhere",), requests=(1, 2))
    rows = http(200, d.row(0) + b"\n")
    results = {
        **d.batch(1),
        "results_url": "@OTHER@/v1/messages/batches/b1/results",
    }
    batch = {"/v1/messages/batches/b1/results": (reply(rows),)}
    return [
        _case(
            "of a stream to another port",
            play(_to(307, "@OTHER@/v1/messages")),
            away,
            action="stream",
            other=play(http(200, d.whole(1), kind="text/event-stream")),
        ),
        _case(
            "of a download to another port",
            play(_to(307, "@OTHER@/v1/files/file_1/content")),
            away,
            action="download",
            other=play(http(200, b"abc")),
        ),
        _case(
            "of an upload on the origin",
            Script(
                (reply(_to(307, "/there")),),
                paths={"/there": (reply(http(200, d.file)),)},
            ),
            Expect(requests=(2, 2), checks=("same_body", "no_get")),
            action="upload",
        ),
        _case(
            "results that are said to be elsewhere",
            Script((reply(http(200, results)),), paths=batch),
            Expect(
                ("ok", "connection", "decode", "refused"),
                value=1,
                checks=("nothing_elsewhere",),
            ),
            action="rows",
            other=play(rows),
        ),
    ]
