"""Names of attributes on spans, and the words that stand in them; nothing else.

They are OpenTelemetry's for generative AI, errors, HTTP and servers, as of 1.44. Those
for generative AI are in development and have moved between packages before, so they are
written down here and imported from nowhere. What begins with ``specwire.`` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
MODEL: Final = "gen_ai.request.model"
STREAM: Final = "gen_ai.request.stream"
MAX_TOKENS: Final = "gen_ai.request.max_tokens"
TEMPERATURE: Final = "gen_ai.request.temperature"
TOP_P: Final = "gen_ai.request.top_p"
TOP_K: Final = "gen_ai.request.top_k"
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
FIRST_CHUNK_S: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_creation.input_tokens"

METHOD: Final = "http.request.method"
STATUS: Final = "http.response.status_code"
RESENDS: Final = "http.request.resend_count"
SERVER: Final = "server.address"
PORT: Final = "server.port"
ERROR: Final = "error.type"

ATTEMPT_EVENT: Final = "specwire.attempt"
ATTEMPT: Final = "specwire.attempt.number"
ATTEMPTS: Final = "specwire.attempts"
CALL: Final = "specwire.operation"
EVENTS: Final = "specwire.stream.events"
OUTCOME: Final = "specwire.outcome"
REQUEST_ID: Final = "specwire.request_id"
CODE: Final = "specwire.standard_code"

_PROVIDERS: Final[Mapping[str, str]] = {
    "gemini": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "watsonx": "ibm.watsonx.ai",
}
_OPERATIONS: Final = (
    ("embed", "embeddings"),
    ("rerank", "rerank"),
    ("count_tokens", "count_tokens"),
    ("chat", "chat"),
    ("messages", "chat"),
    ("responses", "chat"),
    ("completions", "chat"),
)


def provider_name(id: str) -> str:
    """The conventions' word for a provider; its own id where they have none."""
    return _PROVIDERS.get(id, id)


@lru_cache(1024)
def operation_name(operation: str) -> str:
    """The conventions' word for what a call does, by what it is called here."""
    known = (word for part, word in _OPERATIONS if part in operation)
    return next(known, operation)
