"""``compat.ai_lib.plugins``: the names of the original, sync, in the way of calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from specwire import Client
from specwire.compat.ai_lib import AiClient
from specwire.compat.ai_lib.plugins import (
    CompositePlugin,
    FunctionMiddleware,
    HookManager,
    HookType,
    Middleware,
    MiddlewareChain,
    MiddlewareContext,
    Plugin,
    PluginContext,
    PluginPriority,
    PluginRegistry,
    get_hook_manager,
    get_plugin_registry,
    set_plugin_registry,
)
from specwire.errors import SpecwireError
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock


class Marking(Plugin):
    """Writes down what it is told, and marks what passes."""

    def __init__(self, name: str = "marking", priority: int = 50) -> None:
        self._name, self._priority = name, priority
        self.told: list[str] = []
        self.contexts: list[PluginContext] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def priority(self) -> int:
        return self._priority

    def on_init(self, ctx: PluginContext) -> None:
        self.told.append("init")

    def on_shutdown(self, ctx: PluginContext) -> None:
        self.told.append("shutdown")

    def on_request(self, ctx: PluginContext, request: Any) -> Any:
        self.told.append("request")
        self.contexts.append(ctx)
        return {**request, "user": request.get("user", "") + self.name[0]}

    def on_response(self, ctx: PluginContext, response: Any) -> Any:
        self.told.append("response")
        return {**response, "by": response.get("by", "") + self.name[0]}

    def on_error(self, ctx: PluginContext, error: Exception) -> Exception | None:
        self.told.append(type(error).__name__)
        return error

    def on_stream_start(self, ctx: PluginContext) -> None:
        self.told.append("start")

    def on_stream_chunk(self, ctx: PluginContext, chunk: Any) -> Any:
        self.told.append("chunk")
        return chunk

    def on_stream_end(self, ctx: PluginContext) -> None:
        self.told.append("end")


@pytest.fixture
def chat(box: Sandbox) -> Iterator[Any]:
    """Makes clients of the sandbox with one hook."""
    made: list[AiClient] = []

    def make(hook: Any) -> AiClient:
        client = AiClient(
            "openai/gpt-4o",
            api_key=box.api_keys["openai"],
            base_url=box.base_urls["openai"],
            hooks=[hook],
            _clock=FakeClock(),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


def test_a_plugin_changes_request_and_reply(chat: Any, box: Sandbox) -> None:
    """Once a call; it knows the model, the provider and the reply's id."""
    plugin = Marking()
    hook = PluginRegistry().register(plugin).as_hook()
    response = chat(hook).chat().user("Hi").execute()
    assert json.loads(box.requests[0].body)["user"] == "m"
    assert response.raw["by"] == "m"
    assert plugin.told == ["init", "request", "response"]
    (ctx,) = plugin.contexts
    assert (ctx.model, ctx.provider) == ("gpt-4o", "openai")


def test_a_retry_is_not_another_request(chat: Any, box: Sandbox) -> None:
    """The changed body is sent again; an error is told once, at the end."""
    plugin = Marking()
    client = chat(plugin)
    box.fail("POST /openai/v1/chat/completions", [500], retry_after=0.0)
    client.chat().user("Hi").execute()
    assert plugin.told == ["init", "request", "response"]
    assert [json.loads(each.body)["user"] for each in box.requests] == ["m", "m"]
    box.fail("POST /openai/v1/chat/completions", [400])
    with pytest.raises(Exception, match="400"):
        client.chat().user("Hi").execute()
    assert plugin.told[3] == "request"
    assert len(plugin.told) == 5


def test_a_plugin_sees_a_stream(chat: Any) -> None:
    """From its start to its end, each event on its way."""
    plugin = Marking()
    events = list(chat(plugin).chat().user("Hello").stream())
    assert events
    kinds = list(dict.fromkeys(plugin.told))
    assert kinds == ["init", "request", "start", "chunk", "end"]


def test_a_registry_runs_in_order() -> None:
    """Requests by priority, replies in reverse."""
    registry = PluginRegistry()
    late, first = Marking("late", PluginPriority.LOW), Marking("first", 0)
    assert registry.register(late).register(first) is registry
    with pytest.raises(ValueError, match="already registered: late"):
        registry.register(Marking("late"))
    assert registry.plugin_names == ["first", "late"]
    ctx = PluginContext()
    registry.init_all(ctx)
    registry.init_all(ctx)
    assert registry.process_request(ctx, {})["user"] == "fl"
    assert registry.process_response(ctx, {})["by"] == "lf"
    error = ValueError("x")
    assert registry.process_error(ctx, error) is error
    assert registry.process_stream_chunk(ctx, {"a": 1}) == {"a": 1}
    registry.on_stream_start(ctx)
    registry.on_stream_end(ctx)
    registry.shutdown_all(ctx)
    assert first.told[0] == "init" and first.told[-1] == "shutdown"
    assert first.told.count("init") == 1
    assert registry.get("first") is first and "late" in registry
    assert registry.has("late") and registry.enable("late")
    assert registry.disable("late") and not registry.unregister("late")
    assert len(registry) == 1


def test_a_disabled_plugin_is_passed_by() -> None:
    """And an error that one suppresses is seen by no further one."""

    class Off(Marking):
        enabled = False  # type: ignore[assignment]

    class Quiet(Marking):
        def on_error(self, ctx: PluginContext, error: Exception) -> None:
            return None

    off, last = Off(), Marking("last", 99)
    both = CompositePlugin("both", [last, Quiet("quiet"), off])
    assert both.on_error(PluginContext(), ValueError()) is None
    assert both.on_request(PluginContext(), {})["user"] == "ql"
    assert off.told == []
    assert "ValueError" not in last.told


def test_the_shared_registry_can_be_replaced() -> None:
    """And put back."""
    before, other = get_plugin_registry(), PluginRegistry()
    set_plugin_registry(other)
    assert get_plugin_registry() is other
    set_plugin_registry(before)
    assert get_plugin_registry() is before


def test_functions_are_called_at_their_moments(
    client: Client, box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """By real calls too; one that fails is logged and nobody else's affair."""
    manager, seen = HookManager(), []

    @manager.hook(HookType.PRE_REQUEST, priority=10)
    def fails(request: Any) -> None:
        raise ValueError("mine")

    for kind in (HookType.PRE_REQUEST, HookType.POST_RESPONSE, HookType.ON_RETRY):
        manager.register(kind, lambda _, kind=kind: seen.append(kind.value))
    manager.register(HookType.ON_ERROR, lambda error: seen.append(error.status_code))
    made = client.with_options(hooks=[manager.as_hook()])
    box.fail("GET /v1/models", [503], retry_after=0.0)
    made.models.list()
    assert seen == ["pre_request", 503, "on_retry", "pre_request", "post_response"]
    assert "hook fails failed: ValueError" in caplog.text
    assert manager.hook_counts["pre_request"] == 2


def test_a_function_gets_what_the_one_before_gave() -> None:
    """Lowest priority first; ``execute_all`` gives each the same."""
    manager = HookManager()
    late = manager.register(HookType.CACHE_SET, lambda text: text + "b", 60)
    manager.register(HookType.CACHE_SET, lambda text: text + "a", 40)
    assert manager.execute(HookType.CACHE_SET, "x") == "xab"
    assert manager.execute_all(HookType.CACHE_SET, "x") == ["xa", "xb"]
    assert manager.execute(HookType.CACHE_HIT, "x") == "x"
    assert manager.unregister(late) and not manager.unregister(late)
    manager.clear(HookType.CACHE_SET)
    assert manager.get_hooks(HookType.CACHE_SET) == []
    manager.clear()
    assert get_hook_manager() is get_hook_manager()


def test_middleware_wraps_the_next() -> None:
    """In order; one may answer itself, or abort."""

    class Tag(Middleware):
        def process(self, ctx: MiddlewareContext, next: Any) -> Any:
            return f"tag({next(ctx)})"

    def stop(ctx: MiddlewareContext, next: Any) -> Any:
        ctx.abort({"stopped": True})
        return next(ctx)

    chain = MiddlewareChain().use(Tag())
    inner = FunctionMiddleware("inner", lambda ctx, next: f"inner({next(ctx)})")
    chain.use_after(inner, Tag).use_before(FunctionMiddleware("stop", stop), "none")
    assert chain.middleware_names == ["stop", "Tag", "inner"]
    ctx = MiddlewareContext()
    assert chain.execute(ctx, lambda ctx: "end") == {"stopped": True}
    assert chain.remove("stop") and not chain.remove("stop")
    assert chain.execute(MiddlewareContext(), lambda ctx: "end") == "tag(inner(end))"
    assert len(chain) == 2


def test_an_error_of_a_plugin_is_the_callers(client: Client) -> None:
    """A plugin may refuse a request; nothing is sent."""

    class Refusing(Plugin):
        def on_request(self, ctx: PluginContext, request: Any) -> Any:
            raise SpecwireError("not on Sundays")

    made = client.with_options(hooks=[Refusing()])
    with pytest.raises(SpecwireError, match="not on Sundays"):
        made.messages.count_tokens(
            model="claude-sonnet-4-5", messages=[{"role": "user", "content": "Hi"}]
        )
