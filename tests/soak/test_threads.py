"""One client, 32 threads, 1,000 calls each: no answer goes to another call."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from specwire import Client
from specwire.testing import FakeClock

THREADS = 32
CALLS = 1_000


@pytest.fixture
def base() -> Iterator[str]:
    """The URL of an echo server in a process of its own."""
    echo = Path(__file__).parent / "echo.py"
    process = subprocess.Popen(
        [sys.executable, str(echo)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None and process.stdin is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


def call(client: Client, name: str, number: int) -> str:
    """One call of the kind that ``number`` says, and what it answered."""
    once = "once" if number % 50 == 7 else ""
    text = f"{once} {name}-{number}".strip()
    asked = [{"role": "user", "content": text}]
    if number % 10 == 3:
        whole = client.files.download(f"{name}-{number}").read().decode()
        return "same" if whole == f"{name}-{number}" * 100 else whole[:80]
    if number % 5 == 1:
        with client.messages.stream(
            model="m", max_tokens=9, messages=asked
        ) as streamed:
            got = "".join(streamed.text_stream)
    elif number % 100 == 4:
        events = client.messages.create(
            model="m", max_tokens=9, messages=asked, stream=True
        )
        next(events)
        events.close()  # in the middle: its connection is not used again
        return "same"
    else:
        reply = client.messages.create(model="m", max_tokens=9, messages=asked)
        got = "".join(getattr(block, "text", "") for block in reply.content)
    return "same" if got == text else got


@pytest.mark.soak
def test_no_answer_goes_to_another_call(base: str) -> None:
    """Mixed calls: whole, streamed, dropped in the middle, downloaded, repeated."""
    wrong: list[str] = []
    clock = FakeClock()
    with Client(
        api_keys={"anthropic": "k"}, base_urls={"anthropic": base}, _clock=clock
    ) as client:

        def work(name: str) -> None:
            for number in range(CALLS):
                try:
                    answer = call(client, name, number)
                except Exception as error:
                    answer = f"{type(error).__name__}: {error}"
                if answer != "same":
                    wrong.append(f"{name}-{number}: {answer}")

        threads = [
            threading.Thread(target=work, args=(f"t{n}",)) for n in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
