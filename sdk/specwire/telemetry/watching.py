"""``Watch``: what one call looks like from beside, for all that only looks on.

Hooks hear of attempts, events and ends; here that becomes one beginning and one end a
call, also where it never got as far as an attempt, was answered by another hook, or is
a stream that somebody drops. An observer's own exception is logged and never raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..core.clock import Clock
from ..core.errors import CancelledError
from ..core.hooks import Hook

if TYPE_CHECKING:
    from ..core.wire import Call, Reply

S = TypeVar("S", bound="Seen")


class Seen:
    """What is known of one call so far.

    :ivar stream: its reply is read as a stream, so that ``on_end`` is its end.
    :ivar first_s: seconds from its beginning to the first event.
    :ivar reply: what a stream began with.
    """

    # Of the class, so that a call which is no stream sets none of them.
    stream = over = False
    events = 0
    first_s: float | None = None
    reply: Reply | None = None


class Watch(Hook, Generic[S]):
    """Base of the hooks of this package; each call has one :class:`Seen` of its own.

    :param clock: the machine's, unless a test brings one.
    """

    observer = True
    stage = 90

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()

    def settings(self) -> dict[str, Any]:
        """What another one like it is made with, in another process."""
        return {}

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy in another process begins anew, with the same settings."""
        return _made, (type(self), self.settings())

    # -- what a watch says -----------------------------------------------------------

    def began(self, call: Call) -> S:
        """The call is seen for the first time: what is to be remembered of it."""
        raise NotImplementedError

    def ended(self, call: Call, seen: S, outcome: Reply | BaseException) -> None:
        """Once a call; ``GeneratorExit`` is a stream that was left early."""
        raise NotImplementedError

    def heard(self, call: Call, seen: S, event: Any) -> None:
        """For each event of a stream."""

    # -- how it hears ----------------------------------------------------------------

    def before_attempt(self, call: Call) -> None:
        if self not in call.scratch:
            call.scratch[self] = self.began(call)

    def tap(self, call: Call) -> None:
        self.seen(call).stream = True

    def on_event(self, call: Call, event: Any) -> None:
        seen: S | None = call.scratch.get(self)
        if seen is None:
            return  # what is broken is logged once a call, not once an event
        seen.events += 1
        if seen.first_s is None:
            seen.first_s = self.elapsed_s(call)
        self.heard(call, seen, event)

    def on_done(self, call: Call, outcome: Reply | BaseException) -> None:
        seen: S | None = call.scratch.get(self)
        if seen is None:
            seen = self.seen(call)
        if seen.stream and not isinstance(outcome, BaseException):
            seen.reply = outcome
        elif not seen.over:
            seen.over = True
            self.ended(call, seen, outcome)

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        seen = self.seen(call)
        left, token = isinstance(outcome, GeneratorExit), call.cancel
        if left and token is not None and token.is_cancelled:
            outcome = CancelledError(f"{call.name}: cancelled")
        if outcome is not None:
            self._over(call, seen, outcome)
        elif seen.reply is not None:
            self._over(call, seen, seen.reply)

    def _over(self, call: Call, seen: S, outcome: Reply | BaseException) -> None:
        if not seen.over:
            seen.over = True
            self.ended(call, seen, outcome)

    def seen(self, call: Call) -> S:
        """What is remembered of ``call``."""
        found: S | None = call.scratch.get(self)
        if found is None:
            found = call.scratch[self] = self.began(call)
        return found

    def elapsed_s(self, call: Call) -> float:
        """Seconds since the call began, waits included."""
        return max(self._clock.monotonic() - call.started, 0.0)


def _made(kind: type[Watch[Any]], settings: dict[str, Any]) -> Watch[Any]:
    return kind(**settings)
