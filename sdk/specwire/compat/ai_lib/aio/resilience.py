"""``ai_lib_python.resilience``: its parts wait in tasks."""

from __future__ import annotations

from ....aio.faces.backpressure import AsyncBackpressure as Backpressure
from ....aio.faces.circuit_breaker import AsyncCircuitBreaker as CircuitBreaker
from ....aio.faces.executor import AsyncResilientExecutor as ResilientExecutor
from ....aio.faces.fallback import AsyncFallbackChain as FallbackChain
from ....aio.faces.fallback import AsyncMultiFallback as MultiFallback
from ....aio.faces.preflight import AsyncPreflightChecker as PreflightChecker
from ....aio.faces.preflight import AsyncPreflightContext as PreflightContext
from ....aio.faces.rate_limiter import AsyncAdaptiveRateLimiter as AdaptiveRateLimiter
from ....aio.faces.rate_limiter import AsyncRateLimiter as RateLimiter
from ....aio.faces.retries import AsyncRetryPolicy as RetryPolicy
from ....aio.faces.retries import with_retry
from ..resilience import (
    BackpressureConfig,
    BackpressureError,
    CircuitBreakerConfig,
    CircuitOpenError,
    CircuitState,
    CircuitStats,
    ExecutionStats,
    FallbackConfig,
    FallbackResult,
    FallbackTarget,
    JitterStrategy,
    LimitStore,
    LimitStoreError,
    Permit,
    PreflightConfig,
    PreflightError,
    PreflightResult,
    RateLimiterConfig,
    ResilientConfig,
    RetryConfig,
    RetryResult,
    SignalsSnapshot,
)

__all__ = [
    "AdaptiveRateLimiter",
    "Backpressure",
    "BackpressureConfig",
    "BackpressureError",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "CircuitOpenError",
    "CircuitState",
    "CircuitStats",
    "ExecutionStats",
    "FallbackChain",
    "FallbackConfig",
    "FallbackResult",
    "FallbackTarget",
    "JitterStrategy",
    "LimitStore",
    "LimitStoreError",
    "MultiFallback",
    "Permit",
    "PreflightChecker",
    "PreflightConfig",
    "PreflightContext",
    "PreflightError",
    "PreflightResult",
    "RateLimiter",
    "RateLimiterConfig",
    "ResilientConfig",
    "ResilientExecutor",
    "RetryConfig",
    "RetryPolicy",
    "RetryResult",
    "SignalsSnapshot",
    "with_retry",
]
