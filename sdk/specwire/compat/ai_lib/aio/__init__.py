"""The call surface of ``ai-lib-python`` 0.7 to 1.2, async as it is there, on specwire.

>>> from specwire.compat.ai_lib.aio import AiClient
>>> async def main():  # doctest: +SKIP
...     client = await AiClient.create("openai/gpt-4o")
...     print((await client.chat().user("Hello").execute()).content)

A program changes its import lines and nothing else. What waits in the original is
awaited here, by :mod:`specwire.aio`; what does not is that of
:mod:`specwire.compat.ai_lib`. The names load when they are first used (PEP 562).
"""

from __future__ import annotations

import typing as _t

from ....core.lazily import lazily
from .. import _HOMES as _SYNC
from .. import __version__ as __version__

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

_HOMES = {
    name: home.replace(".compat.ai_lib", ".compat.ai_lib.aio")
    for name, home in _SYNC.items()
}

__all__ = ["__version__", *_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
