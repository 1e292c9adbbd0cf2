"""``docs/codegen.md`` is true: its blocks run in order, as a reader would run them.

A block whose first line is ``# name.ext`` is a file; ``$`` lines of a console block are
commands, what follows one is its output, ``...`` stands for the rest of it. The API of
the example answers on 127.0.0.1.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .modules import CODEGEN, ROOT, SDK

PAGE = (ROOT / "docs/codegen.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
FILE = re.compile(r"# ([\w.-]+\.(?:yaml|toml))\n")
NOT_RUN = (
    "python -m venv .venv",
    '.venv/bin/pip install "specwire[codegen]"',
    ". .venv/bin/activate",
    "python -m build",
    "twine upload dist/*",
)
BOOK = {"id": "b1", "title": "Emma", "published": "1815-12-23", "publisher": "Murray"}


class Bookshop(BaseHTTPRequestHandler):
    """The API of the example."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/books":
            more = {"next": "2"} if "cursor" not in query else {"next": None}
            self._answer(200, {"data": [BOOK], **more})
        elif path == "/books/b1":
            self._answer(200, BOOK)
        elif path == "/orders/o1/events":
            lines = [f'data: {{"kind":"{kind}"}}\n\n' for kind in ("packed", "closed")]
            self._send(200, "text/event-stream", "".join(lines))
        else:
            self._answer(404, {"error": {"message": "There is no such book."}})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self._answer(201, {"id": "b2", **json.loads(self.rfile.read(length))})

    def _answer(self, status: int, data: object) -> None:
        self._send(status, "application/json", json.dumps(data))

    def _send(self, status: int, media: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bookshop)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Reader:
    """Somebody at a shell in an empty folder."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        shims = folder / "bin"
        shims.mkdir()
        for name, module in (("specwire", "-m specwire"), ("python", "")):
            shim = shims / name
            shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
            shim.chmod(0o755)
        self.env = {
            **{k: v for k, v in os.environ.items() if "proxy" not in k.lower()},
            "PATH": f"{shims}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{SDK}{os.pathsep}{CODEGEN}",
            "BOOKSHOP_BASE_URL": base_url,
        }

    def run(self, command: str) -> str:
        """What a command prints; it must succeed."""
        if command.startswith("export "):
            for name, value in (word.split("=") for word in command.split()[1:]):
                known = self.env.get(name)
                self.env[name] = f"{value}{os.pathsep}{known}" if known else value
            return ""
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def console(self, block: str) -> None:
        for command, said in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.M):
            if command in NOT_RUN:
                continue
            out = self.run(command)
            begin, rest, _ = (
                said.partition("...\n")
                if "\n...\n" in said
                else (
                    said,
                    "",
                    "",
                )
            )
            matches = out.startswith(begin) if rest else out == begin
            assert matches, f"{command}\n{out}"

    def script(self, block: str) -> str:
        (self.folder / "example.py").write_text(block)
        return self.run("python -W error example.py")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the Python blocks print, after the whole page was followed."""
    printed = []
    with served() as base_url:
        reader = Reader(tmp_path_factory.mktemp("page"), base_url)
        for kind, block in BLOCKS:
            named = FILE.match(block)
            if kind == "console":
                reader.console(block)
            elif kind == "python":
                printed.append(reader.script(block))
            elif named:
                (reader.folder / named[1]).write_text(block)
    return printed


@pytest.mark.slow
def test_the_page_can_be_followed(said: list[str]) -> None:
    """Every file, command and block of Python in order, in one folder."""
    assert said == [
        "Emma 1815-12-23\n404 None\n",
        "Emma Emma Emma\n",
        "b1 Emma\nb1 Emma\npacked\nclosed\n",
        "",
    ]


def test_only_what_needs_the_network_is_not_run() -> None:
    """The commands that the test leaves out are those that install and upload."""
    commands = re.findall(r"^\$ (.*)", PAGE, re.MULTILINE)
    assert [c for c in commands if c in NOT_RUN] == list(NOT_RUN)
    assert len(commands) == 20


def test_every_block_is_of_a_kind_that_is_run() -> None:
    """Console, Python, and files that say their names."""
    for kind, block in BLOCKS:
        assert kind in ("console", "python") or FILE.match(block), block


@pytest.mark.parametrize(
    "page", ["README.md", "docs/architecture.md", "docs/overlays.md"]
)
def test_the_page_is_found(page: str) -> None:
    """Other pages lead to this one."""
    assert "codegen.md" in (ROOT / page).read_text("utf-8")
