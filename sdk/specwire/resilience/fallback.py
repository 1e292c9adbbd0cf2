"""``FallbackChain``: the next target where one fails for a reason of its own.

Another target is tried only after errors that AI-Protocol calls fallbackable: the
service is down, slow or at its limit, or the key is not good there. What is wrong with
the request is wrong everywhere and comes to the caller at once. Each target has a
circuit of its own, and nothing is begun again once the caller has an event of a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ..core.clock import Clock
from ..core.crew import here
from ..core.errors import CircuitOpenError
from .begun import Begun, is_stream
from .circuit_breaker import CircuitBreaker
from .configs import CircuitBreakerConfig
from .faults import fallbackable
from .shared import Shared, at_least

_USUAL: Final = CircuitBreakerConfig(success_threshold=1)
OnFallback = Callable[[str, str, Exception], object]
"""Told of each change: the target that failed, the next one, the error."""


class FallbackConfig:
    """How a chain goes on.

    :param retry_all: go on to the next target; without it only the first is asked.
    :param max_attempts_per_target: how often each is asked.
    :param delay_between_targets_ms: how long to wait before the next one.
    """

    def __init__(
        self,
        retry_all: bool = True,
        max_attempts_per_target: int = 1,
        delay_between_targets_ms: float = 0,
    ) -> None:
        self.retry_all = retry_all
        self.max_attempts_per_target = at_least(
            "max_attempts_per_target", max_attempts_per_target, 1
        )
        self.delay_between_targets_ms = at_least(
            "delay_between_targets_ms", delay_between_targets_ms, 0
        )


class FallbackTarget:
    """One target: a function, a client, or the id of a model.

    :param enabled: whether it is asked at all.
    :ivar breaker: its circuit; ``None`` where the chain has none.
    """

    def __init__(
        self, name: str, operation: Any, weight: float = 1.0, enabled: bool = True
    ) -> None:
        self.name = name
        self.operation = operation
        self.weight = weight
        self.enabled = enabled
        self.breaker: CircuitBreaker | None = None

    def asked(self, connect: Callable[[str], Any], args: Any, kwargs: Any) -> Any:
        """What the target gives: a function is called; a client is given to the
        function that stands first in ``args``."""
        if isinstance(self.operation, str):
            self.operation = here().settled(connect(self.operation))
        if callable(self.operation):
            return here().settled(self.operation(*args, **kwargs))
        if not args or not callable(args[0]):
            raise TypeError(
                f"FallbackChain: {self.name!r} is a client or a model; expected a "
                "function that is given the client, as in chain.execute(lambda client: "
                "client.chat().user('Hi').execute())"
            )
        client = here().shown(self.operation)
        return here().settled(args[0](client, *args[1:], **kwargs))


class FallbackResult:
    """How it ended.

    :ivar target_used: the name of the target that answered, or ``None``.
    :ivar targets_tried: all that were asked, in order.
    :ivar errors: name -> the error it ended in.
    """

    def __init__(self) -> None:
        self.success = False
        self.value: Any = None
        self.target_used: str | None = None
        self.targets_tried: list[str] = []
        self.errors: dict[str, Exception] = {}

    @property
    def error(self) -> Exception | None:
        """The last target's error, where none has answered."""
        return None if self.success else next(reversed(self.errors.values()), None)

    def unwrap(self) -> Any:
        """The value.

        :raises Exception: the last target's error, where none has answered.
        """
        if self.success:
            return self.value
        raise self.error or ValueError("FallbackChain: it has no target to ask")

    def __repr__(self) -> str:
        return (
            f"FallbackResult(success={self.success}, target_used={self.target_used!r}, "
            f"targets_tried={self.targets_tried})"
        )


class FallbackChain(Shared):
    """Asks its targets in order until one answers.

    >>> chain = FallbackChain(["openai/gpt-4o", "anthropic/claude-3-5-sonnet"])
    >>> chain.call(lambda client: client.chat().user("Hi").execute())  # doctest: +SKIP

    :param targets: ids of models, clients, or functions; or a :class:`FallbackConfig`.
    :param config: the targets and their settings, in place of ``targets``.
    :param connect: makes a client of a model's id, once: ``AiClient.create``.
    :param breaker: settings of each target's circuit; ``None`` for no circuits.
    """

    def __init__(
        self,
        targets: Iterable[Any] | FallbackConfig | None = None,
        config: FallbackConfig | None = None,
        *,
        connect: Callable[[str], Any] | None = None,
        breaker: CircuitBreakerConfig | None = _USUAL,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        if isinstance(targets, FallbackConfig):
            targets, config = None, targets
        if isinstance(targets, str):
            raise TypeError("FallbackChain: expected a list of targets, got str")
        self.config: FallbackConfig = config or FallbackConfig()
        self._connect = connect or _ai_client
        self._breaker = breaker
        self._targets: list[FallbackTarget] = []
        for target in targets or ():
            self.add_target(self._name(target), target)

    def _name(self, target: Any) -> str:
        own = getattr(target, "model_id", None) or getattr(target, "__name__", None)
        name = target if isinstance(target, str) else own
        names = self.get_targets()
        if not isinstance(name, str) or name in names or name == "<lambda>":
            base = name if isinstance(name, str) else type(target).__name__
            return f"{base.strip('<>')}-{len(names) + 1}"
        return name

    # -- targets ---------------------------------------------------------------------

    def add_target(
        self,
        name: str,
        operation: Any = None,
        weight: float = 1.0,
        enabled: bool = True,
    ) -> FallbackChain:
        """Add a target behind the others; ``operation`` is its name unless given."""
        target = FallbackTarget(
            name, name if operation is None else operation, weight, enabled
        )
        if self._breaker is not None:
            target.breaker = CircuitBreaker(self._breaker, clock=self._clock)
        with self._lock:
            self._targets = [t for t in self._targets if t.name != name] + [target]
        return self

    def remove_target(self, name: str) -> bool:
        """Take a target out; False where there is none of that name."""
        with self._lock:
            kept = [t for t in self._targets if t.name != name]
            found = len(kept) < len(self._targets)
            self._targets = kept
        return found

    def set_enabled(self, name: str, enabled: bool) -> bool:
        """Ask a target, or pass it over; whether there is one of that name."""
        found = [target for target in self._targets if target.name == name]
        for target in found:
            target.enabled = enabled
        return bool(found)

    def get_targets(self) -> list[str]:
        """The targets' names, in the order in which they are asked."""
        return [target.name for target in self._targets]

    def circuit_states(self) -> dict[str, str]:
        """Name -> state of its circuit."""
        return {
            target.name: target.breaker.state.value
            for target in self._targets
            if target.breaker is not None
        }

    # -- asking ----------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the first target that answers gives; as :meth:`execute`, but raises.

        :raises Exception: one that another target would not mend, or the last target's.
        """
        return self.execute(*args, **kwargs).unwrap()

    stream = call
    """Of a stream only the first event is waited for; what fails after it is raised."""

    def execute(
        self, *args: Any, on_fallback: OnFallback | None = None, **kwargs: Any
    ) -> FallbackResult:
        """Ask the targets in order.

        :param args: for functions their arguments; for clients and models first the
            function that is given the client.
        """
        result = FallbackResult()
        targets = [target for target in self._targets if target.enabled]
        if not self.config.retry_all:
            targets = targets[:1]
        for place, target in enumerate(targets, 1):
            following = targets[place] if place < len(targets) else None
            result.targets_tried.append(target.name)
            error = self._ask(target, result, args, kwargs)
            if error is None or following is None or not fallbackable(error):
                break
            if on_fallback is not None:
                here().settled(on_fallback(target.name, following.name, error))
            if self.config.delay_between_targets_ms:
                self._pause(self.config.delay_between_targets_ms / 1000)
        return result

    def _ask(
        self, target: FallbackTarget, result: FallbackResult, args: Any, kwargs: Any
    ) -> Exception | None:
        """Ask one target; its error, which is also in ``result``."""
        for _ in range(self.config.max_attempts_per_target):
            try:
                result.value = self._guarded(target, args, kwargs)
            except Exception as error:
                result.errors[target.name] = error
                if isinstance(error, CircuitOpenError) or not fallbackable(error):
                    break
            else:
                result.errors.pop(target.name, None)
                result.success, result.target_used = True, target.name
                return None
        return result.errors[target.name]

    def _guarded(self, target: FallbackTarget, args: Any, kwargs: Any) -> Any:
        if target.breaker is not None:
            return target.breaker.call(target.asked, self._connect, args, kwargs)
        value = target.asked(self._connect, args, kwargs)
        return Begun(value) if is_stream(value) else value


class MultiFallback:
    """Chains by name."""

    def __init__(self) -> None:
        self._chains: dict[str, FallbackChain] = {}

    def register_chain(self, name: str, chain: FallbackChain) -> MultiFallback:
        """Add a chain, in place of one of that name."""
        self._chains[name] = chain
        return self

    def get_chain(self, name: str) -> FallbackChain | None:
        """The chain of that name, or None."""
        return self._chains.get(name)

    def list_chains(self) -> Sequence[str]:
        """The chains' names."""
        return list(self._chains)

    def execute(self, chain_name: str, *args: Any, **kwargs: Any) -> FallbackResult:
        """:raises KeyError: for a name that was not registered."""
        if chain_name not in self._chains:
            known = ", ".join(self._chains) or "none"
            raise KeyError(f"no chain {chain_name!r}; registered: {known}")
        return self._chains[chain_name].execute(*args, **kwargs)


def _ai_client(model: str) -> Any:
    # The package's front door, which is further out: only who names models needs it.
    import specwire

    made: Any = specwire
    return made.AiClient.create(model)
