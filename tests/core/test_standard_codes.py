"""The standard codes: values that are text, frozen, and never fail a look-up."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from specwire import errors
from specwire.core.standard_codes import ALL, StandardErrorCode

ODD = [None, 0, -1, 200, 302, 600, True, "429", 4.29, [], {}, object()]


def test_there_are_thirteen() -> None:
    """Code, name, category, retryable, fallbackable are AI-Protocol's table."""
    table = [(c, c.name, c.category, c.retryable, c.fallbackable) for c in ALL]
    assert table == [
        ("E1001", "invalid_request", "client", False, False),
        ("E1002", "authentication", "client", False, True),
        ("E1003", "permission_denied", "client", False, False),
        ("E1004", "not_found", "client", False, False),
        ("E1005", "request_too_large", "client", False, False),
        ("E2001", "rate_limited", "rate", True, True),
        ("E2002", "quota_exhausted", "rate", False, True),
        ("E3001", "server_error", "server", True, True),
        ("E3002", "overloaded", "server", True, True),
        ("E3003", "timeout", "server", True, True),
        ("E4001", "conflict", "operational", True, False),
        ("E4002", "cancelled", "operational", False, False),
        ("E9999", "unknown", "unknown", False, False),
    ]


def test_a_code_is_text() -> None:
    """It compares, hashes, formats and is written to JSON as its code."""
    code = StandardErrorCode.from_name("rate_limited")
    assert (code, {code: 1}["E2001"]) == ("E2001", 1)
    assert (f"{code}", json.dumps(code), code.code) == ("E2001", '"E2001"', "E2001")
    assert type(code.code) is str


def test_a_code_is_frozen() -> None:
    """Nothing of it can be changed, and copies and pickles are the same."""
    code = ALL[0]
    with pytest.raises(AttributeError):
        code.name = "other"
    with pytest.raises(AttributeError):
        code.more = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del code.name
    for same in (
        copy.copy(code),
        copy.deepcopy(code),
        pickle.loads(pickle.dumps(code)),
    ):
        assert same is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *[(400, "E1001"), (422, "E1001"), (418, "E1001"), (401, "E1002")],
        *[(402, "E2002"), (403, "E1003"), (404, "E1004"), (413, "E1005")],
        *[(408, "E3003"), (409, "E4001"), (429, "E2001"), (499, "E4002")],
        *[(500, "E3001"), (502, "E3001"), (503, "E3002"), (504, "E3003")],
        (529, "E3002"),
    ],
)
def test_what_a_status_means(status: int, code: str) -> None:
    """Statuses that the table does not name mean their class's first code."""
    assert StandardErrorCode.from_http_status(status) == code


@pytest.mark.parametrize("odd", ODD)
def test_look_ups_never_fail(odd: Any) -> None:
    """What is no code, name or status of an error is E9999."""
    assert StandardErrorCode.from_code(odd) == "E9999"
    assert StandardErrorCode.from_name(odd) == "E9999"
    assert StandardErrorCode.from_http_status(odd) == "E9999"


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_class_has_one(name: str) -> None:
    """A class's code is a value of the table, and what is given becomes one."""
    cls = getattr(errors, name)
    assert isinstance(cls.standard_code, StandardErrorCode)
    given = cls("odd", standard_code="E3002").standard_code
    assert (given, given.name) == ("E3002", "overloaded")


def test_the_codes_of_classes() -> None:
    """Conflict and cancellation have the codes of their names."""
    assert errors.ConflictError.standard_code.name == "conflict"
    assert errors.CancelledError.standard_code.name == "cancelled"
    assert errors.APIStatusError("x", status_code=409).standard_code == "E9999"
