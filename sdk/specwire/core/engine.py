"""The loop: attempts inside one deadline, hooks around each, errors as classes.

All decisions are made elsewhere (``retry``, ``errors``, ``hooks``, ``results``); this
module only puts them in order, and it is the only one that sleeps.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeVar

from . import hooks as _hooks
from . import lease as _lease
from .auth import Credential, Keyring, Service
from .clock import Bell, Clock
from .errors import (
    APIStatusError,
    APITimeoutError,
    CancelledError,
    DecodeError,
    SpecwireError,
)
from .hooks import Answer, Hook, Wait
from .lease import Ends, Lease, Pause, machine_deadline, roughly, shortest
from .replies import error_body, reply_error, without_secrets
from .results import Arrived
from .retry import DEFAULT_POLICY, Budget, Policy, repeated
from .wire import Call, Hidden, Reply

if TYPE_CHECKING:
    import requests

    from .lease import Arriving, Connections

    Answered: TypeAlias = "tuple[Reply, Arriving | None]"

T = TypeVar("T")
MAX_ERROR_BODY: Final = 1 << 20


class Engine:
    """Sends calls for one client and its ``with_options`` copies.

    :ivar downloads: makes of a reply what a download is; ``None`` for the usual.
    :ivar transport: makes the connections; ``None`` for those of ``core.session``.
    :cvar made: told of each engine that is made, where the async side is loaded.
    """

    made: ClassVar[Callable[[Engine], object] | None] = None
    downloads: Callable[[Arrived], Any] | None = None
    transport: Callable[[Any], Connections] | None = None

    def __init__(
        self,
        services: Mapping[str, Service],
        keyring: Keyring,
        session: requests.Session | None,
        clock: Clock,
    ) -> None:
        self.max_body_bytes = 64 << 20
        self.services = services
        self.keyring = keyring
        self.clock = clock
        self.given_session = session
        self._session: Connections | None = None
        self.making = threading.Lock()
        self.closed = Bell()
        self._busy: set[Ends] = set()
        # By service; empty until a call has failed, so that success costs nothing.
        self._budgets: dict[str, Budget] = {}
        if Engine.made is not None:
            Engine.made(self)

    def send(
        self, call: Call, hooks: tuple[Hook, ...] = (), policy: Policy = DEFAULT_POLICY
    ) -> Any:
        """Make ``call``, with retries inside its deadline, and return its result.

        :raises SpecwireError: the last attempt's failure.
        """
        call.engine, call.policy = self, policy
        call.started = self.clock.monotonic()
        if call.timeout.total is not None:
            call.deadline = call.started + call.timeout.total
        try:
            try:
                answer = self._attempt(call, hooks)
            except SpecwireError as error:
                policy = call.policy  # a hook may have brought another one
                if call.max_retries < 1 or not policy.again(error, call):
                    raise
                attempt = partial(self._attempt, call, hooks)
                answer = self._again(call, policy, error, attempt)
            else:
                if self._budgets and call.service in self._budgets:
                    self._budgets[call.service].earn()
            finally:
                if hasattr(call.request.body, "close"):
                    call.request.body.close()
            result = self._result(call, hooks, answer)
        except BaseException as error:
            instead = _hooks.done(hooks, call, error) if hooks else None
            if instead is None:
                raise
            return self._result(call, hooks, (instead, None))
        if hooks:
            _hooks.done(hooks, call, answer[0])
        return result

    def _result(self, call: Call, hooks: tuple[Hook, ...], answer: Any) -> Any:
        try:
            return call.operation.result.value(Arrived(self, call, hooks, *answer))
        except DecodeError as error:
            failure = without_secrets(error, self.secrets(call))
            failure.asked = (call.request.method, call.request.url)
        raise failure

    def begin_again(
        self,
        call: Call,
        hooks: tuple[Hook, ...],
        error: SpecwireError,
        begun: Callable[[Any], Any],
    ) -> Any:
        """The stream of another attempt, after one that began with ``error``.

        ``begun`` reads its first event, which may be such an error again.

        :raises SpecwireError: ``error`` where it is not tried again, or the last one.
        """
        once = hasattr(call.request.body, "close")
        left = call.attempt <= call.max_retries and not once
        policy = call.policy or DEFAULT_POLICY
        if not left or not policy.again(error, call):
            raise error

        def attempt() -> Any:
            return begun(self._result(call, hooks, self._attempt(call, hooks)))

        return self._again(call, policy, error, attempt)

    def _again(
        self,
        call: Call,
        policy: Policy,
        first: SpecwireError,
        attempt: Callable[[], T],
    ) -> T:
        """The attempts after the first one, which failed."""
        return repeated(
            call,
            policy,
            self._budgets.setdefault(call.service, Budget()),
            [first],
            attempt,
            partial(self.pause, call),
            remaining_s=lambda: self.remaining_s(call),
            chance=self.clock.chance,
        )

    def _attempt(self, call: Call, hooks: tuple[Hook, ...]) -> Answered:
        """One try on the wire: the reply, and its body where that is a stream."""
        call.attempt += 1
        call.open = False
        self._check(call)
        asked: list[Hook] = []
        kept = True
        try:
            answer: Any = None
            if hooks:
                answer = self._before(call, hooks, asked)
            while answer is None:
                credential = self._credential(call)
                lease, limits = self._begun(call)
                try:
                    session = self._session or self._connect()
                    opened = session.send(call.request, credential, lease, **limits)
                    answer = self._replied(call, opened, lease)
                finally:
                    if answer is None or answer[1] is None:
                        self.release(call, lease)
                if kept and self._outdated(call, answer[0]):
                    answer, kept = None, False
            reply, opened = answer
            if reply.status_code >= 300:
                raise self._status_error(call, reply)
        except BaseException as error:
            if isinstance(error, SpecwireError):
                error.attempts = call.attempts_made
                error.asked = (call.request.method, call.request.url)
            if asked:
                _hooks.told(asked, call, error)
            raise
        if asked:
            _hooks.told(asked, call, reply, opened)
        return reply, opened

    def _begun(self, call: Call) -> tuple[Lease, dict[str, Any]]:
        """One more request goes out: what ends it, and how long its parts may take."""
        body, limit = call.request.body, call.timeout
        if call.attempts_made and hasattr(body, "rewind"):
            body.rewind()
        call.attempts_made += 1
        remaining, of = self.remaining_s(call), "total"
        if limit.attempt is not None and limit.attempt < remaining:
            remaining, of = limit.attempt, "attempt"
        deadline = None if remaining == float("inf") else machine_deadline(remaining)
        if self.given_session is None:
            remaining = roughly(remaining)
        lease = Lease(deadline, write_s=shortest(limit.write, remaining), of=of)
        self.hold(call, lease)
        return lease, {
            "where": call.operation.name,
            "connect_s": shortest(limit.connect, remaining),
            "read_s": shortest(limit.read, remaining),
        }

    def _replied(self, call: Call, opened: Arriving, lease: Lease) -> Answered:
        """The reply; its body is read unless the result is a stream."""
        reply = Reply(
            opened.status_code,
            opened.headers,
            url=opened.url,
            attempts=call.attempts_made,
            elapsed_s=self.clock.monotonic() - call.started,
            received_s=self.clock.time(),
        )
        if opened.status_code >= 300:
            content: bytes | None = opened.read_error(MAX_ERROR_BODY)
        elif call.operation.result.opens(call, reply):
            opened.on_close = lambda: self.release(call, lease)
            return reply, opened
        else:
            content = opened.read(self.max_body_bytes)
        if content is None:
            problem = f"is larger than {self.max_body_bytes} bytes (max_body_bytes)"
            raise reply_error(call, reply, problem)
        reply.body = content
        reply.elapsed_s = self.clock.monotonic() - call.started
        return reply, None

    def _credential(self, call: Call) -> Credential:
        """What puts the key on a request."""
        return self.keyring.credential(call, self.services[call.operation.service])

    def _outdated(self, call: Call, reply: Reply) -> bool:
        """Whether a newer credential may do where ``reply`` refuses this one."""
        return False

    def _status_error(self, call: Call, reply: Reply) -> APIStatusError:
        made = call.operation.failure or error_body
        return made(call, reply, self.secrets(call), self.clock.time())

    def secrets(self, call: Call) -> list[str]:
        """What must not be shown of a reply to ``call``, if the server repeats it."""
        sent = call.request.headers.values()
        own = [form for v in sent if isinstance(v, Hidden) for form in v.forms()]
        known = self.keyring.shown(call, self.services[call.service])
        return sorted([*own, *known], key=len, reverse=True) if own else known

    # -- limits --------------------------------------------------------------------

    def remaining_s(self, call: Call) -> float:
        """Seconds until the call's deadline; ``inf`` without one."""
        if call.deadline is None:
            return float("inf")
        return call.deadline - self.clock.monotonic()

    def check_open(self, name: str, attempts: int = 0) -> None:
        """:raises CancelledError: once the client is closed."""
        if self.closed.is_set():
            raise CancelledError(
                f"{name}: the client is closed; make a new one", attempts=attempts
            )

    def _check(self, call: Call) -> None:
        if self.closed.is_set():
            self.check_open(call.name, call.attempts_made)
        if call.cancel is not None:
            call.cancel.raise_if_cancelled(call.name, call.attempts_made)
        if self.remaining_s(call) <= 0:
            raise APITimeoutError(
                f"{call.name}: the call's time limit of {call.timeout.total} s is over",
                retryable=False,
                attempts=call.attempts_made,
            )

    def _before(
        self, call: Call, hooks: tuple[Hook, ...], asked: list[Hook]
    ) -> tuple[Reply, None] | None:
        """Ask ``hooks`` in order; ``asked`` collects those that let it go on."""
        for hook in hooks:
            said = _hooks.before(hook, call)
            while isinstance(said, Wait):
                try:
                    self._wait(call, hook, said)
                except BaseException:
                    _hooks.given_up(hook, call)
                    raise
                said = _hooks.before(hook, call)
            asked.append(hook)
            if isinstance(said, Answer):
                return said.reply, None
        self._check(call)  # hooks take time too
        return None

    def _wait(self, call: Call, hook: Hook, said: Wait) -> None:
        """Wait as ``hook`` has said; to the limit where it may end before."""
        remaining, seconds = self.remaining_s(call), said.seconds
        if seconds >= remaining and said.until is None:
            raise APITimeoutError(
                f"{call.name}: {type(hook).__name__} asks to wait "
                f"{seconds:.3g} s, longer than the call may take",
                retryable=False,
                retry_after_s=seconds,
                attempts=call.attempts_made,
            )
        self.pause(call, min(seconds, remaining), said.until)

    def pause(
        self, call: Call, seconds: float, until: threading.Event | None = None
    ) -> None:
        """Wait before the next attempt of ``call``, unless it ends before."""
        pause = Pause(until)
        self.hold(call, pause)
        try:
            woken = self.clock.sleep(seconds, pause.ended)
        finally:
            self.release(call, pause)
        if woken or until is not None:
            self._check(call)

    # -- what is under way ---------------------------------------------------------

    def hold(self, call: Call, thing: Ends) -> None:
        """Watch ``thing``, which ``call`` has under way.

        It ends at its deadline, when the client is closed or the call is cancelled.
        """
        self._busy.add(thing)
        _lease.watchdog.watch(thing)
        if call.cancel is not None:
            call.cancel.hold(thing)
        if self.closed.is_set():
            thing.end("cancelled")

    def release(self, call: Call, thing: Ends) -> None:
        _lease.watchdog.forget(thing)
        self._busy.discard(thing)
        if call.cancel is not None:
            call.cancel.release(thing)

    @property
    def under_way(self) -> int:
        """How many connections work for calls at the moment."""
        return sum(isinstance(thing, Lease) for thing in list(self._busy))

    def close(self) -> None:
        """End what is under way, in all threads, and close the connections."""
        self.closed.set()
        for thing in list(self._busy):
            thing.end("cancelled")
        if self._session is not None:
            self._session.close()

    def beside(self, keyring: Keyring, session: requests.Session | None) -> Engine:
        """An engine with other credentials: on these connections, or on ``session``.

        On the same connections it has the same life: closing one closes both.
        """
        if session is None:
            self._connect()
        other = copy.copy(self)
        other.keyring = keyring
        if session is not None:
            other.given_session, other._session = session, None
            other.closed, other._busy = Bell(), set()
        return other

    def _connect(self) -> Connections:
        """The connections; the HTTP library is imported when a call needs it."""
        if self.transport is None:
            from .session import Session

            self.transport = Session
        with self.making:
            if self._session is None:
                self._session = self.transport(self.given_session)
        return self._session
