"""What a type checker says of typical code; read by ``make types``, never run.

A line that must be refused carries an ignore, and an ignore that is not needed is an
error: so both directions are checked.
"""

from __future__ import annotations

from typing import TypedDict

from typing_extensions import assert_type

from specwire import Client, models
from specwire.core.paging import Page
from specwire.core.stream import Stream
from specwire.models.shared_params import MessageParam
from specwire.tools.runner import StreamingToolRunner, ToolRunner

client = Client(timeout=30)
history: list[MessageParam] = [{"role": "user", "content": "Hello"}]
message = client.messages.create(model="m", max_tokens=9, messages=history)
assert_type(message, models.Message)
for block in message.content:
    if block.type == "text":
        assert_type(block, models.TextBlock)

# A reply's blocks go back as they are.
history.append({"role": "assistant", "content": message.content})

events = client.messages.create(model="m", max_tokens=9, messages=history, stream=True)
assert_type(events, Stream[models.MessageStreamEvent])
for event in events:
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        assert_type(event.delta.text, str)

assert_type(client.files.list(), Page[models.FileMetadata])
for file in client.files.list(limit=2):
    assert_type(file, models.FileMetadata)
assert_type(client.usage.limits(), models.UsageLimits)

result = client.execute_with_retry("wf", {"a": 1}, timeout=60, max_retries=5)
assert_type(result, models.WorkflowExecutionResult)
receipt = client.execute_workflow("wf", async_execution=True)
assert_type(receipt, models.AsyncExecutionResult)
for text in client.execute_workflow("wf", stream=True).text_stream:
    assert_type(text, str)

# What is to be cached is marked on blocks, tools and the request.
cached = client.beta.prompt_caching.messages.create(
    model="m",
    max_tokens=9,
    cache_control={"type": "ephemeral", "ttl": "1h"},
    system=[{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}],
    tools=[
        {
            "name": "f",
            "input_schema": {"type": "object"},
            "cache_control": {"type": "ephemeral"},
        }
    ],
    messages=[
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [
                        {
                            "type": "text",
                            "text": "a",
                            "cache_control": {"type": "ephemeral"},
                        }
                    ],
                    "cache_control": {"type": "ephemeral"},
                }
            ],
        }
    ],
)
assert_type(cached.usage.cache_read_input_tokens, int | None)
assert_type(cached.usage.cache_creation, models.CacheCreation | None)


class Risk(TypedDict):
    score: int


parsed = client.messages.parse(model="m", messages=history, output_format=Risk)
assert_type(parsed.parsed_output, Risk)
assert_type(parsed.id, str)
plain = client.messages.parse(
    model="m", messages=history, output_format={"type": "object"}, temperature=0.5
)
print(plain.parsed_output.anything)  # of a schema nothing is known
client.messages.parse(  # type: ignore[call-overload]
    model="m", messages=history, output_format=Risk, temprature=0.5
)
client.beta.messages.parse(
    model="m", messages=history, output_format=Risk, betas=["b-1"]
)
assert_type(client.messages.tool_runner(model="m", messages=history), ToolRunner)
runner = client.beta.messages.tool_runner(model="m", messages=history, stream=True)
assert_type(runner, StreamingToolRunner)
client.messages.tool_runner(model="m", max_token=9)  # type: ignore[call-overload]
with client.messages.stream(model="m", max_tokens=9, messages=history) as stream:
    for helper in stream:
        if helper.type == "text":
            assert_type(helper.text, str)
        elif helper.type == "content_block_stop":
            assert_type(helper.content_block, models.ContentBlock)
        elif helper.type == "message_stop":
            assert_type(helper.message, models.Message)
    assert_type(stream.get_final_message(), models.Message)

client.execute_workflow("wf", retries=3)  # type: ignore[call-overload]
client.messages.create(model="m", max_tokens="9", messages=history)  # type: ignore[call-overload]
client.messages.create(model="m", max_token=9, messages=history)  # type: ignore[call-overload]
client.files.retrieve_metadata(7)  # type: ignore[arg-type]
client.mesages  # type: ignore[attr-defined]  # noqa: B018
Client(time_out=3)  # type: ignore[call-arg]
