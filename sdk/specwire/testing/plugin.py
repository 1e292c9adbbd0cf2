"""The pytest plugin: fixtures for tests of programs that use specwire.

pytest loads it by the entry point ``pytest11``. It imports nothing of specwire itself:
each fixture imports what it needs, so a suite that asks for none pays nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from specwire import Client
    from specwire.sandbox import Sandbox

    from .cassette import Cassette
    from .clock import FakeClock
    from .sent import SentRequests

_MARKERS: Final = (
    "specwire_sandbox(**settings): what the fixture's Sandbox is made with",
    "specwire_cassette(path, hide=()): where the fixture's cassette is, beside the "
    "test's file, and texts to keep out of it",
)


def pytest_addoption(
    parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager
) -> None:
    _as_installed(pluginmanager)
    parser.getgroup("specwire").addoption(
        "--specwire-record",
        choices=("none", "once", "all"),
        default="none",
        help="what specwire_cassette does: only answer (none), record where there is "
        "no cassette yet (once), or record everything anew (all)",
    )


def _as_installed(pluginmanager: pytest.PytestPluginManager) -> None:
    """Tests run the library's modules as programs do.

    pytest compiles anew whatever is in the distribution of a plugin, in the thread that
    imports it, to explain failed asserts. There are none here.
    """
    hook = getattr(pluginmanager, "rewrite_hook", None)
    marked = getattr(hook, "_must_rewrite", None)
    if isinstance(marked, set) and "specwire" in marked:
        marked.discard("specwire")
        pluginmanager.rewrite_hook.mark_rewrite()  # has it look again


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture
def specwire_requests() -> Iterator[SentRequests]:
    """Every request of all clients made in the test, those of a cassette included."""
    from .every_client import standing
    from .sent import SentRequests

    requests = SentRequests()
    with standing(requests):
        yield requests


@pytest.fixture
def assert_requested(specwire_requests: SentRequests) -> Callable[..., None]:
    """``assert_requested("POST", "/v1/messages", json={...}, times=1)``."""
    return specwire_requests.assert_requested


@pytest.fixture
def specwire_sandbox(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    specwire_requests: SentRequests,
) -> Iterator[Sandbox]:
    """A sandbox of the test's own; clients made without arguments ask it."""
    from specwire.sandbox import Sandbox

    marker = request.node.get_closest_marker("specwire_sandbox")
    with Sandbox(**(marker.kwargs if marker is not None else {})) as box:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        for name in _IN_THE_WAY & set(os.environ):
            monkeypatch.delenv(name)
        yield box


_IN_THE_WAY: Final = {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"}


@pytest.fixture
def specwire_clock() -> Iterator[FakeClock]:
    """The time of all clients made in the test; waits are over at once."""
    from .clock import FakeClock
    from .every_client import standing

    clock = FakeClock()
    with standing(clock=clock):
        yield clock


@pytest.fixture
def specwire_cassette(
    request: pytest.FixtureRequest, specwire_requests: SentRequests
) -> Iterator[Cassette]:
    """Answers all clients made in the test from a file, or records them into it.

    The file is ``cassettes/MODULE/TEST.json`` beside the test's, or the marker's.
    """
    from .cassette import Cassette
    from .every_client import standing

    marker = request.node.get_closest_marker("specwire_cassette")
    given: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    if marker is not None and marker.args:
        given["path"] = marker.args[0]
    path = request.path.parent / given.pop("path", _usual_path(request))
    record = request.config.getoption("--specwire-record")
    with Cassette(path, record=record, **given) as cassette, standing(cassette):
        yield cassette
    _fail_of(cassette)  # a fixture's calls may have missed as well


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A miss fails the test, also where the program has caught it, and is told once."""
    cassette = getattr(item, "funcargs", {}).get("specwire_cassette")
    try:
        result = yield
    except BaseException as error:
        if cassette is not None and type(error).__name__ == "CassetteError":
            cassette.misses.clear()
            _end_before_ours(error)
        raise
    if cassette is not None:
        _fail_of(cassette)
    return result


def _fail_of(cassette: Cassette) -> None:
    misses = "\n".join(cassette.misses)
    cassette.misses.clear()
    if misses:
        pytest.fail(misses, pytrace=False)


def _end_before_ours(error: BaseException) -> None:
    """Let the traceback of ``error`` end where the test, or its program, has called."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        here, there = _package(at), _package(at.tb_next)
        if there == "specwire" and here not in ("specwire", "_pytest"):
            at.tb_next = None
        at = at.tb_next


def _package(at: TracebackType) -> str:
    return str(at.tb_frame.f_globals.get("__name__")).partition(".")[0]


def _usual_path(request: pytest.FixtureRequest) -> Path:
    owner = f"{request.cls.__name__}." if request.cls is not None else ""
    name = re.sub(r"[^\w.\[\]-]+", "_", f"{owner}{request.node.name}")
    return Path("cassettes", request.path.stem, f"{name}.json")


@pytest.fixture
def specwire_client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client: of the cassette or the sandbox that the test asks for, else of one."""
    wanted = ("specwire_clock", "specwire_cassette", "specwire_sandbox")
    asked = [name for name in wanted if name in request.fixturenames]
    if not {"specwire_cassette", "specwire_sandbox"} & set(asked):
        asked.append("specwire_sandbox")
    for name in asked:
        request.getfixturevalue(name)
    from specwire import Client

    with Client() as client:
        yield client
