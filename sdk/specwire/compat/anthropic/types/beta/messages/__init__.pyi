from ......models import (
    DeletedMessageBatch as BetaDeletedMessageBatch,
    MessageBatch as BetaMessageBatch,
    MessageBatchCanceledResult as BetaMessageBatchCanceledResult,
    MessageBatchErroredResult as BetaMessageBatchErroredResult,
    MessageBatchExpiredResult as BetaMessageBatchExpiredResult,
    MessageBatchIndividualResponse as BetaMessageBatchIndividualResponse,
    MessageBatchRequestCounts as BetaMessageBatchRequestCounts,
    MessageBatchResult as BetaMessageBatchResult,
    MessageBatchSucceededResult as BetaMessageBatchSucceededResult,
)

__all__ = [
    "BetaDeletedMessageBatch",
    "BetaMessageBatch",
    "BetaMessageBatchCanceledResult",
    "BetaMessageBatchErroredResult",
    "BetaMessageBatchExpiredResult",
    "BetaMessageBatchIndividualResponse",
    "BetaMessageBatchRequestCounts",
    "BetaMessageBatchResult",
    "BetaMessageBatchSucceededResult",
]
