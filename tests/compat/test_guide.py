"""Every Python block of the users' guide runs, with only its import lines changed.

The guide is not part of this project: without it these tests are skipped, and
``test_guide_calls.py`` makes its calls in words of our own.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

GUIDE = ROOT.parent / "shared" / "seeds" / "anthropic-sdk-guide.md"
IMPORTS = (
    (r"^import anthropic\b", "import specwire.compat.anthropic as anthropic"),
    (r"^from anthropic import", "from specwire.compat.anthropic import"),
    (r"^import httpx\b", "import specwire.compat.httpx as httpx"),
)
# Blocks of tasks: what is to be run of them, where they only define it.
ASYNC = {2: None, 3: "stream_with_thinking"}
pytestmark = pytest.mark.skipif(
    not GUIDE.exists(), reason=f"the guide is not here: {GUIDE.name} in ../shared"
)


def blocks() -> list[str]:
    """The Python blocks with our import lines."""
    text = GUIDE.read_text("utf-8") if GUIDE.exists() else ""
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for old, new in IMPORTS:
        found = [re.sub(old, new, block, flags=re.MULTILINE) for block in found]
    return found


class Run:
    """The blocks after one another, as one program.

    :ivar failed: block -> the traceback of its error.
    :ivar printed: block -> what it wrote.
    :ivar turn: the last message of the guide's tool runner, which it only makes.
    """

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.failed: dict[int, str] = {}
        self.printed: dict[int, str] = {}
        for number, block in enumerate(blocks()):
            self._run(number, block)
        runner = self.names["runner"]
        runner.append_messages({"role": "user", "content": "Begin."})
        self.turn = runner.until_done()

    def _run(self, number: int, block: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                exec(compile(block, f"block {number}", "exec"), self.names)
                if ASYNC.get(number):
                    asyncio.run(self.names[str(ASYNC[number])]())
            except Exception:
                self.failed[number] = traceback.format_exc()
        self.printed[number] = out.getvalue()

    def asked(self, part: str) -> list[Any]:
        """The bodies of requests that hold ``part``."""
        texts = [r.body.decode("utf-8", "replace") for r in self.box.requests]
        return [text for text in texts if part in text]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The whole guide, run once against a sandbox, in a folder with its contract."""
    pytest.importorskip("pydantic", reason="one of the guide's blocks imports pydantic")
    with pytest.MonkeyPatch.context() as patch, Sandbox() as box:
        folder = tmp_path_factory.mktemp("guide")
        (folder / "contract.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
        patch.chdir(folder)
        for name in [name for name in os.environ if "proxy" in name.lower()]:
            patch.delenv(name)
        patch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
        patch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        yield Run(box)


def test_the_guide_has_the_blocks_that_are_listed() -> None:
    """Thirteen, of which two have an ``async def``."""
    found = blocks()
    assert len(found) == 13
    assert {n for n, block in enumerate(found) if "async def" in block} == set(ASYNC)


@pytest.mark.parametrize("number", range(13))
def test_a_block_runs(run: Run, number: int) -> None:
    """Each block runs as it is written."""
    assert run.failed.get(number, "") == ""


def test_what_the_blocks_mean_reached_the_server(run: Run) -> None:
    """Caching, effort, servers, files and formats are in the requests."""
    for part in (
        '"cache_control":{"type":"ephemeral"}',
        '"output_config":{"effort":"high"}',
        '"mcp_servers":[{"type":"url"',
        '"data":"<base64_encoded_image_data>"',
        '"format":{"type":"json_schema"',
        '"source":{"type":"file","file_id":"file_',
        'filename="contract.pdf"',
        '"custom_id":"req-002"',
    ):
        assert len(run.asked(part)) >= 1, part


def test_what_the_blocks_print_is_there(run: Run) -> None:
    """Messages, thoughts as they arrive, the assessment's score, the batch's id."""
    assert "TextBlock(" in run.printed[1]
    assert run.printed[2].count("TextBlock(") == 3
    assert "[思考] " in run.printed[3]
    assert "This is the sandbox's answer" in run.printed[3]
    assert "Risk Score: " in run.printed[8]
    assert "Batch ID: msgbatch_" in run.printed[12]


def test_the_runner_of_the_guide_can_be_run(run: Run) -> None:
    """It was made without messages and tools; the user's turn is appended."""
    assert run.turn.content[0].type == "text"
