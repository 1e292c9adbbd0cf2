"""Every behaviour of the Messages API that is easy to get wrong, as a case on the wire.

The cases are data (``tests/wire/messages_*.json``) and so is the list of behaviours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specwire.compat.anthropic import AsyncAnthropic
from specwire.testing import FakeClock
from tests.awaited import Awaited

from .wire_cases import CASES, TABLES, Play, async_client, plain_client
from .wire_checks import check


def drop_in(url: str, clock: FakeClock, settings: dict[str, Any]) -> Any:
    """``specwire.compat.anthropic.Anthropic`` as a case has it."""
    reason = "the drop-in module is not in this version"
    module = pytest.importorskip("specwire.compat.anthropic", reason=reason)
    given = {"api_key": "sk-test", "base_url": url, **settings}
    client = module.Anthropic(**given)
    client._engine.clock = clock  # the official arguments have no place for it
    return client


def async_drop_in(url: str, clock: FakeClock, settings: dict[str, Any]) -> Any:
    """``AsyncAnthropic`` as a case has it, each step awaited."""
    client = AsyncAnthropic(**{"api_key": "sk-test", "base_url": url, **settings})
    client._of._engine.clock = clock
    return Awaited(client)


CLIENTS = {
    "Client": plain_client,
    "Anthropic": drop_in,
    "AsyncClient": async_client,
    "AsyncAnthropic": async_drop_in,
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", CASES)
def test_a_case_goes_as_it_is_written(
    name: str, client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The requests on the wire and the outcome are those of the case."""
    case = CASES[name]
    for variable, value in case.get("environment", {}).items():
        monkeypatch.setenv(variable, value)
    if client.removeprefix("Async") not in case.get("clients", CLIENTS):
        pytest.skip("the case is about the other client")
    check(Play(case, CLIENTS[client], tmp_path))


@pytest.mark.parametrize("section", TABLES)
def test_each_behaviour_has_a_case(section: str) -> None:
    """No behaviour of the list goes unshown, no case shows what is not listed."""
    table = TABLES[section]
    shown = {each for case in table["cases"] for each in case["shows"]}
    assert shown == set(table["behaviours"])


@pytest.mark.parametrize("section", TABLES)
def test_names_of_cases_are_their_own(section: str) -> None:
    """Two cases of one name would be one."""
    names = [case["name"] for case in TABLES[section]["cases"]]
    assert len(names) == len(set(names))


def test_a_case_that_expects_something_else_fails(tmp_path: Path) -> None:
    """The runner can say no: to a value, a request, a wait and an error."""
    case = {"call": "messages.create", "replies": ["message"]}
    check(Play(case, plain_client, tmp_path))
    for wrong in (
        {"gives": {"/id": "other"}},
        {"requests": [{"path": "/v2/messages"}]},
        {"requests": [{"has": {"/model": "n"}}]},
        {"waits": [1.0]},
        {"sent": 2},
        {"kinds": ["message_stop"]},
        {"error": {"class": "DecodeError"}},
    ):
        with pytest.raises(AssertionError):
            check(Play({**case, **wrong}, plain_client, tmp_path))
