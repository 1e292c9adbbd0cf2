"""``tool_runner`` of the async client: tools that are awaited, side by side."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from specwire import ToolError, tool
from specwire.aio import AsyncClient
from specwire.aio.faces.messages import AsyncMessageStream
from specwire.compat.anthropic import beta_async_tool
from specwire.tools import MemoryTool
from tests.aio.alone import alone
from tests.scripted import ScriptedServer, Step, serving
from tests.tools.replies import ASK, WANT, call, replied, streamed, text


def asked(
    work: Callable[[AsyncClient], Awaitable[Any]], *script: Step
) -> tuple[Any, ScriptedServer]:
    """What ``work`` comes to with a client of a server that plays ``script``."""

    async def main(server: ScriptedServer) -> Any:
        keys, urls = {"anthropic": "k"}, {"anthropic": server.url}
        async with AsyncClient(api_keys=keys, base_urls=urls, max_retries=0) as client:
            found = await asyncio.wait_for(work(client), 30)
        assert await alone()
        return found

    with serving(*script) as server:
        return asyncio.run(main(server)), server


def results(server: ScriptedServer, number: int = 1) -> Any:
    """The results that request ``number`` ends with."""
    return server.received[number].json()["messages"][-1]["content"]


@tool
async def weather(city: str) -> str:
    """Tell the weather."""
    await asyncio.sleep(0)
    return f"{city}: sunny"


def test_an_async_tool_is_awaited() -> None:
    """Its result goes to the model; ``until_done`` gives the last message."""

    async def work(client: AsyncClient) -> Any:
        runner = client.beta.messages.tool_runner(**WANT, tools=[weather])
        return await runner.until_done()

    first = [text("Let me see."), call("t1", "weather", city="Kyoto")]
    last, server = asked(work, replied(*first), replied(text("Sunny.")))
    assert last.content[0].text == "Sunny."
    assert server.received[0].json()["tools"] == [weather.to_dict()]
    assert results(server)[0]["content"] == "Kyoto: sunny"


def test_each_message_comes_before_its_tools_run() -> None:
    """``async for`` over the runner; the results can be had beforehand."""
    ran: list[str] = []

    @beta_async_tool
    async def act() -> None:
        ran.append("act")

    async def work(client: AsyncClient) -> Any:
        seen: list[Any] = []
        runner = client.messages.tool_runner(**WANT, tools=[act])
        async for message in runner:
            seen.append((message.stop_reason, list(ran)))
            seen.append(await runner.generate_tool_call_response())
        return seen, len(runner.messages)

    (seen, turns), _ = asked(work, replied(call("t1", "act")), replied(text("Done.")))
    block = {"type": "tool_result", "tool_use_id": "t1"}
    assert seen == [
        ("tool_use", []),
        {"role": "user", "content": [block]},
        ("end_turn", ["act"]),
        None,
    ]
    assert turns == 3


def test_async_tools_run_side_by_side() -> None:
    """Each waits for the others, which one after another would never end."""
    here: list[str] = []
    all_here = asyncio.Event()

    async def meet(who: str) -> str:
        """Meet the others."""
        here.append(who)
        if len(here) == 3:
            all_here.set()
        await asyncio.wait_for(all_here.wait(), 10)
        return who

    async def work(client: AsyncClient) -> Any:
        return await client.messages.tool_runner(**WANT, tools=[meet]).until_done()

    calls = [call(f"t{n}", "meet", who=f"n{n}") for n in range(3)]
    _, server = asked(work, replied(*calls), replied(text("Met.")))
    assert [each["content"] for each in results(server)] == ["n0", "n1", "n2"]


def test_a_plain_tool_does_not_hold_up_the_loop() -> None:
    """It runs in a thread, while an async one of the same message is awaited."""
    let_go = threading.Event()

    def blocks() -> str:
        """Block until the other one has run."""
        return str(let_go.wait(10))

    async def frees() -> str:
        """Let the other one go on."""
        let_go.set()
        return "free"

    async def work(client: AsyncClient) -> Any:
        tools = [blocks, frees]
        return await client.messages.tool_runner(**WANT, tools=tools).until_done()

    calls = replied(call("t1", "blocks"), call("t2", "frees"))
    _, server = asked(work, calls, replied(text("Done.")))
    assert [each["content"] for each in results(server)] == ["True", "free"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (ValueError("kaboom"), "ValueError: kaboom"),
        (ToolError("try Tokyo"), "try Tokyo"),
        (TimeoutError(), "TimeoutError()"),
    ],
)
def test_a_failing_async_tool_tells_the_model(made: Exception, told: str) -> None:
    """The loop goes on."""

    async def fails() -> None:
        """Fail."""
        await asyncio.sleep(0)
        raise made

    async def work(client: AsyncClient) -> Any:
        return await client.messages.tool_runner(**WANT, tools=[fails]).until_done()

    _, server = asked(work, replied(call("t1", "fails")), replied(text("Sorry.")))
    (block,) = results(server)
    assert (block["content"], block["is_error"]) == (told, True)


def test_a_tool_may_ask_the_same_client() -> None:
    """An ``async def`` runs in the loop of the client, so it can use it."""

    async def work(client: AsyncClient) -> Any:
        @tool
        async def ask(question: str) -> str:
            """Ask another model."""
            turn: Any = {"role": "user", "content": question}
            message = await client.messages.create(
                model="m", max_tokens=9, messages=[turn]
            )
            return getattr(message.content[0], "text", "")

        return await client.messages.tool_runner(**WANT, tools=[ask]).until_done()

    first = replied(call("t1", "ask", question="why"))
    _, server = asked(work, first, replied(text("because")), replied(text("So.")))
    assert server.received[1].json()["messages"][0]["content"] == "why"
    assert results(server, 2)[0]["content"] == "because"


def test_a_streaming_runner_gives_streams() -> None:
    """What is left of each is read by the runner."""

    async def work(client: AsyncClient) -> Any:
        texts: list[str] = []
        runner = client.messages.tool_runner(**WANT, tools=[weather], stream=True)
        async for stream in runner:
            assert isinstance(stream, AsyncMessageStream)
            texts += [text async for text in stream.text_stream]
        return texts

    first = streamed(text("Let me see."), call("t1", "weather", city="Nara"))
    texts, server = asked(work, first, streamed(text("Sunny.")))
    assert texts == ["Let me see.", "Sunny."]
    assert results(server)[0]["content"] == "Nara: sunny"


def test_the_conversation_can_be_changed_between_steps() -> None:
    """Without waiting: messages are added, arguments replaced."""

    async def work(client: AsyncClient) -> Any:
        runner = client.messages.tool_runner(**WANT, tools=[weather])
        async for message in runner:
            if message.stop_reason == "tool_use":
                runner.append_messages({"role": "user", "content": "Be brief."})
                runner.set_messages_params(lambda now: {**now, "max_tokens": 7})

    _, server = asked(
        work, replied(call("t1", "weather", city="Nara")), replied(text("Sunny."))
    )
    body = server.received[1].json()
    assert body["max_tokens"] == 7
    assert [m["role"] for m in body["messages"]] == [
        "user",
        "assistant",
        "user",
        "user",
    ]
    assert body["messages"][0] == ASK[0]


def test_a_memory_may_wait_for_its_files() -> None:
    """Commands that are ``async def`` are awaited, one after another."""

    class Notes(MemoryTool):
        async def view(self, path: str, view_range: Any = None) -> str:  # type: ignore[override]
            await asyncio.sleep(0)
            return f"{path} is empty"

    async def work(client: AsyncClient) -> Any:
        return await client.messages.tool_runner(**WANT, tools=[Notes()]).until_done()

    first = replied(call("t1", "memory", command="view", path="/memories"))
    _, server = asked(work, first, replied(text("Nothing.")))
    assert results(server)[0]["content"] == "/memories is empty"


def test_a_cancelled_task_ends_its_tools() -> None:
    """A tool that is awaited is cancelled too; nothing more is asked."""
    ended: list[str] = []

    async def work(client: AsyncClient) -> None:
        begun = asyncio.Event()

        async def never() -> None:
            """Wait for ever."""
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("never")

        runner = client.messages.tool_runner(**WANT, tools=[never])
        task = asyncio.create_task(runner.until_done())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    _, server = asked(work, replied(call("t1", "never")))
    assert ended == ["never"]
    assert len(server.received) == 1
