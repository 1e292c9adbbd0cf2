"""Resilience: retries, limits and circuits, as hooks of any client or by hand.

>>> from specwire.resilience import CircuitBreaker, RateLimiter
>>> parts = [RateLimiter(requests_per_second=10), CircuitBreaker()]
>>> client = Client(hooks=parts)  # doctest: +SKIP

Each part decides and never sleeps in a client: its loop waits, within the time limit of
the call. Threads may share a part, and so may clients; see ``docs/resilience.md``.
"""

from __future__ import annotations

from ..core.errors import BackpressureError, CircuitOpenError
from ..core.signals import SignalsSnapshot
from .backpressure import Backpressure, Permit
from .circuit import CircuitState
from .circuit_breaker import CircuitBreaker, CircuitStats
from .config import ResilientConfig
from .configs import (
    BackpressureConfig,
    CircuitBreakerConfig,
    JitterStrategy,
    RateLimiterConfig,
    RetryConfig,
)
from .executor import ExecutionStats, ResilientExecutor
from .fallback import (
    FallbackChain,
    FallbackConfig,
    FallbackResult,
    FallbackTarget,
    MultiFallback,
)
from .limit_store import LimitStore, LimitStoreError
from .preflight import (
    PreflightChecker,
    PreflightConfig,
    PreflightContext,
    PreflightError,
    PreflightResult,
)
from .rate_limiter import AdaptiveRateLimiter, RateLimiter
from .retry import RetryPolicy, RetryResult, with_retry

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
