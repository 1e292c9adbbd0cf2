"""What works with which provider: a table, each cell of which is calls that were made.

``python -m tests.chat.matrix --write`` puts it into ``docs/chat.md``; without the flag
it is printed, and what went wrong after it. The calls go through ``AiClient`` and the
built-in manifests to the sandbox, which plays each provider by what that one documents.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from specwire import AiClient, Message, errors
from specwire.chat.capabilities import tool_mode
from specwire.chat.messages import ContentBlock
from specwire.sandbox import Sandbox
from specwire.sandbox.chat.listing import models_of
from specwire.sandbox.chat.providers import PROVIDERS, Provider

PAGE = Path(__file__).resolve().parents[2] / "docs" / "chat.md"
BEGIN, END = "<!-- providers -->", "<!-- end of providers -->"
ASKED = "How is the weather in Paris?"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = {"name": "get_weather", "description": "The weather.", "parameters": SCHEMA}
TIME = {"name": "get_time", "description": "The time.", "parameters": SCHEMA}
PNG = "iVBORw0KGgo="
PDF = b"%PDF-1.4\n%%EOF"
WAV = b"RIFF\x84\0\0\0WAVEfmt " + bytes(120)


class Asker:
    """Asks one provider of a sandbox."""

    def __init__(self, box: Sandbox, provider: Provider) -> None:
        self.box = box
        self.provider = provider
        listed = models_of(provider) or ("claude-sonnet-4-5",)
        self.client = self.made(listed[0])

    def made(self, model: str, key: str | None = None) -> AiClient:
        id = self.provider.id
        return AiClient.create(
            f"{id}/{model}",
            api_key=key or self.box.api_keys[id],
            base_url=self.box.chat_urls[id],
            max_retries=0,
        )

    def chat(self, text: Any = ASKED, client: AiClient | None = None) -> Any:
        return (client or self.client).chat().max_tokens(4000).user(text)

    def fail(self, status: int | None, **facts: Any) -> None:
        """Let the next call fail, whatever its path is."""
        for depth in range(1, 8):
            self.box.fail(f"POST /{self.provider.id}" + "/*" * depth, status, **facts)


def text(ask: Asker) -> str:
    """It answers what was asked, and says that it came to its end."""
    reply = ask.chat().execute()
    assert ASKED in reply.content, reply
    assert reply.finish_reason == "end_turn", reply.finish_reason
    cut = ask.client.chat().user(ASKED).max_tokens(3).execute()
    assert cut.finish_reason == "max_tokens", cut.finish_reason
    return "yes"


def stream(ask: Asker) -> str:
    """The pieces of a stream are the answer, and one end comes last."""
    whole = ask.chat().execute()
    events = list(ask.chat().stream())
    pieces = [e.as_content_delta.text for e in events if e.is_content_delta]
    assert len(pieces) > 1 and "".join(pieces) == whole.content, pieces
    ends = [event for event in events if event.is_stream_end]
    assert ends == events[-1:], events[-2:]
    assert ends[0].as_stream_end.finish_reason == "end_turn", ends
    return "yes"


def tools(ask: Asker) -> str:
    """Tools are called, whole and streamed, and their results are heard."""
    if tool_mode(ask.client.manifest) == "text_only":
        return _tools_in_words(ask)
    asking = ask.chat("get_weather and get_time in Paris").tools([WEATHER, TIME])
    whole, streamed = asking.execute(), asking.stream()
    list(streamed)
    for reply in (whole, streamed.response):
        calls = [(call.name, call.arguments) for call in reply.tool_calls]
        wanted = [(name, {"city": "Paris"}) for name in ("get_weather", "get_time")]
        assert calls == wanted, calls
        assert len({call.id for call in reply.tool_calls}) == 2, reply.tool_calls
    said = streamed.response
    results = [Message.tool(call.id, f"{call.name}: 12") for call in said.tool_calls]
    last = asking.messages([said.to_message(), *results]).execute()
    assert "get_weather: 12" in last.content, last
    return "yes"


def _tools_in_words(ask: Asker) -> str:
    """The model is told of the tools, and what it writes as a call is one."""
    call = '<tool_call>{"name":"get_time","arguments":{}}</tool_call>'
    asking = ask.chat(call).tools([WEATHER, TIME])
    whole, streamed = asking.execute(), asking.stream()
    list(streamed)
    for reply in (whole, streamed.response):
        assert [each.name for each in reply.tool_calls] == ["get_time"], reply
    return "in words"


def images(ask: Asker) -> str:
    """A picture arrives as one: it is counted."""
    picture = ContentBlock.image_base64(PNG, "image/png")
    seen = ask.chat([ContentBlock.text_block(ASKED), picture]).execute()
    more = seen.prompt_tokens - ask.chat().execute().prompt_tokens
    assert more == 100, more
    return "yes"


def recordings(ask: Asker) -> str:
    """A recording arrives as one: it is counted."""
    _counted(ask, ContentBlock.audio_of(WAV))
    return "yes"


def documents(ask: Asker) -> str:
    """A PDF arrives as one; a text arrives as text where no file is taken."""
    _counted(ask, ContentBlock.document_text("The sea is blue and deep.", title="Sea"))
    try:
        _counted(ask, ContentBlock.document_of(PDF))
    except errors.UnsupportedCapabilityError:
        return "as text"
    return "yes"


def _counted(ask: Asker, block: ContentBlock) -> None:
    seen = ask.chat([ContentBlock.text_block(ASKED), block]).execute()
    more = seen.prompt_tokens - ask.chat().execute().prompt_tokens
    assert more > 0, seen.usage


def hears(ask: Asker) -> str:
    """What was spoken is written down."""
    model = _MODELS.get((ask.provider.id, "hears"), "whisper-1")
    ask.client.media.transcribe(WAV, model=model)
    if "speaks" in ask.provider.abilities:
        spoken = ask.client.media.speak(ASKED, model="tts-1", voice="x", format="wav")
        heard = ask.client.media.transcribe(spoken.read(), model=model)
        assert heard.text == ASKED, heard
    return "yes"


def speaks(ask: Asker) -> str:
    """A text is spoken; it is as long as it has letters."""
    model = _MODELS.get((ask.provider.id, "speaks"), "tts-1")
    speak = ask.client.media.speak
    short, long = (
        speak(text, model=model, voice="x", format="wav").read()
        for text in ("Hi", "Hello, sea")
    )
    assert short.startswith(b"RIFF") and len(short) < len(long), short[:12]
    return "yes"


def draws(ask: Asker) -> str:
    """A picture is made; where only its address comes, it can be fetched."""
    model = _MODELS.get((ask.provider.id, "draws"), "m")
    picture = ask.client.media.images("a boat", model=model)[0]
    data = picture.data or ask.client.media.download(picture).read()
    assert data.startswith(b"\x89PNG"), data[:12]
    return "yes" if picture.data else "as URL"


def films(ask: Asker) -> str:
    """A film is made, and fetched."""
    film = ask.client.media.video("a boat", model="m", poll_s=0.001)
    assert b"ftyp" in ask.client.media.download(film).read()
    return "yes"


_MODELS = {
    ("gemini", "speaks"): "gemini-2.5-flash-preview-tts",
    ("gemini", "draws"): "gemini-2.5-flash-image",
    ("openai", "draws"): "gpt-image-1",
    ("zhipu", "hears"): "glm-asr-2512",
    ("openrouter", "draws"): "openrouter/google/gemini-2.5-flash-image",
}


def forms(ask: Asker) -> str:
    """An answer fits the schema that was sent."""
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
    asking = ask.chat().response_format(form)
    found = json.loads(asking.execute().content)
    if "json_schema" in ask.provider.forms:
        assert found == {"city": "Paris"}, found
        return "yes"
    # The model is told the schema; that it keeps to it is more than a sandbox knows.
    sent = asking.build_payload()
    assert "city" in json.dumps(sent["messages"]), sent
    assert isinstance(found, dict), found
    return "told"


def reasoning(ask: Asker) -> str:
    """Thoughts are told, the same in a stream; or they are counted."""
    asking = ask.chat().reasoning("medium")
    whole, streamed = asking.execute(), asking.stream()
    list(streamed)
    assert whole.thinking == streamed.response.thinking, streamed.response.thinking
    assert ASKED in whole.content, whole
    if whole.thinking:
        return "yes"
    assert whole.reasoning_tokens, whole.usage
    return "counted"


def usage(ask: Asker) -> str:
    """Tokens are counted alike, whole and streamed, and the sums are right."""
    whole, streamed = ask.chat().execute(), ask.chat().stream()
    list(streamed)
    for reply in (whole, streamed.response):
        counts = (reply.prompt_tokens, reply.completion_tokens, reply.total_tokens)
        assert all(counts) and counts[0] + counts[1] == counts[2], reply.usage
    assert dict(whole.usage) == dict(streamed.response.usage), streamed.response.usage
    return "yes"


def failures(ask: Asker) -> str:
    """Each failure has its standard code, in the provider's words and statuses."""
    if not ask.provider.keyless:
        # Nvidia says "forbidden" of a wrong key, as of a model one may not use.
        wrong = ask.chat(client=ask.made("m", "sk-a-wrong-key-it-is"))
        _fails(wrong, "E1003" if ask.provider.id == "nvidia" else "E1002")
    _fails(ask.chat(client=ask.made("unknown-model")), "E1004")
    for status, code in _CODES.items():
        ask.box.reset()
        ask.fail(status)
        _fails(ask.chat(), code)
    ask.box.reset()
    ask.fail(None, stream_error=_BROKEN.get(ask.provider.dialect, "server_error"))
    try:
        list(ask.chat().stream())
    except errors.SpecwireError as error:
        assert error.standard_code.startswith("E3"), error
    else:
        raise AssertionError("a broken stream ended as if it were whole")
    finally:
        ask.box.reset()
    return "yes"


_CODES = {400: "E1001", 403: "E1003", 429: "E2001", 500: "E3001", 503: "E3002"}
_BROKEN = {"anthropic": "overloaded_error", "gemini": "UNAVAILABLE"}


def _fails(asking: Any, code: str) -> None:
    try:
        asking.execute()
    except errors.SpecwireError as error:
        assert error.standard_code == code, f"expected {code}, got {error!r}"
    else:
        raise AssertionError(f"expected {code}, and it was answered")


COLUMNS: Mapping[str, Callable[[Asker], str]] = {
    "text": text,
    "stream": stream,
    "tools": tools,
    "images": images,
    "audio": recordings,
    "documents": documents,
    "JSON": forms,
    "reasoning": reasoning,
    "usage": usage,
    "errors": failures,
    "hears": hears,
    "speaks": speaks,
    "draws": draws,
    "films": films,
}


def cell(ask: Asker, fill: Callable[[Asker], str]) -> tuple[str, str]:
    """What stands in a cell, and what went wrong."""
    try:
        return fill(ask), ""
    except errors.UnsupportedCapabilityError:
        return "-", ""
    except (AssertionError, errors.SpecwireError) as error:
        return "no", f"{type(error).__name__}: {error}"


def table() -> tuple[list[str], list[str]]:
    """The lines of the table, and what went wrong."""
    names = ["provider", *COLUMNS]
    lines = [_row(names), _row(["---"] * len(names))]
    wrong = []
    with Sandbox() as box:
        for provider in PROVIDERS.values():
            if not provider.chat:
                continue
            ask = Asker(box, provider)
            cells = []
            for name, fill in COLUMNS.items():
                found, problem = cell(ask, fill)
                cells.append(found)
                if problem:
                    wrong.append(f"{provider.id}, {name}: {problem}")
            ask.client.close()
            lines.append(_row([provider.id, *cells]))
    return lines, wrong


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def page(lines: list[str]) -> str:
    """The page with ``lines`` where its table is."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, *lines, END]) + after


def main(arguments: list[str]) -> Iterator[str]:
    """Run it and say what came of it."""
    parser = argparse.ArgumentParser(prog="tests.chat.matrix", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    lines, wrong = table()
    yield from lines
    yield from wrong
    if parser.parse_args(arguments).write:
        PAGE.write_text(page(lines), "utf-8")


if __name__ == "__main__":
    print("\n".join(main(sys.argv[1:])))
