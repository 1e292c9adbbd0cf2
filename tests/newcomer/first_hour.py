"""A newcomer's first hour, typed into a clean environment: README, mistakes, own API.

``python -m tests.newcomer.first_hour`` compares the session with ``transcript.txt``;
``--write`` writes it anew. The package is installed from a copy of this checkout; after
that nothing leaves the machine.
"""

from __future__ import annotations

import difflib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT
from tests.house.test_readme import PETSTORE
from tests.release.dist import copied

from .terminal import Terminal

TRANSCRIPT = Path(__file__).with_name("transcript.txt")
HELLO = """\
from specwire import Client

client = Client()
hello = [{"role": "user", "content": "Hello"}]
message = client.messages.create(
    model="claude-haiku-4-5", max_tokens=99, messages=hello
)
print(message.content[0].text, message._request_id)
"""
STREAM = """\
from specwire import Client

count = [{"role": "user", "content": "Count to five"}]
ask = {"model": "claude-haiku-4-5", "max_tokens": 99, "messages": count}
with Client().messages.stream(**ask) as stream:
    for text in stream.text_stream:
        print(text, flush=True)
"""
PETS = """\
from petstore import Client

for pet in Client().pet.find_by_status(status="available"):
    print(type(pet).__name__, type(pet.name).__name__)
"""


def main(argv: list[str]) -> int:
    """0 where the hour is as it was, 1 where it is not."""
    if os.name == "nt":
        print("the first hour is typed into a shell", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory(prefix="specwire-hour-") as folder:
        told = hour(Path(folder).resolve())
    if "--write" in argv:
        TRANSCRIPT.write_text(told, "utf-8")
        return 0
    changes = differences(TRANSCRIPT.read_text("utf-8"), told)
    print("".join(changes), end="")
    return 1 if changes else 0


def differences(kept: str, told: str) -> list[str]:
    """The lines that are not as they were."""
    lines = (kept.splitlines(keepends=True), told.splitlines(keepends=True))
    return list(difflib.unified_diff(*lines, "transcript.txt", "this hour"))


def hour(folder: Path) -> str:
    """The session's text."""
    tree = copied(folder / "specwire")
    shutil.copy(ROOT / "Makefile", tree)
    terminal = Terminal(tree)
    terminal.env |= {"PYTHON": sys.executable, "MAKEFLAGS": "-s --no-print-directory"}
    terminal.note("The first command of the README.")
    terminal.type("make demo")
    terminal.activate(".venv")
    a_first_call(terminal)
    mistakes(terminal)
    an_interruption(terminal)
    own_document(terminal)
    places = {str(tree): "~/specwire", str(folder): "~", sys.executable: "python3"}
    return terminal.transcript(places)


def a_first_call(terminal: Terminal) -> None:
    """Without a key, then with one and something that answers."""
    terminal.note("The five lines of the README, without a key.")
    terminal.file("hello.py", HELLO)
    terminal.type("python hello.py")
    with serving(terminal, "With a key. In another terminal: specwire sandbox"):
        terminal.type("python hello.py")


def mistakes(terminal: Terminal) -> None:
    """A typo in an argument and in a command, a wrong key, no network."""
    terminal.note("A typo in an argument: nothing is sent.")
    terminal.type("sed s/max_tokens/max_token/ hello.py > typo.py; python typo.py")
    terminal.note("A typo in a command.")
    terminal.type("specwire dmo")
    with serving(terminal, "A wrong key.", key="sk-ant-wrong"):
        terminal.type("python hello.py")
    terminal.note("Nobody answers, at any of three attempts.")
    terminal.export("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    terminal.type("python hello.py")


def an_interruption(terminal: Terminal) -> None:
    """Ctrl-C while a stream arrives slowly."""
    with serving(terminal, "Ctrl-C while text arrives.") as box:
        terminal.file("stream.py", STREAM)
        box.fail("POST /v1/messages", drip_s=0.005)
        terminal.interrupt("python stream.py", after="sandbox")


def own_document(terminal: Terminal) -> None:
    """The README's last use: a package from a document, and a call with it."""
    import yaml

    terminal.note("An API of one's own.")
    terminal.type("pip install --quiet --disable-pip-version-check '.[codegen]'")
    terminal.file("petstore.yaml", PETSTORE)
    terminal.type("specwire codegen build petstore.yaml")
    terminal.type("specwire codegen check petstore.yaml")
    terminal.file("pets.py", PETS)
    document = yaml.safe_load(PETSTORE)
    with Sandbox(documents={"petstore": document}) as box:
        terminal.export("PETSTORE_BASE_URL", box.base_urls["petstore"])
        terminal.type("python pets.py")


@contextmanager
def serving(terminal: Terminal, note: str, key: str | None = None) -> Iterator[Any]:
    """A sandbox whose address and key the terminal has, as it prints them.

    :param key: another one.
    """
    terminal.note(note)
    with Sandbox() as box:
        terminal.export("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        terminal.export("ANTHROPIC_API_KEY", key or box.api_keys["anthropic"])
        yield box


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
