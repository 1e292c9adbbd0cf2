"""Results of the two operations: a reply read into vectors, or into a ranking.

What does not hold together (a vector missing, one of another size, NaN) is a
``DecodeError`` that says which vector it was; nothing is guessed.
"""

from __future__ import annotations

from array import array
from typing import Any

from attrs import frozen

from ..core.replies import reply_error
from ..core.results import Arrived, Result, decoded
from .languages import Language
from .numbers import from_wire
from .types import RerankResponse, RerankResult


@frozen
class Vectors:
    """What one reply holds."""

    vectors: list[array[float]]
    model: str
    prompt_tokens: int
    total_tokens: int


class VectorsResult(Result):
    """The vectors of ``count`` inputs.

    :param dimensions: how many numbers each has to have; ``None``: all the same.
    """

    __slots__ = ("count", "dimensions", "language")
    accept = "application/json"

    def __init__(
        self, language: Language, count: int, dimensions: int | None = None
    ) -> None:
        self.language = language
        self.count = count
        self.dimensions = dimensions

    def value(self, arrived: Arrived) -> Vectors:
        call, reply = arrived.call, arrived.reply
        data = decoded(call, reply, dict[str, Any])
        found: list[array[float]] = []
        at = 0
        try:
            raw = self.language.vectors(data)
            if len(raw) != self.count:
                raise ValueError(f"has {len(raw)} vectors, for {self.count} inputs")
            for at, value in enumerate(raw):  # noqa: B007
                found.append(from_wire(value))
            problem = self._sizes(found)
        except ValueError as error:
            problem = str(error)
            if problem.startswith(("is", "holds")):
                problem = f"has a vector, that of its input {at}, which {problem}"
        if problem:
            # Outside: the context would hold the whole reply.
            raise reply_error(call, reply, problem, pointer=f"/{at}")
        prompt, total = self.language.tokens(data)
        model = data.get("model")
        return Vectors(found, model if isinstance(model, str) else "", prompt, total)

    def _sizes(self, found: list[array[float]]) -> str:
        wanted = self.dimensions or (len(found[0]) if found else 0)
        for index, vector in enumerate(found):
            if len(vector) != wanted:
                return (
                    f"has {len(vector)} numbers in the vector of its input {index}, "
                    f"not {wanted}"
                )
        return ""


class RankingResult(Result):
    """Documents by their worth: Cohere's and Jina's shape, and that of others."""

    __slots__ = ("documents",)
    accept = "application/json"

    def __init__(self, documents: list[Any]) -> None:
        self.documents = documents

    def value(self, arrived: Arrived) -> RerankResponse:
        call, reply = arrived.call, arrived.reply
        data = decoded(call, reply, dict[str, Any])
        items = data.get("results", data.get("data"))
        if not isinstance(items, list):
            raise reply_error(call, reply, "has no list 'results'", pointer="/results")
        results = []
        seen: set[int] = set()
        for at, item in enumerate(items):
            result = self._result(item)
            if result is None or result.index in seen:
                problem = f"has a result that is none, or a second of one, at {at}"
                raise reply_error(call, reply, problem, pointer=f"/results/{at}")
            seen.add(result.index)
            results.append(result)
        # The best first is the promise; not all local servers keep it.
        results.sort(key=lambda each: -each.relevance_score)
        usage, meta = data.get("usage"), data.get("meta")
        billed = meta.get("billed_units") if isinstance(meta, dict) else None
        model = data.get("model")
        return RerankResponse(
            results,
            model if isinstance(model, str) else "",
            _whole(usage, "total_tokens"),
            _whole(billed, "search_units"),
        )

    def _result(self, item: Any) -> RerankResult | None:
        if not isinstance(item, dict):
            return None
        index = item.get("index")
        score = item.get("relevance_score", item.get("score"))
        if type(index) is not int or not 0 <= index < len(self.documents):
            return None
        if isinstance(score, bool) or not isinstance(score, (int, float)):
            return None
        if score != score:
            return None
        document = self.documents[index]
        if isinstance(document, dict):
            document = document.get("text")
        text = document if isinstance(document, str) else None
        return RerankResult(index, float(score), text)


def _whole(table: Any, name: str) -> int:
    found = table.get(name) if isinstance(table, dict) else None
    return found if type(found) is int and found > 0 else 0
