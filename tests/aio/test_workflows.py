"""Runs of workflows in tasks: both contracts, handles, the ledger, files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from specwire import Client, errors
from specwire.aio import AsyncClient, AsyncRunLedger
from specwire.ledger import LedgerBusyError, RunLedger
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock
from tests.scripted import reply, serving

Program: TypeAlias = Callable[[AsyncClient], Coroutine[Any, Any, Any]]


def run(program: Program, **served: Any) -> Any:
    """What ``program`` gives, with a client of a sandbox."""

    async def main(box: Sandbox) -> Any:
        async with AsyncClient(
            api_keys=box.api_keys,
            base_urls=box.base_urls,
            strict=True,
            _clock=FakeClock(),
        ) as client:
            return await asyncio.wait_for(program(client), 30)

    with Sandbox(**served) as box:
        return asyncio.run(main(box))


@pytest.mark.parametrize("sim", ["v1", "v2", "both"])
def test_a_run_is_the_same_by_both_contracts(sim: str) -> None:
    """Result, stream, receipt and status, whichever server is asked."""

    async def program(client: AsyncClient) -> None:
        result = await client.execute_workflow("wf_1", {"message": "Hello"})
        assert (result.success, result.status) == (True, "completed")
        hello = {"message": "Hello"}
        stream = await client.execute_workflow("wf_1", hello, stream=True)
        async with stream:
            words = [text async for text in stream.text_stream]
        assert "".join(words) == stream.text != ""
        assert (stream.success, stream.status) == (True, "completed")
        receipt = await client.execute_workflow("wf_1", {"a": 1}, async_execution=True)
        job = await client.jobs.wait(str(receipt.task_id))
        assert (job.status, job.task_id) == ("completed", receipt.task_id)
        assert (await client.get_workflow_status("wf_1")).is_deployed is True
        assert await client.validate_workflow("wf_missing") is False

    run(program, sim=sim)


def test_runs_beside_each_other() -> None:
    """One client serves all tasks; what the server speaks is found out once."""

    async def program(client: AsyncClient) -> set[bool]:
        runs = [client.execute_workflow("wf_1", {"n": n}) for n in range(20)]
        return {each.success for each in await asyncio.gather(*runs)}

    assert run(program) == {True}


def test_a_run_that_waits_for_a_person() -> None:
    """``jobs.wait`` gives it back paused; resumed, it comes to its end."""

    async def program(client: AsyncClient) -> Any:
        receipt = await client.execute_workflow(
            "wf_pause", {"a": 1}, async_execution=True
        )
        job: Any = await client.jobs.wait(str(receipt.task_id))
        assert job.status == "paused"
        runs, run_id = client.workflows.runs, str(receipt.task_id)
        assert (await runs.get("wf_pause", run_id)).status == "paused"
        context_id = job.paused["contextId"]
        await runs.resume("wf_pause", run_id, context_id=context_id)
        return await client.jobs.wait(run_id)

    assert run(program, sim="v2").status == "completed"


def test_what_passes_is_waited_out_in_the_loop() -> None:
    """``execute_with_retry`` comes through a limit, while other tasks go on."""

    async def main(url: str) -> list[float]:
        clock = FakeClock()
        async with AsyncClient(
            api_keys={"sim": "k"}, base_urls={"sim": url}, _clock=clock
        ) as client:
            result = await client.execute_with_retry("wf_1", {"a": 1})
            assert result.success
        return clock.slept

    limited = reply(429, {"error": "slow down"}, {"retry-after": "2"})
    answer = reply(200, {"success": True, "output": {}})
    with serving(limited, answer) as server:
        assert asyncio.run(main(server.url)) == [pytest.approx(2.0, rel=0.1)]


def test_usage_and_limits() -> None:
    """What the account may use; and what the last reply said of the rate."""

    async def program(client: AsyncClient) -> None:
        limits = await client.get_usage_limits()
        assert limits.rate_limit
        await client.execute_workflow("wf_1", {"a": 1})
        info = client.get_rate_limit_info()
        assert info is None or info.limit

    run(program)


def test_settings_of_the_client_are_changed_at_once() -> None:
    """Nothing waits for that."""

    async def program(client: AsyncClient) -> None:
        client.set_api_key("other")
        with pytest.raises(errors.AuthenticationError):
            await client.execute_workflow("wf_1", {"a": 1})

    run(program)


def test_files_of_a_workspace() -> None:
    """Uploaded from any form, downloaded as a stream of bytes."""

    async def program(client: AsyncClient) -> bytes:
        files = client.workspaces.files
        made = await files.upload(workspace_id="ws", file=("a.txt", [b"h", b"i"]))
        assert (made.name, made.type) == ("a.txt", "text/plain")
        async with await files.download(made.id, workspace_id="ws") as body:
            return await body.read()

    assert run(program) == b"hi"


# -- the ledger --------------------------------------------------------------------


def test_a_key_is_run_once_whichever_side_runs_it(tmp_path: Path) -> None:
    """Both ledgers read and write one file."""
    path = tmp_path / "runs.db"

    async def program(client: AsyncClient) -> tuple[Any, Any]:
        ledger = AsyncRunLedger(path)
        first = await ledger.run("k", client, "wf_1", {"a": 1})
        again = await ledger.run("k", client, "wf_1", {"a": 1})
        return first, again

    first, again = run(program)
    assert (first.recorded, again.recorded) == (False, True)
    assert again.run_id == first.run_id
    known = RunLedger(path).get("k")
    assert known is not None and known.run_id == first.run_id


def test_tasks_share_a_key(tmp_path: Path) -> None:
    """One runs it, the others wait for it in the loop; one request is sent."""

    async def main(box: Sandbox) -> list[Any]:
        ledger = AsyncRunLedger(tmp_path / "runs.db")
        options: Any = {"api_keys": box.api_keys, "base_urls": box.base_urls}
        async with AsyncClient(**options) as client:
            same = [ledger.run("k", client, "wf_1", {"a": 1}) for _ in range(5)]
            return await asyncio.gather(*same)

    with Sandbox() as box:
        entries = asyncio.run(main(box))
    assert len({each.run_id for each in entries}) == 1
    assert sum(not each.recorded for each in entries) == 1


def test_a_key_in_use_is_not_forgotten(tmp_path: Path) -> None:
    """Another task is running it just now."""
    ledger = AsyncRunLedger(tmp_path / "runs.db")

    async def main(box: Sandbox) -> None:
        async with AsyncClient(
            api_keys=box.api_keys, base_urls=box.base_urls
        ) as client:
            task = asyncio.create_task(ledger.run("k", client, "wf_1", {"a": 1}))
            while await ledger.get("k") is None:
                await asyncio.sleep(0)
            with pytest.raises(LedgerBusyError):
                await ledger.forget("k")
            assert (await task).success
            assert await ledger.forget("k") is True
            assert await ledger.entries() == []

    with Sandbox(latency_s=0.2) as box:
        asyncio.run(main(box))


def test_a_cancelled_run_is_found_again(tmp_path: Path) -> None:
    """What it came to is asked of the server; no second run is made."""
    ledger = AsyncRunLedger(tmp_path / "runs.db")

    async def main(box: Sandbox) -> Any:
        options: Any = {"api_keys": box.api_keys, "base_urls": box.base_urls}
        async with AsyncClient(**options) as client:
            task = asyncio.create_task(ledger.run("k", client, "wf_1", {"a": 1}))
            while not any(each.method == "POST" for each in box.requests):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await ledger.run("k", client, "wf_1", {"a": 1})

    with Sandbox(latency_s=0.2) as box:
        entry = asyncio.run(main(box))
        posts = [r for r in box.requests if r.method == "POST" and r.status == 200]
    assert (entry.status, entry.given_id) == ("completed", entry.run_id)
    assert len(posts) == 1


def test_a_synchronous_client_is_refused(tmp_path: Path) -> None:
    """It would block the event loop."""

    async def main(client: Client) -> None:
        with pytest.raises(TypeError, match="AsyncClient"):
            await AsyncRunLedger(tmp_path / "runs.db").run("k", client, "wf_1")  # type: ignore[arg-type]

    with Client(api_keys={"sim": "k"}) as client:
        asyncio.run(main(client))
