"""``client.files``: uploads with progress, downloads that are resumed."""

from __future__ import annotations

import io
import re
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, errors
from specwire.sandbox import Sandbox

from ..scripted import Received, ScriptedServer, reply, serving

FILE = {
    "id": "file_1",
    "type": "file",
    "filename": "a.bin",
    "mime_type": "application/octet-stream",
    "size_bytes": 3,
    "created_at": "2026-01-01T00:00:00Z",
}
BODY = bytes(range(256)) * 40
TAG = '"v1"'
CLOSE = {"Connection": "close"}  # as the scripted server does after a function


def asking(server: ScriptedServer, **options: Any) -> Client:
    return Client(
        api_keys={"anthropic": "k"}, base_urls={"anthropic": server.url}, **options
    )


# -- uploads -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "name", "kind"),
    [
        (lambda p: str(p), "every.txt", "text/plain"),
        (lambda p: p, "every.txt", "text/plain"),
        (lambda p: p.read_bytes(), "upload", "application/octet-stream"),
        (lambda p: io.BytesIO(p.read_bytes()), "upload", "application/octet-stream"),
        (
            lambda p: iter([b"0123", b"", b"456789"]),
            "upload",
            "application/octet-stream",
        ),
        (lambda p: ("b.pdf", p.read_bytes()), "b.pdf", "application/pdf"),
        (lambda p: ("b.x", p, "x/y"), "b.x", "x/y"),
        (
            lambda p: ("b.x", io.BytesIO(p.read_bytes()), "x/y", {"X-A": "1"}),
            "b.x",
            "x/y",
        ),
    ],
    ids=["str", "path", "bytes", "file", "iterator", "pair", "triple", "quadruple"],
)
@pytest.mark.parametrize("watched", [False, True])
def test_every_form_of_a_file_is_taken(
    client: Client, tmp_path: Path, form: Any, name: str, kind: str, watched: bool
) -> None:
    """Bytes, name and type arrive, whether somebody watches the progress or not."""
    path = tmp_path / "every.txt"
    path.write_bytes(b"0123456789")
    seen: list[tuple[int, int | None]] = []
    file = client.files.upload(
        file=form(path), progress=(lambda *at: seen.append(at)) if watched else None
    )
    assert (file.filename, file.mime_type) == (name, kind)
    assert client.files.download(file.id).read() == b"0123456789"
    if watched:
        assert (seen[0][0], seen[-1][0]) == (0, 10)
        assert {total for _, total in seen} <= {10, None}


def test_progress_counts_the_file() -> None:
    """It starts at 0, never goes back within an attempt, and ends at the size."""
    seen: list[tuple[int, int | None]] = []
    with serving(reply(200, FILE)) as server:
        asking(server).files.upload(
            file=b"x" * 200_000, progress=lambda *at: seen.append(at)
        )
    assert seen[0] == (0, 200_000)
    assert seen[-1] == (200_000, 200_000)
    assert seen == sorted(seen)
    assert len(seen) > 3


def test_a_second_attempt_begins_again(client: Client, box: Sandbox) -> None:
    """Progress goes back to 0 with each attempt."""
    seen: list[int] = []
    box.fail("POST /v1/files", [500], retry_after=0.01)
    client.files.upload(file=b"12345", progress=lambda sent, _: seen.append(sent))
    assert seen == [0, 5, 0, 5]


def test_an_iterator_has_no_total() -> None:
    """A body of unknown length is sent in chunks; the total is None."""
    seen: list[tuple[int, int | None]] = []
    with serving(reply(200, FILE)) as server:
        asking(server).files.upload(
            file=("a.bin", (b"abc" for _ in range(3))),
            progress=lambda *at: seen.append(at),
        )
    assert server.received[0].headers["transfer-encoding"] == "chunked"
    assert b"abcabcabc" in server.received[0].body
    assert seen == [(0, None), (3, None), (6, None), (9, None)]


def test_a_failing_progress_ends_the_upload() -> None:
    """What the callback raises is the cause of an error; nothing is tried again."""

    def progress(sent: int, total: int | None) -> None:
        raise OSError("disk full")

    with serving(reply(200, FILE)) as server:
        with pytest.raises(errors.RequestValidationError, match="disk full") as caught:
            asking(server).files.upload(file=b"x", progress=progress)
    assert isinstance(caught.value.__cause__, OSError)
    assert server.connections <= 1


@pytest.mark.parametrize(
    ("purpose", "betas", "expected"),
    [
        ("files-api-2025-04-14", None, "files-api-2025-04-14"),
        ("other-2025-01-01", ["mine"], "mine,other-2025-01-01,files-api-2025-04-14"),
        ("assistants", None, "files-api-2025-04-14"),
    ],
)
def test_purpose_is_no_field(purpose: str, betas: Any, expected: str) -> None:
    """A beta feature's name joins the header; any other purpose is not sent."""
    more = {} if betas is None else {"betas": betas}
    with serving(reply(200, FILE)) as server:
        asking(server).beta.files.upload(file=b"x", purpose=purpose, **more)
    assert server.received[0].headers["anthropic-beta"] == expected
    assert b"purpose" not in server.received[0].body


def test_a_path_that_is_not_there_sends_nothing() -> None:
    """A missing file is the system's own error, before anything is sent."""
    with serving() as server:
        with pytest.raises(FileNotFoundError):
            asking(server).files.upload(file="no/such/file")
    assert server.received == []


def test_a_large_upload_takes_little_memory() -> None:
    """40 MB from an iterator are never held at once."""
    block = b"x" * 65_536

    with _Swallowing() as url:
        client = Client(api_keys={"anthropic": "k"}, base_urls={"anthropic": url})
        client.files.upload(file=b"warm")
        tracemalloc.start()
        client.files.upload(file=(block for _ in range(640)), progress=lambda *_: None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2_000_000


class _Swallowing:
    """A server that keeps nothing of what it reads."""

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        try:
            conn, _ = self._listener.accept()
            with conn:
                tail = b""
                while data := conn.recv(262_144):
                    tail = (tail + data)[-64:]
                    if tail.endswith((b"--\r\n", b"\r\n0\r\n\r\n")):
                        conn.sendall(reply(200, FILE))
        except OSError:
            pass


# -- downloads ---------------------------------------------------------------------


def part_of(
    request: Received, *, tag: str = TAG, body: bytes = BODY, upto: int | None = None
) -> bytes:
    """What a server with ranges answers; ``upto`` cuts the reply there."""
    asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    start = int(asked[1]) if asked else 0
    head = {"ETag": tag, "Accept-Ranges": "bytes", **CLOSE}
    if start and request.headers.get("if-range") == tag:
        head["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        whole, content = reply(206, body[start:], head), body[start:]
    else:
        whole, content = reply(200, body, head), body
    kept = len(content) if upto is None else upto
    return whole[: len(whole) - len(content) + kept]


def playing(**how: Any) -> Any:
    def step(conn: socket.socket, request: Received) -> None:
        conn.sendall(part_of(request, **how))

    return step


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "a.bin"


def left_beside(target: Path) -> list[str]:
    return sorted(p.name for p in target.parent.iterdir() if p != target)


def test_a_break_is_gone_on_behind(target: Path) -> None:
    """A download that breaks off asks for the rest, if the file is the same still."""
    with serving(playing(upto=1_000), playing(upto=500), playing()) as server:
        download = asking(server).files.download("file_1")
        assert download.write_to_file(target, resume=True) == len(BODY)
    assert target.read_bytes() == BODY
    assert left_beside(target) == []
    first, second, third = server.received
    assert "range" not in first.headers
    assert second.headers["range"] == "bytes=1000-"
    assert second.headers["if-range"] == TAG
    assert second.headers["accept-encoding"] == "identity"
    assert third.headers["range"] == "bytes=1500-"
    assert third.headers["x-api-key"] == "k"


def test_a_later_call_goes_on_with_what_was_kept(target: Path) -> None:
    """What had arrived when attempts ran out is not fetched again."""
    with serving(playing(upto=1_000), playing(), playing()) as server:
        client = asking(server, max_retries=0)
        with pytest.raises(errors.APIConnectionError):
            client.files.download("file_1").write_to_file(target, resume=True)
        assert left_beside(target) == ["a.bin.part", "a.bin.part.etag"]
        assert not target.exists()
        size = client.files.download("file_1").write_to_file(target, resume=True)
    assert (size, target.read_bytes()) == (len(BODY), BODY)
    assert server.received[2].headers["range"] == "bytes=1000-"
    assert left_beside(target) == []


def test_a_file_that_changed_begins_again(target: Path) -> None:
    """Another version answers 200: what was kept is thrown away."""
    new = b"new" * 1_000
    with serving(playing(upto=1_000), playing(tag='"v2"', body=new)) as server:
        download = asking(server).files.download("file_1")
        assert download.write_to_file(target, resume=True) == len(new)
    assert target.read_bytes() == new
    assert server.received[1].headers["range"] == "bytes=1000-"


def test_another_version_on_disk_is_not_used(target: Path) -> None:
    """A part of another version, or of another file, is overwritten."""
    with serving(playing(upto=1_000), playing(tag='"v2"')) as server:
        client = asking(server, max_retries=0)
        with pytest.raises(errors.APIConnectionError):
            client.files.download("file_1").write_to_file(target, resume=True)
        client.files.download("file_1").write_to_file(target, resume=True)
    assert target.read_bytes() == BODY
    assert len(server.received) == 2


def wrong_range(conn: socket.socket, request: Received) -> None:
    """A server that answers 206 with another range than it was asked for."""
    head = {"ETag": TAG, "Content-Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}
    conn.sendall(reply(206, BODY, {**head, **CLOSE}))


def no_range(conn: socket.socket, request: Received) -> None:
    conn.sendall(reply(416, {}, CLOSE))


@pytest.mark.parametrize("odd", [wrong_range, no_range])
def test_an_odd_range_is_not_believed(target: Path, odd: Any) -> None:
    """Another range than the one asked for, or 416, begins again without one."""
    with serving(playing(upto=1_000), odd, playing()) as server:
        download = asking(server).files.download("file_1")
        assert download.write_to_file(target, resume=True) == len(BODY)
    assert target.read_bytes() == BODY
    assert "range" not in server.received[2].headers


@pytest.mark.parametrize(
    "head",
    [{}, {"ETag": 'W/"1"'}, {"ETag": TAG, "Accept-Ranges": "none"}, {"ETag": "bare"}],
)
def test_without_a_version_nothing_is_kept(target: Path, head: dict[str, str]) -> None:
    """A server without strong ETags or ranges leaves no part of a cut body."""

    def cut(conn: socket.socket, request: Received) -> None:
        conn.sendall(reply(200, BODY, head)[:-100])

    with serving(cut) as server:
        with pytest.raises(errors.APIConnectionError):
            asking(server).files.download("file_1").write_to_file(target, resume=True)
    assert left_beside(target) == []
    assert not target.exists()


def test_a_plain_download_forgets_what_was_kept(target: Path) -> None:
    """Without resume the part is overwritten, and what is known of it is dropped."""
    with serving(playing(upto=1_000), playing()) as server:
        client = asking(server, max_retries=0)
        with pytest.raises(errors.APIConnectionError):
            client.files.download("file_1").write_to_file(target, resume=True)
        client.files.download("file_1").write_to_file(target)
    assert target.read_bytes() == BODY
    assert left_beside(target) == []


def test_a_whole_download_needs_one_request(target: Path) -> None:
    """resume costs nothing where nothing breaks."""
    with serving(playing()) as server:
        asking(server).files.download("file_1").write_to_file(target, resume=True)
    assert (len(server.received), target.read_bytes()) == (1, BODY)


def test_a_part_that_is_whole_is_taken(target: Path) -> None:
    """A program that was killed just before the end finds its file complete."""
    with serving(playing(upto=1_000), playing(), no_range, playing()) as server:
        client = asking(server, max_retries=0)
        with pytest.raises(errors.APIConnectionError):
            client.files.download("file_1").write_to_file(target, resume=True)
        part = target.with_name("a.bin.part")
        part.write_bytes(BODY)
        client.files.download("file_1").write_to_file(target, resume=True)
    assert target.read_bytes() == BODY
