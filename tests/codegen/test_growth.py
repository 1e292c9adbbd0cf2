"""What the generator does grows with the document; counted, never timed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from specwire_codegen import jsontext
from specwire_codegen.families import cut
from specwire_codegen.ir import Model
from specwire_codegen.problems import Problems
from specwire_codegen.source import yaml_events
from specwire_codegen.verify import Walk
from specwire_codegen.yamltree import Tree
from tests.codegen.building import HERE, built, document, lowered, model, replies

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import codegen_documents  # noqa: E402

Json = dict[str, Any]


def schema(name: str) -> Json:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def operations(count: int, *, to: Callable[[int], str], **more: Any) -> Json:
    """Paths whose operations receive the schema that ``to`` names."""
    return {
        f"/a/b{n}": {
            "get": {"operationId": f"get_{n}", "responses": replies(schema(to(n)))}
            | {key: value(n) for key, value in more.items()}
        }
        for n in range(count)
    }


def plain(count: int) -> Json:
    """What real documents look like."""
    return codegen_documents.document(count // 10)


def ring(count: int) -> Json:
    """Every operation reaches every schema."""
    schemas = {
        f"R{n}": {"type": "object", "properties": {"next": schema(f"R{n + 1}")}}
        for n in range(count - 1)
    }
    schemas[f"R{count - 1}"] = {"type": "object", "properties": {"a": schema("R0")}}
    paths = operations(count, to=lambda n: f"R{n}", tags=lambda n: [f"t{n // 5}"])
    return document(paths, schemas)


def crowd(count: int) -> Json:
    """One resource has all operations, and all of them want the same name."""
    one = {"One": {"type": "object", "properties": {"a": {"type": "string"}}}}
    paths = operations(
        count, to=lambda n: "One", tags=lambda n: ["t"], operationId=lambda n: "same"
    )
    return document(paths, one)


def union(count: int) -> Json:
    """One union of many."""
    schemas: Json = {
        f"U{n}": {"type": "object", "properties": {"kind": {"const": f"k{n}"}}}
        for n in range(count)
    }
    schemas["All"] = {"oneOf": [schema(f"U{n}") for n in range(count)]}
    return document(operations(1, to=lambda n: "All"), schemas)


def values(count: int) -> Json:
    """One enumeration of many values."""
    many = {"type": "string", "enum": [f"v{n}" for n in range(count)]}
    schemas = {"One": {"type": "object", "properties": {"a": many}}}
    return document(operations(1, to=lambda n: "One"), schemas)


def calls(made: Json, folder: Path) -> int:
    """How many functions are called while a package is generated."""
    count = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event.endswith("call")

    folder.mkdir()
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        built(made, folder)
    finally:
        sys.setprofile(before)
    return count


LONG = [pytest.param(made, marks=pytest.mark.soak) for made in (ring, crowd, values)]


@pytest.mark.parametrize("made", [plain, union, *LONG])
def test_twice_the_document_is_twice_the_work(
    made: Callable[[int], Json], tmp_path: Path
) -> None:
    """The calls that the next as large part adds are as many as before."""
    one, two, four = (calls(made(n), tmp_path / str(n)) for n in (60, 120, 240))
    assert four - two < 2.3 * (two - one)


def chain(count: int) -> Json:
    """Each schema is all of the one before, and one member more."""
    schemas: Json = {"C0": {"type": "object", "properties": {"m0": {}}}}
    for n in range(1, count):
        own = {"type": "object", "properties": {f"m{n}": {"type": "string"}}}
        schemas[f"C{n}"] = {"allOf": [schema(f"C{n - 1}"), own]}
    return document(operations(1, to=lambda n: f"C{count - 1}"), schemas)


def test_a_short_chain_of_bases_names_every_member(tmp_path: Path) -> None:
    """Fifty levels of bases are followed to the end."""
    api, problems = lowered(chain(50), tmp_path)
    assert (50, []) == (len(model(api, "C49").fields), [*problems])


@pytest.mark.soak
def test_a_long_chain_of_bases_is_bounded(tmp_path: Path) -> None:
    """Past a limit that no real document knows, a class names its nearer bases only."""
    members = []
    for count in (500, 1000):
        (tmp_path / str(count)).mkdir()
        api, problems = lowered(chain(count), tmp_path / str(count))
        decls = [decl for decl in api.decls.values() if isinstance(decl, Model)]
        members.append(sum(len(decl.fields) for decl in decls))
        assert {"L101"} == {problem.code for problem in problems}
    assert members[1] < 2 * members[0]


def test_hints_for_missing_references_end(tmp_path: Path) -> None:
    """Past fifty of them a reference that leads nowhere is reported without a hint."""
    schemas: Json = {f"Schema{n}": schema(f"Schemo{n}") for n in range(80)}
    _, problems = built(document({}, schemas), tmp_path)
    found = [problem for problem in problems if problem.code == "R004"]
    assert (80, 50) == (len(found), sum(one.hint is not None for one in found))


def test_the_last_check_visits_every_node_once(tmp_path: Path) -> None:
    """No more visits than there are nodes that can hold a name, and one pass."""
    output, _ = built(codegen_documents.document(10), tmp_path)
    for file, text in output.files.items():
        if file.endswith(".py"):
            tree = ast.parse(text)
            nodes = sum(1 for _ in ast.walk(tree))
            assert Walk(tree, frozenset()).visits <= nodes


def test_a_place_is_found_along_its_way() -> None:
    """A thousand pointers into one object take apart only what leads there."""
    made = codegen_documents.document(40)
    text = codegen_documents.text_of(made)
    finder, place = jsontext.Finder(text), jsontext.Lines(text)
    assert finder.is_json()
    for name in made["components"]["schemas"]:
        offset, steps = finder.nearest(("components", "schemas", name, "type"))
        line, _ = place(offset)
        assert steps >= 3
        assert f'"{name}"' in text.splitlines()[line - 1] or steps == 4
    schemas = len(made["components"]["schemas"])
    assert finder.scans <= 3 + schemas


@pytest.mark.parametrize(
    "path", sorted((HERE / "hostile").glob("*.yaml")), ids=lambda path: path.name
)
def test_both_yaml_parsers_give_the_same_data(path: Path) -> None:
    """Without libyaml the data and what is said about it are the same."""
    text = path.read_bytes().decode("utf-8", "replace")
    assert _read(text, pure=False) == _read(text, pure=True)


def _read(text: str, *, pure: bool) -> tuple[str, list[str]]:
    import yaml

    said: list[str] = []

    def report(code: str, message: str, mark: Any, *, fatal: bool = False) -> None:
        said.append(f"{mark.line} {code} {message}")
        if fatal:
            raise StopIteration

    tree = Tree(report)
    try:
        tree.feed(yaml_events(text, pure=pure))
    except yaml.YAMLError:
        return "not YAML", said
    except StopIteration:
        return "refused", said
    return repr(tree.data), said


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of a document of 300 operations."""
    folder = tmp_path_factory.mktemp("large")
    output, _ = built(codegen_documents.document(300), folder)
    for file, text in output.files.items():
        path = folder / "shop" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def _loaded(code: str, folder: Path) -> list[str]:
    """Modules of the package that a fresh interpreter has after ``code``."""
    code += "\nimport sys\nprint(*[m for m in sys.modules if m.startswith('shop')])"
    sdk = Path(__file__).resolve().parents[2] / "sdk"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(sdk)!r})\n{code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return sorted(done.stdout.split())


def test_importing_a_large_package_loads_next_to_nothing(large: Path) -> None:
    """Sixty resources and their models stay unread until they are asked for."""
    assert ["shop"] == _loaded("import shop", large)
    front = _loaded("from shop import Client", large)
    assert [
        "shop",
        "shop._client",
        "shop.resources",
        "shop.resources._surface",
    ] == front


def test_one_model_loads_its_module_and_what_that_needs(large: Path) -> None:
    """A model brings the module it is in and the shared one, and no resource."""
    found = _loaded("from shop.models import Account", large)
    assert [m for m in found if m.startswith("shop.resources")] == []
    assert 3 <= len(found) <= 4


def test_no_module_of_a_large_package_is_too_long(large: Path) -> None:
    """1,500 lines are the limit of what holds declarations or operations."""
    lengths = {
        str(path): path.read_bytes().count(b"\n")
        for path in (large / "shop").rglob("*.py")
        if path.name != "__init__.py"  # the index of all models
    }
    assert {} == {path: size for path, size in lengths.items() if size > 1500}


def test_a_large_package_is_laid_out(large: Path) -> None:
    """``ruff format`` finds nothing to do in sixty resources."""
    pytest.importorskip("ruff")
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*ruff, "--diff", str(large)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "" == done.stdout


def test_imports_count_towards_the_length_of_a_module() -> None:
    """Declarations that need much from other modules are cut earlier."""
    edges = {f"a{n}": [f"far{n}_{k}" for k in range(5)] for n in range(300)}
    parts = cut(list(edges), edges, dict.fromkeys(edges, 4))
    assert [*edges] == [name for part in parts for name in part]
    assert max(len(part) * (4 + 5) for part in parts) <= 1470


def test_the_problems_that_are_not_shown_are_not_located() -> None:
    """A note costs no look into the file unless notes are shown."""
    problems, asked = Problems(), []
    problems.note("N401", "a.json#/a", "renamed")
    problems.render(asked.append, notes=False)
    assert [] == asked
    problems.render(asked.append)
    assert ["a.json#/a"] == asked


def test_two_blank_lines_follow_a_class_however_its_block_began(
    tmp_path: Path,
) -> None:
    """Keys that are no identifiers make calls and then a class that joins them."""
    odd = {"import": {"type": "string"}, "b": {"type": "string"}}
    one = {"type": "object", "properties": odd, "required": ["import"]}
    both = {"type": "object", "properties": {"x": schema("One"), "y": schema("Two")}}
    body = {
        "content": {"application/json": {"schema": {"type": "array", "items": both}}}
    }
    post = {"operationId": "make", "requestBody": body, "responses": {}}
    made = document({"/a": {"post": post}}, {"One": one, "Two": one})
    output, _ = built(made, tmp_path)
    text = output.files["models/a_params.py"]
    assert text.count("):\n    pass\n\n\n") + text.endswith("):\n    pass\n") == 2
