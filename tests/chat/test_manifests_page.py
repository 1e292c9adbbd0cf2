"""``docs/manifests.md`` is true: its blocks run in order, as a reader would run them.

A YAML block is the file of its first line, ``$`` lines of a console block are commands,
what follows one is its output, ``...`` stands for any lines. Atlas is on 127.0.0.1.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from specwire.cli import main
from tests.scripted import reply, serving

PAGE = (Path(__file__).parents[2] / "docs/manifests.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
BROKEN = 'id: broken\nprotocol_version: "2.0"\nendpoint: {base_url: 7}\n'
DELTAS: list[dict[str, Any]] = [
    {"delta": {"role": "assistant", "thoughts": "Geography."}},
    {"delta": {"content": "In Japan"}},
    {"delta": {}, "finish_reason": "budget"},
]
PRINTED = "thinks: Geography.\nsays: In Japan\nends: max_tokens\n"
LOADED = "atlas openai /chat/completions\nFalse gemini\n"


def _stream() -> bytes:
    frames = [json.dumps({"choices": [{"index": 0, **delta}]}) for delta in DELTAS]
    text = "".join(f"data: {frame}\n\n" for frame in (*frames, "[DONE]"))
    return reply(200, text, content_type="text/event-stream")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's files, and no provider's settings around it."""
    monkeypatch.chdir(tmp_path)
    for name in ("AI_PROTOCOL_DIR", "AI_PROTOCOL_PATH", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/broken.yaml").write_text(BROKEN, "utf-8")
    for kind, text in BLOCKS:
        if kind == "yaml":
            first, _, rest = text.partition("\n")
            (tmp_path / first.removeprefix("# ")).write_text(rest, "utf-8")
    return tmp_path


def _commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with its output."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(line, output) for line, _, output in (p.partition("\n") for p in parts)]


def _says(expected: str, said: str) -> bool:
    """Whether a page's output is the real one; blanks at line ends do not count."""
    parts = re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, said) is not None


def test_the_page_runs(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands print what the page says; its Python prints what it should."""
    printed: list[str] = []
    with serving(_stream()) as server:
        monkeypatch.setenv("ATLAS_BASE_URL", server.url)
        names: dict[str, Any] = {}
        for kind, text in BLOCKS:
            if kind == "python":
                exec(compile(text, "docs/manifests.md", "exec"), names)
                printed.append(capsys.readouterr().out)
            for line, output in _commands(text) if kind == "console" else ():
                main(shlex.split(line)[1:])
                said = capsys.readouterr()
                assert _says(output, said.out + said.err), line
        names["client"].close()
    assert printed == [PRINTED, LOADED, "True\n"]
    body = server.received[0].json()
    assert body["max_new_tokens"] == 200
    assert body["origin"] == "specwire"
