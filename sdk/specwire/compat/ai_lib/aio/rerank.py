"""``ai_lib_python.rerank``: its client waits in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_rerank import RerankerClient, RerankerClientBuilder
from ..rerank import RerankOptions, RerankResult

__all__ = [
    "RerankOptions",
    "RerankResult",
    "RerankerClient",
    "RerankerClientBuilder",
]
