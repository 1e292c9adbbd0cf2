"""Without an extra, one sentence says what is missing and how to get it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from specwire.core.extras import EXTRAS
from tests.house.modules import CODEGEN, SDK

# extra -> what a program does that needs it
USES = {
    "bedrock": "from specwire.compat.anthropic import AnthropicBedrock\n"
    "AnthropicBedrock(aws_region='us-east-1')",
    "codegen": "from specwire.chat import ManifestLoader\n"
    "ManifestLoader().register_text('id: acme\\nprotocol_version: \"2.0\"\\n')",
    "embeddings": "from specwire.embeddings.numbers import numpy_sums\n"
    "numpy_sums('EmbeddingClient')",
    "keyring": "from specwire import AiClient\n"
    "AiClient('openai/gpt-4o').chat().user('Hi').execute()",
    "limits": "from specwire.resilience import RateLimiter\n"
    "RateLimiter(requests_per_second=1, shared='redis://127.0.0.1:1/0')",
    "metrics": "from specwire.telemetry.registry import collected\nlist(collected([]))",
    "otel": "from specwire.telemetry import Tracer\nTracer()",
    "parquet": "from specwire.batch.export import export_parquet\n"
    "export_parquet([], 'nowhere.parquet')",
    "ray": "from specwire.batch.ray import RayExecutor\nRayExecutor()",
    "telemetry": "from specwire.telemetry.spans import exporting\n"
    "exporting('shop', 'http://127.0.0.1:1')",
    "tokenizer": "from specwire.tokens import TiktokenCounter\n"
    "TiktokenCounter('openai/gpt-4o')",
    "truststore": "from specwire.core.certificates import system\nsystem()",
    "vertex": "from specwire.compat.anthropic import AnthropicVertex\n"
    "AnthropicVertex(region='us-east5', project_id='p')",
    "vision": "from specwire.chat.pictures import fitted\nfitted(b'', 1)",
}
SILENT = {
    "agentic": "brings nothing",
    "async": "its layer tells",
    "audio": "brings nothing",
    "batch": "is parquet",
    "cli": "is only nicer",
    "dask": "the program imports it itself",
    "fast": "is only faster",
    "full": "is all of them",
    "structured": "the program imports it itself",
}
BLOCKED = """\
import json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in MODULES or name.startswith(tuple(f"{m}." for m in MODULES)):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
told = {}
for extra, code in USES.items():
    try:
        exec(code, {})
    except Exception as error:
        told[extra] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
"""


@cache
def told() -> dict[str, str]:
    """By extra, what a program is told in an interpreter that has none of them."""
    found = {module for extra in EXTRAS.values() for module in extra.modules.values()}
    code = f"MODULES = {[*sorted(found - {'google.auth'}), 'google']!r}\n"
    env = {**os.environ, "PYTHONPATH": f"{SDK}{os.pathsep}{CODEGEN}"}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}USES = {USES!r}\n{BLOCKED}"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    sentences: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return sentences


@pytest.mark.parametrize("extra", USES)
def test_a_missing_extra_is_told_with_its_command(extra: str) -> None:
    """In one line that ends with, or holds, the command to copy."""
    sentence = told()[extra]
    assert f"pip install 'specwire[{extra}]'" in sentence
    assert "\n" not in sentence


def test_each_extra_is_used_or_has_a_reason() -> None:
    """None is forgotten here."""
    assert set(USES) | set(SILENT) == set(EXTRAS)
    assert set(USES) & set(SILENT) == set()
