"""Parameters in a path and a query, by OpenAPI's table of styles."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from specwire.core.styles import path_text, query_text
from specwire.core.types import UNSET
from specwire.errors import RequestValidationError

LIST = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (None, "blue", "color=blue"),
        (None, LIST, "color=blue&color=black&color=brown"),
        (None, OBJECT, "R=100&G=200&B=150"),
        ("form,false", LIST, "color=blue,black,brown"),
        ("form,false", OBJECT, "color=R,100,G,200,B,150"),
        ("spaceDelimited,false", LIST, "color=blue%20black%20brown"),
        ("pipeDelimited,false", LIST, "color=blue|black|brown"),
        ("spaceDelimited,false", OBJECT, "color=R%20100%20G%20200%20B%20150"),
        ("deepObject,true", OBJECT, "color[R]=100&color[G]=200&color[B]=150"),
        ("deepObject,true", LIST, "color[]=blue&color[]=black&color[]=brown"),
        ("deepObject,true", {"a": UNSET, "b": None, "c": 1}, "color[c]=1"),
        ("deepObject,true", {"a": {"b": [1]}}, "color[a][b][]=1"),
        (None, {"R": {"a": 1}}, "R=%7B%22a%22%3A1%7D"),
        (None, [{"a": 1}], "color=%7B%22a%22%3A1%7D"),
        (None, [], ""),
        ("form,false", [], ""),
        ("form,false", {}, ""),
        (None, None, ""),
        (None, UNSET, ""),
        (None, "", "color="),
        (None, True, "color=true"),
        (None, ("a", "b"), "color=a&color=b"),
        (None, dt.date(2024, 1, 2), "color=2024-01-02"),
        (None, "a b&c=d/é", "color=a%20b%26c%3Dd%2F%C3%A9"),
        ("form,false", ["a,b", "c"], "color=a%2Cb,c"),
    ],
)
def test_a_query_parameter_is_written_in_its_style(
    style: str | None, value: Any, text: str
) -> None:
    """The examples of OpenAPI 3.1, and what has to be escaped."""
    assert query_text("op", [("color", value, style)]) == text


def test_parameters_keep_their_order() -> None:
    """They come as they were given."""
    parameters = [("b", 1, None), ("a", 2, None)]
    assert query_text("op", parameters) == "b=1&a=2"


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (None, "blue", "blue"),
        (None, LIST, "blue,black,brown"),
        (None, OBJECT, "R,100,G,200,B,150"),
        ("simple,true", OBJECT, "R=100,G=200,B=150"),
        ("label,false", "blue", ".blue"),
        ("label,false", LIST, ".blue,black,brown"),
        ("label,true", LIST, ".blue.black.brown"),
        ("label,true", OBJECT, ".R=100.G=200.B=150"),
        ("matrix,false", "blue", ";color=blue"),
        ("matrix,false", LIST, ";color=blue,black,brown"),
        ("matrix,true", LIST, ";color=blue;color=black;color=brown"),
        ("matrix,true", OBJECT, ";R=100;G=200;B=150"),
        (None, True, "true"),
        (None, 7, "7"),
        (None, "a/b?c#d e%", "a%2Fb%3Fc%23d%20e%25"),
    ],
)
def test_a_path_parameter_is_written_in_its_style(
    style: str | None, value: Any, text: str
) -> None:
    """The examples of OpenAPI 3.1, and what has to be escaped."""
    assert path_text("op", "color", value, style) == text


@pytest.mark.parametrize("value", ["", None, [], {}, ["a", ""], [".."], {"a": ".."}])
def test_what_would_change_the_path_is_refused(value: Any) -> None:
    """Empty and dotted segments, also inside lists."""
    with pytest.raises(RequestValidationError, match="path parameter 'color'"):
        path_text("op", "color", value, None)


def test_text_that_is_not_unicode_is_refused() -> None:
    """A lone surrogate has no bytes."""
    with pytest.raises(RequestValidationError, match="not valid Unicode"):
        query_text("op", [("color", "\ud800", None)])
