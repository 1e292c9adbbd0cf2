"""What the listener shows of each exchange, and to whom: nobody, or a page.

The page itself is in :mod:`specwire.sandbox.page`, loaded when it is asked for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from .app import Answer
from .values import Blob, Head, Response


class Exchange(Protocol):
    """One request and its answer, while it goes on."""

    def answered(self, answer: Answer) -> None:
        """This is the answer; what a fault does to it comes after."""

    def begun(self) -> None:
        """The answer begins to be sent: a delay, where there is one, is over."""

    def sent(self, piece: bytes) -> None:
        """So much more of the body is on its way."""


class Site(Protocol):
    """Who looks on, and answers requests of its own."""

    def body_limit(self, head: Head) -> int | None:
        """Bytes at most of a request to the site; ``None``: it is to a service."""

    def answer(self, head: Head, body: Blob) -> Response:
        """The answer to a request to the site."""

    def exchange(self, head: Head, body: Blob) -> AbstractContextManager[Exchange]:
        """A request to a service has come; leaving it, all of the answer is sent, or
        an exception says why not."""

    def end(self) -> None:
        """The listener closes: end what waits."""


class _Unseen:
    """Goes on without anyone to look."""

    def answered(self, answer: Answer) -> None:
        pass

    def begun(self) -> None:
        pass

    def sent(self, piece: bytes) -> None:
        pass


class Unwatched:
    """No site."""

    def body_limit(self, head: Head) -> int | None:
        return None

    def answer(self, head: Head, body: Blob) -> Response:
        return Response(404)

    def exchange(self, head: Head, body: Blob) -> AbstractContextManager[Exchange]:
        return nullcontext(_Unseen())

    def end(self) -> None:
        pass
