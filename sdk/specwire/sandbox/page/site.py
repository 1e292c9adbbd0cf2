"""The page over HTTP, below ``/_specwire/``: files, news, details, switches.

Whoever may run a browser here may look; another web page may not. A request must name
a loopback address as its host, so that no foreign name leads here (DNS rebinding); one
from another origin is refused; and one that changes something shows a token that only
the page has, which is why no form and no image elsewhere can switch a fault on.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from ..app import App
from ..values import Blob, Head, Response, dump_json, event_response, json_response
from . import views
from .records import BODY_KEPT, KEPT, Records, Watching
from .runs import Ask, Runs
from .switches import SwitchError, Switches
from .work import work

PLACE: Final = "/_specwire"
TOKEN_HEADER: Final = "x-specwire-token"
_BODY_LIMIT: Final = 64 << 10
_PAGES: Final = 32
_TICK_S: Final = 1.0
# So that a stream of single bytes is news twenty times a second, not a thousand.
_GAP_S: Final = 0.05
_ALIVE_TICKS: Final = 10
_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_KINDS: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_HEADERS: Final = (
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)


class PageSite:
    """What a browser is answered.

    :param ask_runs: tells how far the runs to be shown are; ``None`` shows none.
    """

    def __init__(self, app: App, ask_runs: Ask | None = None) -> None:
        self._app = app
        self._records = Records()
        self._switches = Switches(app.faults)
        self._runs = Runs(ask_runs)
        # By it a page knows that its token is of a sandbox that is gone.
        self._instance = secrets.token_hex(8)
        self._token = secrets.token_urlsafe(24)
        self._pages = 0
        self._lock = threading.Lock()

    # -- for the listener ------------------------------------------------------------

    def body_limit(self, head: Head) -> int | None:
        """64 KiB below ``/_specwire``; ``None`` elsewhere."""
        own = head.path == PLACE or head.path.startswith(PLACE + "/")
        return _BODY_LIMIT if own else None

    def exchange(self, head: Head, body: Blob) -> AbstractContextManager[Watching]:
        """Watch one exchange with a service."""
        return self._records.exchange(head, body)

    def end(self) -> None:
        """End the streams of news."""
        self._records.wake(closing=True)

    def answer(self, head: Head, body: Blob) -> Response:
        """A file, some JSON or a stream of news."""
        refused = _stranger(head)
        if refused is not None:
            response = _problem(403, refused)
        elif head.method in ("GET", "HEAD"):
            response = self._read(head.path[len(PLACE) :])
        elif not self._trusted(head):
            response = _problem(403, "this needs the token that the page has")
        else:
            response = self._change(head, head.path[len(PLACE) :], bytes(body))
        return response.with_headers(*_HEADERS)

    # -- looking ---------------------------------------------------------------------

    def _read(self, path: str) -> Response:
        if path == "":
            return Response(308, headers=(("location", PLACE + "/"),))
        if path == "/events":
            if self._pages >= _PAGES:
                return _problem(503, f"{_PAGES} pages are open; close one")
            return event_response(self._news())
        if path == "/operations":
            return json_response({"operations": self._operations()})
        kind, _, number = path[1:].partition("/")
        if kind == "requests" and number.isascii() and number.isdigit():
            record = self._records.find(int(number[:12]))
            if record is None:
                return _problem(404, f"request {number[:12]} is not kept any more")
            return json_response(views.whole(record))
        return self._file(path[1:] or "index.html")

    def _file(self, name: str) -> Response:
        found = _files().get(name)
        if found is None:
            return _problem(404, "there is no such page")
        if name == "index.html":
            found = found.replace(b"{{token}}", self._token.encode())
        kind = _KINDS[name.rpartition(".")[2]]
        return Response(body=found, content_type=kind)

    def _operations(self) -> list[str]:
        operations = self._app.router.by_id.values()
        return sorted({f"{each.method} {each.template}" for each in operations})

    def _news(self) -> Iterator[bytes]:
        """What there is, then what changes, until the page or the sandbox goes.

        A page that is slow gets fewer and larger pieces of news: what changed twice
        in between is told once.
        """
        with self._lock:
            self._pages += 1
        try:
            turn, version, quiet = self._records.turn, -1, 0
            known: dict[str, Any] = {}
            told = {"body_kept": BODY_KEPT, "instance": self._instance, "kept": KEPT}
            yield _event("hello", told)
            while self._records.turn == turn:
                version, oldest, fresh = self._records.since(version)
                news = {
                    "faults": self._switches.listed(),
                    "runs": self._runs.listed(),
                    "work": work(self._app.state),
                    "kept": {"oldest": oldest},
                }
                changed = {k: v for k, v in news.items() if known.get(k) != v}
                known = news
                if fresh:
                    changed["requests"] = [views.row(record) for record in fresh]
                quiet = 0 if changed else quiet + 1
                if changed:
                    yield _event("news", changed)
                elif quiet >= _ALIVE_TICKS:
                    quiet = 0
                    yield b": still here\n\n"  # finds out whether the page is
                # Much at once is told less often: a page needs time to draw it.
                time.sleep(_GAP_S * min(1 + len(fresh) // 5, 4))
                self._records.wait(version, _TICK_S)
        finally:
            with self._lock:
                self._pages -= 1

    # -- changing --------------------------------------------------------------------

    def _trusted(self, head: Head) -> bool:
        shown = head.headers.get(TOKEN_HEADER, "").encode()
        return hmac.compare_digest(shown, self._token.encode())

    def _change(self, head: Head, path: str, body: bytes) -> Response:
        asked, _, number = path[1:].partition("/")
        try:
            if (head.method, asked, number) == ("POST", "clear", ""):
                self._records.clear()
                return Response(204)
            if (head.method, asked, number) == ("POST", "switches", ""):
                return json_response(self._switches.make(_json(body)), status=201)
            if head.method == "POST" and asked == "switches":
                on = _json(body) == {"on": True}
                return json_response(self._switches.turn(_id(number), on))
            if head.method == "DELETE" and asked == "switches":
                self._switches.remove(_id(number))
                return Response(204)
        except KeyError:
            return _problem(404, "there is no such switch any more")
        except SwitchError as error:
            return _problem(400, str(error))
        finally:
            self._records.wake()
        return _problem(404, f"there is no {head.method} {PLACE}{path}")


@cache
def _files() -> dict[str, bytes]:
    """The page's files by their names."""
    folder = files(__package__)
    return {
        each.name: each.read_bytes()
        for each in folder.iterdir()
        if each.name.rpartition(".")[2] in _KINDS
    }


def _stranger(head: Head) -> str | None:
    """Why a request is not the page's own, or the address bar's; else ``None``."""
    host = head.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in _HOSTS:
        return "the page is at 127.0.0.1 only"
    origin = head.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "a page of another origin may not use this"
    site = head.headers.get("sec-fetch-site", "none")
    # A link from elsewhere may lead to the page; it tells nothing to where it was.
    link = head.headers.get("sec-fetch-mode") == "navigate" and head.method == "GET"
    if site not in ("none", "same-origin") and not link:
        return "a page of another origin may not use this"
    return None


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise KeyError(text)
    return int(text)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SwitchError("expected JSON") from None


def _problem(status: int, text: str) -> Response:
    return json_response({"error": text}, status=status)


def _event(name: str, value: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), dump_json(value))
