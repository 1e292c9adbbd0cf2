"""The key is in nothing that is shown, kept, or sent elsewhere (S1-S5, B5).

That it is in no exception and no log is checked in every case of every group.
"""

from __future__ import annotations

from typing import Any

from ..case import Case, Expect, Setup
from ..dialects import ANSWER, Dialect
from ..script import EVENTS, Close, Script, head, http, play, reply

ONCE = Setup(retries=0)
UNSENT = Expect(("refused",), requests=(0, 0))


def cases(d: Dialect) -> list[Case]:
    return [*_keys(d), *_echoes(d), *_objects(d), *_sent(d), *_names(d)]


def _case(name: str, script: Script, action: str, expect: Expect, **more: Any) -> Case:
    return Case("secrets", name, script, expect, action, **more)


def _keys(d: Dialect) -> list[Case]:
    """A key that cannot stand in a header is refused when the client is made."""
    keys = {
        "a line feed behind it": "@KEY@\n",
        "CR LF and a header behind it": "@KEY@\r\nX-Evil: 1",
        "a NUL in it": "@KEY@\0x",
        "a letter beyond ASCII": "@KEY@\u00e9",
        "a letter beyond Latin-1": "@KEY@\u0416",
        "a blank in it": "@KEY@ x",
    }
    return [
        _case(
            f"a key with {name}",
            play(http(200, d.ok())),
            "make",
            UNSENT,
            args={"key": key},
        )
        for name, key in keys.items()
    ] + [
        _case(
            "an empty key", play(http(200, d.ok())), "call", UNSENT, args={"key": ""}
        ),
        _case(
            "a blank key", play(http(200, d.ok())), "call", UNSENT, args={"key": "  "}
        ),
    ]


def _echoes(d: Dialect) -> list[Case]:
    """Services repeat keys in what they answer."""
    said = d.error("authentication_error", "your key @KEY@ is wrong")
    named = {"www-authenticate": 'Key "@KEY@"'}
    refused = Expect(("status 401",), requests=(1, 1))
    page = http(200, "<html>@KEY@", kind="text/html")
    wrong = {**d.ok(), "content": ["@KEY@"], "data": "@KEY@", "choices": "@KEY@"}
    event = d.error_event().replace(b'"no"', b'"key @KEY@"')
    away = http(302, "", {"Location": "http://127.0.0.1:@OPORT@/?key=@KEY@"})

    def case(name: str, script: Script, expect: Expect, action: str = "call") -> Case:
        return _case(name, script, action, expect, setup=ONCE)

    return [
        case("401 repeats it", play(http(401, said)), refused),
        case(
            "401 repeats it in text",
            play(http(401, "@KEY@", kind="text/plain")),
            refused,
        ),
        case("401 repeats it in a header", play(http(401, b"", named)), refused),
        case(
            "400 repeats it as its type",
            play(http(400, d.error("@KEY@", "x"))),
            Expect(("status 400",)),
        ),
        case("HTML repeats it", play(page), Expect(("decode",))),
        case(
            "a reply of another shape repeats it",
            play(http(200, wrong)),
            Expect(("decode",)),
        ),
        case(
            "cut JSON repeats it", play(http(200, b'{"a": "@KEY@')), Expect(("decode",))
        ),
        case(
            "a redirect repeats it",
            play(away),
            Expect(("status 302",), checks=("nothing_elsewhere",)),
        ),
        case(
            "rubbish repeats it",
            play([b"@KEY@\r\n\r\n", Close()]),
            Expect(("connection", "decode")),
        ),
        case(
            "a Content-Type repeats it",
            play(http(200, b"", kind="text/@KEY@")),
            Expect(("decode",)),
        ),
        case(
            "a Content-Encoding repeats it",
            play(http(200, b"{}", {"Content-Encoding": "@KEY@"})),
            Expect(("decode",)),
        ),
        case(
            "an error event repeats it",
            play(_stream(d.pieces(1) + event)),
            Expect(("status 529",)),
            "stream",
        ),
        case(
            "an odd event repeats it",
            play(_stream(d.pieces(1) + b"data: {@KEY@\n\n")),
            Expect(("decode",)),
            "stream",
        ),
        case(
            "nobody listens",
            Script(greet=((Close(),),)),
            Expect(("connection",), requests=(0, 2)),
        ),
    ]


def _stream(data: bytes) -> list[Any]:
    """Without lengths: what is filled in changes them."""
    return [head(200, {"Connection": "close"}, kind=EVENTS) + data, Close()]


def _objects(d: Dialect) -> list[Case]:
    good, down = http(200, d.ok()), http(401, d.error())
    return [
        _case(
            "a pickle of the client",
            play(good),
            "pickle_client",
            Expect(value="refused"),
        ),
        _case("a pickle of an error", play(down), "pickle_error", Expect(value="same")),
        _case(
            "a pickle of a broken connection",
            play(Close()),
            "pickle_error",
            Expect(value="same"),
        ),
        _case("a copy of an error", play(down), "copied_error", Expect(value="same")),
        _case(
            "the client shows itself",
            play(good),
            "look_at_client",
            Expect(value="clean"),
        ),
    ]


def _isolated(name: str, do: str, expect: Expect, script: Script, **args: Any) -> Case:
    more = {"do": do, "needs": ("call",), **args}
    return _case(name, script, "isolated", expect, args=more)


def _sent(d: Dialect) -> list[Case]:
    """What goes out with a request."""
    good = http(200, d.ok())
    cookie = http(200, d.ok(), {"Set-Cookie": "id=1; Path=/"})
    user = {"base_url": "http://user:pass@127.0.0.1:@PORT@"}
    told = {"NETRC": "@FOLDER@/netrc"}
    netrc = {"netrc": "machine 127.0.0.1 login a password b\n"}
    fine = Expect(value=ANSWER, seconds=8.0, checks=("key_is_sent",))
    odd = {
        "ftp://127.0.0.1": "an FTP server",
        "127.0.0.1:@PORT@": "no scheme",
        "http://": "no host",
        "http://127.0.0.1:@PORT@/\r\nX-Evil: 1": "a line feed",
    }
    pair = Expect(value=[ANSWER, ANSWER], requests=(2, 2), checks=("no_cookie",))
    loop = http(307, "", {"Location": "/x", "Set-Cookie": "id=1; Path=/"})
    return [
        _case("a cookie is not sent back", play(cookie), "calls", pair),
        _case(
            "a redirect's cookie is not sent back",
            play(loop, good),
            "call",
            Expect(requests=(2, 2), checks=("no_cookie",)),
        ),
        _case(
            "the key is not in the URL",
            play(good),
            "call",
            Expect(checks=("key_not_in_url", "key_is_sent")),
        ),
        _case("a user in the base URL", play(good), "make", UNSENT, args=user),
        _isolated("netrc is not read", "call", fine, play(good), env=told, files=netrc),
        _isolated(
            "plain http to another host warns once",
            "warned",
            Expect(value=1, requests=(0, 0), seconds=10.0),
            play(good),
            base_url="http://nowhere.invalid",
        ),
        _isolated(
            "plain http to the loopback does not warn",
            "warned",
            Expect(value=0, requests=(0, 9), seconds=8.0),
            play(good),
        ),
    ] + [
        _case(
            f"a base URL with {what}",
            play(good),
            "make",
            UNSENT,
            args={"base_url": url},
        )
        for url, what in odd.items()
    ]


def _names(d: Dialect) -> list[Case]:
    """Ids and headers of the caller's cannot become lines or paths of their own."""
    thing = http(200, d.model)
    kept = Expect(
        ("ok", "refused"),
        value=d.model.get("id", True),
        requests=(0, 1),
        checks=("no_evil_line",),
    )
    inside = Expect(
        ("ok", "refused"),
        value=d.model.get("id", True),
        requests=(0, 1),
        checks=("path_is_kept",),
    )
    names = {
        "CR LF in an id": ("m\r\nX-Evil: 1", kept),
        "a NUL in an id": ("m\0", kept),
    }
    names |= {
        "dots for an id": ("..", inside),
        "a path for an id": ("../../admin", inside),
    }
    names |= {
        "a query in an id": ("m?admin=1", inside),
        "dots in code for an id": ("%2e%2e", inside),
    }
    headers = {
        "CR LF in a header": {"X-A": "1\r\nX-Evil: 1"},
        "a NUL in a header": {"X-A": "1\0"},
    }
    headers |= {"CR LF in a header's name": {"X-A: 1\r\nX-Evil": "1"}}
    clean = Expect(("refused",), requests=(0, 0))
    return [
        _case(name, Script((reply(thing),)), "get_named", expect, args={"name": text})
        for name, (text, expect) in names.items()
    ] + [
        _case(
            name,
            play(http(200, d.ok())),
            "call_with_headers",
            clean,
            args={"headers": given},
        )
        for name, given in headers.items()
    ]
