"""Pictures, recordings, films and documents in messages, for every wire language."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from specwire.chat import ContentBlock
from specwire.errors import RequestValidationError, UnsupportedCapabilityError
from specwire.sandbox import Sandbox

from .conftest import Ask

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
WAV = b"RIFF0000WAVEfmt " + bytes(16)
PDF = b"%PDF-1.7\n%%EOF"
BLOCKS = {
    "image": ContentBlock.image_of(PNG),
    "image URL": ContentBlock.image_of("https://a.example/boat.png"),
    "audio": ContentBlock.audio_of(WAV),
    "PDF": ContentBlock.document_of(PDF, title="boats.pdf"),
    "text": ContentBlock.document_text("On boats.", title="Boats"),
    "base64 text": ContentBlock.document_base64(b"On boats.", "text/plain"),
    "film": ContentBlock.video_of("https://a.example/boat.mp4"),
}
URL = "data:image/png;base64,iVBORw0KGgo"
SENT = {
    ("openai/gpt-4o", "image"): ("image_url", "image_url.url", URL),
    ("openai/gpt-4o", "image URL"): ("image_url", "image_url.url", "https://a.ex"),
    ("openai/gpt-4o", "audio"): ("input_audio", "input_audio.format", "wav"),
    ("openai/gpt-4o", "PDF"): ("file", "file.file_data", "data:application/pdf"),
    ("openai/gpt-4o", "text"): ("text", "text", "Boats\n\nOn boats."),
    ("openai/gpt-4o", "film"): None,
    ("anthropic/claude-sonnet-4-5", "image"): ("image", "source.media_type", "image/"),
    ("anthropic/claude-sonnet-4-5", "image URL"): ("image", "source.type", "url"),
    ("anthropic/claude-sonnet-4-5", "audio"): None,
    ("anthropic/claude-sonnet-4-5", "PDF"): ("document", "title", "boats.pdf"),
    ("anthropic/claude-sonnet-4-5", "text"): ("document", "source.type", "text"),
    ("gemini/gemini-2.5-pro", "image"): ("", "inlineData.mimeType", "image/png"),
    ("gemini/gemini-2.5-pro", "image URL"): ("", "fileData.fileUri", "https://a.ex"),
    ("gemini/gemini-2.5-pro", "audio"): ("", "inlineData.mimeType", "audio/wav"),
    ("gemini/gemini-2.5-pro", "PDF"): ("", "inlineData.mimeType", "application/pdf"),
    ("gemini/gemini-2.5-pro", "text"): ("", "text", "Boats\n\nOn boats."),
    ("gemini/gemini-2.5-pro", "film"): ("", "fileData.fileUri", "https://a.example/"),
    ("cohere/command-a-03-2025", "image"): ("image_url", "image_url.url", URL),
    ("cohere/command-a-03-2025", "audio"): None,
    ("cohere/command-a-03-2025", "PDF"): None,
    ("mistral/mistral-large-latest", "audio"): ("input_audio", "input_audio", "UklG"),
    ("mistral/mistral-large-latest", "PDF"): (
        "document_url",
        "document_url",
        "data:application/pdf;base64",
    ),
    ("deepseek/deepseek-chat", "image"): None,
    ("deepseek/deepseek-chat", "PDF"): None,
    ("deepseek/deepseek-chat", "text"): ("text", "text", "Boats\n\nOn boats."),
    ("groq/llama-3.3-70b-versatile", "base64 text"): ("text", "text", "On boats."),
    ("groq/llama-3.3-70b-versatile", "PDF"): None,
    ("zhipu/glm-4.5v", "film"): ("video_url", "video_url.url", "https://a.example/"),
    ("xai/grok-4", "PDF"): None,
}


@pytest.mark.parametrize(("model", "kind"), SENT, ids=str)
def test_each_language_has_its_own_shape(
    ask: Ask, box: Sandbox, model: str, kind: str
) -> None:
    """Or none: then nothing is sent, and the error names the capability (E1005)."""
    expected = SENT[(model, kind)]
    chat = ask(model).chat().max_tokens(100).user(["What is this?", BLOCKS[kind]])
    if expected is None:
        with pytest.raises(UnsupportedCapabilityError) as caught:
            chat.execute()
        assert caught.value.standard_code == "E1005" and box.requests == []
        return
    assert chat.execute().content
    sent = box.requests[-1].json()
    turn = (sent.get("messages") or sent.get("contents"))[-1]
    part = (turn.get("content") or turn.get("parts"))[1]
    assert part.get("type", "") == expected[0]
    for name in expected[1].split("."):
        part = part[name]
    assert part.startswith(expected[2])


def test_coheres_documents_stand_beside_the_turns(ask: Ask, box: Sandbox) -> None:
    """With a title and a text, as its API has them."""
    chat = ask("cohere/command-a-03-2025").chat()
    chat.user(["What is this?", BLOCKS["text"], BLOCKS["base64 text"]]).execute()
    assert box.requests[-1].json()["documents"] == [
        {"data": {"title": "Boats", "text": "On boats."}},
        {"data": {"text": "On boats."}},
    ]


@pytest.mark.parametrize(
    ("model", "block", "told"),
    [
        ("anthropic/c", ContentBlock.image_base64("AAAA", "image/tiff"), "got tiff"),
        ("gemini/g", ContentBlock.image_of(b"GIF89a" + bytes(9)), "got gif"),
        (
            "openai/gpt-4o",
            ContentBlock.audio_of(b"fLaC" + bytes(9)),
            "wav, mp3, got fl",
        ),
        ("anthropic/c", ContentBlock.document_base64("AA", "text/csv"), "got csv"),
        ("openai/gpt-4o", ContentBlock.audio_of("https://a.example/a.mp3"), "a URL"),
    ],
    ids=range(5),
)
def test_a_format_that_is_not_taken_is_refused(
    ask: Ask, box: Sandbox, model: str, block: ContentBlock, told: str
) -> None:
    """The manifest lists what is taken; nothing is sent."""
    with pytest.raises(UnsupportedCapabilityError, match=told):
        ask(model).chat().max_tokens(9).user(["?", block]).execute()
    assert box.requests == []


@pytest.mark.parametrize(
    ("model", "megabytes", "fits"),
    [("groq/x", 5, False), ("groq/x", 3, True), ("anthropic/c", 11, False)],
)
def test_a_picture_may_be_too_large_for_one(
    ask: Ask, model: str, megabytes: int, fits: bool
) -> None:
    """Each provider's limit is its manifest's."""
    block = ContentBlock.image_of(PNG + bytes(megabytes << 20))
    chat = ask(model).chat().max_tokens(9).user(["?", block])
    if fits:
        assert chat.build_payload()
        return
    with pytest.raises(RequestValidationError, match="at most"):
        chat.build_payload()


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("image", b"", "empty"),
        ("image", WAV, "got audio/wav"),
        ("image", b"nobody knows", "not known"),
        ("image", PNG + bytes(20 << 20), "larger than 20 MiB"),
        ("image", 42, "got int"),
        ("image", io.StringIO("x"), "got StringIO"),
        ("audio", PDF, "got application/pdf"),
        ("document", PNG, "got image/png"),
    ],
    ids=range(8),
)
def test_what_is_no_file_of_its_kind_is_refused(
    kind: str, given: Any, told: str
) -> None:
    """By its first bytes, whatever it is called."""
    with pytest.raises(RequestValidationError, match=told):
        getattr(ContentBlock, f"{kind}_of")(given)


def test_what_is_said_and_what_is_there_must_agree() -> None:
    """A wrong media type is an error here and not a refusal later."""
    with pytest.raises(RequestValidationError, match="begins as image/png"):
        ContentBlock.image_of(PNG, "image/jpeg")
    assert (
        ContentBlock.audio_of(WAV, "audio/x-wav").source["media_type"] == "audio/x-wav"
    )


@pytest.mark.parametrize("form", ["path", "text", "bytes", "view", "file", "named"])
def test_a_block_is_made_of_anything_that_holds_bytes(
    tmp_path: Path, form: str
) -> None:
    """The same block, and a file that was opened stays open."""
    path = tmp_path / "boat.png"
    path.write_bytes(PNG)
    with open(path, "rb") as file:
        given = {
            "path": path,
            "text": str(path),
            "bytes": PNG,
            "view": memoryview(PNG),
            "file": io.BytesIO(PNG),
            "named": file,
        }[form]
        assert ContentBlock.image_of(given) == BLOCKS["image"]
        assert not file.closed


def test_a_name_tells_what_bytes_do_not(tmp_path: Path) -> None:
    """A film, a table: by their endings; a text is read as one."""
    film, table = tmp_path / "boat.mp4", tmp_path / "boats.csv"
    film.write_bytes(b"\0\0\0\x18ftypisom")
    table.write_text("name,length\n", "utf-8")
    assert ContentBlock.video_of(film).source["media_type"] == "video/mp4"
    block = ContentBlock.document_of(table)
    assert (block.source["type"], block.title) == ("text", "boats.csv")


def test_pillows_pictures_are_taken() -> None:
    """As PNG, or in the format they were read from; extra ``vision``."""
    image = pytest.importorskip("PIL.Image", reason="pip install 'specwire[vision]'")
    picture = image.new("RGB", (40, 20), "navy")
    assert ContentBlock.image_of(picture).source["media_type"] == "image/png"
    out = io.BytesIO()
    picture.save(out, "JPEG")
    with image.open(io.BytesIO(out.getvalue())) as read:
        assert ContentBlock.image_of(read).source["media_type"] == "image/jpeg"
    with pytest.raises(RequestValidationError, match="convert it"):
        ContentBlock.image_of(image.new("CMYK", (4, 4)))


def test_a_large_picture_is_made_smaller() -> None:
    """Its sides keep their ratio; a small one stays as it is."""
    image = pytest.importorskip("PIL.Image", reason="pip install 'specwire[vision]'")
    from base64 import b64decode

    out = io.BytesIO()
    image.new("RGB", (400, 200)).save(out, "PNG")
    small = ContentBlock.image_of(out.getvalue(), max_side=100).source["data"]
    with image.open(io.BytesIO(b64decode(small))) as picture:
        assert picture.size == (100, 50)
    same = ContentBlock.image_of(out.getvalue(), max_side=400).source["data"]
    assert b64decode(same) == out.getvalue()
    with pytest.raises(RequestValidationError, match="cannot read"):
        ContentBlock.image_of(PNG, max_side=100)
    with pytest.raises(RequestValidationError, match="above 0"):
        ContentBlock.image_of(PNG, max_side=0)


def test_without_pillow_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only where a picture is to be made smaller."""
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(
        RequestValidationError, match=r"pip install 'specwire\[vision\]'"
    ):
        ContentBlock.image_of(PNG, max_side=100)
    assert ContentBlock.image_of(PNG) == BLOCKS["image"]
