"""Pictures and films that show nothing: valid, of the size that was asked for.

What is handed out as an address lies in the sandbox and is served from there without a
key, as the storage of a provider does.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..multipart import MalformedMultipart, read_parts
from ..state import State
from ..values import Request, Response, json_response
from .errors import refuse
from .forms_of_media import CHANGED
from .providers import Provider

_CREATED: Final = 1_735_689_600
_FILM: Final = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 4096
_FAILS: Final = "unthinkable"
"""A film of this fails."""


def draw(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """Pictures of what the body says."""
    body = request.json
    model = body.get("model") or "dall-e-2"
    if provider.id == "openai" and model.startswith("gpt-image"):
        if "response_format" in body:
            text = "Unknown parameter: 'response_format'."
            raise refuse(provider, "unknown_member", text, param="response_format")
        held = True
    else:
        held = body.get("response_format", "url") != "url" and provider.id != "zhipu"
    size, count = body.get("size") or "", body.get("n") or 1
    return _pictures(provider, state, size, count, held=held)


def change(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """Pictures made of pictures: an edit, which has a prompt, or a variation."""
    fields, pictures = _form(provider, request)
    if request.path.endswith("/edits") and not fields.get("prompt"):
        text = "Missing required parameter: 'prompt'."
        raise refuse(provider, "bad_body", text, param="prompt")
    if not pictures or not all(each.startswith(b"\x89PNG") for each in pictures):
        text = "Invalid image file or mode for image 1, please check your image file."
        raise refuse(provider, "bad_body", text, param="image")
    held = fields.get("model", "").startswith("gpt-image")
    held = held or fields.get("response_format") == "b64_json"
    count = int(fields.get("n") or 1)
    return _pictures(provider, state, fields.get("size") or "", count, held=held)


def _form(provider: Provider, request: Request) -> tuple[dict[str, str], list[bytes]]:
    try:
        parts = read_parts(request.headers.get("content-type", ""), request.body)
    except MalformedMultipart as error:
        raise refuse(provider, "bad_body", f"Could not parse form: {error}") from None
    for part in parts:
        if part.name not in CHANGED:
            text = f"Unknown parameter: '{part.name}'."
            raise refuse(provider, "unknown_member", text, param=part.name)
    texts = {
        part.name: part.content.read().decode("utf-8", "replace")
        for part in parts
        if part.filename is None
    }
    files = [part.content.read() for part in parts if part.filename is not None]
    return texts, files


def _pictures(
    provider: Provider, state: State, size: str, count: int, *, held: bool
) -> Response:
    width, _, height = size.partition("x")
    if width.isdigit() and height.isdigit():
        file = png(min(int(width), 4096), min(int(height), 4096))
    else:
        file = png(1024, 1024)
    made: list[dict[str, Any]] = []
    for _ in range(count):
        if held:
            made.append({"b64_json": base64.b64encode(file).decode()})
        else:
            made.append({"url": kept(provider, state, "image/png", file)})
    usage = {"input_tokens": 8, "output_tokens": 272 * count}
    answer = {"created": _CREATED, "data": made}
    if provider.id in ("openai", "azure"):
        answer["usage"] = {**usage, "total_tokens": sum(usage.values())}
    return json_response(answer)


@lru_cache(16)
def png(width: int, height: int) -> bytes:
    """A white picture."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = (b"\0" + b"\xff" * ((width + 7) // 8)) * height
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def kept(provider: Provider, state: State, content_type: str, file: bytes) -> str:
    """The address of ``file`` from now on."""
    id = state.ids.new("media_", 16)
    with state.lock:
        state.media[id] = (content_type, file)
    return f"{state.base_url}/{provider.id}{provider.roots[0]}/stored/{id}"


def fetch(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """A file that was handed out as an address."""
    found = state.media.get(args["id"])
    if found is None:
        raise refuse(provider, "no_path", path=request.path)
    return Response(body=found[1], content_type=found[0])


# -- films ---------------------------------------------------------------------------


def film(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """A film is begun; it takes as many looks as a job."""
    id = state.ids.new("film_", 20)
    with state.lock:
        state.films[id] = [state.job_steps, request.json.get("prompt") or ""]
    if provider.id == "xai":
        return json_response({"request_id": id})
    begun = {"request_id": state.ids.new("", 20), "id": id, "task_status": "PROCESSING"}
    return json_response({"model": request.json["model"], **begun})


def look(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """How far a film is."""
    with state.lock:
        found = state.films.get(args["id"])
        if found is None:
            raise refuse(provider, "no_path", path=request.path)
        found[0] -= 1
        left, prompt = found
    failed = _FAILS in prompt
    if left >= 0:
        words = ("pending", "PROCESSING")
    else:
        words = ("failed", "FAIL") if failed else ("done", "SUCCESS")
    over = left < 0 and not failed
    url = kept(provider, state, "video/mp4", _FILM) if over else None
    if provider.id == "xai":
        answer: dict[str, Any] = {"status": words[0], "model": "grok-imagine-video"}
        if url:
            answer["video"] = {"url": url, "duration": 5, "respect_moderation": True}
        elif left < 0:
            answer["error"] = {
                "code": "invalid_argument",
                "message": "It is unthinkable",
            }
        return json_response(answer)
    answer = {"id": args["id"], "task_status": words[1], "model": "cogvideox-3"}
    if url:
        still = url.replace("film", "still")
        answer["video_result"] = [{"cover_image_url": still, "url": url}]
    return json_response(answer)
