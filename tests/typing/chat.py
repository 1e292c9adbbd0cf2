"""What type checkers see of chat; never run."""

from __future__ import annotations

from typing_extensions import assert_type

from specwire import AiClient, CancelToken, Client, Message
from specwire.chat import CallStats, ChatResponse, ChatStream
from specwire.compat import ai_lib
from specwire.core.standard_codes import StandardErrorCode
from specwire.errors import SpecwireError

client = AiClient.create("openai/gpt-4o", api_key="k", timeout=3)
assert_type(client, AiClient)
chat = client.chat().system("s").user("u").messages([Message.user("m")])
assert_type(chat.temperature(0.5).execute(), ChatResponse)
assert_type(chat.execute_with_stats()[1], CallStats)
stream = chat.stream(cancel_token=CancelToken(timeout=5))
assert_type(stream, ChatStream)
for event in stream:
    if event.is_content_delta:
        assert_type(event.as_content_delta.text, str)
    elif event.is_tool_call_started:
        assert_type(event.as_tool_call_started.name, str)
assert_type(stream.response.total_tokens, "int | None")
assert_type(SpecwireError().standard_code, StandardErrorCode)
assert_type(Client().chat("openai/gpt-4o").execute().content, str)
front = ai_lib.AiClient.builder().model("openai/gpt-4o").timeout(60).build()
assert_type(front, ai_lib.AiClient)
front.chat().user("u").execute()
