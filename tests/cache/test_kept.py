"""What is kept and what is not: by the call, by the reply, by what the caller says."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from specwire import AiClient, Hook, errors
from specwire.cache import Cache, bypass, from_cache, refresh
from specwire.core.wire import Call
from tests.scripted import reply, serving

from .asking import ASKED, KEY, answer, asking, said

BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "in_progress",
    "request_counts": {
        "processing": 1,
        "succeeded": 0,
        "errored": 0,
        "canceled": 0,
        "expired": 0,
    },
    "ended_at": None,
    "created_at": "2024-08-20T18:37:24Z",
    "expires_at": "2024-08-21T18:37:24Z",
    "archived_at": None,
    "cancel_initiated_at": None,
    "results_url": None,
}
MODEL = {
    "id": "m",
    "type": "model",
    "display_name": "M",
    "created_at": "2024-08-20T18:37:24Z",
}
REFUSED = reply(500, {"error": {"message": "no"}})


def test_counting_tokens_is_kept() -> None:
    """A POST of JSON that names a model asks one."""
    with asking(Cache(), reply(200, {"input_tokens": 7})) as (client, _):
        asked = {k: v for k, v in ASKED.items() if k != "max_tokens"}
        counts = [client.messages.count_tokens(**asked) for _ in range(2)]
        assert [count.input_tokens for count in counts] == [7, 7]


def test_work_that_is_begun_or_looked_after_is_not_kept() -> None:
    """Making a batch makes one each time; its state is asked for each time."""
    cache, rows = Cache(), [{"custom_id": "a", "params": ASKED}]
    with asking(cache, *[reply(200, BATCH)] * 4) as (client, server):
        for _ in range(2):
            client.batches.create(requests=rows)  # type: ignore[arg-type]
            client.batches.retrieve("msgbatch_1")
        assert len(server.received) == 4
    assert cache.stats.stored == cache.stats.misses - 2 == 0


def test_a_get_is_kept_as_long_as_its_server_says() -> None:
    """``max-age``; without it, each one is sent."""
    script = (
        reply(200, MODEL),
        reply(200, MODEL, {"cache-control": "public, max-age=60", "age": "20"}),
    )
    with asking(Cache(), *script) as (client, server):
        marks = [from_cache(client.models.retrieve("m")) for _ in range(3)]
        assert marks == [None, None, "hit"]
        assert len(server.received) == 2


def test_uploads_and_downloads_are_not_kept() -> None:
    """Bodies that are files, on their way there or back, whatever the server says."""
    file = {
        "id": "file_1",
        "type": "file",
        "filename": "a",
        "mime_type": "text/plain",
        "size_bytes": 1,
        "created_at": "2024-08-20T18:37:24Z",
    }
    kept = {"cache-control": "max-age=60"}
    script = [*[reply(200, file, kept)] * 2, *[reply(200, b"abc", kept)] * 2]
    with asking(Cache(), *script) as (client, server):
        for _ in range(2):
            client.files.upload(file=("a", b"x"))
        for _ in range(2):
            assert client.files.download("file_1").read() == b"abc"
        assert len(server.received) == 4


def test_names_of_operations_may_be_given() -> None:
    """What is named is kept; what is usual is then not."""
    cache = Cache(only={"models.retrieve"})
    with asking(cache, *[reply(200, MODEL)], answer("a"), answer("b")) as (client, _):
        assert [client.models.retrieve("m").id for _ in range(2)] == ["m", "m"]
        assert [said(client), said(client)] == ["a", "b"]


def test_a_rule_may_be_given() -> None:
    """It is asked of each call."""

    def short(call: Call) -> bool:
        return call.args.get("max_tokens") == 5

    with asking(Cache(only=short), *map(answer, "abc")) as (client, _):
        assert [said(client), said(client)] == ["a", "b"]
        assert [said(client, max_tokens=5), said(client, max_tokens=5)] == ["c", "c"]


@pytest.mark.parametrize(
    "first",
    [
        REFUSED,
        reply(429, {"error": {"message": "slow"}}),
        reply(200, {"no": "message"}),
        reply(200, b"{", content_type="application/json"),
        answer("x", cache_control="no-store"),
        answer("x", vary="*"),
        reply(200, {"error": {"message": "in 200"}, "model": "m"}),
    ],
    ids=["500", "429", "shape", "cut", "no-store", "vary", "error"],
)
def test_no_error_is_kept(first: bytes) -> None:
    """Nor what could not be read, nor what the server wants forgotten."""
    with asking(Cache(), first, answer("b")) as (client, server):
        try:
            said(client)
        except errors.SpecwireError:
            pass
        assert said(client) == said(client) == "b"
        assert len(server.received) == 2


def test_work_that_goes_on_is_no_answer() -> None:
    """A job that a POST has begun says that it is queued."""
    queued = reply(200, {"id": "vid_1", "status": "queued"})
    ended = reply(200, {"id": "vid_1", "status": "completed"})
    with serving(queued, ended) as server:
        with AiClient(
            "openai/gpt-4o", api_key=KEY, base_url=server.url, hooks=[Cache()]
        ) as client:
            body = {"model": "sora", "prompt": "Sea"}
            asked = [client.operation("reasoning", body) for _ in range(3)]
        assert [one["status"] for one in asked] == ["queued", "completed", "completed"]


def test_what_is_too_large_is_not_kept() -> None:
    """Each answer may have so many bytes."""
    cache = Cache(max_entry_bytes=100)
    with asking(cache, answer("a"), answer("b")) as (client, _):
        assert [said(client), said(client)] == ["a", "b"]
    assert (cache.stats.stored, cache.stats.entries) == (0, 0)


def test_a_header_of_one_call_goes_past_the_cache() -> None:
    """``no-store`` neither looks nor keeps, ``no-cache`` keeps the new one."""
    with asking(Cache(), *map(answer, "abc")) as (client, _):

        def asked(control: str | None = None) -> str:
            headers = {"Cache-Control": control} if control else None
            return said(client, extra_headers=headers)

        assert [asked(), asked("no-store"), asked()] == ["a", "b", "a"]
        assert [asked("no-cache"), asked()] == ["c", "c"]


def test_a_block_of_calls_goes_past_the_cache() -> None:
    """In this thread, and not in another one."""
    with asking(Cache(), *map(answer, "abc")) as (client, _):
        texts = [said(client)]
        with bypass():
            texts.append(said(client))
            thread = threading.Thread(target=lambda: texts.append(said(client)))
            thread.start()
            thread.join()
        with refresh():
            texts.append(said(client))
        assert [*texts, said(client)] == ["a", "b", "a", "c", "c"]


def test_what_stands_behind_is_not_asked_on_a_hit() -> None:
    """Limits, circuits and budgets pay nothing for it."""

    class Seen(Hook):
        asked = 0

        def before_attempt(self, call: Any) -> None:
            self.asked += 1

    seen = Seen()
    with asking(Cache(), answer(), hooks=[seen]) as (client, _):
        for _ in range(3):
            said(client)
    assert seen.asked == 1


def test_what_stands_in_front_sees_each_answer_anew() -> None:
    """A hook that changes replies changes a hit too, and once: the cache has the
    server's."""

    class Loud(Hook):
        def after_attempt(self, call: Any, outcome: Any) -> None:
            outcome.body = outcome.body.replace(b"Hello", b"Hello!")

    with asking(Cache(), answer()) as (client, _):
        loud = client.with_options(hooks=[Loud(), *client._hooks])
        assert [said(loud) for _ in range(3)] == ["Hello!"] * 3


def test_a_refused_answer_is_not_kept() -> None:
    """Where a hook in front raises, nothing was answered."""

    class Strict(Hook):
        def after_attempt(self, call: Any, outcome: Any) -> None:
            raise errors.GuardrailError("no")

    cache = Cache()
    with asking(cache, answer()) as (client, _):
        with pytest.raises(errors.GuardrailError):
            said(client.with_options(hooks=[Strict(), cache]))
    assert cache.stats.stored == 0


def test_limits_of_the_server_are_not_kept() -> None:
    """What headers said of the rate and the session is not true of a later hit."""
    headers = {
        "x_ratelimit_remaining": "1",
        "anthropic_ratelimit_tokens_remaining": "1",
        "set_cookie": "a=1",
        "retry_after": "5",
        "request_id": "req_1",
    }
    with asking(Cache(), answer(**headers)) as (client, _):
        said(client)
        kept = client.messages.create(**ASKED)._reply
    assert kept is not None
    names = {"content-type", "request-id", "x-specwire-cache", "age"}
    assert set(kept.headers) == names
