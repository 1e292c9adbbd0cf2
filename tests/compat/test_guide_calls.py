"""The calls of the users' guide in words of our own, against the sandbox.

Some of them the official client refuses; here each has a meaning, which is tested.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

import specwire.compat.anthropic as module
from specwire.compat.anthropic import Anthropic, AsyncAnthropic, PlaceholderWarning
from specwire.sandbox import Sandbox

MODEL = "claude-sonnet-4-5-20250929"
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]


def last(box: Sandbox) -> Any:
    """The body of the last request."""
    return json.loads(box.requests[-1].body)


def test_a_picture_is_sent_as_base64(anthropic: Anthropic, box: Sandbox) -> None:
    """Blocks of text and image go as they are written."""
    data = base64.b64encode(b"\xff\xd8picture").decode()
    source = {"type": "base64", "media_type": "image/jpeg", "data": data}
    blocks = [{"type": "text", "text": "What?"}, {"type": "image", "source": source}]
    turn: Any = {"role": "user", "content": blocks}
    message = anthropic.messages.create(model=MODEL, max_tokens=64, messages=[turn])
    assert message.content[0].type == "text"
    assert last(box)["messages"] == [turn]


def test_thinking_arrives_before_the_text(anthropic: Anthropic) -> None:
    """Deltas of thinking, then of text, told apart by their types."""
    kinds: list[str] = []
    with anthropic.messages.stream(
        model=MODEL,
        max_tokens=4096,
        thinking={"type": "enabled", "budget_tokens": 2048},
        messages=HELLO,
    ) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                kinds.append(event.delta.type)
    assert kinds[0] == "thinking_delta"
    assert kinds[-1] == "text_delta"


def test_tasks_ask_side_by_side(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with a client of its own, which none of them closes."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", box.api_keys["anthropic"])
    monkeypatch.setenv("ANTHROPIC_BASE_URL", box.base_urls["anthropic"])

    async def asked(text: str) -> Any:
        client = AsyncAnthropic()
        turn: Any = {"role": "user", "content": text}
        message = await client.messages.create(
            model=MODEL, max_tokens=64, messages=[turn]
        )
        return message.content

    async def main() -> list[Any]:
        return await asyncio.gather(*(asked(f"question {n}") for n in range(3)))

    answers = asyncio.run(main())
    assert [f"question {n}" in each[0].text for n, each in enumerate(answers)] == (
        [True] * 3
    )


def test_thinking_arrives_in_a_task(box: Sandbox) -> None:
    """As in a thread: deltas of thinking, then of text."""

    async def main() -> list[str]:
        key, url = box.api_keys["anthropic"], box.base_urls["anthropic"]
        client = module.AsyncAnthropic(api_key=key, base_url=url)
        async with client.messages.stream(
            model=MODEL,
            max_tokens=4096,
            thinking={"type": "enabled", "budget_tokens": 2048},
            messages=HELLO,
        ) as stream:
            return [
                event.delta.type
                async for event in stream
                if event.type == "content_block_delta"
            ]

    kinds = asyncio.run(main())
    assert (kinds[0], kinds[-1]) == ("thinking_delta", "text_delta")


def test_every_class_of_the_guides_table_is_at_the_top() -> None:
    """And each is an ``APIError``."""
    for name in (
        *("APIConnectionError", "APITimeoutError", "BadRequestError"),
        *("AuthenticationError", "PermissionDeniedError", "NotFoundError"),
        *("RateLimitError", "InternalServerError", "OverloadedError"),
    ):
        assert issubclass(getattr(module, name), module.APIError)
    assert issubclass(module.OverloadedError, module.InternalServerError)


def test_an_overloaded_server_raises_its_class(box: Sandbox) -> None:
    """529 is ``OverloadedError``, at once where retries are off."""
    key, url = box.api_keys["anthropic"], box.base_urls["anthropic"]
    client = Anthropic(api_key=key, base_url=url, max_retries=0)
    box.fail("POST /v1/messages", [529])
    with pytest.raises(module.OverloadedError) as caught:
        client.messages.create(model=MODEL, max_tokens=9, messages=HELLO)
    assert caught.value.status_code == 529
    assert caught.value.attempts == 1


def test_prompt_caching_has_its_old_path(anthropic: Anthropic, box: Sandbox) -> None:
    """``beta.prompt_caching.messages`` is ``beta.messages``; the mark is sent."""
    marked: Any = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    anthropic.beta.prompt_caching.messages.create(
        model=MODEL, max_tokens=64, system=[marked], messages=HELLO
    )
    assert last(box)["system"] == [marked]


def test_a_tool_runner_needs_only_a_model(anthropic: Anthropic, box: Sandbox) -> None:
    """Messages are appended, tools are none, ``max_tokens`` is 4,096."""
    runner = anthropic.beta.messages.tool_runner(
        model=MODEL,
        compaction_control={"enabled": True, "context_token_threshold": 100_000},
    )
    runner.append_messages(HELLO[0])
    assert runner.until_done().stop_reason == "end_turn"
    assert last(box)["max_tokens"] == 4096


@dataclasses.dataclass
class Risk:
    score: int
    reasoning: str
    flags: list[str]


def test_parse_needs_no_max_tokens(anthropic: Anthropic, box: Sandbox) -> None:
    """4,096 are sent, and the reply is a value of the class."""
    message = anthropic.beta.messages.parse(
        model=MODEL, messages=HELLO, output_format=Risk
    )
    assert isinstance(message.parsed_output, Risk)
    assert last(box)["max_tokens"] == 4096


def test_parse_takes_a_pydantic_model(anthropic: Anthropic) -> None:
    """Validated by pydantic where the program brings it."""
    pydantic = pytest.importorskip("pydantic", reason="an optional guest")
    kind = pydantic.create_model("Kind", score=(int, ...))
    message = anthropic.beta.messages.parse(
        model=MODEL, messages=HELLO, output_format=kind
    )
    assert isinstance(message.parsed_output, kind)


def test_servers_of_tools_bring_their_beta(anthropic: Anthropic, box: Sandbox) -> None:
    """``mcp_servers`` is sent with the header that it needs."""
    server: Any = {"type": "url", "url": "https://mcp.example/api", "name": "db"}
    anthropic.beta.messages.create(
        model=MODEL, max_tokens=64, messages=HELLO, mcp_servers=[server]
    )
    assert last(box)["mcp_servers"] == [server]
    assert "mcp-client-" in box.requests[-1].headers["anthropic-beta"]


def test_an_ellipsis_is_a_turn_that_is_left_open(
    anthropic: Anthropic, box: Sandbox
) -> None:
    """It is sent as the user's "...", with a warning that names the caller's line."""
    with pytest.warns(PlaceholderWarning, match="Ellipsis") as warned:
        anthropic.messages.create(
            model=MODEL,
            max_tokens=64,
            messages=[...],  # type: ignore[list-item]
            output_config={"effort": "high"},
        )
    assert last(box)["messages"] == [{"role": "user", "content": "..."}]
    assert last(box)["output_config"] == {"effort": "high"}
    assert warned[0].filename == __file__


def test_a_purpose_of_a_file_is_accepted(
    anthropic: Anthropic, box: Sandbox, tmp_path: Path
) -> None:
    """The file is uploaded and can be asked about by its id."""
    path = tmp_path / "contract.pdf"
    path.write_bytes(b"%PDF-1.4\n%%EOF\n")
    file = anthropic.beta.files.upload(file=path, purpose="files-api-2025-04-14")
    assert file.filename == "contract.pdf"
    source = {"type": "file", "file_id": file.id}
    turn: Any = {"role": "user", "content": [{"type": "document", "source": source}]}
    anthropic.beta.messages.create(
        model=MODEL,
        max_tokens=64,
        betas=["files-api-2025-04-14"],
        messages=[turn],
    )
    assert last(box)["messages"] == [turn]


def test_a_batch_of_ellipses_is_accepted(anthropic: Anthropic, box: Sandbox) -> None:
    """Made, and its results read; what a request lacks is its row's error."""
    requests: Any = [
        {"custom_id": "a", "params": {"model": "...", "messages": [...]}},
        {
            "custom_id": "b",
            "params": {"model": "...", "messages": [...], "max_tokens": 9},
        },
    ]
    with pytest.warns(PlaceholderWarning):
        batch = anthropic.messages.batches.create(requests=requests)
    sent = last(box)["requests"][0]["params"]["messages"]
    assert sent == [{"role": "user", "content": "..."}]
    rows = {row.custom_id: row for row in anthropic.messages.batches.results(batch.id)}
    assert rows["a"].result.type == "errored"
    assert rows["b"].result.type == "succeeded"
    assert requests[0]["params"]["messages"] == [...]
