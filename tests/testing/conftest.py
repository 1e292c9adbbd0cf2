"""``pytester``, and runs of pytest in which only this plugin is loaded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest_plugins = ("pytester",)

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on what ``pytester`` has, with the plugin."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def running(*args: str) -> pytest.RunResult:
        options = ("-p", "specwire.testing.plugin", "--strict-markers", "-W", "error")
        return pytester.runpytest_inprocess(*options, *args)

    return running
