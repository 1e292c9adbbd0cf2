"""Health: of providers by asking them, by the calls that are made, and of anything."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from specwire import AiClient, errors
from specwire.sandbox import Sandbox
from specwire.telemetry import (
    HealthChecker,
    HealthCheckResult,
    HealthStatus,
    ProviderHealthTracker,
)
from specwire.testing import FakeClock
from tests.core.sample import client as notes_client
from tests.resilience.answering import Server, cut, failed

from .conftest import Chat, Make, ask, listen


@pytest.fixture
def configured(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The environment names two providers, which the sandbox plays."""
    import os

    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL")):
            monkeypatch.delenv(name)
    for id in ("openai", "anthropic"):
        monkeypatch.setenv(f"{id.upper()}_API_KEY", box.api_keys[id])
        monkeypatch.setenv(f"{id.upper()}_BASE_URL", box.base_urls[id])
    return box


def test_providers_of_the_environment_are_asked(configured: Sandbox) -> None:
    """``HealthChecker().check()``: whoever has a key is asked as its manifest says."""
    asked = len(configured.requests)
    health = HealthChecker().check()
    assert health.is_healthy
    assert sorted(health.details) == ["anthropic", "openai"]
    assert len(configured.requests) == asked + 2
    assert all(each.latency_ms > 0 for each in health.checks)


def test_a_provider_that_is_down(configured: Sandbox) -> None:
    """Is unhealthy, and so is the whole."""
    configured.fail("GET /openai/*/*", [500])
    health = HealthChecker("openai", "anthropic/claude-sonnet-4-5").check()
    assert not health.is_healthy
    assert health.status == "unhealthy"
    assert health.details["openai"].message
    assert health.details["anthropic"].is_healthy


def test_a_client_is_asked_as_it_is(chat: Chat) -> None:
    """With its address and key, without its hooks."""
    calls: list[Any] = []
    hook = Server()
    hook.before_attempt = calls.append  # type: ignore[method-assign,assignment]
    checker = HealthChecker(chat(hook))
    assert checker.check("openai").status is HealthStatus.HEALTHY
    assert calls == []
    assert checker.get_last_result("openai") is not None


def test_nobody_is_there() -> None:
    """A port where nothing listens: unhealthy, not an exception."""
    with AiClient(
        "openai/gpt-4o", api_key="k" * 20, base_url="http://127.0.0.1:1"
    ) as c:
        result = HealthChecker(c, timeout=1).check("openai")
    assert result.status is HealthStatus.UNHEALTHY


def test_nothing_to_check_is_unknown(
    configured: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any key and any check nobody knows, which is not healthy."""
    for id in ("OPENAI", "ANTHROPIC"):
        monkeypatch.delenv(f"{id}_API_KEY")
    health = HealthChecker().check()
    assert health.status is HealthStatus.UNKNOWN
    assert not health.is_healthy


def test_an_unknown_provider_is_said_at_once() -> None:
    """With what is meant, where it is near."""
    with pytest.raises(errors.ManifestError, match="opnai"):
        HealthChecker("opnai")


def test_checks_by_name() -> None:
    """A check says it by a bool, a status, a result, by nothing, or raises."""

    def raises() -> None:
        raise OSError("x-api-key: sk-1234567890abcdef")

    given: dict[str, Any] = {
        "yes": lambda: True,
        "no": lambda: False,
        "fine": lambda: None,
        "slow": lambda: HealthStatus.DEGRADED,
        "own": lambda: HealthCheckResult("own", HealthStatus.HEALTHY, "all of it"),
        "odd": lambda: 42,
        "broken": raises,
    }
    checker = HealthChecker(clock=FakeClock())
    for name, check in given.items():
        checker.register(name, check)
    health = checker.check_all()
    assert {name: str(each.status) for name, each in health.details.items()} == {
        "yes": "healthy",
        "no": "unhealthy",
        "fine": "healthy",
        "slow": "degraded",
        "own": "healthy",
        "odd": "unknown",
        "broken": "unhealthy",
    }
    assert health.details["broken"].message.startswith("OSError: ")
    assert "sk-123" not in health.details["broken"].message
    assert health.to_dict()["checks"][0]["name"] == "yes"
    checker.unregister("broken")
    with pytest.raises(KeyError, match="known: "):
        checker.check("broken")


def test_a_check_that_hangs_is_given_up() -> None:
    """The others' results are there, and its own says how long it was waited for."""
    done = threading.Event()
    checker = HealthChecker()
    checker.register("hangs", done.wait).register("works", lambda: True)  # type: ignore[arg-type]
    health = checker.check_all(timeout=0.05)
    done.set()
    assert health.details["works"].is_healthy
    assert "0.05 s" in health.details["hangs"].message


def test_what_is_no_check() -> None:
    """Is refused where it is given."""
    with pytest.raises(TypeError, match="expected a function"):
        HealthChecker().register("x", True)  # type: ignore[arg-type]


# -- by calls ------------------------------------------------------------------------


def test_the_rate_of_faults(box: Sandbox, make: Make) -> None:
    """Server errors count, refusals and early ends do not."""
    tracker = ProviderHealthTracker()
    client = make(tracker, max_retries=0)
    for status in (200, 200, 400, 429):
        box.fail("POST /v1/messages", [status])
        try:
            ask(client)
        except errors.APIStatusError:
            pass
    assert tracker.get_status("anthropic") is HealthStatus.HEALTHY
    with listen(client) as stream:
        next(stream)
    assert tracker.get_details("anthropic")["sample_count"] == 4
    box.fail("POST /v1/messages", [529])
    with pytest.raises(errors.OverloadedError):
        ask(client)
    details = tracker.get_details("anthropic")
    assert (details["status"], details["error_rate"]) == ("degraded", 0.2)
    assert details["last_error"] == "overloaded"
    shown = client.signals_snapshot().parts["provider_health"]
    assert shown == {"anthropic": "degraded"}


def test_a_connection_that_breaks_is_a_fault() -> None:
    """Half of the calls: unhealthy; after a while nothing is known any more."""
    clock = FakeClock()
    tracker = ProviderHealthTracker(max_age=60, clock=clock)
    server = Server(200, cut())
    with notes_client(hooks=[tracker, server], max_retries=0, _clock=clock) as client:
        client.notes.create()
        with pytest.raises(errors.APIConnectionError):
            client.notes.create()
    tracker.record_failure("notes", "server_error")
    assert str(tracker.get_status("notes")) == "unhealthy"
    clock.now += 61
    assert tracker.get_status("notes") is HealthStatus.UNKNOWN


def test_what_no_server_has_seen_says_nothing() -> None:
    """A call that a hook answers or refuses tells nothing of a provider."""
    tracker = ProviderHealthTracker()
    with notes_client(hooks=[tracker, Server(200, failed(500))]) as client:
        client.notes.create(max_retries=0)
        with pytest.raises(errors.InternalServerError):
            client.notes.create(max_retries=0)
    assert tracker.get_all_providers() == []


def test_the_window_is_bounded() -> None:
    """Only the last calls count; a reset forgets."""
    tracker = ProviderHealthTracker(window_size=10)
    for _ in range(50):
        tracker.record_failure("p", "x")
    for _ in range(10):
        tracker.record_success("p")
    assert tracker.get_error_rate("p") == 0.0
    tracker.reset("p")
    assert tracker.get_status("p") is HealthStatus.UNKNOWN


@pytest.mark.parametrize("wrong", [(0, 0.5, 0.1), (10, 0.1, 0.5), (10, 2.0, 0.1)])
def test_bounds_that_make_no_sense(wrong: tuple[int, float, float]) -> None:
    """Are refused."""
    with pytest.raises(ValueError, match="ProviderHealthTracker: expected"):
        ProviderHealthTracker(*wrong)
