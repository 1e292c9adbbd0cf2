"""The drop-in for the workflow API as an object: settings, values, errors, types.

What it sends and makes of replies is in ``tests/wire/sim_runs.json``.
"""

from __future__ import annotations

import dataclasses
import inspect
import io
import json
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import specwire.compat.simstudio as simstudio
from specwire.compat.simstudio import (
    AsyncExecutionResult,
    RateLimitInfo,
    SimStudioClient,
    SimStudioError,
    UsageLimits,
    WorkflowExecutionResult,
    WorkflowStatus,
)
from specwire.core.clock import Clock
from specwire.core.types import Timeout
from specwire.errors import SpecwireError
from specwire.sandbox import Sandbox
from tests.scripted import ScriptedServer, chunked, reply, serving

CALLS = {
    "execute_workflow": "workflow_id input_data timeout stream selected_outputs "
    "async_execution",
    "execute_workflow_sync": "workflow_id input_data timeout stream selected_outputs",
    "execute_with_retry": "workflow_id input_data timeout stream selected_outputs "
    "async_execution max_retries initial_delay max_delay backoff_multiplier",
    "get_workflow_status": "workflow_id",
    "validate_workflow": "workflow_id",
    "get_job_status": "task_id",
    "get_workflow_run": "workflow_id run_id",
    "get_rate_limit_info": "",
    "get_usage_limits": "",
    "set_api_key": "api_key",
    "set_base_url": "base_url",
    "close": "",
}
RAN: dict[str, Any] = {"success": True, "output": {"n": 1}}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[SimStudioClient]:
    with SimStudioClient("sk-test", server.url) as client:
        yield client


# -- the client --------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_the_official_arguments_by_position(name: str) -> None:
    """In the order of 0.1, whose arguments were positional."""
    parameters = inspect.signature(getattr(SimStudioClient, name)).parameters
    by_position = [
        n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    assert by_position[1:] == CALLS[name].split()


def test_the_bare_host_reads_as_it_was_given_and_is_asked_by_its_full_name() -> None:
    """``sim.ai`` answers with a redirect to ``www.sim.ai``, which takes the key."""
    for client in (SimStudioClient("k"), SimStudioClient("k", "https://sim.ai/")):
        assert client.base_url == "https://sim.ai"
        assert client._client._base_urls["sim"] == "https://www.sim.ai"


def test_another_host_is_asked_as_it_is(server: ScriptedServer) -> None:
    """Slashes at its end count for nothing."""
    client = SimStudioClient("k", f"{server.url}//")
    assert client.base_url == server.url
    client.set_base_url("https://sim.ai:8443/proxy/")
    assert client.base_url == "https://sim.ai:8443/proxy"
    assert client._client._base_urls["sim"] == "https://www.sim.ai:8443/proxy"


def test_the_environment_fills_in(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``SIM_API_KEY`` and ``SIM_BASE_URL``, where nothing is given."""
    monkeypatch.setenv("SIM_API_KEY", "sk-env")
    monkeypatch.setenv("SIM_BASE_URL", server.url)
    server.script.append(reply(200, RAN))
    with SimStudioClient() as client:
        client.execute_workflow("w")
    assert server.received[0].headers["x-api-key"] == "sk-env"


def test_a_public_workflow_needs_no_key(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is known, none is sent; other calls say what is missing."""
    monkeypatch.delenv("SIM_API_KEY", raising=False)
    server.script.append(reply(200, RAN))
    with SimStudioClient(None, server.url) as client:
        assert client.execute_workflow("w").success
        with pytest.raises(SimStudioError, match="SIM_API_KEY") as caught:
            client.get_usage_limits()
    assert "x-api-key" not in server.received[0].headers
    assert (caught.value.code, len(server.received)) == ("UNAUTHORIZED", 1)


def test_the_key_can_be_read_back_and_is_shown_nowhere() -> None:
    """Not in the repr, and not in the error of a key that cannot be sent."""
    client = SimStudioClient("sk-secret")
    assert client.api_key == "sk-secret"
    assert "sk-secret" not in repr(client)
    with pytest.raises(ValueError, match="api_key") as caught:
        SimStudioClient("sk-secret\r\nx: y")
    shown = "".join(traceback.format_exception(caught.value))
    assert "sk-secret\r" not in shown


def test_a_client_cannot_be_pickled() -> None:
    """It holds connections and a key."""
    with pytest.raises(TypeError, match="one in each process"):
        pickle.dumps(SimStudioClient("k"))


def test_a_closed_client_makes_no_call(client: SimStudioClient) -> None:
    """It raises the official error."""
    client.close()
    with pytest.raises(SimStudioError) as caught:
        client.execute_workflow("w")
    assert caught.value.code == "CANCELLED"


def test_both_spellings_of_the_input_at_once_are_an_error(
    client: SimStudioClient,
) -> None:
    """Nothing is sent."""
    with pytest.raises(TypeError, match="not both"):
        client.execute_workflow("w", {"a": 1}, input={"a": 1})


def test_a_look_waits_thirty_seconds_at_most(server: ScriptedServer) -> None:
    """The limit is the client's, and the client's own can be set."""
    assert SimStudioClient("k", server.url).timeout == 30.0
    server.script.append(lambda conn, _: _hold(conn))
    with (
        SimStudioClient("k", server.url, timeout=0.05) as client,
        pytest.raises(SimStudioError) as caught,
    ):
        client.get_usage_limits()
    assert (caught.value.code, caught.value.status) == ("TIMEOUT", None)


def test_a_number_is_the_limit_of_a_call_and_the_silence_of_a_stream() -> None:
    """With retries and no limit given there is room for all attempts and waits."""
    client = SimStudioClient("k")
    from specwire.core.types import UNSET

    assert client._limit(7, None) == 7
    assert client._limit(7, True) == Timeout(None, connect=7, read=7)
    waits = (3, 1.0, 30.0, 2.0)
    room = 4 * 30 + 1.25 + 2.5 + 5
    assert client._limit(UNSET, None, waits) == Timeout(room, connect=30, attempt=30)
    assert client._limit(9, None, waits) == 9


def _hold(conn: Any) -> None:
    conn.recv(1)  # nothing comes: until the client goes


# -- values ------------------------------------------------------------------------


def test_results_are_made_by_position_and_by_name() -> None:
    """As the official ones are, in tests of programs."""
    assert WorkflowExecutionResult(True, 1) == WorkflowExecutionResult(
        success=True, output=1
    )
    links = {"status": "/api/jobs/t"}
    first = AsyncExecutionResult(True, "t", "queued", "2025", links)
    assert (first.run_id, first.status_url) == ("t", "/api/jobs/t")
    later = AsyncExecutionResult(success=True, run_id="t", status_url="/api/jobs/t")
    assert (later.task_id, later.links, later.status) == ("t", links, "queued")
    assert WorkflowStatus(True) == WorkflowStatus(is_deployed=True, deployed_at=None)
    assert RateLimitInfo(1, 2, 3).retry_after is None
    assert UsageLimits(True, {}, {}).storage == {}


def test_a_receipt_needs_a_name() -> None:
    """One of ``task_id`` and ``run_id``."""
    with pytest.raises(TypeError, match="task_id"):
        AsyncExecutionResult(True)


def test_a_result_is_a_plain_dataclass_that_knows_its_reply(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """``asdict`` gives its fields; the reply and its JSON are beside them."""
    body = {**RAN, "metadata": {"duration": 5}, "extra": 1}
    server.script.append(reply(200, body, {"x-request-id": "req_1"}))
    result = client.execute_workflow("w")
    assert dataclasses.asdict(result)["metadata"] == {"duration": 5}
    assert result._raw == body
    assert (result._request_id, result._reply and result._reply.status_code) == (
        "req_1",
        200,
    )
    assert pickle.loads(pickle.dumps(result)) == result


def test_limits_keep_what_they_say_besides(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """Storage is no official field, and reachable."""
    said = {"success": True, "rateLimit": {}, "usage": {}, "storage": {"usedBytes": 3}}
    server.script.append(reply(200, said))
    assert client.get_usage_limits().storage == {"usedBytes": 3}


def test_a_result_has_its_own_quota_whatever_other_threads_get() -> None:
    """Eight threads, 320 calls: none reads another's by its own result."""

    def answer(conn: Any, received: Any) -> None:
        number = received.json()["number"]
        headers = {"X-RateLimit-Limit": "999", "X-RateLimit-Remaining": str(number)}
        conn.sendall(reply(200, RAN, {**headers, "Connection": "close"}))

    with serving(*[answer] * 320) as server, SimStudioClient("k", server.url) as client:

        def wrong(number: int) -> bool:
            result = client.execute_workflow("w", {"number": number})
            told = result._reply.headers["x-ratelimit-remaining"]
            return told != str(number)

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(wrong, range(320))) == 0
        assert client.get_rate_limit_info() is not None


# -- errors ------------------------------------------------------------------------


def test_an_error_is_made_and_pickled_as_the_official_one() -> None:
    """``SimStudioError(message, code, status)``."""
    error = SimStudioError("no", "TIMEOUT", 408)
    assert (str(error), error.code, error.status) == ("no", "TIMEOUT", 408)
    assert (error.server_code, error.details, error.retry_after) == (None, None, None)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.status) == ("no", "TIMEOUT", 408)
    assert SimStudioError("no").code is None
    assert issubclass(SimStudioError, SpecwireError)


def test_an_error_of_a_call_holds_what_came_and_its_cause(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """It survives a pickle too, without its cause."""
    body = {"error": "Slow down", "code": "RATE_LIMIT_EXCEEDED", "runId": "r"}
    headers = {"Retry-After": "2.5", "x-request-id": "req_1"}
    server.script.append(reply(429, body, headers))
    with pytest.raises(SimStudioError) as caught:
        client.execute_workflow("w")
    again = pickle.loads(pickle.dumps(caught.value))
    for error in (caught.value, again):
        assert (str(error), error.body) == ("Slow down", body)
        assert (error.retry_after, error.request_id) == (2.5, "req_1")
        assert (error.run_id, error.attempts) == ("r", 1)
    assert "status 429" in str(caught.value.__cause__)


def test_what_the_resources_return_raises_the_official_error(
    server: ScriptedServer,
) -> None:
    """Also on the second page."""
    run = {"runId": "r1", "workflowId": "w", "status": "completed", "trigger": "api"}
    run |= {"startedAt": "2026-08-11T12:00:00.000Z"}
    run |= dict.fromkeys(("endedAt", "durationMs", "cost"))
    server.script += [
        reply(200, {"data": [run], "nextCursor": "c"}),
        reply(403, {"error": {"code": "FORBIDDEN", "message": "no"}}),
    ]
    seen = []
    with SimStudioClient("k", server.url, api_version="v2") as client:
        runs = client.workflows.runs.list("w")
        with pytest.raises(SimStudioError) as caught:
            seen += [each.run_id for each in runs]
            seen += [each.run_id for each in runs]
    assert caught.value.code == "FORBIDDEN"


# -- streams -----------------------------------------------------------------------


def frames(*data: Any) -> bytes:
    text = "".join(f"data: {json.dumps(each)}\n\n" for each in data)
    return chunked(text.encode())


FINAL = {"event": "final", "data": {"success": True, "output": {"n": 1}}}


def test_a_stream_that_is_asked_for_its_result_reads_the_rest(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """A program that takes it for a result gets one, and so does print."""
    chunk = {"blockId": "b", "chunk": "x"}
    server.script += [frames(chunk, FINAL, "[DONE]")] * 2
    run = client.execute_workflow("w", stream=True)
    assert (run.text, run.success, run.output, run.text) == ("", True, {"n": 1}, "x")
    print(run := client.execute_workflow("w", stream=True), file=(out := io.StringIO()))
    assert out.getvalue().startswith("WorkflowExecutionResult(success=True")
    assert not hasattr(run, "task_id")


def test_a_stream_gives_its_text_piece_by_piece(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """And may be left early."""
    chunks = [{"blockId": "b", "chunk": piece} for piece in "abc"]
    server.script += [frames(*chunks, FINAL, "[DONE]")] * 2
    run = client.execute_workflow("w", stream=True)
    assert list(run.text_stream) == ["a", "b", "c"]
    with client.execute_workflow("w", stream=True) as run:
        assert next(iter(run)).chunk == "a"


def test_a_stream_that_failed_says_so_when_it_is_asked_again(
    server: ScriptedServer, client: SimStudioClient
) -> None:
    """The error is raised once; after it the result is that of a failed run."""
    server.script.append(frames({"event": "error", "error": "no"}))
    run = client.execute_workflow("w", stream=True)
    with pytest.raises(SimStudioError, match="no") as caught:
        list(run)
    assert caught.value.code == "EXECUTION_ERROR"
    assert (run.success, run.error) == (False, "no")


# -- the module --------------------------------------------------------------------


def test_the_module_has_the_official_names() -> None:
    """All that the official one exports, ``Client`` and ``__version__``."""
    assert simstudio.Client is SimStudioClient
    assert simstudio.__version__ == "0.2.1"
    assert set(simstudio.__all__) <= set(dir(simstudio))


def test_importing_the_module_loads_nothing() -> None:
    """A name loads what it needs when it is first used."""
    code = (
        "import sys, specwire.compat.simstudio\n"
        "print([m for m in ('requests', 'cattrs', 'dataclasses') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_run_in_the_background_is_followed_to_its_end() -> None:
    """By a loop of the caller's, and by ``jobs.wait``."""
    with Sandbox() as box:
        key, url = box.api_keys["sim"], box.base_urls["sim"]
        with SimStudioClient(key, url, _clock=_Quick()) as client:
            started = client.execute_workflow("w", {"a": 1}, async_execution=True)
            done = client.jobs.wait(started.task_id)
            assert done.status == "completed"
            assert client.get_job_status(started.task_id)["status"] == "completed"


class _Quick(Clock):
    def sleep(self, seconds: float, ended: Any) -> bool:
        return bool(ended.is_set())
