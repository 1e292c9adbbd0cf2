"""``docs/budgets.md`` is true: its Python runs, its prices are prices."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from specwire.budgets import Budget, Prices
from specwire.sandbox import Sandbox
from tests.house.modules import ROOT

PAGE = (ROOT / "docs/budgets.md").read_text("utf-8")


def test_the_page_runs(
    box: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With keys from the environment, against a sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
    monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "docs/budgets.md", "exec"), names)
    spent, refused = capsys.readouterr().out.splitlines()
    assert spent.endswith("left")
    assert refused == "not sent: 0 attempts"


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
