"""The pytest plugin, as suites of other people have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.house.modules import SDK
from tests.testing.conftest import Run

ASK = """
ASK = {"model": "claude-haiku-4-5", "max_tokens": 50,
       "messages": [{"role": "user", "content": "Hello"}]}
"""


def test_it_loads_nothing_until_a_fixture_is_used(pytester: pytest.Pytester) -> None:
    """A suite that asks for no fixture has no module of ours but the plugin's."""
    pytester.makepyfile(
        """
        import sys

        def test_plain():
            found = {name for name in sys.modules if name.startswith("specwire")}
            assert found == {
                "specwire", "specwire.core", "specwire.core.lazily",
                "specwire.testing", "specwire.testing.plugin",
            }, found
            assert not {"requests", "attr", "cattrs"} & set(sys.modules)
        """
    )
    env = {
        **os.environ,
        "PYTHONPATH": str(SDK),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "specwire.testing.plugin", "-q"],
        cwd=pytester.path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_the_library_runs_as_it_is_installed(pytester: pytest.Pytester) -> None:
    """pytest compiles none of its modules anew, as it does with those of plugins."""
    pytester.makepyfile(
        """
        import sys

        def test_plain():
            from specwire import Client

            spec = sys.modules[Client.__module__].__spec__
            assert type(spec.loader).__name__ == "SourceFileLoader"
        """
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


def test_the_entry_point_is_the_plugin() -> None:
    """What pytest loads by itself is this module."""
    project = (SDK.parent / "pyproject.toml").read_text("utf-8")
    table = project.partition("[project.entry-points.pytest11]\n")[2]
    assert table.startswith('specwire = "specwire.testing.plugin"\n')


def test_clients_without_arguments_ask_the_sandbox(
    pytester: pytest.Pytester, run: Run
) -> None:
    """Of both kinds, and of providers; the environment is as it was afterwards."""
    pytester.makepyfile(
        ASK
        + """
import asyncio, os
from specwire import AiClient, Client
from specwire.aio import AsyncClient

def test_sync(specwire_sandbox, assert_requested):
    with Client() as client:
        assert client.messages.create(**ASK).content[0].text
        assert client.execute_workflow("wf_1", {"a": 1}).success
    with AiClient.create("openai/gpt-4o") as client:
        assert client.chat().user("Hello").execute().content
    assert len(specwire_sandbox.requests) >= 3
    assert_requested("POST", "/v1/messages", json=ASK, times=1)
    assert_requested("POST", "/openai/v1/chat/completions")

def test_async(specwire_sandbox, assert_requested):
    async def main():
        async with AsyncClient() as client:
            return await client.messages.create(**ASK)
    assert asyncio.run(main()).role == "assistant"
    assert_requested("POST", "/v1/messages", times=1)

def test_after():
    assert "ANTHROPIC_BASE_URL" not in os.environ
"""
    )
    run().assert_outcomes(passed=3)


def test_the_sandbox_takes_settings(pytester: pytest.Pytester, run: Run) -> None:
    """Those of the marker; keys come from the seed."""
    pytester.makepyfile(
        """
        import pytest
        from specwire.sandbox import Sandbox

        @pytest.mark.specwire_sandbox(seed=7, sim="v1")
        def test_seed(specwire_sandbox):
            assert specwire_sandbox.api_keys == Sandbox(seed=7).api_keys
        """
    )
    run().assert_outcomes(passed=1)


def test_waits_are_over_at_once(pytester: pytest.Pytester, run: Run) -> None:
    """With the clock, also in clients that the program makes itself."""
    pytester.makepyfile(
        ASK
        + """
from specwire import Client

def test_wait(specwire_clock, specwire_sandbox, specwire_client, specwire_requests):
    specwire_sandbox.fail("POST /v1/messages", [429, 529], retry_after=30)
    assert specwire_client.messages.create(**ASK)._reply.attempts == 3
    specwire_sandbox.fail("POST /v1/messages", [429], retry_after=40)
    with Client() as client:
        client.messages.create(**ASK)
    assert [wait >= 30 for wait in specwire_clock.slept] == [True, True, True]
    assert len(specwire_requests) == 5
"""
    )
    run().assert_outcomes(passed=1)


TEST = (
    ASK
    + """
import asyncio
from specwire.aio import AsyncClient

def test_story(specwire_cassette, specwire_client, assert_requested):
    first = specwire_client.messages.create(**ASK)
    with specwire_client.messages.stream(**ASK) as stream:
        text = "".join(stream.text_stream)
    print("SAID", [first.content[0].text, text])
    assert_requested("POST", "/v1/messages", json={"model": ASK["model"]}, times=2)
    specwire_cassette.assert_requested("POST", "/v1/messages", times=2)
    assert specwire_cassette.unplayed == 0
"""
)


def test_a_cassette_is_recorded_once_and_played(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded from a server is answered without one, and without a key."""
    from specwire.sandbox import Sandbox

    pytester.makepyfile(test_tale=TEST)
    with Sandbox() as box:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        recorded = run("--specwire-record=once", "-s")
        recorded.assert_outcomes(passed=1)
        for name in box.environment:
            monkeypatch.delenv(name)
        key = box.api_keys["anthropic"]
        asked = len(box.requests)
        run("--specwire-record=once").assert_outcomes(passed=1)
        assert len(box.requests) == asked
    played = run("-s")
    played.assert_outcomes(passed=1)
    said = [
        [line[line.index("SAID") :] for line in each.outlines if "SAID" in line]
        for each in (recorded, played)
    ]
    assert said[0] == said[1] != []
    file = pytester.path / "cassettes/test_tale/test_story.json"
    text = file.read_text("utf-8")
    assert key not in text and "x-api-key" not in text.lower()
    assert [each["operation"] for each in json.loads(text)["entries"]] == [
        "messages.create",
        "messages.create",
    ]


def test_a_missing_cassette_says_what_to_do(
    pytester: pytest.Pytester, run: Run
) -> None:
    """Nothing is sent."""
    pytester.makepyfile(test_tale=TEST)
    result = run()
    result.stdout.fnmatch_lines(
        [
            "*: POST /v1/messages: there is no cassette '*test_story.json'",
            "*record it: --specwire-record=once*",
        ]
    )


def test_a_swallowed_miss_fails_the_test(pytester: pytest.Pytester, run: Run) -> None:
    """A program that catches everything does not hide it."""
    pytester.makepyfile(
        ASK
        + """
def test_hidden(specwire_cassette, specwire_client):
    try:
        specwire_client.messages.create(**ASK)
    except Exception:
        pass
"""
    )
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*there is no cassette*"])


def test_a_miss_is_told_once(pytester: pytest.Pytester, run: Run) -> None:
    """By the line that has made the call, without our own."""
    pytester.makepyfile(test_tale=TEST)
    result = run("-rN")  # a summary repeats it, on CI servers whole
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    assert said.count("there is no cassette") == 1, said
    assert "first = specwire_client.messages.create(**ASK)" in said
    assert "before_attempt" not in said


def test_a_failed_assertion_shows_the_test_alone(
    pytester: pytest.Pytester, run: Run
) -> None:
    """None of our lines."""
    pytester.makepyfile(
        """
        from specwire.testing import assert_requested as asserted

        def test_one(specwire_sandbox, assert_requested):
            assert_requested("POST", "/v1/messages")

        def test_two(specwire_cassette):
            specwire_cassette.assert_requested("POST", "/v1/messages")

        def test_three(specwire_requests):
            asserted("POST", "/v1/messages")
        """
    )
    result = run()
    result.assert_outcomes(failed=3)
    assert "def assert_requested" not in result.stdout.str()


def test_the_marker_names_the_file_and_hides(
    pytester: pytest.Pytester, run: Run
) -> None:
    """``path`` is beside the test's file; ``hide`` keeps texts out of it."""
    pytester.makepyfile(
        ASK
        + """
import pytest

@pytest.mark.specwire_cassette("tapes/own.json", hide=["Hello"])
def test_own(specwire_sandbox, specwire_cassette, specwire_client):
    specwire_client.messages.create(**ASK)
"""
    )
    run("--specwire-record=all").assert_outcomes(passed=1)
    text = (pytester.path / "tapes/own.json").read_text("utf-8")
    assert "Hello" not in text and "***" in text
    run().assert_outcomes(passed=1)
