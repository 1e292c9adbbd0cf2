"""``Cassette``: a hook that keeps what a server answered, and answers it again.

It stands next to the wire, so all that a client does with a reply is done again: it is
decoded, retried, cached. Streams come in the pieces in which they came. Where there is
no entry, the call ends in an error that says which one is nearest; nothing is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from attrs import evolve

from ..core.errors import APIConnectionError, APIStatusError
from ..core.hooks import Answer, Hook, Tap
from ..core.types import UNSET
from ..core.wire import Headers, Reply
from . import cassette_file
from .asked import Asked
from .cassette_file import Entry
from .marks import same
from .nearest import described
from .scrubbing import Scrubber, kept_headers
from .sent import SentRequests

if TYPE_CHECKING:
    import os

    from typing_extensions import Self

    from ..core.wire import Call

Record = Literal["none", "once", "all"]
MODES: Final[tuple[str, ...]] = get_args(Record)


class CassetteError(AssertionError):
    """A call that a cassette has no answer for.

    No retry, fall-back or cache takes it for a failure of the server.
    """


class Cassette(Hook):
    """Answers calls from a file, or records them into one.

    >>> with Cassette("story.json", record="once") as cassette:  # doctest: +SKIP
    ...     client = Client(hooks=[cassette])

    Calls are equal by method, path, query and body (JSON by its value); neither host
    nor headers count. Each entry answers once, equal ones in the order of the file.
    Failures of a server are answers too; where nothing was answered, nothing is kept.

    :param record: ``"none"`` only answers; ``"once"`` records where there is no file
        yet; ``"all"`` records everything anew.
    :param hide: texts to keep out of the file besides keys, cookies and account ids;
        with what to put in their place, ``***`` for a list.
    :ivar misses: what was asked in vain, a message each.
    """

    stage = 95

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        record: Record = "none",
        hide: Mapping[str, str] | Iterable[str] = (),
    ) -> None:
        if record not in MODES:
            raise ValueError(f"record: expected {' or '.join(MODES)}, got {record!r}")
        self.path = Path(path)
        there = self.path.is_file()
        self.recording = record == "all" or (record == "once" and not there)
        self.misses: list[str] = []
        self.requests = SentRequests()
        self._scrubber = Scrubber(hide)
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._bound: dict[str, str] = {}
        if there and not self.recording:
            self._entries = cassette_file.read(self.path)
        self._left = list(self._entries)

    def close(self) -> None:
        """Write the file, where something was recorded."""
        if self.recording and self._entries:
            with self._lock:
                cassette_file.save(self.path, self._cleaned())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def unplayed(self) -> int:
        """How many entries nobody has asked for yet."""
        return len(self._left)

    def assert_requested(
        self,
        method: str,
        path: str,
        *,
        json: Any = UNSET,
        exactly: bool = False,
        query: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> None:
        """As :meth:`SentRequests.assert_requested`, of what the cassette has seen."""
        __tracebackhide__ = True
        self.requests.assert_requested(
            method, path, json=json, exactly=exactly, query=query, times=times
        )

    # -- as a hook ---------------------------------------------------------------------

    def before_attempt(self, call: Call) -> Answer | None:
        self.requests.before_attempt(call)
        asked = Asked.of(call)
        self._learn_keys(call)
        if self.recording:
            call.scratch[self] = asked
            return None
        entry = self._played(self._comparable(asked))
        if entry is None:
            raise self._miss(call, asked)
        return Answer(_reply(entry, call))

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        asked = call.scratch.pop(self, None)
        if not isinstance(asked, Asked):
            return
        if isinstance(outcome, APIStatusError):
            told = outcome.response
            entry = Entry(call.name, asked, told.status_code, {}, told.content)
        elif isinstance(outcome, Reply):
            entry = Entry(call.name, asked, outcome.status_code, {}, outcome.body)
            entry.chunks = [] if call.open else None
            call.scratch[self] = entry
        else:
            return
        entry.headers = kept_headers(outcome.headers)
        self._learn_keys(call)  # one may have been fetched since
        with self._lock:
            self._entries.append(entry)

    def tap(self, call: Call) -> Tap | None:
        entry = call.scratch.get(self)
        if isinstance(entry, Entry) and entry.chunks is not None:
            return _Recording(entry.chunks)
        return None

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        entry = call.scratch.pop(self, None)
        if isinstance(entry, Entry):
            entry.broken = isinstance(outcome, APIConnectionError)

    def _learn_keys(self, call: Call) -> None:
        if call.engine is not None:
            with self._lock:
                self._scrubber.learn_keys(call.engine.secrets(call))

    # -- recording ---------------------------------------------------------------------

    def _cleaned(self) -> list[Entry]:
        """The entries without secrets; ids are known when all was read."""
        clean = self._scrubber
        for entry in self._entries:
            for content in (entry.asked.content, entry.body, *(entry.chunks or ())):
                clean.learn_accounts(content.decode("utf-8", "replace"))
        return [
            evolve(
                entry,
                asked=self._without(entry.asked, accounts=True),
                headers={k: clean.text(v) for k, v in entry.headers.items()},
                body=clean.content(entry.body),
                chunks=None if entry.chunks is None else clean.chunks(entry.chunks),
            )
            for entry in self._entries
        ]

    def _comparable(self, asked: Asked) -> Asked:
        """A request as it would stand in the file, but for account ids."""
        return self._without(asked, accounts=False)

    def _without(self, asked: Asked, *, accounts: bool) -> Asked:
        clean = self._scrubber
        pairs = [
            (name, clean.query(name, value, accounts=accounts))
            for name, value in asked.query
        ]
        return evolve(
            asked,
            path=clean.text(asked.path, accounts=accounts),
            query=tuple(pairs),
            content=clean.content(asked.content, accounts=accounts),
        )

    # -- playing -----------------------------------------------------------------------

    def _played(self, asked: Asked) -> Entry | None:
        """The first entry left that is the answer to ``asked``; it is used up."""
        wanted = _facts(asked)
        with self._lock:
            left = [(entry, _facts(entry.asked)) for entry in self._left]
            # What is the same to the letter goes before what marks stand for.
            for entry, facts in sorted(left, key=lambda pair: pair[1] != wanted):
                bound = dict(self._bound)
                if same(facts, wanted, bound):
                    self._bound = bound
                    self._left.remove(entry)
                    return entry
        return None

    def _miss(self, call: Call, asked: Asked) -> CassetteError:
        there = self.path.is_file()
        text = described(self._comparable(asked), self._entries, self._left, self.path)
        if not there:
            text = f"{asked}: there is no cassette {str(self.path)!r}"
        text = f"{call.name}: {text}\nrecord it: --specwire-record="
        text += "all, or Cassette(..., record='all')" if there else "once"
        self.misses.append(text)
        return CassetteError(text)

    def __repr__(self) -> str:
        what = "recording" if self.recording else f"{self.unplayed} unplayed"
        return f"<Cassette {str(self.path)!r}, {len(self._entries)} entries, {what}>"


class _Recording(Tap):
    """Keeps the pieces of one stream."""

    __slots__ = ("_chunks",)

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def chunk(self, chunk: bytes) -> None:
        self._chunks.append(bytes(chunk))


class _Played(Reply):
    """A reply whose body comes in the pieces that it was recorded in."""

    pieces: tuple[bytes, ...] = ()
    broken = False

    def chunks(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.broken:
            raise APIConnectionError("the connection broke here when it was recorded")


def _facts(asked: Asked) -> tuple[Any, ...]:
    return asked.method, asked.path, asked.query, asked.body()


def _reply(entry: Entry, call: Call) -> Reply:
    clock = call.engine.clock if call.engine is not None else None
    reply = _Played(
        entry.status_code,
        Headers.of(entry.headers.items()),
        entry.body if entry.chunks is None else b"".join(entry.chunks),
        url=call.request.url,
        attempts=max(call.attempt, 1),
        elapsed_s=0.0 if clock is None else clock.monotonic() - call.started,
        received_s=0.0 if clock is None else clock.time(),
    )
    reply.pieces = (reply.body,) if entry.chunks is None else tuple(entry.chunks)
    reply.broken = entry.broken
    return reply
