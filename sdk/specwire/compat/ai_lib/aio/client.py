"""``ai_lib_python.client``: ``AiClient`` and what belongs to it, for tasks."""

from __future__ import annotations

from ....aio.cancelling import AsyncCancellableStream as CancellableStream
from ....aio.cancelling import AsyncCancelToken as CancelToken
from ....aio.cancelling import create_cancel_pair, with_cancellation
from ....aio.faces.ai_lib_client import AiClient, AiClientBuilder, ChatRequestBuilder
from ..client import CallStats, CancelHandle, CancelReason, CancelState, ChatResponse

__all__ = [
    "AiClient",
    "AiClientBuilder",
    "CallStats",
    "CancelHandle",
    "CancelReason",
    "CancelState",
    "CancelToken",
    "CancellableStream",
    "ChatRequestBuilder",
    "ChatResponse",
    "create_cancel_pair",
    "with_cancellation",
]
