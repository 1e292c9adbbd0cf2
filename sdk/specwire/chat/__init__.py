"""Provider-neutral chat: one call for every provider, where the provider is data.

>>> from specwire.chat import AiClient
>>> with AiClient.create("anthropic/claude-sonnet-4-5") as client:  # doctest: +SKIP
...     print(client.chat().user("Hello").execute().content)

The names load when they are first used, so that a program pays for what it meets.
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..core.cancelling import CancelHandle as CancelHandle
    from ..core.cancelling import CancellableStream as CancellableStream
    from ..core.cancelling import CancelReason as CancelReason
    from ..core.cancelling import CancelToken as CancelToken
    from ..core.cancelling import create_cancel_pair as create_cancel_pair
    from ..core.cancelling import with_cancellation as with_cancellation
    from ..core.standard_codes import StandardErrorCode as StandardErrorCode
    from .builder import AiClientBuilder as AiClientBuilder
    from .client import AiClient as AiClient
    from .events import StreamingEvent as StreamingEvent
    from .loader import ManifestLoader as ManifestLoader
    from .manifest import Manifest as Manifest
    from .messages import ContentBlock as ContentBlock
    from .messages import Message as Message
    from .request import ChatRequest as ChatRequest
    from .response import CallStats as CallStats
    from .response import ChatResponse as ChatResponse
    from .streaming import ChatStream as ChatStream
    from .tools import ToolCall as ToolCall
    from .tools import ToolChoice as ToolChoice
    from .tools import ToolDefinition as ToolDefinition
    from .turn import ChatRequestBuilder as ChatRequestBuilder
    from .usage import Usage as Usage

_HOMES = {
    "AiClient": ".client",
    "AiClientBuilder": ".builder",
    "CallStats": ".response",
    "CancelHandle": "..core.cancelling",
    "CancelReason": "..core.cancelling",
    "CancelToken": "..core.cancelling",
    "CancellableStream": "..core.cancelling",
    "ChatRequest": ".request",
    "ChatRequestBuilder": ".turn",
    "ChatResponse": ".response",
    "ChatStream": ".streaming",
    "ContentBlock": ".messages",
    "Manifest": ".manifest",
    "ManifestLoader": ".loader",
    "Message": ".messages",
    "StandardErrorCode": "..core.standard_codes",
    "StreamingEvent": ".events",
    "ToolCall": ".tools",
    "ToolChoice": ".tools",
    "ToolDefinition": ".tools",
    "Usage": ".usage",
    "create_cancel_pair": "..core.cancelling",
    "with_cancellation": "..core.cancelling",
}

__all__ = [
    "AiClient",
    "AiClientBuilder",
    "CallStats",
    "CancelHandle",
    "CancelReason",
    "CancelToken",
    "CancellableStream",
    "ChatRequest",
    "ChatRequestBuilder",
    "ChatResponse",
    "ChatStream",
    "ContentBlock",
    "Manifest",
    "ManifestLoader",
    "Message",
    "StandardErrorCode",
    "StreamingEvent",
    "ToolCall",
    "ToolChoice",
    "ToolDefinition",
    "Usage",
    "create_cancel_pair",
    "with_cancellation",
]

__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
