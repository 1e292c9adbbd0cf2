"""What a browser does, by hand: gets the page, follows the news, turns switches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from specwire.sandbox import Sandbox


class PageClient:
    """A page of ``box``, with the token that it was given."""

    def __init__(self, box: Sandbox) -> None:
        self.url = box.page_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.html = self.get("").text
        found = re.search('specwire-token" content="([^"]+)"', self.html)
        assert found is not None
        self.token = found[1]

    def get(self, path: str, **options: Any) -> requests.Response:
        """A file, or JSON."""
        return self.session.get(self.url + path, timeout=10, **options)

    def post(self, path: str, value: Any = None, **options: Any) -> requests.Response:
        """Change something, with the token."""
        return self.send("POST", path, value, **options)

    def send(
        self, method: str, path: str, value: Any = None, **options: Any
    ) -> requests.Response:
        """The same with any method."""
        headers = {"x-specwire-token": self.token, **options.pop("headers", {})}
        return self.session.request(
            method, self.url + path, json=value, headers=headers, timeout=10, **options
        )

    def whole(self, number: int) -> Any:
        """All that is kept of one request."""
        return self.get(f"requests/{number}").json()

    @contextmanager
    def news(self) -> Iterator[News]:
        """Follow what happens, from a connection of its own."""
        with requests.Session() as session:
            session.trust_env = False
            with session.get(self.url + "events", stream=True, timeout=10) as reply:
                assert reply.headers["content-type"].startswith("text/event-stream")
                yield News(reply)


class News:
    """What a page knows by the events that it got."""

    def __init__(self, reply: requests.Response) -> None:
        self._events = _events(reply)
        self.hello = next(self._events)[1]
        self.rows: dict[int, Any] = {}
        self.known: dict[str, Any] = {}
        self.events = 0

    def until(self, condition: Callable[[News], object]) -> None:
        """Read on until ``condition`` holds; the connection's time-out is the limit."""
        while not condition(self):
            _, value = next(self._events)
            self.events += 1
            self.rows |= {row["number"]: row for row in value.pop("requests", [])}
            self.known |= value
            oldest = self.known["kept"]["oldest"]
            self.rows = {n: row for n, row in self.rows.items() if n >= oldest}


def _events(reply: requests.Response) -> Iterator[tuple[str, Any]]:
    waiting = b""
    while piece := reply.raw.read1(65536, decode_content=True):
        *records, waiting = (waiting + piece).split(b"\n\n")
        for record in records:
            name, _, data = record.decode().partition("\ndata: ")
            if data:
                yield name.removeprefix("event: "), json.loads(data)
