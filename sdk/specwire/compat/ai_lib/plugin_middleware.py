"""``Middleware`` of ``ai_lib_python.plugins``: each wraps the next one, sync.

It is for functions of your own; calls of clients have hooks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from attrs import define, field

from ...core.crew import asked, here

Next = Callable[["MiddlewareContext"], Any]


@define
class MiddlewareContext:
    """What passes through a chain."""

    request: dict[str, Any] = field(factory=dict)
    response: dict[str, Any] | None = None
    model: str = ""
    provider: str = ""
    metadata: dict[str, Any] = field(factory=dict)
    aborted: bool = False

    def abort(self, response: dict[str, Any] | None = None) -> None:
        """No further one is called; ``response`` is the chain's answer."""
        self.aborted = True
        if response:
            self.response = response


class Middleware(ABC):
    """Base of all; ``process`` calls ``next(ctx)``, or does not."""

    @property
    def name(self) -> str:
        return type(self).__name__

    @abstractmethod
    def process(self, ctx: MiddlewareContext, next: Next) -> Any:
        """The answer."""


class FunctionMiddleware(Middleware):
    """A function with the arguments of ``process``."""

    def __init__(
        self, name: str, func: Callable[[MiddlewareContext, Next], Any]
    ) -> None:
        self._name = name
        self._func = func

    @property
    def name(self) -> str:
        return self._name

    def process(self, ctx: MiddlewareContext, next: Next) -> Any:
        return self._func(ctx, next)


class MiddlewareChain:
    """Several, the first one outermost."""

    def __init__(self) -> None:
        self._all: list[Middleware] = []

    def use(self, middleware: Middleware) -> MiddlewareChain:
        """At the end."""
        self._all.append(middleware)
        return self

    def use_before(self, middleware: Middleware, before: Any) -> MiddlewareChain:
        """Before a class, a name or an object; at the start where there is none."""
        self._all.insert(self._index(before, 0), middleware)
        return self

    def use_after(self, middleware: Middleware, after: Any) -> MiddlewareChain:
        """Behind a class, a name or an object; at the end where there is none."""
        self._all.insert(self._index(after, len(self._all)) + 1, middleware)
        return self

    def remove(self, middleware: Any) -> bool:
        index = self._index(middleware, -1)
        if index >= 0:
            del self._all[index]
        return index >= 0

    def execute(self, ctx: MiddlewareContext, handler: Next) -> Any:
        """The answer of the first one; ``handler`` is innermost."""
        chain = handler
        for middleware in reversed(self._all):
            chain = _around(middleware, chain)
        return asked(chain, ctx)

    @property
    def middleware_names(self) -> list[str]:
        return [middleware.name for middleware in self._all]

    def _index(self, wanted: Any, otherwise: int) -> int:
        for index, each in enumerate(self._all):
            of_class = isinstance(wanted, type) and isinstance(each, wanted)
            if each is wanted or of_class or each.name == wanted:
                return index
        return otherwise

    def __len__(self) -> int:
        return len(self._all)


def _around(middleware: Middleware, inner: Next) -> Next:
    def run(ctx: MiddlewareContext) -> Any:
        if ctx.aborted:
            return ctx.response
        work = getattr(middleware, "_func", middleware.process)
        following: Next = partial(asked, inner)
        if iscoroutinefunction(work):
            following = here().offered(following)
        return asked(middleware.process, ctx, following)

    return run
