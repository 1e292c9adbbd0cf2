"""Every Python block of the vendor's page runs, with only its import line changed.

The page is not part of this project: without it these tests are skipped, and
``tests/wire/sim_runs.json`` has its calls in words of our own. Our copy of the page has
lost its indentation, so ``LEVELS`` says how deep each statement of a block is. The
address, the key and the run that it names are made a sandbox's; the dataclasses that it
shows are compared with ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import time
import traceback
import typing
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from specwire.compat import simstudio
from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = ROOT.parent / "shared" / "seeds" / "sim-python-sdk.md"
LEVELS = {
    0: "000001101",
    4: "0011",
    5: "0001",
    7: "00111",
    13: "001111111",
    14: "0011111",
    15: "00111",
    16: "001111",
    17: "00111",
    18: "01222",
    19: "0000122232223323120",
    20: "0000122123232323232122",
    21: "0000110",
    22: "0000111233443323100001",
    23: "000001222233333444344434120",
    24: "000012221233334440",
    25: "00001" + 19 * "2" + "3120",
    26: "000011222120",
    27: "00000001122344556566767756101",
    29: "0000010",
}
# The two blocks that are no Python, and how they are mended: a signature is made a
# call, and a comma is put where one is missing.
MENDED = {
    1: ("api_key: str, base_url: str = ", 'api_key="any", base_url='),
    28: ('("SIM_API_KEY")\n', '("SIM_API_KEY"),\n'),
}
DEFINING = {13, 14, 15, 16, 17}
pytestmark = pytest.mark.skipif(
    not PAGE.exists(), reason=f"the page is not here: {PAGE.name} in ../shared"
)


def blocks() -> list[str]:
    """The Python blocks, indented and mended, with our import line."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else ""
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    made = []
    for number, block in enumerate(found):
        if number in MENDED:
            block = block.replace(*MENDED[number])
        block = indented(block, LEVELS.get(number))
        line = r"^from simstudio import"
        ours = "from specwire.compat.simstudio import"
        made.append(re.sub(line, ours, block, flags=re.MULTILINE))
    return made


def indented(block: str, levels: str | None) -> str:
    """``block`` with each statement as deep as ``levels`` says, in order."""
    if levels is None:
        return block
    depth = iter(levels)
    lines = []
    for line, begins in zip(block.splitlines(), beginnings(block), strict=True):
        lines.append(4 * int(next(depth)) * " " + line if begins else line)
    assert next(depth, None) is None, "more levels than statements"
    return "\n".join(lines) + "\n"


_TOKENS = re.compile(r'"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*|[()\[\]{}]')


def beginnings(block: str) -> list[bool]:
    """For each line, whether a statement (or a comment) begins there."""
    depth, quoted, found = 0, False, []
    for line in block.splitlines():
        found.append(depth == 0 and not quoted)
        for token in _TOKENS.findall(line):
            if token == '"""':
                quoted = not quoted
            elif not quoted and token in "([{":
                depth += 1
            elif not quoted and token in ")]}":
                depth -= 1
    return found


class Run:
    """The blocks after one another, as one program.

    :ivar failed: block -> the traceback of its error.
    :ivar printed: block -> what it wrote.
    :ivar defined: class of the page -> the class.
    """

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.names: dict[str, Any] = {"__name__": "page", "datetime": datetime}
        self.names |= {name: getattr(typing, name) for name in typing.__all__}
        self.names["dataclass"] = dataclasses.dataclass
        self.names["SimStudioClient"] = simstudio.SimStudioClient
        with simstudio.SimStudioClient() as client:
            started = client.execute_workflow("workflow-id", async_execution=True)
        self.told = {
            "https://sim.ai": box.base_urls["sim"],
            "your-api-key-here": box.api_keys["sim"],
            "task-id-from-async-execution": started.task_id,
        }
        self.failed: dict[int, str] = {}
        self.printed: dict[int, str] = {}
        self.defined: dict[str, Any] = {}
        for number, block in enumerate(blocks()):
            for theirs, ours in self.told.items():
                block = block.replace(theirs, ours)
            self._run(number, block)
            if number in DEFINING:
                name = re.findall(r"class (\w+)", block)[0]
                self.defined[name] = self.names.get(name)

    def _run(self, number: int, block: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                code = compile(block, f"block {number}", "exec", dont_inherit=True)
                exec(code, self.names)
            except Exception:
                self.failed[number] = traceback.format_exc()
        self.printed[number] = out.getvalue()


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """The whole page, run once against a sandbox; its two-second waits are skipped."""
    with pytest.MonkeyPatch.context() as patch, Sandbox() as box:
        patch.setenv("SIM_API_KEY", box.api_keys["sim"])
        patch.setenv("SIM_BASE_URL", box.base_urls["sim"])
        patch.setattr(time, "sleep", lambda _: None)
        yield Run(box)


def test_the_page_has_the_blocks_that_are_listed() -> None:
    """Thirty, and mended and indented all of them are Python."""
    found = blocks()
    assert len(found) == 30
    for number, block in enumerate(found):
        compile(block, f"block {number}", "exec")


@pytest.mark.parametrize("number", range(30))
def test_a_block_runs(run: Run, number: int) -> None:
    """Each block runs as it is written."""
    if number == 27:
        pytest.importorskip("flask", reason="this block is a Flask application")
    assert run.failed.get(number, "") == ""


def test_the_examples_say_that_they_worked(run: Run) -> None:
    """They catch every error and print it, so what they print is what counts."""
    says = {
        2: "",
        3: "Is deployed: True",
        19: "Output: {",
        21: "Result: WorkflowExecutionResult(success=True",
        22: "Workflow workflow-1: Success\nWorkflow workflow-2: Success\n",
        23: "Workflow completed!\nOutput: {",
        24: "Success: WorkflowExecutionResult(success=True",
        25: "Plan: ",
        26: "Workflow result: WorkflowExecutionResult(success=True",
    }
    for number, words in says.items():
        assert words in run.printed[number], number
    for number, printed in run.printed.items():
        assert not re.search(r"^(Error|Workflow failed|Unexp)", printed, re.M), number


@pytest.mark.parametrize("name", ["WorkflowExecutionResult", "AsyncExecutionResult"])
def test_a_dataclass_has_the_page_s_fields_first(run: Run, name: str) -> None:
    """In their order, so that it can be made by position; newer ones come after."""
    theirs = [field.name for field in dataclasses.fields(run.defined[name])]
    ours = [field.name for field in dataclasses.fields(getattr(simstudio, name))]
    assert ours[: len(theirs)] == theirs


@pytest.mark.parametrize("name", ["WorkflowStatus", "RateLimitInfo", "UsageLimits"])
def test_a_dataclass_has_the_page_s_defaults(run: Run, name: str) -> None:
    """Fields, order and defaults are the same; newer fields come after them."""
    theirs = [(f.name, f.default) for f in dataclasses.fields(run.defined[name])]
    ours = dataclasses.fields(getattr(simstudio, name))
    assert [(f.name, f.default) for f in ours][: len(theirs)] == theirs
