"""One request of a beta batch."""

from __future__ import annotations

from ......models.batches_params import (
    BetaMessageBatchIndividualRequestParams as Request,
)

__all__ = ["Request"]
