"""What has been seen: the last exchanges, each with the beginning of its bodies.

Everything is bounded: 500 exchanges, 64 KiB of a body, 2,000 marks of when something
arrived. Who looks on asks for what changed since a version, so a slow one costs
nothing and misses nothing but what lay between.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

import attrs

from ..app import Answer
from ..faults import Fault
from ..values import Blob, Head, Request
from .attempts import Attempts
from .masking import hide, masked_pairs, secrets_of

KEPT: Final = 500
BODY_KEPT: Final = 64 << 10
MARKS_KEPT: Final = 2_000
# A key that lies across the cut is seen whole, and hidden, before the cut is made.
_BEYOND: Final = 4096


@attrs.define(eq=False)
class Record:
    """One exchange. ``marks`` are (bytes of the reply, ms) of the pieces of a stream.

    :ivar attempt: 2 and more where the same call was made before: it has the
        idempotency key of an earlier request.
    :ivar state: ``open``, then ``done``, ``cut`` or ``dropped`` by a fault, ``left``
        where the caller went away or the sandbox was closed.
    """

    number: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    body_size: int
    at: float
    began_s: float
    secrets: tuple[str, ...] = attrs.field(repr=False)
    attempt: int = 1
    version: int = 0
    status: int | None = None
    request_id: str = ""
    reply_headers: tuple[tuple[str, str], ...] = ()
    streams: bool = False
    fault: Fault | None = None
    reply: bytearray = attrs.field(factory=bytearray)
    reply_size: int = 0
    marks: list[tuple[int, float]] = attrs.field(factory=list)
    answered_ms: float | None = None
    ended_ms: float | None = None
    state: str = "open"

    def elapsed_ms(self) -> float:
        """Milliseconds since it began."""
        return (time.monotonic() - self.began_s) * 1000


class Watching:
    """One exchange as it goes on; the listener tells, the records change."""

    def __init__(self, records: Records, record: Record) -> None:
        self._records = records
        self._record = record
        self._after = "done"
        self._status: int | None = None

    def answered(self, answer: Answer) -> None:
        """The head of the answer is known."""
        record, response = self._record, answer.response
        self._status = response.status
        if answer.damage.drop:
            self._after = "dropped"
        elif answer.damage.cut_after is not None:
            self._after = "cut"
        with self._records.changing(record):
            record.request_id = answer.request_id
            kind = ("content-type", response.content_type)
            record.reply_headers = tuple(
                masked_pairs((kind, *response.headers), record.secrets)
            )
            record.streams = response.events is not None
            record.fault = answer.fault

    def begun(self) -> None:
        """Its head goes out, unless the connection is dropped in its place."""
        with self._records.changing(self._record):
            self._record.status = self._status
            self._record.answered_ms = self._record.elapsed_ms()

    def sent(self, piece: bytes) -> None:
        """So much of the body is sent."""
        record = self._record
        with self._records.changing(record):
            room = BODY_KEPT + _BEYOND - len(record.reply)
            if room > 0:
                record.reply += piece[:room]
            record.reply_size += len(piece)
            if record.streams and len(record.marks) < MARKS_KEPT:
                record.marks.append((record.reply_size, round(record.elapsed_ms(), 1)))

    def end(self, state: str = "") -> None:
        """Nothing more will come."""
        with self._records.changing(self._record):
            self._record.state = state or self._after
            self._record.ended_ms = self._record.elapsed_ms()


class Records:
    """The last exchanges, and who waits for news of them."""

    def __init__(self) -> None:
        self._kept: dict[int, Record] = {}
        self._attempts = Attempts()
        self._news = threading.Condition()
        self._version = 0
        self._made = 0
        self._turn = 0

    @contextmanager
    def exchange(self, head: Head, body: Blob) -> Iterator[Watching]:
        """Watch one exchange."""
        watching = Watching(self, self._new(Request.from_head(head, body)))
        try:
            yield watching
        except BaseException:
            watching.end("left")
            raise
        watching.end()

    def _new(self, request: Request) -> Record:
        secrets = secrets_of(request.headers, request.query_pairs)
        with self._news:
            self._made += 1
            record = Record(
                self._made,
                request.method,
                hide(request.path, secrets),
                urlencode(list(masked_pairs(request.query_pairs, secrets)), safe="*"),
                tuple(masked_pairs(request.headers.items(), secrets)),
                bytes(request.body[: BODY_KEPT + _BEYOND]),
                len(request.body),
                time.time(),
                time.monotonic(),
                secrets,
                attempt=self._attempts.count(request),
            )
            self._kept[record.number] = record
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            self._changed(record)
        return record

    @contextmanager
    def changing(self, record: Record) -> Iterator[None]:
        """Change ``record``, and tell those who wait."""
        with self._news:
            yield
            self._changed(record)

    def _changed(self, record: Record) -> None:
        self._version += 1
        record.version = self._version
        self._news.notify_all()

    # -- for those who look on -------------------------------------------------------

    @property
    def turn(self) -> int:
        """Changes when the listener closes: who waits since an earlier one shall go."""
        return self._turn

    def wake(self, *, closing: bool = False) -> None:
        """Let everyone who waits look again."""
        with self._news:
            self._turn += closing
            self._version += 1
            self._news.notify_all()

    def wait(self, version: int, seconds: float) -> None:
        """Return once there is something newer than ``version``, or after a while."""
        with self._news:
            if self._version <= version:
                self._news.wait(seconds)

    def since(self, version: int) -> tuple[int, int, list[Record]]:
        """The version now, the oldest number kept, and what changed after ``version``.

        The records are copies, which do not change any more; without bodies.
        """
        with self._news:
            oldest = next(iter(self._kept), self._made + 1)
            fresh = [
                attrs.evolve(each, body=b"", reply=bytearray(), marks=[])
                for each in self._kept.values()
                if each.version > version
            ]
            return self._version, oldest, fresh

    def find(self, number: int) -> Record | None:
        """A copy of one record, bodies and all, while it is kept."""
        with self._news:
            found = self._kept.get(number)
            if found is None:
                return None
            return attrs.evolve(
                found, reply=bytearray(found.reply), marks=list(found.marks)
            )

    def clear(self) -> None:
        """Forget all of them; numbers go on."""
        with self._news:
            self._kept.clear()
        self.wake()
