"""Bodies of what is spoken, drawn and filmed, and the fields of what is heard."""

from __future__ import annotations

from typing import Final

from .schemas import ANY, COUNT, FLAG, OBJECT, TEXT, WHOLE, Schema, between, closed

_SPEECH = closed(
    "model input voice",
    model=TEXT,
    input={"type": "string", "minLength": 1, "maxLength": 4096},
    voice={"anyOf": [{"type": "string", "minLength": 1}, OBJECT]},
    instructions=TEXT,
    response_format={"enum": ["mp3", "opus", "aac", "flac", "wav", "pcm"]},
    speed=between(0.25, 4),
    stream_format={"enum": ["sse", "audio"]},
)
_PICTURES = closed(
    "prompt",
    prompt={"type": "string", "minLength": 1, "maxLength": 32_000},
    model=TEXT,
    n={"type": "integer", "minimum": 1, "maximum": 10},
    size=TEXT,
    quality=TEXT,
    style=TEXT,
    background=TEXT,
    moderation=TEXT,
    output_format={"enum": ["png", "jpeg", "webp"]},
    output_compression=WHOLE,
    response_format={"enum": ["url", "b64_json", "base64"]},
    partial_images=WHOLE,
    stream=FLAG,
    user=TEXT,
)
_FILM = closed(
    "model",
    model=TEXT,
    prompt=TEXT,
    image=ANY,
    image_url=ANY,
    duration=COUNT,
    aspect_ratio=TEXT,
    resolution=TEXT,
    quality=TEXT,
    size=TEXT,
    fps=COUNT,
    with_audio=FLAG,
    request_id=TEXT,
    user_id=TEXT,
)
FORMS: Final[Schema] = {"speech": _SPEECH, "pictures": _PICTURES, "film": _FILM}
"""The schemas by operation."""
HEARD: Final = frozenset(
    (
        *("file", "model", "language", "prompt", "response_format", "temperature"),
        *("stream", "include[]", "timestamp_granularities[]", "chunking_strategy"),
    )
)
"""Fields of a transcription."""
CHANGED: Final = frozenset(
    (
        *("image", "image[]", "mask", "prompt", "model", "n", "size", "quality"),
        *("background", "input_fidelity", "output_format", "output_compression"),
        *("response_format", "stream", "partial_images", "user"),
    )
)
"""Fields of an edit, and of a variation."""
