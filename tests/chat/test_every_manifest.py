"""Every manifest streams: its provider's own bytes come out right, however cut.

The built-in manifests, and those of all versions in the shared AI-Protocol folder where
it is there, are run over what the provider of that name sends (``wires/``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from specwire import errors
from specwire.chat import builtin, failures, foreign
from specwire.chat.decoding import ChatDecoder
from specwire.chat.manifest import Manifest
from specwire.chat.response import ChatResponse, read_response
from specwire.core.wire import Reply

from .wire_samples import PROVIDERS, body, sample

SHARED = Path(__file__).resolve().parents[3] / "shared/ai-protocol"
FOREIGN = sorted(SHARED.glob("v*/providers/*.yaml"))
SHORT = ["anthropic", "cohere", "gemini", "llamacpp", "mistral", "perplexity"]
"""One provider of each way to frame, to end and to say a thing: all cuts are tried."""

Case = tuple[Manifest, dict[str, Any]]


def _named(path: Path) -> str:
    return "/".join((*path.parts[-3:-2], path.stem))


@pytest.fixture(
    params=[*PROVIDERS, *FOREIGN],
    ids=lambda given: given if isinstance(given, str) else _named(given),
    scope="module",
)
def case(request: pytest.FixtureRequest) -> Case:
    """A manifest, and what its provider sends."""
    given = request.param
    if isinstance(given, str):
        return Manifest.builtin(given), sample(given)
    return Manifest(foreign.compiled(given)), sample(given.stem)


def decode(manifest: Manifest, chunks: Iterable[bytes]) -> dict[str, Any]:
    """What a program sees of a stream that arrives in ``chunks``, as samples say it."""
    call: Any = SimpleNamespace(name="chat")
    decoder = ChatDecoder(call, Reply(200), manifest, lambda _: ())
    items = list(_items(decoder, chunks))
    problems = [item for item in items if isinstance(item, errors.SpecwireError)]
    events = [item for item in items if not isinstance(item, errors.SpecwireError)]
    end = events[-1] if events and events[-1].is_stream_end else None
    response = decoder.assembler.response()
    texts = [event for event in events if event.is_content_delta]
    thoughts = [event for event in events if event.is_thinking_delta]
    return {
        "text": "".join(one.text for one in texts if one.candidate_index == 0),
        "thinking": "".join(one.text for one in thoughts if one.candidate_index == 0),
        "tool_calls": _calls(response),
        "usage": None if end is None or end.usage is None else dict(end.usage),
        "finish_reason": None if end is None else end.finish_reason,
        "raw_reason": None if end is None else end.raw_reason,
        "ends": sum(event.is_stream_end for event in events),
        "problems": problems,
        "response": response,
    }


def _items(decoder: ChatDecoder, chunks: Iterable[bytes]) -> Iterator[Any]:
    for chunk in chunks:
        yield from decoder.feed(chunk)
        if decoder.finished:
            return
    yield from decoder.end()


def _calls(response: ChatResponse) -> list[dict[str, Any]]:
    return [
        {"id": call.id, "name": call.name, "arguments": call.arguments}
        for call in response.tool_calls
    ]


def fits(seen: dict[str, Any], expected: dict[str, Any]) -> None:
    """``seen`` is what the sample says; where it has no id, any is right."""
    right = expected["finish_reason"]
    assert seen["finish_reason"] in (right if isinstance(right, list) else [right])
    for name in ("text", "thinking", "usage", "raw_reason"):
        assert expected[name] == seen[name], name
    calls = [dict(call) for call in seen["tool_calls"]]
    ids = [call["id"] for call in calls]
    assert len(ids) == len(set(ids)) and all(ids)
    assert len(expected["tool_calls"]) == len(calls)
    for call, known in zip(calls, expected["tool_calls"], strict=True):
        if "id" not in known:
            del call["id"]
    assert expected["tool_calls"] == calls


def sized(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def complete_at(manifest: Manifest, stream: dict[str, Any], marks: Any) -> int:
    """From which byte on a stream may be taken for whole: before, it must not be."""
    data = body(stream)
    if manifest.stream["finish_ends"] and marks["finish"]:
        mark = marks["finish"].encode()
        return data.index(b"\n", data.index(mark))
    mark = marks["done"].encode()
    return data.rindex(mark) + len(mark)


# -- what comes out -----------------------------------------------------------------


def test_there_is_a_sample_of_every_built_in_provider() -> None:
    """No built-in manifest that has chat goes without its provider's bytes."""
    chat = {id for id in builtin.ids() if Manifest.builtin(id).declares("text")}
    assert chat - {*PROVIDERS} == set(), "their tests/chat/wires/ID.json are missing"
    assert {*PROVIDERS} - chat == set(), "these have no manifest, or no chat"


@pytest.mark.parametrize("size", [1, 5, 1 << 20], ids=["bytes", "fives", "whole"])
def test_streams_come_out_right(case: Case, size: int) -> None:
    """Text, thinking, tool calls, usage and reason of every sample, in any chunks."""
    manifest, samples = case
    for stream in samples["streams"].values():
        seen = decode(manifest, sized(body(stream), size))
        assert seen["problems"] == []
        assert seen["ends"] == 1
        fits(seen, stream["expected"])


@pytest.mark.parametrize("provider", SHORT)
def test_every_split_is_the_same(provider: str) -> None:
    """A stream in two chunks is the stream, wherever the first one ends."""
    manifest, stream = Manifest.builtin(provider), sample(provider)["streams"]["text"]
    data = body(stream)
    for at in range(1, len(data)):
        seen = decode(manifest, (data[:at], data[at:]))
        assert seen["problems"] == [], at
        fits(seen, stream["expected"])


def test_candidates_stay_apart() -> None:
    """Two answers in one stream are two, each with its own text and reason."""
    stream = sample("openai")["streams"]["candidates"]
    seen = decode(Manifest.builtin("openai"), [body(stream)])
    found = [
        {"text": one.content, "finish_reason": one.finish_reason}
        for one in seen["response"].candidates
    ]
    assert stream["expected"]["candidates"] == found


# -- what is cut --------------------------------------------------------------------


def _cut(manifest: Manifest, data: bytes, at: int, whole_from: int) -> None:
    seen = decode(manifest, [data[:at]])
    kinds = [type(problem) for problem in seen["problems"]]
    if at < whole_from:
        assert kinds == [errors.StreamError], at
        assert seen["ends"] == 0, at
    elif at == len(data):
        assert kinds == []
    else:  # what ends it has come; the rest is counts, or nothing
        assert kinds in ([], [errors.StreamError]), at


def test_a_cut_stream_is_an_error(case: Case) -> None:
    """Cut at, before and in the middle of any event, a stream says that it was."""
    manifest, samples = case
    for stream in samples["streams"].values():
        data = body(stream)
        whole_from = complete_at(manifest, stream, samples["marks"])
        starts = [at for at in range(len(data)) if data[at : at + 1] == b"\n"]
        for start, stop in zip([0, *starts], [*starts, len(data)], strict=True):
            for at in {start, start + 1, (start + stop) // 2, stop}:
                _cut(manifest, data, at, whole_from)


@pytest.mark.parametrize("provider", SHORT)
def test_a_stream_cut_at_any_byte_is_an_error(provider: str) -> None:
    """No byte of a stream's text can be missing without a word, up to its end."""
    manifest, samples = Manifest.builtin(provider), sample(provider)
    stream = samples["streams"]["text"]
    data, marks = body(stream), samples["marks"]
    for at in range(len(data) + 1):
        _cut(manifest, data, at, complete_at(manifest, stream, marks))


# -- what fails ---------------------------------------------------------------------


def test_an_error_inside_a_stream_is_one(case: Case) -> None:
    """What came before is the caller's; then the provider's error is."""
    manifest, samples = case
    for stream in samples["failing_streams"]:
        seen = decode(manifest, [body(stream)])
        assert len(seen["problems"]) == 1
        assert seen["ends"] == 0
        if stream["code"] is not None:
            assert stream["code"] == seen["problems"][0].standard_code
        if stream["text"] is not None:
            assert stream["text"] == seen["text"]


def test_errors_have_their_standard_code(case: Case) -> None:
    """Each error in the provider's own shape and words is what it is."""
    manifest, samples = case
    for known in samples["errors"]:
        code = failures.classify(manifest, known["status"], known["body"])
        assert known["code"] == code, known


def test_whole_answers_come_out_right(case: Case) -> None:
    """An answer that was not streamed gives what a stream would have given."""
    manifest, samples = case
    for reply in samples["replies"].values():
        response = read_response(manifest, reply["body"])
        seen = {
            "text": response.content,
            "thinking": response.thinking or "",
            "tool_calls": _calls(response),
            "usage": dict(response.usage),
            "finish_reason": response.finish_reason,
            "raw_reason": response.raw_finish_reason,
        }
        fits(seen, reply["expected"])


@pytest.mark.skipif(not FOREIGN, reason=f"no AI-Protocol data at {SHARED}")
def test_the_shared_manifests_are_tried() -> None:
    """Every manifest of the shared folder has samples to be tried on."""
    assert {path.stem for path in FOREIGN} <= set(PROVIDERS)
