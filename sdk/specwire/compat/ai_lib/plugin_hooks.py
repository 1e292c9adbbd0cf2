"""``HookManager`` of ``ai_lib_python.plugins``: functions by moments of a call.

``as_hook()`` lets real calls fire them: before and after each attempt, on errors and
retries, at the begin, the chunks and the end of streams.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from attrs import define

from ...core import hooks as _hooks
from ...core.crew import asked
from ...core.wire import Call, Reply

logger = logging.getLogger("specwire")
F = TypeVar("F", bound=Callable[..., Any])


class HookType(str, Enum):
    """The moments."""

    PRE_REQUEST = "pre_request"
    POST_REQUEST = "post_request"
    PRE_RESPONSE = "pre_response"
    POST_RESPONSE = "post_response"
    STREAM_START = "stream_start"
    STREAM_CHUNK = "stream_chunk"
    STREAM_END = "stream_end"
    ON_ERROR = "on_error"
    ON_RETRY = "on_retry"
    CLIENT_INIT = "client_init"
    CLIENT_CLOSE = "client_close"
    CACHE_HIT = "cache_hit"
    CACHE_MISS = "cache_miss"
    CACHE_SET = "cache_set"


@define(eq=False)
class Hook:
    """A function that was registered; the lowest priority is first."""

    hook_type: HookType
    callback: Callable[..., Any]
    priority: int = 50
    name: str = ""


class HookManager:
    """Functions that are called at a moment, each with what the one before gave."""

    def __init__(self) -> None:
        self._hooks: dict[HookType, list[Hook]] = {}

    def register(
        self,
        hook_type: HookType,
        callback: Callable[..., Any],
        priority: int = 50,
        name: str = "",
    ) -> Hook:
        named = name or getattr(callback, "__name__", type(callback).__name__)
        hook = Hook(hook_type, callback, priority, named)
        known = [*self._hooks.get(hook_type, ()), hook]
        self._hooks[hook_type] = sorted(known, key=lambda each: each.priority)
        return hook

    def unregister(self, hook: Hook) -> bool:
        known = self._hooks.get(hook.hook_type, [])
        self._hooks[hook.hook_type] = [each for each in known if each is not hook]
        return hook in known

    def hook(
        self, hook_type: HookType, priority: int = 50, name: str = ""
    ) -> Callable[[F], F]:
        """A decorator that registers a function."""

        def decorate(function: F) -> F:
            self.register(hook_type, function, priority, name)
            return function

        return decorate

    def execute(self, hook_type: HookType, *args: Any, **kwargs: Any) -> Any:
        """The first argument as the functions leave it; one that fails is logged."""
        result = args[0] if args else None
        for hook in self.get_hooks(hook_type):
            given = args if result is None else (result, *args[1:])
            try:
                result = asked(hook.callback, *given, **kwargs)
            except Exception as error:
                _failed(hook, error)
        return result

    def execute_all(self, hook_type: HookType, *args: Any, **kwargs: Any) -> list[Any]:
        """What each gives; ``None`` for one that fails, which is logged."""
        results = []
        for hook in self.get_hooks(hook_type):
            try:
                results.append(asked(hook.callback, *args, **kwargs))
            except Exception as error:
                _failed(hook, error)
                results.append(None)
        return results

    execute_parallel = execute_all

    def get_hooks(self, hook_type: HookType) -> list[Hook]:
        return list(self._hooks.get(hook_type, ()))

    def clear(self, hook_type: HookType | None = None) -> None:
        if hook_type is None:
            self._hooks.clear()
        else:
            self._hooks.pop(hook_type, None)

    @property
    def hook_counts(self) -> dict[str, int]:
        return {kind.value: len(hooks) for kind, hooks in self._hooks.items()}

    def as_hook(self) -> _hooks.Hook:
        """A hook of any client that fires these functions."""
        return _Firing(self)


class _Firing(_hooks.Hook):
    """Requests and replies are given as ours (``call.request``, ``Reply``)."""

    observer = True

    def __init__(self, manager: HookManager) -> None:
        self._manager = manager

    def before_attempt(self, call: Call) -> None:
        if call.attempt > 1:
            self._manager.execute_all(HookType.ON_RETRY, call.attempt)
        self._manager.execute_all(HookType.PRE_REQUEST, call.request)

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        self._manager.execute_all(HookType.POST_REQUEST, call.request)
        if isinstance(outcome, BaseException):
            self._manager.execute_all(HookType.ON_ERROR, outcome)
        elif call.open:
            self._manager.execute_all(HookType.STREAM_START, outcome)
        else:
            self._manager.execute_all(HookType.POST_RESPONSE, outcome)

    def on_event(self, call: Call, event: Any) -> None:
        self._manager.execute_all(HookType.STREAM_CHUNK, event)

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        self._manager.execute_all(HookType.STREAM_END, outcome)


def _failed(hook: Hook, error: Exception) -> None:
    logger.warning("hook %s failed: %s", hook.name, type(error).__name__)


_manager = HookManager()


def get_hook_manager() -> HookManager:
    """The process's own."""
    return _manager
