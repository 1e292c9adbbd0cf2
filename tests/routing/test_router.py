"""``Router`` and ``Balancer`` against sandboxes: what they are for."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from typing import Any

import pytest

from specwire import CancelToken, Client, Timeout
from specwire.errors import (
    AuthenticationError,
    CancelledError,
    CircuitOpenError,
    InternalServerError,
    RequestValidationError,
)
from specwire.routing import (
    Balancer,
    HealthCheckConfig,
    ModelArray,
    ModelEndpoint,
    ModelInfo,
    ModelManager,
    Router,
)
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from .conftest import Routed

CHAT = "POST /openai/v1/chat/completions"


def ask(router: Router) -> str:
    response = router.chat().user("Hello").execute()
    assert response.content
    return str(response.target)


def test_the_response_says_who_answered(routed: Routed) -> None:
    """Target, model and provider stand on it; the targets take turns."""
    router, _ = routed("a", "b")
    response = router.chat().user("Hello").execute()
    assert (response.target, response.model) == ("a", "gpt-4o")
    assert response.provider == "openai"
    assert [ask(router) for _ in range(3)] == ["b", "a", "b"]


def test_the_builder_is_the_usual_one(routed: Routed) -> None:
    """What is said, parameters and headers arrive; it can be sent again."""
    router, boxes = routed("a", "b")
    chat = router.chat().system("Be brief.").user("Hi").temperature(0.5)
    chat = chat.header("X-Trace", "t")
    _, stats = chat.execute_with_stats()
    chat.execute()
    sent = [boxes[name].requests[-1] for name in "ab"]
    assert [each.headers["x-trace"] for each in sent] == ["t", "t"]
    assert sent[0].body == sent[1].body
    assert stats.total_tokens


def test_a_stream_fails_over_before_its_first_event(routed: Routed) -> None:
    """The one that is down is passed over; stream and response name the other."""
    router, boxes = routed("a", "b")
    boxes["a"].fail(CHAT, [503])
    with router.chat().user("Hello").stream() as stream:
        text = "".join(e.as_content_delta.text for e in stream if e.is_content_delta)
    assert stream.response.content == text
    assert (stream.target, stream.response.target) == ("b", "b")
    assert [each["connection_count"] for each in router.snapshot()] == [0, 0]


def test_another_target_is_the_retry(routed: Routed, clock: FakeClock) -> None:
    """After 503 the next target is asked at once; nothing is waited for."""
    router, boxes = routed("a", "b")
    boxes["a"].fail(CHAT, [503])
    assert (ask(router), clock.slept) == ("b", [])


def test_the_last_target_makes_retries(routed: Routed, clock: FakeClock) -> None:
    """Where both fail the last one is asked again, as its manifest says."""
    router, boxes = routed("a", "b")
    boxes["a"].fail(CHAT, [503])
    boxes["b"].fail(CHAT, [503])
    assert (ask(router), len(clock.slept)) == ("b", 1)
    assert [len(boxes[name].requests) for name in "ab"] == [1, 2]


def test_the_request_may_say_how_many_retries(routed: Routed) -> None:
    """``max_retries(0)`` holds for the last target as well."""
    router, boxes = routed("a", "b")
    for box in boxes.values():
        box.fail(CHAT, [500])
    with pytest.raises(InternalServerError):
        router.chat().user("Hello").max_retries(0).execute()
    assert [len(box.requests) for box in boxes.values()] == [1, 1]


def test_a_refused_request_is_asked_once(routed: Routed) -> None:
    """What is wrong with the request no other target mends."""
    router, boxes = routed("a", "b")
    with pytest.raises(RequestValidationError):
        router.chat().execute()
    assert [len(box.requests) for box in boxes.values()] == [0, 0]
    assert router.snapshot()[0]["failures"] == 0


def test_one_time_limit_for_all_targets(routed: Routed, clock: FakeClock) -> None:
    """Once it is over no other target is asked; the error is the one that came."""
    router, boxes = routed("a", "b")
    boxes["a"].fail(CHAT, [503])

    class Slow(FakeClock):
        """Each reading takes a second."""

        def monotonic(self) -> float:
            self.now += 1.0
            return self.now

    router._clock = Slow()
    with pytest.raises(InternalServerError):
        router.chat().user("Hello").timeout(1.5).execute()
    assert len(boxes["b"].requests) == 0


def test_one_that_hangs_leaves_time_for_another(routed: Routed) -> None:
    """An attempt's own limit ends it; the call goes on, within its total."""
    router, boxes = routed("a", "b")
    boxes["a"].fail(CHAT, latency_s=0.3)
    limit = Timeout(60, attempt=0.1)
    response = router.chat().user("Hello").timeout(limit).execute()
    assert (response.target, router.snapshot()[0]["failures"]) == ("b", 1)


def test_a_cancelled_call_is_not_asked_elsewhere(routed: Routed) -> None:
    """The token ends the whole of it."""
    router, boxes = routed("a", "b")
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        router.chat().user("Hello").execute(token)
    assert [len(box.requests) for box in boxes.values()] == [0, 0]


def test_one_of_three_dies_under_load(routed: Routed, clock: FakeClock) -> None:
    """Eight threads, 240 calls, one of three servers dies: no call is lost, the dead
    one is asked a few times at most, and it gets its share again once it is back."""
    router, boxes = routed("a", "b", "c", cooldown_seconds=30, slow_start_seconds=20)
    dying = boxes["c"]
    done: list[str] = []
    answered, started = itertools.count(1), threading.Barrier(8)

    def work() -> None:
        started.wait()
        for _ in range(30):
            done.append(ask(router))
            if next(answered) == 80:
                dying.close()

    load(work)
    assert len(done) == 240
    assert set(done[:60]) == {"a", "b", "c"}
    assert set(done[120:]) == {"a", "b"}
    dead = router.snapshot()[2]
    assert (dead["state"], dead["healthy"]) == ("open", False)
    # in flight when it died, one for each thread, and what opened the circuit
    assert 3 <= dead["failures"] <= 3 + 8

    reborn = Sandbox(port=port_of(router, "c"))
    with reborn:
        clock.now += 30
        first = [ask(router) for _ in range(3)]
        clock.now += 20
        again = Counter(ask(router) for _ in range(30))
    assert first.count("c") >= 1
    assert again == {"a": 10, "b": 10, "c": 10}


def load(work: Any) -> None:
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def port_of(router: Router, name: str) -> int:
    endpoint = router.array.get_endpoint(name)
    assert endpoint is not None
    return int(endpoint.url.split(":")[2].split("/")[0])


def test_a_check_finds_who_is_there(routed: Routed) -> None:
    """The manifest says what is asked; a server that is gone is not there."""
    router, boxes = routed("a", "b")
    boxes["b"].close()
    assert router.check() == {"a": True, "b": False}
    assert boxes["a"].requests[-1].path.endswith("/models")


def test_a_refused_key_is_a_sign_of_life(clock: FakeClock) -> None:
    """401 is among the statuses that the manifest expects of a check."""
    with Sandbox() as box:
        place = ModelEndpoint("a", "openai/gpt-4o", box.base_urls["openai"])
        with Router([place], api_keys={"openai": "sk-wrong"}, _clock=clock) as router:
            assert router.check() == {"a": True}
            with pytest.raises(AuthenticationError):
                ask(router)


def test_checks_run_in_a_thread(routed: Routed, clock: FakeClock) -> None:
    """``watch`` checks until the router is closed; a dead target is out without a
    call."""
    router, boxes = routed("a", "b", max_failures=1)
    boxes["b"].close()
    out = threading.Event()
    told = router.array.record_check

    def record(name: str, alive: bool) -> bool:
        said = told(name, alive)
        if name == "b":
            out.set()
        return said

    router.array.record_check = record  # type: ignore[method-assign]
    router.watch()
    assert out.wait(10)
    router.close()
    assert router.array.healthy_endpoints()[0].name == "a"
    assert len(router.array.healthy_endpoints()) == 1


def test_targets_of_several_kinds(clock: FakeClock) -> None:
    """Names, models of a manager, and an array of one's own; each has its price."""
    with Sandbox() as box:
        keys = {name: box.api_keys[name] for name in ("openai", "anthropic")}
        urls = {
            "openai": box.base_urls["openai"],
            "anthropic": box.chat_urls["anthropic"],
        }
        settings: dict[str, Any] = {"api_keys": keys, "base_urls": urls}
        names = ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "openai/gpt-4o"]
        with Router(names, strategy="cost", **settings) as router:
            assert ask(router) == "openai/gpt-4o"
            assert router.array.endpoints[2].name == "openai/gpt-4o-3"
        manager = ModelManager().add_model(names[1])
        manager.add_model(ModelInfo("old", metadata={"status": "deprecated"}))
        with Router(manager, **settings) as router:
            assert ask(router) == names[1]
        array = ModelArray("mine").add_endpoint(ModelEndpoint("x", names[0]))
        with Router(array, **settings) as router:
            assert ask(router) == "x"


def test_other_calls_are_routed_as_well(routed: Routed) -> None:
    """``call`` hands a target's client to a function; that fails over too."""
    router, boxes = routed("a", "b")
    body = {"model": "text-embedding-3-small", "input": "sea"}
    boxes["a"].fail("POST /openai/v1/embeddings", [503])
    said = router.call(
        lambda client: client.operation("embeddings", body, max_retries=0)
    )
    assert said["data"]
    assert [len(box.requests) for box in boxes.values()] == [1, 1]


def test_keys_are_not_shown(routed: Routed) -> None:
    """Neither the router nor what it says of its targets holds a key."""
    router, boxes = routed("a")
    said = f"{router!r} {router.snapshot()} {router.array.endpoints} {vars(router)}"
    assert boxes["a"].api_keys["openai"] not in said


def test_no_target_is_an_error() -> None:
    """A router without targets, or with what is none, is refused when it is made."""
    with pytest.raises(ValueError, match="at least one"):
        Router([])
    with pytest.raises(TypeError, match="got int"):
        Router([1])


# -- one client, several addresses -----------------------------------------------------


def say(client: Client) -> None:
    client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=9,
        messages=[{"role": "user", "content": "Hi"}],
    )


def test_a_client_is_spread_over_addresses(clock: FakeClock) -> None:
    """Calls, streams among them, take turns; a retry goes to the other address."""
    with Sandbox() as one, Sandbox() as two:
        urls = [box.base_urls["anthropic"] for box in (one, two)]
        balancer = Balancer(urls, clock=clock)
        with Client(
            api_keys=one.api_keys,
            base_urls={"anthropic": urls[0]},
            hooks=[balancer],
            _clock=clock,
        ) as client:
            for _ in range(3):
                say(client)
            with client.messages.stream(
                model="claude-sonnet-4-5",
                max_tokens=9,
                messages=[{"role": "user", "content": "Hi"}],
            ) as stream:
                assert stream.get_final_text()
            one.fail("POST /v1/messages", [529])
            say(client)
            state = client.signals_snapshot().parts["endpoints"]
        assert [len(one.requests), len(two.requests)] == [3, 3]
        assert [each["failures"] for each in state] == [1, 0]
        assert [each["connection_count"] for each in state] == [0, 0]


def test_an_address_dies_under_load(clock: FakeClock) -> None:
    """Eight threads, 160 messages, one of two addresses dies: none is lost."""
    with Sandbox() as one, Sandbox() as two:
        urls = [box.base_urls["anthropic"] for box in (one, two)]
        balancer = Balancer(urls, clock=clock)
        answered = itertools.count(1)
        with Client(
            api_keys=one.api_keys,
            base_urls={"anthropic": urls[0]},
            hooks=[balancer],
            _clock=clock,
        ) as client:

            def work() -> None:
                for _ in range(20):
                    say(client)
                    if next(answered) == 50:
                        one.close()

            load(work)
        assert next(answered) == 161
        assert len(two.requests) >= 110
        assert {e.connection_count for e in balancer.array.endpoints} == {0}


def test_an_address_that_died_is_left_out(clock: FakeClock) -> None:
    """After its faults nobody asks it; with none left the call says so."""
    with Sandbox() as one, Sandbox() as two:
        urls = [box.base_urls["anthropic"] for box in (one, two)]
        balancer = Balancer(
            urls, health_check=HealthCheckConfig(max_failures=1), clock=clock
        )
        with Client(
            api_keys=one.api_keys,
            base_urls={"anthropic": urls[0]},
            hooks=[balancer],
            _clock=clock,
        ) as client:
            one.close()
            for _ in range(4):
                say(client)
            assert len(two.requests) == 4
            two.close()
            with pytest.raises(CircuitOpenError):
                say(client)


def test_other_services_are_left_alone(clock: FakeClock) -> None:
    """A request to another place than the first address goes where it would."""
    with Sandbox() as box:
        urls = ["https://one.invalid", "https://two.invalid"]
        with Client(
            api_keys=box.api_keys,
            base_urls={**box.base_urls, "sim": box.base_urls["sim"]},
            hooks=[Balancer(urls, clock=clock)],
            _clock=clock,
        ) as client:
            say(client)
        assert len(box.requests) == 1
