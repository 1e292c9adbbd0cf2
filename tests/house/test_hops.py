"""The walk of ``messages.create``: how many own frames, files and classes it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import requests

from specwire import AiClient, Client
from specwire.sandbox import Sandbox

from .modules import SDK

MAX_FRAMES = 6
MAX_FILES = 8
MAX_CLASSES = 15
OWN = str(SDK / "specwire")
ASK = [{"role": "user", "content": "hi"}]


def own_frames(call: Callable[[], Any]) -> int:
    """The most own frames on the stack when the HTTP library is entered."""
    depths: list[int] = []

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is requests.Session.send.__code__:
            depth, current = 0, frame.f_back
            while current is not None:
                depth += current.f_code.co_filename.startswith(OWN)
                current = current.f_back
            depths.append(depth)

    _profiled(call, watch)
    return max(depths)


def own_files(call: Callable[[], Any]) -> set[str]:
    """The own files in which a function ran during ``call``, in this thread."""
    files: set[str] = set()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(OWN):
            files.add(str(Path(frame.f_code.co_filename).relative_to(OWN)))

    _profiled(call, watch)
    return files


def _profiled(call: Callable[[], Any], watch: Any) -> None:
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)


def _create(client: Client) -> Callable[[], Any]:
    return lambda: client.messages.create(model="m", max_tokens=9, messages=ASK)


def test_at_most_six_own_frames() -> None:
    """Between the caller and requests stand at most six frames of ours."""
    with Sandbox() as box, _client(box) as client:
        call = _create(client)
        call()
        assert own_frames(call) <= MAX_FRAMES


def test_at_most_eight_own_files() -> None:
    """A call that succeeds runs through at most eight files of ours, there and back."""
    with Sandbox() as box, _client(box) as client:
        call = _create(client)
        call()
        files = own_files(call)
        assert len(files) <= MAX_FILES, sorted(files)


def test_the_walk_of_chat() -> None:
    """A chat call's stack holds at most eight frames of ours; it meets 28 files.

    Twenty of them are chat's: what is said, the guard, a dialect, the reading.
    """
    with Sandbox() as box:
        key, url = box.api_keys["openai"], box.base_urls["openai"]
        with AiClient("openai/gpt-4o", api_key=key, base_url=url) as client:

            def call() -> Any:
                return client.chat().user("Hi").execute()

            call()
            assert own_frames(call) - 1 <= MAX_FRAMES + 2  # one is this function's
            files = own_files(call)
            assert len(files) <= 28, sorted(files)


def test_at_most_fifteen_classes_before_the_first_answer() -> None:
    """attrs builds at most fifteen classes until the first message is printed."""
    with Sandbox() as box:
        code = (
            "import attrs, attr._make\n"
            "built = []\n"
            "init = attr._make._ClassBuilder.build_class\n"
            "def build(self):\n"
            "    built.append(self._cls.__module__)\n"
            "    return init(self)\n"
            "attr._make._ClassBuilder.build_class = build\n"
            "from specwire import Client\n"
            f"client = Client(api_keys={box.api_keys!r}, base_urls={box.base_urls!r})\n"
            f"client.messages.create(model='m', max_tokens=9, messages={ASK!r})\n"
            "print(sum(name.startswith('specwire') for name in built))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(SDK), "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert 1 <= int(done.stdout) <= MAX_CLASSES


def test_a_longer_walk_is_found() -> None:
    """The frame count sees a wrapper too many."""
    with Sandbox() as box, _client(box) as client:
        call = _create(client)
        call()
        wrapped = _deeper(call, MAX_FRAMES)
        assert own_frames(wrapped) > MAX_FRAMES
        assert "core/engine.py" in own_files(call)


def _client(box: Sandbox) -> Client:
    return Client(api_keys=box.api_keys, base_urls=box.base_urls)


def _deeper(call: Callable[[], Any], times: int) -> Callable[[], Any]:
    """``call`` behind ``times`` more frames that look like ours."""
    code = "def wrapper():\n    return call()\n"
    for _ in range(times):
        scope: dict[str, Any] = {"call": call}
        exec(compile(code, f"{OWN}/core/deeper.py", "exec"), scope)
        call = scope["wrapper"]
    return call
