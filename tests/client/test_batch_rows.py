"""``client.batches``: reading results that are damaged, and waiting within limits."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from specwire import Client, errors
from specwire.testing import FakeClock

from ..scripted import ScriptedServer, reply, serving

COUNTS = dict.fromkeys(("processing", "errored", "canceled", "expired"), 0)


def batch(succeeded: int = 0, status: str = "ended") -> dict[str, Any]:
    return {
        "id": "b1",
        "type": "message_batch",
        "processing_status": status,
        "request_counts": {**COUNTS, "succeeded": succeeded},
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-02T00:00:00Z",
    }


def row(name: str) -> bytes:
    return b'{"custom_id":"%s","result":{"type":"canceled"}}\n' % name.encode()


def rows(body: bytes) -> bytes:
    return reply(200, body, content_type="application/x-jsonl")


def asking(server: ScriptedServer, **options: Any) -> Client:
    options.setdefault("max_retries", 0)
    return Client(
        api_keys={"anthropic": "k"}, base_urls={"anthropic": server.url}, **options
    )


def test_a_batch_is_made_of_any_iterable() -> None:
    """Requests may come from a generator, messages in them too."""
    made = (
        {
            "custom_id": f"r{n}",
            "params": {
                "model": "m",
                "max_tokens": 9,
                "messages": iter([{"role": "user", "content": str(n)}]),
            },
        }
        for n in range(3)
    )
    with serving(reply(200, batch())) as server:
        asking(server).batches.create(requests=made)  # type: ignore[arg-type]
    sent = server.received[0].json()["requests"]
    assert [r["custom_id"] for r in sent] == ["r0", "r1", "r2"]
    assert sent[2]["params"]["messages"] == [{"role": "user", "content": "2"}]


def test_rows_are_found_by_their_id() -> None:
    """keyed() gives each row under its custom_id, whatever order they came in."""
    with serving(reply(200, batch(2)), rows(row("b") + row("a"))) as server:
        found = asking(server).batches.results("b1").keyed()
    assert (found["a"].custom_id, sorted(found), found.problems) == (
        "a",
        ["a", "b"],
        [],
    )


def test_a_beta_batch_is_asked_for_by_its_twin() -> None:
    """With the betas and the headers of the call; its name stands in errors."""
    with serving(reply(200, batch(2)), rows(row("a"))) as server:
        found = (
            asking(server)
            .beta.messages.batches.results(
                "b1", betas=iter(["x-1"]), extra_headers={"x-mine": "1"}
            )
            .keyed()
        )
    for received, end in zip(server.received, ("", "/results"), strict=True):
        assert received.target == f"/v1/messages/batches/b1{end}?beta=true"
        assert "x-1" in received.headers["anthropic-beta"]
        assert received.headers["x-mine"] == "1"
    assert list(found) == ["a"]
    assert str(found.problems[0]).startswith("beta.messages.batches.results: 1 of 2")


def test_damage_is_told_and_costs_nothing_else() -> None:
    """A broken line in the middle and a cut tail are problems; other rows are there."""
    body = row("a") + b"{broken\n" + b"[]\n" + row("b") + row("c")[:-9]
    with serving(reply(200, batch(5)), rows(body)) as server:
        found = asking(server).batches.results("b1").keyed()
    assert sorted(found) == ["a", "b"]
    kinds = [type(problem).__name__ for problem in found.problems]
    assert kinds == ["DecodeError", "DecodeError", "StreamError", "StreamError"]
    assert "line 2" in str(found.problems[0])
    assert "line 5" in str(found.problems[2])


def test_readable_rows_can_be_streamed() -> None:
    """readable() skips what is broken and collects why."""
    problems: list[errors.SpecwireError] = []
    with serving(reply(200, batch(3)), rows(row("a") + b"x\n" + row("b"))) as server:
        results = asking(server).batches.results("b1")
        names = [each.custom_id for each in results.readable(problems)]
    assert (names, len(problems)) == (["a", "b"], 1)


def test_a_body_cut_by_the_connection_keeps_its_rows() -> None:
    """A connection that breaks is one more problem, not the loss of the rows."""
    whole = rows(row("a") + row("b"))
    with serving(
        reply(200, batch(2)),
        lambda conn, _: conn.sendall(whole[: -len(row("b"))]),
    ) as server:
        found = asking(server).batches.results("b1").keyed()
    assert list(found) == ["a"]
    assert found.problems


def test_many_rows_take_little_memory() -> None:
    """Rows are read one by one: 15,000 of them fit in the memory of a few."""
    whole = rows(b"".join(row(f"r{n}") for n in range(15_000)))
    with serving(reply(200, batch(15_000)), lambda c, _: c.sendall(whole)) as server:
        results = asking(server).batches.results("b1")
        next(results)
        tracemalloc.start()
        count = sum(1 for _ in results)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 14_999
    assert peak < len(whole) * 2 / 3


def waiting(
    server: ScriptedServer, clock: FakeClock | None = None, **options: Any
) -> tuple[list[str], FakeClock, Any]:
    """What was seen while waiting, the clock, and the batch or the error."""
    clock = clock or FakeClock()
    seen: list[str] = []
    client = asking(server, _clock=clock)
    try:
        end: Any = client.batches.wait(
            "b1", on_progress=lambda b: seen.append(b.processing_status), **options
        )
    except errors.SpecwireError as error:
        end = error
    return seen, clock, end


def test_pauses_grow_up_to_a_limit() -> None:
    """The first pause is first_delay, each next half as long again, then max_delay."""
    busy = reply(200, batch(status="in_progress"))
    with serving(*[busy] * 6, reply(200, batch())) as server:
        seen, clock, end = waiting(server, first_delay=2, max_delay=5)
    assert clock.slept == [2, 3, 4.5, 5, 5, 5]
    assert seen == [*["in_progress"] * 6, "ended"]
    assert end.processing_status == "ended"


def test_blips_are_waited_out() -> None:
    """Broken connections, 429 and 5xx are "not yet"; Retry-After is kept."""
    busy = reply(200, batch(status="canceling"))
    answers = [
        reply(503, {}),
        reply(429, {}, {"Retry-After": "30"}),
        lambda conn, _: None,
        busy,
        reply(529, {}),
        reply(200, batch()),
    ]
    with serving(*answers) as server:
        seen, clock, end = waiting(server)
    assert seen == ["canceling", "ended"]
    assert clock.slept[1] == 30
    assert end.processing_status == "ended"


def test_a_page_of_a_proxy_is_a_blip() -> None:
    """A reply that is no batch is waited out; a fourth one in a row is raised."""
    page = reply(200, b"<html>", content_type="text/html")
    with serving(*[page] * 3, reply(200, batch())) as server:
        assert waiting(server)[2].processing_status == "ended"
    with serving(*[page] * 9) as server:
        assert isinstance(waiting(server)[2], errors.DecodeError)
        assert len(server.received) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_will_not_pass_is_raised_at_once(status: int) -> None:
    """A batch that is not there is not waited for."""
    with serving(reply(status, {})) as server:
        seen, clock, end = waiting(server)
    assert (seen, clock.slept) == ([], [])
    assert isinstance(end, errors.APIStatusError)


def test_no_time_limit_is_still_a_limit() -> None:
    """timeout=None ends an hour after the API would have ended the batch."""
    busy = reply(200, batch(status="in_progress"))
    with serving(*[busy] * 200) as server:
        _, clock, end = waiting(server, timeout=None, max_delay=1_000)
    assert isinstance(end, errors.APITimeoutError)
    assert 85_000 < sum(clock.slept) <= 90_000


def test_a_pause_that_takes_too_long() -> None:
    """A machine that slept past the limit looks once more, and ends as a time-out
    where that is too short."""

    class Late(FakeClock):
        def sleep(self, seconds: float, *more: Any) -> bool:
            return super().sleep(seconds + 60.0, *more)

    busy = reply(200, batch(status="in_progress"))
    with serving(*[busy] * 3) as server:
        _, _, end = waiting(server, Late(), timeout=10)
    assert isinstance(end, errors.APITimeoutError)


def test_a_look_that_hangs_is_one_blip() -> None:
    """Each look has a limit of its own, far below the limit of the wait."""
    seen: list[float | None] = []

    class Limits:
        def before_attempt(self, call: Any) -> None:
            seen.append(call.timeout.total)

        def after_attempt(self, call: Any, outcome: Any) -> None: ...
        def on_event(self, call: Any, event: Any) -> None: ...

    with serving(reply(200, batch())) as server:
        asking(server, hooks=[Limits()]).batches.wait("b1")
    assert seen == [60.0]


def test_the_order_of_rows_is_that_of_the_body() -> None:
    """Nothing is sorted: the caller maps by custom_id."""
    names = ["b", "a", "c"]
    body = b"".join(map(row, names))
    with serving(reply(200, batch(3)), rows(body)) as server:
        found = [each.custom_id for each in asking(server).batches.results("b1")]
    assert found == names
    assert json.loads(row("a"))["custom_id"] == "a"
