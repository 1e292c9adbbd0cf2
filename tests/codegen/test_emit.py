"""What comes out: final layout, runnable, typed, and safe from the document's text."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from specwire_codegen.build import Output, generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.lines import Lines, Or, Pair, call, subscript, table
from specwire_codegen.problems import Problems
from specwire_codegen.raw import Raw, doc, lit
from specwire_codegen.verify import findings

from .building import (
    DOCUMENTS,
    GOLDEN,
    built,
    document,
    imported,
    reads,
    replies,
)

NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json"))


def of_document(name: str, folder: Path) -> Output:
    spec = DOCUMENTS / f"{name}.json"
    problems = Problems()
    job = job_of_specs([spec], folder, package=None, overlays=[])
    return generate(job, problems)


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, tmp_path: Path) -> None:
    """The output for a small document is, to the byte, the one that was reviewed.

    After a wanted change: ``python -m tests.codegen.golden``, and read the diff.
    """
    output = of_document(name, tmp_path)
    folder = GOLDEN / name
    there = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert dict(output.files) == there


@pytest.mark.parametrize("name", NAMES)
def test_layout_is_final(name: str, tmp_path: Path) -> None:
    """``ruff format`` finds nothing to do."""
    ruff = shutil.which("ruff") or shutil.which(
        "ruff", path=Path(sys.executable).parent
    )
    if ruff is None:
        pytest.skip("ruff is not installed")
    output = of_document(name, tmp_path)
    for file, text in output.files.items():
        path = tmp_path / "out" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    done = subprocess.run(
        [ruff, "format", "--diff", "--no-cache", "--isolated", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_module_can_be_imported(name: str, tmp_path: Path) -> None:
    """Each module loads by itself, and each model's annotations can be resolved."""
    output = of_document(name, tmp_path)
    with imported(output, tmp_path / "p", "shop") as package:
        assert not any(m.startswith("shop.models") for m in sys.modules)
        for file in output.files:
            if file.endswith(".py") and "__init__" not in file:
                module = f"shop.{file[:-3].replace('/', '.')}"
                __import__(module)
        models = package.models
        for model in models.__all__:
            found = getattr(models, model)
            if isinstance(found, type):
                typing.get_type_hints(found)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Nothing of a document runs, names a file, or ends a string."""
    output = of_document("hostile", tmp_path)
    for file, text in output.files.items():
        assert file.isascii()
        assert ".." not in file
        if file.endswith(".py"):
            assert not {"boom", "os", "system", "__import__"} & _code(text)
        assert not set("\r\u2028\u202e\u200d") & set(text)


def _code(text: str) -> set[str]:
    """Every name that the program text itself uses."""
    nodes = list(ast.walk(ast.parse(text)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_wire_names_are_exact(tmp_path: Path) -> None:
    """A wire name is written as the document spells it, never cleaned."""
    output = of_document("hostile", tmp_path)
    with imported(output, tmp_path / "p", "shop") as package:
        __import__("shop.resources.evil")
        module = sys.modules["shop.resources.evil"]
        (record,) = [v for k, v in vars(module).items() if k.isupper()]
        assert set(record.query.values()) == {"q\n\r\u2028", "from"}
        # No header may have such a name: it is left out, with a warning (L207).
        assert set(record.headers.values()) == set()
        # No URL may hold a quotation mark: it is percent-encoded.
        assert record.path.startswith("/a%22+boom()+%22/{")
        wire = package.models.ABoom._wire.values()
        assert {'p"+boom()+"', "__class__", "_wire", "\U0001f389", ""} <= set(wire)


def test_reply_becomes_a_model(tmp_path: Path) -> None:
    """The generated models load what the document describes, and keep what it lacks."""
    from specwire.core import codec

    output = of_document("library", tmp_path)
    with imported(output, tmp_path / "p", "shop") as package:
        data = {
            "parts": [
                {"type": "text", "text": "a"},
                {"type": "link", "url": "b"},
                {"type": "sound", "loud": True},
            ],
            "new": 1,
        }
        answer = codec.load(package.models.Answer, data)
        kinds = [type(part).__name__ for part in answer.parts]
        assert kinds == ["TextPart", "LinkPart", "Unknown"]
        assert answer.new == 1
        assert codec.dump(answer) == data


def test_required_and_optional_members(tmp_path: Path) -> None:
    """Only required members that cannot be null have no default."""
    schema = {
        "type": "object",
        "required": ["a", "b", "c"],
        "properties": {
            "a": {"type": "string"},
            "b": {"type": ["string", "null"]},
            "c": {"const": "x"},
            "d": {"const": "y"},
            "e": {},
            "f": {"type": "string", "format": "date"},
        },
    }
    output, _ = built(reads(Box=schema), tmp_path)
    text = output.files["models/box.py"]
    assert text.endswith(
        "class Box(_types.Model):\n"
        "    a: str\n"
        "    b: str | None = None\n"
        '    c: _t.Literal["x"] = "x"\n'
        '    d: _t.Literal["y"] | None = None\n'
        "    e: _t.Any = None\n"
        "    f: _dt.date | None = None\n"
    )


def test_enumerations_are_open(tmp_path: Path) -> None:
    """A value that is not listed is still of the type."""
    output, _ = built(reads(Kind={"enum": ["a", "b"]}), tmp_path)
    expected = 'Kind: _t.TypeAlias = _t.Union[_t.Literal["a", "b"], str]\n'
    assert output.files["models/kind.py"].endswith(expected)


def test_a_member_does_not_hide_a_builtin(tmp_path: Path) -> None:
    """Where a member is called ``list`` the type is written ``_b.list``."""
    schema = {"type": "object", "properties": {"list": {"type": "array", "items": {}}}}
    output, _ = built(reads(Box=schema), tmp_path)
    assert "    list: _b.list[_t.Any] | None = None\n" in output.files["models/box.py"]


def test_keys_that_are_no_identifiers(tmp_path: Path) -> None:
    """A request type with such a key is made by a call, its types quoted."""
    box = {"$ref": "#/components/schemas/Box"}
    schema = {
        "type": "object",
        "required": ["a-b"],
        "properties": {"a-b": {"type": "string"}, "class": box},
    }
    body = {
        "content": {"application/json": {"schema": {"type": "array", "items": box}}}
    }
    data = document(
        {"/a": {"post": {"requestBody": body, "responses": {}}}}, {"Box": schema}
    )
    output, _ = built(data, tmp_path)
    text = output.files["models/a_params.py"]
    assert '_Box = _t.TypedDict("_Box", {"a-b": "str"})\n' in text
    assert 'TypedDict("_BoxOptional", {"class": "Box"}, total=False)\n' in text
    assert "class Box(_Box, _BoxOptional):\n" in text


def test_schemas_of_one_resource_live_with_it(tmp_path: Path) -> None:
    """A schema that two resources reach is shared, and all that it reaches with it."""
    inner = {
        "type": "object",
        "properties": {"x": {"$ref": "#/components/schemas/Deep"}},
    }
    both = {"$ref": "#/components/schemas/Both"}
    data = reads(
        A={"type": "object", "properties": {"b": both}},
        B={"type": "object", "properties": {"b": both}},
    )
    data["components"]["schemas"] |= {
        "Both": inner,
        "Deep": {"type": "object", "properties": {"y": {}}},
        "Nobody": {"type": "object", "properties": {"z": {}}},
    }
    output, _ = built(data, tmp_path)
    homes = {
        name: file
        for file, text in output.files.items()
        for name in ("A", "B", "Both", "Deep", "Nobody")
        if f"class {name}(" in text and file.startswith("models/")
    }
    assert homes == {
        "A": "models/a.py",
        "B": "models/b.py",
        "Both": "models/shared.py",
        "Deep": "models/shared.py",
        "Nobody": "models/other.py",
    }


def test_long_modules_are_cut(tmp_path: Path) -> None:
    """No module is over 1,500 lines, whatever refers to whatever."""
    count = 150
    schemas = {
        f"M{number}": {
            "type": "object",
            "properties": {
                **{f"f{i}": {"type": "string"} for i in range(12)},
                "next": {"$ref": f"#/components/schemas/M{(number + 1) // 7 * 7}"},
            },
        }
        for number in range(count)
    }
    data = document(
        {
            "/a": {
                "get": {
                    "responses": replies(
                        {
                            "anyOf": [
                                {"$ref": f"#/components/schemas/{n}"} for n in schemas
                            ]
                        }
                    )
                }
            }
        },
        schemas,
    )
    data["components"]["schemas"]["M147"] = {"type": "object", "properties": {"x": {}}}
    output, _ = built(data, tmp_path)
    assert max(text.count("\n") for text in output.files.values()) <= 1500
    assert "models/a_2.py" in output.files
    with imported(output, tmp_path / "p", "shop") as package:
        typing.get_type_hints(package.models.M1)


def test_deprecated_and_defaults_are_documented(tmp_path: Path) -> None:
    """A default is told and not sent."""
    parameter = {
        "name": "limit",
        "in": "query",
        "deprecated": True,
        "schema": {"type": "integer", "default": 20},
    }
    data = document({"/a": {"get": {"parameters": [parameter], "responses": {}}}})
    output, _ = built(data, tmp_path)
    text = output.files["resources/a.py"]
    assert ":param limit: Deprecated. Server default: 20.\n" in text
    assert "limit: int | _r.Unset = _r.UNSET," in text


# -- the pieces ------------------------------------------------------------------------


def test_raw_text_cannot_be_formatted() -> None:
    """Document text that meets an f-string is an error, not output."""
    with pytest.raises(TypeError, match="lit"):
        f"{Raw('x')}"
    with pytest.raises(TypeError):
        "a" + Raw("x")  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'",
        '"',
        "\\",
        "a\nb",
        "'\"",
        '""\'',
        "\u2028",
        "\ud800",
        "\0",
        "é\U0001f389",
    ],
)
def test_literals_are_exact(text: str) -> None:
    """Evaluating a literal gives the very text back."""
    assert eval(lit(Raw(text))) == text
    assert lit(text).isascii()


@pytest.mark.parametrize("text", ['"""', "a\\", 'x"', "a\nb\rc", "\u202ex", "\0"])
def test_docstrings_end_where_they_should(text: str) -> None:
    """No text of a document ends a docstring or hides in one."""
    out = Lines()
    out.docstring(doc(Raw(text)) or "Nothing.")
    assert not list(findings(out.text()))


def test_broken_layout() -> None:
    """A line over 88 columns breaks at its outermost bracket."""
    out = Lines()
    long = "A" * 40
    out.annotated("x", Or((long, "B" * 30, "None")), "None", indent=4)
    out.annotated("y", subscript("list", Or((long, "B" * 50))))
    out.statement("z = ", call("f", table([('"a"', long), ('"b"', long)])))
    out.signature("def g", ["self", Pair("a: ", Or((long, long)), " = 1")], "None")
    assert out.text() == (
        "    x: (\n"
        f"        {long} | {'B' * 30} | None\n"
        "    ) = None\n"
        "y: list[\n"
        f"    {long}\n"
        f"    | {'B' * 50}\n"
        "]\n"
        "z = f(\n"
        "    {\n"
        f'        "a": {long},\n'
        f'        "b": {long},\n'
        "    },\n"
        ")\n"
        "def g(\n"
        "    self,\n"
        f"    a: {long}\n"
        f"    | {long} = 1,\n"
        ") -> None:\n"
    )
