"""Faces: what becomes of a hand-written class, rule by rule, and that they work."""

from __future__ import annotations

import ast
import asyncio
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from specwire_codegen.cli import main
from specwire_codegen.problems import Problems
from specwire_codegen.twins import write_twins

from .building import reads, saved

HEAD = """\
from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from .kinds import Colour, NONE

if TYPE_CHECKING:
    from typing_extensions import Self

    from . import Reader

T = TypeVar("T")
_MOST = 5
"""
KINDS = "class Colour: ...\nNONE = Colour()\n"


def written(
    folder: Path, source: str, plan: str = "", **more: str
) -> tuple[dict[str, str], list[str]]:
    """The faces of the package ``shop``, and what was said of them."""
    package = folder / "shop"
    package.mkdir(exist_ok=True)
    modules = {
        "__init__": "from .readers import Reader as Reader",
        "kinds": KINDS,
        "readers": "class Reader: ...",
        "shelf": HEAD + dedent(source),
        **more,
    }
    for name, text in modules.items():
        (package / f"{name}.py").write_text(text, "utf-8")
    path = folder / "twins.toml"
    plan = plan or '[faces."shop.shelf"]\nShelf = {}\n'
    path.write_text(plan, "utf-8")
    problems = Problems()
    made = write_twins(
        path, problems, package="shop", folder=package, root=folder, command="make it"
    )
    return dict(made.files), problems.render()


def face(folder: Path, source: str, plan: str = "", name: str = "AsyncShelf") -> str:
    """The face of the class ``Shelf``."""
    files, said = written(folder, source, plan)
    assert said == []
    text = files["aio/faces/shelf.py"]
    tree = ast.parse(text)
    (found,) = (each for each in tree.body if getattr(each, "name", "") == name)
    return ast.get_source_segment(text, found) or ""


def shelf(options: str) -> str:
    return f'[faces."shop.shelf"]\nShelf = {{ {options} }}\n'


def test_a_method_waits_with_the_same_arguments(tmp_path: Path) -> None:
    """The signature is the sync one's; only the first paragraph is said again."""
    text = face(
        tmp_path,
        '''
        class Shelf:
            """A shelf.

            Made of wood.
            """

            def put(
                self, a: int, /, b: str = "x", *more: Any, c: int = _MOST, **rest: Any
            ) -> Colour | None:
                """Put something
                there.

                :param a: what.
                """
                return None

            def empty(self) -> None: ...

            def _hidden(self) -> None: ...
        ''',
    )
    assert text == dedent(
        '''\
        class AsyncShelf(_twin.Twin["Shelf"]):
            """A shelf.

            The async face of :class:`~shop.shelf.Shelf`.
            """

            async def put(
                self, a: int, /, b: str = "x", *more: Any, c: int = 5, **rest: Any
            ) -> Colour | None:
                """Put something there."""
                return await self._run(self._of.put, a, b, *more, c=c, **rest)

            async def empty(self) -> None:
                await self._run(self._of.empty)'''
    )


def test_what_the_plan_calls_plain_does_not_wait(tmp_path: Path) -> None:
    """Patterns name members, an exact name goes first; faces are unpacked at once."""
    source = """
        class Shelf:
            def with_colour(self, colour: Colour) -> Self: ...
            def with_other(self, other: Shelf, what: Any) -> Self: ...
            def with_wait(self) -> int: ...
            def drop(self) -> None: ...
        """
    text = face(
        tmp_path, source, shelf('plain = ["with_*", "drop"], awaits = ["with_wait"]')
    )
    assert "    def with_colour(self, colour: Colour) -> Self:\n" in text
    assert "return self._given(self._of.with_colour(colour))" in text
    assert "    def with_other(self, other: AsyncShelf, what: Any) -> Self:\n" in text
    other = "self._of.with_other(_twin.plain(other), _twin.plain(what))"
    assert f"return self._given({other})" in " ".join(text.split()).replace("( ", "(")
    assert "async def with_wait(self) -> int:" in text
    assert "    def drop(self) -> None:\n        self._of.drop()" in text


def test_what_is_usual_can_be_turned_round(tmp_path: Path) -> None:
    """A builder's methods are plain but for those that are said to wait."""
    source = "class Shelf:\n    def a(self) -> Self: ...\n    def b(self) -> int: ..."
    text = face(tmp_path, source, shelf('usual = "plain", awaits = ["b"]'))
    assert "    def a(self) -> Self:" in text
    assert "    async def b(self) -> int:" in text


def test_what_is_left_out_is_left_out(tmp_path: Path) -> None:
    source = "class Shelf:\n    def a(self) -> int: ...\n    def b(self) -> int: ..."
    text = face(tmp_path, source, shelf('leaves_out = ["a"]'))
    assert " a(" not in text and " b(" in text


def test_iterators_become_async_ones(tmp_path: Path) -> None:
    """Those that are given back, as a property too; arguments stay what they are."""
    text = face(
        tmp_path,
        """
        class Shelf:
            def books(self, of: Iterator[int]) -> Iterator[Shelf]:
                yield self
            def steps(self) -> Generator[int, None, str]: ...
            @property
            def titles(self) -> Iterator[str]: ...
        """,
    )
    assert (
        "    def books(self, of: Iterator[int]) -> AsyncIterator[AsyncShelf]:" in text
    )
    assert "return _twin.Iteration(self._of.books(of))" in text
    assert "    def steps(self) -> AsyncIterator[int]:" in text
    assert "    def titles(self) -> AsyncIterator[str]:" in text
    assert "return _twin.Iteration(self._of.titles)" in text


def test_python_own_protocols_are_the_async_ones(tmp_path: Path) -> None:
    """``for`` and ``with``; a length and the like wait for nothing."""
    text = face(
        tmp_path,
        """
        class Shelf:
            def __enter__(self) -> Reader: ...
            def __exit__(self, *_: object) -> None: ...
            def __iter__(self) -> Iterator[int]: ...
            def __next__(self) -> int: ...
            def __len__(self) -> int: ...
            def __getitem__(self, at: int) -> Reader: ...
            def __repr__(self) -> str: ...
            def __eq__(self, other: object) -> bool: ...
            def close(self) -> None: ...
        """,
    )
    assert text.startswith('class AsyncShelf(_twin.Twin["Shelf"]):')
    assert "    async def __aenter__(self) -> Reader:\n" in text
    assert "    async def __aexit__(self, *error: object) -> None:\n" in text
    assert "    def __aiter__(self) -> Self:\n        return self\n" in text
    assert "    async def __anext__(self) -> int:\n" in text
    assert "    def __len__(self) -> int:\n        return len(self._of)\n" in text
    assert "    def __getitem__(self, at: int) -> Reader:\n" in text
    assert "return repr(self._of)" in text
    assert "__eq__" not in text
    assert "    aclose = close" in text


def test_what_enters_itself_is_managed(tmp_path: Path) -> None:
    """Such a class has its ``async with`` from the runtime."""
    text = face(
        tmp_path,
        """
        class Shelf:
            def __enter__(self) -> Self: ...
            def __exit__(self, *_: object) -> None: ...
            def __iter__(self) -> Iterator[int]: ...
            def close(self) -> None: ...
        """,
    )
    assert text.startswith('class AsyncShelf(_twin.Managed["Shelf"]):')
    assert "__aenter__" not in text and "aclose" not in text
    assert "return _twin.Iteration(iter(self._of))" in text


def test_attributes_and_properties_are_read(tmp_path: Path) -> None:
    """Also those that only ``__init__`` tells of, with what is known of their types."""
    text = face(
        tmp_path,
        """
        class Shelf:
            height: float

            def __init__(self, colour: Colour, other: Any) -> None:
                self.colour = colour
                self.count = 0
                self.found = self._found()
                self.rest: dict[str, Shelf] = {}
                self.odd = other.odd
                self._own = 1

            def _found(self) -> int | None: ...

            @property
            def title(self) -> str | None:
                '''Its title.'''
        """,
    )
    kinds = {
        "height": "float",
        "colour": "Colour",
        "count": "int",
        "found": "int | None",
        "rest": "dict[str, AsyncShelf]",
        "odd": "Any",
        "title": "str | None",
    }
    for name, kind in kinds.items():
        assert f"    @property\n    def {name}(self) -> {kind}:" in text
        assert f"return self._given(self._of.{name})" in text
    assert '        """Its title."""' in text
    assert "_own" not in text


def test_what_can_be_assigned_can_be_here(tmp_path: Path) -> None:
    """A property with a setter, also where ``__init__`` of a class below assigns it."""
    text = face(
        tmp_path,
        """
        class Own:
            @property
            def key(self) -> str | None: ...

            @key.setter
            def key(self, key: str | None) -> None:
                try:
                    print(key)
                finally:
                    del key

            @property
            def size(self) -> int: ...

            @size.setter
            def size(self, other: Any) -> None: ...

        class Shelf(Own):
            def __init__(self, size: int) -> None:
                self.size = size
        """,
    )
    assert dedent(text.partition("\n\n")[2]) == dedent(
        """\
            @property
            def size(self) -> int:
                return self._given(self._of.size)

            @size.setter
            def size(self, other: Any) -> None:
                self._of.size = _twin.plain(other)

            @property
            def key(self) -> str | None:
                return self._given(self._of.key)

            @key.setter
            def key(self, key: str | None) -> None:
                try:
                    self._of.key = key
                finally:
                    del key"""
    )


def test_overloads_are_kept(tmp_path: Path) -> None:
    text = face(
        tmp_path,
        """
        class Shelf:
            @overload
            def get(self, *, all: Literal[True]) -> list[Shelf]: ...
            @overload
            def get(self, *, all: Literal[False] = False) -> Shelf: ...
            def get(self, *, all: bool = False) -> Any: ...
        """,
    )
    assert text.count("@overload\n    async def get(") == 2
    assert "get(self, *, all: Literal[True]) -> list[AsyncShelf]: ..." in text
    assert "return await self._run(self._of.get, all=all)" in text


def test_a_function_of_the_callers_may_be_a_coroutine_function(tmp_path: Path) -> None:
    """Where it is awaited; one that gives anything may be so already."""
    text = face(
        tmp_path,
        """
        class Shelf:
            def a(self, ask: Callable[[int], str] | None) -> int: ...
            def b(self, tell: Callable[[int], object]) -> int: ...
            def c(self, ask: Callable[[int], str]) -> int: ...
        """,
        shelf('plain = ["c"]'),
    )
    assert "ask: Callable[[int], str | Awaitable[str]] | None" in text
    assert "tell: Callable[[int], object]" in text
    assert "def c(self, ask: Callable[[int], str]) -> int:" in text


def test_faces_inherit_as_their_classes_do(tmp_path: Path) -> None:
    """A base without a face lends its members, with its type variables filled in."""
    source = """
        class Base(Generic[T]):
            def one(self, given: T) -> T: ...

        class Plain(Generic[T]):
            def two(self) -> list[T]: ...

        class Shelf(Plain["Reader"], Base["Shelf"]):
            def three(self) -> int: ...
        """
    plan = '[faces."shop.shelf"]\nBase = {}\nShelf = {}\n'
    base = face(tmp_path, source, plan, "AsyncBase")
    assert base.startswith("class AsyncBase(_twin.Twin[Any], Generic[T]):")
    text = face(tmp_path, source, plan)
    assert text.startswith('class AsyncShelf(AsyncBase["AsyncShelf"]):')
    assert "    _of: Any" in text
    assert "async def two(self) -> list[Reader]:" in text
    assert " one(" not in text


def test_what_binds_a_type_variable_is_a_face(tmp_path: Path) -> None:
    """It is imported for type checkers, wherever the sync side has it from."""
    source = """
    B = TypeVar("B", bound="Reader")
    class Shelf(Generic[B]):
        def first(self) -> B: ...
    """
    plan = shelf("") + '[by_hand]\n"shop.readers:Reader" = "hand:AsyncReader"\n'
    files, said = written(tmp_path, source, plan)
    text = files["aio/faces/shelf.py"]
    assert said == []
    assert 'B = TypeVar("B", bound="AsyncReader")' in text
    assert "    from hand import AsyncReader" in text.partition("if TYPE_CHECKING:")[2]


def test_a_face_by_hand_is_a_base_and_a_type(tmp_path: Path) -> None:
    """It is imported; a name that a package hands on is the same class."""
    plan = (
        '[by_hand]\n"shop.readers:Reader" = "shop.own:AsyncReader"\n'
        '[types]\n"shop.kinds:Colour" = "shop.own:Hue"\n'
        '[faces."shop.shelf"]\nShelf = {}\n'
    )
    source = """
        from .readers import Reader as Base

        class Shelf(Base):
            def a(self, reader: Reader) -> dict[str, Reader]: ...
            def b(self) -> Colour: ...
        """
    text = face(tmp_path, source, plan)
    assert text.startswith("class AsyncShelf(AsyncReader):")
    assert "async def a(self, reader: AsyncReader) -> dict[str, AsyncReader]:" in text
    assert "async def b(self) -> Hue:" in text
    files, _ = written(tmp_path, source, plan)
    table = ast.literal_eval(files["aio/faces/_table.py"].partition("str] = ")[2])
    assert table == {
        "shop.readers.Reader": "shop.own:AsyncReader",
        "shop.shelf.Shelf": "shop.aio.faces.shelf:AsyncShelf",
    }


def test_a_class_that_users_make_is_made_with_its_arguments(tmp_path: Path) -> None:
    """What its side takes care to forget, the face forgets as well."""
    text = face(
        tmp_path,
        """
        class Shelf:
            def __init__(self, name: str, *, key: str | None = None, **more: Any):
                try:
                    pass
                finally:
                    del key
                    more.clear()

            @classmethod
            def create(cls, name: str) -> Self: ...

            @classmethod
            def opened(cls) -> Shelf: ...

            @staticmethod
            def count(of: int) -> int: ...
        """,
        shelf('constructs = true, plain = ["opened", "count"]'),
    )
    assert "from shop.shelf import Shelf as _Of" in text
    made = "_twin.Twin.__init__(self, self._built(_Of, name, key=key, **more))"
    assert made in text
    assert "        finally:\n            del key, more\n" in text
    assert "return await cls._begun(_Of.create, name)" in text
    assert "return cls._around(cls._built(_Of.opened))" in text
    assert "return _twin.face(_Of.count(_twin.plain(of)))" not in text
    assert "return _twin.face(_Of.count(of))" in text


def test_a_class_without_an_init_is_made_with_nothing(tmp_path: Path) -> None:
    """One whose decorator makes its ``__init__`` cannot be: that is not seen here."""
    source = "class Shelf:\n    def p(self) -> int: ...\n"
    text = face(tmp_path, source, shelf("constructs = true"))
    assert "def __init__(self) -> None:" in text
    _, said = written(tmp_path, f"@frozen\n{source}", shelf("constructs = true"))
    assert len(said) == 1
    assert "T003 'Shelf' has no __init__" in said[0]


def test_a_function_has_a_face_too(tmp_path: Path) -> None:
    plan = '[faces."shop.shelf"]\nShelf = {}\ncount = {}\n'
    source = """
        class Shelf: ...

        def count(shelf: Shelf, *, limit: int = 3) -> int:
            '''How many there are.'''
        """
    files, said = written(tmp_path, source, plan)
    assert said == []
    assert files["aio/faces/shelf.py"].endswith(
        "async def count(shelf: AsyncShelf, *, limit: int = 3) -> int:\n"
        '    """How many there are."""\n'
        "    from shop.shelf import count as _of\n\n"
        "    return await _twin.ran(_of, shelf, limit=limit)\n"
    )


def test_a_second_name_of_a_method_is_one_in_the_face(tmp_path: Path) -> None:
    source = "class Shelf:\n    def a(self) -> int: ...\n    b = a"
    assert "    b = a" in face(tmp_path, source)


def test_only_what_runs_is_imported_at_run_time(tmp_path: Path) -> None:
    """Defaults are; the sync module and types are for type checkers."""
    source = "class Shelf:\n    def a(self, c: Colour = NONE) -> Self: ..."
    files, _ = written(tmp_path, source)
    before, _, checked = files["aio/faces/shelf.py"].partition("if TYPE_CHECKING:\n")
    assert "from shop.kinds import NONE\n" in before
    assert "from shop.kinds import Colour\n" in checked
    assert "from shop.shelf import Shelf\n" in checked
    assert "shop.shelf import" not in before


def test_two_things_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """A base of another module brings its own names along."""
    source = """
        from .other import Other

        class Shelf(Other):
            def a(self) -> Colour: ...
        """
    other = "from .readers import Reader as Colour\n\nclass Other:\n"
    other += "    def b(self) -> Colour: ...\n"
    files, said = written(tmp_path, source, other=other)
    text = files["aio/faces/shelf.py"]
    assert said == []
    assert "async def a(self) -> Colour:" in text
    assert "async def b(self) -> Colour_:" in text
    assert "from shop.readers import Reader as Colour_\n" in text


@pytest.mark.parametrize(
    ("plan", "source", "expected"),
    [
        ('[faces."shop.none"]\nShelf = {}', "", "T001 there is no module 'shop.none'"),
        ('[faces."shop.shelf"]\nShelv = {}', "", "T001 'shop.shelf' has no 'Shelv'"),
        (shelf('plain = ["x*"]'), "", "T002 'Shelf' has no member 'x*'"),
        (shelf('plains = ["a"]'), "", "P002 the plan knows no 'plains' here"),
        (shelf('plain = "a"'), "", "P003 expected a list of texts"),
        (shelf('usual = "odd"'), "", "P005 expected one of leaves_out"),
        (shelf('base = "odd"'), "", "P005 expected module:Class, got 'odd'"),
        (shelf('awaits = ["p"]'), "@property", "T003 'p' is a property"),
        (shelf(""), "@odd", "T003 'p' is decorated with 'odd'"),
        (
            '[faces."shop.shelf"]\n[faces."shop.more.shelf"]',
            "",
            "P005 another module's faces are in 'shelf'",
        ),
    ],
)
def test_what_a_plan_cannot_say_is_told_with_its_line(
    tmp_path: Path, plan: str, source: str, expected: str
) -> None:
    body = f"    {source}\n    def p(self) -> int: ..." if source else "    ..."
    _, said = written(tmp_path, f"class Shelf:\n{body}\n", plan)
    assert len(said) == 1
    assert said[0].startswith("twins.toml:") and f"error {expected}" in said[0]


# -- in a build ------------------------------------------------------------------


PLAN = """
[package]
name = "shop"
out = "shop"
client = false
twins = "twins.toml"
[[document]]
file = "api.json"
"""


def test_a_changed_signature_is_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``check`` shows it in the face; what a method does inside is no business of it.

    So is a face that nobody planned.
    """
    source = "class Shelf:\n    def put(self, a: int) -> int:\n        return a\n"
    written(tmp_path, source)
    saved(reads(Order={"type": "object"}), tmp_path)
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    plan = ["--plan", str(tmp_path / "plan.toml")]
    module = tmp_path / "shop" / "shelf.py"
    assert main(["build", *plan]) == 0
    assert main(["check", *plan]) == 0
    module.write_text(HEAD + source.replace("return a", "return a + 1"), "utf-8")
    assert main(["check", *plan]) == 0
    capsys.readouterr()
    module.write_text(HEAD + source.replace("a: int", "a: str"), "utf-8")
    assert main(["check", *plan]) == 1
    said = capsys.readouterr().out
    assert "+++ b/aio/faces/shelf.py" in said
    assert "+    async def put(self, a: str) -> int:" in said
    assert main(["build", *plan]) == 0
    (tmp_path / "shop/aio/faces/other.py").write_text("", "utf-8")
    assert main(["check", *plan]) == 1
    assert "aio/faces/other.py" in capsys.readouterr().out


# -- at work -----------------------------------------------------------------------


WORKING = """
class Shelf:
    def __init__(self, size: int) -> None:
        self.size = size
        self.left = size

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left

    def add(self, *, count: int = 1) -> Self:
        self.left += count
        return self

    def pairs(self) -> Iterator[tuple[int, int]]:
        for each in self:
            yield each, self.size

    @classmethod
    def create(cls, size: int) -> Self:
        return cls(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.left = 0
"""


def imported(files: Mapping[str, str], folder: Path) -> ModuleType:
    for name in ("aio", "aio/faces"):
        (folder / "shop" / name).mkdir()
        (folder / "shop" / name / "__init__.py").write_text("", "utf-8")
    for name, text in files.items():
        (folder / "shop" / name).write_text(text, "utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module("shop.aio.faces.shelf")
    finally:
        sys.path.remove(str(folder))
        for name in [m for m in sys.modules if m.partition(".")[0] == "shop"]:
            if name != "shop.shelf":
                del sys.modules[name]


def test_a_written_face_works(tmp_path: Path, monkeypatch: Any) -> None:
    """It is made, awaited, iterated and left as the class is in synchronous code."""
    pytest.importorskip("greenlet")
    files, said = written(tmp_path, WORKING, shelf("constructs = true"))
    assert said == []
    monkeypatch.syspath_prepend(str(tmp_path))
    made = imported(files, tmp_path)

    async def work() -> None:
        async with made.AsyncShelf(2) as shelf:
            assert shelf.size == 2
            assert await shelf.add(count=1) is shelf
            assert [each async for each in shelf] == [2, 1, 0]
            await shelf.add()
            assert [each async for each in shelf.pairs()] == [(0, 2)]
            await shelf.add()
        assert shelf.left == 0
        assert type(await made.AsyncShelf.create(3)) is made.AsyncShelf

    try:
        asyncio.run(work(), debug=True)
    finally:
        for name in [m for m in sys.modules if m.partition(".")[0] == "shop"]:
            del sys.modules[name]


def test_what_opens_is_used_in_three_ways(tmp_path: Path) -> None:
    """It is no coroutine function; what it gives is opened when it is used."""
    source = """
    class Shelf:
        def door(self, wide: bool = False) -> Colour: ...
    """
    text = face(tmp_path, source, shelf('opens = ["door"]'))
    assert "    def door(self, wide: bool = False) -> Opening[Colour]:\n" in text
    assert "        return self._opens(self._of.door, wide)" in text
    source = """
    class Shelf:
        @classmethod
        def door(cls) -> Colour: ...
    """
    said = written(tmp_path, source, shelf('opens = ["door"]'))[1]
    assert any("T003" in line and "opens it" in line for line in said)


BASED = """
from . import base as _base

class Shelf(_base.Shelf):
    def put(self) -> int: ...
"""
BASE = """
from __future__ import annotations
from typing_extensions import Self

class Shelf:
    def __init__(self, size: int = 3) -> None: ...

    @classmethod
    def made(cls, size: int) -> Self: ...

    def put(self) -> str: ...

    def size(self) -> int: ...
"""


def test_what_makes_a_class_makes_no_other(tmp_path: Path) -> None:
    """A face makes its own class, also where a base says how."""
    plan = (
        '[faces."shop.base"]\nShelf = { constructs = true }\n'
        '[faces."shop.shelf"]\n'
        'Shelf = { constructs = true, called = "Shelf", unlike = true }\n'
    )
    files, said = written(tmp_path, BASED, plan, base=BASE)
    text = files["aio/faces/shelf.py"]
    assert said == []
    assert "class Shelf(AsyncShelf):" in text
    assert "def __init__(self, size: int = 3) -> None:" in text
    assert "async def made(cls, size: int) -> Self:" in text
    assert text.count("from shop.shelf import Shelf as _Of") == 2
    assert "def size(" not in text
    assert '# mypy: disable-error-code="override"' in text
    assert "# mypy" not in files["aio/faces/base.py"]


def test_a_class_without_arguments_is_made_without(tmp_path: Path) -> None:
    """Unless a decorator may have given it some."""
    source = "class Shelf:\n    def put(self) -> None: ...\n"
    text = face(tmp_path, source, shelf("constructs = true"))
    assert "    def __init__(self) -> None:\n" in text
    assert "self._built(_Of))" in text
    _, said = written(tmp_path, f"@frozen\n{source}", shelf("constructs = true"))
    assert any("T003" in line and "__init__" in line for line in said)


def test_a_face_may_have_its_classs_name(tmp_path: Path) -> None:
    """The class has another one then, in the face's module."""
    source = "class Shelf:\n    def __enter__(self) -> Shelf: ...\n"
    source += "    def __exit__(self, *_: object) -> None: ...\n"
    files, said = written(tmp_path, source, shelf('called = "Shelf"'))
    text = files["aio/faces/shelf.py"]
    assert said == []
    assert 'class Shelf(_twin.Managed["Shelf_"]):' in text
    assert "from shop.shelf import Shelf as Shelf_" in text
