"""``specwire demo``: a guided tour over real sockets, against the embedded sandbox.

No key and no network: the sandbox runs in this process on 127.0.0.1.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .parsing import Parser

if TYPE_CHECKING:
    from ..client import Client
    from ..models.shared_params import MessageParam
    from ..sandbox import Sandbox

MODEL = "claude-sonnet-4-5"
_ASK: list[MessageParam] = [
    {"role": "user", "content": "Say in one sentence what a thin SDK is."}
]


def parser() -> Parser:
    return Parser(
        prog="specwire demo",
        description="Call every resource against the embedded sandbox and say so.",
        examples=(("specwire demo", "takes no key and no network"),),
    )


def main(argv: Sequence[str]) -> int:
    """Run every stop of the tour; 0 when all of them worked."""
    parser().parse_args(argv)

    from ..client import Client
    from ..sandbox import Sandbox

    begun = time.perf_counter()
    with (
        Sandbox(seed=7) as box,
        Client(api_keys=box.api_keys, base_urls=box.base_urls, timeout=30.0) as client,
    ):
        print(f"sandbox on {box.url}; no key and no network needed\n")
        for number, (title, stop) in enumerate(_STOPS, start=1):
            print(f"{number}. {title}")
            stop(client, box)
            print()
        made = len(box.requests)
    print(f"done: {made} requests in {time.perf_counter() - begun:.2f} s")
    return 0


# -- how a stop speaks -------------------------------------------------------------


def _say(label: str, text: Any) -> None:
    print(f"   {label:<10} {text}")


def _wire(thing: Any) -> None:
    """The facts of the reply behind ``thing``."""
    reply = thing._reply
    tries = "attempt" if reply.attempts == 1 else "attempts"
    _say(
        "reply",
        f"{reply.status_code}, request {reply.request_id}, {reply.attempts} {tries}, "
        f"{reply.elapsed_s * 1000:.0f} ms",
    )


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise SystemExit(f"demo: {what}")


# -- the stops ---------------------------------------------------------------------


def _create(client: Client, box: Sandbox) -> None:
    message = client.messages.create(model=MODEL, max_tokens=200, messages=_ASK)
    text = "".join(block.text for block in message.content if block.type == "text")
    _say("text", text)
    _say("usage", f"{message.usage.input_tokens} in, {message.usage.output_tokens} out")
    _wire(message)


def _stream(client: Client, box: Sandbox) -> None:
    print(f"   {'text':<10} ", end="", flush=True)
    with client.messages.stream(model=MODEL, max_tokens=200, messages=_ASK) as stream:
        pieces = 0
        for text in stream.text_stream:
            print(text, end="", flush=True)
            pieces += 1
        message = stream.get_final_message()
    print()
    _say("pieces", f"{pieces}, stop reason {message.stop_reason}")
    _wire(message)


def _batch(client: Client, box: Sandbox) -> None:
    batch = client.batches.create(
        requests=[
            {
                "custom_id": f"question-{n}",
                "params": {"model": MODEL, "max_tokens": 50, "messages": _ASK},
            }
            for n in (1, 2, 3)
        ]
    )
    _say("created", f"{batch.id}, {batch.processing_status}")
    batch = client.batches.wait(batch.id, timeout=30, first_delay=0.05)
    _say("ended", f"{batch.request_counts.succeeded} succeeded")
    for row in client.batches.results(batch.id):
        _say(row.custom_id, row.result.type)
    _wire(batch)


def _files(client: Client, box: Sandbox) -> None:
    content = bytes(range(256)) * 400
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "every-byte.bin"
        path.write_bytes(content)
        file = client.files.upload(file=path)
        _say("uploaded", f"{file.filename}, {file.size_bytes} bytes, {file.id}")
        copy = Path(folder) / "copy.bin"
        size = client.files.download(file.id).write_to_file(copy)
        _expect(copy.read_bytes() == content, "the download differs from the upload")
    _say("downloaded", f"{size} bytes, equal byte for byte")
    _wire(file)


def _workflow(client: Client, box: Sandbox) -> None:
    result: Any = client.execute_workflow("wf_demo", {"message": "Hello"})
    _say("sync", f"success {result.success}, output {result.output}")
    _wire(result)
    stream: Any = client.execute_workflow(
        "wf_demo", {"message": "Count to five"}, stream=True
    )
    print(f"   {'stream':<10} ", end="", flush=True)
    for text in stream.text_stream:
        print(text, end="", flush=True)
    print(f" (success {stream.success})")
    receipt: Any = client.execute_workflow(
        "wf_demo", {"message": "Take your time"}, async_execution=True
    )
    _say("async", f"{receipt.task_id}, {receipt.status}")
    job = client.jobs.wait(receipt.task_id, timeout=30, first_delay=0.05)
    _say("job", f"{job.status}, output {job.output}")
    _wire(job)


def _retry(client: Client, box: Sandbox) -> None:
    box.fail("POST /api/workflows/*/execute", [429], retry_after=0.2)
    box.fail("POST /api/workflows/*/execute", [529])
    _say("injected", "429 with Retry-After 0.2 s, then 529")
    result: Any = client.execute_with_retry(
        "wf_demo", {"message": "Hello again"}, timeout=20.0, initial_delay=0.1
    )
    _expect(result._reply.attempts == 3, "expected three attempts")
    _say("result", f"success {result.success}")
    _wire(result)


_STOPS: tuple[tuple[str, Callable[[Any, Any], None]], ...] = (
    ("messages.create", _create),
    ("messages.stream, printed as it arrives", _stream),
    ("batches: create, wait, results", _batch),
    ("files: upload and download", _files),
    ("execute_workflow: sync, streamed, async", _workflow),
    ("execute_with_retry through two faults", _retry),
)
