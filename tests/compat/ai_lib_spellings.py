"""What the documents of ai-lib-python 0.7 write, a line each, as data.

``code`` is the document's, without ``await``; ``here`` says whether it works with the
drop-in module. What does not yet is listed all the same, so that nothing is forgotten.
"""

from __future__ import annotations

from typing import NamedTuple


class Spelling(NamedTuple):
    page: str
    code: str
    here: bool = True


_ROUTING = "from ai_lib_python.routing import *\n"
_RESILIENCE = "from ai_lib_python.resilience import *\n"
_CHAT = "chat = client.chat().user('Hello')\n"
_EVENTS = "events = list(client.chat().user('Hello').stream())\n"
_CALLED = "events = list(calling.stream())\n"

SPELLINGS = [
    Spelling("client", "from ai_lib_python import AiClient, CancelToken, Message"),
    Spelling(
        "client",
        "AiClient.builder().model('openai/gpt-4o').protocol_dir('./ai-protocol')"
        ".timeout(60).build()",
    ),
    Spelling(
        "client",
        f"{_RESILIENCE}ResilientConfig(max_retries=3, rate_limit_rps=10, "
        "circuit_breaker_threshold=5, max_inflight=50)",
    ),
    Spelling(
        "client",
        f"{_RESILIENCE}AiClient.builder().model('openai/gpt-4o')"
        ".resilience(ResilientConfig(max_retries=3)).build()",
    ),
    Spelling(
        "client",
        "sent = client.chat().system('s').user('u').messages([Message.user('m')])"
        ".build_payload()\n"
        "assert [m['content'] for m in sent['messages']] == list('sum')",
    ),
    Spelling(
        "client",
        "client.chat().user('u').tools([{'name': 'f', 'description': 'd', "
        "'parameters': {'type': 'object'}}]).build_payload()",
    ),
    Spelling("client", f"{_CHAT}assert chat.execute().content"),
    Spelling("client", f"{_CHAT}assert chat.execute().finish_reason"),
    Spelling("client", f"{_CHAT}assert chat.execute().usage.total_tokens > 0"),
    Spelling("client", f"{_CHAT}assert chat.execute().tool_calls == []"),
    Spelling(
        "client",
        f"{_CHAT}stats = chat.execute_with_stats()[1]\n"
        "assert stats.total_tokens and stats.prompt_tokens\n"
        "assert stats.completion_tokens\n"
        "assert stats.latency_ms > 0 and stats.model and stats.provider == 'openai'",
    ),
    Spelling(
        "client",
        f"{_EVENTS}assert [e.as_content_delta.text for e in events if "
        "e.is_content_delta]",
    ),
    Spelling(
        "client",
        f"{_CALLED}assert [e.as_tool_call_started.name for e in events if "
        "e.is_tool_call_started]",
    ),
    Spelling(
        "client",
        f"{_CALLED}assert [e.as_partial_tool_call.arguments for e in events if "
        "e.is_partial_tool_call]",
    ),
    Spelling("client", f"{_EVENTS}assert events[-1].as_stream_end.finish_reason"),
    Spelling(
        "client",
        "token = CancelToken()\nfor event in client.chat().user('Hello')"
        ".stream(cancel_token=token):\n    token.cancel()",
    ),
    Spelling(
        "client",
        "from ai_lib_python.errors import AiLibError, ProtocolError, TransportError, "
        "RemoteError",
    ),
    Spelling("client", "assert error.error_type == 'authentication'"),
    Spelling("client", "assert error.standard_code == 'E1002'"),
    Spelling("client", "assert error.status_code == 401"),
    Spelling("client", "client.chat().user('u').header('X-Request', '1').execute()"),
    Spelling("quickstart", "assert calling.execute().tool_calls[0].name"),
    Spelling(
        "quickstart", "assert calling.execute().tool_calls[0].arguments is not None"
    ),
    Spelling(
        "quickstart",
        "from ai_lib_python.errors import StandardErrorCode\n"
        "assert StandardErrorCode.from_http_status(429).name == 'rate_limited'",
    ),
    Spelling(
        "quickstart",
        "from ai_lib_python.errors import StandardErrorCode\n"
        "assert StandardErrorCode.from_name('overloaded') == 'E3002'",
    ),
    Spelling("streaming", "from ai_lib_python.pipeline import SseDecoder"),
    Spelling("streaming", "from ai_lib_python.pipeline import AnthropicSseDecoder"),
    Spelling(
        "streaming",
        "from ai_lib_python.pipeline import JsonLinesDecoder, ProtocolEventMapper, "
        "DefaultEventMapper, AnthropicEventMapper",
    ),
    Spelling(
        "resilience",
        f"{_RESILIENCE}RetryConfig(max_retries=3, initial_delay=1.0, max_delay=30.0, "
        "backoff_multiplier=2.0)",
    ),
    Spelling("resilience", f"{_RESILIENCE}RateLimiterConfig(requests_per_second=10)"),
    Spelling(
        "resilience",
        f"{_RESILIENCE}CircuitBreakerConfig(failure_threshold=5, cooldown_seconds=30)",
    ),
    Spelling("resilience", f"{_RESILIENCE}BackpressureConfig(max_inflight=50)"),
    Spelling(
        "resilience",
        f"{_RESILIENCE}ResilientConfig(retry=RetryConfig(), "
        "rate_limiter=RateLimiterConfig(), circuit_breaker=CircuitBreakerConfig(), "
        "backpressure=BackpressureConfig())",
    ),
    Spelling(
        "resilience",
        f"{_RESILIENCE}assert CircuitBreaker(failure_threshold=5, "
        "cooldown_seconds=30).state == 'closed'",
    ),
    Spelling(
        "resilience", f"{_RESILIENCE}RateLimiter(requests_per_second=10, burst_size=20)"
    ),
    Spelling("resilience", f"{_RESILIENCE}Backpressure(max_inflight=50)"),
    Spelling(
        "resilience",
        f"{_RESILIENCE}FallbackChain(['openai/gpt-4o', 'anthropic/claude-3-5-sonnet'])",
    ),
    Spelling("resilience", f"{_RESILIENCE}PreflightChecker()"),
    Spelling(
        "resilience", "assert client.signals_snapshot().circuit_state == 'closed'"
    ),
    Spelling(
        "resilience",
        "signals = client.signals_snapshot()\n"
        "(signals.current_inflight, signals.rate_remaining)",
    ),
    Spelling("advanced", "AiClient.builder().metrics(hook).tracer(hook).cache(hook)"),
    Spelling(
        "advanced",
        "from ai_lib_python.telemetry import MetricsCollector\n"
        "metrics = MetricsCollector()\n"
        "told = AiClient.builder().model('openai/gpt-4o').metrics(metrics).build()\n"
        "told.chat().user('Hello').execute()\n"
        "text = metrics.export_prometheus()\n"
        "assert 'ai_lib_requests_total' in text and 'ai_lib_tokens_total' in text",
    ),
    Spelling(
        "advanced",
        "from ai_lib_python.telemetry import Tracer\n"
        "tracer = Tracer(service_name='my-app')\n"
        "told = AiClient.builder().model('openai/gpt-4o').tracer(tracer).build()\n"
        "told.chat().user('Hello').execute()",
    ),
    Spelling(
        "advanced",
        "from ai_lib_python.telemetry import HealthChecker\n"
        "status = HealthChecker().check()\n"
        "assert status.is_healthy and status.details",
    ),
    Spelling(
        "advanced",
        f"{_ROUTING}manager = ModelManager()\n"
        "manager.register(ModelInfo(model_id='openai/gpt-4o', weight=0.7, "
        "capabilities=['chat', 'tools', 'vision']))\n"
        "manager.register(ModelInfo(model_id='anthropic/claude-3-5-sonnet', "
        "weight=0.3, capabilities=['chat', 'tools', 'reasoning']))\n"
        "assert '/' in manager.select(strategy='weighted').model_id\n"
        "manager = create_openai_models().merge(create_anthropic_models())\n"
        "strategies = 'round_robin weighted cost_based quality_based latency_based'\n"
        "assert all(map(manager.select, strategies.split()))",
    ),
    Spelling("advanced", "from ai_lib_python.cache import CacheManager"),
    Spelling(
        "advanced",
        "from ai_lib_python.embeddings import EmbeddingClient\n"
        "client = EmbeddingClient(model='openai/text-embedding-3-small')\n"
        "assert client.embed_batch(['a', 'b']).vectors",
    ),
    Spelling(
        "advanced",
        "from ai_lib_python.tokens import CostEstimator\n"
        "estimator = CostEstimator.for_model('openai/gpt-4o')\n"
        "cost = estimator.estimate(prompt_tokens=1000, completion_tokens=500)\n"
        "assert round(cost, 6) == 0.0075",
    ),
    Spelling("advanced", "from ai_lib_python.batch import BatchCollector"),
    Spelling(
        "advanced",
        "client.chat().user('u').response_format({'type': 'json_object'})"
        ".execute()\n"
        "from ai_lib_python.structured import JsonMode\n"
        "client.chat().user('u').response_format(JsonMode()).execute()",
    ),
    Spelling(
        "advanced",
        "from ai_lib_python.guardrails import ContentFilter, PiiDetector\n"
        "assert not ContentFilter(blocked_keywords=['x y']).check('an x y').is_safe\n"
        "assert PiiDetector().detect('mail a@example.com')",
    ),
]
