"""``docs/telemetry.md`` is true: its table names what there is."""

from __future__ import annotations

import re
import subprocess
import sys

from specwire.telemetry.exposition import NAMES
from tests.house.modules import ROOT, SDK

PAGE = (ROOT / "docs/telemetry.md").read_text("utf-8")


def test_the_page_names_every_metric() -> None:
    """All of them, and none that is not there."""
    named = set(re.findall(r"^\| `specwire_(\w+)`", PAGE, re.MULTILINE))
    assert named == set(NAMES)


def test_a_plain_call_loads_nothing_of_it() -> None:
    """Neither this package nor those of others; metrics need no package at all."""
    code = (
        "import sys, specwire\n"
        "specwire.Client(api_keys={'anthropic': 'k' * 20})\n"
        "specwire.AiClient.builder()\n"
        "import specwire.telemetry\n"
        "def found(*names):\n"
        "    return sorted(m for m in sys.modules if m.startswith(names))\n"
        "print(found('specwire.telemetry.', 'prometheus', 'opentelemetry'))\n"
        "specwire.telemetry.MetricsCollector().export_prometheus()\n"
        "print(found('prometheus', 'opentelemetry', 'http.server'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SDK)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["[]", "[]"], done.stderr
