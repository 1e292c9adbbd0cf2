"""Type checkers in their strictest mode find nothing in generated packages."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from specwire_codegen.build import generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.problems import Problems, Unusable

from .. import test_hostile
from . import packages

SDK = packages.ROOT / "sdk"
CHOSEN = re.compile("petstore-3.1|ollama|train-travel|sim-v2-tables|mistral|anthropic")
LEFT_OUT = re.compile(
    # The checkers themselves run out of stack or time on these packages,
    "chain_of_2000|doubling|nesting|alias_bomb|properties_2000|enum_of_5000|string_of"
    # and these are all alike: the trick of the document leaves no trace in them.
    "|root_|server_|version_|yaml_tag|ref_(?!cycle|pure|to|self|into|dangling)"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All our own documents, hostile ones too, and of the shared ones those that are
    what this program is for: packages side by side."""
    folder = tmp_path_factory.mktemp("checked")
    some = [spec for spec in packages.shared() if CHOSEN.match(spec.stem)]
    for spec in [*packages.own(), *some]:
        name = packages.package_name(spec)
        packages.written(packages.generated(spec, name), folder / name)
    specs = tmp_path_factory.mktemp("hostile").resolve()
    for path in test_hostile.FILES:
        if not LEFT_OUT.match(path.stem):
            _hostile(test_hostile.prepared(specs, path), path, folder)
    return folder


def _hostile(place: Path, path: Path, folder: Path) -> None:
    """The package that ``--keep-going`` makes of a document, if it makes one."""
    name = f"hostile_{path.stem}"
    spec = place / "spec" / path.name
    try:
        output = generate(
            job_of_specs([spec], folder, package=name, overlays=[]), Problems()
        )
    except Unusable:
        return
    packages.written(output, folder / name)


def _names(folder: Path) -> list[str]:
    found = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(name for name in found if name[0] != ".")


@pytest.mark.slow
def test_mypy_strict_has_nothing_to_say(folder: Path) -> None:
    """``mypy --strict`` for the oldest Python, over every module."""
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed (it comes with the extra 'dev')")
    options = ["--strict", "--python-version", "3.10", "--follow-imports", "silent"]
    config = ["--config-file", os.devnull, "--cache-dir", str(folder / ".cache")]
    names = [each for name in _names(folder) for each in ("-p", name)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *config, *names],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        env={**os.environ, "MYPYPATH": f"{folder}{os.pathsep}{SDK}"},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_pyright_strict_has_nothing_to_say(folder: Path) -> None:
    """``pyright`` in strict mode over every module."""
    if importlib.util.find_spec("pyright") is None:
        pytest.skip("pyright is not installed (it comes with the extra 'dev')")
    settings = {
        "include": _names(folder),
        "extraPaths": [str(SDK)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    said = _pyright(folder)
    try:
        report = json.loads(said)
    except ValueError:
        pytest.skip("pyright cannot run here (it needs node)")
    assert report["summary"]["filesAnalyzed"] > 0
    problems = [
        f"{Path(one['file']).relative_to(folder)}: {one['message']}"
        for one in report["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert not problems, "\n".join(problems[:20])


def _pyright(folder: Path) -> str:
    """What it prints. It starts node, which must not outlive a test that gives up."""
    options = ["--outputjson", "--pythonpath", sys.executable]
    with subprocess.Popen(
        [sys.executable, "-m", "pyright", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=300)[0]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
