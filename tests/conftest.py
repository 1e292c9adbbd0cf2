"""Fixtures that several folders share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest

from specwire import Client
from specwire.sandbox import Sandbox

_MACHINES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_LOG",
    "SIM_API_KEY",
    "SIM_BASE_URL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


def pytest_configure() -> None:
    """No key, URL or proxy of the machine reaches a test.

    A run that a script has put in the background interrupts programs as well.
    """
    for name in _MACHINES:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    _settle()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is not None and nextitem.path != item.path:
        _settle()


def _settle() -> None:
    """What a file leaves behind is looked at once, and never again: it stays."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Who asks at the end what refers to an object is told: hypothesis does, where it
    is loaded as late as that, and warns of what it cannot find."""
    gc.unfreeze()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox of the test's own."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(box: Sandbox) -> Iterator[Client]:
    """A client of ``box``."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as made:
        yield made
