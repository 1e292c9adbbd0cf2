"""Closing, cancelling, forking, threads: what happens around a call."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from specwire.core import lease as lease_module
from specwire.core.lease import Lease
from specwire.errors import APIConnectionError, CancelledError
from tests.core.conftest import Play
from tests.core.sample import NOTE, NotesClient, client
from tests.scripted import Received, Step, chunked, reply, serving

OK = reply(200, {"ok": True})
PIECE = b'data: {"type":"text","text":"a"}\n\n'


def silent(came: threading.Event, over: threading.Event, first: bytes = b"") -> Step:
    """Take the request, send ``first`` and nothing more."""

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(first)
        came.set()
        over.wait(5)

    return step


def outcome(call: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Run ``call`` in a thread; its result or exception ends up in the list."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, results


# -- closing -----------------------------------------------------------------------


def test_closing_the_client_ends_a_call_in_another_thread(play: Play) -> None:
    """The caller that waits for a reply gets it at once, as its own error."""
    came, over = threading.Event(), threading.Event()
    made, _ = play(silent(came, over))
    thread, results = outcome(made.notes.public)
    assert came.wait(5)
    made.close()
    thread.join(1)
    over.set()
    assert type(results[0]) is CancelledError
    assert results[0].attempts == 1


def test_closing_the_client_ends_a_stream_in_another_thread(play: Play) -> None:
    """What had come is there; the stream does not look complete."""
    came, over = threading.Event(), threading.Event()
    head = chunked(PIECE, end=False)
    made, _ = play(silent(came, over, head))
    stream = made.notes.create(stream=True)
    assert next(stream).text == "a"
    thread, results = outcome(lambda: list(stream))
    made.close()
    thread.join(1)
    over.set()
    assert type(results[0]) is CancelledError


def test_closing_a_stream_from_another_thread_wakes_its_reader(play: Play) -> None:
    """Neither waits for the server."""
    came, over = threading.Event(), threading.Event()
    made, _ = play(silent(came, over, chunked(PIECE, end=False)))
    stream = made.notes.create(stream=True)
    next(stream)
    reading = threading.Event()

    def read() -> Any:
        reading.set()
        return list(stream)

    thread, results = outcome(read)
    reading.wait(5)
    time.sleep(0.05)  # until the reader is in the system call
    began = time.monotonic()
    stream.close()
    thread.join(1)
    took = time.monotonic() - began
    over.set()
    assert took < 0.5
    assert type(results[0]) is CancelledError or results[0] == []


def test_closing_the_client_ends_a_wait_between_attempts(play: Play) -> None:
    """Nobody sleeps on behind a closed client."""
    made, server = play(reply(503, headers={"Retry-After": "30"}), OK)
    thread, results = outcome(made.notes.public)
    while not server.received:
        time.sleep(0.005)
    time.sleep(0.05)  # until the wait has begun
    made.close()
    thread.join(1)
    assert type(results[0]) is CancelledError
    assert (results[0].attempts, len(server.received)) == (1, 1)


def test_a_closed_client_refuses_calls(play: Play) -> None:
    """A closed requests.Session would silently send again."""
    made, server = play(OK)
    made.close()
    made.close()
    with pytest.raises(CancelledError, match="the client is closed; make a new one"):
        made.notes.public()
    with pytest.raises(CancelledError):
        made.with_options(timeout=3).notes.public()
    assert server.received == []


def test_leaving_the_with_block_closes(play: Play) -> None:
    """Open streams included."""
    made, _ = play(chunked(PIECE, end=False))
    with made:
        stream = made.notes.create(stream=True)
    with pytest.raises(CancelledError):
        list(stream)


def test_an_interrupt_passes_and_the_next_call_is_right(play: Play) -> None:
    """Ctrl-C while waiting for a reply is KeyboardInterrupt, at once."""
    came, over = threading.Event(), threading.Event()
    made, _ = play(silent(came, over), OK)

    def interrupt() -> None:
        came.wait(5)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        made.notes.public()
    thread.join(5)
    over.set()
    assert not made._engine._busy
    assert made.notes.public() == {"ok": True}


def test_an_interrupt_inside_a_body_passes(play: Play) -> None:
    """And nothing is held afterwards."""
    came, over = threading.Event(), threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"
    made, _ = play(silent(came, over, head), OK)

    def interrupt() -> None:
        came.wait(5)
        time.sleep(0.05)  # until the body is being read
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        made.notes.public()
    thread.join(5)
    over.set()
    assert not made._engine._busy
    assert made.notes.public() == {"ok": True}


def test_clients_leave_no_open_connection() -> None:
    """Used and closed, or used and dropped."""
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        pytest.skip("counts file descriptors in /proc")

    def use(close: bool) -> None:
        with serving(OK, chunked(PIECE, end=False)) as server:
            made = client(server.url)
            made.notes.public()
            made.notes.create(stream=True)
            if close:
                made.close()

    use(True)
    gc.collect()
    before = len(os.listdir(folder))
    for index in range(20):
        use(index % 2 == 0)
    gc.collect()
    while len(os.listdir(folder)) > before and threading.active_count() > 2:
        time.sleep(0.01)  # the servers' threads are about to end
    assert len(os.listdir(folder)) <= before + 2


def test_a_dropped_client_is_freed() -> None:
    """No thread and no registry holds it."""
    with serving(OK) as server:
        made: NotesClient | None = client(server.url)
        assert made is not None
        made.notes.public()
        seen = weakref.ref(made)
        made = None
        gc.collect()
        assert seen() is None


# -- threads -----------------------------------------------------------------------


def echoing(conn: socket.socket, request: Received) -> None:
    """Answer every request on the connection with what it asked for."""
    target = request.target
    file = conn.makefile("rb")
    while True:
        conn.sendall(reply(200, {"target": target}))
        line = file.readline()
        if not line:
            return
        target = line.split()[1].decode()
        while file.readline() not in (b"\r\n", b""):
            pass


def test_threads_share_a_client_and_never_an_answer(play: Play) -> None:
    """16 threads with 15 calls each; every reply is the caller's own."""
    made, server = play(*[echoing] * 16)
    wrong: list[Any] = []

    def run(me: int) -> None:
        for index in range(15):
            name = f"{me}-{index}"
            got = made.notes.public(extra_query={"q": name})
            if got != {"target": f"/v1/public?q={name}"}:
                wrong.append((name, got))

    threads = [threading.Thread(target=run, args=(me,)) for me in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert wrong == []
    assert server.connections <= 16
    assert not made._engine._busy


# -- forks -------------------------------------------------------------------------


def in_a_child(work: Callable[[], bool]) -> bool:
    """Whether ``work`` is true in a forked child, within five seconds."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(5)
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
quiet = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@fork
@quiet
def test_a_forked_child_has_connections_of_its_own(play: Play) -> None:
    """Parent and child both go on, each gets its own answers."""
    made, server = play(*[echoing] * 4)
    made.notes.public()

    def work() -> bool:
        wanted = {"target": "/v1/public?who=child"}
        asked = [made.notes.public(extra_query={"who": "child"}) for _ in range(5)]
        return asked == [wanted] * 5

    assert in_a_child(work)
    for _ in range(5):
        got = made.notes.public(extra_query={"who": "parent"})
        assert got == {"target": "/v1/public?who=parent"}
    assert server.connections == 2


@fork
@quiet
def test_a_child_that_drops_a_stream_does_not_cut_its_parents(play: Play) -> None:
    """Nor does a child that closes the client."""
    go = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(chunked(PIECE, end=False))
        go.wait(5)
        stop = b'data: {"type":"stop"}\n\n'
        conn.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(stop), stop))

    made, _ = play(step)
    stream = made.notes.create(stream=True)
    next(stream)

    def work() -> bool:
        stream.close()
        made.close()
        return True

    assert in_a_child(work)
    go.set()
    assert [item.type for item in stream] == ["stop"]


@fork
@quiet
def test_a_child_has_a_deadline_too(play: Play) -> None:
    """The watchdog's thread did not come along; a new one does its work."""
    over = threading.Event()

    def drip(conn: socket.socket, request: Received) -> None:
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        while not over.wait(0.05):
            conn.sendall(b" ")

    made, _ = play(OK, drip, timeout=0.3)
    made.notes.public()

    def work() -> bool:
        try:
            made.notes.public(max_retries=0)
        except APIConnectionError as error:
            return "timeout.total" in str(error)
        return False

    began = time.monotonic()
    assert in_a_child(work)
    assert time.monotonic() - began < 2
    over.set()


# -- leases ------------------------------------------------------------------------


class Conn:
    lease: Any = None


def test_a_lease_cuts_only_what_still_works_for_it() -> None:
    """A connection that another call took over is left alone."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        conn = Conn()
        first, second = Lease(), Lease()
        first.attach(conn, ours)
        second.attach(conn, ours)
        first.end("cancelled")
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"
        second.end("deadline")
        assert ours.recv(1) == b""
        assert (first.ended, second.ended) == ("cancelled", "deadline")


def test_the_first_ending_is_the_one_that_counts() -> None:
    """A call that ran out of time was not cancelled."""
    lease = Lease()
    lease.end("deadline")
    lease.end("cancelled")
    assert lease.ended == "deadline"


def test_a_connection_made_too_late_is_cut_at_once() -> None:
    """The call was over before its socket was there."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        lease = Lease()
        lease.end("cancelled")
        lease.attach(Conn(), ours)
        assert theirs.recv(1) == b""


def test_a_stream_freed_inside_the_watchdog_does_not_lock_it() -> None:
    """A collection may run anywhere, also while a lock of ours is held."""
    lease, watchdog = Lease(time.monotonic() + 60), lease_module.Watchdog()
    watchdog.watch(lease)

    def work() -> bool:
        with watchdog._wake, lease._lock:
            watchdog.forget(lease)
            lease.end("cancelled")
        return True

    thread, results = outcome(work)
    thread.join(2)
    assert results == [True]


def test_the_watchdog_wakes_for_an_earlier_deadline() -> None:
    """The order in which calls come does not matter."""
    watchdog = lease_module.Watchdog()
    now = time.monotonic()
    leases = [Lease(now + 60), Lease(now + 0.05), Lease(now + 0.1)]
    for lease in leases:
        watchdog.watch(lease)
    while leases[2].ended is None and time.monotonic() < now + 2:
        time.sleep(0.005)
    assert [lease.ended for lease in leases] == [None, "deadline", "deadline"]
    watchdog.forget(leases[0])


def test_a_note_is_what_it_was(play: Play) -> None:
    """A client works after all of this as before."""
    made, _ = play(reply(200, NOTE))
    assert made.notes.create().id == "n1"
