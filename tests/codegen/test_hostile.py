"""Hostile documents: nothing in a document runs, leaves its folder, hangs or crashes.

Every file of ``hostile/`` is generated once, in one watched process, and what comes
out is imported in another. The tests look at what the two reported.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specwire_codegen.build import generate
from specwire_codegen.problems import Problems, Unusable
from specwire_codegen.source import load

from .building import document, job, replies

HOSTILE = Path(__file__).parent / "hostile"
FILES = sorted(p for p in HOSTILE.iterdir() if p.suffix in (".yaml", ".json"))
PLAIN = "a_plain_document"
_REPEAT = re.compile(r"<<repeat (\d+)\|(.*?)>>", re.DOTALL)


@frozen
class Expected:
    """The first line of a file."""

    exit: int
    codes: frozenset[str]
    clean: bool
    operations: int

    @classmethod
    def of(cls, path: Path) -> Expected:
        first = path.read_bytes().split(b"\n", 1)[0].decode()
        quoted = re.match(r'\{"x-expect": "([^"]*)"', first)
        said = quoted[1] if quoted else first.removeprefix("# expect: ")
        words = said.partition(";")[0].split()
        count = words[words.index("operations") + 1] if "operations" in words else "1"
        codes = frozenset(w for w in words if re.fullmatch(r"[A-Z]\d{3}", w))
        assert words[0] in ("ok", "warning") or words[:2] == ["exit", "2"], first
        return cls(2 if words[0] == "exit" else 0, codes, words[0] == "ok", int(count))


@frozen
class Ran:
    """What became of one file."""

    folder: Path
    strict: dict[str, Any] = field(factory=dict)
    again: dict[str, Any] = field(factory=dict)
    """The run that keeps going after errors, if there had to be one."""
    loaded: dict[str, Any] = field(factory=dict)

    @property
    def modules(self) -> list[Path]:
        return sorted((self.folder / "out").rglob("*.py"))


def _written_out(text: bytes) -> bytes:
    def repeat(match: re.Match[str]) -> str:
        return "".join(
            match[2].replace("{n}", str(n)).replace("{m}", str(n + 1))
            for n in range(int(match[1]))
        )

    if b"<<repeat" not in text:
        return text
    return _REPEAT.sub(repeat, text.decode()).encode()


def prepared(root: Path, path: Path) -> Path:
    """A folder of its own with everything that a reference may try to reach."""
    folder = root / path.stem
    spec = folder / "spec"
    (spec / "sub").mkdir(parents=True)
    (folder / "secret.yaml").write_text("A: {type: string, title: Secret}\n")
    (spec / path.name).write_bytes(_written_out(path.read_bytes()))
    (spec / "part.yaml").write_text("A: {type: object, properties: {a: {}}}\n")
    (spec / "code.py").write_text("raise SystemExit('this ran')\n")
    (spec / "link.yaml").symlink_to("../secret.yaml")
    (spec / "folder").symlink_to("..")
    os.mkfifo(spec / "pipe.yaml")
    return folder


def _reports(script: str, folders: list[Path]) -> Iterator[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(HOSTILE / script), *map(str, folders)],
        cwd=folders[0].parent,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    yield from map(json.loads, done.stdout.splitlines())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    root = tmp_path_factory.mktemp("hostile").resolve()
    paths = {"/a": {"get": {"responses": replies({"type": "string"})}}}
    plain = root / "plain" / f"{PLAIN}.yaml"
    plain.parent.mkdir()
    plain.write_text("# YAML\n" + json.dumps(document(paths)))
    folders = [prepared(root, path) for path in [plain, *FILES]]
    found: dict[str, dict[str, Any]] = {folder.name: {} for folder in folders}
    for report in _reports("generate.py", folders):
        found[report["name"]]["again" if "again" in report else "strict"] = report
    made = [f for f in folders if (f / "out" / f.name / "__init__.py").exists()]
    for report in _reports("load.py", made):
        found[report["name"]]["loaded"] = report
    return {f.name: Ran(f, **found[f.name]) for f in folders}


def _each(test: Any) -> Any:
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)(test)


@_each
def test_the_run_ends_as_the_first_line_says(path: Path, ran: dict[str, Ran]) -> None:
    """The exit code and the findings are the expected ones, and no traceback."""
    expected, report = Expected.of(path), ran[path.stem].strict
    serious = {p["code"] for p in report["problems"] if p["severity"] != "note"}
    assert report["crash"] is None, report["crash"]
    assert (expected.exit, report["errors"]) == (report["code"], report["errors"])
    assert expected.codes <= serious
    assert not (expected.clean and serious)


@_each
def test_nothing_is_touched_that_is_not_its_own(
    path: Path, ran: dict[str, Ran]
) -> None:
    """Files are read below the document's folder, written below the output's only."""
    found = ran[path.stem]
    for report in (found.strict, found.again):
        assert [] == report.get("events", [])
    there = {p.relative_to(found.folder).parts[0] for p in found.folder.rglob("*")}
    assert {"spec", "secret.yaml"} <= there <= {"spec", "secret.yaml", "out"}
    beside = {p.name for p in found.folder.glob("out/*")}
    assert beside <= {path.stem}
    assert 9 == len(list((found.folder / "spec").iterdir())) + 2
    assert {f.stem for f in FILES} | {PLAIN, "plain"} == {
        p.name for p in found.folder.parent.iterdir()
    }


@_each
def test_findings_are_readable(path: Path, ran: dict[str, Ran]) -> None:
    """A finding is one short printable line; spec text cannot drive a terminal."""
    for problem in ran[path.stem].strict["problems"]:
        said = f"{problem['message']} {problem['hint'] or ''}"
        assert said.isprintable(), said
        assert len(said) < 1000
        assert "Traceback" not in said


@_each
def test_going_on_after_errors_is_safe_too(path: Path, ran: dict[str, Ran]) -> None:
    """With --keep-going a run ends with a package, or with readable findings."""
    report = ran[path.stem].again
    if report:
        assert report["crash"] is None, report["crash"]
        assert report["code"] in (0, 2)


@_each
def test_the_package_is_whole(path: Path, ran: dict[str, Ran]) -> None:
    """What was written imports, runs nothing, and has every operation."""
    found = ran[path.stem]
    if not found.modules:
        assert 2 == Expected.of(path).exit
        return
    assert found.loaded["crash"] is None, found.loaded["crash"]
    assert [] == found.loaded["events"]
    assert not found.loaded["pwned"]
    assert Expected.of(path).operations == found.loaded["operations"]


@_each
def test_wire_names_are_exact(path: Path, ran: dict[str, Ran]) -> None:
    """Each text of ``x-wire`` is in the output as a literal or a name."""
    found = ran[path.stem]
    if b"x-wire" not in path.read_bytes():
        return
    data = load(found.folder / "spec" / path.name, Problems()).data
    texts: set[str] = set()
    for module in found.modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                texts.add(node.target.id)
    assert set() == set(data["x-wire"]) - texts


def test_every_module_is_formatted(ran: dict[str, Ran]) -> None:
    """``ruff format`` finds nothing to do in any of them."""
    ruff = shutil.which("ruff") or shutil.which(
        "ruff", path=Path(sys.executable).parent
    )
    if ruff is None:
        pytest.skip("ruff is not installed")
    outs = [str(each.folder / "out") for each in ran.values() if each.modules]
    done = subprocess.run(
        [
            ruff,
            "format",
            "--diff",
            "--no-cache",
            "--isolated",
            "--exclude",
            "*.md",
            *outs,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stdout[:3000])


# -- any document ----------------------------------------------------------------

_TOLD = """
openapi 3.1.0 paths /a/{id} get post parameters name in query path schema type object
string array items properties required enum const allOf oneOf anyOf $ref #/paths
#/components/schemas/A components schemas A responses 200 default content true servers
application/json requestBody discriminator mapping propertyName security url tags
operationId additionalProperties nullable x-specwire-flag
"""
_WORDS = st.sampled_from(_TOLD.split())
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4)
    ),
    max_leaves=25,
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(paths=_JSON, operation=_JSON, schema=_JSON, components=_JSON)
def test_no_document_ends_in_a_traceback(
    paths: Any, operation: Any, schema: Any, components: Any, tmp_path: Path
) -> None:
    """Whatever stands where: a package in memory, or Unusable."""
    data = document({"/a": {"get": operation}, "/b": paths}, {"A": schema})
    if isinstance(components, dict):
        data["components"].update({str(k): v for k, v in components.items()})
    try:
        generate(job(data, tmp_path), Problems())
    except Unusable as unusable:
        assert unusable.problems.has_errors
