"""What comes of embedding and of ranking, as values.

A vector is an ``array('f')`` unless something else was asked for: single precision, as
it was sent, in a sixth of the memory that a list takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from .vectors import Vector

VectorForm: TypeAlias = Literal["array", "list", "numpy"]


@frozen(repr=False)
class Embedding:
    """One input's vector.

    :ivar index: which of the inputs, from 0.
    """

    index: int
    vector: Vector

    @property
    def dimensions(self) -> int:
        """How many numbers the vector has."""
        return len(self.vector)

    def to_dict(self) -> dict[str, Any]:
        """As OpenAI has it."""
        numbers = [float(each) for each in self.vector]
        return {"object": "embedding", "index": self.index, "embedding": numbers}

    def __repr__(self) -> str:
        return f"<Embedding {self.index}, {self.dimensions} dimensions>"


@frozen
class EmbeddingUsage:
    """What the provider counted, over all requests; 0 where it does not say."""

    prompt_tokens: int = 0
    total_tokens: int = 0

    def to_dict(self) -> dict[str, int]:
        """``{"prompt_tokens": int, "total_tokens": int}``."""
        return {"prompt_tokens": self.prompt_tokens, "total_tokens": self.total_tokens}


@frozen(repr=False)
class EmbeddingResponse:
    """The vectors of all inputs, in the inputs' order.

    :ivar model: as the provider calls it.
    :ivar requests: how many requests it took.
    :ivar cached: how many inputs' vectors came from a cache.
    """

    embeddings: list[Embedding] = field(factory=list)
    model: str = ""
    usage: EmbeddingUsage = field(factory=EmbeddingUsage)
    requests: int = 0
    cached: int = 0

    @property
    def first(self) -> Embedding | None:
        """The first input's; ``None`` where nothing was embedded."""
        return self.embeddings[0] if self.embeddings else None

    @property
    def vectors(self) -> list[Vector]:
        """The vectors alone."""
        return [each.vector for each in self.embeddings]

    def numpy(self) -> Any:
        """A matrix of single precision with a row for each input.

        :raises ImportError: without numpy.
        """
        from .numbers import numpy_sums

        return numpy_sums("EmbeddingResponse.numpy()").matrix(self.vectors)

    def to_dict(self) -> dict[str, Any]:
        """As OpenAI has it."""
        return {
            "object": "list",
            "data": [each.to_dict() for each in self.embeddings],
            "model": self.model,
            "usage": self.usage.to_dict(),
        }

    def __len__(self) -> int:
        return len(self.embeddings)

    def __iter__(self) -> Iterator[Embedding]:
        return iter(self.embeddings)

    def __repr__(self) -> str:
        size = self.first.dimensions if self.first else 0
        return f"<EmbeddingResponse of {self.model}: {len(self)} of {size} dimensions>"


@frozen
class RerankResult:
    """One document's place.

    :ivar index: which of the documents, from 0.
    :ivar relevance_score: the higher the better; of one model they can be compared.
    """

    index: int
    relevance_score: float
    document: str | None = None


@frozen
class RerankResponse:
    """The documents, the best first.

    :ivar search_units: what Cohere bills; 0 where the provider counts tokens.
    """

    results: list[RerankResult] = field(factory=list)
    model: str = ""
    total_tokens: int = 0
    search_units: int = 0

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[RerankResult]:
        return iter(self.results)

    def __getitem__(self, place: int) -> RerankResult:
        return self.results[place]
