from .....models import (
    DeletedMessageBatch as DeletedMessageBatch,
    MessageBatch as MessageBatch,
    MessageBatchCanceledResult as MessageBatchCanceledResult,
    MessageBatchErroredResult as MessageBatchErroredResult,
    MessageBatchExpiredResult as MessageBatchExpiredResult,
    MessageBatchIndividualResponse as MessageBatchIndividualResponse,
    MessageBatchRequestCounts as MessageBatchRequestCounts,
    MessageBatchResult as MessageBatchResult,
    MessageBatchSucceededResult as MessageBatchSucceededResult,
)

__all__ = [
    "DeletedMessageBatch",
    "MessageBatch",
    "MessageBatchCanceledResult",
    "MessageBatchErroredResult",
    "MessageBatchExpiredResult",
    "MessageBatchIndividualResponse",
    "MessageBatchRequestCounts",
    "MessageBatchResult",
    "MessageBatchSucceededResult",
]
