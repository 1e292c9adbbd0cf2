"""The README is true: its Python runs, its commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from specwire.sandbox import Sandbox

from .modules import CODEGEN, ROOT, SDK

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
OURS = [block for block in BLOCKS if "petstore" not in block]


def test_there_are_blocks() -> None:
    """The README shows the seven uses and the sandbox."""
    assert len(OURS) == 7
    assert len(BLOCKS) == 8


@pytest.mark.parametrize("block", OURS, ids=range(len(OURS)))
def test_a_block_runs(block: str, tmp_path: Path) -> None:
    """Each Python block runs as it stands, in a file of its own, with keys from the
    environment."""
    script = tmp_path / "example.py"
    script.write_text(block)
    run(script)


def run(script: Path) -> None:
    """Run ``script`` against a sandbox; it must succeed and say nothing amiss."""
    with Sandbox() as box:
        env = {
            **{k: v for k, v in os.environ.items() if "proxy" not in k.lower()},
            "PYTHONPATH": str(SDK),
            "ANTHROPIC_API_KEY": box.api_keys["anthropic"],
            "ANTHROPIC_BASE_URL": box.base_urls["anthropic"],
            "OPENAI_API_KEY": box.api_keys["openai"],
            "OPENAI_BASE_URL": box.base_urls["openai"],
            "SIM_API_KEY": box.api_keys["sim"],
            "SIM_BASE_URL": box.base_urls["sim"],
        }
        done = subprocess.run(
            [sys.executable, str(script)],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_make_commands_exist() -> None:
    """Every ``make`` command in the README is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for name in set(re.findall(r"\bmake ([a-z-]+)", README)):
        assert re.search(rf"^{name}:", makefile, re.MULTILINE), name


def test_the_own_document_example_works(tmp_path: Path) -> None:
    """The two ``codegen`` commands of the README, on a small document of our own."""
    document = tmp_path / "petstore.yaml"
    document.write_text(PETSTORE)
    env = {**os.environ, "PYTHONPATH": f"{SDK}{os.pathsep}{CODEGEN}"}
    for words in re.findall(r"\$ (specwire codegen .*)", README):
        command = [sys.executable, "-m", *words.split()]
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
    code = "import petstore; print(petstore.Client().pet.find_by_status)"
    env["PYTHONPATH"] += f"{os.pathsep}{tmp_path}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "find_by_status" in done.stdout, done.stderr


PETSTORE = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: "https://pets.example.com/v1"}]
paths:
  /pet/findByStatus:
    get:
      operationId: findPetsByStatus
      x-specwire-name: find_by_status
      tags: [pet]
      parameters:
        - {name: status, in: query, schema: {type: string}}
      responses:
        "200":
          description: Pets.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string}
"""
