"""``docs/plugins.md`` is true: its Python runs, and its package works."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest

from specwire import AiClient, Client, plugins
from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

from .command import run
from .packages import Place

PAGE = (ROOT / "docs/plugins.md").read_text("utf-8")
FILES = dict(re.findall(r"\n`([^`\n]+)`\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def template(place: Place) -> Place:
    """The page's package, installed."""
    tomllib = pytest.importorskip("tomllib", reason="TOML without tomli")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    entries = {
        f"{group.removeprefix('specwire.')}:{name}": value
        for group, names in project["entry-points"].items()
        for name, value in names.items()
    }
    modules = {name: text for name, text in FILES.items() if "/" in name}
    place.install(project["name"], entries, modules, version=project["version"])
    return place


def test_the_page_runs(place: Place) -> None:
    """The blocks that are no file of the package."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        if block not in FILES.values():
            exec(compile(block, "docs/plugins.md", "exec"), names)
    assert "registry" in names


def test_the_hook_of_the_package_works(template: Place, box: Sandbox) -> None:
    """It counts, and its header is on the wire."""
    with Client(
        api_keys=box.api_keys, base_urls=box.base_urls, hooks=plugins.hooks()
    ) as client:
        client.models.list()
        assert client.signals_snapshot().parts["acme_attempts"] == 1
    headers = {k.lower(): v for k, v in dict(box.requests[0].headers).items()}
    assert headers["x-acme-attempt"] == "1"


def test_the_manifests_of_the_package_work(template: Place) -> None:
    """The one in Python and the one in a file."""
    loader = plugins.loader()
    for name in ("acme", "acme-labs"):
        assert loader.load(name).data["id"] == name
    client = AiClient.builder().model("acme-labs/x").plugins().build()
    assert client.manifest.data["id"] == "acme-labs"
    assert [type(hook).__name__ for hook in client._hooks] == ["Watch"]


def test_the_command_of_the_package_works(template: Place) -> None:
    """With its arguments; and the doctor knows all four parts."""
    done = run(template.path, "acme", "one", "--two")
    assert (done.returncode, done.stdout) == (0, "hello from acme one --two\n")
    told = run(template.path, "doctor").stdout
    rows = [line for line in told.splitlines() if "(specwire-acme 1.0, " in line]
    assert [line.split()[:3] for line in rows] == [
        ["working", "hooks", "acme"],
        ["working", "providers", "acme"],
        ["working", "manifests", "acme-labs"],
        ["working", "commands", "acme"],
    ]
    assert "acme-labs" in run(template.path, "manifests", "list").stdout


@pytest.mark.slow
def test_the_package_can_be_built(tmp_path: Path) -> None:
    """Its wheel has the module, the manifest and the entry points."""
    pytest.importorskip("setuptools", minversion="77", reason="wheels need it")
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    code = "import setuptools.build_meta as b; print(b.build_wheel('.'))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        names = archive.namelist()
    assert "specwire_acme/manifests/acme-labs.yaml" in names
    assert any(name.endswith("entry_points.txt") for name in names)


def test_the_page_tells_of_a_broken_one(place: Place) -> None:
    """The line that it shows is the doctor's."""
    modules = {"slow_hook.py": "import redis_x\n"}
    place.install("slow-hook", {"hooks:slow": "slow_hook:make"}, modules, version="0.3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (plugin,) = [p for p in plugins.registry().check() if p.name == "slow"]
    assert "broken    hooks      slow (slow-hook 0.3, slow_hook:make): Mod" in PAGE
    assert plugin.reason == "ModuleNotFoundError: No module named 'redis_x'"
