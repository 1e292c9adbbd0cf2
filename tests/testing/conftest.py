"""``pytester``, and runs of pytest in which only this plugin is loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

pytest_plugins = ("pytester",)

Run = Callable[..., pytest.RunResult]


class _Keeping:
    """What the run has loaded of ours: pytester forgets it, but our packages, which
    load by need, still know it."""

    loaded: dict[str, ModuleType] = {}

    def pytest_sessionfinish(self) -> None:
        self.loaded = {k: v for k, v in sys.modules.items() if k[:9] == "specwire."}


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on what ``pytester`` has, with the plugin."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def running(*args: str) -> pytest.RunResult:
        options = ("-p", "specwire.testing.plugin", "--strict-markers", "-W", "error")
        keeping = _Keeping()
        try:
            return pytester.runpytest_inprocess(*options, *args, plugins=[keeping])
        finally:
            for name, module in keeping.loaded.items():
                sys.modules.setdefault(name, module)

    return running
