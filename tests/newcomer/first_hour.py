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

from .session import Session

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
    session = Session(tree)
    session.env |= {"PYTHON": sys.executable, "MAKEFLAGS": "-s --no-print-directory"}
    session.note("The first command of the README.")
    session.type("make demo")
    session.activate(".venv")
    a_first_call(session)
    mistakes(session)
    an_interruption(session)
    own_document(session)
    places = {str(tree): "~/specwire", str(folder): "~", sys.executable: "python3"}
    return session.transcript(places)


def a_first_call(session: Session) -> None:
    """Without a key, then with one and something that answers."""
    session.note("The five lines of the README, without a key.")
    session.file("hello.py", HELLO)
    session.type("python hello.py")
    with serving(session, "With a key. In another terminal: specwire sandbox"):
        session.type("python hello.py")


def mistakes(session: Session) -> None:
    """A typo in an argument and in a command, a wrong key, no network."""
    session.note("A typo in an argument: nothing is sent.")
    session.type("sed s/max_tokens/max_token/ hello.py > typo.py; python typo.py")
    session.note("A typo in a command.")
    session.type("specwire dmo")
    with serving(session, "A wrong key.", key="sk-ant-wrong"):
        session.type("python hello.py")
    session.note("Nobody answers, at any of three attempts.")
    session.export("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    session.type("python hello.py")


def an_interruption(session: Session) -> None:
    """Ctrl-C while a stream arrives slowly."""
    with serving(session, "Ctrl-C while text arrives.") as box:
        session.file("stream.py", STREAM)
        box.fail("POST /v1/messages", drip_s=0.005)
        session.interrupt("python stream.py", after="sandbox")


def own_document(session: Session) -> None:
    """The README's last use: a package from a document, and a call with it."""
    import yaml

    session.note("An API of one's own.")
    session.type("pip install --quiet --disable-pip-version-check '.[codegen]'")
    session.file("petstore.yaml", PETSTORE)
    session.type("specwire codegen build petstore.yaml")
    session.type("specwire codegen check petstore.yaml")
    session.file("pets.py", PETS)
    document = yaml.safe_load(PETSTORE)
    with Sandbox(documents={"petstore": document}) as box:
        session.export("PETSTORE_BASE_URL", box.base_urls["petstore"])
        session.type("python pets.py")


@contextmanager
def serving(session: Session, note: str, key: str | None = None) -> Iterator[Any]:
    """A sandbox whose address and key the session has, as it prints them.

    :param key: another one.
    """
    session.note(note)
    with Sandbox() as box:
        session.export("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
        session.export("ANTHROPIC_API_KEY", key or box.api_keys["anthropic"])
        yield box


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
