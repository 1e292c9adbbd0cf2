"""The adapters: one small class for each client that is measured.

An adapter is written as the client's own documentation says to use it, with default
settings. A method that a client has no counterpart for is left out, and the table
shows a dash. The module imports nothing at its top, so that it adds nothing to the
time from the start of a process to its first reply.

Methods, all of which return something that shows the work was done:
``call(count, messages, prefix)`` and ``workflow(count)`` the text of the last reply,
``events(prefix)`` the number of events, ``final(prefix)`` the text put together,
``lines()`` the number of rows, ``upload(path)`` the id, ``download(target)`` the bytes
written to it, or None where the client does not say, ``run(count, threads, prefix)``
and ``kept(count)`` the items of a durable run that succeeded, ``texts(base)`` a
stream's deltas one by one, ``opened(base)`` a stream that has given its first event,
``secure(base, count)`` the text of the last reply over TLS, ``tasks(base)`` what is
asked in tasks (``peers_tasks.py``). ``threaded`` says that threads may share the
client, ``many`` that one serves thousands of tasks at a time. A prefix chooses between
the server's replies; ``replies.py`` has them.
"""

from __future__ import annotations

SAY_HI = [{"role": "user", "content": "hi"}]
KEY = "local-key"


class Adapter:
    """What all adapters share: one client for each base URL, made once."""

    def __init__(self, port: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.made = {}
        self.client("")

    def client(self, prefix):
        if prefix not in self.made:
            self.made[prefix] = self.make(self.base + prefix)
        return self.made[prefix]

    def make(self, base):
        raise NotImplementedError

    def plain(self, count, threads, prefix):
        """Make so many calls in so many threads; give how many were made."""
        from concurrent.futures import ThreadPoolExecutor

        def work(share):
            self.call(share, SAY_HI, prefix)
            return share

        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(work, [count // threads] * threads))

    def elsewhere(self, base):
        """Give a client for a server of another base URL."""
        if base not in self.made:
            self.made[base] = self.make(base)
        return self.made[base]


class Requests(Adapter):
    """The raw HTTP library: what everything is compared to."""

    name = "requests"
    install = "requests"
    package = "requests"
    front = "from requests import Session"

    def make(self, base):
        from requests import Session

        session = Session()
        session.headers["x-api-key"] = KEY
        return session

    def call(self, count, messages, prefix=""):
        url, session = f"{self.base}{prefix}/v1/messages", self.client(prefix)
        for _ in range(count):
            body = {"model": "m", "max_tokens": 16, "messages": messages}
            reply = session.post(url, json=body, timeout=60)
            reply.raise_for_status()
            text = reply.json()["content"][0]["text"]
        return text

    def run(self, count, threads, prefix):
        return self.plain(count, threads, prefix)

    def workflow(self, count):
        url, session = f"{self.base}/api/v2/workflows/wf/execute", self.client("")
        for _ in range(count):
            reply = session.post(url, json={"input": {"a": 1}}, timeout=60)
            reply.raise_for_status()
            text = reply.json()["data"]["output"]["content"]
        return text

    def _events(self, prefix):
        from json import loads

        body = {"model": "m", "max_tokens": 16, "messages": SAY_HI, "stream": True}
        url = f"{self.base}{prefix}/v1/messages"
        with self.client(prefix).post(url, json=body, stream=True, timeout=60) as reply:
            reply.raise_for_status()
            for line in reply.iter_lines():
                if line.startswith(b"data: "):
                    yield loads(line[6:])

    def events(self, prefix):
        return sum(1 for _ in self._events(prefix))

    def final(self, prefix):
        text = []
        for event in self._events(prefix):
            if event["type"] == "content_block_delta":
                text.append(event["delta"]["text"])
        return "".join(text)

    def texts(self, base):
        from json import loads

        body = {"model": "m", "max_tokens": 16, "messages": SAY_HI, "stream": True}
        url, session = f"{base}/v1/messages", self.elsewhere(base)
        with session.post(url, json=body, stream=True, timeout=60) as reply:
            for line in reply.iter_lines():
                if line.startswith(b"data: "):
                    yield loads(line[6:]).get("delta", {}).get("text", "")

    def opened(self, base):
        body = {"model": "m", "max_tokens": 16, "messages": SAY_HI, "stream": True}
        session = self.elsewhere(base)
        url = f"{base}/v1/messages"
        reply = session.post(url, json=body, stream=True, timeout=60)
        lines = reply.iter_lines()
        next(lines)
        return reply, lines

    threaded = True

    def secure(self, base, count):
        url, session = f"{base}/v1/messages", self.elsewhere(base)
        for _ in range(count):
            body = {"model": "m", "max_tokens": 16, "messages": SAY_HI}
            reply = session.post(url, json=body, timeout=60)
            text = reply.json()["content"][0]["text"]
        return text

    def lines(self):
        from json import loads

        url = f"{self.base}/v1/messages/batches/msgbatch_1/results"
        count = 0
        with self.client("").get(url, stream=True, timeout=60) as reply:
            for line in reply.iter_lines():
                count += loads(line)["result"]["type"] == "succeeded"
        return count

    def upload(self, path):
        url = f"{self.base}/v1/files"
        with open(path, "rb") as file:
            reply = self.client("").post(url, files={"file": file}, timeout=60)
        return reply.json()["id"]

    def download(self, target):
        url = f"{self.base}/v1/files/file_1/content"
        size = 0
        reply = self.client("").get(url, stream=True, timeout=60)
        with reply, open(target, "wb") as file:
            for chunk in reply.iter_content(65536):
                size += file.write(chunk)
        return size


class OfMessages(Adapter):
    """What the clients of the Messages API are all asked with the same words."""

    threaded = True

    def call(self, count, messages, prefix=""):
        create = self.client(prefix).messages.create
        for _ in range(count):
            text = create(model="m", max_tokens=16, messages=messages).content[0].text
        return text

    def texts(self, base):
        stream = self.elsewhere(base).messages.create(
            model="m", max_tokens=16, messages=SAY_HI, stream=True
        )
        for event in stream:
            if event.type == "content_block_delta":
                yield event.delta.text

    def opened(self, base):
        stream = self.elsewhere(base).messages.create(
            model="m", max_tokens=16, messages=SAY_HI, stream=True
        )
        next(stream)
        return stream

    def secure(self, base, count):
        create = self.elsewhere(base).messages.create
        for _ in range(count):
            reply = create(model="m", max_tokens=16, messages=SAY_HI)
        return reply.content[0].text

    def events(self, prefix):
        stream = self.client(prefix).messages.create(
            model="m", max_tokens=16, messages=SAY_HI, stream=True
        )
        return sum(1 for _ in stream)

    def final(self, prefix):
        with self.client(prefix).messages.stream(
            model="m", max_tokens=16, messages=SAY_HI
        ) as stream:
            return stream.get_final_message().content[0].text


class Specwire(OfMessages):
    """This project."""

    name = "specwire"
    install = ""  # the repository itself
    package = "specwire"
    front = "from specwire import Client"

    def make(self, base):
        from specwire import Client

        urls = {"anthropic": base, "sim": base}
        return Client(api_keys={"anthropic": KEY, "sim": KEY}, base_urls=urls)

    many = True

    def tasks(self, base):
        from peers_tasks import specwire

        return specwire(base)

    def run(self, count, threads, prefix, client=None):
        from tempfile import TemporaryDirectory

        from specwire.batch import BatchRunner

        request = {"model": "m", "max_tokens": 16, "messages": SAY_HI}
        with TemporaryDirectory() as folder:
            runner = BatchRunner(
                client or self.client(prefix),
                journal=f"{folder}/journal",
                max_in_flight=threads,
            )
            results = runner.run(request for _ in range(count))
            return sum(result.success for result in results)

    def forgotten(self, count, threads, prefix):
        from forgetful import journals

        with journals():
            return self.run(count, threads, prefix)

    def kept(self, count):
        """Run items whose answers are there at once: nothing is sent."""
        from layers import client

        return self.run(count, 32, "", client(self.base, text="x" * 1000))

    def layers(self, count):
        """CPU microseconds that each layer adds to a call."""
        from layers import measure

        return measure(self.base, count)

    def workflow(self, count):
        run = self.client("").execute_workflow
        for _ in range(count):
            text = run("wf", {"a": 1}).output["content"]
        return text

    def lines(self):
        rows = self.client("").batches.results("msgbatch_1")
        return sum(row.result.type == "succeeded" for row in rows)

    def upload(self, path):
        from pathlib import Path

        return self.client("").files.upload(file=Path(path)).id

    def download(self, target):
        size = 0
        with (
            self.client("").files.download("file_1") as body,
            open(target, "wb") as file,
        ):
            for chunk in body:
                size += file.write(chunk)
        return size


class Anthropic(OfMessages):
    """The vendor's client, at the version the drop-in module follows."""

    name = "anthropic"
    install = "anthropic==0.121.0"
    package = "anthropic"
    front = "from anthropic import Anthropic"

    def make(self, base):
        from anthropic import Anthropic

        return Anthropic(api_key=KEY, base_url=base)

    def tasks(self, base):
        from peers_tasks import anthropic

        return anthropic(base)

    def lines(self):
        rows = self.client("").messages.batches.results("msgbatch_1")
        return sum(row.result.type == "succeeded" for row in rows)

    def upload(self, path):
        from pathlib import Path

        return self.client("").beta.files.upload(file=Path(path)).id

    def download(self, target):
        self.client("").beta.files.download("file_1").write_to_file(target)


class DropIn(Anthropic):
    """This project under the vendor's names: the same lines with another import."""

    name = "compat.anthropic"
    install = ""
    package = "specwire.compat.anthropic"
    front = "from specwire.compat.anthropic import Anthropic"

    def make(self, base):
        from specwire.compat.anthropic import Anthropic

        return Anthropic(api_key=KEY, base_url=base)

    def tasks(self, base):
        from peers_tasks import drop_in

        return drop_in(base)


class OpenAI(Adapter):
    """Another vendor's client, on its own API's shapes."""

    name = "openai"
    install = "openai"
    package = "openai"
    front = "from openai import OpenAI"

    def make(self, base):
        from openai import OpenAI

        return OpenAI(api_key=KEY, base_url=f"{base}/v1")

    def call(self, count, messages, prefix=""):
        create = self.client(prefix).chat.completions.create
        for _ in range(count):
            reply = create(model="m", max_tokens=16, messages=messages)
        return reply.choices[0].message.content

    def events(self, prefix):
        stream = self.client(prefix).chat.completions.create(
            model="m", max_tokens=16, messages=SAY_HI, stream=True
        )
        return sum(1 for _ in stream)

    def final(self, prefix):
        with self.client(prefix).chat.completions.stream(
            model="m", max_tokens=16, messages=SAY_HI
        ) as stream:
            return stream.get_final_completion().choices[0].message.content

    threaded = True

    def upload(self, path):
        from pathlib import Path

        files = self.client("/openai").files
        return files.create(file=Path(path), purpose="batch").id

    def download(self, target):
        self.client("/openai").files.content("file_1").write_to_file(target)


class SimStudio(Adapter):
    """The workflow vendor's client: workflows only, no streams."""

    name = "simstudio"
    install = "simstudio-sdk"
    package = "simstudio"
    front = "from simstudio import SimStudioClient"

    def make(self, base):
        from simstudio import SimStudioClient

        return SimStudioClient(KEY, base)

    def workflow(self, count):
        run = self.client("").execute_workflow
        for _ in range(count):
            text = run("wf", {"a": 1}).output["content"]
        return text


class SimDropIn(SimStudio):
    """This project under that vendor's names: the same lines with another import."""

    name = "compat.simstudio"
    install = ""
    package = "specwire.compat.simstudio"
    front = "from specwire.compat.simstudio import SimStudioClient"

    def make(self, base):
        from specwire.compat.simstudio import SimStudioClient

        return SimStudioClient(KEY, base)


class Chat(Adapter):
    """This project's provider-neutral client, on the shapes of chat completions."""

    name = "specwire.chat"
    install = ""
    package = "specwire.chat"
    front = "from specwire import AiClient"
    model = "openai/m"
    threaded = True

    def make(self, base):
        from specwire import AiClient

        url = f"{base}/v1"
        return AiClient.create(self.model, api_key=KEY, base_url=url, timeout=60)

    def call(self, count, messages, prefix=""):
        client = self.client(prefix)
        for _ in range(count):
            text = client.chat().messages(messages).max_tokens(16).execute().content
        return text

    def _stream(self, client):
        return client.chat().messages(SAY_HI).max_tokens(16).stream()

    def events(self, prefix):
        return sum(1 for _ in self._stream(self.client(prefix)))

    def final(self, prefix):
        with self._stream(self.client(prefix)) as stream:
            for _ in stream:
                pass
            return stream.response.content


class ChatAnthropic(Chat):
    """The same, on the shapes of the Messages API."""

    name = "specwire.chat (Anthropic)"
    model = "anthropic/m"

    def texts(self, base):
        for event in self._stream(self.elsewhere(base)):
            if event.is_content_delta:
                yield event.as_content_delta.text

    def opened(self, base):
        stream = self._stream(self.elsewhere(base))
        next(stream)
        return stream


class AiLib(Adapter):
    """The provider-neutral client, which is asynchronous; one event loop for all."""

    name = "ai-lib"
    install = "ai-lib-python"
    package = "ai_lib_python"
    front = "from ai_lib_python import AiClient"

    def __init__(self, port: str) -> None:
        import asyncio

        self.run = asyncio.new_event_loop().run_until_complete
        super().__init__(port)

    def make(self, base):
        from pathlib import Path

        from ai_lib_python import AiClient

        manifests = Path(__file__).resolve().parent / "protocol"
        builder = AiClient.builder().model("local/m").api_key(KEY)
        builder = builder.base_url(f"{base}/v1").protocol_path(str(manifests))
        return self.run(builder.build())

    def call(self, count, messages, prefix=""):
        from ai_lib_python import Message

        said = [Message(role=one["role"], content=one["content"]) for one in messages]

        client = self.client(prefix)

        async def calls():
            for _ in range(count):
                chat = client.chat().messages(said).max_tokens(16)
                reply = await chat.execute()
            return reply.content

        return self.run(calls())

    def events(self, prefix):
        client = self.client(prefix)

        async def count():
            chat = client.chat().user("hi").max_tokens(16)
            return sum([1 async for _ in chat.stream()])

        return self.run(count())


class InTasks:
    """A raw library that is only asked in tasks; ``requests`` is for the rest."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"


class Httpx(InTasks):
    name = install = package = "httpx"

    def tasks(self, base):
        from peers_tasks import Httpx

        return Httpx(base)


class Aiohttp(InTasks):
    name = install = package = "aiohttp"
    many = True

    def tasks(self, base):
        from peers_tasks import Aiohttp

        return Aiohttp(base)


PEERS = (
    *(Requests, Specwire, DropIn, Anthropic, OpenAI, SimDropIn, SimStudio),
    *(Chat, ChatAnthropic, AiLib, Httpx, Aiohttp),
)
"""In the order of the table's columns."""


def find(name: str) -> type:
    """Give the adapter of that name."""
    for peer in PEERS:
        if peer.name == name:
            return peer
    raise SystemExit(f"no peer {name!r}; there are {[peer.name for peer in PEERS]}")
