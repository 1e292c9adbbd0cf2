"""Messages, blocks, tools and choices, in all the shapes they come in."""

from __future__ import annotations

import copy
import pickle
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from specwire.chat.attachments import LIMITS
from specwire.chat.dialects import encode_blocks
from specwire.chat.messages import ContentBlock, Message, normalised
from specwire.chat.tools import ToolCall, ToolChoice, ToolDefinition
from specwire.errors import ManifestError, RequestValidationError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.mark.parametrize(
    "turns",
    [
        [{"role": "user", "content": "Hello, how are you?"}],
        [
            {"role": "system", "content": "You help."},
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "content": "4"},
        ],
        [{"role": "user", "content": "Hi", "metadata": {"message_id": "m", "at": 1}}],
        [{"role": "user", "content": [{"type": "text", "text": "a", "x": 1}]}],
        [{"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}],
        [{"role": "tool", "tool_call_id": "c", "content": "3"}],
    ],
)
def test_messages_are_normalised_without_loss(turns: Any) -> None:
    """A dict becomes a message and comes back as it was."""
    assert normalised(turns) == turns


def test_factories_give_the_same_as_dicts() -> None:
    """Each role has a factory."""
    assert [
        Message.system("s").to_dict(),
        Message.user("u", name="ann").to_dict(),
        Message.assistant("a").to_dict(),
        Message.tool("c1", "3", is_error=True).to_dict(),
        Message.with_content("user", ["x"]).to_dict(),
    ] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u", "name": "ann"},
        {"role": "assistant", "content": "a"},
        {"role": "tool", "content": "3", "tool_call_id": "c1", "is_error": True},
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
    ]


def test_a_role_may_be_an_enums_member() -> None:
    """The value of a ``MessageRole`` is the role."""
    role = Enum("MessageRole", {"USER": "user"})
    assert Message.with_content(role.USER, "x").role == "user"  # type: ignore[arg-type]


def test_tool_calls_are_found_wherever_they_stand() -> None:
    """OpenAI's beside the content and Anthropic's inside it are the same calls."""
    beside = Message.of(
        {
            "role": "assistant",
            "content": "x",
            "tool_calls": [
                {"id": "c", "function": {"name": "f", "arguments": '{"a": 1}'}}
            ],
        }
    )
    inside = Message.assistant([ContentBlock.tool_use("c", "f", {"a": 1})])
    assert [c.arguments for c in beside.tool_calls + inside.tool_calls] == [
        {"a": 1}
    ] * 2
    assert [c.function_name for c in beside.tool_calls] == ["f"]


def test_what_a_message_holds() -> None:
    """Text is joined; images and recordings are noticed."""
    image = ContentBlock.image_url("https://example.com/a.png")
    message = Message.user([ContentBlock.text_block("a"), image, "b"])
    assert message.text == message.get_text_content() == "a\nb"
    assert (message.contains_image(), message.contains_audio()) == (True, False)
    assert message.is_multimodal()


@pytest.mark.parametrize("value", [7, {"content": "x"}, {"role": 7}, None])
def test_what_is_no_message_is_refused(value: Any) -> None:
    """The error says what is expected."""
    with pytest.raises(RequestValidationError, match="expected a Message or a dict"):
        Message.of(value)


@pytest.mark.parametrize("value", [7, {"foo": 1}, None])
def test_what_is_no_block_is_refused(value: Any) -> None:
    """The error says what is expected."""
    with pytest.raises(RequestValidationError, match="expected a text, a ContentBlock"):
        Message.user([value])


def test_messages_can_be_copied_and_pickled() -> None:
    """They travel between processes."""
    call = ToolCall("c", "f", '{"a": 1}')
    message = Message.assistant([ContentBlock.text_block("x")], tool_calls=[call])
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message


def test_a_repr_does_not_show_what_a_block_holds() -> None:
    """An image's base64 stays out of logs."""
    block = ContentBlock.image_base64("QUJD" * 9, "image/png")
    assert repr(block) == "ContentBlock('image', 'source')"


# -- files -------------------------------------------------------------------------


def test_files_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    """A PNG called ``.jpg`` is a PNG; without a mark, the ending tells."""
    (tmp_path / "a.jpg").write_bytes(PNG)
    (tmp_path / "a.wav").write_bytes(b"no mark")
    (tmp_path / "a.md").write_text("# Hi")
    image = ContentBlock.image_from_file(tmp_path / "a.jpg")
    assert image.source["media_type"] == "image/png"
    audio = ContentBlock.audio_from_file(str(tmp_path / "a.wav"))
    assert audio.source["media_type"] == "audio/wav"
    document = ContentBlock.document_from_file(tmp_path / "a.md")
    assert document.source == {
        "type": "text",
        "media_type": "text/markdown",
        "data": "# Hi",
    }
    assert document.title == "a.md"


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.png", "the file is empty"),
        (b"%PDF-1.4", "a.png", "got application/pdf"),
        (b"text", "a.xyz", "a format that is not known; say media_type="),
    ],
)
def test_files_that_cannot_be_images(
    tmp_path: Path, content: bytes, name: str, message: str
) -> None:
    """The error names the file and what is wrong with it."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RequestValidationError, match=message):
        ContentBlock.image_from_file(tmp_path / name)


def test_a_file_may_be_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larger files than providers take are refused before they are encoded."""
    monkeypatch.setitem(LIMITS, "image", 1 << 20)
    (tmp_path / "a.png").write_bytes(PNG + bytes(1 << 20))
    with pytest.raises(RequestValidationError, match="larger than 1 MiB"):
        ContentBlock.image_from_file(tmp_path / "a.png")


def test_bytes_are_encoded() -> None:
    """``image_base64`` takes the bytes themselves."""
    source = ContentBlock.image_base64(PNG).source
    assert (source["media_type"], source["data"][:8]) == ("image/png", "iVBORw0K")


# -- blocks by contract ------------------------------------------------------------

PDF = {"source_type": "base64", "data": "JVBERi0=", "mime_type": "application/pdf"}


@pytest.mark.parametrize(
    ("style", "block", "want"),
    [
        (
            "anthropic_messages",
            {"block_type": "document", **PDF},
            {
                "type": "document",
                "source": {
                    "type": "base64",
                    "media_type": "application/pdf",
                    "data": "JVBERi0=",
                },
            },
        ),
        (
            "gemini_generate",
            {"block_type": "document", **PDF, "mime_type": None},
            {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}},
        ),
        ("gemini_generate", {"block_type": "text", "text": "Hi"}, {"text": "Hi"}),
        (
            "openai_compatible",
            {"block_type": "image", "source_type": "url", "data": "https://e.com/a"},
            {"type": "image_url", "image_url": {"url": "https://e.com/a"}},
        ),
        (
            "anthropic_messages",
            {
                "type": "image",
                "source": {"source_type": "url", "data": "https://e.com"},
            },
            {"type": "image", "source": {"type": "url", "url": "https://e.com"}},
        ),
    ],
)
def test_blocks_are_encoded_by_contract(style: str, block: Any, want: Any) -> None:
    """Flat blocks and nested ones become what the API style has."""
    assert encode_blocks(style, [block]) == [want]


@pytest.mark.parametrize("style", ["anthropic_messages", "gemini_generate"])
@pytest.mark.parametrize("source", ["ref", "base64", "url"])
def test_blocks_that_cannot_be_encoded(style: str, source: str) -> None:
    """A ref is not sent, nor is a source without data."""
    data = "upload://abc" if source == "ref" else ""
    block = {"block_type": "document", "source_type": source, "data": data}
    with pytest.raises(RequestValidationError):
        encode_blocks(style, [block])


def test_a_style_that_nobody_knows() -> None:
    """The error names those that there are."""
    with pytest.raises(ManifestError, match="openai, anthropic, gemini, cohere"):
        encode_blocks("soap", [])


# -- tools -------------------------------------------------------------------------

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "f", "description": "d", "parameters": SCHEMA},
        {"name": "f", "description": "d", "input_schema": SCHEMA},
        {"type": "custom", "name": "f", "description": "d", "input_schema": SCHEMA},
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA},
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "parameters": SCHEMA},
        },
        ToolDefinition("f", "d", SCHEMA),
        ToolDefinition.from_function("f", "d", SCHEMA),  # type: ignore[arg-type]
        ToolDefinition.from_function(name="f", description="d", parameters=SCHEMA),
    ],
)
def test_a_tool_in_each_of_its_shapes(given: Any) -> None:
    """OpenAI's, Anthropic's and the flat shape are one definition."""
    assert ToolDefinition.of(given) == ToolDefinition("f", "d", SCHEMA)


def get_weather(city: str, days: int = 1) -> str:
    """The weather of a city.

    :param city: its name
    """
    return f"{city}: {days}"


def test_a_function_is_a_tool() -> None:
    """Name, text and schema come from the function."""
    tool = ToolDefinition.from_function(get_weather)
    assert tool == ToolDefinition.of(get_weather)
    assert (tool.name, tool.description) == ("get_weather", "The weather of a city.")
    assert tool.parameters["required"] == ["city"]
    city = {"type": "string", "description": "its name"}
    assert tool.parameters["properties"]["city"] == city


@pytest.mark.parametrize("given", [{"type": "function"}, 7, {"function": {}}])
def test_what_is_no_tool_is_refused(given: Any) -> None:
    """The error says what is expected."""
    with pytest.raises(RequestValidationError, match="tool"):
        ToolDefinition.of(given)


@pytest.mark.parametrize(
    ("text", "arguments", "error"),
    [
        ('{"a": 1}', {"a": 1}, None),
        ("", {}, None),
        ('{"a":', {}, "arguments are not JSON"),
        ("[1]", {}, "not an object"),
    ],
)
def test_arguments_that_are_broken_are_told(
    text: str, arguments: Any, error: str | None
) -> None:
    """A model's slip is a fact on the call, not an exception."""
    call = ToolCall("c", "f", text)
    assert (call.arguments, call.arguments_raw) == (arguments, text)
    assert (call.error or "").find(error or "") >= 0
    assert bool(call.error) is bool(error)


@pytest.mark.parametrize(
    ("given", "mode", "name"),
    [
        ("auto", "auto", None),
        ("any", "required", None),
        (ToolChoice.REQUIRED, "required", None),
        ({"type": "any"}, "required", None),
        ({"type": "none"}, "none", None),
        ({"type": "tool", "name": "f"}, "tool", "f"),
        ({"type": "function", "function": {"name": "f"}}, "tool", "f"),
        (ToolChoice.tool("f"), "tool", "f"),
        (Enum("Choice", {"NONE": "none"}).NONE, "none", None),  # type: ignore[attr-defined]
    ],
)
def test_a_choice_in_each_of_its_spellings(given: Any, mode: str, name: Any) -> None:
    """Words, dicts of OpenAI and of Anthropic, and members of enums."""
    choice = ToolChoice.of(given)
    assert (choice.mode, choice.name) == (mode, name)
