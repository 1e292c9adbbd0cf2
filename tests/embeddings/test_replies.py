"""Replies that are odd or wrong, requests that are too large, calls given up."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from specwire.core.cancelling import CancelToken
from specwire.embeddings import EmbeddingClient, batches
from specwire.errors import (
    CancelledError,
    DecodeError,
    RequestTooLargeError,
    SpecwireError,
)

from ..scripted import Received, ScriptedServer, Step, reply, serving


def asking(server: ScriptedServer, **settings: Any) -> EmbeddingClient:
    """A client of a server that plays a script."""
    where = {"api_key": "sk-secret-1234", "base_url": server.url, "max_retries": 0}
    return EmbeddingClient("openai/m", **{**where, **settings})


def data(*vectors: Any, **more: Any) -> bytes:
    """A reply in OpenAI's language."""
    items = [{"embedding": each, "index": n} for n, each in enumerate(vectors)]
    return reply(body={"data": items, "model": "m-1", **more})


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def test_base64_and_numbers_are_both_read() -> None:
    """Whatever was asked for: servers differ."""
    with serving(data(packed(1, -2.5), [0.5, 1])) as server, asking(server) as client:
        found = client.embed_batch(["a", "b"])
    assert [list(each) for each in found.vectors] == [[1.0, -2.5], [0.5, 1.0]]
    assert found.model == "m-1"
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (0, 0)


def test_vectors_in_any_order() -> None:
    """Their numbers count, not their places; without numbers the places do."""
    items = [{"index": n, "embedding": [n]} for n in (2, 0, 1)]
    bare = [{"embedding": [n]} for n in range(3)]
    with (
        serving(reply(body={"data": items}), reply(body={"data": bare})) as server,
        asking(server) as client,
    ):
        for _ in range(2):
            found = client.embed_batch(["a", "b", "c"])
            assert [list(each) for each in found.vectors] == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"data": []}, "has 0 vectors, for 2 inputs"),
        ({"data": [{"index": 0, "embedding": [1]}]}, "has 1 vectors, for 2 inputs"),
        ({"data": [{"index": 0, "embedding": [1]}] * 2}, "numbers its vectors"),
        ({"data": [{"index": n, "embedding": [1]} for n in (1, 2)]}, "from 0 on"),
        ({"data": [{"index": True, "embedding": [1]}] * 2}, "numbers its vectors"),
        ({"data": "x"}, "has no list 'data'"),
        ({"data": [1, 2]}, "of its input 0, which is neither"),
        ({}, "has no list 'data'"),
        ({"data": [{"embedding": [1]}, {"embedding": []}]}, "input 1, which is empty"),
        ({"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}, "has 2 numbers in the"),
        ({"data": [{"embedding": [1]}, {"embedding": ["x"]}]}, "input 1, which is no"),
        ({"data": [{"embedding": [1]}, {"embedding": "!!"}]}, "1, which is no base64"),
        ({"data": [{"embedding": [1]}, {"embedding": "AAA="}]}, "which is no base64"),
        ({"data": [{"embedding": [1]}, {"embedding": ""}]}, "which is no base64"),
        ({"data": [{"embedding": [1]}, {"embedding": None}]}, "which is neither"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [NaN]}]}', "holds NaN|not JSON"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [1e999]}]}', "holds NaN|JSON"),
        (b'{"data": [{"embedding": [1', "not JSON"),
        (b"", "is empty"),
        (b"[]", "expected|mapping|object|dict"),
        (b"<html>", "not JSON"),
    ],
)
def test_what_does_not_hold_together(body: Any, said: str) -> None:
    """A DecodeError that says which vector it was; never a guess."""
    with serving(reply(body=body)) as server, asking(server) as client:
        with pytest.raises(DecodeError, match=said) as caught:
            client.embed_batch(["a", "b"])
    assert caught.value.inputs == (0, 1)  # type: ignore[attr-defined]
    assert "sk-secret" not in str(caught.value)


def test_dimensions_that_were_not_kept() -> None:
    """A server that ignores the wish is found out."""
    with serving(data([1, 2, 3])) as server, asking(server, dimensions=2) as client:
        with pytest.raises(DecodeError, match=r"3 numbers .* not 2"):
            client.embed("a")


def test_a_reply_that_breaks_off() -> None:
    """Is an error, whatever had come."""

    def cut(conn: socket.socket, request: Received) -> None:
        conn.sendall(data([1.0])[:-4])

    with serving(cut) as server, asking(server) as client:
        with pytest.raises(SpecwireError):
            client.embed("a")


# -- too large -----------------------------------------------------------------------

LARGE = reply(413, {"error": {"message": "too large", "type": "x"}})


def test_a_request_that_is_too_large_is_made_of_halves() -> None:
    """The order stays; only what was refused is sent again."""
    with (
        serving(LARGE, data([0], [1]), data([2], [3], [4])) as server,
        asking(server) as client,
    ):
        found = client.embed_batch(list("abcde"))
    assert [list(each) for each in found.vectors] == [[n] for n in range(5)]
    sent = [request.json()["input"] for request in server.received]
    assert sent == [list("abcde"), list("ab"), list("cde")]
    assert found.requests == 2


def test_one_input_that_is_too_large_is_found() -> None:
    """By its number."""
    with (
        serving(LARGE, data([0]), LARGE, data([1]), LARGE) as server,
        asking(server) as client,
    ):
        with pytest.raises(RequestTooLargeError, match=r"; input 2$") as caught:
            client.embed_batch(list("abc"))
    assert caught.value.inputs == (2,)  # type: ignore[attr-defined]


def test_mistral_says_it_in_words() -> None:
    """Its 400 is known for what it is."""
    said = {
        "message": "Too many tokens overall, split into more batches.",
        "type": "invalid_request_prompt",
        "code": "3210",
    }
    with serving(reply(400, said), data([0]), data([1])) as server:
        where: dict[str, Any] = {"api_key": "k" * 20, "base_url": server.url}
        with EmbeddingClient("mistral/mistral-embed", **where) as client:
            assert client.embed_batch(["a", "b"]).requests == 2


# -- lots ----------------------------------------------------------------------------


def test_lots_keep_to_both_limits() -> None:
    """What is too large by itself has a request of its own."""
    texts = ["a" * 10, "b" * 10, "c" * 1000, "d", "e", "f"]
    limits = batches.Limits(2, 12)
    assert batches.batches(texts, limits) == [[0, 1], [2], [3, 4], [5]]
    assert batches.batches([], limits) == []


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("你好世界", 4),
        ("🦀", 3),
    ],
)
def test_the_guess_is_on_the_high_side(text: str, least: int) -> None:
    """Of English, Chinese and signs that take several tokens each."""
    assert batches.tokens(text) >= least


def test_places_are_shown_in_short() -> None:
    """One, a range, or the first few."""
    assert batches.shown([3]) == "input 3"
    assert batches.shown(range(96, 192)) == "inputs 96 to 191"
    assert batches.shown(range(0, 40, 2)).endswith("12, 14 and 12 more")


# -- giving up -----------------------------------------------------------------------


def echo(conn: socket.socket, request: Received) -> None:
    """One number for each input: what it says."""
    items = [{"embedding": [float(text)]} for text in request.json()["input"]]
    conn.sendall(reply(body={"data": items}, headers={"Connection": "close"}))


def test_answers_out_of_order() -> None:
    """The second request is answered before the first; the vectors are in order."""
    second = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        if request.json()["input"] == ["0", "1"]:
            assert second.wait(5)
        echo(conn, request)
        second.set()

    steps: list[Step] = [step] * 2
    with serving(*steps) as server, asking(server, batch_size=2) as client:
        found = client.embed_batch([str(n) for n in range(4)])
    assert [each[0] for each in found.vectors] == [0, 1, 2, 3]


def test_no_more_requests_at_a_time_than_are_allowed() -> None:
    """Eight requests, two at a time."""
    lock, now, most = threading.Lock(), [0], [0]
    second = threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if most[0] > 1:
            second.set()
        assert second.wait(5)
        with lock:
            now[0] -= 1
        echo(conn, request)

    with serving(*[step] * 8) as server:
        with asking(server, batch_size=1, concurrency=2) as client:
            client.embed_batch([str(n) for n in range(8)])
    assert most[0] == 2


def test_the_first_failure_ends_the_others() -> None:
    """A request that would hang is ended at once."""
    hanging, over = threading.Event(), threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        if request.json()["input"] == ["0"]:
            assert hanging.wait(5)
            conn.sendall(reply(400, {"error": {"message": "no", "type": "x"}}))
        else:
            hanging.set()
            over.wait(10)  # until the test is over

    with serving(step, step) as server, asking(server, batch_size=1) as client:
        with pytest.raises(SpecwireError, match=r"; input 0$"):
            client.embed_batch(["0", "1"])
        over.set()


@pytest.mark.parametrize("inputs", [1, 3])
def test_a_token_ends_all_of_it(inputs: int) -> None:
    """From another thread, while the server says nothing; with one request or more."""
    token, over = CancelToken(), threading.Event()

    def step(conn: socket.socket, request: Received) -> None:
        token.cancel()
        over.wait(10)

    with serving(*[step] * inputs) as server, asking(server, batch_size=1) as client:
        with pytest.raises(CancelledError, match="user_request"):
            client.embed_batch(["a", "b", "c"][:inputs], cancel_token=token)
        over.set()


def test_a_token_that_was_cancelled_before() -> None:
    """Nothing is sent."""
    token = CancelToken()
    token.cancel()
    with serving() as server, asking(server, batch_size=1) as client:
        with pytest.raises(CancelledError):
            client.embed_batch(["a", "b"], cancel_token=token)
    assert server.received == []


# -- a cache of vectors --------------------------------------------------------------


class Kept(dict[str, bytes]):
    """The smallest cache there is; ``asked`` counts."""

    asked = 0

    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        self.asked += 1
        return [self.get(key) for key in keys]

    def put_vectors(self, vectors: Mapping[str, bytes]) -> None:
        self.update(vectors)


def test_what_a_cache_has_is_not_asked_for() -> None:
    """Only the rest is sent, in the inputs' order; a second time nothing is."""
    cache = Kept()
    steps: list[Step] = [data([0, 0], [1, 1]), data([2, 2])]
    with serving(*steps) as server, asking(server, cache=cache) as client:
        client.embed_batch(["a", "b"])
        found = client.embed_batch(["b", "c", "a", "b"])
        again = client.embed_batch(["c", "a"])
    assert [list(each) for each in found.vectors] == [[1, 1], [2, 2], [0, 0], [1, 1]]
    assert (found.cached, found.requests) == (3, 1)
    assert (again.cached, again.requests, cache.asked) == (2, 0, 3)
    assert [r.json()["input"] for r in server.received] == [["a", "b"], ["c"]]


def test_vectors_of_other_wishes_are_others() -> None:
    """Another size, kind, model or parameter has another key."""
    cache = Kept()
    with serving(*[data([1, 1])] * 4) as server:
        with asking(server, cache=cache) as client:
            client.embed("a")
            client.embed("a", dimensions=2)
            client.embed("a", params={"user": "u"})
            client.embed("a")
        with asking(server, cache=cache) as client:
            client.embed("a")
    assert (len(cache), len(server.received)) == (3, 3)


def test_a_failure_keeps_what_was_there_already() -> None:
    """The next call asks for the rest alone."""
    cache, failed = Kept(), reply(500, {"error": {"message": "no"}})
    with serving(data([0]), failed, data([1])) as server:
        with asking(server, cache=cache, batch_size=1, concurrency=1) as client:
            with pytest.raises(SpecwireError):
                client.embed_batch(["a", "b"])
            assert client.embed_batch(["a", "b"]).cached == 1


class Broken(Kept):
    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        raise OSError("gone")

    def put_vectors(self, vectors: Mapping[str, bytes]) -> None:
        raise OSError("gone")


class Poisoned(Kept):
    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        return [b"abc", b""]


class Short(Kept):
    def get_vectors(self, keys: Sequence[str]) -> list[bytes | None]:
        return []


@pytest.mark.parametrize("cache", [Broken(), Poisoned(), Short()])
def test_a_cache_that_fails_is_done_without(cache: Kept) -> None:
    """The call goes on."""
    with serving(data([0], [1])) as server, asking(server, cache=cache) as client:
        found = client.embed_batch(["a", "b"])
    assert [list(each) for each in found.vectors] == [[0], [1]]
    assert found.cached == 0


def test_vectors_of_another_size_are_asked_for_again() -> None:
    """A model that changed under its name; what was kept is of no use."""
    cache = Kept()
    steps: list[Step] = [data([0, 0], [1, 1]), data([2, 2, 2]), data([5, 5, 5])]
    with serving(*steps) as server, asking(server, cache=cache) as client:
        client.embed_batch(["a", "b"])
        found = client.embed_batch(["a", "c"])
    assert [list(each) for each in found.vectors] == [[5, 5, 5], [2, 2, 2]]
    assert (found.cached, found.requests) == (0, 2)


def test_replies_that_do_not_fit_together() -> None:
    """Two models behind one address: their vectors cannot be compared."""
    with serving(data([0, 0]), data([1, 1, 1])) as server:
        with asking(server, batch_size=1, concurrency=1) as client:
            with pytest.raises(DecodeError, match="2 and 3 numbers"):
                client.embed_batch(["a", "b"])


def test_text_that_is_none() -> None:
    """Half a character cannot be sent; nothing hangs and nothing is lost."""
    with serving() as server, asking(server) as client:
        with pytest.raises(SpecwireError):
            client.embed_batch(["a", chr(0xD800)])
