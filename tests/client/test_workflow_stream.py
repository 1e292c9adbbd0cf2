"""A streamed run: events, text, and the result at its end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from specwire import Client, errors, models
from specwire.core.types import Unknown
from specwire.mixins.workflow_stream import WorkflowStream

from ..scripted import Step, chunked, reply, serving

FINAL = {"event": "final", "data": {"success": True, "output": {"a": 1}}}
DONE = "data: [DONE]\n\n"


def frames(*data: Any, end: str = DONE) -> bytes:
    text = "".join(
        f"data: {d if isinstance(d, str) else json.dumps(d)}\n\n" for d in data
    )
    return (text + end).encode()


def streamed(step: Step, **options: Any) -> tuple[WorkflowStream, list[Any]]:
    """The stream that ``step`` answers with, and its events."""
    with serving(step) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        stream = client.execute_workflow("wf_1", stream=True, **options)
        return stream, list(stream)


def chunk(text: str, block: str = "b") -> dict[str, str]:
    return {"blockId": block, "chunk": text}


def test_every_event_has_its_type() -> None:
    """Events are models; a kind that is not known is kept."""
    tool = {"blockId": "b", "event": "tool", "phase": "start", "id": "t", "name": "n"}
    stream, events = streamed(
        chunked(
            frames(
                chunk("let me "),
                {"blockId": "b", "event": "thinking", "data": "hmm"},
                tool,
                {"blockId": "b", "event": "chunk_reset"},
                {"event": "stream_error", "blockId": "c", "error": "odd"},
                {"event": "weather", "sky": "blue"},
                chunk("Answer"),
                FINAL,
            )
        ),
        include_thinking=True,
    )
    assert [type(event) for event in events] == [
        models.WorkflowChunk,
        models.WorkflowThinking,
        models.WorkflowTool,
        models.WorkflowChunkReset,
        models.WorkflowStreamBlockError,
        Unknown,
        models.WorkflowChunk,
        models.WorkflowFinal,
    ]
    assert events[5].sky == "blue"
    assert stream.text == "Answer"
    assert stream.block_errors == {"c": "odd"}


def test_text_is_kept_by_block() -> None:
    """A block that begins anew keeps its place; others keep their text."""
    stream, _ = streamed(
        chunked(
            frames(
                chunk("old", "a"),
                chunk("\n\nB", "b"),
                {"event": "chunk_reset", "blockId": "a"},
                chunk("new", "a"),
                FINAL,
            )
        )
    )
    assert stream.blocks == {"a": "new", "b": "\n\nB"}
    assert stream.text == "new\n\nB"


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (FINAL, (True, "completed", None)),
        (
            {"event": "final", "data": {"success": False, "error": "x", "output": {}}},
            (False, "failed", "x"),
        ),
        (
            {"event": "final", "data": {"success": True, "status": "paused"}},
            (True, "paused", None),
        ),
        ({"event": "done", "success": True, "output": {}}, (True, "completed", None)),
        (
            {"event": "final", "data": {"success": False, "error": {"message": "x"}}},
            (False, "failed", "x"),
        ),
        ({"event": "final", "data": {"error": ["x"]}}, (False, "failed", "['x']")),
    ],
)
def test_the_end_reads_like_a_result(last: Any, expected: tuple[Any, ...]) -> None:
    """success, status and error are there after the last frame."""
    stream, _ = streamed(chunked(frames(last)))
    assert (stream.success, stream.status, stream.error) == expected
    result = stream.result()
    assert isinstance(result, models.WorkflowExecutionResult)
    assert (result.success, result.status) == expected[:2]


def test_printing_a_stream_prints_its_result() -> None:
    """``print(stream)`` reads the rest; a look at it in a debugger reads nothing."""
    with serving(chunked(frames(chunk("One"), FINAL))) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        stream = client.execute_workflow("wf_1", stream=True)
        assert "under way" in repr(stream)
        assert stream.success is None
        assert "success=True" in str(stream)
    assert stream.text == "One"
    assert "output={'a': 1}" in repr(stream)


@pytest.mark.parametrize("end", ["", DONE, 'data: "[DONE]"\n\n'])
def test_a_run_that_fails_gives_its_error_and_raises_it(end: str) -> None:
    """The frame is an event; the error after it has what had arrived."""
    step = chunked(frames(chunk("One"), {"event": "error", "error": "boom"}, end=end))
    with serving(step) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        stream = client.execute_workflow("wf_1", stream=True)
        seen = []
        with pytest.raises(errors.APIStatusError, match="boom") as caught:
            seen.extend(stream)
            for event in stream:
                seen.append(event)
        assert list(stream) == []
    assert caught.value.in_stream
    assert caught.value.message_object == {"b": "One"}
    assert (stream.success, stream.error, stream.text) == (False, "boom", "One")


def test_the_error_event_is_handed_out_before_it_is_raised() -> None:
    """A loop over the events sees the failure as an event first."""
    step = chunked(frames({"event": "error", "blockId": "b", "error": "too large"}))
    seen = []
    with serving(step) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        with pytest.raises(errors.APIStatusError, match="too large"):
            for event in client.execute_workflow("wf_1", stream=True):
                seen.append(event)
    assert [type(event) for event in seen] == [models.WorkflowError]
    assert seen[0].error == "too large"


def test_what_arrived_before_a_cut_is_readable() -> None:
    """The stream has its text, and so has the error."""
    with serving(chunked(frames(chunk("x"), end=""), end=False)) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        stream = client.execute_workflow("wf_1", stream=True)
        with pytest.raises(errors.StreamError) as caught:
            stream.until_done()
        assert len(server.received) == 1
    assert caught.value.message_object == {"b": "x"}
    assert (stream.text, stream.success) == ("x", None)


def test_frames_that_cannot_be_read_are_counted() -> None:
    """They are passed over; the run's result is not lost."""
    stream, events = streamed(
        chunked(frames(chunk("x"), "{oops", "", "NaN", chunk("y"), FINAL))
    )
    assert (stream.text, stream.success) == ("xy", True)
    assert stream.skipped >= 2
    assert len(events) >= 3


def test_other_line_ends_of_unicode_are_text() -> None:
    """U+2028, NEL and form feed do not end a frame."""
    text = "a\u2028b\u0085c\x0cd"
    body = 'data: {"blockId": "b", "chunk": "a\u2028b\u0085c\\fd"}\n\n'.encode()
    stream, _ = streamed(chunked(body + frames(FINAL)))
    assert stream.text == text


def test_characters_may_be_cut_anywhere() -> None:
    """Every split of the bytes gives the same text."""
    whole = 'data: {"blockId":"b","chunk":"あ€𝄞"}\n\n'.encode() + frames(FINAL)
    pieces = [whole[n : n + 1] for n in range(len(whole))]
    stream, _ = streamed(chunked(*pieces))
    assert stream.text == "あ€𝄞"


def test_json_in_place_of_a_stream_is_the_result() -> None:
    """One event, and the result is there from the beginning."""
    sent = {"success": True, "output": {"content": "hi"}, "metadata": {"duration": 1}}
    stream, events = streamed(reply(200, sent))
    assert [type(event) for event in events] == [models.WorkflowFinal]
    assert (stream.success, stream.output) == (True, {"content": "hi"})
    assert stream.metadata == {"duration": 1}
    assert stream.plain is not None
    assert stream.plain.output == {"content": "hi"}
    stream.close()


def test_a_stream_that_nobody_asked_for_is_read_to_its_result() -> None:
    """A server that streams all the same gives a result."""
    with serving(chunked(frames(chunk("x"), FINAL))) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        result = client.execute_workflow("wf_1")
    assert isinstance(result, models.WorkflowExecutionResult)
    assert (result.success, result.output) == (True, {"a": 1})


def test_an_end_mark_alone_is_an_end() -> None:
    """Without a last frame the run succeeded unless a block said otherwise."""
    stream, _ = streamed(chunked(frames(chunk("x"))))
    assert (stream.success, stream.output) == (True, None)
    stream, _ = streamed(
        chunked(frames({"event": "stream_error", "blockId": "b", "error": "e"}))
    )
    assert stream.success is False


def test_the_run_can_be_told_by_its_name() -> None:
    """The server's header names the run while it goes on."""
    stream, _ = streamed(chunked(frames(FINAL), headers="X-Run-Id: run_7\r\n"))
    assert stream.run_id == "run_7"


def test_text_stream_gives_the_text_as_it_arrives() -> None:
    """The pieces of all blocks, and with-blocks end the reading early."""
    with serving(chunked(frames(chunk("One"), chunk(", two"), FINAL))) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        with client.execute_workflow("wf_1", stream=True) as stream:
            assert next(stream.text_stream) == "One"
    assert stream.text == "One"


@pytest.mark.parametrize("behind", [b"", b"x" * 100, frames(FINAL)])
def test_a_frame_that_is_too_large_is_not_passed_over(behind: bytes) -> None:
    """Nothing behind it is read, so the run's end is not known: that is an error."""
    large = frames(chunk("x" * 200), end="").removesuffix(b"\n\n")
    with serving(chunked(frames(chunk("whole"), end="") + large + behind)) as server:
        client = Client(api_keys={"sim": "k"}, base_urls={"sim": server.url})
        stream = client.execute_workflow("wf_1", stream=True)
        assert stream._events is not None
        stream._events._decoder._parser.max_event_bytes = 100
        with pytest.raises(errors.SpecwireError) as caught:
            list(stream)
    assert isinstance(caught.value, (errors.DecodeError, errors.StreamError))
    assert (stream.text, stream.success) == ("whole", None)
