"""``docs/budgets.md`` is true: its prices are prices."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from specwire.budgets import Budget, Prices
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/budgets.md").read_text("utf-8")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="TOML without tomli")
def test_the_prices_of_the_page_are_prices(tmp_path: Path) -> None:
    """The file can be used as it stands, and says what the registry says."""
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "prices.toml"
    file.write_text(text)
    shown = Prices(file).of("anthropic", "claude-sonnet-4-5")
    assert shown == Prices().of("anthropic", "claude-sonnet-4-5")


def test_every_setting_is_on_the_page() -> None:
    """As the signature has them, but for the clock of tests."""
    import inspect

    names = set(inspect.signature(Budget).parameters) - {"clock"}
    assert {name for name in names if f"| `{name}` |" in PAGE} == names
