"""The adapters by which the fault table of ``tests/faults`` is put to other clients.

Each is written as the client's own documentation says to use it, with the same limits
for all. None of these clients has a limit of the whole call, so each is given the
table's number as the limit that it has. Waits between attempts only add up, as they do
for this project, unless a case is about real time; then they pass.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.faults.case import Setup
from tests.faults.client import Library, unknown
from tests.faults.dialects import Chat, Messages, Workflows

SAY_HI = {"model": "m1", "max_tokens": 16}
MESSAGES = [{"role": "user", "content": "hi"}]
_sleep = time.sleep
_loop_sleep = asyncio.sleep
_waits: list[float] = []


def _added_up(seconds: float) -> None:
    _waits.append(seconds)
    threading.Event().wait(0.001)  # let others run, as a sleep does


async def _loop_added_up(seconds: float, result: Any = None) -> Any:
    if seconds > 0:  # none is how others are let run
        _waits.append(seconds)
    return await _loop_sleep(0.001, result)


class Peer(Library):
    """Base: waits are taken down, by putting another ``time.sleep`` in its place."""

    package = ""

    def make(self, setup: Setup) -> Any:
        time.sleep = _sleep if setup.real else _added_up
        _waits.clear()
        limits = [limit for limit in (setup.read, setup.total) if limit is not None]
        return self.made(setup, min(limits))

    def made(self, setup: Setup, limit: float) -> Any:
        raise NotImplementedError

    def slept(self, client: Any) -> list[float]:
        return list(_waits)


def _in_stream(body: Any) -> str:
    """The kind of an error inside a stream: its type is in the body, if anywhere."""
    error = body.get("error", body) if isinstance(body, dict) else {}
    kind = error.get("type") if isinstance(error, dict) else None
    return {"overloaded_error": "status 529", "rate_limit_error": "status 429"}.get(
        kind, "status 500"
    )


class Anthropic(Peer):
    name = package = "anthropic"
    dialect = Messages()
    can = frozenset(["call", "get", "stream", "rows", "upload", "download", "headers"])

    def made(self, setup: Setup, limit: float) -> Any:
        from anthropic import Anthropic

        return Anthropic(
            api_key=setup.key,
            base_url=setup.base_url,
            timeout=limit,
            max_retries=setup.retries,
        )

    def kind(self, error: BaseException) -> str:
        import anthropic

        match error:
            case anthropic.APITimeoutError():
                return "timeout"
            case anthropic.APIConnectionError():
                return "connection"
            case anthropic.APIStatusError(status_code=200):
                return _in_stream(error.body)
            case anthropic.APIStatusError():
                return f"status {error.status_code}"
            case anthropic.AnthropicError():
                return "decode"
        return unknown(error)

    def call(self, client: Any) -> str:
        reply = client.messages.create(**SAY_HI, messages=MESSAGES)
        return reply.content[0].text

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        reply = client.messages.create(
            **SAY_HI, messages=MESSAGES, extra_headers=headers
        )
        return reply.content[0].text

    def get(self, client: Any, name: str = "m1") -> str:
        return client.models.retrieve(name).id

    def stream(self, client: Any) -> Iterator[str]:
        with client.messages.create(**SAY_HI, messages=MESSAGES, stream=True) as events:
            for event in events:
                if event.type == "content_block_delta":
                    yield event.delta.text

    def rows(self, client: Any) -> Iterator[str]:
        for row in client.messages.batches.results("b1"):
            yield row.custom_id

    def upload(self, client: Any, file: Any) -> str:
        return client.beta.files.upload(file=file).id

    def download(self, client: Any) -> Iterator[bytes]:
        yield from client.beta.files.download("file_1").iter_bytes()


class OpenAI(Peer):
    name = package = "openai"
    dialect = Chat()
    can = frozenset(["call", "get", "stream", "rows", "upload", "download", "headers"])

    def made(self, setup: Setup, limit: float) -> Any:
        from openai import OpenAI

        return OpenAI(
            api_key=setup.key,
            base_url=f"{setup.base_url}/v1",
            timeout=limit,
            max_retries=setup.retries,
        )

    def kind(self, error: BaseException) -> str:
        import openai

        match error:
            case openai.APITimeoutError():
                return "timeout"
            case openai.APIConnectionError():
                return "connection"
            case openai.APIStatusError():
                return f"status {error.status_code}"
            case openai.APIError():
                return _in_stream(error.body)
            case openai.OpenAIError():
                return "refused"
        return unknown(error)

    def call(self, client: Any) -> str:
        reply = client.chat.completions.create(**SAY_HI, messages=MESSAGES)
        return reply.choices[0].message.content

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        reply = client.chat.completions.create(
            **SAY_HI, messages=MESSAGES, extra_headers=headers
        )
        return reply.choices[0].message.content

    def get(self, client: Any, name: str = "m1") -> str:
        return client.models.retrieve(name).id

    def stream(self, client: Any) -> Iterator[str]:
        with client.chat.completions.create(
            **SAY_HI, messages=MESSAGES, stream=True
        ) as chunks:
            for chunk in chunks:
                if text := chunk.choices[0].delta.content:
                    yield text

    def rows(self, client: Any) -> Iterator[str]:
        import json

        for line in client.files.content("file_1").iter_lines():
            if line.strip():
                yield json.loads(line)["custom_id"]

    def upload(self, client: Any, file: Any) -> str:
        return client.files.create(file=file, purpose="batch").id

    def download(self, client: Any) -> Iterator[bytes]:
        with client.files.with_streaming_response.content("file_1") as body:
            yield from body.iter_bytes()


class SimStudio(Peer):
    """Workflows only. Its own helper repeats a run, so that is what is asked."""

    name = "simstudio"
    package = "simstudio"
    dialect = Workflows()
    can = frozenset({"call", "run"})

    def made(self, setup: Setup, limit: float) -> Any:
        from simstudio import SimStudioClient

        client = SimStudioClient(setup.key, setup.base_url)
        client.limits = (limit, setup.retries)
        return client

    def kind(self, error: BaseException) -> str:
        from simstudio import SimStudioError

        if not isinstance(error, SimStudioError):
            return unknown(error)
        if error.code == "TIMEOUT":
            return "timeout"
        if error.status:
            return f"status {error.status}"
        undecodable = "Invalid v2" in str(error) or "Expecting" in str(error)
        return "decode" if undecodable else "connection"

    def call(self, client: Any) -> str:
        limit, retries = client.limits
        run = client.execute_with_retry(
            "wf", {"a": 1}, timeout=limit, max_retries=retries
        )
        return run.output["content"]

    def run(self, client: Any) -> str:
        limit, _ = client.limits
        return client.execute_workflow("wf", {"a": 1}, timeout=limit).output["content"]


class AiLib(Peer):
    """Asynchronous: one event loop for all. Its manifest is that of the bench."""

    name = "ai-lib"
    package = "ai_lib_python"
    dialect = Chat()
    can = frozenset({"call", "stream"})

    def made(self, setup: Setup, limit: float) -> Any:
        from pathlib import Path

        from ai_lib_python import AiClient
        from ai_lib_python.resilience import RetryConfig

        asyncio.sleep = _loop_sleep if setup.real else _loop_added_up
        loop = asyncio.new_event_loop()
        manifests = Path(__file__).resolve().parent / "protocol"
        builder = AiClient.builder().model("local/m1").api_key(setup.key)
        builder = builder.base_url(f"{setup.base_url}/v1").timeout(limit)
        builder = builder.with_retry(RetryConfig(max_retries=setup.retries))
        client = loop.run_until_complete(builder.protocol_path(str(manifests)).build())
        client.loop = loop
        return client

    def close(self, client: Any) -> None:
        client.loop.run_until_complete(client.close())
        client.loop.close()

    def kind(self, error: BaseException) -> str:
        from ai_lib_python import errors

        match error:
            case errors.RemoteError():
                return f"status {error.status_code}"
            case errors.TransportError():
                timed_out = "timed out" in str(error)
                return "timeout" if timed_out else "connection"
            case errors.AiLibError():
                return "decode"
        return unknown(error)

    def call(self, client: Any) -> str:
        chat = client.chat().user("hi").max_tokens(16)
        return client.loop.run_until_complete(chat.execute()).content

    def stream(self, client: Any) -> Iterator[str]:
        events = client.chat().user("hi").max_tokens(16).stream()
        run = client.loop.run_until_complete
        try:
            while True:
                try:
                    event = run(events.__anext__())
                except StopAsyncIteration:
                    return
                if event.is_content_delta:
                    yield event.as_content_delta.content
        finally:
            run(events.aclose())


class Requests(Peer):
    """The library by hand, as a careful script has it."""

    name = package = "requests"
    dialect = Messages()
    can = frozenset(
        ["call", "run", "get", "stream", "rows", "upload", "download", "headers"]
    )

    def made(self, setup: Setup, limit: float) -> Any:
        import requests

        session = requests.Session()
        session.headers["x-api-key"] = setup.key
        self.mount(session, setup)
        session.place, session.limit = setup.base_url, limit
        return session

    def mount(self, session: Any, setup: Setup) -> None:
        """Nothing is tried again."""

    def kind(self, error: BaseException) -> str:
        from requests import exceptions as e

        match error:
            case e.Timeout():
                return "timeout"
            case e.HTTPError():
                return f"status {error.response.status_code}"
            case e.JSONDecodeError() | e.ContentDecodingError():
                return "decode"
            case e.InvalidHeader() | e.InvalidURL() | e.InvalidSchema():
                return "refused"
            case e.MissingSchema():
                return "refused"
            case e.RequestException():
                return "connection"
        return unknown(error)

    def _post(self, client: Any, path: str, **more: Any) -> Any:
        reply = client.post(f"{client.place}{path}", timeout=client.limit, **more)
        reply.raise_for_status()
        return reply

    def _get(self, client: Any, path: str, **more: Any) -> Any:
        reply = client.get(f"{client.place}{path}", timeout=client.limit, **more)
        reply.raise_for_status()
        return reply

    def call(self, client: Any) -> str:
        body = SAY_HI | {"messages": MESSAGES}
        reply = self._post(client, "/v1/messages", json=body)
        return reply.json()["content"][0]["text"]

    def call_with(self, client: Any, headers: dict[str, str]) -> str:
        body = SAY_HI | {"messages": MESSAGES}
        reply = self._post(client, "/v1/messages", json=body, headers=headers)
        return reply.json()["content"][0]["text"]

    def run(self, client: Any) -> str:
        reply = self._post(client, "/api/workflows/wf/execute", json={"a": 1})
        return reply.json()["output"]["content"]

    def get(self, client: Any, name: str = "m1") -> str:
        return self._get(client, f"/v1/models/{name}").json()["id"]

    def stream(self, client: Any) -> Iterator[str]:
        import json

        body = SAY_HI | {"messages": MESSAGES, "stream": True}
        with self._post(client, "/v1/messages", json=body, stream=True) as reply:
            for line in reply.iter_lines():
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])
                    if event["type"] == "content_block_delta":
                        yield event["delta"]["text"]

    def rows(self, client: Any) -> Iterator[str]:
        import json

        path = "/v1/messages/batches/b1/results"
        with self._get(client, path, stream=True) as reply:
            for line in reply.iter_lines():
                if line.strip():
                    yield json.loads(line)["custom_id"]

    def upload(self, client: Any, file: Any) -> str:
        from pathlib import Path

        if isinstance(file, Path):
            with file.open("rb") as opened:
                return self._upload(client, opened)
        return self._upload(client, file)

    def _upload(self, client: Any, file: Any) -> str:
        return self._post(client, "/v1/files", files={"file": file}).json()["id"]

    def download(self, client: Any) -> Iterator[bytes]:
        path = "/v1/files/file_1/content"
        with self._get(client, path, stream=True) as reply:
            yield from reply.iter_content(65536)


class RequestsRetry(Requests):
    """The same with urllib3's own retries mounted."""

    name = "requests+Retry"

    def mount(self, session: Any, setup: Setup) -> None:
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry

        retry = Retry(
            total=setup.retries,
            backoff_factor=0.5,
            status_forcelist=[408, 409, 429, 500, 502, 503, 504, 529],
            allowed_methods=None,
            raise_on_status=False,
        )
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))


LIBRARIES = {
    "specwire": "tests.faults.ours:Specwire",
    "specwire.aio": "tests.faults.tasks:InTasks",
    "compat.anthropic": "tests.faults.dropin:DropIn",
    "anthropic": "fault_peers:Anthropic",
    "openai": "fault_peers:OpenAI",
    "compat.simstudio": "tests.faults.sim_dropin:SimDropIn",
    "simstudio": "fault_peers:SimStudio",
    "specwire.chat": "tests.faults.chat:Neutral",
    "ai-lib": "fault_peers:AiLib",
    "requests": "fault_peers:Requests",
    "requests+Retry": "fault_peers:RequestsRetry",
}
"""By the name in the table's head, in its order."""
