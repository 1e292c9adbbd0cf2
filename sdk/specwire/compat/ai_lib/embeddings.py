"""``ai_lib_python.embeddings``: the same names, sync, with the clients of ours.

Vectors are lists; a vector of zeros is like nothing (0.0) and stays as it is; errors
are those of :mod:`.errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from attrs import define

from ...embeddings import vectors as _vectors
from ...embeddings.builder import EmbeddingClientBuilder
from ...embeddings.client import EmbeddingClient as _EmbeddingClient
from ...embeddings.types import Embedding, EmbeddingResponse, EmbeddingUsage
from ...embeddings.vectors import Vector, average, magnitude
from .errors import translated

__all__ = [
    "Embedding",
    "EmbeddingClient",
    "EmbeddingClientBuilder",
    "EmbeddingModel",
    "EmbeddingRequest",
    "EmbeddingResponse",
    "EmbeddingUsage",
    "Vector",
    "average_vectors",
    "cosine_similarity",
    "dot_product",
    "euclidean_distance",
    "find_most_similar",
    "find_most_similar_embeddings",
    "magnitude",
    "manhattan_distance",
    "normalize_vector",
    "weighted_average_vectors",
]


class EmbeddingClient(_EmbeddingClient):
    """Embeds texts; see :class:`specwire.embeddings.EmbeddingClient`."""

    def __init__(self, model: str | None = None, **settings: Any) -> None:
        settings.setdefault("vectors", "list")
        try:
            with translated():
                super().__init__(model, **settings)
        finally:
            settings.clear()

    def embed_batch(self, *args: Any, **settings: Any) -> EmbeddingResponse:
        with translated():
            return super().embed_batch(*args, **settings)


class EmbeddingModel(str, Enum):
    """Models by name; any other name will do as well."""

    TEXT_EMBEDDING_3_SMALL = "text-embedding-3-small"
    TEXT_EMBEDDING_3_LARGE = "text-embedding-3-large"
    TEXT_EMBEDDING_ADA_002 = "text-embedding-ada-002"
    EMBED_ENGLISH_V3 = "embed-english-v3.0"
    EMBED_MULTILINGUAL_V3 = "embed-multilingual-v3.0"
    EMBED_ENGLISH_LIGHT_V3 = "embed-english-light-v3.0"
    VOYAGE_LARGE_2 = "voyage-large-2"
    VOYAGE_CODE_2 = "voyage-code-2"
    TEXT_EMBEDDING_004 = "text-embedding-004"

    @property
    def dimensions(self) -> int:
        """How many numbers its vectors have, where nothing else is asked for."""
        return _SIZES[self.value][0]

    @property
    def max_tokens(self) -> int:
        """How long one input may be."""
        return _SIZES[self.value][1]


_SIZES = {
    "text-embedding-3-small": (1536, 8191),
    "text-embedding-3-large": (3072, 8191),
    "text-embedding-ada-002": (1536, 8191),
    "embed-english-v3.0": (1024, 512),
    "embed-multilingual-v3.0": (1024, 512),
    "embed-english-light-v3.0": (384, 512),
    "voyage-large-2": (1536, 16000),
    "voyage-code-2": (1536, 16000),
    "text-embedding-004": (768, 2048),
}


@define
class EmbeddingRequest:
    """A request's body, as OpenAI has it."""

    input: str | list[str]
    model: str = "text-embedding-3-small"
    dimensions: int | None = None
    encoding_format: str = "float"
    user: str | None = None

    def to_dict(self) -> dict[str, Any]:
        made: dict[str, Any] = {"input": self.input, "model": self.model}
        if self.dimensions is not None:
            made["dimensions"] = self.dimensions
        if self.encoding_format != "float":
            made["encoding_format"] = self.encoding_format
        if self.user:
            made["user"] = self.user
        return made

    @property
    def is_batch(self) -> bool:
        return isinstance(self.input, list)

    @property
    def batch_size(self) -> int:
        return len(self.input) if isinstance(self.input, list) else 1


# -- vectors -------------------------------------------------------------------------

dot_product = _vectors.dot
euclidean_distance = _vectors.euclidean
manhattan_distance = _vectors.manhattan


def cosine_similarity(a: Vector, b: Vector) -> float:
    """How alike two directions are; 0.0 where one has none."""
    if len(a) == len(b) and not (any(a) and any(b)):
        return 0.0
    return _vectors.cosine(a, b)


def normalize_vector(v: Vector) -> Vector:
    """The same direction, of length 1; a vector of zeros as it is."""
    return _vectors.normalise(v) if any(v) else v


def find_most_similar(
    query: Vector,
    candidates: Sequence[Vector],
    top_k: int = 5,
    metric: str = "cosine",
) -> list[tuple[int, float]]:
    """The nearest candidates: their places and scores, the nearest first."""
    if metric == "cosine":  # zeros are allowed, and like nothing
        scores = [cosine_similarity(query, each) for each in candidates]
        places = sorted(range(len(scores)), key=lambda place: -scores[place])
        return [(place, scores[place]) for place in places[:top_k]]
    found = _vectors.most_similar(query, candidates, top_k, metric)  # type: ignore[arg-type]
    return [(place, score) for place, score in found]


def find_most_similar_embeddings(
    query: Embedding,
    candidates: Sequence[Embedding],
    top_k: int = 5,
    metric: str = "cosine",
) -> list[tuple[Embedding, float]]:
    """The nearest embeddings with their scores, the nearest first."""
    vectors = [each.vector for each in candidates]
    found = find_most_similar(query.vector, vectors, top_k, metric)
    return [(candidates[place], score) for place, score in found]


def average_vectors(vectors: Sequence[Vector]) -> list[float]:
    """The middle of ``vectors``."""
    return average(vectors)


def weighted_average_vectors(
    vectors: Sequence[Vector], weights: Sequence[float]
) -> list[float]:
    """The middle of ``vectors``, each counted by its weight."""
    return average(vectors, weights)
