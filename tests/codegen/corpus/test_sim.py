"""The vendor's documents of the workflow API as one package, by the page's command.

The documents are not part of the project; without them this is skipped.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from specwire.core.results import Json, Pages
from specwire_codegen.cli import main
from tests.scripted import Received, ScriptedServer, reply, serving

from ..sampling import Sampler
from . import calls, packages, reading, wiring
from .packages import ROOT, SHARED, Package

SPECS = sorted(SHARED.glob("sim-v2-*.json"))
PAGE = (ROOT / "docs/sim-packages.md").read_text("utf-8")
OPERATIONS = 151

pytestmark = pytest.mark.skipif(
    not SPECS, reason=f"the vendor's documents are not in {SHARED}"
)


@attrs.frozen
class _Written:
    """What is left of a run of the command, for the machinery of the corpus."""

    names: str
    files: list[str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Package]]:
    """The package that the page's command makes, once for each document."""
    out = tmp_path_factory.mktemp("sim")
    [line] = re.findall(r"^\$ specwire codegen (build .*)$", PAGE, re.MULTILINE)
    words = shlex.split(line.replace("examples/", f"{ROOT}/examples/"))
    words[words.index("src")] = str(out)
    at = words.index("sim/*.json")
    assert main([*words[:at], *map(str, SPECS), *words[at + 1 :]]) == 0
    folder = out / "simapi"
    files = [str(path.relative_to(folder)) for path in folder.rglob("*.py")]
    files = [file for file in files if not file.startswith("tests/")]
    written: Any = _Written((folder / "names.lock").read_text("utf-8"), files)
    sys.path.insert(0, str(out))
    try:
        first = packages.package_of("simapi", reading.load(SPECS[0]), written)
        yield [attrs.evolve(first, data=reading.load(spec)) for spec in SPECS]
    finally:
        sys.path.remove(str(out))
        for module in [m for m in sys.modules if m.partition(".")[0] == "simapi"]:
            del sys.modules[module]


def test_all_operations_are_there(whole: list[Package]) -> None:
    """Each has a method that can be called, and nothing is lost between the files."""
    stated = [o.pointer for package in whole for o in package.operations]
    assert len(stated) == len(set(stated)) == OPERATIONS
    assert set(stated) <= set(whole[0].methods)
    assert all(map(callable, whole[0].methods.values()))


def test_they_are_one_service(whole: list[Package]) -> None:
    """One server and one key for all of them."""
    [service] = whole[0].client._services.values()
    assert (service.name, service.base_url_env) == ("sim", "SIM_BASE_URL")
    assert [scheme.env for scheme in service.schemes.values()] == ["SIM_API_KEY"]


def test_one_call_of_each_works(whole: list[Package]) -> None:
    """Over a socket: sent as the document says, read as what the envelope holds."""
    wrong: list[str] = []
    with serving() as server:
        settings = {"base_urls": {"sim": server.url}, "api_keys": {"sim": "k"}}
        with type(whole[0].client)(**settings, max_retries=0) as client:
            for package in whole:
                for operation in package.operations:
                    wrong += _call(package, operation, client, server)
        assert len(server.received) == OPERATIONS
    assert not wrong, "\n".join(wrong[:20])


def _call(
    package: Package, operation: reading.Operation, client: Any, server: ScriptedServer
) -> Iterator[str]:
    record = package.records[operation.pointer]
    given = calls.arguments(package, operation, full=False)
    status, media, schema, _ = next(calls.answers(operation))
    body, expected = calls.body_of(Sampler(package.data), media, schema)
    server.script.append(reply(status, body, content_type=media))
    method = client
    for step in record.name.split("."):
        method = getattr(method, step)
    try:
        actual = calls.read_back(method(**given.passed))
    except Exception as error:
        yield f"{record.name}: {type(error).__name__}: {error}"
        return
    if media == calls.JSON:
        expected = expected["data"]
    if actual != expected:
        yield f"{record.name}: {calls.first(expected, actual)}"
    yield from _sent(operation, given, server.received[-1], record.name)


def _sent(
    operation: reading.Operation,
    given: calls.Arguments,
    received: Received,
    name: str,
) -> Iterator[str]:
    target = received.target.partition("?")[0]
    wanted = operation.method, wiring.path(operation, given.parameters), "k"
    came = received.method, target, received.headers["x-api-key"]
    if came != wanted:
        yield f"{name}: expected {wanted}, came {came}"
    if given.media == calls.JSON and received.json() != given.body:
        yield f"{name}: body {received.body!r}"


def test_replies_are_opened(whole: list[Package]) -> None:
    """All of JSON is a page or a member of its envelope; the rest are downloads."""
    kinds: dict[str, int] = {}
    for record in whole[0].records.values():
        found = json.dumps(_kind(record.result))
        kinds[found] = kinds.get(found, 0) + 1
    assert '"whole"' not in kinds
    assert kinds['"page"'] > 15


def _kind(result: Any) -> str:
    if isinstance(result, Pages):
        return "page"
    if isinstance(result, Json):
        return "member" if result.member else "whole"
    return type(result).__name__


def test_the_page_s_example_is_right(
    whole: list[Package], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls reach the operations it speaks of."""
    [example] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    monkeypatch.chdir(tmp_path)
    page = reply(200, {"data": [], "nextCursor": None})
    rows = reply(200, {"data": {"deletedCount": 1, "deletedRowIds": ["r1"]}})
    at = "/api/v2/knowledge/{id}/documents"
    documents = {path: spec for spec in whole for path in spec.data["paths"]}
    data = documents[at].data
    known = {(o.method, o.path): o for o in reading.operations(data)}
    answers = []
    for operation in (known["POST", at], known["POST", "/api/v2/knowledge/search"]):
        status, media, schema, _ = next(calls.answers(operation))
        answers.append(reply(status, calls.body_of(Sampler(data), media, schema)[0]))
    with serving(page, rows, *answers) as server:
        monkeypatch.setenv("SIM_BASE_URL", server.url)
        monkeypatch.setenv("SIM_API_KEY", "k")
        exec(compile(example, "docs/sim-packages.md", "exec"), {})
        sent = [(one.method, one.target) for one in server.received]
    assert sent == [
        ("GET", "/api/v2/tables?workspaceId=ws_1"),
        ("DELETE", "/api/v2/tables/t_1/rows"),
        ("POST", "/api/v2/knowledge/kb_1/documents?workspaceId=ws_1"),
        ("POST", "/api/v2/knowledge/search"),
    ]
