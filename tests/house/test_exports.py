"""The public names: what is promised is there, and nothing hides."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

import specwire
from specwire import Client

PROMISED = {
    "specwire": [
        *("Answer", "Client", "Hook", "Timeout", "UNSET", "Wait", "errors"),
        *("beta_tool", "tool", "transform_schema"),
        *("AiClient", "CancelToken", "Message", "ToolDefinition"),
    ],
    "specwire.chat": [
        *("AiClient", "CancelReason", "CancelToken", "ChatResponse", "CallStats"),
        *("Manifest", "ManifestLoader", "Message", "StreamingEvent", "ToolDefinition"),
    ],
    "specwire.compat.ai_lib": ["AiClient", "CancelToken", "Message", "errors"],
    "specwire.sandbox": ["Sandbox"],
    "specwire.mcp": ["MCPClient", "MCPError", "Tool", "ToolResult", "tools_of"],
    "specwire.tools": [
        "Computer",
        "ComputerTool",
        "LocalMemory",
        "MemoryTool",
        "ToolError",
        "beta_tool",
        "tool",
    ],
    "specwire.batch": [
        *("BatchCollector", "BatchExecutor", "BatchRunner", "ItemResult", "Settings"),
        *("InputChangedError", "JournalBusyError", "JournalError"),
    ],
    "specwire.cache": [
        *("Cache", "CacheStats", "DiskCache", "Entry", "Kept", "MemoryCache", "Store"),
        *("bypass", "from_cache", "refresh"),
    ],
    "specwire.ledger": [
        "Entry",
        "LedgerBusyError",
        "LedgerError",
        "LedgerFileError",
        "RunLedger",
        "RunUnknownError",
    ],
    "specwire.budgets": [
        *("Budget", "BudgetExceededError", "BudgetStatus", "Prices", "UsageLedger"),
        *("PriceUnknownError", "PricesFileError", "UsageFileError"),
    ],
    "specwire.resilience": [
        *("AdaptiveRateLimiter", "Backpressure", "BackpressureConfig"),
        *("CircuitBreaker", "CircuitBreakerConfig", "CircuitOpenError"),
        *("FallbackChain", "LimitStore", "LimitStoreError", "PreflightChecker"),
        *("RateLimiter", "RateLimiterConfig"),
        *("ResilientConfig", "ResilientExecutor", "RetryConfig", "RetryPolicy"),
        "SignalsSnapshot",
    ],
    "specwire.routing": [
        *("Balancer", "HealthCheckConfig", "ModelArray", "ModelEndpoint", "ModelInfo"),
        *("ModelManager", "Router", "Strategy", "create_models"),
        *("create_anthropic_models", "create_openai_models"),
    ],
    "specwire.telemetry": [
        *("FeedbackCollector", "HealthChecker", "JsonFormatter", "Logger"),
        *("MetricsCollector", "ProviderHealthTracker", "Redactor", "Tracer"),
        *("configure", "report_feedback"),
    ],
    "specwire.core.sse": ["parse", "ServerSentEvent"],
    "specwire.errors": [
        "SpecwireError",
        "APIConnectionError",
        "APITimeoutError",
        "StreamError",
        "APIStatusError",
        "BadRequestError",
        "AuthenticationError",
        "PermissionDeniedError",
        "NotFoundError",
        "ConflictError",
        "RequestTooLargeError",
        "UnprocessableEntityError",
        "RateLimitError",
        "InternalServerError",
        "OverloadedError",
        "DecodeError",
        "RequestValidationError",
        "ManifestError",
        "CircuitOpenError",
        "BackpressureError",
        "BudgetExceededError",
        "GuardrailError",
        "CancelledError",
    ],
}
METHODS = {
    "messages": ["create", "stream", "parse", "count_tokens"],
    "batches": ["create", "retrieve", "list", "cancel", "delete", "results", "wait"],
    "files": ["upload", "list", "retrieve_metadata", "download", "delete"],
    "models": ["list", "retrieve"],
    "workflows": ["execute", "status"],
    "jobs": ["get", "wait"],
    "usage": ["limits"],
}
CALLS = [
    "execute_workflow",
    "execute_with_retry",
    "get_workflow_status",
    "validate_workflow",
    "get_job_status",
    "get_rate_limit_info",
    "get_usage_limits",
    "set_api_key",
    "set_base_url",
    "with_options",
    "signals_snapshot",
    "close",
]
OPTIONS = [
    "timeout",
    "max_retries",
    "extra_headers",
    "extra_query",
    "extra_body",
    "idempotency_key",
]


def missing(module: Any, names: list[str]) -> list[str]:
    return [name for name in names if not hasattr(module, name)]


@pytest.mark.parametrize("name", PROMISED)
def test_promised_names_exist(name: str) -> None:
    """Each module offers the names that users rely on."""
    assert missing(importlib.import_module(name), PROMISED[name]) == []


def test_a_missing_name_is_found() -> None:
    """The check sees a name that is not there."""
    assert missing(specwire, ["Client", "Clint"]) == ["Clint"]


def test_all_is_true() -> None:
    """Each name in ``__all__`` exists, and ``dir`` lists it."""
    assert missing(specwire, specwire.__all__) == []
    assert set(specwire.__all__) <= set(dir(specwire))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A name that is not there says so instead of importing something."""
    with pytest.raises(AttributeError, match="no attribute 'Clint'"):
        specwire.Clint  # noqa: B018


@pytest.mark.parametrize("resource", METHODS)
def test_every_method_exists_and_takes_the_options(resource: str) -> None:
    """Each resource has its methods; generated ones take the six options."""
    group = getattr(Client(), resource)
    assert missing(group, METHODS[resource]) == []
    for name in METHODS[resource]:
        parameters = inspect.signature(getattr(group, name)).parameters
        # Hand-written ones pass what they are given on.
        if name not in ("wait", "parse"):
            assert [option for option in OPTIONS if option not in parameters] == []


def test_the_same_resource_under_two_paths() -> None:
    """``messages.batches`` and ``beta.files`` are ``batches`` and ``files``."""
    client = Client()
    assert type(client.messages.batches) is type(client.batches)
    assert type(client.beta.files) is type(client.files)


def test_calls_on_the_client_exist() -> None:
    """The workflow calls and the client's own are there."""
    assert missing(Client, CALLS) == []


def test_unknown_arguments_are_a_type_error() -> None:
    """A misspelt argument is refused by the signature, before anything is sent."""
    with pytest.raises(TypeError, match="max_token"):
        Client().messages.create(model="m", max_token=1, messages=[])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="tempreature"):
        Client(tempreature=1)  # type: ignore[call-arg]
