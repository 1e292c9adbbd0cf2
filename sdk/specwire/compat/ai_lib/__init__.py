"""The call surface of ``ai-lib-python`` 0.7 to 1.2, synchronous, on specwire.

>>> from specwire.compat.ai_lib import AiClient
>>> client = AiClient.create("openai/gpt-4o")  # doctest: +SKIP
>>> client.chat().user("Hello").execute().content  # doctest: +SKIP

What its documents show works, without ``await``, and so do the spellings that its code
has instead. What differs, and what is not there yet, is written down in
``docs/migrating-from-ai-lib.md``. The names load when they are first used (PEP 562).
"""

from __future__ import annotations

import typing as _t

from ...core.lazily import lazily

if _t.TYPE_CHECKING:
    from .client import AiClient as AiClient
    from .client import AiClientBuilder as AiClientBuilder
    from .client import CallStats as CallStats
    from .client import CancellableStream as CancellableStream
    from .client import CancelReason as CancelReason
    from .client import CancelToken as CancelToken
    from .client import ChatRequestBuilder as ChatRequestBuilder
    from .client import ChatResponse as ChatResponse
    from .errors import AiLibError as AiLibError
    from .errors import ProtocolError as ProtocolError
    from .errors import RemoteError as RemoteError
    from .errors import StandardErrorCode as StandardErrorCode
    from .errors import TransportError as TransportError
    from .types import ContentBlock as ContentBlock
    from .types import Message as Message
    from .types import MessageContent as MessageContent
    from .types import MessageRole as MessageRole
    from .types import StreamingEvent as StreamingEvent
    from .types import ToolCall as ToolCall
    from .types import ToolChoice as ToolChoice
    from .types import ToolDefinition as ToolDefinition

__version__ = "0.7.0"
"""Of the call surface, for programs that ask what they may call."""

_HERE = ".compat.ai_lib"
_BY_HOME = {
    f"{_HERE}.client": """
        AiClient AiClientBuilder CallStats CancelReason CancelToken CancellableStream
        ChatRequestBuilder ChatResponse
    """,
    f"{_HERE}.errors": """
        AiLibError ProtocolError RemoteError StandardErrorCode TransportError
    """,
    f"{_HERE}.types": """
        ContentBlock Message MessageContent MessageRole StreamingEvent ToolCall
        ToolChoice ToolDefinition
    """,
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}
_MODULES = """
    batch cache client embeddings errors guardrails mcp multimodal pipeline plugins
    protocol rerank resilience routing structured stt telemetry tokens transport tts
    types
"""
_HOMES |= {name: f"{_HERE}.{name}:*" for name in _MODULES.split()}

__all__ = ["__version__", *_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
