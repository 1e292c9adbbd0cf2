"""What the doctor finds out by asking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specwire.cli import checks, main
from specwire.sandbox import Sandbox


def report(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    main(["doctor", "--json", *words])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_without_online_only_the_own_sandbox_is_asked(
    here: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """No service hears of it."""
    (asked,) = report(capsys)["asked"]  # type: ignore[misc]
    assert (asked["name"], asked["ok"], asked["clock_skew_s"]) == ("sandbox", True, 0)
    assert box.requests == []


def test_online_asks_the_services_with_keys(
    here: Path,
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One request each, that costs nothing; a wrong key is a problem."""
    monkeypatch.setenv("SIM_API_KEY", "wrong")
    found = report(capsys, "--online")
    asked = {each["name"]: each["ok"] for each in found["asked"]}  # type: ignore[attr-defined]
    assert asked == {"sandbox": True, "anthropic": True, "sim": False}
    (problem,) = found["problems"]  # type: ignore[misc]
    assert "401" in problem


@pytest.mark.parametrize(
    ("date", "now", "off"),
    [
        ("Thu, 01 Jan 2026 12:00:00 GMT", 1_767_268_800.7, 0.0),
        ("Thu, 01 Jan 2026 12:00:00 GMT", 1_767_269_100.0, 300.0),
        ("Thu, 01 Jan 2026 12:00:00 GMT", 1_767_268_500.0, -300.0),
        ("yesterday", 0.0, None),
        (None, 0.0, None),
    ],
)
def test_the_clocks_difference(date: str | None, now: float, off: float | None) -> None:
    """By the Date header, which has whole seconds."""
    assert checks.skew(date, now) == off


def test_a_clock_that_is_off_is_a_problem() -> None:
    """It says in which direction."""
    asked = [{"name": "x", "ok": True, "clock_skew_s": 300.0}]
    assert list(checks.problems(asked)) == [
        "this machine's clock is 300 s ahead of that of x: set it by NTP"
    ]
