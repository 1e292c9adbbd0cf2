"""Event maps: which rules fire for a frame, in what order, and with what."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from specwire.chat.mapping import EventMapper

from .test_programs import JSON, exprs, holds, reach

CHOICES = {"array": [0, "choices"], "id": [0, "index"]}


def rule(
    emit: str, when: list[Any], each: list[Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """A rule; its fields are paths."""
    made = {name: [["$", path]] for name, path in fields.items()}
    found = {"emit": emit, "when": when, "each": each or [], "fields": made}
    return {**found, "candidate": [1, "index"] if each else None}


def text(*path: Any, each: list[Any] | None = None) -> dict[str, Any]:
    return rule("PartialContentDelta", ["exists", [*path]], each, content=[*path])


IN_CHOICES = text(1, "delta", "content", each=[[0, "choices"]])
CALLS = [[0, "choices"], [1, "delta", "tool_calls"]]


def choice(index: int | None, **delta: Any) -> dict[str, Any]:
    known = {} if index is None else {"index": index}
    return {**known, "delta": delta}


def test_every_matching_rule_fires_in_order() -> None:
    """One frame may mean several things; their order is the manifest's."""
    usage = rule("Metadata", ["exists", [0, "usage"]], usage=[0, "usage"])
    frame = {"usage": {"n": 1}, "choices": [choice(0, content="a")]}
    assert EventMapper([usage, IN_CHOICES]).map(frame) == [
        ("Metadata", {"usage": {"n": 1}}, 0),
        ("PartialContentDelta", {"content": "a"}, 0),
    ]
    assert [m[0] for m in EventMapper([IN_CHOICES, usage]).map(frame)] == [
        "PartialContentDelta",
        "Metadata",
    ]


def test_wildcards_are_one_event_an_element() -> None:
    """Two wildcards go through both arrays; fields of one event are of one element."""
    call = rule(
        "ToolCallStarted",
        ["exists", [2, "name"]],
        CALLS,
        tool_name=[2, "name"],
        tool_call_id=[2, "id"],
    )
    calls = [{"name": "f", "id": "1"}, {"id": "2"}, {"name": "g"}]
    frame = {
        "choices": [
            choice(0, tool_calls=calls),
            choice(1),
            None,
            choice(2, tool_calls=3),
        ]
    }
    assert EventMapper([call], (), CHOICES).map(frame) == [
        ("ToolCallStarted", {"tool_name": "f", "tool_call_id": "1"}, 0),
        ("ToolCallStarted", {"tool_name": "g"}, 0),
    ]


def test_candidates_are_known_by_index_or_place() -> None:
    """What a candidate calls itself counts; one without a number has its place."""
    mapper = EventMapper([IN_CHOICES], (), CHOICES)
    frame = {"choices": [choice(1, content="b"), choice(0, content="a")]}
    assert [m[2] for m in mapper.map(frame)] == [1, 0]
    frame = {"choices": [choice(None, content="a"), choice(-1, content="b")]}
    assert [m[2] for m in mapper.map(frame)] == [0, 1]


def test_the_dialect_speaks_where_the_manifest_is_silent() -> None:
    """A rule of ``more`` fires unless one of its kind did, for the same candidate."""
    wide = rule(
        "PartialContentDelta",
        ["or", ["exists", [1, "delta", "content"]], ["exists", [1, "text"]]],
        [[0, "choices"]],
        content=[1, "text"],
    )
    mapper = EventMapper([IN_CHOICES], [wide, IN_CHOICES], CHOICES)
    frame = {
        "choices": [
            {**choice(0, content="a"), "text": "x"},
            {"index": 1, "text": "b"},
        ]
    }
    assert mapper.map(frame) == [
        ("PartialContentDelta", {"content": "a"}, 0),
        ("PartialContentDelta", {"content": "b"}, 1),
    ]


def test_a_rule_whose_paths_lead_nowhere_has_not_fired() -> None:
    """Where only its condition holds, the dialect's rule of the kind speaks instead."""
    own = {
        "emit": "PartialToolCall",
        "when": ["==", [0, "type"], "piece"],
        "each": [],
        "fields": {"arguments": [["$", [0, "parameters"]]], "index": [["$", [0, "n"]]]},
        "candidate": None,
    }
    dialect = {
        **own,
        "when": ["exists", [0, "function"]],
        "fields": {"arguments": [["$", [0, "function", "arguments"]]]},
    }
    frame = {"type": "piece", "n": 0, "function": {"arguments": "{}"}}
    said = [("PartialToolCall", {"arguments": "{}"}, 0)]
    assert EventMapper([own], [dialect]).map(frame) == said
    assert EventMapper([own]).map(frame) == [("PartialToolCall", {"index": 0}, 0)]


def test_a_whole_call_is_its_start_too() -> None:
    """Where a manifest hands on whole calls, the dialect does not begin them again."""
    whole = rule(
        "PartialToolCall",
        ["exists", [1, "delta", "tool_calls"]],
        [[0, "choices"]],
        tool_calls=[1, "delta", "tool_calls"],
    )
    start = rule("ToolCallStarted", ["exists", [2, "name"]], CALLS, name=[2, "name"])
    frame = {"choices": [choice(0, tool_calls=[{"name": "f"}])]}
    found = EventMapper([whole], [start], CHOICES).map(frame)
    assert [m[0] for m in found] == ["PartialToolCall"]


def test_rules_of_one_part_share_an_id() -> None:
    """An id made for a part is the same in all its events, and in no other's."""
    parts = [[0, "parts"]]
    rules = [
        {**rule(emit, ["exists", [1, "name"]], parts), "fields": {"id": [["uuid"]]}}
        for emit in ("ToolCallStarted", "PartialToolCall")
    ]
    found = EventMapper(rules).map({"parts": [{"name": "f"}, {"name": "f"}]})
    ids = [fields["id"] for _, fields, _ in found]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_a_rule_without_arrays_sees_the_first_element() -> None:
    """An index is a place: rules with one are asked as well."""
    first = text(0, "choices", 0, "text")
    assert EventMapper([first]).map({"choices": [{"text": "a"}, {"text": "b"}]}) == [
        ("PartialContentDelta", {"content": "a"}, 0)
    ]


@given(st.lists(exprs(2), max_size=5), JSON)
def test_the_index_finds_what_asking_every_rule_finds(
    conditions: list[Any], frame: Any
) -> None:
    """A frame is walked once; what fires is what would fire, rule by rule."""
    rules = [
        rule(str(n), when, [[0, "a"]], value=[1, "b"])
        for n, when in enumerate(conditions)
    ]
    expected = [
        (one["emit"], {} if value is None else {"value": value})
        for one in rules
        for element in reach([0, "a", None], (frame,))
        if holds(one["when"], (frame, element))
        for value in reach([1, "b"], (frame, element))
    ]
    found = [(emit, fields) for emit, fields, _ in EventMapper(rules).map(frame)]
    assert expected == found
