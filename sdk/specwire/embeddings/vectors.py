"""How near two vectors are, and which of many is nearest.

Any sequence of numbers will do: lists, arrays, rows of numpy. numpy counts where it is
installed, plain Python where it is not, with the same results but for the last digits.
What has no answer (a zero vector has no direction, NaN is near nothing, two lengths
cannot be compared) is a ``ValueError`` that says which vector it was.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from heapq import nlargest, nsmallest
from types import ModuleType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Vector: TypeAlias = Sequence[float]
Metric: TypeAlias = Literal["cosine", "dot", "euclidean", "manhattan"]
METRICS: Final = ("cosine", "dot", "euclidean", "manhattan")
_FAR: Final = ("euclidean", "manhattan")
"""Of these the smallest is the nearest."""
_LEAST: Final = 16
"""From so many candidates on it is worth to have numpy loaded."""


class Match(NamedTuple):
    """One of many candidates: its place among them, and how near (or far) it is."""

    index: int  # type: ignore[assignment]  # a tuple has a method of that name
    score: float


@cache
def by_numpy() -> ModuleType | None:
    """The twin that counts with numpy, where that is installed."""
    try:
        from . import arrays
    except ImportError:
        return None
    return arrays


def _sums() -> ModuleType:
    from . import pure

    return by_numpy() or pure


def dot(a: Vector, b: Vector) -> float:
    """The dot product.

    :raises ValueError: for different lengths, no numbers, NaN or infinity.
    """
    _pair("dot", a, b)
    return float(_sums().dot(a, b))


def cosine(a: Vector, b: Vector) -> float:
    """How alike two directions are: 1 the same, 0 at right angles, -1 opposite.

    :raises ValueError: also for a vector of zeros, which has no direction.
    """
    _pair("cosine", a, b)
    _directed("cosine", "the first vector", a)
    _directed("cosine", "the second vector", b)
    return float(_sums().cosine(a, b))


def euclidean(a: Vector, b: Vector) -> float:
    """The distance; 0 is the same place."""
    _pair("euclidean", a, b)
    return float(_sums().euclidean(a, b))


def manhattan(a: Vector, b: Vector) -> float:
    """The sum of the differences, each without its sign."""
    _pair("manhattan", a, b)
    return float(_sums().manhattan(a, b))


def magnitude(a: Vector) -> float:
    """The length of the vector itself."""
    from . import pure

    _checked("magnitude", "the vector", a)
    return pure.norm(a)


def normalise(a: Vector) -> list[float]:
    """The same direction, of length 1.

    :raises ValueError: also for a vector of zeros.
    """
    _checked("normalise", "the vector", a)
    _directed("normalise", "the vector", a)
    found: list[float] = _sums().normalise(a)
    return found


def average(
    vectors: Sequence[Vector], weights: Sequence[float] | None = None
) -> list[float]:
    """The middle of ``vectors``.

    :param weights: how much each counts; they need not sum up to 1.
    :raises ValueError: also for no vectors, and for weights that sum up to nothing.
    """
    if not len(vectors):
        raise ValueError("average: expected at least one vector, got none")
    for index, vector in enumerate(vectors):
        _checked("average", f"vector {index}", vector)
    _sizes("average", vectors, len(vectors[0]))
    if weights is None:
        weights = [1.0] * len(vectors)
    if len(weights) != len(vectors):
        raise ValueError(
            f"average: expected a weight for each of {len(vectors)} vectors, "
            f"got {len(weights)} weights"
        )
    _checked("average", "the list of weights", weights)
    if not math.fsum(weights):
        raise ValueError("average: expected weights that do not sum up to 0")
    found: list[float] = _sums().average(vectors, weights)
    return found


def most_similar(
    query: Vector,
    candidates: Sequence[Vector],
    top_k: int | None = 5,
    metric: Metric = "cosine",
) -> list[Match]:
    """The candidates that are nearest to ``query``, the nearest first.

    >>> most_similar([1.0, 0.0], [[0.0, 1.0], [2.0, 0.1]], top_k=1)[0].index
    1

    :param candidates: vectors, or a matrix of numpy with a row for each.
    :param top_k: how many at most; ``None`` is all of them.
    :param metric: ``cosine``, ``dot``, ``euclidean`` or ``manhattan``. Of the last two
        the score is a distance, and the smallest comes first.
    :raises ValueError: for vectors that cannot be compared; which one is said.
    """
    if metric not in METRICS:
        raise ValueError(
            f"most_similar: expected a metric of {', '.join(METRICS)}, got {metric!r}"
        )
    if top_k is not None and (isinstance(top_k, bool) or top_k < 0):
        raise ValueError(f"most_similar: expected top_k of 0 or more, got {top_k!r}")
    _checked("most_similar", "the query", query)
    if metric == "cosine":
        _directed("most_similar", "the query", query)
    _sizes("most_similar", candidates, len(query))
    scores = enumerate(_scores(metric, query, candidates))
    found = [Match(index, float(score)) for index, score in scores]
    pick = nsmallest if metric in _FAR else nlargest
    return pick(len(found) if top_k is None else top_k, found, key=lambda one: one[1])


def _scores(
    metric: str, query: Vector, candidates: Sequence[Vector]
) -> Iterable[float]:
    arrays = by_numpy() if len(candidates) >= _LEAST else None
    if arrays is not None:

        def judge(start: int, finite: Any, directed: Any) -> None:
            if not finite.all():
                raise _unsound("most_similar", f"vector {start + int(finite.argmin())}")
            if metric == "cosine" and not directed.all():
                which = f"vector {start + int(directed.argmin())}"
                raise _undirected("most_similar", which)

        scores: Iterable[float] = arrays.scores(metric, query, candidates, judge)
        return scores
    from . import pure

    for index, one in enumerate(candidates):
        _checked("most_similar", f"vector {index}", one)
        if metric == "cosine":
            _directed("most_similar", f"vector {index}", one)
    return pure.scores(metric, query, candidates)


# -- what can be compared ------------------------------------------------------------


def _pair(where: str, a: Vector, b: Vector) -> None:
    _checked(where, "the first vector", a)
    _checked(where, "the second vector", b)
    if len(a) != len(b):
        raise ValueError(
            f"{where}: expected vectors of one length, got {len(a)} and {len(b)} "
            "numbers; are they of the same model?"
        )


def _sizes(where: str, vectors: Sequence[Vector], size: int) -> None:
    for index, vector in enumerate(vectors):
        if len(vector) != size:
            raise ValueError(
                f"{where}: expected vectors of {size} numbers, got {len(vector)} in "
                f"vector {index}; are they of the same model?"
            )


def _checked(where: str, which: str, vector: Vector) -> None:
    try:
        if not len(vector):
            raise ValueError(f"{where}: {which} is empty")
        good = _finite(vector)
    except TypeError:
        kind = type(vector).__name__
        text = f"{where}: expected {which} to be a sequence of numbers, got {kind}"
        raise TypeError(text) from None
    if not good:
        raise _unsound(where, which)


def _finite(vector: Any) -> bool:
    if type(vector).__module__ == "numpy":
        arrays = by_numpy()
        if arrays is not None:
            return bool(arrays.finite(vector))
    # A sum shows NaN and infinity; one that is none itself may still be of numbers.
    return math.isfinite(sum(vector)) or all(map(math.isfinite, vector))


def _directed(where: str, which: str, vector: Any) -> None:
    some = vector.any() if type(vector).__module__ == "numpy" else any(vector)
    if not some:
        raise _undirected(where, which)


def _unsound(where: str, which: str) -> ValueError:
    return ValueError(f"{where}: {which} holds NaN or infinity")


def _undirected(where: str, which: str) -> ValueError:
    return ValueError(f"{where}: {which} is all zeros and has no direction")
