"""``client.batches`` and ``client.files`` through the front door."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, errors
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from ..scripted import reply, serving

PARAMS: Any = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}


def requests(count: int) -> Any:
    return [{"custom_id": f"r{n}", "params": PARAMS} for n in range(count)]


def test_a_batch_is_created_waited_for_and_read(client: Client) -> None:
    """create, wait and results give every request's row under its own id."""
    batch = client.batches.create(requests=requests(3))
    assert batch.processing_status == "in_progress"
    seen: list[str] = []
    ended = client.batches.wait(
        batch.id,
        first_delay=0.01,
        on_progress=lambda b: seen.append(b.processing_status),
    )
    assert seen[-1] == ended.processing_status == "ended"
    rows = list(client.batches.results(batch.id))
    assert sorted(row.custom_id for row in rows) == ["r0", "r1", "r2"]
    assert {row.result.type for row in rows} == {"succeeded"}


def test_a_missing_row_is_an_error_after_the_good_ones() -> None:
    """Results that end on a line's end, one row short, are not taken for whole."""
    counts = {
        "processing": 0,
        "succeeded": 2,
        "errored": 0,
        "canceled": 0,
        "expired": 0,
    }
    batch = {
        "id": "b1",
        "processing_status": "ended",
        "request_counts": counts,
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-02T00:00:00Z",
    }
    row = b'{"custom_id":"r0","result":{"type":"canceled"}}\n'
    jsonl = "application/x-jsonl"
    with serving(reply(200, batch), reply(200, row, content_type=jsonl)) as server:
        client = Client(
            api_keys={"anthropic": "k"}, base_urls={"anthropic": server.url}
        )
        rows = client.batches.results("b1")
        assert next(rows).custom_id == "r0"
        with pytest.raises(errors.StreamError, match="1 of 2 rows"):
            next(rows)


def test_a_broken_row_is_raised_in_its_place(client: Client) -> None:
    """A line that is not JSON is a DecodeError with its number; the others arrive."""
    good = b'{"custom_id":"r%d","result":{"type":"canceled"}}\n'
    body = good % 0 + b"{broken\n" + "\u2028".encode() + b"\n" + good % 1
    with serving(reply(404), reply(200, body, content_type="x/jsonl")) as server:
        client = Client(
            api_keys={"anthropic": "k"}, base_urls={"anthropic": server.url}
        )
        rows = client.batches.results("b1")
        assert next(rows).custom_id == "r0"
        with pytest.raises(errors.DecodeError, match="line 2"):
            next(rows)
        with pytest.raises(errors.DecodeError, match="line 3"):
            next(rows)
        assert [row.custom_id for row in rows] == ["r1"]


def test_waiting_has_a_limit(box: Sandbox) -> None:
    """A batch that does not end in time is an APITimeoutError, not an endless wait."""
    clock = FakeClock()
    with (
        Sandbox(batch_steps=10_000) as slow,
        Client(
            api_keys=slow.api_keys, base_urls=slow.base_urls, _clock=clock
        ) as client,
    ):
        batch = client.batches.create(requests=requests(1))
        with pytest.raises(errors.APITimeoutError, match="not done after 300 s"):
            client.batches.wait(batch.id, timeout=300)
    assert sum(clock.slept) <= 300
    assert max(clock.slept) <= 60


def test_waiting_survives_a_blip(client: Client, box: Sandbox) -> None:
    """A server error while waiting is waited out like "not yet"."""
    batch = client.batches.create(requests=requests(1))
    box.fail("GET /v1/messages/batches/*", [500, 503, 502, 500])
    assert client.batches.wait(batch.id, first_delay=0.01).id == batch.id


def test_batches_are_listed_in_pages(client: Client) -> None:
    """Iterating over a page goes on to the following pages."""
    made = {client.batches.create(requests=requests(1)).id for _ in range(5)}
    page = client.batches.list(limit=2)
    assert len(page.data) == 2
    assert page.has_more is True
    assert page.has_next_page()
    assert {batch.id for batch in page} == made
    assert len(list(client.batches.list(limit=2).iter_pages())) == 3


def test_a_batch_can_be_cancelled_and_deleted(client: Client) -> None:
    """cancel ends it; delete forgets it, and then it is not found."""
    batch = client.batches.create(requests=requests(1))
    assert client.batches.cancel(batch.id).id == batch.id
    client.batches.wait(batch.id, first_delay=0.01)
    assert client.batches.delete(batch.id).id == batch.id
    with pytest.raises(errors.NotFoundError):
        client.batches.retrieve(batch.id)


@pytest.mark.parametrize("bad", ["", "  ", ".", "..", "%2e%2E"])
def test_odd_ids_are_refused_before_sending(
    client: Client, box: Sandbox, bad: str
) -> None:
    """An id that would change the path is refused; nothing is sent."""
    with pytest.raises(errors.RequestValidationError, match="message_batch_id"):
        client.batches.retrieve(bad)
    assert box.requests == []


def test_ids_are_percent_encoded(client: Client, box: Sandbox) -> None:
    """A slash, a question mark and a hash in an id stay inside its segment."""
    with pytest.raises(errors.NotFoundError):
        client.batches.retrieve("a/../b?x=1#y")
    assert box.requests[0].path.endswith("/a%2F..%2Fb%3Fx%3D1%23y") or (
        "a/../b?x=1#y" in box.requests[0].path
    )


@pytest.mark.parametrize(
    "form",
    [
        lambda path: path,
        lambda path: path.read_bytes(),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: ("named.bin", path.read_bytes()),
        lambda path: ("named.bin", path, "application/x-thing"),
    ],
    ids=["path", "bytes", "file", "pair", "triple"],
)
def test_a_file_comes_back_byte_for_byte(
    client: Client, tmp_path: Path, form: Any
) -> None:
    """upload takes every form of a file; download gives the same bytes."""
    path = tmp_path / "every.bin"
    path.write_bytes(bytes(range(256)) * 300)
    file = client.files.upload(file=form(path))
    assert file.size_bytes == path.stat().st_size
    assert client.files.download(file.id).read() == path.read_bytes()
    copy = tmp_path / "copy.bin"
    client.files.download(file.id).write_to_file(copy)
    assert copy.read_bytes() == path.read_bytes()
    assert client.beta.files.retrieve_metadata(file.id).filename == file.filename


def test_files_are_listed_and_deleted(client: Client) -> None:
    """list pages itself; a deleted file is not found."""
    made = [client.files.upload(file=(f"{n}.txt", b"x")).id for n in range(3)]
    assert sorted(f.id for f in client.files.list(limit=2)) == sorted(made)
    client.files.delete(made[0])
    with pytest.raises(errors.NotFoundError):
        client.files.retrieve_metadata(made[0])


def test_a_retried_upload_arrives_whole(
    client: Client, box: Sandbox, tmp_path: Path
) -> None:
    """The body of a second attempt is the whole body again."""
    path = tmp_path / "data.bin"
    path.write_bytes(b"0123456789" * 50_000)
    box.fail("POST /v1/files", [500], retry_after=0.01)
    file = client.files.upload(file=path)
    assert file._reply.attempts == 2
    assert client.files.download(file.id).read() == path.read_bytes()
    assert box.requests[0].headers["anthropic-beta"] == "files-api-2025-04-14"


def test_betas_join_the_operations_own(client: Client, box: Sandbox) -> None:
    """A caller's betas and the operation's own stand in one header."""
    client.files.list(betas=["mine-1"])
    sent = box.requests[0].headers["anthropic-beta"].split(",")
    assert sorted(sent) == ["files-api-2025-04-14", "mine-1"]


def test_a_cut_download_leaves_no_file(
    client: Client, box: Sandbox, tmp_path: Path
) -> None:
    """A download that breaks off raises, and writes nothing."""
    file = client.files.upload(file=b"x" * 100_000)
    box.fail("GET /v1/files/*/content", [200], cut_after=1000)
    target = tmp_path / "out.bin"
    with pytest.raises(errors.APIConnectionError):
        client.files.download(file.id).write_to_file(target)
    assert list(tmp_path.iterdir()) == []
