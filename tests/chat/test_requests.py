"""One request, four wire languages: bodies as data, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire.chat.messages import ContentBlock, Message
from specwire.chat.request import ChatRequest, payload
from specwire.chat.tools import ToolDefinition
from specwire.errors import RequestValidationError, UnsupportedCapabilityError

from .request_records import provider

CASES = json.loads((Path(__file__).parent / "requests" / "bodies.json").read_text())
DIALECTS = ("openai", "anthropic", "gemini", "cohere")


def body(dialect: str, messages: Any = "Hi", model: str = "m-1", **ask: Any) -> Any:
    """The body of a request to the provider of that dialect."""
    given = [messages] if isinstance(messages, str) else messages
    return payload(provider(dialect), ChatRequest(model, given, **ask)).body


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_a_request_has_the_body_of_its_dialect(case: Any, dialect: str) -> None:
    """The same request, in each provider's own words."""
    assert body(dialect, **case["request"]) == case["bodies"][dialect]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_a_request_is_not_changed_by_being_sent(case: Any) -> None:
    """A request gives the same bodies again: nothing of it is used up."""
    request = ChatRequest("m-1", **case["request"])
    for dialect in (*DIALECTS, *DIALECTS):
        assert payload(provider(dialect), request).body == case["bodies"][dialect]


# -- system text -------------------------------------------------------------------


def test_marks_on_system_text_make_it_a_list_of_blocks() -> None:
    """Anthropic's system text keeps its ``cache_control``."""
    block = ContentBlock.text_block("Long.", cache_control={"type": "ephemeral"})
    sent = body("anthropic", [Message.system([block]), Message.user("Hi")])
    assert sent["system"] == [
        {"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}
    ]


@pytest.mark.parametrize(
    ("turn", "want"),
    [
        ("Hi", [{"text": "Be brief.\n\nHi"}]),
        ([{"type": "text", "text": "Hi"}], [{"text": "Be brief."}, {"text": "Hi"}]),
    ],
)
def test_a_contract_may_put_system_text_before_the_user(turn: Any, want: Any) -> None:
    """``prepend_to_user`` puts it at the beginning of the first user's turn."""
    manifest = provider("gemini", system="prepend_to_user")
    messages = [Message.user(turn), Message.system("Be brief.")]
    sent = payload(manifest, ChatRequest("m", messages)).body
    assert sent == {"contents": [{"role": "user", "parts": want}]}


def test_system_text_alone_becomes_a_users_turn() -> None:
    """There is always a turn where the contract has no other place for it."""
    manifest = provider("openai", system="prepend_to_user")
    sent = payload(manifest, ChatRequest("m", [Message.system("Go.")])).body
    assert sent["messages"] == [{"role": "user", "content": "Go."}]


def test_an_image_is_no_system_text() -> None:
    """A system message beside the turns is made of text."""
    image = ContentBlock.image_url("https://example.com/a.png")
    with pytest.raises(RequestValidationError, match="made of text"):
        body("anthropic", [Message.system([image]), Message.user("Hi")])


def test_roles_are_called_what_the_record_says() -> None:
    """A record may rename any role."""
    manifest = provider("openai", roles={"system": "developer"})
    sent = payload(manifest, ChatRequest("m", [Message.system("Be brief.")])).body
    assert sent["messages"][0]["role"] == "developer"


# -- turns -------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_request_without_messages_is_refused(dialect: str) -> None:
    """There has to be something to answer."""
    with pytest.raises(RequestValidationError, match="at least one message"):
        body(dialect, [])


@pytest.mark.parametrize("dialect", ["anthropic", "gemini"])
def test_empty_turns_are_left_out(dialect: str) -> None:
    """An empty text is refused by these, so it is not sent."""
    sent = body(dialect, [Message.assistant(""), Message.user("Hi")])
    assert sent == body(dialect, "Hi")


def test_a_thought_without_its_signature_stays_here() -> None:
    """Anthropic refuses thoughts that are not signed."""
    said = [ContentBlock.thinking_block("Hm."), ContentBlock.text_block("Yes.")]
    sent = body("anthropic", [Message.user("?"), Message.assistant(said)])
    assert sent["messages"][1] == {"role": "assistant", "content": "Yes."}


@pytest.mark.parametrize("dialect", ["openai", "cohere", "anthropic"])
def test_what_only_gemini_signs_is_sent_to_gemini_alone(dialect: str) -> None:
    """A conversation that began with Gemini goes on with another provider."""
    call = {"id": "c1", "name": "f", "arguments": {}, "thoughtSignature": "c2ln"}
    turns = [Message.user("?"), Message.assistant(tool_calls=[call])]
    assert "thoughtSignature" not in json.dumps(body(dialect, turns))
    part = body("gemini", turns)["contents"][1]["parts"][0]
    want = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"}
    assert part == want


def test_arguments_go_back_as_they_came() -> None:
    """The text that a model wrote as arguments is not written anew."""
    raw = '{"b":1,  "a":"\u00e9"}'
    call = {"id": "c", "function": {"name": "f", "arguments": raw}}
    sent = body("openai", [Message.user("?"), Message.assistant(tool_calls=[call])])
    assert sent["messages"][1]["tool_calls"][0]["function"]["arguments"] == raw


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_result_names_its_call(dialect: str) -> None:
    """A tool's message without an id cannot be sent."""
    with pytest.raises(RequestValidationError, match="without tool_call_id"):
        body(dialect, [Message("tool", "3")])


def test_gemini_knows_a_call_by_its_name() -> None:
    """A result whose call is not in the messages needs the tool's name."""
    lost = Message.tool("c9", "3")
    with pytest.raises(RequestValidationError, match=r"no call has the id 'c9'"):
        body("gemini", [lost])
    named = body("gemini", [Message.tool("c9", "3", name="f")])
    response = {"functionResponse": {"name": "f", "response": {"output": "3"}}}
    assert named["contents"] == [{"role": "user", "parts": [response]}]


def test_results_that_are_no_text_become_json() -> None:
    """A result may be anything that JSON can say."""
    calls = [{"id": "c", "name": "f", "arguments": {}}]
    turns = [
        Message.user("?"),
        Message.assistant(tool_calls=calls),
        Message.tool("c", {"n": [1]}),
    ]
    assert body("openai", turns)["messages"][2]["content"] == '{"n": [1]}'
    response = body("gemini", turns)["contents"][2]["parts"][0]["functionResponse"]
    assert response["response"] == {"n": [1]}


def test_an_image_as_a_result() -> None:
    """Anthropic takes images in results, Gemini beside them, OpenAI none."""
    image = ContentBlock.image_base64("aQ==", "image/png")
    turns = [Message.user("?"), Message.tool("c", [image], name="shot")]
    block = body("anthropic", turns)["messages"][0]["content"][0]
    assert block["content"][0]["source"]["data"] == "aQ=="
    parts = body("gemini", turns)["contents"][0]["parts"]
    assert {"inlineData": {"mimeType": "image/png", "data": "aQ=="}} in parts
    with pytest.raises(RequestValidationError, match="can only be text"):
        body("openai", turns)


def test_a_message_keeps_what_is_not_known() -> None:
    """Unknown members of a message go with it."""
    turn = {"role": "user", "content": "Hello", "metadata": {"message_id": "m1"}}
    assert body("openai", [turn])["messages"] == [turn]


# -- what is not text --------------------------------------------------------------


def test_documents_and_recordings() -> None:
    """PDFs and recordings stand in each dialect's shape, or are refused."""
    pdf = ContentBlock.document_base64("JVBERi0=", title="a.pdf")
    assert body("openai", [Message.user([pdf])])["messages"][0]["content"] == [
        {
            "type": "file",
            "file": {
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,JVBERi0=",
            },
        }
    ]
    wav = ContentBlock.audio_base64("UklG", "audio/wav")
    inner = {"data": "UklG", "format": "wav"}
    assert body("openai", [Message.user([wav])])["messages"][0]["content"] == [
        {"type": "input_audio", "input_audio": inner}
    ]
    with pytest.raises(UnsupportedCapabilityError, match="audio blocks") as caught:
        body("anthropic", [Message.user([wav])])
    assert caught.value.capability == "audio"
    with pytest.raises(RequestValidationError, match="can only be text"):
        body("cohere", [Message.user([pdf])])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_ref_is_resolved_before_it_is_sent(dialect: str) -> None:
    """A document that only the program can find is not sent."""
    block = ContentBlock.document_ref("upload://abc", "application/pdf")
    with pytest.raises(RequestValidationError, match="a ref has to be resolved"):
        body(dialect, [Message.user([block])])


def test_a_contract_may_leave_a_ref_to_the_provider() -> None:
    """``resolve_at_runtime`` sends the ref as the provider's name of a file."""
    manifest = provider(
        "anthropic", blocks={"document": {"ref_resolution": "resolve_at_runtime"}}
    )
    messages = [Message.user([ContentBlock.document_ref("file_1")])]
    sent = payload(manifest, ChatRequest("m", messages)).body
    block = sent["messages"][0]["content"][0]
    assert block["source"] == {"type": "file", "file_id": "file_1"}


def test_a_contract_may_rule_a_kind_out() -> None:
    """``supported: false`` refuses the block before anything is sent."""
    manifest = provider("openai", blocks={"document": {"supported": False}})
    messages = [Message.user([ContentBlock.document_base64("JVBERi0=")])]
    with pytest.raises(RequestValidationError, match="takes none"):
        payload(manifest, ChatRequest("m", messages))


def test_a_record_names_the_shape_of_images() -> None:
    """The shape is the contract's, whatever the dialect."""
    manifest = provider("openai", blocks={"image": {"format": "anthropic_source"}})
    messages = [Message.user([ContentBlock.image_base64("aQ==", "image/gif")])]
    sent = payload(manifest, ChatRequest("m", messages)).body
    assert sent["messages"][0]["content"][0]["source"]["media_type"] == "image/gif"


# -- tools -------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_providers_own_tool_is_handed_on(dialect: str) -> None:
    """What is no function stays what it is."""
    own = {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}
    assert body(dialect, tools=[own])["tools"] == [own]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("get_wether", "expected auto, none, required or the name of a tool"),
        ({"type": "tool", "name": "other"}, "expected one of f, got 'other'"),
        (7, "expected auto, none, required"),
    ],
)
def test_a_choice_names_a_tool_that_there_is(choice: Any, message: str) -> None:
    """A tool that is not offered cannot be chosen."""
    with pytest.raises(RequestValidationError, match=message) as caught:
        body("openai", tools=[ToolDefinition("f")], tool_choice=choice)
    assert caught.value.pointer == "/tool_choice"


def test_a_choice_needs_tools() -> None:
    """``required`` without tools is refused; ``auto`` says nothing then."""
    with pytest.raises(RequestValidationError, match="there are no tools"):
        body("openai", tool_choice="required")
    assert "tool_choice" not in body("openai", tool_choice="auto")


def test_a_tools_bare_name_is_a_choice() -> None:
    """``tool_choice="f"`` is that tool."""
    sent = body("anthropic", tools=[ToolDefinition("f")], tool_choice="f")
    assert sent["tool_choice"] == {"type": "tool", "name": "f"}


def test_tools_that_are_told_in_words_are_not_sent() -> None:
    """A provider without native tools gets none in the body."""
    table = {"native": {"supported": False}, "text_fallback": {"format": "xml_json"}}
    manifest = provider("openai", tool_calling=table)
    request = ChatRequest("m", ["Hi"], tools=[ToolDefinition("f")])
    assert "tools" not in payload(manifest, request).body


# -- candidates, streams, paths ----------------------------------------------------


def test_candidates_by_the_providers_own_parameter() -> None:
    """Several answers are asked for where the provider has a word for it."""
    assert body("openai", candidates=3)["n"] == 3
    assert body("openai", parameters={"n": 3})["n"] == 3
    assert body("gemini", candidates=2)["generationConfig"] == {"candidateCount": 2}
    assert "n" not in body("anthropic", candidates=2)


@pytest.mark.parametrize(("dialect", "wanted"), [("openai", 9), ("anthropic", 0)])
def test_too_many_candidates_are_refused(dialect: str, wanted: int) -> None:
    """The manifest's bound holds."""
    with pytest.raises(RequestValidationError, match="candidates: expected 1"):
        body(dialect, candidates=wanted)


def test_several_candidates_of_a_provider_that_gives_one() -> None:
    """A provider without the capability refuses with E1005."""
    with pytest.raises(UnsupportedCapabilityError) as caught:
        body("cohere", candidates=2)
    assert caught.value.standard_code == "E1005"


def test_a_stream_is_an_operation_of_its_own_where_there_is_one() -> None:
    """Gemini streams at another path, with ``alt=sse``."""
    request = ChatRequest("gemini-pro", ["Hi"], stream=True)
    sent = payload(provider("gemini"), request)
    assert (sent.operation, sent.query) == ("stream_chat", {"alt": "sse"})
    assert sent.path == "/models/gemini-pro:streamGenerateContent"
    assert payload(provider("openai"), request).operation == "chat"


@pytest.mark.parametrize(
    ("template", "model", "path"),
    [
        ("/models/{model}:go", "gemini-pro", "/models/gemini-pro:go"),
        ("/models/{model}:go", "models/gemini-pro", "/models/gemini-pro:go"),
        ("/models/{model}:go", "tunedModels/mine", "/tunedModels/mine:go"),
        ("/run/{model}", "@cf/meta/llama-3", "/run/@cf/meta/llama-3"),
        ("/{model}/chat", "accounts/a/models/m", "/accounts/a/models/m/chat"),
        ("/d/{model}/chat", "a b?c#d%", "/d/a%20b%3Fc%23d%25/chat"),
        ("/chat", "anything/at/all", "/chat"),
    ],
)
def test_the_models_name_in_the_path(template: str, model: str, path: str) -> None:
    """It is percent-encoded; its slashes are slashes, and no collection is doubled."""
    operations = {"chat": {"method": "POST", "path": template}}
    manifest = provider("gemini", operations=operations)
    assert payload(manifest, ChatRequest(model, ["Hi"])).path == path


@pytest.mark.parametrize("model", ["", "..", "a/../b", "a//b", "/a", "a/"])
def test_a_models_name_cannot_change_the_path(model: str) -> None:
    """Empty segments and dots are refused."""
    with pytest.raises(RequestValidationError, match="a model's name"):
        body("gemini", model=model)


def test_the_headers_that_the_manifest_declares() -> None:
    """They go with each request; a credential is not among them."""
    sent = payload(provider("anthropic"), ChatRequest("m", ["Hi"]))
    assert sent.headers == {"anthropic-version": "2023-06-01"}


# -- the form of the answer --------------------------------------------------------


def test_a_class_is_the_form_of_an_answer() -> None:
    """Its schema is asked for, in each dialect's words."""
    from dataclasses import dataclass

    @dataclass
    class City:
        name: str

    sent = body("openai", response_format=City)["response_format"]["json_schema"]
    assert (sent["name"], sent["strict"]) == ("City", True)
    assert sent["schema"]["required"] == ["name"]
    config = body("gemini", response_format=City)["generationConfig"]
    assert config["responseSchema"]["properties"] == {"name": {"type": "string"}}


def test_a_schema_with_optional_members_is_not_strict() -> None:
    """OpenAI's ``strict`` demands that all members are required."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    sent = body("openai", response_format=schema)["response_format"]["json_schema"]
    assert sent == {"name": "answer", "schema": schema, "strict": False}


@pytest.mark.parametrize("given", ["yaml", 7, {}, {"type": "json_schema"}])
def test_what_is_no_form_is_refused(given: Any) -> None:
    """The message says what is expected."""
    with pytest.raises(RequestValidationError, match="response_format: expected"):
        body("openai", response_format=given)


def test_geminis_schema_has_no_references() -> None:
    """References are written out; a schema that contains itself ends somewhere."""
    node = {
        "type": "object",
        "properties": {
            "name": {"const": "n"},
            "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
            "size": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            "level": {"type": "integer", "enum": [1, 2]},
        },
        "additionalProperties": False,
    }
    schema = {"$ref": "#/$defs/Node", "$defs": {"Node": node}}
    sent = body("gemini", response_format={"type": "json_schema", "schema": schema})
    config = sent["generationConfig"]["responseSchema"]
    assert "$" not in json.dumps(config)
    assert config["properties"]["name"] == {"enum": ["n"], "type": "string"}
    assert config["properties"]["next"]["nullable"] is True
    size = config["properties"]["size"]
    assert size == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    level = {"type": "integer", "description": "One of: 1, 2."}
    assert config["properties"]["level"] == level


# -- the body as a whole -----------------------------------------------------------


def test_extra_members_win() -> None:
    """``extra`` is put over all else, member by member."""
    sent = body(
        "gemini",
        parameters={"temperature": 0.1, "max_tokens": 5},
        extra={"generationConfig": {"temperature": 0.9}},
    )
    assert sent["generationConfig"] == {"temperature": 0.9, "maxOutputTokens": 5}


def test_the_slash_in_a_models_name_is_its_own() -> None:
    """The provider's prefix is gone before; the rest is the wire's name."""
    assert body("openai", model="meta-llama/Llama-3")["model"] == "meta-llama/Llama-3"
