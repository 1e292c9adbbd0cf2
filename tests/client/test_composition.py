"""All layers on one call and on one stream: in which order, as seen from the outside.

Hooks that only write down stand between the layers, so a call shows how far it came;
the server, the counters and what the caller gets show the rest.
"""

from __future__ import annotations

from typing import Any

import pytest

from specwire import Client, Hook
from specwire.cache import Cache, from_cache
from specwire.errors import CircuitOpenError, GuardrailError, InternalServerError
from specwire.guardrails import Guardrails, KeywordFilter
from specwire.plugins import PluginRegistry
from specwire.resilience import CircuitBreaker, RateLimiter, RetryPolicy
from specwire.sandbox import Sandbox
from specwire.telemetry import MetricsCollector
from specwire.testing import FakeClock

PLACE = "POST /v1/messages"
ALL = ["asked", "guarded", "not kept", "limited", "let through", "told"]


class Mark(Hook):
    """Writes down that an attempt, an event or a reply came by."""

    def __init__(self, name: str, stage: int, seen: Layers, priority: int = 50) -> None:
        self.name, self.stage, self.priority = name, stage, priority
        self._seen = seen

    def before_attempt(self, call: Any) -> None:
        self._seen.marks.append(self.name)

    def after_attempt(self, call: Any, outcome: Any) -> None:
        self._seen.back.append(self.name)


class Layers:
    """One of each, put in order by a registry that was given them in disorder."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.back: list[str] = []
        self.clock = FakeClock()
        self.guard = Guardrails(
            KeywordFilter(["forbidden"], on="request"),
            KeywordFilter(["pears and plums"], on="reply", action="mask"),
        )
        self.cache = Cache(clock=self.clock, stale=0)
        self.limiter = RateLimiter(
            requests_per_second=0.001, burst_size=100, clock=self.clock
        )
        self.breaker = CircuitBreaker(failure_threshold=3, clock=self.clock)
        self.retry = RetryPolicy(max_retries=1, jitter="none", clock=self.clock)
        self.metrics = MetricsCollector(clock=self.clock)
        self.registry = PluginRegistry(discover=False)
        for hook, priority in [
            (self.metrics, 50),
            (self.breaker, 30),
            (Mark("let through", 30, self, 40), None),
            (self.retry, 50),
            (self.cache, 50),
            (Mark("told", 99, self), None),
            (Mark("limited", 30, self, 20), None),
            (self.guard, 50),
            (Mark("asked", 0, self), None),
            (self.limiter, 10),
            (Mark("not kept", 22, self), None),
            (Mark("guarded", 15, self), None),
        ]:
            self.registry.register(hook, name=_name(hook), priority=priority)

    def passed(self) -> list[str]:
        """Which marks were passed since the last time; the way back is the reverse."""
        marks, back = self.marks, self.back
        self.marks, self.back = [], []
        assert sorted(back) == sorted(marks)
        return marks

    @property
    def taken(self) -> int:
        """How many attempts the limiter has let go on."""
        return round(100 - self.limiter.available_tokens)


def _name(hook: Any) -> str:
    return getattr(hook, "name", type(hook).__name__)


@pytest.fixture
def layers() -> Layers:
    return Layers()


@pytest.fixture
def made(box: Sandbox, layers: Layers) -> Client:
    return Client(
        api_keys=box.api_keys,
        base_urls=box.base_urls,
        hooks=layers.registry.hooks(),
        _clock=layers.clock,
    )


def ask(client: Client, text: str) -> Any:
    return client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=100,
        messages=[{"role": "user", "content": text}],
    )


def told(client: Client, text: str) -> list[str]:
    with client.messages.stream(
        model="claude-sonnet-4-5",
        max_tokens=100,
        messages=[{"role": "user", "content": text}],
    ) as stream:
        return list(stream.text_stream)


def test_the_layers_of_a_call(made: Client, layers: Layers, box: Sandbox) -> None:
    """Guardrail, cache, limiter, breaker, and telemetry with each attempt."""
    with pytest.raises(GuardrailError):
        ask(made, "Something forbidden")
    assert layers.passed() == ["asked"]  # nothing was looked up, counted or sent
    assert (layers.cache.stats.misses, layers.taken, len(box.requests)) == (0, 0, 0)

    first = ask(made, "Tell me of pears and plums")
    assert layers.passed() == ALL
    assert layers.taken == len(box.requests) == 1

    again = ask(made, "Tell me of pears and plums")
    assert layers.passed() == ["asked", "guarded"]  # a hit costs no place and no token
    assert layers.taken == len(box.requests) == 1
    assert from_cache(again) and not from_cache(first)
    assert first.content == again.content
    assert "pears" not in first.content[0].text  # kept as it came, masked each time

    box.fail(PLACE, [500], retry_after=0.0)
    ask(made, "Another one")
    assert layers.passed() == ALL * 2  # an attempt that is made again passes them again
    assert layers.taken == len(box.requests) == 3
    counts = layers.metrics.snapshot()
    assert (counts["attempts"], counts["retries"]) == (3, 1)


def test_an_open_circuit(made: Client, layers: Layers, box: Sandbox) -> None:
    """It stands behind cache and limiter: what is kept is answered all the same."""
    ask(made, "Kept")
    box.fail(PLACE, [500] * 4, retry_after=0.0)
    for text in ("One", "Two"):
        with pytest.raises((InternalServerError, CircuitOpenError)):
            ask(made, text)
    layers.passed()
    sent = len(box.requests)
    with pytest.raises(CircuitOpenError):
        ask(made, "Three")
    assert layers.passed() == ALL[:4]
    assert ask(made, "Kept").content
    with pytest.raises(GuardrailError):
        ask(made, "Something forbidden")
    assert layers.passed() == ["asked", "guarded", "asked"]
    assert len(box.requests) == sent


def test_the_layers_of_a_stream(made: Client, layers: Layers, box: Sandbox) -> None:
    """The same; a text that is masked in parts is never handed out in any."""
    with pytest.raises(GuardrailError):
        told(made, "Something forbidden")
    assert layers.passed() == ["asked"]

    first = told(made, "Tell me of pears and plums")
    assert layers.passed() == ALL
    assert layers.taken == len(box.requests) == 1
    assert "pears" not in "".join(first) and "plums" not in "".join(first)
    assert len(first) > 1

    again = told(made, "Tell me of pears and plums")
    assert layers.passed() == ["asked", "guarded"]
    assert layers.taken == len(box.requests) == 1
    assert "".join(again) == "".join(first)

    box.fail(PLACE, [529], retry_after=0.0)
    told(made, "Another one")
    assert layers.passed() == ALL * 2
    assert layers.metrics.snapshot()["attempts"] == 3


def test_none_is_loaded_by_a_plain_call() -> None:
    """Not one of the layers, nor what an extra brings, for a call or a stream."""
    from tests.house.test_imports import loaded

    code = (
        "from specwire import Client\n"
        "from specwire.sandbox import Sandbox\n"
        "asked = dict(model='claude-sonnet-4-5', max_tokens=9,\n"
        "             messages=[{'role': 'user', 'content': 'Hi'}])\n"
        "with Sandbox() as box, Client(api_keys=box.api_keys,\n"
        "                              base_urls=box.base_urls) as client:\n"
        "    client.messages.create(**asked)\n"
        "    with client.messages.stream(**asked) as stream:\n"
        "        list(stream.text_stream)"
    )
    usual = loaded("import specwire.sandbox.server, specwire.sandbox.chat")
    modules = loaded(code) - usual
    names = [
        *("batch", "budgets", "cache", "embeddings", "guardrails", "mcp", "media"),
        *("plugins", "resilience", "routing", "telemetry", "tokens"),
    ]
    layers = tuple(f"specwire.{name}" for name in names)
    assert [m for m in modules if m.startswith(layers)] == []
    others = ("orjson", "numpy", "prometheus_client", "opentelemetry", "tiktoken")
    assert [m for m in modules if m.partition(".")[0] in others] == []
