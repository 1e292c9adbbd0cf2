"""Which errors have another target tried, and which target that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from specwire.errors import (
    BadRequestError,
    CircuitOpenError,
    InternalServerError,
    MissingCredentialError,
)
from specwire.resilience import (
    CircuitBreakerConfig,
    FallbackChain,
    FallbackConfig,
    MultiFallback,
)
from specwire.testing import FakeClock

from .answering import cut, failed


def target(*outcomes: Any) -> Callable[..., Any]:
    """A function that fails with what is an exception and returns the others."""
    left = list(outcomes)

    def asked(*args: Any, **kwargs: Any) -> Any:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return asked


def chain(*targets: Any, **settings: Any) -> FallbackChain:
    made = FallbackChain(**settings)
    for name, operation in zip("abcdef", targets, strict=False):
        made.add_target(name, operation)
    return made


@pytest.mark.parametrize(
    "error",
    [
        *(failed(status) for status in (401, 402, 429, 500, 503, 504, 529)),
        *(cut(), CircuitOpenError("x"), MissingCredentialError("x"), TimeoutError()),
    ],
    ids=repr,
)
def test_another_target_may_do_better(error: Exception) -> None:
    """Down, slow, at its limit, or the key is not good there."""
    result = chain(target(error), target("b")).execute()
    assert (result.value, result.target_used) == ("b", "b")
    assert (result.targets_tried, list(result.errors)) == (["a", "b"], ["a"])


@pytest.mark.parametrize(
    "error",
    [*(failed(status) for status in (400, 403, 404, 409, 413, 422)), ValueError()],
    ids=repr,
)
def test_what_is_wrong_everywhere_is_raised_at_once(error: Exception) -> None:
    """No other target is asked, and the error is the caller's."""
    made = chain(target(error), target("b"))
    result = made.execute()
    assert (result.success, result.targets_tried) == (False, ["a"])
    with pytest.raises(type(error)):
        made.call()


def test_arguments_are_passed_on() -> None:
    """To functions, as they are."""
    made = chain(lambda x, y: x + y)
    assert made.call(1, y=2) == 3


def test_the_last_error_is_raised_where_none_answers() -> None:
    """And each target's is in the result."""
    made = chain(target(cut()), target(failed(503)))
    with pytest.raises(InternalServerError):
        made.call()
    assert list(made.execute().errors) == ["a", "b"]
    with pytest.raises(ValueError, match="no target"):
        FallbackChain().call()


def test_models_are_made_clients_once_and_clients_are_given_on() -> None:
    """The function that is called gets the client."""

    class Client:
        def __init__(self, model_id: str, *outcomes: Any) -> None:
            self.model_id = model_id
            self.ask = target(*outcomes)

    connected: list[str] = []

    def connect(model: str) -> Client:
        connected.append(model)
        return Client(model, cut())

    made = FallbackChain(["x/one", "y/two", Client("z/three", "hi")], connect=connect)
    assert made.get_targets() == ["x/one", "y/two", "z/three"]
    for _ in range(2):
        assert made.call(lambda client: client.ask()) == "hi"
    assert connected == ["x/one", "y/two"]
    with pytest.raises(TypeError, match="expected a function that is given the client"):
        made.call()


def test_each_target_has_a_circuit_of_its_own(clock: FakeClock) -> None:
    """One that is open is passed over; the others are as they were."""
    asked: list[str] = []

    def down() -> None:
        asked.append("a")
        raise cut()

    made = chain(down, target("b"), breaker=CircuitBreakerConfig(2, 1, 30), clock=clock)
    for _ in range(4):
        assert made.call() == "b"
    assert asked == ["a", "a"]
    assert made.circuit_states() == {"a": "open", "b": "closed"}
    assert made.execute().targets_tried == ["a", "b"]
    clock.now += 30
    made.call()
    assert asked == ["a", "a", "a"]


def test_targets_are_switched_and_taken_away() -> None:
    """By name."""
    made = chain(target("a"), target("b"), target("c"))
    assert made.set_enabled("a", False)
    assert made.call() == "b"
    assert made.remove_target("b")
    assert (made.call(), made.get_targets()) == ("c", ["a", "c"])
    assert not made.remove_target("x")
    assert not made.set_enabled("x", True)


def test_how_a_chain_goes_on(clock: FakeClock) -> None:
    """Attempts a target, a wait between targets, or the first one alone."""
    config = FallbackConfig(max_attempts_per_target=2, delay_between_targets_ms=500)
    told: list[Any] = []
    made = chain(target(cut(), "late"), config=config, clock=clock)
    assert made.call() == "late"
    made = chain(target(cut()), target("b"), config=config, clock=clock)
    made.execute(on_fallback=lambda *args: told.append(args[:2]))
    assert (told, clock.slept) == ([("a", "b")], [0.5])
    alone = chain(target(cut()), target("b"), config=FallbackConfig(retry_all=False))
    assert alone.execute().targets_tried == ["a"]


def test_a_model_id_is_not_a_list_of_letters() -> None:
    """A string in place of the list is refused."""
    with pytest.raises(TypeError, match="a list of targets"):
        FallbackChain("openai/gpt-4o")


# -- streams --------------------------------------------------------------------------


def stream(*items: Any) -> Callable[[], Iterator[Any]]:
    def asked() -> Iterator[Any]:
        for item in items:
            if isinstance(item, BaseException):
                raise item
            yield item

    return asked


def test_a_stream_that_fails_at_once_falls_back() -> None:
    """Nothing of it has reached the caller."""
    made = chain(stream(failed(503)), stream(1, 2))
    result = made.execute()
    assert (list(result.value), result.target_used) == ([1, 2], "b")


def test_after_the_first_event_nothing_is_begun_again(clock: FakeClock) -> None:
    """The caller gets the error where it happens, and the circuit counts it."""
    made = chain(
        stream(1, cut()), stream(2), breaker=CircuitBreakerConfig(1, 1), clock=clock
    )
    events = made.stream()
    assert next(events) == 1
    assert made.circuit_states()["a"] == "closed"
    with pytest.raises(type(cut())):
        next(events)
    assert made.circuit_states()["a"] == "open"


def test_a_stream_is_closed_and_asked_as_it_is() -> None:
    """What it has besides events is there, and closing reaches it."""

    class Events:
        name = "own"
        closed = False

        def __next__(self) -> int:
            return 1

        def close(self) -> None:
            self.closed = True

    own = Events()
    with chain(lambda: own).stream() as events:
        assert (next(events), events.name) == (1, "own")
    assert own.closed
    assert list(chain(stream()).stream()) == []


def test_chains_by_name() -> None:
    """One that is not there is named."""
    many = MultiFallback().register_chain("x", chain(target("a")))
    assert many.execute("x").value == "a"
    assert many.list_chains() == ["x"]
    assert many.get_chain("y") is None
    with pytest.raises(KeyError, match="registered: x"):
        many.execute("y")


def test_a_bad_request_through_call_is_its_own_class() -> None:
    """No wrapper around it."""
    with pytest.raises(BadRequestError):
        chain(target(failed(400))).call()
