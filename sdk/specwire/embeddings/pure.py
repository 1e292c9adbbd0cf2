"""Vector sums in plain Python: what :mod:`.vectors` uses where numpy is not installed.

The vectors that come in here are checked already: finite, of one length, not empty.
Each function has a twin of the same name in :mod:`.arrays`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

Numbers: TypeAlias = Sequence[float]


def dot(a: Numbers, b: Numbers) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def norm(a: Numbers) -> float:
    return math.hypot(*a)


def cosine(a: Numbers, b: Numbers) -> float:
    a, b = scaled(a), scaled(b)
    return min(1.0, max(-1.0, dot(a, b) / (norm(a) * norm(b))))


def euclidean(a: Numbers, b: Numbers) -> float:
    return math.dist(a, b)


def manhattan(a: Numbers, b: Numbers) -> float:
    return math.fsum(abs(x - y) for x, y in zip(a, b, strict=True))


def normalise(a: Numbers) -> list[float]:
    a = scaled(a)
    length = norm(a)
    return [x / length for x in a]


def scaled(a: Numbers) -> list[float]:
    """``a`` with 1 as its largest number, whose squares neither vanish nor overflow."""
    most = max(map(abs, a))
    return [x / most for x in a]


def average(vectors: Sequence[Numbers], weights: Numbers) -> list[float]:
    whole = math.fsum(weights)
    return [
        math.fsum(x * weight for x, weight in zip(row, weights, strict=True)) / whole
        for row in zip(*vectors, strict=True)
    ]


def scores(
    metric: str, query: Numbers, candidates: Iterable[Numbers]
) -> Iterator[float]:
    """How near each candidate is to ``query``, or how far."""
    measure: Callable[[Numbers, Numbers], float] = globals()[metric]
    return (measure(query, candidate) for candidate in candidates)
