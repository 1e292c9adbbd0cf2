"""``AsyncAnthropic``: settings, copies, credentials and calls, as of ``Anthropic``."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import specwire.compat.anthropic as module
from specwire import errors
from specwire.compat.anthropic import AsyncAnthropic, AsyncStream, omit
from specwire.compat.anthropic.pagination import AsyncPage
from specwire.sandbox import Sandbox
from tests.aio.alone import alone
from tests.samples import message
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

KEY = "sk-ant-very-secret"
ANSWER = reply(body=message(), headers={"request-id": "req_1"})
ASK: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}


def played(
    work: Callable[[AsyncAnthropic], Awaitable[Any]], *script: Step, **options: Any
) -> tuple[Any, ScriptedServer]:
    """What ``work`` comes to with a client of a server that plays ``script``."""

    async def main(server: ScriptedServer) -> Any:
        given = {"api_key": KEY, "base_url": server.url, **options}
        async with AsyncAnthropic(**given) as client:
            found = await asyncio.wait_for(work(client), 30)
        assert await alone()
        return found

    with serving(*script) as server:
        return asyncio.run(main(server)), server


def asked(box: Sandbox, work: Callable[[AsyncAnthropic], Awaitable[Any]]) -> Any:
    """What ``work`` comes to with a client of the sandbox."""

    async def main() -> Any:
        key, url = box.api_keys["anthropic"], box.base_urls["anthropic"]
        async with AsyncAnthropic(api_key=key, base_url=url) as client:
            return await asyncio.wait_for(work(client), 30)

    return asyncio.run(main())


async def create(client: AsyncAnthropic) -> Any:
    return await client.messages.create(**ASK)


# -- settings ----------------------------------------------------------------------


def test_settings_are_attributes() -> None:
    """Those of ``Anthropic``; what can be assigned there can be here."""
    client = AsyncAnthropic(
        api_key=KEY,
        auth_token="token",
        base_url="http://localhost:1/",
        max_retries=3,
        default_headers={"X-A": "1"},
        default_query={"q": 1},
    )
    assert (client.api_key, client.auth_token) == (KEY, "token")
    assert client.base_url == "http://localhost:1"
    assert client.max_retries == 3
    assert client.timeout is module.DEFAULT_TIMEOUT
    assert client.default_headers["X-A"] == "1"
    assert client.default_query == {"q": 1}
    assert not client.is_closed()
    client.api_key, client.timeout, client.max_retries = "other", 5.0, 0
    client.base_url = "http://localhost:2"
    assert (client.api_key, client.timeout) == ("other", 5.0)
    assert (client.max_retries, client.base_url) == (0, "http://localhost:2")
    assert client.HUMAN_PROMPT == module.HUMAN_PROMPT


def test_settings_reach_the_wire() -> None:
    """Key, headers, query and idempotency key are the synchronous client's."""

    async def work(client: AsyncAnthropic) -> Any:
        return await client.messages.create(**ASK, temperature=omit)

    _, server = played(
        work, ANSWER, default_headers={"X-A": "1"}, default_query={"q": 1}
    )
    (sent,) = server.received
    assert (sent.method, sent.target) == ("POST", "/v1/messages?q=1")
    assert (sent.headers["x-api-key"], sent.headers["x-a"]) == (KEY, "1")
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert sent.headers["idempotency-key"].startswith("specwire-")
    assert sent.json() == {**ASK, "stream": False}


def test_a_key_can_be_assigned() -> None:
    """The next call has it."""

    async def work(client: AsyncAnthropic) -> None:
        await create(client)
        client.api_key = "another"
        await create(client)

    _, server = played(work, ANSWER, ANSWER)
    assert [each.headers["x-api-key"] for each in server.received] == [KEY, "another"]
    assert server.connections == 1


class Own(AsyncAnthropic):
    """A program's own kind."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, default_headers={"X-Own": "1"})


def test_a_copy_is_of_the_same_kind_and_shares_connections() -> None:
    """By ``copy`` or ``with_options``, also of a class of the program's."""

    async def main(server: ScriptedServer) -> None:
        async with Own(api_key=KEY, base_url=server.url) as client:
            quick = client.with_options(max_retries=0, timeout=5)
            other = client.copy(api_key="other", default_headers={"X-B": "2"})
            assert (type(quick), type(other)) == (Own, Own)
            assert (quick.max_retries, other.max_retries) == (0, 2)
            for each in (client, quick, other):
                await create(each)

    with serving(ANSWER, ANSWER, ANSWER) as server:
        asyncio.run(main(server))
    assert server.connections == 1
    third = server.received[2].headers
    assert (third["x-api-key"], third["x-own"], third["x-b"]) == ("other", "1", "2")


def test_no_credential_is_shown() -> None:
    """Neither in ``repr`` nor by a traceback of a client that cannot be made."""
    assert KEY not in repr(AsyncAnthropic(api_key=KEY))
    with pytest.raises(errors.SpecwireError) as caught:
        asyncio.run(create(AsyncAnthropic(api_key=KEY, base_url="http://localhost:1")))
    with pytest.raises(ValueError) as refused:
        AsyncAnthropic(api_key=f"{KEY}\n", base_url="http://localhost:1")
    for error in (caught.value, refused.value):
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        frames = [f for f in found.stack if "/specwire/" in f.filename]
        assert frames
        shown = [text for f in frames for text in (f.locals or {}).values()]
        assert KEY not in "".join(shown)


def test_a_missing_key_is_told_by_the_call() -> None:
    """The client can be made without."""
    with pytest.raises(errors.MissingCredentialError, match="ANTHROPIC_API_KEY"):
        asyncio.run(create(AsyncAnthropic()))


def test_what_anthropic_refuses_is_refused() -> None:
    """Middleware, settings that nobody knows, and long requests."""
    with pytest.raises(NotImplementedError, match="hooks"):
        AsyncAnthropic(middleware=[1])
    with pytest.raises(TypeError, match="tempreature"):
        AsyncAnthropic(tempreature=1)  # type: ignore[call-arg]

    async def work(client: AsyncAnthropic) -> None:
        with pytest.raises(ValueError, match="Streaming is required"):
            await client.messages.create(**{**ASK, "max_tokens": 100_000})

    played(work)


# -- calls -------------------------------------------------------------------------


def test_a_number_bounds_each_attempt() -> None:
    """And another one is made; both are told on the error."""

    def silent(connection: Any, _: Any) -> None:
        connection.settimeout(10)
        connection.recv(1)

    async def work(client: AsyncAnthropic) -> Any:
        with pytest.raises(module.APITimeoutError) as caught:
            await create(client)
        return caught.value.attempts

    attempts, server = played(work, silent, silent, timeout=0.1, max_retries=1)
    assert attempts == len(server.received) == 2


def test_errors_are_the_official_classes() -> None:
    """With status, body and the name of the request."""
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}

    async def work(client: AsyncAnthropic) -> Any:
        with pytest.raises(module.RateLimitError) as caught:
            await create(client)
        return caught.value

    told, _ = played(work, reply(429, error, {"request-id": "req_9"}), max_retries=0)
    assert (told.status_code, told.type) == (429, "rate_limit_error")
    assert told.request_id == "req_9"
    assert told.response.headers["request-id"] == "req_9"


def test_every_resource_is_there(box: Sandbox) -> None:
    """With its awaited methods, by the paths of the official client."""

    async def work(client: AsyncAnthropic) -> None:
        counted = {name: ASK[name] for name in ("model", "messages")}
        for messages in (
            client.messages,
            client.beta.messages,
            client.beta.prompt_caching.messages,
        ):
            assert (await messages.create(**ASK)).role == "assistant"
            assert (await messages.count_tokens(**counted)).input_tokens > 0
        rows: Any = [{"custom_id": "a", "params": ASK}]
        batch = await client.messages.batches.create(requests=rows)
        assert [each.id async for each in client.beta.messages.batches.list()] == [
            batch.id
        ]
        results = await client.messages.batches.results(batch.id)
        assert [row.custom_id async for row in results] == ["a"]
        file = await client.beta.files.upload(file=("a.txt", b"every byte"))
        assert (await client.beta.files.retrieve_metadata(file.id)).id == file.id
        model = await client.models.retrieve("claude-haiku-4-5-20251001")
        assert model.id in [each.id async for each in client.beta.models.list()]

    asked(box, work)


def test_a_download_can_be_read_twice(box: Sandbox, tmp_path: Any) -> None:
    """As bytes, text and lines, and written to a file."""

    async def work(client: AsyncAnthropic) -> None:
        file = await client.beta.files.upload(file=("a.json", b'{"a": 1}\n[]'))
        content = await client.beta.files.download(file.id)
        assert content.response.status_code == 200
        assert await content.read() == await content.read() == b'{"a": 1}\n[]'
        assert await content.text() == '{"a": 1}\n[]'
        assert [line async for line in content.iter_lines()] == ['{"a": 1}', "[]"]
        await content.write_to_file(tmp_path / "a")
        again = await client.beta.files.download(file.id)
        await again.stream_to_file(tmp_path / "b")

    asked(box, work)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_page_answers_as_the_official_one(box: Sandbox) -> None:
    """Gone through, awaited, dumped without waiting, and followed."""

    async def work(client: AsyncAnthropic) -> None:
        page: Any = await client.models.list(limit=2)
        assert isinstance(page, AsyncPage)
        data = page.to_dict()
        assert [item["id"] for item in data["data"]] == [m.id for m in page.data]
        assert page.model_dump()["has_more"] is page.has_more is True
        assert page.next_page_info() == {"after_id": data["last_id"]}
        pages = [each async for each in page.iter_pages()]
        assert len(pages) == 3
        assert not pages[-1].has_next_page()
        every = [each async for each in client.models.list(limit=2)]
        assert len(every) == 6

    asked(box, work)


def test_calls_by_path(box: Sandbox) -> None:
    """Awaited; a list is gone through, a stream is one."""

    async def work(client: AsyncAnthropic) -> None:
        found = await client.get("/v1/models", cast_to=dict)
        ids = [each["id"] for each in found["data"]]
        listed = client.get_api_list("/v1/models", model=dict)
        assert [each["id"] async for each in listed] == ids
        body = {**ASK, "stream": True}
        stream: Any = await client.post(
            "/v1/messages", cast_to=dict, body=body, stream=True
        )
        assert isinstance(stream, AsyncStream)
        kinds = [each["type"] async for each in stream]
        assert kinds[-1] == "message_stop"
        stream = await client.messages.create(**ASK, stream=True)
        assert stream.response.status_code == 200
        await stream.close()

    asked(box, work)


def test_an_error_inside_a_stream_has_its_class() -> None:
    """As in the synchronous client."""
    body = b'data: {"type":"error","error":{"type":"overloaded_error"}}\n\n'
    ping = b'data: {"type":"content_block_stop","index":0}\n\n'

    async def work(client: AsyncAnthropic) -> None:
        stream = await client.messages.create(**ASK, stream=True)
        with pytest.raises(module.OverloadedError) as caught:
            async for _ in stream:
                pass
        assert caught.value.in_stream

    played(work, chunked(ping, body), max_retries=0)


def test_names_are_those_of_the_official_module() -> None:
    """One class under its several names."""
    from specwire.compat.anthropic import lib
    from specwire.compat.anthropic.resources import AsyncMessages
    from specwire.compat.anthropic.resources.messages import AsyncBatches

    client = AsyncAnthropic(api_key=KEY)
    assert module.AsyncClient is AsyncAnthropic
    assert isinstance(client.messages, AsyncMessages)
    assert isinstance(client.messages.batches, AsyncBatches)
    stream = client.messages.stream(**ASK)
    assert isinstance(stream, module.AsyncMessageStreamManager)
    assert module.BetaAsyncMessageStream is module.AsyncMessageStream
    from specwire.compat.anthropic.lib.tools import BetaAsyncToolRunner

    runner = client.beta.messages.tool_runner(model="m", messages=[], tools=[])
    assert isinstance(runner, BetaAsyncToolRunner)
    assert lib


@pytest.mark.filterwarnings("always")
def test_warnings_are_at_the_programs_line() -> None:
    """Of what is sent in place of an Ellipsis, and of a model that ends."""

    async def work(client: AsyncAnthropic) -> None:
        with pytest.warns(module.PlaceholderWarning) as warned:
            await client.messages.create(**{**ASK, "messages": [...]})
        with pytest.warns(DeprecationWarning) as also:
            model = "claude-3-opus-20240229"
            await asyncio.gather(client.messages.create(**{**ASK, "model": model}))
        assert warned[0].filename == also[0].filename == __file__

    played(work, ANSWER, ANSWER)
