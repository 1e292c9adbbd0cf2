"""``Cache``: a hook that answers calls which were answered before.

It stands before what limits and counts calls, so that a hit costs none of it. What is
kept is what came from there, before guardrails in front of it have changed it: a hit
passes them again. Only what was read to its end and could be decoded is kept.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.clock import Clock
from ..core.errors import DecodeError
from ..core.hooks import Answer, Hook, Tap, Wait
from ..core.shared import Shared, at_least
from ..core.wire import Headers, Reply
from .entries import Entry, Kept
from .flights import Flights
from .marks import MARK, bypass, refresh
from .memory import MemoryCache
from .place import Choice, Only, Place
from .recording import Recording
from .rules import excused, kept_headers, lasting_s, tells_an_end
from .stats import CacheStats
from .store import Store

if TYPE_CHECKING:
    from ..core.wire import Call

T = TypeVar("T")
logger = logging.getLogger("specwire")

_LONG_S: Final = 3600.0


class Cache(Shared, Hook):
    """Answers equal calls from a store; see ``docs/cache.md`` for what is equal.

    >>> client = Client(hooks=[Cache(ttl=600)])  # doctest: +SKIP

    :param store: where answers are; a :class:`MemoryCache` of its own by default.
    :param ttl: seconds for which an answer is given again; ``None`` is for ever.
    :param stale: seconds after that in which it stands in for an error of the server.
    :param only: calls that are kept in place of the usual ones: names of operations
        (``{"messages.create"}``), or what is asked of each call.
    :param vary: headers that make calls different; by default all but those of which
        no answer depends.
    :param by_credential: keep what is answered to one key from all others.
    :param max_entry_bytes: larger answers are not kept.
    """

    stage = 20

    def __init__(
        self,
        store: Store | None = None,
        *,
        ttl: float | None = 3600.0,
        stale: float = 86_400.0,
        only: Only | None = None,
        vary: Sequence[str] | None = None,
        by_credential: bool = True,
        max_entry_bytes: int = 8 << 20,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self._settings = {
            "ttl": ttl,
            "stale": stale,
            "only": only,
            "vary": vary,
            "by_credential": by_credential,
            "max_entry_bytes": max_entry_bytes,
        }
        if store is not None and not hasattr(store, "get_many"):
            raise TypeError(f"store: expected a Store, got {type(store).__name__}")
        self.store: Store = MemoryCache(clock=clock) if store is None else store
        self.ttl = math.inf if ttl is None else at_least("ttl", ttl, 0)
        self.stale = at_least("stale", stale, 0)
        self._choice = Choice(only, vary, by_credential)
        self._most = at_least("max_entry_bytes", max_entry_bytes, 1)
        counted = ("hits", "misses", "stale", "stored", "errors")
        self._counts: dict[str, int] = dict.fromkeys(counted, 0)
        self._flights = Flights()

    # -- before the call ---------------------------------------------------------------

    def before_attempt(self, call: Call) -> Wait | Answer | None:
        place: Place | None = call.scratch.get(self)
        if place is None:
            place = call.scratch[self] = self._choice.place(call, self._salt)
        while not place.let_go:
            entry = self._found(place)
            if entry is not None:
                place.let_go = place.answered = True
                self._count("hits")
                return Answer(self._reply(call, entry, "hit"))
            flight = self._flights.join(call, place)
            if flight is not None:
                return Wait(_LONG_S, until=flight.wait())
            if place.let_go:
                self._count("misses")
        return None

    def _salt(self) -> bytes:
        return self._safely(lambda: self.store.salt, b"")

    def _found(self, place: Place) -> Entry | None:
        """The answer in the store, or that of the call that was waited for."""
        place.landed = self._flights.landed
        flight, now = place.flight, self._clock.time()
        if flight is not None and flight.entry is not None:
            return flight.entry if flight.entry.is_fresh(now) else None
        entry = None if place.renewed else self._get(place)
        return entry if entry is not None and entry.is_fresh(now) else None

    # -- after it ----------------------------------------------------------------------

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        place: Place = call.scratch[self]
        place.reply = None
        if place.key is None or place.answered or isinstance(outcome, BaseException):
            return
        # Now, before hooks in front of this one change it.
        body = b"" if call.open else outcome.body
        headers = Headers.of(outcome.headers.items()).lower
        place.reply = Kept(outcome.status_code, headers, body, outcome.url)

    def tap(self, call: Call) -> Tap | None:
        place: Place | None = call.scratch.get(self)
        if place is None or place.reply is None or place.answered:
            return None
        place.recording = Recording(self._most)
        return place.recording

    def on_done(self, call: Call, outcome: Reply | BaseException) -> Answer | None:
        place: Place | None = call.scratch.get(self)
        if place is None or place.key is None:
            return None
        if place.answered:
            if isinstance(outcome, DecodeError):  # what is there cannot be read
                self._safely(lambda: self.store.delete(place.key or ""), False)
        elif isinstance(outcome, BaseException):
            instead = self._instead(call, place, outcome)
            self._flights.land(place)
            return instead
        elif place.recording is None and place.reply is not None and not call.open:
            self._flights.land(place, self._keep(place, place.reply.body), alone=True)
        else:
            self._flights.land(place, alone=True)
        return None

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        place: Place | None = call.scratch.get(self)
        if place is None or place.recording is None:
            return
        recording, place.recording = place.recording, None
        if outcome is None and recording.good:
            self._keep(place, recording.content())
        recording.spoil()

    def _keep(self, place: Place, body: bytes) -> Entry | None:
        """Put an answer in the store; ``None`` where it is not one to keep."""
        reply = place.reply
        if reply is None or reply.status_code != 200 or len(body) > self._most:
            return None
        lasting = lasting_s(place.rule, reply.headers, self.ttl)
        # Who names operations knows them: no answer is then only what is an error.
        if lasting <= 0 or not tells_an_end(body, by_itself=self._choice.by_itself):
            return None
        now = self._clock.time()
        kept = Kept(200, kept_headers(reply.headers), body, reply.url)
        entry = Entry(kept, now, now + lasting, now + lasting + self.stale)
        if self._safely(lambda: self.store.put(place.key or "", entry), False):
            self._count("stored")
        return entry

    def _instead(self, call: Call, place: Place, error: BaseException) -> Answer | None:
        """An older answer in an error's place."""
        entry = self._get(place) if excused(error) else None
        if entry is None:
            return None
        place.answered = True
        self._count("stale")
        fresh = entry.is_fresh(self._clock.time())
        return Answer(self._reply(call, entry, "hit" if fresh else "stale"))

    def _reply(self, call: Call, entry: Entry, mark: str) -> Reply:
        kept: Kept = entry.value
        age = max(self._clock.time() - entry.stored, 0.0)
        headers = {**kept.headers, MARK: mark, "age": str(int(age))}
        clock = call.engine.clock if call.engine is not None else self._clock
        return Reply(
            kept.status_code,
            Headers(headers),
            kept.body,
            url=kept.url,
            attempts=call.attempts_made,
            elapsed_s=clock.monotonic() - call.started,
            received_s=entry.stored,
        )

    # -- the store ---------------------------------------------------------------------

    def _get(self, place: Place) -> Entry | None:
        entry = self._safely(lambda: self.store.get(place.key or ""), None)
        return entry if entry is not None and isinstance(entry.value, Kept) else None

    def _safely(self, step: Callable[[], T], otherwise: T) -> T:
        """What ``step`` gives; a store of the user's own may fail as it likes."""
        try:
            return step()
        except Exception as error:
            self._count("errors")
            logger.warning("cache store failed: %s", type(error).__name__)
            return otherwise

    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        """Vectors of embeddings, as :meth:`Store.get_vectors`; they count as calls."""
        nothing: list[bytes | None] = [None] * len(keys)
        found = self._safely(lambda: self.store.get_vectors(keys), nothing)
        missing = sum(vector is None for vector in found)
        with self._lock:
            self._counts["misses"] += missing
            self._counts["hits"] += len(found) - missing
        return found

    def put_vectors(self, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors for ``ttl``."""
        ttl = None if self.ttl == math.inf else self.ttl
        self._safely(lambda: self.store.put_vectors(vectors, ttl), None)

    def clear(self) -> None:
        """Forget all answers."""
        self.store.clear()

    def close(self) -> None:
        """Give back what the store has open; it opens again when it is used again."""
        self.store.close()

    # -- what is seen of it ------------------------------------------------------------

    bypass = staticmethod(bypass)
    refresh = staticmethod(refresh)

    @property
    def stats(self) -> CacheStats:
        """What it has done so far."""
        entries, size = self._safely(self.store.size, (0, 0))
        with self._lock:
            counts = dict(self._counts)
        counts["errors"] += self.store.errors
        evicted = self.store.evicted
        return CacheStats(**counts, evicted=evicted, entries=entries, bytes=size)

    def signals(self) -> Mapping[str, Any]:
        return {"cache": self.stats.to_dict()}

    def _count(self, name: str) -> None:
        with self._lock:
            self._counts[name] += 1

    def __reduce__(self) -> tuple[Any, ...]:
        """With its settings: a copy in another process shares what its store shares."""
        return _made, (type(self), self.store, self._settings)

    def __repr__(self) -> str:
        return f"<Cache in {self.store!r}>"


def _made(kind: type[Cache], store: Store, settings: Mapping[str, Any]) -> Cache:
    cache = kind.__new__(kind)
    Cache.__init__(cache, store, **settings)
    return cache
