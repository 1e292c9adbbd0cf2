"""The numbers and words of the official module that programs read."""

from __future__ import annotations

from typing import Final

from ..httpx import Limits
from ..timeouts import Timeout

DEFAULT_TIMEOUT: Final = Timeout(600.0, connect=5.0)
WHOLE_TIMEOUT: Final = Timeout(600.0, connect=5.0, attempt=600.0)
"""The same for a reply that is read whole."""
DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_CONNECTION_LIMITS: Final = Limits(
    max_connections=1000, max_keepalive_connections=100
)
HUMAN_PROMPT: Final = "\n\nHuman:"
AI_PROMPT: Final = "\n\nAssistant:"

LONGEST_UNSTREAMED_S: Final = 600.0
"""What may take longer has to be streamed, where no time-out is set."""
TOKENS_AN_HOUR: Final = 128_000
"""How fast a model is taken to write at worst."""
_OPUS_4 = (
    "claude-opus-4-20250514",
    "claude-opus-4-0",
    "claude-4-opus-20250514",
    "anthropic.claude-opus-4-20250514-v1:0",
    "claude-opus-4@20250514",
    "anthropic.claude-opus-4-1-20250805-v1:0",
    "claude-opus-4-1@20250805",
)
MODEL_NONSTREAMING_TOKENS: Final = dict.fromkeys(_OPUS_4, 8_192)
"""The most tokens that may be asked of these models without streaming."""
