"""Every block of Python in ``docs/`` runs as it stands, in order, without a key.

A page's blocks share their names, as a reader's session would. The keys and addresses
are in the environment, and a sandbox answers. What is printed is compared with the
``text`` block below, or with the page's line in :data:`~tests.docs.pages.PAGES`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from specwire.core.extras import EXTRAS
from specwire.sandbox import Sandbox
from tests.house.modules import ROOT, SDK

from .pages import (
    BLOCKS_NOT_RUN,
    ELSEWHERE,
    NOT_RUN,
    PAGES,
    PLAIN,
    Block,
    blocks,
    environment,
    home,
    pages,
)

RUN = [name for name in pages() if name not in ELSEWHERE and name not in NOT_RUN]


@pytest.mark.parametrize("name", RUN)
def test_a_page_runs(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Block after block, and it prints what it says it prints."""
    page = PAGES.get(name, PLAIN)
    for module in page.needs:
        pytest.importorskip(module, reason=f"{module} is not installed")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    said = ""
    with Sandbox(**page.sandbox) as box:
        for variable, value in environment(box).items():
            monkeypatch.setenv(variable, value)
        places = {
            "ollama": box.chat_urls["ollama"],
            "sdk": f"{{'PYTHONPATH': {str(SDK)!r}}}",
        }
        for block in blocks(name):
            code = block.code
            for old, new in page.instead.items():
                code = code.replace(old, new.format(**places))
            out = executed(name, block, code, names, capsys)
            if block.shown is None:
                said += out
            else:
                assert fits(out, block.shown), f"line {block.line} printed:\n{out}"
    if page.says is not None:
        assert fits(said, "\n".join(page.says)), said


def executed(
    name: str,
    block: Block,
    code: str,
    names: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> str:
    """What the block printed; a failure is reported at the page's own line."""
    padded = "\n" * (block.line - 1) + code
    ready = compile(padded, str(home(name)), "exec", dont_inherit=True)
    if block.runs:
        exec(ready, names)
    return capsys.readouterr().out


def fits(out: str, shown: str) -> bool:
    """Whether ``out`` is what was ``shown``, where ``...`` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.rstrip().split("..."))
    return re.fullmatch(pattern, out.rstrip(), re.DOTALL) is not None


def test_what_was_not_shown_is_found() -> None:
    """Other output than the page's fails; dots stand for anything."""
    assert fits("a 1\nb\n", "a ...\nb")
    assert not fits("a 1\nc\n", "a ...\nb")


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_a_page_that_is_run_elsewhere_is(name: str) -> None:
    """The test that is named for it reads the page; its blocks are Python anyhow."""
    for block in blocks(name):
        ast.parse(block.code)
    assert name in (ROOT / "tests" / ELSEWHERE[name]).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(NOT_RUN))
def test_a_page_that_cannot_run_begins(name: str) -> None:
    """Its blocks are Python, import names that exist, and make clients that exist."""
    for block in blocks(name):
        begun(ast.parse(block.code), name)


def begun(tree: ast.Module, name: str) -> None:
    """Run what sends nothing: imports, and values that are made of a name."""
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        or (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
        )
    ]
    exec(compile(tree, name, "exec"), {})


def test_a_beginning_that_fails_is_found() -> None:
    """A client that is made with an argument that it has not."""
    wrong = "from specwire import Client\nclient = Client(zzz=1)\nclient.models.list()"
    with pytest.raises(TypeError, match="zzz"):
        begun(ast.parse(wrong), "page")


def test_what_is_not_run_is_there() -> None:
    """Each line of the list begins a block."""
    firsts = [
        block.code.partition("\n")[0]
        for name in pages()
        for block in blocks(name)
        if not block.runs
    ]
    assert sorted(firsts) == sorted(BLOCKS_NOT_RUN)


def test_make_docs_skips_no_page() -> None:
    """The extra ``docs`` brings every module that a page needs."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    needs = re.search(r'(?m)^docs = \[\n    "specwire\[(.*)\]"', text)
    assert needs is not None
    brought = {m for extra in needs[1].split(",") for m in EXTRAS[extra].all().values()}
    for name, page in PAGES.items():
        roots = {module.partition(".")[0] for module in page.needs}
        assert roots <= brought, name


def test_the_lists_name_pages() -> None:
    """No page is listed that is not there, and none twice."""
    listed = [*PAGES, *ELSEWHERE, *NOT_RUN]
    assert sorted(set(listed) - set(pages())) == []
    assert len(listed) == len(set(listed))
