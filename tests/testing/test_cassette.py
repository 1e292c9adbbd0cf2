"""Cassettes: what is kept, what is equal, what is answered, for every kind of call."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, errors
from specwire.aio import AsyncClient
from specwire.sandbox import Sandbox
from specwire.testing import Cassette, CassetteError, FakeClock, SentRequests
from tests.scripted import chunked, reply, serving

HELLO: Any = {
    "model": "claude-haiku-4-5",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "Hello"}],
}
Work = Callable[[Client], Any]


class Deck:
    """Records what a function does, then plays it with no server and no key."""

    def __init__(self, path: Path, box: Sandbox) -> None:
        self.path, self.box = path, box

    def record(self, work: Work, **settings: Any) -> Any:
        given: Any = {"api_keys": self.box.api_keys, "base_urls": self.box.base_urls}
        with Cassette(self.path, record="all", **settings) as cassette:
            with Client(hooks=[cassette], **given) as client:
                return work(client)

    def play(self, work: Work, **settings: Any) -> Any:
        with Cassette(self.path, **settings) as cassette:
            with Client(hooks=[cassette], _clock=FakeClock()) as client:
                result = work(client)
        assert cassette.unplayed == 0
        return result

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.path.read_text())["entries"]
        return found


@pytest.fixture
def deck(tmp_path: Path, box: Sandbox) -> Deck:
    return Deck(tmp_path / "deep" / "tape.json", box)


def story(client: Client) -> str:
    return client.messages.create(**HELLO).content[0].text


def streamed(client: Client) -> list[Any]:
    return list(client.messages.create(stream=True, **HELLO))


def uploaded(client: Client) -> tuple[str, bytes]:
    file = client.files.upload(file=("a.txt", b"content \xff", "text/plain"))
    return file.id, client.files.download(file.id).read()


def rows(client: Client) -> list[Any]:
    params = {"custom_id": "a", "params": HELLO}
    batch = client.batches.create(requests=[params])
    client.batches.retrieve(batch.id)
    return list(client.batches.results(batch.id))


def chat(client: Client) -> str:
    return client.chat("gemini/gemini-2.0-flash").user("Hello").execute().content


def chat_stream(client: Client) -> list[str]:
    with client.chat("openai/gpt-4o").user("Hello").stream() as stream:
        return [repr(event) for event in stream]


def run(client: Client) -> Any:
    return client.execute_workflow("wf_1", {"message": "Hello"}).output


def pages(client: Client) -> list[str]:
    return [each.id for each in client.models.list(limit=1)]


WORKS = [story, streamed, uploaded, rows, chat, chat_stream, run, pages]


@pytest.mark.parametrize("work", WORKS, ids=lambda each: each.__name__)
def test_what_was_recorded_is_played(deck: Deck, work: Work) -> None:
    """With another client, no server and no key: the same results."""
    assert deck.record(work) == deck.play(work)


def test_a_failure_is_an_answer(deck: Deck) -> None:
    """And so are the attempts after it."""
    deck.box.fail("POST /v1/messages", [429, 529], retry_after=0.01)
    assert deck.record(story) == deck.play(story)
    assert [each["reply"]["status"] for each in deck.entries()] == [429, 529, 200]

    def absent(client: Client) -> str:
        with pytest.raises(errors.NotFoundError) as caught:
            client.files.retrieve_metadata("file_none")
        return str(caught.value)

    assert deck.record(absent) == deck.play(absent)


def test_a_stream_has_its_borders(tmp_path: Path) -> None:
    """Played back, the chunks are those that came, a character cut in two included."""
    text = 'data: {"type":"ping"}\n\ndata: {"type":"message_stop"}\n\n: é\n\n'.encode()
    pieces = [text[:9], text[9:40], text[40:-4], text[-4:]]

    class Borders(SentRequests):
        """Sees the chunks of streams as well."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: list[bytes] = []

        def tap(self, call: Any) -> Any:
            from specwire.core.hooks import Tap

            seen = self.seen

            class Seeing(Tap):
                def chunk(self, chunk: bytes) -> None:
                    seen.append(bytes(chunk))

            return Seeing()

    seen = []
    for mode in ("all", "none"):
        with serving(chunked(*pieces)) as server:
            borders = Borders()
            with Cassette(tmp_path / "t.json", record=mode) as cassette:  # type: ignore[arg-type]
                with Client(
                    hooks=[borders, cassette],
                    api_keys={"anthropic": "k"},
                    base_urls={"anthropic": server.url},
                ) as client:
                    streamed(client)
            seen.append(borders.seen)
            assert len(server.received) == (mode == "all")
    assert seen[0] == seen[1]
    assert b"".join(seen[1])[: len(text) - 8] == text[: len(text) - 8]


def test_a_break_is_played(tmp_path: Path) -> None:
    """A stream whose connection broke breaks again, behind the same events."""
    start = b'data: {"type":"content_block_stop","index":0}\n\n'
    path, said = tmp_path / "t.json", []
    with serving(chunked(start, end=False)) as server:
        settings: Any = {
            "api_keys": {"anthropic": "k"},
            "base_urls": {"anthropic": server.url},
            "max_retries": 0,
        }
        for mode in ("all", "none"):
            with Cassette(path, record=mode) as cassette:  # type: ignore[arg-type]
                with Client(hooks=[cassette], **settings) as client:
                    with pytest.raises(errors.SpecwireError) as caught:
                        for _ in client.messages.create(stream=True, **HELLO):
                            pass
            said.append(type(caught.value))
    assert said[0] is said[1]
    assert json.loads(path.read_text())["entries"][0]["reply"]["broken"] is True


def test_tasks_have_it_too(deck: Deck) -> None:
    """A cassette of a client of threads answers one of tasks, and records it."""

    async def work(client: AsyncClient) -> Any:
        first = await client.messages.create(**HELLO)
        stream = await client.messages.create(stream=True, **HELLO)
        return first, [event async for event in stream]

    async def main(mode: Any, **settings: Any) -> Any:
        with Cassette(deck.path, record=mode) as cassette:
            async with AsyncClient(hooks=[cassette], **settings) as client:
                return await work(client)

    box = deck.box
    recorded = asyncio.run(main("all", api_keys=box.api_keys, base_urls=box.base_urls))
    assert recorded == asyncio.run(main("none"))

    def threads(client: Client) -> Any:
        return client.messages.create(**HELLO), streamed(client)

    assert deck.play(threads) == recorded


# -- what is equal -----------------------------------------------------------------


def test_json_is_equal_by_its_value(deck: Deck) -> None:
    """The order of members makes no difference, nor does the host or a header."""
    deck.record(story)
    turned = dict(reversed(HELLO.items()))
    deck.play(
        lambda client: client.messages.create(**turned, extra_headers={"x-a": "b"})
    )


def test_each_entry_answers_once(deck: Deck) -> None:
    """Equal ones in their order; after the last one the call is a miss."""
    deck.record(lambda client: [story(client), story(client)])
    with Cassette(deck.path) as cassette, Client(hooks=[cassette]) as client:
        story(client), story(client)
        with pytest.raises(CassetteError, match="has it 2 times, and all were played"):
            story(client)
    assert len(cassette.misses) == 1


def test_a_miss_names_the_nearest(deck: Deck) -> None:
    """The request that came, the entry that is nearest, and in what it differs."""
    deck.record(lambda client: [story(client), client.models.list(limit=1)])
    with Cassette(deck.path) as cassette, Client(hooks=[cassette]) as client:
        other = {**HELLO, "max_tokens": 60}
        with pytest.raises(CassetteError) as caught:
            client.messages.create(**other)
        with pytest.raises(CassetteError) as listed:
            client.models.list(limit=2)
    assert "POST /v1/messages is not in the cassette" in str(caught.value)
    assert "nearest is entry 1: POST /v1/messages" in str(caught.value)
    assert "body.max_tokens: recorded 50, came 60" in str(caught.value)
    assert "--specwire-record=all" in str(caught.value)
    assert "query.limit: recorded '1', came '2'" in str(listed.value)


def test_a_miss_is_not_tried_again(deck: Deck) -> None:
    """No retry and no fall-back takes it for a failure of the server."""
    deck.record(story)
    clock = FakeClock()
    with Cassette(deck.path) as cassette:
        with Client(hooks=[cassette], _clock=clock, max_retries=5) as client:
            with pytest.raises(CassetteError):
                client.models.list()
    assert (clock.slept, len(cassette.requests)) == ([], 1)


def test_what_is_no_cassette_is_refused(tmp_path: Path) -> None:
    """With the file's name; an unknown mode as well."""
    path = tmp_path / "t.json"
    for text in ("{}", "[", '{"specwire_cassette": 2}', '{"specwire_cassette": 1}'):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"t\.json is no cassette"):
            Cassette(path)
    with pytest.raises(ValueError, match="none or once or all"):
        Cassette(path, record="new")  # type: ignore[arg-type]


# -- what is not in the file -------------------------------------------------------

SECRETS = {
    "sk-ant-api03-abcdefghijkl": "a key by its looks",
    "hunter2hunter2": "a value by its name",
    "org_0123456789": "an account",
    "session=abcdef": "a cookie",
    "someone@example.com": "an address",
}


@pytest.fixture
def hostile() -> Iterator[str]:
    """A server that tells all of them: in headers, in JSON and in a stream."""
    told = {
        "id": "msg_1",
        "content": [{"type": "text", "text": "use sk-ant-api03-abcdefghijkl"}],
        "client_secret": "hunter2hunter2",
        "organization_id": "org_0123456789",
        "email": "someone@example.com",
        "note": "of org_0123456789",
        "model": "m",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    headers = {
        "Set-Cookie": "session=abcdef; Path=/",
        "anthropic-organization-id": "org_0123456789",
        "request-id": "req_1",
    }
    event = json.dumps({"type": "message_start", "message": told}).encode()
    half = event.index(b"api03") + 3  # a key across two chunks
    body = b"data: " + event + b'\n\ndata: {"type":"message_stop"}\n\n'
    pieces = [body[: half + 6], body[half + 6 :]]
    with serving(reply(200, told, headers), chunked(*pieces)) as server:
        yield server.url


def test_no_secret_is_in_the_file(tmp_path: Path, hostile: str) -> None:
    """Keys that were sent or told, cookies, account ids; JSON stays JSON."""
    path, key = tmp_path / "t.json", "own-key-of-no-known-shape"
    echo = [{"role": "user", "content": f"my key is {key}"}]
    with Cassette(path, record="all") as cassette:
        with Client(
            hooks=[cassette],
            api_keys={"anthropic": key},
            base_urls={"anthropic": hostile},
        ) as client:
            asked: Any = {**HELLO, "messages": echo, "metadata": {"user_id": "u-1234"}}
            client.messages.create(**asked)
            list(client.messages.create(stream=True, **asked))
    text = path.read_text("utf-8")
    joined = re.sub(r'",\s*"', "", text)  # what lay across a border
    for secret in (*SECRETS, key, "u-1234"):
        assert secret not in text, secret
        assert secret not in joined, secret
    assert "req_1" in text
    data = json.loads(text)["entries"][0]["reply"]["body"]["json"]
    assert data["note"] == f"of {data['organization_id']}"
    with Cassette(path) as cassette, Client(hooks=[cassette]) as client:
        client.messages.create(**asked)
        events = list(client.messages.create(stream=True, **asked))
    assert len(events) == 2
    assert not cassette.misses


def test_a_mark_stands_for_one_text(deck: Deck) -> None:
    """An id that was taken out matches any, and from then on that one alone."""

    def listed(*ids: str) -> Work:
        return lambda client: [
            client.messages.create(**{**HELLO, "metadata": {"user_id": each}})
            for each in ids
        ]

    deck.record(listed("first-1", "other-2", "first-1"))
    deck.play(listed("a-user", "b-user", "a-user"))
    with pytest.raises(CassetteError):
        deck.play(listed("a-user", "b-user", "b-user"))


def test_what_the_user_hides_is_hidden(deck: Deck) -> None:
    """On both sides: the recorded request and the one that is compared."""
    deck.record(story, hide={"Hello": "GREETING"})
    assert "Hello" not in deck.path.read_text()
    assert "GREETING" in deck.path.read_text()
    deck.play(story, hide={"Hello": "GREETING"})


def test_nothing_recorded_is_no_file(tmp_path: Path) -> None:
    """A block that asks nothing leaves nothing behind."""
    with Cassette(tmp_path / "t.json", record="all"):
        pass
    assert not (tmp_path / "t.json").exists()
