"""What a type checker says of a program written for ``anthropic``; never run.

Its import lines alone are changed. As in ``usage.py``, an ignore that is not needed is
an error.
"""

from __future__ import annotations

import os

from typing_extensions import assert_type

import specwire.compat.anthropic as anthropic
from specwire import dump
from specwire.compat import httpx
from specwire.compat.anthropic import (
    NOT_GIVEN,
    Anthropic,
    APIStatusError,
    AsyncAnthropic,
    AsyncMessageStream,
    AsyncStream,
    DefaultAioHttpClient,
    NotGiven,
    Stream,
    beta_async_tool,
    beta_tool,
    types,
)
from specwire.compat.anthropic._types import FileTypes
from specwire.compat.anthropic.lib.streaming import MessageStream, TextEvent
from specwire.compat.anthropic.types import (
    Message,
    MessageParam,
    RawMessageStreamEvent,
    TextBlock,
    TextBlockParam,
    ToolParam,
    Usage,
)
from specwire.compat.anthropic.types.beta import BetaMessage, BetaMessageParam
from specwire.compat.anthropic.types.message_create_params import (
    MessageCreateParamsNonStreaming,
)
from specwire.compat.anthropic.types.messages.batch_create_params import Request

client = Anthropic(
    api_key=os.environ.get("MY_KEY"),
    timeout=httpx.Timeout(60.0, connect=5.0),
    max_retries=3,
    default_headers={"X-A": "1"},
    http_client=httpx.Client(proxy="http://proxy.example"),
)
hello: MessageParam = {"role": "user", "content": "Hello"}
system: list[TextBlockParam] = [{"type": "text", "text": "Be brief."}]
tools: list[ToolParam] = [
    {"name": "now", "input_schema": {"type": "object", "properties": {}}}
]
message = client.messages.create(
    model="m", max_tokens=9, messages=[hello], system=system, tools=tools
)
assert_type(message, Message)
assert_type(message.usage, Usage)
for block in message.content:
    if block.type == "text":
        assert_type(block, TextBlock)
    elif isinstance(block, anthropic.types.ToolUseBlock):
        assert_type(block.name, str)
print(dump(message))
message.to_dict()  # type: ignore[attr-defined]  # lent while the program runs
assert_type(message._request_id, str | None)


def maybe(temperature: float | NotGiven = NOT_GIVEN) -> BetaMessage:
    turn: BetaMessageParam = {"role": "user", "content": "Hello"}
    return client.beta.messages.create(
        model="m", max_tokens=9, messages=[turn], temperature=temperature
    )


events: Stream[RawMessageStreamEvent] = client.messages.create(
    model="m", max_tokens=9, messages=[hello], stream=True
)
with client.messages.stream(model="m", max_tokens=9, messages=[hello]) as stream:
    assert_type(stream, MessageStream)
    for event in stream:
        if isinstance(event, TextEvent):
            assert_type(event.text, str)
    assert_type(stream.get_final_message(), Message)
try:
    batch = client.messages.batches.create(
        requests=[
            Request(
                custom_id="a",
                params=MessageCreateParamsNonStreaming(
                    model="m", max_tokens=9, messages=[hello]
                ),
            )
        ]
    )
except anthropic.RateLimitError as error:
    print(error.response.headers.get("retry-after"), error.request_id)
except anthropic.APIConnectionError as error:
    print(error.__cause__)
except APIStatusError as error:
    print(error.status_code, error.body, error.type)
for row in client.messages.batches.results("id"):
    if row.result.type == "succeeded":
        assert_type(row.result.message, types.Message)

quick = client.with_options(max_retries=0, timeout=5.0)
assert_type(quick, Anthropic)
assert_type(client.copy(api_key="k"), Anthropic)
assert_type(client.get("/v1/things", cast_to=Message), Message)
raw = client.messages.with_raw_response.create(
    model="m", max_tokens=9, messages=[hello]
)
print(raw.headers.get("request-id"), raw.parse())
file: FileTypes = anthropic.file_from_path("a.txt")


@beta_tool
def now() -> str:
    """The time."""
    return "noon"


runner = client.beta.messages.tool_runner(
    model="m", max_tokens=9, messages=[{"role": "user", "content": "?"}], tools=[now]
)
for turn in runner:
    print(turn.content)


# -- in tasks ----------------------------------------------------------------------


@beta_async_tool
async def later() -> str:
    """The time, after a while."""
    return "noon"


async def asked() -> None:
    async with AsyncAnthropic(
        api_key="k",
        timeout=httpx.Timeout(60.0, connect=5.0),
        http_client=DefaultAioHttpClient(),
    ) as client:
        said = await client.messages.create(model="m", max_tokens=9, messages=[hello])
        assert_type(said, Message)
        events: AsyncStream[RawMessageStreamEvent] = await client.messages.create(
            model="m", max_tokens=9, messages=[hello], stream=True
        )
        async for event in events:
            print(event.type)
        async with client.messages.stream(
            model="m", max_tokens=9, messages=[hello]
        ) as stream:
            assert_type(stream, AsyncMessageStream)
            async for text in stream.text_stream:
                assert_type(text, str)
            assert_type(await stream.get_final_message(), Message)
        page = await client.models.list()
        assert_type(page.data[0].id, str)
        async for model in client.models.list():
            assert_type(model.id, str)
        async for row in await client.messages.batches.results("id"):
            assert_type(row.custom_id, str)
        runner = client.beta.messages.tool_runner(
            model="m", max_tokens=9, messages=[hello], tools=[later, now]
        )
        async for turn in runner:
            print(turn.content)
        quick = client.with_options(max_retries=0, timeout=5.0)
        assert_type(quick, AsyncAnthropic)
        assert_type(await quick.get("/v1/things", cast_to=Message), Message)
        raw = await client.messages.with_raw_response.create(
            model="m", max_tokens=9, messages=[hello]
        )
        print(raw.headers.get("request-id"), raw.parse())
        async with client.with_streaming_response.messages.create(
            model="m", max_tokens=9, messages=[hello]
        ) as response:
            print(await response.text())


anthropic.Anthropc()  # type: ignore[attr-defined]
