"""Starting, closing, many at once, and what importing it costs."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from specwire.sandbox import Sandbox, serve

from .conftest import Caller, message

SDK = Path(__file__).resolve().parents[2] / "sdk"


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as ``condition`` is true; fail after five seconds."""
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        os.sched_yield() if hasattr(os, "sched_yield") else None


def sandbox_threads() -> list[threading.Thread]:
    """The threads that a sandbox has left."""
    return [t for t in threading.enumerate() if "sandbox" in t.name]


@pytest.fixture
def others() -> list[threading.Thread]:
    """Those of sandboxes that were there before, for other tests to share."""
    return sandbox_threads()


def test_it_listens_on_loopback_only(box: Sandbox) -> None:
    """The address is 127.0.0.1 and nothing else."""
    assert box.url == f"http://127.0.0.1:{box.port}"
    services = {name: box.base_urls[name] for name in box.services}
    assert services == {"anthropic": box.url, "sim": box.url}
    assert all(url.startswith(box.url) for url in box.base_urls.values())
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", box.port), 1):
        pass


def test_a_closed_sandbox_refuses_connections(
    others: list[threading.Thread],
) -> None:
    """After close the port is free and no thread is left."""
    with Sandbox() as box:
        port = box.port
        Caller(box)("GET", "/v1/models")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)
    assert set(sandbox_threads()) <= set(others)


def test_close_ends_a_stream(
    others: list[threading.Thread], box: Sandbox, call: Caller
) -> None:
    """close() is prompt while a stream is on its way, and the stream breaks."""
    box.fail("POST /v1/messages", drip_s=30)
    answer = call("POST", "/v1/messages", json=message(stream=True), stream=True)
    started = time.monotonic()
    box.close()
    assert time.monotonic() - started < 1
    with pytest.raises(requests.exceptions.RequestException):
        for _ in answer.iter_content(1):
            pass
    assert set(sandbox_threads()) <= set(others)


def test_close_ends_a_wait(box: Sandbox) -> None:
    """close() does not wait for an answer that is late on order."""
    box.fail("GET /v1/models", latency_s=30)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(Caller(box), "GET", "/v1/models")
        until(lambda: bool(box.requests))
        started = time.monotonic()
        box.close()
        assert isinstance(waiting.exception(5), requests.exceptions.ConnectionError)
    assert time.monotonic() - started < 1


def test_close_and_start_may_be_repeated() -> None:
    """A sandbox can be closed twice and started again on its port."""
    box = Sandbox().start()
    port = box.port
    Caller(box)("GET", "/v1/models")
    box.close()
    box.close()
    with Sandbox(port) as again:
        assert again.port == port
        assert Caller(again)("GET", "/v1/models").status_code == 200


def test_a_taken_port_is_said() -> None:
    """A port in use is an OSError that says what to do."""
    with Sandbox() as box, pytest.raises(OSError, match="port 0 is any free one"):
        Sandbox(box.port).start()


def test_before_its_start_it_has_no_address() -> None:
    """Asking a sandbox that does not run for its port says how to run it."""
    with pytest.raises(RuntimeError, match="not running"):
        Sandbox().port  # noqa: B018


def test_sixty_four_connections_work_at_once(box: Sandbox) -> None:
    """64 keep-alive connections, four requests each, all answered."""
    barrier = threading.Barrier(64)

    def work(index: int) -> list[int]:
        call = Caller(box)
        try:
            codes = [call("GET", "/v1/models").status_code]
            barrier.wait(10)  # all 64 connections are open now
            body = message(f"number {index}")
            for _ in range(3):
                answer = call("POST", "/v1/messages", json=body)
                assert f"number {index}”" in answer.text
                codes.append(answer.status_code)
            return codes
        finally:
            call.session.close()

    with ThreadPoolExecutor(64) as pool:
        found = list(pool.map(work, range(64)))
    assert found == [[200] * 4] * 64
    ids = {received.request_id for received in box.requests}
    assert len(ids) == 256


def test_idle_connections_can_be_dropped(box: Sandbox) -> None:
    """drop_connections cuts what is open; new connections are served."""
    sock = socket.create_connection(("127.0.0.1", box.port), 5)
    key = box.api_keys["anthropic"].encode()
    ask = b"GET /v1/models HTTP/1.1\r\nHost: x\r\nx-api-key: " + key + b"\r\n\r\n"
    sock.sendall(ask)
    assert sock.recv(10).startswith(b"HTTP/1.1")
    box.drop_connections()
    while sock.recv(65536):
        pass
    sock.close()
    assert Caller(box)("GET", "/v1/models").status_code == 200


def test_every_answer_is_late_on_request() -> None:
    """latency_s delays each answer."""
    with Sandbox(latency_s=0.03) as box:
        started = time.monotonic()
        Caller(box)("GET", "/v1/models")
        assert time.monotonic() - started >= 0.03


def test_reset_forgets_what_was_stored(box: Sandbox, call: Caller) -> None:
    """After a reset the files are gone and the ids begin anew."""
    first = call("POST", "/v1/files", files={"file": ("a", b"")}).json()["id"]
    box.reset()
    assert call("GET", "/v1/files").json()["data"] == []
    again = call("POST", "/v1/files", files={"file": ("a", b"")}).json()["id"]
    assert again == first


def test_serve_says_where_it_is_and_stops() -> None:
    """serve prints lines for a shell, logs requests, and ends with the event."""
    out, stop = io.StringIO(), threading.Event()
    thread = threading.Thread(target=serve, args=(0, 0, out, stop))
    thread.start()
    until(lambda: "SIM_API_KEY" in out.getvalue())
    lines = dict(
        line.removeprefix("export ").split("=", 1)
        for line in out.getvalue().splitlines()
        if line.startswith("export ")
    )
    url, key = lines["ANTHROPIC_BASE_URL"], lines["ANTHROPIC_API_KEY"]
    session = requests.Session()
    session.trust_env = False
    answer = session.get(f"{url}/v1/models", headers={"x-api-key": key}, timeout=5)
    session.close()
    stop.set()
    thread.join(5)
    assert answer.status_code == 200
    assert "GET /v1/models 200" in out.getvalue()
    assert not thread.is_alive()


def test_importing_it_is_light() -> None:
    """Importing and starting the sandbox loads neither jsonschema nor requests."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from specwire.sandbox import Sandbox\n"
        "heavy = {'jsonschema', 'requests', 'http.server', 'yaml', 'email'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(SDK)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout.strip() == "[]"
