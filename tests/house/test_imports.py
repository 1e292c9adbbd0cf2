"""What importing, making a client and a first call load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripted import reply, serving
from tests.soak.echo import message

from .modules import SDK

HEAVY = ["requests", "urllib3", "attrs", "attr", "cattrs", "tenacity", "ssl", "asyncio"]
LIST = "import sys, json; print(json.dumps(sorted(sys.modules)))"


ASYNC = ("asyncio", "greenlet", "aiohttp", "specwire.aio")
CALLS = {
    "client": (
        "from specwire import Client\n"
        "client = Client(api_keys={'anthropic': 'k' * 20}, "
        "base_urls={'anthropic': URL})\n"
        "client.messages.create(**ASKED)"
    ),
    "compat": (
        "from specwire.compat.anthropic import Anthropic\n"
        "Anthropic(api_key='k' * 20, base_url=URL).messages.create(**ASKED)"
    ),
    "chat": (
        "from specwire import AiClient\n"
        "client = AiClient('anthropic/m', api_key='k' * 20, base_url=URL + '/v1')\n"
        "client.chat().user('Hi').max_tokens(9).execute()"
    ),
}
"""A call, by the package that makes it."""


def loaded(code: str, path: Path = SDK) -> set[str]:
    """The modules loaded after ``code`` ran in a new interpreter."""
    env = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LIST}"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def heavy(modules: set[str]) -> list[str]:
    return [name for name in HEAVY if name in modules]


def test_importing_specwire_loads_nothing_heavy() -> None:
    """``import specwire`` loads none of requests, attrs, ssl, asyncio and the like."""
    before = loaded("pass")
    assert heavy(loaded("import specwire") - before) == []


@pytest.mark.parametrize("name", CALLS)
def test_a_call_in_a_thread_loads_nothing_async(name: str) -> None:
    """Neither asyncio nor greenlet nor aiohttp, nor the async side of this package."""
    assert with_call(CALLS[name]) == []


def test_an_async_import_is_found() -> None:
    """A call after the async client was imported is reported, with all it loads."""
    found = with_call(f"import specwire.aio.client\n{CALLS['client']}")
    assert {name.partition(".")[0] for name in found} == {
        "asyncio",
        "greenlet",
        "aiohttp",
        "specwire",
    }


def with_call(code: str) -> list[str]:
    """What is async of all that was loaded when ``code`` had its answer."""
    asked = {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "x"}],
    }
    with serving(reply(200, message("hello"))) as server:
        modules = loaded(f"URL, ASKED = {server.url!r}, {asked!r}\n{code}")
        assert len(server.received) == 1
    return sorted(m for m in modules if m in ASYNC or m.startswith("specwire.aio."))


def test_a_first_client_loads_no_model() -> None:
    """``Client()`` loads no model module and no HTTP library."""
    modules = loaded("from specwire import Client; Client(); Client().messages")
    families = [m for m in modules if m.startswith("specwire.models.")]
    assert families == []
    assert "requests" not in modules
    assert "cattrs" not in modules


def test_a_call_that_succeeds_loads_no_tenacity() -> None:
    """tenacity and jsonschema are loaded when they are needed, not before."""
    modules = loaded("import specwire.core.session, specwire.client, specwire.models")
    assert "tenacity" not in modules
    assert "jsonschema" not in modules


def test_chat_is_not_loaded_by_the_client() -> None:
    """``Client()``, keys of providers named or not, loads at most their index."""
    modules = loaded(
        "from specwire import Client; Client(api_keys={'openai': 'k'}); "
        "import specwire.chat"
    )
    found = {m for m in modules if m.startswith("specwire.chat")}
    assert found <= {
        "specwire.chat",
        "specwire.chat.builtin",
        "specwire.chat.loader",
    } | {"specwire.chat.manifest"}


def test_what_chat_loads() -> None:
    """A client of one provider: no compiler, no YAML, one dialect, one record.

    What a program may never use (tools in words, several candidates, the builder of
    clients, resilience, routing, GitHub) is not loaded either. With requests loaded
    before, this takes 14 to 21 ms; the modules are counted, because a machine's time is
    its own.
    """
    usual = "import specwire, requests, specwire.core.session, specwire.core.client"
    chat = (
        "from specwire import AiClient\n"
        "client = AiClient('openai/gpt-4o', api_key='k' * 20)\n"
        "client.chat().user('Hi').build_payload()"
    )
    added = loaded(f"{usual}\n{chat}") - loaded(usual)
    assert [
        m for m in added if m.partition(".")[0] in ("specwire_codegen", "yaml")
    ] == []
    ours = {m.removeprefix("specwire.") for m in added if m.startswith("specwire.")}
    rare = (
        "text_turns simulated builder github foreign compliance text_tools operations"
    )
    assert ours & {f"chat.{name}" for name in rare.split()} == set()
    assert (
        ours & {f"chat.dialects.{n}" for n in ("anthropic", "gemini", "cohere")}
        == set()
    )
    assert [name for name in ours if name.startswith(("resilience", "routing"))] == []
    assert len(added) <= 51, sorted(added)


def test_the_sandbox_is_not_loaded_by_the_package() -> None:
    """``import specwire`` and the client do not load the sandbox."""
    modules = loaded("from specwire import Client; Client()")
    assert [m for m in modules if m.startswith("specwire.sandbox")] == []


def test_a_loaded_model_is_found() -> None:
    """The check of model modules sees one that a use has loaded."""
    modules = loaded("import specwire; specwire.models.Message")
    assert "specwire.models.shared" in modules


def test_a_heavy_import_is_found(tmp_path: Path) -> None:
    """A package that imports ssl at its front door is reported."""
    package = tmp_path / "specwire"
    package.mkdir()
    (package / "__init__.py").write_text("import ssl, asyncio\n")
    before = loaded("pass")
    assert heavy(loaded("import specwire", tmp_path) - before) == ["ssl", "asyncio"]
