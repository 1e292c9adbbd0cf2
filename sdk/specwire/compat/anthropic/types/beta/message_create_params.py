"""The arguments of ``beta.messages.create``, as requests of batches hold them."""

from __future__ import annotations

from .....models.batches_params import CreateBetaMessageParams as MessageCreateParams
from .....models.batches_params import (
    CreateBetaMessageParams as MessageCreateParamsNonStreaming,
)
from .....models.batches_params import (
    CreateBetaMessageParams as MessageCreateParamsStreaming,
)

__all__ = [
    "MessageCreateParams",
    "MessageCreateParamsNonStreaming",
    "MessageCreateParamsStreaming",
]
