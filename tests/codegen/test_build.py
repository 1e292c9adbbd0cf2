"""The whole pipeline: determinism, plans, and the documents people really have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.build import Output, generate
from specwire_codegen.job import Job, job_of_plan, job_of_specs
from specwire_codegen.lock import dumped
from specwire_codegen.problems import Problems

from .building import DOCUMENTS, HERE, built, document, imported, reads, saved

ROOT = HERE.parents[1]
SPECS = ROOT.parent / "shared" / "specs"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

DIGESTS = """
import sys
from pathlib import Path
from specwire_codegen.build import generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.problems import Problems
job = job_of_specs([Path(sys.argv[1])], Path("out"), package="shop", overlays=[])
output = generate(job, Problems())
sys.stdout.write(output.lock.text() + output.names)
"""


@pytest.mark.parametrize("name", ["library", "hostile"])
def test_same_bytes_everywhere(name: str, tmp_path: Path) -> None:
    """Hash seed, locale and working directory change nothing."""
    spec = DOCUMENTS / f"{name}.json"
    outputs = []
    for seed, locale, folder in (("1", "C", tmp_path), ("2", "C.UTF-8", DOCUMENTS)):
        path = os.path.relpath(spec, folder) if folder == DOCUMENTS else str(spec)
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, path],
            capture_output=True,
            check=True,
            cwd=folder,
            timeout=120,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "LC_ALL": locale,
                "PYTHONPATH": str(ROOT / "codegen"),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0]


def test_no_dates_and_no_paths(tmp_path: Path) -> None:
    """Output and locks name inputs, but neither the machine nor the day."""
    output, _ = built(reads(A={"type": "object", "properties": {"a": {}}}), tmp_path)
    for text in (*output.files.values(), output.names, output.lock.text()):
        assert str(tmp_path) not in text
        assert tmp_path.name not in text


def test_a_second_run_with_its_lock_is_the_same(tmp_path: Path) -> None:
    """The names of a run, locked, give the same names again."""
    spec = DOCUMENTS / "hostile.json"
    job = job_of_specs([spec], tmp_path, package=None, overlays=[])
    first = generate(job, Problems())
    job.locks.mkdir(parents=True)
    (job.locks / "names.lock").write_text(first.names, "utf-8")
    second = generate(job, Problems())
    assert second.names == first.names
    assert second.files == first.files


PLAN = """
[package]
name = "shop"
out = "OUT"
client = false
bundle = true
[[document]]
file = "api.json"
service = "store"
[service.store]
base_url_env = "STORE_URL"
headers_env = "STORE_HEADERS"
headers = { x-version = "7" }
env = { key = "STORE_KEY" }
[operations]
getThing = "stock.things.fetch"
[alias]
"goods.things" = "stock.things"
[mixins]
"stock.things" = "mine.mixins:Things"
[[derive]]
name = "chat.stream"
of = "chat.create"
wrap = "mine.mixins:Stream"
also = { shape = "What the text is to be." }
[[derive]]
name = "chat.read"
of = "chat.create"
wrap = "mine.mixins:read"
gives = "mine.mixins:Read"
of_type = "shape"
flag = false
defaults = { text = "Hi" }
also = { shape = "What the text is to be." }
doc = "Read an answer."
[[derive]]
name = "chat.run"
of = "chat.create"
wrap = "mine.mixins:run"
gives = "mine.mixins:Run"
streamed = "mine.mixins:Running"
[docs]
stock = "What is there."
"""


def _planned(tmp_path: Path) -> Job:
    chat = {
        "operationId": "createChat",
        "tags": ["chat"],
        "requestBody": {
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["text"],
                        "properties": {
                            "text": {"type": "string"},
                            "stream": {"type": "boolean"},
                        },
                    }
                }
            }
        },
        "responses": {
            "200": {
                "description": "",
                "content": {
                    "application/json": {"schema": {}},
                    "text/event-stream": {"schema": {}},
                },
            }
        },
    }
    scheme = {"key": {"type": "http", "scheme": "bearer"}}
    data = document(
        {
            "/thing": {
                "get": {"operationId": "getThing", "tags": ["a"], "responses": {}}
            },
            "/chat": {"post": chat},
        },
        components={"securitySchemes": scheme},
        security=[{"key": []}],
    )
    saved(data, tmp_path)
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.replace("OUT", (tmp_path / "out").as_posix()))
    return job_of_plan(plan, Problems())


def test_plan_names_everything(tmp_path: Path) -> None:
    """Operations, aliases, mixins, derived methods, services and docs of a plan."""
    files = generate(_planned(tmp_path), Problems()).files
    modules = [
        "resources/__init__.py",
        "resources/_surface.py",
        "resources/chat.py",
        "resources/goods.py",
        "resources/stock.py",
        "resources/stock_things.py",
    ]
    assert sorted(files) == [
        *(f"aio/{name}" for name in modules),
        "models/__init__.py",
        *modules,
        "specs/store.json",
    ]
    things = files["resources/stock_things.py"]
    assert "from mine.mixins import Things as _Mixin0\n" in things
    assert "class StockThings(_Mixin0, _r.Resource):\n" in things
    assert "    def fetch(\n" in things
    assert "def things(self) -> StockThings:" in files["resources/goods.py"]
    assert '    """What is there."""\n' in files["resources/stock.py"]
    chat = files["resources/chat.py"]
    assert "from mine.mixins import Stream as _Wrap0\n" in chat
    assert '{"text": text, "shape": shape, "stream": True},\n' in chat
    assert "        shape: _t.Any = _r.UNSET,\n" in chat
    assert "        :param shape: What the text is to be.\n" in chat
    assert "    from mine.mixins import Read as _Given0\n" in chat
    words = " ".join(chat.split())
    assert 'def read( self, *, text: str = "Hi", shape: type[_r.T], ' in words
    assert ") -> _Given0[_r.T]: ... " in words
    assert ") -> _Given0[_t.Any]: ... " in words
    assert ') -> _t.Any: """Read an answer. Takes the arguments of ' in words
    assert '_CREATE, {"text": text, "shape": shape, "stream": False}, ' in words
    assert "stream: _t.Literal[True], timeout" in words
    assert words.index(") -> _Given2: ...") < words.index(") -> _Given1: ...")
    assert '_Wrap2( self, _CREATE, {"text": text, "stream": stream}, ' in words
    surface = files["resources/_surface.py"]
    assert 'headers={"x-version": "7"},\n' in surface
    assert '"key": _auth.Bearer(env="STORE_KEY")' in surface
    assert 'base_url_env="STORE_URL",\n' in surface
    assert 'headers_env="STORE_HEADERS",\n' in surface


def test_bundle_is_the_document_as_ascii_json(tmp_path: Path) -> None:
    """``specs/`` holds what was generated from, for checks at run time."""
    text = generate(_planned(tmp_path), Problems()).files["specs/store.json"]
    assert text.isascii()
    assert text.count("\n") == 1
    assert json.loads(text)["info"]["title"] == "Test API"


STRICT = """
[package]
name = "shop"
out = "OUT"
bundle = BUNDLE
[[document]]
file = "api.json"
"""


def _strict(folder: Path, bundle: str) -> Output:
    (folder / "more.json").write_text('{"Text": {"type": "string"}}', "utf-8")
    body = {
        "type": "object",
        "required": ["count"],
        "properties": {
            "count": {"type": "integer", "minimum": 1},
            "text": {"$ref": "more.json#/Text"},
        },
    }
    post = {
        "operationId": "make",
        "tags": ["things"],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"204": {"description": "Made."}},
        "servers": [{"url": "https://other.example.com"}],
        "parameters": [{"name": "page", "in": "query", "schema": {"maximum": 3}}],
    }
    saved(document({"/things": {"post": post}}), folder)
    text = STRICT.replace("OUT", str(folder / "shop")).replace("BUNDLE", bundle)
    path = folder / "plan.toml"
    path.write_text(text, "utf-8")
    problems = Problems()
    return generate(job_of_plan(path, problems), problems)


def test_a_package_with_its_documents_can_be_strict(tmp_path: Path) -> None:
    """Also an operation with a server of its own, and what other files hold."""
    with imported(_strict(tmp_path, "true"), tmp_path / "in", "shop") as shop:
        client = shop.Client(strict=True, timeout=0.001, max_retries=0)
        with pytest.raises(shop.errors.RequestValidationError) as caught:
            client.things.make(count=0)
        assert (caught.value.pointer, caught.value.expected) == ("/count", "at least 1")
        with pytest.raises(shop.errors.RequestValidationError, match="query/page"):
            client.things.make(count=1, page=4)
        with pytest.raises(shop.errors.APIConnectionError):
            client.things.make(count=1, text="a")


def test_a_package_without_its_documents_says_how_to_have_them(tmp_path: Path) -> None:
    """The error names the word of the plan."""
    with (
        imported(_strict(tmp_path, "false"), tmp_path / "in", "shop") as shop,
        pytest.raises(ValueError, match="bundle = true"),
    ):
        shop.Client(strict=True)


def test_locks_lie_beside_the_plan(tmp_path: Path) -> None:
    """A package without a client of its own keeps its locks with the plan."""
    assert _planned(tmp_path).locks == tmp_path


def test_a_users_package_has_a_client(tmp_path: Path) -> None:
    """The client of a generated package knows the API and where its key comes from."""
    scheme = {"token": {"type": "http", "scheme": "bearer"}}
    data = document(
        {"/things": {"get": {"operationId": "listThings", "responses": {}}}},
        components={"securitySchemes": scheme},
        security=[{"token": []}],
    )
    output, _ = built(data, tmp_path)
    assert output.files["py.typed"] == ""
    with imported(output, tmp_path / "p", "shop") as package:
        with package.Client(api_keys={"shop": "k"}) as client:
            assert callable(client.things.list)
            (service,) = client._services.values()
        assert service.schemes["token"].env == "SHOP_API_KEY"
        assert service.base_url_env == "SHOP_BASE_URL"
        assert "Client" in dir(package)


def _operations(data: dict[str, Any]) -> int:
    return sum(
        1
        for item in data.get("paths", {}).values()
        for method in item
        if method in METHODS
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "petstore-3.0.yaml",
        "train-travel-3.1.yaml",
        "ollama.yaml",
        pytest.param("mistral.yaml", marks=pytest.mark.soak),
        "anthropic.json",
        "sim-core.json",
        "sim-v2-tables.json",
        "sim-v2-workflows.json",
    ],
)
def test_real_documents(name: str, tmp_path: Path) -> None:
    """No operation of a real document is missing, and every module loads."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    job = job_of_specs([path], tmp_path, package="shop", overlays=[])
    problems = Problems()
    output = generate(job, problems)
    assert not problems.has_errors
    assert output.operations == _operations(_data(path))
    assert len(json.loads(output.names)["operations"]) == output.operations
    with imported(output, tmp_path / "p", "shop"):
        for file in output.files:
            if file.endswith(".py") and "__init__" not in file:
                __import__(f"shop.{file[:-3].replace('/', '.')}")


def _data(path: Path) -> dict[str, Any]:
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        found: dict[str, Any] = json.loads(text)
        return found
    import yaml

    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


def test_lock_text_is_sorted_ascii() -> None:
    """A lock file changes only where something changed."""
    assert (
        dumped({"b": 1, "a": {"é": 2}})
        == '{\n "a": {\n  "\\u00e9": 2\n },\n "b": 1\n}\n'
    )
