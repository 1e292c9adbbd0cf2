"""The arguments of ``messages.create``, as requests of batches hold them."""

from __future__ import annotations

from ....models.batches_params import CreateMessageParams as MessageCreateParams
from ....models.batches_params import (
    CreateMessageParams as MessageCreateParamsNonStreaming,
)
from ....models.batches_params import (
    CreateMessageParams as MessageCreateParamsStreaming,
)

__all__ = [
    "MessageCreateParams",
    "MessageCreateParamsNonStreaming",
    "MessageCreateParamsStreaming",
]
