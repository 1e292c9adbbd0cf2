"""``docs/embeddings.md`` is true, and the layer costs nothing where it is not used."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT
from tests.house.test_imports import loaded

PAGE = (ROOT / "docs/embeddings.md").read_text("utf-8")


def test_the_page_runs(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Block after block, with keys and addresses from the environment."""
    if "numpy" in PAGE:
        pytest.importorskip("numpy", reason="numpy is not installed")
    urls = box.chat_urls
    for name, variable in (("openai", "OPENAI"), ("jina", "JINA"), ("cohere", "CO")):
        monkeypatch.setenv(f"{variable}_API_KEY", box.chat_keys[name])
        last = "API_URL" if variable == "CO" else "BASE_URL"
        monkeypatch.setenv(f"{variable}_{last}", urls[name])
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        block = block.replace("http://localhost:11434", urls["ollama"])
        exec(compile(block, "docs/embeddings.md", "exec"), names)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "3 64",
        "(3, 64)",
        "3",
        "a ship on the sea",
        "0 2",
        "a ship on the sea",
    ]


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    """Neither numpy nor requests by the import; the layer not by a chat client."""
    found = loaded(
        "from specwire import AiClient; AiClient('openai/m', api_key='k' * 20).chat()\n"
        "import specwire.embeddings, sys\n"
        "assert not [m for m in sys.modules if m.startswith('specwire.embeddings.')]\n"
        "from specwire.embeddings import EmbeddingClient\n"
        "EmbeddingClient('openai/m', api_key='k' * 20)"
    )
    assert found & {"numpy", "requests", "concurrent.futures.thread"} == set()
