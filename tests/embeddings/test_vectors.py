"""Vector sums: what they are, what has no answer, and that numpy says the same."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.embeddings import pure, vectors

numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(
    lambda x: 0.0 if abs(x) < 1e-6 else x
)
sizes = st.integers(1, 12)
needs_numpy = pytest.mark.skipif(
    vectors.by_numpy() is None, reason="numpy is not installed"
)


def rows(count: int, *, zero: bool = True) -> st.SearchStrategy[list[list[float]]]:
    """So many vectors of one length."""

    def of(size: int) -> st.SearchStrategy[list[list[float]]]:
        one = st.lists(numbers, min_size=size, max_size=size)
        one = one if zero else one.filter(any)
        return st.lists(one, min_size=count, max_size=count)

    return sizes.flatmap(of)


@pytest.fixture(params=["pure", "numpy"])
def sums(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both ways to count, one after the other."""
    if request.param == "numpy":
        pytest.importorskip("numpy", reason="numpy is not installed")
        yield "numpy"
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "by_numpy", lambda: None)
        yield "pure"


@pytest.mark.parametrize(
    ("name", "value"),
    [("dot", 11.0), ("euclidean", math.sqrt(8)), ("manhattan", 4.0)],
)
def test_two_vectors(sums: str, name: str, value: float) -> None:
    """As a calculator has it."""
    assert getattr(vectors, name)([1, 2], [3.0, 4.0]) == pytest.approx(value)


def test_directions(sums: str) -> None:
    """The same, opposite, at right angles; how long they are is nothing to it."""
    assert vectors.cosine([1, 0], [5, 0]) == pytest.approx(1)
    assert vectors.cosine([1, 1], [-2, -2]) == pytest.approx(-1)
    assert vectors.cosine([1, 0], [0, 3]) == pytest.approx(0)
    assert vectors.normalise([3, 4]) == pytest.approx([0.6, 0.8])
    assert vectors.magnitude([3, 4]) == pytest.approx(5)


def test_very_large_and_very_small_numbers(sums: str) -> None:
    """Their squares are beyond a float; the directions are not."""
    assert vectors.cosine([1e300, 1e300], [1e-300, 1e-300]) == pytest.approx(1)
    assert vectors.normalise([5e-320, 0]) == pytest.approx([1, 0])
    assert vectors.euclidean([1e300, 0], [0, 0]) == pytest.approx(1e300)


def test_averages(sums: str) -> None:
    """Plain, and with weights that need not sum up to one."""
    assert vectors.average([[0, 2], [2, 4]]) == pytest.approx([1, 3])
    assert vectors.average([[0, 2], [2, 4]], [1, 3]) == pytest.approx([1.5, 3.5])


@pytest.mark.parametrize("many", [2, 40])
def test_the_nearest_first(sums: str, many: int) -> None:
    """By direction or product the largest, by distance the smallest."""
    candidates = [[1.0, n / 10] for n in range(many)]
    for metric, first in [("cosine", 0), ("dot", many - 1), ("euclidean", 0)]:
        found = vectors.most_similar([1, 0.01], candidates, 1, metric)  # type: ignore[arg-type]
        if metric != "dot":
            assert [place for place, _ in found] == [first]
    top = vectors.most_similar([0, 1], candidates, 2, "dot")
    assert [each.index for each in top] == [many - 1, many - 2]
    assert len(vectors.most_similar([1, 0], candidates, None)) == many
    assert vectors.most_similar([1, 0], [], 5) == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: vectors.dot([1], [1, 2]), "1 and 2 numbers"),
        (lambda: vectors.dot([], []), "first vector is empty"),
        (lambda: vectors.dot([1], [math.nan]), "second vector holds NaN"),
        (lambda: vectors.euclidean([math.inf], [1]), "first vector holds NaN or inf"),
        (lambda: vectors.cosine([0, 0], [1, 2]), "first vector is all zeros"),
        (lambda: vectors.normalise([0.0]), "all zeros"),
        (lambda: vectors.average([]), "at least one vector"),
        (lambda: vectors.average([[1], [1, 2]]), "2 in vector 1"),
        (lambda: vectors.average([[1], [2]], [1]), "1 weights"),
        (lambda: vectors.average([[1], [2]], [1, -1]), "sum up to 0"),
        (lambda: vectors.most_similar([1], [[1]], 5, "near"), "'near'"),  # type: ignore[arg-type]
        (lambda: vectors.most_similar([1], [[1]], -1), "-1"),
    ],
)
def test_what_has_no_answer_is_said(sums: str, call: Any, said: str) -> None:
    """A ValueError that names the vector and the fault."""
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize("many", [3, 40])
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([math.nan, 1.0], "vector 2 holds NaN"),
        ([0.0, 0.0], "vector 2 is all zeros"),
        ([1.0], "got 1 in vector 2"),
    ],
)
def test_a_bad_candidate_is_named(
    sums: str, many: int, bad: list[float], said: str
) -> None:
    """By its place among all of them."""
    candidates = [[1.0, float(n)] for n in range(many)]
    candidates[2] = bad
    with pytest.raises(ValueError, match=said):
        vectors.most_similar([1, 1], candidates)


def test_what_is_no_vector(sums: str) -> None:
    """A TypeError that says what came."""
    with pytest.raises(TypeError, match=r"first vector .* got str"):
        vectors.dot("ab", [1, 2])  # type: ignore[arg-type]


@needs_numpy
@settings(max_examples=60, deadline=None)
@given(rows(2))
def test_numpy_measures_alike(pair: list[list[float]]) -> None:
    """Products and distances are the same but for the last digits."""
    arrays: Any = vectors.by_numpy()
    for name in ("dot", "euclidean", "manhattan"):
        ours, theirs = getattr(pure, name)(*pair), getattr(arrays, name)(*pair)
        assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-3)


@needs_numpy
@settings(max_examples=60, deadline=None)
@given(rows(3, zero=False))
def test_numpy_points_alike(three: list[list[float]]) -> None:
    """Directions, averages and scores of many are the same."""
    arrays: Any = vectors.by_numpy()
    a, b, c = three
    assert arrays.cosine(a, b) == pytest.approx(pure.cosine(a, b), abs=1e-9)
    assert arrays.normalise(a) == pytest.approx(pure.normalise(a), abs=1e-12)
    ours = pure.average(three, [1.0, 2.0, 3.0])
    assert arrays.average(three, [1.0, 2.0, 3.0]) == pytest.approx(ours, abs=1e-6)
    for metric in vectors.METRICS:
        ours = list(pure.scores(metric, a, [b, c]))
        theirs = list(arrays.scores(metric, a, [b, c], lambda *_: None))
        assert theirs == pytest.approx(ours, rel=1e-9, abs=1e-3)


def test_arrays_and_matrices_are_taken() -> None:
    """Rows of single precision, as they come off the wire."""
    numpy = pytest.importorskip("numpy", reason="numpy is not installed")
    rows = [array("f", [1, n]) for n in range(20)]
    matrix = numpy.array(rows)
    assert vectors.most_similar(rows[7], rows, 1, "euclidean")[0] == (7, 0.0)
    assert vectors.most_similar(matrix[7], matrix, 1, "euclidean")[0] == (7, 0.0)
    assert vectors.cosine(matrix[7], rows[7]) == pytest.approx(1)
    with pytest.raises(ValueError, match="NaN"):
        vectors.dot(numpy.array([numpy.nan]), [1.0])
