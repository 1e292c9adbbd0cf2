"""Vector sums in plain Python: what :mod:`.vectors` uses where numpy is not installed.

The vectors that come in here are checked already: finite, of one length, not empty.
Each function has a twin of the same name in :mod:`.arrays`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import mul
from typing import Final, TypeAlias

_LEAST: Final = 1e-200
_MOST: Final = 1e200
"""Between them squares are exact enough; beyond, numbers are scaled before."""
Numbers: TypeAlias = Sequence[float]


def dot(a: Numbers, b: Numbers) -> float:
    return math.fsum(map(mul, a, b))


def norm(a: Numbers) -> float:
    return math.hypot(*a)


def cosine(a: Numbers, b: Numbers) -> float:
    squares = sum(map(mul, a, a)) * sum(map(mul, b, b))
    if not _LEAST < squares < _MOST:
        a, b = scaled(a), scaled(b)
        squares = sum(map(mul, a, a)) * sum(map(mul, b, b))
    alike: float = sum(map(mul, a, b)) / math.sqrt(squares)
    return min(1.0, max(-1.0, alike))


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
