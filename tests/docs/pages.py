"""The pages of ``docs/``, cut into blocks, and what is known of running them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.house.modules import ROOT

DOCS = ROOT / "docs"
FENCE = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of Python, and the output that the page shows directly below it."""

    line: int
    code: str
    shown: str | None

    @property
    def runs(self) -> bool:
        return self.code.partition("\n")[0] not in BLOCKS_NOT_RUN


@dataclass(frozen=True)
class Page:
    """How a page is run where it needs more than a sandbox.

    :ivar says: all that its blocks print, where the page does not show it: lines, in
        which ``...`` stands for anything.
    :ivar sandbox: arguments of the sandbox.
    :ivar needs: modules without which it is skipped.
    :ivar instead: texts of the page and what stands for them here: addresses.
    """

    says: list[str] | None = None
    sandbox: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


PLAIN = Page()
TASKS = ("aiohttp", "greenlet")
PAGES: dict[str, Page] = {
    "async.md": Page(needs=TASKS),
    "batch.md": Page(
        [
            *("20 stories", "True", "20 rows", "msgbatch 5", "5"),
            "20 of 30 were there",
            "['RED', 'GREEN', 'BLUE'] 0",
        ],
        sandbox={"batch_steps": 0},
        needs=TASKS,
    ),
    "batches.md": Page(sandbox={"batch_steps": 0}),
    "budgets.md": Page(["...left", "not sent: 0 attempts"]),
    "cache.md": Page(["None hit", "1 1", "1 2", "None None 2"]),
    "chat.md": Page(needs=TASKS),
    "embeddings.md": Page(
        [
            *("3 64", "(3, 64)", "3", "a ship on the sea", "0 2", "a ship on the sea"),
        ],
        needs=("numpy", *TASKS),
        instead={"http://localhost:11434": "{ollama}"},
    ),
    "extras.md": Page(needs=("truststore",)),
    "guardrails.md": Page(
        [
            "{'guardrails': {'block': 0, 'mask': 1, 'warn': 0}}",
            *("False", "True", "Pay with [card]."),
            "https://docs.example.com/a and [url]",
            "please (loud) that",
        ]
    ),
    "mcp.md": Page(
        needs=TASKS,
        instead={
            "MCPClient(command": "MCPClient(command, env={sdk}",
            '"specwire.sandbox.mcp"],\n': '"specwire.sandbox.mcp"], env={sdk},\n',
        },
    ),
    "media.md": Page(needs=TASKS),
    "migrating-from-anthropic.md": Page(
        ["assistant", "tool_use", "end_turn", "200 message", "message"], needs=TASKS
    ),
    "resilience.md": Page(["closed 0 ...", "True done 1", "all of it", "..."]),
    "routing.md": Page(
        ["openai/gpt-4o gpt-4o openai", ".../...", "asked https://one.example.com"]
    ),
    "structured.md": Page(["...", "{'city': 'Porto'}"]),
    "telemetry.md": Page(
        [
            *("1 1 True", "True", "# TYPE specwire_requests_total counter"),
            *("models.list ok 1 u-17", "True ['anthropic', 'disk']"),
            "['thumbs', 'rating', 'stop']",
        ],
        needs=("opentelemetry.trace",),
    ),
    "tokens.md": Page(["...", "True system And now?"]),
}
ELSEWHERE = {
    "codegen.md": "house/test_codegen_page.py",
    "manifests.md": "chat/test_manifests_page.py",
    "plugins.md": "plugins/test_page.py",
    "sim-packages.md": "codegen/corpus/test_sim.py",
    "testing.md": "testing/test_page.py",
}
"""Pages whose blocks build on each other's files and commands: who runs them."""
NOT_RUN = {
    "platforms.md": "an account of Amazon's or Google's cloud answers there",
}
"""Pages whose blocks cannot run here, and why; what sends nothing is run."""
BLOCKS_NOT_RUN = {
    "from concurrent.futures import ProcessPoolExecutor": "clusters of Dask and Ray",
    "@app.task(acks_late=True, max_retries=5)": "a broker of Celery",
    "def run_partition(number, rows):": "a session of Spark",
}
"""First lines of blocks that need what is not here."""


def pages() -> list[str]:
    """Every page with a block of Python."""
    return sorted(path.name for path in DOCS.glob("*.md") if blocks(path.name))


def blocks(name: str) -> list[Block]:
    """The blocks of a page, in order."""
    text = (DOCS / name).read_text("utf-8")
    return [
        Block(text.count("\n", 0, found.start()) + 2, found["code"], found["shown"])
        for found in FENCE.finditer(text)
    ]


def environment(box: Any) -> dict[str, str]:
    """The variables of every service and provider, as a user would set them."""
    found = {}
    names = {**{name: name.upper() for name in box.base_urls}, "cohere": "CO"}
    for name, variable in names.items():
        found[f"{variable}_API_KEY"] = box.api_keys[name]
        found[f"{variable}_BASE_URL"] = box.base_urls[name]
    found["CO_API_URL"] = box.base_urls["cohere"]
    return found


def home(name: str) -> Path:
    """The page's file."""
    return DOCS / name
