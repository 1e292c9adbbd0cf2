"""Faces: what an async object makes of the synchronous one it stands for."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from specwire.aio.bridge import bridged, wait
from specwire.aio.twin import Iteration, Managed, Twin, face, plain


class Shelf:
    """A synchronous helper as users write them."""

    size = 3

    def __init__(self) -> None:
        self.closed = False
        self.given: list[Any] = []

    def put(self, *things: Any, name: Any = None) -> Shelf:
        assert bridged()
        wait(asyncio.sleep(0))
        self.given += [*things, name]
        return self

    def books(self, count: int) -> Iterator[int]:
        for number in range(count):
            wait(asyncio.sleep(0))
            yield number

    def fails(self) -> None:
        raise KeyError("no such book")

    @property
    def first(self) -> int:
        return 1

    @property
    def last(self) -> int:
        return self.given.pop().pages  # type: ignore[no-any-return]

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        wait(asyncio.sleep(0))
        self.closed = True


class AsyncShelf(Twin[Shelf]):
    """Its face."""


def test_a_name_that_is_not_there_is_said_of_the_face() -> None:
    """Python adds "did you mean": the face shows the names that it lends."""
    shelf = AsyncShelf(Shelf())
    with pytest.raises(
        AttributeError, match=r"^'AsyncShelf' object has .*'boks'$"
    ) as e:
        shelf.boks()  # type: ignore[attr-defined]
    assert e.value.obj is shelf
    assert e.value.name == "boks"
    assert e.value.__context__ is None
    assert {"books", "size", "aclose"} & set(dir(shelf)) == {"books", "size"}
    assert "books" in dir(Managed(Shelf()))
    assert dir(AsyncShelf.__new__(AsyncShelf))


def test_a_name_that_is_missing_further_in_is_said_of_what_lacks_it() -> None:
    """The property is there; what it looked at is at fault."""
    of = Shelf()
    of.given.append("a")
    with pytest.raises(AttributeError, match=r"^'str' object has no attribute 'pages'"):
        AsyncShelf(of).last()  # type: ignore[attr-defined]


def test_a_method_is_awaited_and_data_is_as_it_is() -> None:
    """What the face does not declare is its object's."""

    async def main() -> None:
        shelf = Twin(Shelf())
        assert shelf.size == 3
        assert shelf.first == 1
        assert await shelf.put(1, name="a") is shelf  # what gives itself gives its face
        assert shelf.given == [1, "a"]
        assert [each async for each in shelf.books(3)] == [0, 1, 2]
        with pytest.raises(KeyError, match="no such book"):
            await shelf.fails()
        with pytest.raises(AttributeError, match="lend"):
            _ = shelf.lend
        with pytest.raises(AttributeError, match="_closed"):
            _ = shelf._closed

    asyncio.run(main(), debug=True)


def test_a_face_that_is_given_is_taken_for_its_object() -> None:
    """As an argument, by name, and in a list or a tuple."""
    inner = Shelf()

    async def main() -> None:
        shelf, other = Twin(Shelf()), Twin(inner)
        await shelf.put(other, [other, 1], (2, other), name=other)
        assert shelf.given == [inner, [inner, 1], (2, inner), inner]

    asyncio.run(main(), debug=True)
    assert plain([1, 2]) == [1, 2]


def test_an_iteration_ends_and_is_closed() -> None:
    """``async for`` goes to the end; what is left early is closed."""

    async def main() -> None:
        ended: list[str] = []

        def numbers() -> Iterator[int]:
            try:
                yield from range(3)
            finally:
                ended.append("ended")

        assert [each async for each in Iteration(numbers())] == [0, 1, 2]
        async with Iteration(numbers()) as some:
            assert await anext(some) == 0
        assert ended == ["ended", "ended"]
        with pytest.raises(StopAsyncIteration):
            await anext(some)

    asyncio.run(main(), debug=True)


def test_async_with_is_the_objects_with() -> None:
    """What it enters is entered, and left in the bridge."""
    shelf = Shelf()

    async def main() -> None:
        managed = Managed(shelf)
        async with managed as entered:
            assert entered is managed
            assert not shelf.closed

    asyncio.run(main(), debug=True)
    assert shelf.closed


def test_values_without_a_face_stay_what_they_are() -> None:
    """Only classes of the table have one, and a face has no other."""
    shelf = Shelf()
    assert face(shelf) is shelf
    assert face(3) == 3
    twin = Twin(shelf)
    assert face(twin) is twin
    assert isinstance(face(each for each in ()), Iteration)


def test_a_face_can_be_copied_and_half_made() -> None:
    """No lookup of a name runs in circles where ``_of`` is missing."""
    made = Twin.__new__(Twin)
    with pytest.raises(AttributeError):
        _ = made.anything
    assert copy.copy(Twin(3))._of == 3
    assert pickle.loads(pickle.dumps(Twin(3)))._of == 3
    assert "Shelf" in repr(Twin(Shelf()))
