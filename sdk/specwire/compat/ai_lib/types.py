"""``ai_lib_python.types``: messages, tools, events, and tool calls in the text."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

from ...chat.events import (
    ContentDelta,
    FinalCandidate,
    Metadata,
    PartialToolCall,
    StreamEnd,
    StreamError,
    StreamingEvent,
    ThinkingDelta,
    ToolCallEnded,
    ToolCallStarted,
)
from ...chat.messages import ContentBlock, Message
from ...chat.text_tools import (
    NativeStrategy,
    StandardTextToolParser,
    TextToolConfig,
    TextToolResult,
    ToolCallingPolicy,
    parse_hybrid_tool_calls,
)
from ...chat.tools import ToolCall, ToolChoice, ToolDefinition
from ...chat.usage import Usage

__all__ = [
    "ContentBlock",
    "ContentDelta",
    "FinalCandidate",
    "FunctionDefinition",
    "Message",
    "MessageContent",
    "MessageRole",
    "Metadata",
    "NativeStrategy",
    "PartialContentDelta",
    "PartialToolCall",
    "StandardTextToolParser",
    "StreamEnd",
    "StreamError",
    "StreamingEvent",
    "TextToolConfig",
    "TextToolResult",
    "ThinkingDelta",
    "ToolCall",
    "ToolCallEnded",
    "ToolCallStarted",
    "ToolCallingPolicy",
    "ToolChoice",
    "ToolDefinition",
    "Usage",
    "parse_hybrid_tool_calls",
]

MessageContent: TypeAlias = "str | list[ContentBlock] | list[dict[str, Any]]"
PartialContentDelta = ContentDelta
FunctionDefinition = ToolDefinition


class MessageRole(str, Enum):
    """Who says a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"

    def __str__(self) -> str:
        return str(self.value)
