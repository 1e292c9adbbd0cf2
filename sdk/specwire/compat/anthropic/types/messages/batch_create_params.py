"""One request of a batch."""

from __future__ import annotations

from .....models.batches_params import MessageBatchIndividualRequestParams as Request

__all__ = ["Request"]
