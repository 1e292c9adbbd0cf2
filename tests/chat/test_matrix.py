"""The table of providers in ``docs/chat.md`` is what calls to a sandbox give."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.sandbox import Sandbox
from specwire.sandbox.chat.providers import PROVIDERS

from .matrix import COLUMNS, PAGE, Asker, cell, page, table


@pytest.fixture(scope="module")
def made() -> tuple[list[str], list[str]]:
    return table()


def test_every_cell_is_kept(made: tuple[list[str], list[str]]) -> None:
    """Nothing that a manifest declares goes wrong."""
    assert made[1] == []


def test_the_page_shows_what_was_found(made: tuple[list[str], list[str]]) -> None:
    """``python -m tests.chat.matrix --write`` brings it up to date."""
    assert PAGE.read_text("utf-8") == page(made[0])


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ("text", {"body": {"choices": []}}),
        ("stream", {"cut_after": 700}),
        ("tools", {"body": {"choices": [{"message": {"content": "no"}}]}}),
        ("usage", {"body": {"choices": [{"message": {"content": "no"}}]}}),
    ],
)
def test_a_cell_can_fail(column: str, fault: dict[str, Any]) -> None:
    """An answer that is not as it should be is seen in its column."""
    with Sandbox() as box:
        ask = Asker(box, PROVIDERS["openai"])
        box.fail("POST /openai/v1/chat/completions", None, times=4, **fault)
        found, problem = cell(ask, COLUMNS[column])
        ask.client.close()
    assert found == "no" and problem
