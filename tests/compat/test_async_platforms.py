"""``AsyncAnthropicBedrock`` and ``AsyncAnthropicVertex``: as the synchronous ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from specwire import errors
from specwire.compat.anthropic import (
    AsyncAnthropic,
    AsyncAnthropicBedrock,
    AsyncAnthropicVertex,
)
from tests.scripted import ScriptedServer, Step, chunked, reply, serving

from .aws import chunk, is_signed, streamed
from .sample import ASK, EVENTS, HELLO, MESSAGE
from .sample import nowhere as nowhere

pytestmark = pytest.mark.usefixtures("nowhere")

SECRET = "secret/key+of+the+account"
REGION = "eu-central-1"
KEYS = {"aws_access_key": "AKIDEXAMPLE", "aws_secret_key": SECRET}
PLACE = "/projects/mine/locations/us-east5/publishers/anthropic/models"
STREAM = [f"data: {json.dumps(event)}\n\n".encode() for event in EVENTS]


def played(
    make: Callable[[str], AsyncAnthropic],
    work: Callable[[Any], Awaitable[Any]],
    *script: Step,
) -> ScriptedServer:
    async def main(server: ScriptedServer) -> None:
        async with make(server.url) as client:
            await asyncio.wait_for(work(client), 30)

    with serving(*script) as server:
        asyncio.run(main(server))
    return server


def bedrock(url: str) -> AsyncAnthropic:
    pytest.importorskip("botocore", reason="the extra 'bedrock' is not installed")
    return AsyncAnthropicBedrock(**KEYS, aws_region=REGION, base_url=url)


def vertex(url: str) -> AsyncAnthropic:
    return AsyncAnthropicVertex(
        region="us-east5", project_id="mine", access_token="mine", base_url=url
    )


async def both(client: AsyncAnthropic) -> None:
    """A message, and a streamed one."""
    message = await client.messages.create(**ASK)
    assert getattr(message.content[0], "text", "") == "Hello"
    async with client.messages.stream(**ASK) as stream:
        assert await stream.get_final_text() == "Hello"


def test_bedrock_is_asked_in_its_own_form() -> None:
    """Signed, with the model in the path; its frames are read as they arrive."""
    frames = streamed(*(chunk(event) for event in EVENTS))
    server = played(bedrock, both, reply(200, MESSAGE), frames)
    targets = [each.target for each in server.received]
    assert targets == [
        "/model/claude/invoke",
        "/model/claude/invoke-with-response-stream",
    ]
    assert server.received[0].json()["messages"] == HELLO
    for each in server.received:
        assert is_signed(each, secret=SECRET, region=REGION)


def test_vertex_is_asked_in_its_own_form() -> None:
    """With its token, the model in the path, the version in the body."""
    server = played(vertex, both, reply(200, MESSAGE), chunked(*STREAM))
    targets = [each.target for each in server.received]
    assert targets == [
        f"{PLACE}/claude:rawPredict",
        f"{PLACE}/claude:streamRawPredict",
    ]
    assert server.received[0].json()["anthropic_version"] == "vertex-2023-10-16"
    assert {e.headers["authorization"] for e in server.received} == {"Bearer mine"}


def test_copies_and_settings_are_those_of_the_platform() -> None:
    """Region, keys and project; a copy is of the same kind."""
    pytest.importorskip("botocore", reason="the extra 'bedrock' is not installed")
    first = AsyncAnthropicBedrock(**KEYS, aws_region=REGION)
    other = first.copy(aws_region="us-west-2")
    assert type(other) is AsyncAnthropicBedrock
    assert (first.aws_region, other.aws_region) == (REGION, "us-west-2")
    assert other.aws_secret_key == SECRET
    assert SECRET not in repr(other)
    second = AsyncAnthropicVertex(region="global", project_id="p", access_token="t")
    assert (second.region, second.project_id) == ("global", "p")
    second.access_token = "u"
    assert second.with_options(region="eu").access_token == "u"


def test_what_a_platform_lacks_is_told() -> None:
    """Before anything is sent."""

    async def work(client: AsyncAnthropic) -> None:
        with pytest.raises(errors.RequestValidationError, match="does not serve"):
            await client.models.list()

    assert played(vertex, work).received == []


def test_fifty_tasks_share_one_refresh_of_a_token() -> None:
    """google-auth is asked beside the loop, by one of them."""
    pytest.importorskip("google.auth", reason="the extra 'vertex' is not installed")
    from .test_vertex import Fake

    found = Fake()

    def make(url: str) -> AsyncAnthropic:
        return AsyncAnthropicVertex(
            region="us-east5", project_id="mine", credentials=found, base_url=url
        )

    async def work(client: AsyncAnthropic) -> None:
        await asyncio.gather(*(client.messages.create(**ASK) for _ in range(50)))

    played(make, work, *[reply(200, MESSAGE)] * 50)
    assert found.refreshed == 1
