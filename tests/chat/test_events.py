"""Events: what they are asked, and what they are taken as."""

from __future__ import annotations

import copy
import pickle

import pytest

from specwire.chat import events as e

EVENTS: dict[str, e.StreamingEvent] = {
    "content_delta": e.ContentDelta("a", 0, 1),
    "thinking_delta": e.ThinkingDelta("a"),
    "tool_call_started": e.ToolCallStarted("i", "n", 0),
    "partial_tool_call": e.PartialToolCall("i", "{}", 0, True),
    "tool_call_ended": e.ToolCallEnded("i", 0),
    "metadata": e.Metadata(None, "end_turn", "stop"),
    "final_candidate": e.FinalCandidate(0, "end_turn", "stop"),
    "stream_end": e.StreamEnd("end_turn", "stop"),
    "stream_error": e.StreamError({"message": "m"}, "1"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_is_of_one_kind(kind: str) -> None:
    """It can be taken as that, which is the event itself, and as nothing else."""
    event = EVENTS[kind]
    assert [name for name in EVENTS if getattr(event, f"is_{name}")] == [kind]
    assert getattr(event, f"as_{kind}") is event
    for other in EVENTS.keys() - {kind}:
        with pytest.raises(ValueError, match=f"as_{other}: the event is a"):
            getattr(event, f"as_{other}")


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_can_be_copied_shown_and_compared(kind: str) -> None:
    """Its members are all there is of it."""
    event = EVENTS[kind]
    assert copy.deepcopy(event) == event == pickle.loads(pickle.dumps(event))
    assert event != e.ContentDelta("other")
    assert repr(event).startswith(f"{type(event).__name__}(")
    assert event.data == {name: getattr(event, name) for name in event.__slots__}


def test_members_have_short_names_too() -> None:
    """``text``, ``name`` and ``id``, as the documents of the runtimes say."""
    assert EVENTS["content_delta"].as_content_delta.text == "a"
    assert EVENTS["thinking_delta"].as_thinking_delta.text == "a"
    started = EVENTS["tool_call_started"].as_tool_call_started
    assert (started.id, started.name) == ("i", "n")
    assert EVENTS["partial_tool_call"].as_partial_tool_call.id == "i"
    assert EVENTS["tool_call_ended"].as_tool_call_ended.id == "i"
