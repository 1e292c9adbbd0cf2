"""Rules of an event map: which arrays are gone through, and from where paths count."""

from __future__ import annotations

from typing import Any

from specwire_codegen.manifests import compile_rules
from specwire_codegen.problems import Problems

from .manifesting import manifest, record, said

TEXT = "PartialContentDelta"
FAN = {"candidate_id_path": "$.choices[*].index", "fan_out": True}


def rule(match: str, emit: str = TEXT, **fields: Any) -> dict[str, Any]:
    return {"match": match, "emit": emit, "fields": fields}


def compiled_rule(one: dict[str, Any], candidate: Any = None) -> dict[str, Any]:
    problems = Problems()
    (made,) = compile_rules([one], candidate=candidate, problems=problems)
    assert problems.render() == []
    return made


def streamed(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The ``stream`` of a manifest with these rules, which speaks OpenAI's language."""
    stream: dict[str, Any] = record(
        streaming={"event_map": list(rules), **more},
        endpoints={"chat": {"path": "/c", "adapter": "openai"}},
    )["stream"]
    return stream


def test_a_rule_without_wildcards_has_no_arrays() -> None:
    """A frame that holds one event is asked as a whole."""
    one = rule("$.type == 'delta'", content="$.delta.text")
    assert compiled_rule(one) == {
        "emit": TEXT,
        "when": ["==", [0, "type"], "delta"],
        "each": [],
        "fields": {"content": [["$", [0, "delta", "text"]]]},
        "candidate": None,
    }


def test_a_wildcard_is_an_array_that_is_gone_through() -> None:
    """Match and fields count from the array's element, and the candidate is named."""
    text = "$.choices[*].delta.content"
    made = compiled_rule(rule(f"exists({text})", content=text), FAN)
    assert made["each"] == [[0, "choices"]]
    assert made["when"] == ["exists", [1, "delta", "content"]]
    assert made["fields"] == {"content": [["$", [1, "delta", "content"]]]}
    assert made["candidate"] == [1, "index"]


def test_two_wildcards_are_an_array_in_an_array() -> None:
    """A field that stops half way counts from the outer element, one beside from 0."""
    calls = "$.choices[*].delta.tool_calls[*]"
    one = rule(
        f"exists({calls}.id)",
        "ToolCallStarted",
        tool_call_id=f"{calls}.id",
        index="$.choices[*].index",
        model="$.model",
    )
    made = compiled_rule(one, FAN)
    assert made["each"] == [[0, "choices"], [1, "delta", "tool_calls"]]
    assert made["when"] == ["exists", [2, "id"]]
    assert made["fields"] == {
        "tool_call_id": [["$", [2, "id"]]],
        "index": [["$", [1, "index"]]],
        "model": [["$", [0, "model"]]],
    }


def test_a_wildcard_in_the_match_alone_asks_for_any_element() -> None:
    """Fields of the whole frame come once, however many elements fit."""
    made = compiled_rule(rule("exists($.a[*].b)", "Metadata", usage="$.usage"))
    assert made["each"] == []
    assert made["when"] == ["exists", [0, "a", None, "b"]]


def test_a_literal_comes_for_each_element_that_fits() -> None:
    """Without a path in the fields the match says what is gone through."""
    made = compiled_rule(
        rule("$.choices[*].end == true", "StreamEnd", finish_reason="end_turn"), FAN
    )
    assert made["each"] == [[0, "choices"]]
    assert made["when"] == ["==", [1, "end"], True]
    assert made["fields"] == {"finish_reason": [["=", "end_turn"]]}


def test_a_filter_becomes_a_condition() -> None:
    """Elements that the filter of a field leaves out give no event."""
    made = compiled_rule(
        rule("exists($.parts)", content="$.parts[?(@.kind == 'text')].text")
    )
    assert made["each"] == [[0, "parts"]]
    assert made["when"] == [
        "and",
        ["==", [1, "kind"], "text"],
        ["exists", [0, "parts"]],
    ]
    assert made["fields"] == {"content": [["$", [1, "text"]]]}


def test_index_zero_of_the_candidates_means_each_of_them() -> None:
    """With ``fan_out`` the rule of one choice is the rule of all."""
    text = "$.choices[0].delta.content"
    fanned = compiled_rule(rule(text, content=text), FAN)
    assert fanned["each"] == [[0, "choices"]]
    single = compiled_rule(rule(text, content=text))
    assert single["each"] == []
    assert single["fields"] == {
        "content": [["$", [0, *["choices", 0, "delta", "content"]]]]
    }


def test_both_words_for_fields_are_known() -> None:
    """``extract`` of version 2 is ``fields`` of 1.5."""
    one = {"match": "$.a", "emit": TEXT, "extract": {"content": "$.a"}}
    assert compiled_rule(one)["fields"] == {"content": [["$", [0, "a"]]]}


def test_values_are_paths_ids_or_themselves() -> None:
    """A text that begins with ``$`` is a path, one word an id, all else is itself."""
    made = compiled_rule(
        rule("$.a", "ToolCallStarted", a="$.b", b="_generate_uuid", c="x.y", d=0, e={})
    )
    assert made["fields"] == {
        "a": [["$", [0, "b"]]],
        "b": [["uuid"]],
        "c": [["=", "x.y"]],
        "d": [["=", 0]],
        "e": [["=", {}]],
    }


def test_the_contract_completes_a_rule_about_the_same_place() -> None:
    """What the contract's rule says beyond it stands in for what is not said."""
    calls = "$.choices[*].delta.tool_calls[*]"
    one = rule(
        f"exists({calls}.function.name)",
        "ToolCallStarted",
        tool_name=f"{calls}.function.name",
    )
    (made,) = streamed(one)["rules"]
    assert made["fields"] == {
        "tool_name": [["$", [2, "function", "name"]]],
        "tool_call_id": [["$", [2, "id"]]],
        "index": [["$", [2, "index"]]],
    }


def test_a_rule_about_another_place_is_left_alone() -> None:
    """Nothing of the contract's mixes into what it knows nothing of."""
    (made,) = streamed(rule("$.mine", content="$.mine"))["rules"]
    assert made["fields"] == {"content": [["$", [0, "mine"]]]}


def test_the_wire_speaks_before_what_was_made_up() -> None:
    """A literal finish reason is the last resort, behind the contract's path."""
    text = "$.choices[*].finish_reason"
    one = {"match": f"exists({text})", "emit": "StreamEnd"}
    (made,) = streamed({**one, "fields": {"finish_reason": "end_turn"}})["rules"]
    assert made["fields"]["finish_reason"] == [
        ["$", [1, "finish_reason"]],
        ["=", "end_turn"],
    ]


def test_a_contract_stands_in_for_kinds_that_have_no_rule() -> None:
    """The contract's rules follow the manifest's; without any they are the rules."""
    own = streamed(rule("$.mine", content="$.mine"))
    none = streamed()
    assert len(own["rules"]) == 1
    assert own["more"] == none["rules"]
    assert none["more"] == []


def test_paths_alone_make_rules_where_they_lead_elsewhere() -> None:
    """``content_path`` without an event map is a rule unless the contract has it."""
    known = streamed(
        content_path="choices[0].delta.content",
        tool_call_path="choices[0].delta.tool_calls",
        usage_path="$.usage",
    )
    assert known["rules"] == streamed()["rules"]
    other = streamed(content_path="choices[0].delta.words")
    assert other["rules"] == [
        {
            "emit": TEXT,
            "when": ["exists", [1, "delta", "words"]],
            "each": [[0, "choices"]],
            "fields": {"content": [["$", [1, "delta", "words"]]]},
            "candidate": [1, "index"],
        }
    ]


def test_a_thought_is_no_text() -> None:
    """A manifest's rule about Gemini's text does not mean parts that are thoughts."""
    text = "$.candidates[0].content.parts[0].text"
    (made,) = record(
        streaming={"event_map": [rule(text, content=text)]},
        endpoints={"chat": {"path": "/c", "adapter": "gemini"}},
    )["stream"]["rules"]
    assert made["each"] == [[0, "candidates"], [1, "content", "parts"]]
    assert made["when"] == [
        "and",
        ["exists", [2, "text"]],
        ["not", ["==", [2, "thought"], True]],
    ]


def test_errors_and_the_end_pass_every_selector() -> None:
    """A selector that forgot them does not hide an error or the end of the stream."""
    stream = record(
        streaming={"frame_selector": "$.type in ['content_block_delta']"},
        payload_format="anthropic_style",
    )["stream"]
    assert stream["select"] == [
        "or",
        ["in", [0, "type"], ["content_block_delta"]],
        ["==", [0, "type"], "error"],
        ["==", [0, "type"], "message_stop"],
    ]


def test_what_is_wrong_with_a_rule_is_said_where_it_stands() -> None:
    """Every slip of an event map has its pointer and, in a text, its character."""
    rules = [
        {"match": "$.a ==", "emit": TEXT},
        {"match": "$.a", "emit": "PartialContentDelte"},
        {"match": "$.a", "emit": TEXT, "fields": {"content": "$..a"}},
        {"match": "$.a"},
        {"emit": TEXT},
        "rule",
    ]
    lines = said(manifest(streaming={"event_map": rules}))
    at = "m.yaml#/streaming/event_map"
    assert [line.partition(",")[0] for line in lines] == [
        f"{at}/5: error M003 expected a mapping",
        f"{at}/0/match: error M006 '$.a ==' cannot be read: character 7: expected a "
        "text in quotes",
        f"{at}/1/emit: warning M007 no event is called 'PartialContentDelte'; the rule "
        "is left out",
        f"{at}/2/fields/content: error M006 '$..a' is no path: character 2: '..' is "
        "not known here: name every step",
        f"{at}/3: error M002 a rule that emits nothing",
        f"{at}/4: error M002 a rule that says not when",
    ]
