"""``Place``: one call, as a cache sees it, and ``Choice``: which calls it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from .keys import asked, key_of
from .marks import mode_of
from .rules import OWN, kept_by_itself

if TYPE_CHECKING:
    from ..core.wire import Call
    from .entries import Kept
    from .flights import Flight
    from .recording import Recording

Only = Callable[["Call"], bool] | Iterable[str]
"""Which calls are kept: what says so, or names of operations."""


class Place:
    """One call.

    :ivar key: ``None`` where it is none of the cache's.
    :ivar rule: how long its answer is kept, see :mod:`.rules`.
    :ivar renewed: it is sent whatever is there.
    :ivar let_go: it was sent, or answered.
    :ivar flight: what it waits for, or has waited for; ``waited`` counts them.
    :ivar leads: what others wait for, who wait for this one.
    :ivar landed: how many flights had landed when it looked for an answer.
    :ivar reply: what came, as it came; without its body where that is a stream.
    """

    answered = False
    flight: Flight | None = None
    leads: Flight | None = None
    waited = 0
    landed = 0
    reply: Kept | None = None
    recording: Recording | None = None

    def __init__(self, key: str | None, rule: str = "", renewed: bool = False) -> None:
        self.key = key
        self.rule = rule
        self.renewed = renewed
        self.let_go = key is None


class Choice:
    """Which calls are kept, and what makes them equal.

    :ivar by_itself: nobody has said which, so answers are looked at more closely.
    """

    def __init__(
        self, only: Only | None, vary: Sequence[str] | None, by_credential: bool
    ) -> None:
        self.by_itself = only is None
        self._only = _predicate(only)
        self._vary = None if vary is None else [name.lower() for name in vary]
        self._by_credential = by_credential

    def place(self, call: Call, salt: Callable[[], bytes]) -> Place:
        """What is to become of ``call``."""
        mode = mode_of(call.request.headers)
        body = asked(call) if mode != "no-store" else None
        if body is None:
            return Place(None)
        if self._only is None:
            rule = kept_by_itself(call, body)
        else:
            rule = OWN if self._only(call) else ""
        if not rule:
            return Place(None)
        key = key_of(call, body, salt(), self._vary, self._by_credential)
        return Place(key, rule, renewed=mode == "no-cache")


def _predicate(only: Only | None) -> Callable[[Call], bool] | None:
    if only is None or callable(only):
        return only
    names = frozenset((only,) if isinstance(only, str) else only)
    return lambda call: call.operation.name in names
