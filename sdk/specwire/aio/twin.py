"""``Twin``: the async face of a synchronous object.

A face decides nothing. Its methods run those of the object it stands for in the bridge,
and what comes back is given its own face where it has one. Which class has which face
is said in one table by name, so that nothing is loaded before it is met.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ..core.client import BaseClient
from .belonging import is_for_tasks, making
from .bridge import begun, spawn

if TYPE_CHECKING:
    from typing_extensions import Self

    from .opening import Opening

S = TypeVar("S")
T = TypeVar("T")
_END: Any = object()

_OWN: Final = {
    "builtins.generator": "specwire.aio.twin:Iteration",
    "specwire.resilience.begun.Begun": "specwire.aio.twin:Iteration",
}


class Twin(Generic[S]):
    """Stands for ``_of`` in tasks.

    What a face does not declare is its object's: data as it is, a method as a coroutine
    function, a generator function as an async iterator.
    """

    _of: S

    def __init__(self, of: S) -> None:
        self._of = of

    @classmethod
    def _around(cls, of: S) -> Self:
        """A face of ``of``, however the class is made otherwise."""
        made = cls.__new__(cls)
        made._of = of
        return made

    @classmethod
    def _built(cls, make: Callable[..., S], /, *args: Any, **kwargs: Any) -> S:
        """What is to be faced, of ``make``; keys are not left in a traceback."""
        try:
            given = {name: plain(kwargs[name]) for name in kwargs}
            with making():
                return make(*map(plain, args), **given)
        finally:
            args, kwargs, given = (), {}, {}

    @classmethod
    async def _begun(cls, make: Callable[..., S], /, *args: Any, **kwargs: Any) -> Self:
        """A face of what ``make`` comes to, which may wait."""

        def work() -> S:
            return cls._built(make, *args, **kwargs)

        try:
            return cls._around(await spawn(work))
        finally:
            args, kwargs = (), {}

    # What these give is said by the annotations of the methods that return it.

    async def _run(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> T:
        """What ``work`` comes to, which may wait."""
        if args:
            args = tuple(plain(each) for each in args)
        for name in kwargs:
            kwargs[name] = plain(kwargs[name])
        return self._given(await spawn(work, *args, **kwargs))

    def _opens(
        self, work: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Opening[T]:
        """What ``work`` comes to, once it is used; see :class:`.opening.Opening`."""
        from .opening import Opening

        return Opening(partial(self._run, work, *args, **kwargs))

    async def _next(self) -> T:
        """The next item of an iterator."""
        item: Any = await spawn(next, self._of, _END)  # type: ignore[arg-type]
        if item is _END:
            raise StopAsyncIteration
        return self._given(item)

    def _given(self, value: Any) -> T:  # type: ignore[type-var]
        """``value`` with its face: this one for ``_of``, one like it for the like."""
        if value is self._of:
            return self  # type: ignore[return-value]
        if value.__class__ is self._of.__class__:
            return self._around(value)  # type: ignore[return-value]
        return face(value)

    if not TYPE_CHECKING:  # what a face does not declare is unknown to its users

        def __getattr__(self, name: str) -> Any:
            value = _END
            try:
                if not name.startswith("_"):
                    value = getattr(self._of, name)
            except AttributeError as error:
                if error.name != name or error.obj is not self._of:
                    raise  # it is there, and has failed
            if value is _END:
                return super().__getattribute__(name)  # says who has no such name
            if not inspect.isroutine(value):
                return self._given(value)
            if inspect.isgeneratorfunction(value):
                return lambda *args, **kwargs: Iteration(value(*args, **kwargs))
            return partial(self._run, value)

    def __dir__(self) -> list[str]:
        theirs = dir(getattr(self, "_of", None))
        return [*{*super().__dir__(), *(each for each in theirs if each[:1] != "_")}]

    def __repr__(self) -> str:
        of = getattr(self, "_of", None)  # one half made is shown as well
        return f"<{type(self).__name__} of {of!r}>"


class Managed(Twin[S]):
    """A face of what is used in a ``with``, or closed."""

    async def __aenter__(self) -> Self:
        enter = getattr(self._of, "__enter__", None)
        return self if enter is None else await self._run(enter)

    async def __aexit__(self, *about: Any) -> None:
        leave = getattr(self._of, "__exit__", None)
        if leave is not None:
            await spawn(leave, *about)
        else:
            await self.aclose()

    async def aclose(self) -> None:
        """Stop, and give up what is held."""
        close = getattr(self._of, "close", None)
        if close is not None:
            await spawn(close)


class Iteration(Managed[Iterator[T]], Generic[T]):
    """A synchronous iterator whose steps may wait.

    One that is left before its end is closed by the loop, as async generators are.
    """

    def __init__(self, of: Iterable[T]) -> None:
        super().__init__(iter(of))

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        return await self._next()

    def __del__(self) -> None:
        of, loop = getattr(self, "_of", None), asyncio._get_running_loop()
        # Without a loop its own end will do.
        if getattr(of, "gi_frame", None) is not None and loop is not None:
            begun(loop, spawn(of.close))  # type: ignore[union-attr]


async def ran(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> T:
    """What a function comes to that is no method of a face's object."""
    given = {name: plain(kwargs[name]) for name in kwargs}
    return face(await spawn(work, *map(plain, args), **given))


def face(value: Any) -> T:  # type: ignore[type-var]
    """The async face of ``value``, where its class has one; else ``value``.

    A tuple is looked through.
    """
    kind = value.__class__
    made = _face_of(kind)
    if made is not None:
        value = made._around(value)
    elif kind is tuple:
        value = tuple(map(face, value))
    return value  # type: ignore[no-any-return]


@cache
def _face_of(kind: type) -> type[Twin[Any]] | None:
    if issubclass(kind, Twin):
        return None
    for each in kind.__mro__:
        said = _table().get(f"{each.__module__}.{each.__qualname__}")
        if said is not None:
            module, _, name = said.partition(":")
            found: type[Twin[Any]] = getattr(import_module(module), name)
            return found
    return None


def add_faces(faces: Mapping[str, str]) -> None:
    """Say which classes of a package have which faces: names as in ``module.Class``."""
    _table().update(faces)
    _face_of.cache_clear()


@cache
def _table() -> dict[str, str]:
    from .faces._table import FACES

    return {**_OWN, **FACES}


_FACED: Final = (Twin, BaseClient)


def plain(value: Any) -> Any:
    """What ``value`` is a face of; lists, tuples and dicts are looked through.

    :raises TypeError: for a synchronous client, which would block the loop.
    """
    if isinstance(value, _FACED):
        if isinstance(value, Twin):
            return value._of
        if not is_for_tasks(value):
            name = type(value).__name__
            raise TypeError(
                f"expected an async client, got {name}, which would block the event "
                f"loop; use specwire.aio's Async{name}"
            )
    kind = value.__class__
    if kind in (list, tuple) and any(isinstance(each, Twin) for each in value):
        return kind(plain(each) for each in value)
    if kind is dict and any(isinstance(each, Twin) for each in value.values()):
        return {name: plain(each) for name, each in value.items()}
    return value
