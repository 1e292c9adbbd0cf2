"""The Gemini dialect: contents in, candidates out, whole or in pieces.

A stream is a JSON array, or server-sent events with ``alt=sse``. Each piece is a whole
answer in shape; the last one has the reason to stop.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from ..shapes import sse
from ..state import State, scramble
from ..values import Request, Response, dump_json, event_response, json_response
from . import drawing, sound, telling
from .checking import check
from .errors import refuse
from .providers import Provider
from .telling import Told, Turns

_FINISH = {"max_tokens": "MAX_TOKENS", "refusal": "SAFETY"}
_OPAQUE = frozenset(
    ("args", "response", "parameters", "responseSchema", "parametersJsonSchema")
)
_OPAQUE_TOO = frozenset(("responseJsonSchema",))


def generate(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One answer, whole; one in sound or a picture where that is wished."""
    config = request.json.get("generationConfig") or {}
    wished = {each.upper() for each in config.get("responseModalities") or ()}
    if wished & {"AUDIO", "IMAGE"}:
        _check(provider, request.json)
        return _shown(provider, request.json, args["model"], wished, state)
    told = _tell(provider, request.json, args["model"], state)
    return json_response(_whole(told, args["model"], state))


def stream(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One answer, in pieces."""
    told = _tell(provider, request.json, args["model"], state)
    whole = _whole(told, args["model"], state)
    if request.as_json:
        return json_response(whole)
    pieces = _pieces(whole)
    if dict(request.query_pairs).get("alt") == "sse":
        return event_response(sse(piece) for piece in pieces)
    return Response(
        content_type="application/json; charset=UTF-8", events=_array(pieces)
    )


def count_tokens(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """How many tokens the prompt of ``contents``, or of a whole request, has."""
    whole = request.json.get("generateContentRequest")
    body = {k: v for k, v in (whole or request.json).items() if k != "model"}
    check(provider, "generate", body)
    told = _tell(provider, body, args["model"], state)
    return json_response({"totalTokens": told[0].prompt_tokens})


def camel(value: Any, name: str = "") -> Any:
    """``value`` with the names of its members as JSON has them.

    The API understands those of its protocol buffers, too: ``generation_config``.
    """
    if name in _OPAQUE or name in _OPAQUE_TOO:
        return value
    if isinstance(value, list):
        return [camel(each, name) for each in value]
    if not isinstance(value, dict):
        return value
    renamed = {}
    for key, each in value.items():
        first, *rest = key.split("_")
        renamed_key = first + "".join(part.capitalize() for part in rest)
        renamed[renamed_key] = camel(each, renamed_key)
    return renamed


def _tell(provider: Provider, body: Any, model: str, state: State) -> list[Told]:
    _check(provider, body)
    config = body.get("generationConfig") or {}
    turns = Turns()
    for part in (body.get("systemInstruction") or {}).get("parts", ()):
        turns.system.append(part.get("text", ""))
    for content in body["contents"]:
        role = "assistant" if content.get("role") == "model" else "user"
        turns.add(role, [_block(part) for part in content["parts"]])
    declared = [
        each
        for tool in body.get("tools") or ()
        for each in tool.get("functionDeclarations") or ()
    ]
    wants_json = config.get("responseMimeType") == "application/json"
    schema = config.get("responseSchema") or config.get("responseJsonSchema")
    thinks = (config.get("thinkingConfig") or {}).get("includeThoughts")
    params = turns.params(
        model,
        config.get("maxOutputTokens"),
        tools=[_tool(each) for each in declared] or None,
        tool_choice=_tool_choice(body) if declared else None,
        stop_sequences=config.get("stopSequences"),
        output_config=telling.json_form(_lower(schema)) if wants_json else None,
        thinking={"type": "enabled"} if thinks else None,
        seed=config.get("seed"),
    )
    return telling.tell(params, state, count=config.get("candidateCount") or 1)


def _block(part: dict[str, Any]) -> dict[str, Any]:
    if "functionCall" in part:
        call = part["functionCall"]
        return telling.use_block(
            call.get("id") or call["name"], call["name"], call.get("args") or {}
        )
    if "functionResponse" in part:
        answer = part["functionResponse"]
        text = dump_json(answer["response"]).decode()
        found = answer["response"].get("output", answer["response"].get("result"))
        text = found if isinstance(found, str) else text
        return telling.result_block(
            answer.get("id") or answer["name"], [telling.text_block(text)]
        )
    if "inlineData" in part or "fileData" in part:
        return telling.media_block()
    return telling.text_block(part.get("text", ""))


def _tool(declared: dict[str, Any]) -> dict[str, Any]:
    schema = declared.get("parametersJsonSchema") or declared.get("parameters")
    return telling.tool(declared["name"], declared.get("description"), _lower(schema))


def _lower(schema: Any) -> Any:
    """A schema with JSON Schema's names of types: ``STRING`` is ``string``."""
    if isinstance(schema, list):
        return [_lower(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: each.lower() if name == "type" and isinstance(each, str) else _lower(each)
        for name, each in schema.items()
    }


def _tool_choice(body: Any) -> dict[str, Any]:
    config = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    allowed = config.get("allowedFunctionNames") or []
    mode = config.get("mode", "AUTO")
    if mode == "ANY" and len(allowed) == 1:
        return {"type": "tool", "name": allowed[0]}
    return {"type": {"ANY": "any", "NONE": "none"}.get(mode, "auto")}


def _check(provider: Provider, body: Any) -> None:
    """A turn with answers of functions comes right after one with as many calls."""
    calls = 0
    for at, content in enumerate(body["contents"]):
        answers = sum("functionResponse" in part for part in content["parts"])
        if answers and answers != calls:
            text = (
                "Please ensure that the number of function response parts is equal to "
                "the number of function call parts of the function call turn."
            )
            raise refuse(provider, "bad_body", text)
        for index, part in enumerate(content["parts"]):
            if not set(part) - {"thought", "thoughtSignature"}:
                where = f"contents[{at}].parts[{index}].data"
                text = f"* GenerateContentRequest.{where}: required oneof field 'data'"
                text += " must have one initialized field"
                raise refuse(provider, "bad_body", text, param=where)
        calls = sum("functionCall" in part for part in content["parts"])
    if body["contents"][-1].get("role") == "model" and calls:
        text = (
            "Please ensure that function call turn comes immediately after a user "
            "turn or after a function response turn."
        )
        raise refuse(provider, "bad_body", text)


# -- the answer ----------------------------------------------------------------------


def _whole(told: list[Told], model: str, state: State) -> dict[str, Any]:
    candidates = []
    for index, each in enumerate(told):
        content = {"parts": _parts(each), "role": "model"}
        finish = _FINISH.get(each.stop, "STOP")
        candidate = {"content": content, "finishReason": finish, "index": index}
        if finish == "SAFETY":
            rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT"}
            candidate["safetyRatings"] = [{**rating, "probability": "HIGH"}]
        candidates.append(candidate)
    return {
        "candidates": candidates,
        "usageMetadata": _usage(told),
        "modelVersion": model,
        "responseId": state.ids.new("", 20),
    }


def _shown(
    provider: Provider, body: Any, model: str, wished: set[str], state: State
) -> Response:
    """The text, spoken, or a picture of it."""
    kind = "AUDIO" if "AUDIO" in wished else "IMAGE"
    if ("tts" if kind == "AUDIO" else "image") not in model:
        text = f"This model only supports text output, not {kind}."
        raise refuse(provider, "bad_body", text)
    said = [part.get("text", "") for part in body["contents"][-1]["parts"]]
    if kind == "AUDIO":
        file = sound.spoken("".join(said), "pcm", state)
        held = {"mimeType": f"audio/L16;codec=pcm;rate={sound.RATE}"}
    else:
        file, held = drawing.png(1024, 1024), {"mimeType": "image/png"}
    held["data"] = base64.b64encode(file).decode()
    content = {"parts": [{"inlineData": held}], "role": "model"}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": 8, "candidatesTokenCount": 48, "totalTokenCount": 56}
    return json_response(
        {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model}
    )


def _parts(told: Told) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if told.thinking:
        parts.append({"text": told.thinking, "thought": True})
    if told.text:
        parts.append({"text": told.text})
    for call in told.calls:
        part: dict[str, Any] = {"functionCall": {"name": call.name, "args": call.input}}
        if told.thinking:
            part["thoughtSignature"] = scramble(call.arguments, 32)
        parts.append(part)
    return parts


def _usage(told: list[Told]) -> dict[str, Any]:
    thought = sum(each.thinking_tokens for each in told)
    said = sum(each.completion_tokens for each in told) - thought
    asked = told[0].prompt_tokens
    usage: dict[str, Any] = {
        "promptTokenCount": asked,
        "candidatesTokenCount": said,
        "totalTokenCount": asked + said + thought,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": asked}],
    }
    if thought:
        usage["thoughtsTokenCount"] = thought
    return usage


def _pieces(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Answers that add up to ``whole``."""
    candidates = whole["candidates"]
    turns = list(zip_longest(*map(_portions, candidates)))
    early = {**whole["usageMetadata"]}
    early.pop("candidatesTokenCount", None)
    for number, turn in enumerate(turns, 1):
        shown = [candidate for candidate in turn if candidate is not None]
        usage = whole["usageMetadata"] if number == len(turns) else early
        yield {**whole, "candidates": shown, "usageMetadata": usage}


def _portions(candidate: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ending = {n: each for n, each in candidate.items() if n not in ("content", "index")}
    portions = [
        {**part, "text": piece} if "text" in part else part
        for part in candidate["content"]["parts"]
        for piece in (telling.pieces(part["text"]) if "text" in part else [""])
    ] or [{"text": ""}]
    for number, portion in enumerate(portions, 1):
        content = {"parts": [portion], "role": "model"}
        made = {"content": content, "index": candidate["index"]}
        yield {**made, **ending} if number == len(portions) else made


def _array(pieces: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    begin = b"["
    for piece in pieces:
        yield begin + dump_json(piece)
        begin = b",\r\n"
    yield b"]"
