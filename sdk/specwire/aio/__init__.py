"""Async: the same clients, resources and helpers for tasks (extra ``async``).

>>> from specwire.aio import AsyncClient
>>> async def main():  # doctest: +SKIP
...     async with AsyncClient() as client:
...         return await client.messages.create(
...             model="claude-sonnet-4-5", max_tokens=100,
...             messages=[{"role": "user", "content": "Hello"}],
...         )
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .base import AsyncBaseClient as AsyncBaseClient
    from .bridge import spawn as spawn
    from .bridge import wait as wait
    from .cancelling import AsyncCancellableStream as AsyncCancellableStream
    from .cancelling import AsyncCancelToken as AsyncCancelToken
    from .cancelling import with_cancellation as with_cancellation
    from .client import AsyncClient as AsyncClient
    from .download import AsyncDownload as AsyncDownload
    from .faces.backpressure import AsyncBackpressure as AsyncBackpressure
    from .faces.batch_collector import AsyncBatchCollector as AsyncBatchCollector
    from .faces.batch_collector import AsyncBatchExecutor as AsyncBatchExecutor
    from .faces.batch_runner import AsyncBatchRunner as AsyncBatchRunner
    from .faces.chat_builder import AsyncAiClientBuilder as AsyncAiClientBuilder
    from .faces.chat_client import AsyncAiClient as AsyncAiClient
    from .faces.circuit_breaker import AsyncCircuitBreaker as AsyncCircuitBreaker
    from .faces.embeddings import AsyncEmbeddingClient as AsyncEmbeddingClient
    from .faces.executor import AsyncResilientExecutor as AsyncResilientExecutor
    from .faces.fallback import AsyncFallbackChain as AsyncFallbackChain
    from .faces.health import AsyncHealthChecker as AsyncHealthChecker
    from .faces.ledger import AsyncRunLedger as AsyncRunLedger
    from .faces.mcp import AsyncMCPClient as AsyncMCPClient
    from .faces.mcp_tools import tools_of as tools_of
    from .faces.media import AsyncMedia as AsyncMedia
    from .faces.rate_limiter import AsyncRateLimiter as AsyncRateLimiter
    from .faces.rerank import AsyncRerankClient as AsyncRerankClient
    from .faces.retries import AsyncRetryPolicy as AsyncRetryPolicy
    from .faces.retries import with_retry as with_retry
    from .faces.router import AsyncRouter as AsyncRouter
    from .faces.tokens import count_tokens as count_tokens
    from .opening import Opening as Opening
    from .paging import AsyncPage as AsyncPage
    from .paging import AsyncPages as AsyncPages
    from .stream import AsyncStream as AsyncStream
    from .twin import Twin as Twin

_HOMES = {
    "AsyncAiClient": ".aio.faces.chat_client",
    "AsyncAiClientBuilder": ".aio.faces.chat_builder",
    "AsyncBackpressure": ".aio.faces.backpressure",
    "AsyncBaseClient": ".aio.base",
    "AsyncBatchCollector": ".aio.faces.batch_collector",
    "AsyncBatchExecutor": ".aio.faces.batch_collector",
    "AsyncBatchRunner": ".aio.faces.batch_runner",
    "AsyncCancelToken": ".aio.cancelling",
    "AsyncCancellableStream": ".aio.cancelling",
    "AsyncCircuitBreaker": ".aio.faces.circuit_breaker",
    "AsyncClient": ".aio.client",
    "AsyncDownload": ".aio.download",
    "AsyncEmbeddingClient": ".aio.faces.embeddings",
    "AsyncFallbackChain": ".aio.faces.fallback",
    "AsyncHealthChecker": ".aio.faces.health",
    "AsyncMCPClient": ".aio.faces.mcp",
    "AsyncMedia": ".aio.faces.media",
    "AsyncPage": ".aio.paging",
    "AsyncPages": ".aio.paging",
    "AsyncRateLimiter": ".aio.faces.rate_limiter",
    "AsyncRerankClient": ".aio.faces.rerank",
    "AsyncResilientExecutor": ".aio.faces.executor",
    "AsyncRetryPolicy": ".aio.faces.retries",
    "AsyncRouter": ".aio.faces.router",
    "AsyncRunLedger": ".aio.faces.ledger",
    "AsyncStream": ".aio.stream",
    "Opening": ".aio.opening",
    "Twin": ".aio.twin",
    "count_tokens": ".aio.faces.tokens",
    "spawn": ".aio.bridge",
    "tools_of": ".aio.faces.mcp_tools",
    "wait": ".aio.bridge",
    "with_cancellation": ".aio.cancelling",
    "with_retry": ".aio.faces.retries",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazily(__name__, _HOMES)
