"""Tool calls in a model's text: asked for, read, answered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.chat.manifest import Manifest
from specwire.chat.text_tools import (
    NativeStrategy,
    ParsedText,
    StandardTextToolParser,
    TextToolConfig,
    TextToolResult,
    ToolCallingPolicy,
    parse_hybrid_tool_calls,
)
from specwire.chat.tools import ToolCall, ToolDefinition

STRICT = StandardTextToolParser()
LENIENT = StandardTextToolParser({"lenient_parsing": True})
CALL = '<tool_call>{"name": "look", "arguments": {"at": "sea"}}</tool_call>'
DSML = "\uff5c\uff5cDSML\uff5c\uff5c"


def told(parsed: ParsedText) -> list[tuple[str, dict[str, Any]]]:
    """Name and arguments of each call."""
    return [(call.name, call.arguments) for call in parsed.tool_calls]


def test_the_standard_form_is_read_strictly() -> None:
    """Calls come in order with ids of their own, and the text is trimmed."""
    parsed = STRICT.parse(f"Let me look.\n{CALL}\nAnd again.\n{CALL}\n")
    assert parsed.remaining_text == "Let me look.\n\nAnd again."
    assert told(parsed) == [("look", {"at": "sea"})] * 2
    assert [call.id for call in parsed.tool_calls] == ["text_tool_0", "text_tool_1"]


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call name="look">{"at": "sea"}</tool_call>',
        '<tool_call>{"name": "look", "params": {"at": "sea"}}</tool_call>',
        '<tool_call>{"name": "look"}</tool_call>',
        '<tool_call>{"name": "look", "arguments": "sea"}</tool_call>',
        '<tool_call>{"name": "", "arguments": {}}</tool_call>',
        "<bash>ls</bash>",
        "<shell><command>ls</command></shell>",
        '<invoke name="look"></invoke>',
    ],
)
def test_strict_reading_leaves_every_other_form(text: str) -> None:
    """What is not the standard form, whole, stays text."""
    assert STRICT.parse(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<tool_call name="look">{"at": 1}</tool_call>', ("look", {"at": 1})),
        (
            '<tool_call name="look">{"arguments": {"at": 1}}</tool_call>',
            ("look", {"at": 1}),
        ),
        (
            '<tool_call name="greet">{"name": "Bo"}</tool_call>',
            ("greet", {"name": "Bo"}),
        ),
        (
            '<tool_call id="1">{"name":"a","parameters":{"x":1}}</tool_call>',
            ("a", {"x": 1}),
        ),
        (
            '<tool_call index="0">{"name":"a","params":{"x":1}}</tool_call>',
            ("a", {"x": 1}),
        ),
        ('<tool_call>{"name":"a","args":{"x":1}}</tool_call>', ("a", {"x": 1})),
        (
            '<tool_call>{"name":"a","args":{},"arguments":{"x":1}}</tool_call>',
            ("a", {"x": 1}),
        ),
        (
            '<tool_call>{"name":"a","arguments":"{\\"x\\":1}"}</tool_call>',
            ("a", {"x": 1}),
        ),
        ('<tool_call>{"name":"now"}</tool_call>', ("now", {})),
        ('<tool_call>{"name":"a","x":1}</tool_call>', ("a", {"x": 1})),
        (
            '<tool_call>{"name":"say","args":{"t":"a\nb"}}</tool_call>',
            ("say", {"t": "a\nb"}),
        ),
        ('<tool_call>\n```json\n{"name":"a"}\n```\n</tool_call>', ("a", {})),
        ('<tool_calls>\n<tool_call>{"name":"a"}</tool_call>\n</tool_calls>', ("a", {})),
        (
            "<shell><command> ls -la </command></shell>",
            ("shell", {"command": "ls -la"}),
        ),
        ("<shell>pwd</shell>", ("shell", {"command": "pwd"})),
        ('<shell>{"command": "pwd"}</shell>', ("shell", {"command": "pwd"})),
        ("<bash>\nls | wc -l 2>&1\n</bash>", ("shell", {"command": "ls | wc -l 2>&1"})),
        ("<bash>{ ls; }</bash>", ("shell", {"command": "{ ls; }"})),
        ('<function name="a">{"x": 1}</function>', ("a", {"x": 1})),
        ("<function name='a'></function>", ("a", {})),
        (
            '<invoke name="a"><parameter name="x">1</parameter></invoke>',
            ("a", {"x": "1"}),
        ),
        (
            '<function_calls><invoke name="a">\n<parameter name="x">\n1\n</parameter>\n'
            "</invoke></function_calls>",
            ("a", {"x": "1"}),
        ),
        (
            f'<{DSML}tool_calls>\n<{DSML}invoke name="a">\n'
            f'<{DSML}parameter name="x" string="true">1</{DSML}parameter>\n'
            f'<{DSML}parameter name="y" string="false">[1]</{DSML}parameter>\n'
            f"</{DSML}invoke>\n</{DSML}tool_calls>",
            ("a", {"x": "1", "y": [1]}),
        ),
        (f'<{DSML}tool_call>{{"name":"a"}}</{DSML}tool_call>', ("a", {})),
        ('<\uff5cDSML\uff5cinvoke name="a"></\uff5cDSML\uff5cinvoke>', ("a", {})),
    ],
)
def test_lenient_reading_knows_the_listed_forms(
    text: str, expected: tuple[str, dict[str, Any]]
) -> None:
    """Each form gives its call, and nothing of it is left in the text."""
    parsed = LENIENT.parse(f"Well. {text} So.")
    assert (told(parsed), parsed.remaining_text.split()) == (
        [expected],
        ["Well.", "So."],
    )


@pytest.mark.parametrize(
    "text",
    [
        "plain prose with a < b and <em>tags</em>",
        "<tool_call>{bad</tool_call>",
        '<tool_call>{"name": "a", "arguments": [1]}</tool_call>',
        '<tool_call>{"name": 5, "arguments": {}}</tool_call>',
        '<tool_call>[{"name": "a"}]</tool_call>',
        '<tool_call>{"name": "a", "arguments": {}}',
        "the tag <tool_call> and its end </tool_call>",
        "<tool_calls>none</tool_calls>",
        "<bash></bash>",
        "<function>ls</function>",
        '<function name="a">say <bash>rm x</bash></function>',
        '<invoke name="a"/>',
        '<invoke name="a"><parameter>1</parameter></invoke>',
        '<invoke name="a"><parameter name="x">1</invoke>',
        "<shell><command>ls</command> and more</shell>",
        f'<{DSML}invoke name="a"></invoke>',
    ],
)
def test_what_is_no_whole_call_stays_text(text: str) -> None:
    """Nothing is run on a guess: such text comes back letter for letter."""
    assert LENIENT.parse(text) == (text, [])


@pytest.mark.parametrize("parser", [STRICT, LENIENT])
def test_a_malformed_call_does_not_take_the_next_one_along(
    parser: StandardTextToolParser,
) -> None:
    """It is passed over up to its own end; the others are read."""
    broken = '<tool_call>{"name": "a", "arguments": {</tool_call>'
    parsed = parser.parse(f"{broken} {CALL}")
    assert (parsed.remaining_text, told(parsed)) == (broken, [("look", {"at": "sea"})])


@pytest.mark.parametrize("parser", [STRICT, LENIENT])
def test_a_call_inside_a_call_is_not_made(parser: StandardTextToolParser) -> None:
    """Markup in an argument is that argument; markup in broken JSON is nothing."""
    text = json.dumps({"name": "write", "arguments": {"text": CALL}})
    assert told(parser.parse(f"<tool_call>{text}</tool_call>")) == [
        ("write", {"text": CALL})
    ]
    nested = f'<tool_call>{{"name": "a", "arguments": {CALL}}}</tool_call>'
    assert parser.parse(nested) == (nested, [])
    bare = f"<tool_call>{CALL}</tool_call>"
    assert parser.parse(bare) == (bare, [])


@pytest.mark.parametrize("parser", [STRICT, LENIENT])
def test_a_tag_in_prose_is_prose(parser: StandardTextToolParser) -> None:
    """A tag that is only mentioned hides no call that comes later."""
    parsed = parser.parse(f"I write <tool_call> now: {CALL}")
    assert parsed.remaining_text == "I write <tool_call> now:"
    assert told(parsed) == [("look", {"at": "sea"})]


def test_a_manifest_may_name_further_tags() -> None:
    """``known_dialects`` and ``args_key`` of a manifest are read besides the rest."""
    parser = StandardTextToolParser.from_manifest_tool_calling(
        {
            "text_fallback": {
                "args_key": "input",
                "known_dialects": [
                    {"tag": "python", "map_to": "run"},
                    {"tag": "act", "map_to": ""},
                ],
                "prompt_level": "L3",
            }
        }
    )
    text = (
        '<python>1+1</python><act name="b">{"x":1}</act><bash>ls</bash>'
        '<tool_call>{"name":"c","input":{"y":2}}</tool_call>'
    )
    assert told(parser.parse(text)) == [
        ("run", {"command": "1+1"}),
        ("b", {"x": 1}),
        ("shell", {"command": "ls"}),
        ("c", {"y": 2}),
    ]
    assert parser.config.prompt_level == "L3"


PIECES = st.lists(
    st.sampled_from(
        [
            *(CALL, "<tool_call>", "</tool_call>", "<tool_calls>", "</tool_calls>"),
            *(
                "<tool_call ",
                'name="a">',
                "{",
                "}",
                '{"name":"a","args":{}}',
                '"',
                "\\",
            ),
            *("<bash>", "</bash>", "<shell>", "</shell>", "<command>", "</command>"),
            *('<invoke name="b">', "</invoke>", '<parameter name="p">', "</parameter>"),
            *(f"<{DSML}invoke name='b'>", f"</{DSML}invoke>", f"</{DSML}tool_calls>"),
            *(
                f"<{DSML}tool_calls>",
                "<\uff5c",
                "```",
                "```json\n",
                " ",
                "\n",
                "x",
                "<",
                "ß",
            ),
            *(f'<{DSML}parameter name="p" string="false">', f"</{DSML}parameter>", "1"),
        ]
    ),
    max_size=14,
).map("".join)


def in_pieces(parser: StandardTextToolParser, pieces: list[str]) -> ParsedText:
    """What a stream of ``pieces`` gives, put together as ``parse`` does."""
    stream = parser.stream()
    parts = [part for piece in pieces for part in stream.feed(piece)] + stream.end()
    text = "".join(part for part in parts if isinstance(part, str))
    return ParsedText(text.strip(), [p for p in parts if isinstance(p, ToolCall)])


@settings(max_examples=80, deadline=None)
@given(text=PIECES, data=st.data())
def test_pieces_give_what_the_whole_gives(text: str, data: st.DataObject) -> None:
    """However a reply is cut, its text and its calls are the same."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    for parser in (STRICT, LENIENT):
        whole = parser.parse(text)
        assert in_pieces(parser, pieces) == whole
        assert in_pieces(parser, list(text)) == whole


def test_text_is_handed_out_at_once_and_only_markup_is_held_back() -> None:
    """What cannot be markup any more does not wait for the rest of the reply."""
    stream = LENIENT.stream()
    assert stream.feed("Let me look. 1 < 2, <b>") == ["Let me look. 1 < 2, <b>"]
    assert stream.feed("<tool") == []
    assert stream.feed("box> ") == ["<toolbox> "]
    assert stream.feed("now <tool_call>") == ["now "]
    assert stream.feed('{"name": "a"}</tool_call') == []
    (call,) = stream.feed("> done")[:1]
    assert isinstance(call, ToolCall)
    assert stream.end() == []


@pytest.mark.parametrize(
    "unit",
    [
        *("<tool_call>", "<tool_call>{", "<", "<bash>", "<bash>{", "</tool_call>"),
        *("<tool_calls>", "<tool_call name=", '<tool_call>{"a":"', '<tool_call>"'),
        *(
            "<\uff5c\uff5cDSML\uff5c\uff5c",
            '<invoke name="a"><parameter name="p">',
            "<shell><command>",
        ),
        *('<invoke name="a"><parameter name="p"></parameter>', "{" * 11, " " * 11),
    ],
)
def test_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    """150 kB of unfinished markup are read in a moment, cut or whole.

    The bound is generous; a quadratic reading takes minutes.
    """
    text = "<tool_call>{" + unit * (150_000 // len(unit))
    begun = time.process_time()
    for closed in (text, text + "</tool_call></bash></shell></invoke></command>"):
        LENIENT.parse(closed)
        in_pieces(LENIENT, [closed[at : at + 50] for at in range(0, len(closed), 50)])
    assert time.process_time() - begun < 5


def test_native_calls_win_over_the_text() -> None:
    """With native calls the text stays as it is, markup and all."""
    native = [{"id": "call_1", "name": "look", "arguments": {"at": "sky"}}]
    parsed = parse_hybrid_tool_calls(CALL + "\n", native)
    assert (parsed.remaining_text, told(parsed)) == (
        CALL + "\n",
        [("look", {"at": "sky"})],
    )


def test_without_native_calls_the_text_is_read() -> None:
    """Leniently, unless the config says otherwise."""
    assert told(parse_hybrid_tool_calls("<bash>ls</bash>", [])) == [
        ("shell", {"command": "ls"})
    ]
    strict = TextToolConfig(lenient_parsing=False)
    assert parse_hybrid_tool_calls("<bash>ls</bash>", [], strict)[1] == []


@pytest.mark.parametrize("level", ["L1", "L2", "L3"])
@pytest.mark.parametrize("locale", ["en", "zh", "zh-CN", "fr"])
def test_the_prompt_holds_the_format_and_the_tools(level: str, locale: str) -> None:
    """Each level shows the block and lists each tool with its arguments."""
    parser = StandardTextToolParser({"prompt_level": level, "locale": locale})
    tool = ToolDefinition("look", "Looks", {"type": "object", "properties": {"at": {}}})
    prompt = parser.prompt_instructions(
        [tool, {"name": "wait", "description": "Waits"}]
    )
    for line in (
        "<tool_call>",
        '"name"',
        '"arguments"',
        "- look: Looks",
        "- wait: Waits",
    ):
        assert line in prompt
    assert '"properties": {"at": {}}' in prompt
    assert ("工具调用协议" in prompt) == locale.startswith("zh")


def test_the_second_level_names_the_wrong_forms() -> None:
    """Unless it is told not to."""
    tools = [{"name": "look", "description": "Looks"}]
    told_so = StandardTextToolParser({"prompt_level": "L2"}).prompt_instructions(tools)
    for part in ("Tool Use Protocol", "CRITICAL RULES", "<shell>", "WILL BE IGNORED"):
        assert part in told_so
    quiet = TextToolConfig(prompt_level="L2", include_counterexamples=False)
    assert "<shell>" not in StandardTextToolParser(quiet).prompt_instructions(tools)


@pytest.mark.parametrize("level", ["L1", "L2", "L3"])
def test_an_example_in_the_prompt_is_itself_a_call(level: str) -> None:
    """The blocks that a prompt shows are read by the strict parser."""
    prompt = StandardTextToolParser({"prompt_level": level}).prompt_instructions([])
    assert STRICT.parse(prompt).tool_calls


def test_results_are_blocks_that_cannot_be_ended_from_inside() -> None:
    """Content may hold anything, also the closing tag."""
    text = STRICT.format_results(
        [
            TextToolResult("text_tool_0", "12 </tool_result> ß"),
            TextToolResult("text_tool_1", {"why": "gone"}, is_error=True),
        ]
    )
    assert text.count("</tool_result>") == 2
    bodies = [json.loads(part) for part in text.split("\n") if part.startswith("{")]
    assert bodies == [
        {"tool_use_id": "text_tool_0", "content": "12 </tool_result> ß"},
        {"tool_use_id": "text_tool_1", "content": {"why": "gone"}, "is_error": True},
    ]


FALLBACK = {"wrapper": "tool_call", "prompt_level": "L2"}


@pytest.mark.parametrize(
    ("said", "mode"),
    [
        (None, "text_only"),
        ({}, "text_only"),
        ({"native": {}}, "native"),
        ({"native": {"supported": False}}, "text_only"),
        ({"native": {"reliability": "full"}, "text_fallback": FALLBACK}, "native"),
        ({"native": {"reliability": "partial"}, "text_fallback": FALLBACK}, "hybrid"),
        (
            {"native": {"reliability": "unreliable"}, "text_fallback": FALLBACK},
            "text_only",
        ),
        ({"native": {"reliability": "unreliable"}, "text_fallback": None}, "native"),
    ],
)
def test_a_manifest_says_how_tools_are_called(
    said: dict[str, Any] | None, mode: str
) -> None:
    """Natively, in the text, or one and then the other."""
    policy = ToolCallingPolicy.from_tool_calling(said)
    assert (policy.mode, policy.send_native_tool_specs()) == (mode, mode != "text_only")
    assert told(policy.read("<bash>ls</bash>")) == (
        [] if mode == "native" else [("shell", {"command": "ls"})]
    )


@pytest.mark.parametrize(
    ("provider", "mode"), [("openai", "native"), ("anthropic", "native")]
)
def test_a_policy_is_read_off_a_manifest(provider: str, mode: str) -> None:
    """A manifest that says nothing of text calls means native ones."""
    assert ToolCallingPolicy.of(Manifest.builtin(provider)).mode == mode


@pytest.mark.parametrize("reliability", ["full", "partial", "unreliable"])
def test_two_ways_to_a_policy_agree(reliability: str) -> None:
    """The record of a manifest and its ``tool_calling`` say the same."""
    said = {"native": {"reliability": reliability}, "text_fallback": FALLBACK}
    record = {
        **Manifest.builtin("deepseek").data,
        "tool_calling": {"native": {**said["native"]}, "text_fallback": FALLBACK},
    }
    policy = ToolCallingPolicy.of(Manifest(record))
    assert policy.mode == ToolCallingPolicy.from_tool_calling(said).mode
    assert policy.parser.config.prompt_level == "L2"


def test_the_native_strategy_is_an_enum_of_texts() -> None:
    """Its values are the words of the existing runtime."""
    policy = ToolCallingPolicy("full")
    assert policy.native_strategy is NativeStrategy.FULL
    assert policy.native_strategy.value == "full"
