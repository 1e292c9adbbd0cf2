"""``via="batches"``: sent in batches, waited for, collected; resumed by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client, Hook
from specwire.batch import BatchRunner, provider_batches
from specwire.errors import AuthenticationError
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

DEFAULTS = {"model": "claude-sonnet-4-5", "max_tokens": 50}
WORDS = [f"hi {number}" for number in range(10)]
CREATE = "POST /v1/messages/batches"


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def runner(box: Sandbox, journal: Path, *hooks: Any, **options: Any) -> BatchRunner:
    client = Client(
        api_keys=box.api_keys, base_urls=box.base_urls, hooks=hooks, _clock=FakeClock()
    )
    options = {"defaults": DEFAULTS, "via": "batches", "_clock": FakeClock(), **options}
    return BatchRunner(client, journal=journal, **options)


def made(box: Sandbox) -> list[Any]:
    """The bodies of the requests that made batches."""
    return [
        each.json()
        for each in box.requests
        if (each.method, each.path) == ("POST", "/v1/messages/batches")
    ]


def test_one_batch_has_it_all(box: Sandbox, journal: Path) -> None:
    """Ten items are one batch, each with its own answer."""
    found = list(runner(box, journal).run(WORDS))
    assert sorted(each.position for each in found) == list(range(10))
    assert all(WORDS[each.position] in each.text for each in found)
    assert [len(body["requests"]) for body in made(box)] == [10]


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [("MOST_ITEMS", 4, [4, 4, 2]), ("MOST_BYTES", 700, [3, 3, 3, 1])],
)
def test_it_is_split_by_the_limits(
    limit: str,
    value: int,
    sizes: list[int],
    box: Sandbox,
    journal: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No batch has more items, or more bytes, than the API takes."""
    monkeypatch.setattr(provider_batches, limit, value)
    named: list[tuple[str, int]] = []
    given = runner(box, journal, on_batch=lambda *one: named.append(one))
    assert len(list(given.run(WORDS))) == 10
    assert [len(body["requests"]) for body in made(box)] == sizes
    assert [count for _, count in named] == sizes


def test_a_batch_that_is_too_large_is_halved(box: Sandbox, journal: Path) -> None:
    """Where the server takes less than is written, smaller ones are sent."""
    box.fail(CREATE, [413])
    assert len(list(runner(box, journal).run(WORDS))) == 10
    assert [len(body["requests"]) for body in made(box)][1:] == [5, 5]


def test_a_refused_item_has_failed(box: Sandbox, journal: Path) -> None:
    """An errored row is the item's failure, and stays one."""
    rows = [*WORDS, {"prompt": "hi", "max_tokens": -1}]
    found = {each.position: each for each in runner(box, journal).run(rows)}
    assert found[10].error is not None
    assert found[10].error["error_type"] == "invalid_request_error"
    assert runner(box, journal).status().failed == 1
    assert len(made(box)) == 1


def test_what_was_cancelled_is_sent_again(box: Sandbox, journal: Path) -> None:
    """A batch that somebody cancels at the server: its items go into another."""
    with Client(api_keys=box.api_keys, base_urls=box.base_urls) as other:
        seen: list[str] = []

        def cancel(batch_id: str, _: int) -> None:
            if not seen:
                other.batches.cancel(batch_id)
            seen.append(batch_id)

        found = list(runner(box, journal, on_batch=cancel).run(WORDS))
    assert all(each.success for each in found) and len(found) == 10
    assert len(seen) == 2


class DieAt(Hook):
    """Gives the run up at one request, before it is sent or once it is answered."""

    def __init__(self, name: str, point: str) -> None:
        self.name, self.point = name, point

    def before_attempt(self, call: Any) -> None:
        self._die_at("before", call)

    def after_attempt(self, call: Any, outcome: Any) -> None:
        self._die_at("after", call)

    def _die_at(self, point: str, call: Any) -> None:
        if (call.name, point) == (self.name, self.point):
            raise KeyboardInterrupt


@pytest.mark.parametrize("point", ["before", "after"])
@pytest.mark.parametrize("name", ["batches.create", "batches.retrieve", "batches.rows"])
def test_a_run_goes_on_with_its_batch(
    name: str, point: str, box: Sandbox, journal: Path
) -> None:
    """Given up anywhere, the next run collects the batch that the server has: it is
    not sent a second time, even where its name was never heard."""
    with pytest.raises(KeyboardInterrupt):
        list(runner(box, journal, DieAt(name, point)).run(WORDS))
    found = list(runner(box, journal).run(WORDS))
    assert len(found) == 10 and all(each.success for each in found)
    assert len(made(box)) == 1


def test_a_wrong_key_leaves_nothing_behind(box: Sandbox, journal: Path) -> None:
    """A refused batch was none: its items wait for the next run."""
    box.fail(CREATE, [401])
    with pytest.raises(AuthenticationError):
        list(runner(box, journal).run(WORDS))
    assert runner(box, journal).status().waiting == 10
    assert len(list(runner(box, journal).run())) == 10
