"""The sessions whose whole text is compared; ``python -m tests.cli.transcripts`` writes
them anew.

Each is a function that runs commands on a terminal; what they print, is in
``golden/NAME.txt`` with the command before it. The sandbox's answers depend on its seed
and its clock alone.
"""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from specwire.sandbox import Sandbox

from .command import Ended, Shell

GOLDEN: Final = Path(__file__).parent / "golden"
NOON: Final = 1_767_268_800.0  # 2026-01-01, 12:00 UTC


class Session:
    """Commands after one another, and the text of all of them."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.box = shell.box
        self.text = ""

    def run(self, *words: str, **environ: str) -> Ended:
        """On a terminal."""
        return self._add(shlex.join(words), self.shell.terminal(*words, **environ))

    def pipe(self, *words: str, stdin: str = "", **environ: str) -> Ended:
        """In a pipe; with standard input it is shown as ``… | specwire``."""
        ended = self.shell.piped(*words, stdin=stdin, **environ)
        before = f"{stdin!r} | " if stdin else ""
        return self._add(shlex.join(words) + " | cat", ended, before)

    def _add(self, line: str, ended: Ended, before: str = "") -> Ended:
        self.text += f"$ {before}specwire {line}\n{self.shell.told(ended)}\n"
        return ended

    def file(self, name: str, text: str) -> str:
        (self.shell.folder / name).write_text(text, "utf-8")
        return name


def ask(at: Session) -> None:
    at.run("ask", "Hello")
    at.run("ask", "--model", "openai/gpt-4o", "--json", "Hello")
    at.pipe("ask", "Review this", stdin="a = 1\n")
    at.run("messages", "create", "--user", "Hello", "--stream")
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
    at.file("body.json", json.dumps(body))
    at.pipe("messages", "create", "-d", "@body.json", "--json")


def batch(at: Session) -> None:
    at.file("prompts.jsonl", '{"custom_id": "a", "prompt": "One"}\n"Two"\n')
    bad = {"custom_id": "bad", "params": {"messages": [], "max_tokens": 1}}
    at.file("bad.jsonl", '"Good"\n' + json.dumps(bad) + "\n")
    id = at.run("batch", "submit", "prompts.jsonl").out.split()[0]
    at.run("batch", "watch", id, "--poll", "0.01")
    at.pipe("batch", "results", id)
    at.run("batch", "retry-failed", id)
    id = at.pipe("batch", "submit", "bad.jsonl").out.strip()
    at.run("batch", "watch", id, "--poll", "0.01")
    at.run("batch", "retry-failed", id)
    at.run("batch", "list")
    at.file("twice.jsonl", '{"custom_id": "a", "prompt": "1"}\n' * 2)
    at.run("batch", "submit", "twice.jsonl")


def files(at: Session) -> None:
    at.file("one.txt", "One\n")
    at.file("two.txt", "Two\n" * 500)
    id = at.run("files", "upload", "one.txt", "two.txt").out.split()[-2]
    at.run("files", "upload", "none.txt")
    at.run("files", "list")
    at.pipe("files", "list", "--json", "--limit", "1")
    at.run("files", "delete", re.findall(r"file_\w+", at.text)[0], "file_0", id)


def workflows(at: Session) -> None:
    given = '{"message": "Hello"}'
    at.run("workflows", "status", "wf_demo")
    at.run("workflows", "run", "wf_demo", "--input", given)
    at.pipe("workflows", "run", "wf_demo", "--input", "-", "--stream", stdin=given)
    at.run("workflows", "run", "wf_demo", "--watch", "--poll", "0.01")
    id = at.pipe("workflows", "run", "wf_demo", "--background").out.strip()
    at.run("jobs", "wait", id, "--poll", "0.01")


def api(at: Session) -> None:
    at.run("api", "GET", "/v1/models/claude-opus-4-8", "-i")
    at.pipe("api", "get", "/v1/models?limit=1")
    at.run("api", "GET", "/v1/nothing")
    at.run("api", "GET", "/v1/models", "-H", "x-api-key: secret")
    at.run("api", "FETCH", "/v1/models")


def mistakes(at: Session) -> None:
    at.run("aks", "Hello")
    at.run("ask", "--modle", "x", "Hello")
    at.run("batch", "submt", "x")
    at.run("ask", "--model", "opnai/gpt-4o", "Hello")
    at.run("ask", "Hello", ANTHROPIC_API_KEY="")
    at.run("ask", "Hello", ANTHROPIC_API_KEY="sk-wrong")
    at.box.fail("POST /v1/messages", [429], retry_after=30)
    at.run("ask", "Hello", "--max-retries", "0")
    at.run("messages", "create", "-d", "{")


def help_(at: Session) -> None:
    at.run("--help")
    at.run("ask", "--help")
    at.run("batch", "submit", "--help")
    at.run("manifests", "--help")


ALL: Final[dict[str, Callable[[Session], None]]] = {
    "ask": ask,
    "batch": batch,
    "files": files,
    "workflows": workflows,
    "api": api,
    "mistakes": mistakes,
    "help": help_,
}


def transcript(name: str, folder: Path) -> str:
    """What the session of this name prints."""
    with Sandbox(seed=7, batch_steps=1, job_steps=1, clock=lambda: NOON) as box:
        session = Session(Shell(box, folder))
        ALL[name](session)
    return session.text


def main() -> None:
    for name in ALL:
        with tempfile.TemporaryDirectory() as folder:
            text = transcript(name, Path(folder))
        (GOLDEN / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
