"""``docs/tokens.md`` and ``docs/structured.md`` are true: their Python runs."""

from __future__ import annotations

import re

import pytest

from specwire.sandbox import Sandbox
from tests.house.modules import ROOT


@pytest.mark.parametrize(
    ("page", "last"),
    [
        ("tokens.md", "True system And now?"),
        ("structured.md", "{'city': 'Porto'}"),
    ],
)
def test_a_page_runs(
    page: str,
    last: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With keys from the environment, against a sandbox."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    names: dict[str, object] = {"__name__": "page"}
    with Sandbox() as box:
        for provider in ("openai", "anthropic"):
            name = provider.upper()
            monkeypatch.setenv(f"{name}_API_KEY", box.api_keys[provider])
            monkeypatch.setenv(f"{name}_BASE_URL", box.base_urls[provider])
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            code = compile(block, page, "exec", dont_inherit=True)
            exec(code, names)
    assert capsys.readouterr().out.splitlines()[-1] == last
