"""What a library must offer to be put to the cases; one small adapter a library.

An adapter says which actions it can express; what it cannot is left out of its score.
Kinds of errors, which ``kind`` tells apart: ``connection``, ``timeout``, ``status 503``
(and so on), ``decode`` (a reply that is no answer), ``stream`` (it ended early),
``refused`` (before anything was sent), ``cancelled``, ``interrupt``, and for what is
none of the library's own errors ``untyped`` and its name.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from .case import Setup
from .dialects import Dialect


class Library:
    """Base of the adapters.

    :cvar can: which of ``call run get stream rows upload download`` it offers, and of
        ``headers`` (a call with more of them), ``limit`` (of a reply's size),
        ``deadline`` (of a whole call) and ``cheap`` (10,000 clients in seconds).
    :cvar apart: cases by id that mean something else for it, and why.
    :cvar exact: it is judged by the exact number of attempts as well.
    :cvar package: the folder its frames lie in.
    """

    name = ""
    package = ""
    can: frozenset[str] = frozenset()
    apart: Mapping[str, str] = {}
    exact = False
    dialect: Dialect

    def now(self) -> float:
        """The time of day that its dates are compared with."""
        return time.time()

    def make(self, setup: Setup) -> Any:
        """A client."""
        raise NotImplementedError

    def close(self, client: Any) -> None:
        client.close()

    def slept(self, client: Any) -> list[float]:
        """The waits between attempts so far."""
        raise NotImplementedError

    def kind(self, error: BaseException) -> str:
        raise NotImplementedError

    def wish(self, error: BaseException) -> float | None:
        """How long the server asked to wait, by the error; ``None`` if not said."""
        return None

    def call(self, client: Any) -> str:
        """A POST that may be repeated; the text of the answer."""
        raise NotImplementedError

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        """The same with more headers."""
        raise NotImplementedError

    def run(self, client: Any) -> str:
        """A POST that may not be repeated once it may have begun."""
        raise NotImplementedError

    def get(self, client: Any, name: str = "m1") -> str:
        """A GET; the id of what was asked for."""
        raise NotImplementedError

    def stream(self, client: Any) -> Iterator[str]:
        """The texts of a stream's pieces; has ``close``."""
        raise NotImplementedError

    def read(self, client: Any, texts: list[str]) -> None:
        """Read a stream to its end; its pieces are appended as they come."""
        for text in self.stream(client):
            texts.append(text)

    def rows(self, client: Any) -> Iterator[str]:
        """The ids of a batch's results."""
        raise NotImplementedError

    def read_rows(self, client: Any, ids: list[str]) -> None:
        """Read a batch's results to their end, as :meth:`read` does a stream."""
        for row in self.rows(client):
            ids.append(row)

    def upload(self, client: Any, file: Any) -> str:
        """Send a file; the id it got."""
        raise NotImplementedError

    def download(self, client: Any) -> Iterator[bytes]:
        """The pieces of a file."""
        raise NotImplementedError


def unknown(error: BaseException) -> str:
    """The kind of an error that is not the library's own."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupt"
    return f"untyped {type(error).__module__}.{type(error).__name__}"
