"""What a type checker says of chats in tasks; read by ``make types``, never run."""

from __future__ import annotations

from typing_extensions import assert_type

from specwire.aio import AsyncAiClient, AsyncBackpressure, AsyncClient, AsyncRateLimiter
from specwire.aio.faces.backpressure import AsyncPermit
from specwire.aio.faces.chat_streaming import AsyncChatStream
from specwire.chat import CallStats, ChatResponse, StreamingEvent
from specwire.compat.ai_lib import aio


async def main() -> None:
    client = await AsyncAiClient.create("openai/gpt-4o", timeout=3)
    assert_type(client, AsyncAiClient)
    client.chat().usr("Hi")  # type: ignore[attr-defined]
    chat = client.chat().user("Hi").temperature(0.5)
    assert_type(await chat.execute(), ChatResponse)
    async for event in chat.stream():
        assert_type(event, StreamingEvent)
    async with chat.stream() as stream:
        assert_type(stream, AsyncChatStream)
    assert_type(await chat.stream(), AsyncChatStream)
    assert_type(await chat.stream_with_stats(), tuple[AsyncChatStream, CallStats])
    built = await AsyncAiClient.builder().model("openai/gpt-4o").build()
    assert_type(built, AsyncAiClient)
    async with AsyncClient() as services:
        assert_type(await services.chat("openai/gpt-4o").execute(), ChatResponse)
    async with AsyncBackpressure(max_inflight=1).acquire() as permit:
        assert_type(permit, AsyncPermit)
    assert_type(await AsyncRateLimiter().acquire(), float)


async def theirs() -> None:
    client = await aio.AiClient.create("openai/gpt-4o")
    assert_type(client, aio.AiClient)
    token = aio.CancelToken()
    async for event in client.chat().user("Hi").stream(cancel_token=token):
        assert_type(event, StreamingEvent)
    assert_type(await client.chat().user("Hi").execute(), ChatResponse)
    builder = aio.AiClient.builder().model("openai/gpt-4o")
    assert_type(await builder.build(), aio.AiClient)
