"""The adapters of clients that are asked in tasks: what ``peers.py`` has for threads.

Each has ``ask``, which gives the text of a reply, ``hold``, which gives a stream that
has given its first event, and ``close``. It is made in a running loop, with the
client's default settings, except that a raw library is not to limit its connections.
Nothing is imported at the top, so that it adds nothing to another client's figures.
"""

from __future__ import annotations

SAY_HI = [{"role": "user", "content": "hi"}]
ASKED = {"model": "m", "max_tokens": 16, "messages": SAY_HI}
KEY = "local-key"


class OfMessages:
    """Clients of the Messages API are all asked with the same words."""

    def __init__(self, client):
        self.client = client
        self.close = client.close

    async def ask(self):
        return (await self.client.messages.create(**ASKED)).content[0].text

    async def hold(self):
        stream = await self.client.messages.create(**ASKED, stream=True)
        events = aiter(stream)
        await anext(events)
        return stream, events


def specwire(base):
    from specwire.aio import AsyncClient

    return OfMessages(
        AsyncClient(api_keys={"anthropic": KEY}, base_urls={"anthropic": base})
    )


def anthropic(base):
    from anthropic import AsyncAnthropic

    return OfMessages(AsyncAnthropic(api_key=KEY, base_url=base))


def drop_in(base):
    from specwire.compat.anthropic import AsyncAnthropic

    return OfMessages(AsyncAnthropic(api_key=KEY, base_url=base))


class Httpx:
    """The library below most clients."""

    def __init__(self, base):
        from httpx import AsyncClient, Limits

        self.url = f"{base}/v1/messages"
        limits = Limits(max_connections=None, max_keepalive_connections=None)
        headers = {"x-api-key": KEY}
        self.client = AsyncClient(limits=limits, timeout=60, headers=headers)
        self.close = self.client.aclose

    async def ask(self):
        reply = await self.client.post(self.url, json=ASKED)
        return reply.json()["content"][0]["text"]

    async def hold(self):
        body = {**ASKED, "stream": True}
        request = self.client.build_request("POST", self.url, json=body)
        reply = await self.client.send(request, stream=True)
        lines = reply.aiter_lines()
        await anext(lines)
        return reply, lines


class Aiohttp:
    """The library that this project's async clients connect by."""

    def __init__(self, base):
        from aiohttp import ClientSession, TCPConnector

        self.url = f"{base}/v1/messages"
        connector = TCPConnector(limit=0)
        self.client = ClientSession(connector=connector, headers={"x-api-key": KEY})
        self.close = self.client.close

    async def ask(self):
        async with self.client.post(self.url, json=ASKED) as reply:
            return (await reply.json())["content"][0]["text"]

    async def hold(self):
        reply = await self.client.post(self.url, json={**ASKED, "stream": True})
        await reply.content.readline()
        return reply
