"""``Backpressure``: so many calls in flight and no more; others queue or are refused.

A place is held until the attempt's connection is free again: of a stream or a download
until it was read to its end, closed or dropped. Between two attempts of a call nothing
is held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..core.clock import Bell, Clock
from ..core.crew import here
from ..core.errors import BackpressureError
from ..core.hooks import Hook, Wait
from .begun import Begun, is_stream
from .configs import BackpressureConfig
from .shared import Shared

if TYPE_CHECKING:
    from ..core.wire import Call

T = TypeVar("T")
_LOOK_AGAIN_S: Final = 0.25
"""A place that a collection gave back rings no bell."""


class Permit:
    """A place. Releasing twice, or dropping it, does no harm; ``with`` releases it."""

    __slots__ = ("__weakref__", "_held", "_mark", "_ring")

    def __init__(self, held: set[object], ring: Callable[[], None]) -> None:
        self._held = held
        self._ring = ring
        self._mark = object()
        held.add(self._mark)

    def release(self) -> None:
        """Give the place back; a second time does nothing."""
        self._held.discard(self._mark)  # one step of the interpreter: no lock is needed
        self._ring()

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def __del__(self) -> None:
        self._held.discard(self._mark)


class _Waiting:
    """One caller in the queue."""

    __slots__ = ("bell", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.bell: Bell | None = None  # made for those who have to wait


class Backpressure(Shared, Hook):
    """Limits the calls in flight; first come, first served.

    >>> client = Client(hooks=[Backpressure(max_inflight=50)])  # doctest: +SKIP
    >>> places = Backpressure(max_inflight=2)
    >>> with places.permit():
    ...     places.current_inflight
    1

    :param config: all settings at once, or the number of places.
    :param max_inflight: also ``max_concurrent``; 10; 0 is no limit.
    :param queue_timeout: how long a place is waited for, in seconds; ``None`` for as
        long as the call may take, 0 not at all.
    :raises BackpressureError: from the calls that got no place in time.
    """

    stage = 30
    config: BackpressureConfig

    def __init__(
        self,
        config: BackpressureConfig | int | None = None,
        *,
        max_inflight: int | None = None,
        max_concurrent: int | None = None,
        queue_timeout: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        if not isinstance(config, BackpressureConfig):
            given = max_inflight if config is None else config
            config = BackpressureConfig(
                given, queue_timeout, max_concurrent=max_concurrent
            )
        self.config = config
        self._held: set[object] = set()
        self._queue: deque[_Waiting] = deque()
        self._by_hand: list[Permit] = []

    # -- what it says ----------------------------------------------------------------

    @property
    def current_inflight(self) -> int:
        """Calls that hold a place now."""
        return len(self._held)

    @property
    def available_permits(self) -> int | float:
        """How many places are free; ``inf`` without a limit."""
        most = self.config.max_inflight
        return max(most - len(self._held), 0) if most else float("inf")

    @property
    def is_limited(self) -> bool:
        """Whether no place is free."""
        return self.available_permits <= 0

    def get_stats(self) -> dict[str, int | float]:
        """``{"max_concurrent", "current_inflight", "available", "waiting"}``."""
        return {
            "max_concurrent": self.config.max_inflight,
            "current_inflight": self.current_inflight,
            "available": self.available_permits,
            "waiting": len(self._queue),
        }

    def signals(self) -> Mapping[str, Any]:
        return {
            "current_inflight": self.current_inflight,
            "inflight": {
                "max": self.config.max_inflight or None,
                "in_use": self.current_inflight,
                "available": self.available_permits,
                "waiting": len(self._queue),
            },
        }

    def __repr__(self) -> str:
        return f"<Backpressure {self.current_inflight} of {self.config.max_inflight}>"

    # -- by hand ---------------------------------------------------------------------

    def permit(self, timeout: float | None = None) -> Permit:
        """A place, once there is one; use it with ``with``.

        :param timeout: in place of ``queue_timeout``.
        :raises BackpressureError: where there was none in time.
        """
        limit = self.config.queue_timeout if timeout is None else timeout
        waiting = _Waiting(self._clock.monotonic())
        try:
            while (got := self._enter(waiting)) is None:
                self._pause(self._left_s(waiting, limit), waiting.bell)
        finally:
            self._leave(waiting)
        return got

    acquire = permit

    def try_acquire(self) -> bool:
        """Whether there is a place now; if so, it is taken until :meth:`release`."""
        waiting = _Waiting(self._clock.monotonic())
        got = self._enter(waiting)
        self._leave(waiting)
        if got is not None:
            self._by_hand.append(got)
        return got is not None

    def release(self) -> None:
        """Give back what :meth:`try_acquire` took."""
        if self._by_hand:
            self._by_hand.pop().release()

    def execute(self, operation: Callable[[], T]) -> T:
        """What ``operation`` returns, called in a place, which a stream keeps."""
        place = self.permit()
        try:
            value: T = here().settled(operation())
            if is_stream(value):
                kept: Any = Begun(value, lambda _: place.release())
                return kept  # type: ignore[no-any-return]
        except BaseException:
            place.release()
            raise
        place.release()
        return value

    def refusal(self) -> BackpressureError | None:
        """The error that a call would get now, no place being taken."""
        if self.config.queue_timeout != 0 or not self.is_limited:
            return None
        return self._refused(0.0)

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> Wait | None:
        waiting = call.scratch.pop(self, None)
        if isinstance(waiting, Permit):  # of an attempt whose stream is begun again
            waiting.release()
        if not isinstance(waiting, _Waiting):
            waiting = _Waiting(self._clock.monotonic())
        got = self._enter(waiting)
        if got is not None:
            call.scratch[self] = got
            return None
        try:
            left = self._left_s(waiting, self.config.queue_timeout)
        except BackpressureError:
            self._leave(waiting)
            raise
        call.scratch[self] = waiting
        return Wait(left, waiting.bell)

    def given_up(self, call: Call) -> None:
        self._leave(call.scratch.pop(self))

    def on_close(self, call: Call) -> None:
        held = call.scratch.pop(self, None)
        if isinstance(held, Permit):
            held.release()

    # -- the queue -------------------------------------------------------------------

    def _enter(self, waiting: _Waiting) -> Permit | None:
        """A place for ``waiting``, where it is its turn; else it queues."""
        with self._lock:
            if waiting.bell is None:
                if not self._queue and self.available_permits > 0:
                    return Permit(self._held, self._ring)
                waiting.bell = Bell()
                self._queue.append(waiting)
            waiting.bell.clear()  # before looking: what is given back after it rings
            if self._queue[0] is not waiting or self.available_permits <= 0:
                return None
            self._queue.popleft()
            got = Permit(self._held, self._ring)
        self._ring()  # the next one may find a place as well
        return got

    def _leave(self, waiting: _Waiting) -> None:
        if waiting.bell is None:
            return
        with self._lock:
            if waiting in self._queue:
                self._queue.remove(waiting)
                self._ring()

    def _ring(self) -> None:
        """Wake who is next; without the lock, for it may be a collection that calls."""
        try:
            first = self._queue[0]
        except IndexError:
            return
        if first.bell is not None and self.available_permits > 0:
            first.bell.set()

    def _left_s(self, waiting: _Waiting, limit: float | None) -> float:
        """How long to wait before looking again.

        :raises BackpressureError: once that is over.
        """
        if limit is None:
            return _LOOK_AGAIN_S
        waited = self._clock.monotonic() - waiting.since
        if waited >= limit:
            raise self._refused(waited)
        return min(limit - waited, _LOOK_AGAIN_S)

    def _refused(self, waited: float) -> BackpressureError:
        return BackpressureError(
            f"all {self.config.max_inflight} places are taken; waited {waited:.3g} s "
            "for one (queue_timeout)"
        )

    def _forked(self) -> None:
        super()._forked()
        self._held = set()
        self._queue = deque()
        self._by_hand = []
