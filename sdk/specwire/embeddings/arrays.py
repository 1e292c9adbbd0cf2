"""Vector sums by numpy: what :mod:`.vectors` uses where it is installed.

The only module that imports it. Many vectors are taken some thousand at a time, so that
a matrix of single precision is never copied whole into double.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

_ROWS: Final = 4096
_SHORT: Final = 1e-100
_LONG: Final = 1e100
"""Between them squares are exact enough; beyond, numbers are scaled before."""


def row(values: Any) -> Any:
    """One vector, of double precision."""
    if isinstance(values, memoryview):  # numpy reads its format, not always its items
        values = values.tolist()
    return np.asarray(values, dtype=np.float64)


def matrix(vectors: Sequence[Any]) -> Any:
    """Vectors of one length as rows of single precision."""
    if isinstance(vectors, np.ndarray):
        return vectors
    return np.array([np.asarray(vector, dtype=np.float32) for vector in vectors])


def single(vector: array[float]) -> Any:
    """The same numbers, not copied."""
    return np.frombuffer(vector, dtype=np.float32)


def finite(values: Any) -> bool:
    return bool(np.isfinite(values).all())


def dot(a: Any, b: Any) -> float:
    with np.errstate(over="ignore"):
        return float(np.dot(row(a), row(b)))


def cosine(a: Any, b: Any) -> float:
    found = _directions(row(a)[np.newaxis], _unit(row(b)))[0]
    return float(min(1.0, max(-1.0, found)))


def euclidean(a: Any, b: Any) -> float:
    apart = np.abs(row(a) - row(b))
    most = apart.max()
    return float(most * np.linalg.norm(apart / most)) if most > 0 else 0.0


def manhattan(a: Any, b: Any) -> float:
    return float(np.abs(row(a) - row(b)).sum())


def normalise(a: Any) -> list[float]:
    found: list[float] = _unit(row(a)).tolist()
    return found


def average(vectors: Sequence[Any], weights: Any) -> list[float]:
    rows = np.array([row(vector) for vector in vectors])
    found: list[float] = (row(weights) @ rows / row(weights).sum()).tolist()
    return found


def scores(
    metric: str,
    query: Any,
    candidates: Sequence[Any],
    judge: Callable[[int, Any, Any], None],
) -> Iterator[float]:
    """How near each candidate is to ``query``, or how far.

    ``judge`` is told of each lot where it begins, which of its rows are finite, and
    which have a direction.
    """
    asked = row(query)
    if metric == "cosine":
        asked = _unit(asked)
    for start in range(0, len(candidates), _ROWS):
        some = candidates[start : start + _ROWS]
        whole = isinstance(some, np.ndarray)
        rows = row(some) if whole else np.array([row(one) for one in some])
        judge(start, np.isfinite(rows).all(axis=1), rows.any(axis=1))
        yield from _measured(metric, asked, rows).tolist()


def _measured(metric: str, asked: Any, rows: Any) -> Any:
    if metric == "dot":
        return rows @ asked
    if metric == "cosine":
        return np.clip(_directions(rows, asked), -1.0, 1.0)
    apart = np.abs(rows - asked)
    if metric == "manhattan":
        return apart.sum(axis=1)
    most = apart.max(axis=1, keepdims=True)
    most[most == 0] = 1.0
    return np.linalg.norm(apart / most, axis=1) * most[:, 0]


def _directions(rows: Any, asked: Any) -> Any:
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not ((lengths > _SHORT) & (lengths < _LONG)).all():
        return _unit(rows) @ asked
    return rows @ asked / lengths


def _unit(a: Any) -> Any:
    """Of length 1; by way of its largest number, whose square may not be had."""
    a = a / np.abs(a).max(axis=-1, keepdims=True)
    return a / np.linalg.norm(a, axis=-1, keepdims=True)
