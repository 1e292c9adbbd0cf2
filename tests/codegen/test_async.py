"""The async side of generated packages, called against a scripted server."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import itertools
import subprocess
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from specwire import errors
from specwire_codegen.build import Output, generate
from specwire_codegen.cli import main
from specwire_codegen.job import Job, job_of_plan, job_of_specs
from specwire_codegen.problems import Problems
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

from .building import DOCUMENTS, document, imported, replies, saved

pytest.importorskip("aiohttp")
pytest.importorskip("greenlet")

_NUMBER = itertools.count(1)
TEXT = {"type": "string"}
BOOK = {"$ref": "#/components/schemas/Book"}
SCHEMAS = {
    "Book": {"type": "object", "required": ["id"], "properties": {"id": TEXT}},
    "Books": {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": BOOK},
            "next": {"type": ["string", "null"]},
        },
    },
}


def operation(name: str, schema: Any, media: str = "application/json") -> Any:
    return {
        "operationId": name,
        "tags": ["books"],
        "responses": replies(schema, media),
    }


def query(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": TEXT}


PATHS = {
    "/books": {
        "get": {
            **operation("listBooks", {"$ref": "#/components/schemas/Books"}),
            "parameters": [query("cursor")],
            "x-specwire-paging": {"items": "data", "cursors": {"cursor": "next"}},
        },
        "post": {
            **operation("createBook", BOOK),
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": BOOK}},
            },
        },
    },
    "/books/{id}": {
        "get": {
            **operation("getBook", BOOK),
            "parameters": [{"name": "id", "in": "path", "required": True}],
        },
        "delete": {
            "operationId": "deleteBook",
            "tags": ["books"],
            "deprecated": True,
            "parameters": [{"name": "id", "in": "path", "required": True}],
            "responses": {"204": {"description": ""}},
        },
    },
    "/books/events": {"get": operation("watchBooks", BOOK, "text/event-stream")},
    "/books/file": {
        "get": operation(
            "downloadBooks",
            {"type": "string", "format": "binary"},
            "application/octet-stream",
        )
    },
}
DATA = document(PATHS, SCHEMAS)
E = {"id": "b1"}


def job(data: Mapping[str, Any], folder: Path, plan: str = "", faces: str = "") -> Job:
    """The package ``folder/shopN`` of ``data``, by ``plan`` where there is one."""
    name = f"ashop{next(_NUMBER)}"
    spec = saved(data, folder)
    if not plan:
        return job_of_specs([spec], folder, package=name, overlays=[])
    head = f'[package]\nname = "{name}"\n'
    if faces:
        head += 'twins = "twins.toml"\n'
        (folder / "twins.toml").write_text(faces)
    (folder / "plan.toml").write_text(f'{head}[[document]]\nfile = "api.json"\n{plan}')
    return job_of_plan(folder / "plan.toml", Problems())


@contextlib.contextmanager
def package(made: Job, folder: Path) -> Iterator[Any]:
    name = made.plan.package
    with imported(generate(made, Problems()), folder, name) as found:
        yield found


Script = Callable[[Any], Awaitable[Any]]


def called(
    made: Job, folder: Path, script: Script, *steps: Step, **settings: Any
) -> tuple[Any, ScriptedServer]:
    """What ``script`` gives of an async client of the package, and the server."""

    async def run(found: Any, url: str) -> Any:
        services = found.Client._services
        urls = dict.fromkeys(services, url)
        async with found.AsyncClient(base_urls=urls, **settings) as client:
            return await script(client)

    with serving(*steps) as server, package(made, folder) as found:
        return asyncio.run(run(found, server.url)), server


def test_a_call_is_awaited(tmp_path: Path) -> None:
    """The reply is the model that the other client gives, and the request its own."""

    async def script(client: Any) -> Any:
        return await client.books.create(id="b1", extra_headers={"X-A": "1"})

    book, server = called(job(DATA, tmp_path), tmp_path, script, reply(200, E))
    assert (type(book).__name__, book.id) == ("Book", "b1")
    (request,) = server.received
    assert (request.method, request.target) == ("POST", "/books")
    assert (request.json(), request.headers["x-a"]) == (E, "1")


def test_calls_of_many_tasks(tmp_path: Path) -> None:
    """``asyncio.gather`` over one client gives every task its own reply."""

    async def script(client: Any) -> Any:
        return await asyncio.gather(*(client.books.get(f"b{n}") for n in range(5)))

    steps = [reply(200, E)] * 5
    books, server = called(job(DATA, tmp_path), tmp_path, script, *steps)
    assert [book.id for book in books] == ["b1"] * 5
    asked = sorted(one.target for one in server.received)
    assert asked == [f"/books/b{n}" for n in range(5)]


def test_a_refusal_is_the_same_error(tmp_path: Path) -> None:
    """Where the server refuses, the exception is that of the synchronous client."""

    async def script(client: Any) -> None:
        with pytest.raises(errors.NotFoundError):
            await client.books.get("b1")

    called(job(DATA, tmp_path), tmp_path, script, reply(404, {}))


def test_a_list_is_awaited_or_iterated_over(tmp_path: Path) -> None:
    """``await`` gives the first page, ``async for`` all items of all pages."""
    pages = [{"data": [{"id": a}], "next": b} for a, b in (("x", "2"), ("y", None))]

    async def script(client: Any) -> Any:
        page = await client.books.list()
        return page.data[0].id, [book.id async for book in client.books.list()]

    steps = [reply(200, one) for one in (pages[0], *pages)]
    found, server = called(job(DATA, tmp_path), tmp_path, script, *steps)
    assert found == ("x", ["x", "y"])
    assert server.received[2].target == "/books?cursor=2"


def test_a_stream_is_iterated_over(tmp_path: Path) -> None:
    """``async with await`` and ``async for`` give the items as they arrive."""

    async def script(client: Any) -> Any:
        async with await client.books.watch() as events:
            return [event.id async for event in events]

    step = chunked(b'data: {"id":"x"}\n\n', b'data: {"id":"y"}\n\n')
    found, _ = called(job(DATA, tmp_path), tmp_path, script, step)
    assert found == ["x", "y"]


def test_a_download_is_read(tmp_path: Path) -> None:
    """A body that is no JSON is read in the task."""

    async def script(client: Any) -> Any:
        return await (await client.books.download()).read()

    step = reply(200, "abc", content_type="application/octet-stream")
    assert called(job(DATA, tmp_path), tmp_path, script, step)[0] == b"abc"


def test_a_deprecated_method_warns_its_caller_once(tmp_path: Path) -> None:
    """The warning names the async method and the line that calls it."""

    async def script(client: Any) -> Any:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            await client.books.delete("b1")
        return [(one.filename, str(one.message)) for one in told]

    told, _ = called(job(DATA, tmp_path), tmp_path, script, reply(204))
    said = "AsyncBooks.delete: the API calls this deprecated"
    assert told == [(__file__, said)]


MIXIN = """\
from specwire.aio.twin import Twin

class Shelf:
    def first(self, *, more=0):
        'The first book.'
        return self.get("b1")

    @property
    def size(self):
        return 3

class AsyncShelf:
    async def first(self, *, more=0):
        return "faced"

class AsyncOnce(Twin):
    async def later(self):
        return (await self._run(self._of.now)).id

class Once:
    def __init__(self, resource, operation, args, limits, extras):
        self.send = lambda: resource._call(operation, args, limits, extras)

    def now(self):
        return self.send()

def later(resource, operation, args, limits, extras):
    return resource._call(operation, args, limits, extras).id
"""
DERIVED = """
[[derive]]
name = "books.once"
of = "books.get"
wrap = "mixins_of_a_user:Once"
waits = false
[[derive]]
name = "books.later"
of = "books.get"
wrap = "mixins_of_a_user:later"
gives = "mixins_of_a_user:Once"
"""
MIXED = '\n[mixins]\nbooks = "mixins_of_a_user:Shelf"\n'
FACED = '[by_hand]\n"mixins_of_a_user:Shelf" = "mixins_of_a_user:AsyncShelf"\n'


@pytest.fixture
def mixins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of a user's own, which can be imported."""
    (tmp_path / "mixins_of_a_user.py").write_text(MIXIN)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mixins_of_a_user", raising=False)
    return tmp_path


def test_methods_of_a_mixin_are_awaited(mixins: Path) -> None:
    """What a user wrote for the synchronous side works in tasks as it is."""

    async def script(client: Any) -> Any:
        return (await client.books.first(more=1)).id, client.books.size

    made = job(DATA, mixins, MIXED)
    assert called(made, mixins, script, reply(200, E))[0] == ("b1", 3)
    text = generate(made, Problems()).files["aio/resources/books.py"]
    assert "        def __getattr__(self, name: str) -> _t.Any: ...\n" in text


def test_a_face_that_the_plan_names_is_inherited(mixins: Path) -> None:
    """``[by_hand]`` gives the async resource the typed face of a mixin."""

    async def script(client: Any) -> Any:
        return await client.books.first()

    made = job(DATA, mixins, MIXED, FACED)
    assert called(made, mixins, script)[0] == "faced"
    text = generate(made, Problems()).files["aio/resources/books.py"]
    assert "from mixins_of_a_user import AsyncShelf as _Mixin0\n" in text
    assert "class AsyncBooks(_Mixin0, _a.AsyncResource):\n" in text
    assert "__getattr__" not in text


def test_derived_methods(mixins: Path) -> None:
    """One is awaited, unless the plan says that it waits for nothing."""

    async def script(client: Any) -> Any:
        return await client.books.later("b1"), type(client.books.once("b1")).__name__

    made = job(DATA, mixins, DERIVED)
    assert called(made, mixins, script, reply(200, E))[0] == ("b1", "Once")


def test_results_of_a_user_have_the_faces_of_the_plan(mixins: Path) -> None:
    """What a derived method makes comes with the face that ``[by_hand]`` names."""

    async def script(client: Any) -> Any:
        return await client.books.once("b1").later()

    faces = '[by_hand]\n"mixins_of_a_user:Once" = "mixins_of_a_user:AsyncOnce"\n'
    made = job(DATA, mixins, DERIVED, faces)
    assert called(made, mixins, script, reply(200, E))[0] == "b1"


def test_webhooks_are_not_awaited(tmp_path: Path) -> None:
    """What waits for nothing is the same on both sides."""
    hook = {
        "post": {"requestBody": {"content": {"application/json": {"schema": BOOK}}}}
    }
    data = document({}, SCHEMAS, webhooks={"sold": hook})

    async def script(client: Any) -> Any:
        return client.webhooks.unwrap(b'{"id":"x"}', "sold").id

    assert called(job(data, tmp_path), tmp_path, script)[0] == "x"


@pytest.mark.parametrize("name", sorted(path.stem for path in DOCUMENTS.glob("*.json")))
def test_both_sides_have_the_same_methods(name: str, tmp_path: Path) -> None:
    """Each method of a resource has an async one with its parameters and defaults."""
    made = job_of_specs(
        [DOCUMENTS / f"{name}.json"], tmp_path, package=f"twin_{name}", overlays=[]
    )
    output = generate(made, Problems())
    with imported(output, tmp_path, made.plan.package) as found:
        surface = importlib.import_module(f"{found.__name__}.resources._surface")
        count = compared(surface.Surface, found.Client(), found.AsyncClient())
    assert count == output.operations


def compared(kind: type, plain: Any, faced: Any) -> int:
    """How many methods below ``plain`` are alike below ``faced``; ``kind`` has them."""
    count = 0
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if not callable(member):
            inner = getattr(plain, name)
            count += compared(type(inner), inner, getattr(faced, name))
            continue
        twin = getattr(type(faced), name)
        assert inspect.getdoc(twin)
        before, after = (inspect.signature(one).parameters for one in (member, twin))
        assert [*before.values()] == [*after.values()]
        count += 1
    return count


def test_a_request_type_may_be_called_as_a_face(tmp_path: Path) -> None:
    """The face of ``books`` takes another name where ``AsyncBooks`` is a schema."""
    paths = {
        "/books": {
            "post": {
                "operationId": "createBook",
                "tags": ["books"],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "a": {"$ref": "#/components/schemas/AsyncBooks"}
                                },
                            }
                        }
                    }
                },
                "responses": {"204": {"description": ""}},
            }
        }
    }
    one = {"AsyncBooks": {"type": "object", "properties": {"id": TEXT}}}
    files = generate(job(document(paths, one), tmp_path), Problems()).files
    text = files["aio/resources/books.py"]
    assert "class AsyncBooksResource(_a.AsyncResource):\n" in text
    assert "    from ...models.books_params import AsyncBooks\n" in text


def test_a_long_resource_is_cut_on_both_sides(tmp_path: Path) -> None:
    """Bases in modules of their own; all methods are there and can be called."""
    paths = {f"/books/{n}": {"get": operation(f"getBooks{n}", BOOK)} for n in range(60)}
    made = job(document(paths, SCHEMAS), tmp_path)
    files = generate(made, Problems()).files
    for folder in ("resources", "aio/resources"):
        assert f"{folder}/_books_2.py" in files
        assert max(files[name].count("\n") for name in files) <= 1500

    async def script(client: Any) -> Any:
        names = [name for name in dir(client.books) if not name.startswith("_")]
        return len(names), (await getattr(client.books, names[-1])()).id

    assert called(made, tmp_path, script, reply(200, E))[0] == (60, "b1")


def test_nothing_async_is_loaded_before_it_is_asked_for(tmp_path: Path) -> None:
    """The synchronous client of a package loads neither its ``aio`` nor asyncio."""
    made = job(DATA, tmp_path)
    name = made.plan.package
    sdk = Path(__file__).resolve().parents[2] / "sdk"
    code = (
        f"import sys; sys.path[:0] = [{str(sdk)!r}, {str(tmp_path)!r}]\n"
        f"import {name}; {name}.Client().books\n"
        "print([m for m in sys.modules if 'aio' in m.split('.') or m == 'asyncio'])"
    )
    with package(made, tmp_path):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
        )
    assert (done.stdout, done.stderr) == ("[]\n", "")


# -- without it --------------------------------------------------------------------


def aio_of(output: Output) -> list[str]:
    """Files that are there for tasks, or speak of them."""
    return [
        name
        for name, text in output.files.items()
        if name.startswith("aio/") or "Async" in text or "specwire.aio" in text
    ]


def test_the_async_side_can_be_left_out(tmp_path: Path) -> None:
    """``--no-async``, or ``async = false`` in a plan, leaves no trace of it."""
    by_flag = generate(evolve(job(DATA, tmp_path), aio=False), Problems())
    made = job(DATA, tmp_path, "[docs]\n")
    plan = tmp_path / "plan.toml"
    plan.write_text(plan.read_text().replace("[[doc", "async = false\n[[doc"))
    by_plan = generate(job_of_plan(plan, Problems()), Problems())
    assert aio_of(by_flag) == aio_of(by_plan) == []
    assert len(aio_of(generate(made, Problems()))) == 8


def test_a_package_can_give_its_async_side_up(tmp_path: Path) -> None:
    """Built again without it, the files are gone and ``check`` is content."""
    words = [str(saved(DATA, tmp_path)), "-o", str(tmp_path), "--package", "shop"]
    folder = tmp_path / "shop/aio"
    assert main(["build", *words]) == 0
    assert (folder / "resources/books.py").exists()
    assert main(["check", *words]) == 0
    assert main(["check", *words, "--no-async"]) == 1
    assert main(["build", *words, "--no-async"]) == 0
    assert not folder.exists()
    assert main(["check", *words, "--no-async"]) == 0


def test_a_strange_file_on_the_async_side_is_seen(tmp_path: Path) -> None:
    """``aio/`` holds nothing but what was generated."""
    words = [str(saved(DATA, tmp_path)), "-o", str(tmp_path), "--package", "shop"]
    assert main(["build", *words]) == 0
    (tmp_path / "shop/aio/mine.py").write_text("x = 1\n")
    assert main(["check", *words]) == 1
