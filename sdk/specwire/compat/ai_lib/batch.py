"""``ai_lib_python.batch``: the same names, sync."""

from __future__ import annotations

from ...batch.collector import (
    BatchCollector,
    BatchConfig,
    BatchExecutor,
)
from ...batch.collector import (
    BatchOutcome as BatchResult,
)

__all__ = ["BatchCollector", "BatchConfig", "BatchExecutor", "BatchResult"]
