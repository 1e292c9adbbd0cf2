"""Replies answer to what programs ask of pydantic models."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import pytest

from specwire.compat.anthropic import Anthropic, BaseModel, types
from specwire.core.types import Unknown
from tests.house.modules import SDK

RAW: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "ü"}, {"type": "zebra", "stripes": 9}],
    "stop_reason": None,
    "usage": {"input_tokens": 1, "output_tokens": 1, "newly_counted": 5},
    "fresh": {"a": 1},
}


@pytest.fixture
def message() -> types.Message:
    return types.Message.model_validate(RAW)


def test_what_the_server_sent_comes_back(message: types.Message) -> None:
    """``to_dict`` has neither more nor less, with what nobody knew."""
    assert message.to_dict() == RAW
    assert json.loads(message.to_json()) == RAW
    assert "ü" in message.to_json()
    assert message.to_json(indent=None).startswith('{"id":"msg_1"')


def test_a_dump_has_what_was_not_sent_as_none(message: types.Message) -> None:
    """``model_dump`` fills in; ``exclude_*``, ``include`` and ``exclude`` choose."""
    data = message.model_dump()
    assert data["stop_sequence"] is None
    assert data["content"][0]["citations"] is None
    assert data["usage"]["newly_counted"] == 5
    assert message.model_dump(exclude_unset=True) == RAW
    assert "stop_reason" not in message.model_dump(exclude_none=True)
    assert message.model_dump(include={"id"}) == {"id": "msg_1"}
    assert "id" not in message.model_dump(exclude={"id"})
    assert json.loads(message.model_dump_json()) == data
    old: Any = message
    assert (old.dict(), json.loads(old.json())) == (data, data)


def test_dates_stay_dates_or_become_text() -> None:
    """``mode`` says which."""
    file = types.beta.FileMetadata.model_validate(
        {
            "id": "f",
            "type": "file",
            "filename": "a",
            "mime_type": "b",
            "size_bytes": 1,
            "created_at": "2026-01-02T03:04:05Z",
        }
    )
    assert file.to_dict()["created_at"] == file.created_at
    assert file.model_dump(mode="json")["created_at"] == "2026-01-02T03:04:05Z"


def test_a_copy_is_updated(message: types.Message) -> None:
    """``model_copy`` leaves the first one as it was."""
    other = message.model_copy(update={"id": "msg_2"}, deep=True)
    assert (other.id, message.id) == ("msg_2", "msg_1")
    assert other.content == message.content
    assert copy.deepcopy(message) == message


def test_objects_are_made_without_a_check() -> None:
    """``construct`` reads what it can, and leaves the rest ``None``."""
    block = types.TextBlock(type="text", text="x")
    made: Any = types.Message.model_construct(id="a", content=[block], odd=1)
    assert (made.id, made.content, made.usage, made.odd) == ("a", [block], None, 1)
    empty: Any = types.Usage.model_construct()
    assert empty.input_tokens is None


def test_a_member_of_that_name_comes_first() -> None:
    """A reply may have a ``json`` or a ``copy`` of its own."""
    value: Any = types.Message.model_validate({**RAW, "json": 7, "copy": "c"})
    assert (value.json, value.copy) == (7, "c")
    strange: Any = Unknown({"type": "x", "to_dict": 1})
    assert strange.to_dict == 1


def test_what_is_known_of_its_members(message: Any) -> None:
    """Those that were sent, and those that nobody declared."""
    assert message.model_fields_set == set(RAW)
    assert message.model_extra == {"fresh": {"a": 1}}
    assert isinstance(message, BaseModel)


def test_unknown_blocks_and_events_of_a_stream_answer_too(
    message: Any, anthropic: Anthropic
) -> None:
    """Every object that a program is handed."""
    assert message.content[1].to_dict() == {"type": "zebra", "stripes": 9}
    ask: Any = [{"role": "user", "content": "hi"}]
    with anthropic.messages.stream(model="m", max_tokens=9, messages=ask) as stream:
        events: list[Any] = list(stream)
    dumps = [json.loads(event.model_dump_json()) for event in events]
    assert {"message_start", "text", "message_stop"} <= {d["type"] for d in dumps}


def test_pages_and_streams_answer_as_the_official_ones(anthropic: Anthropic) -> None:
    """A page can be dumped, a stream knows its response."""
    page: Any = anthropic.models.list(limit=2)
    data = page.to_dict()
    assert [item["id"] for item in data["data"]] == [item.id for item in page.data]
    assert page.has_next_page()
    assert page.next_page_info() == {"after_id": data["last_id"]}
    ask: Any = [{"role": "user", "content": "hi"}]
    stream: Any = anthropic.messages.create(
        model="m", max_tokens=9, messages=ask, stream=True
    )
    assert stream.response.status_code == 200
    stream.close()


def test_our_own_client_lends_nothing() -> None:
    """Without the drop-in, models have members only."""
    code = (
        "from specwire import Client, models;"
        "print(hasattr(models.Message, 'to_dict'), hasattr(models.Usage, 'copy'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(SDK), "PATH": ""},
    )
    assert done.stdout.split() == ["False", "False"]
