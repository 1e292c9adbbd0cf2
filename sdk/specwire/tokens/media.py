"""What images, documents and recordings cost in tokens, by the providers' rules.

An image's size is read from its first bytes; one that is elsewhere counts as 1024 by
1024 pixels. Nothing is fetched.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import Any, Final

from ..chat.dialects.media import KINDS as KINDS
from ..chat.dialects.media import Source, source_of
from ..chat.messages import ContentBlock
from ..core.errors import RequestValidationError

_UNKNOWN: Final = (1024, 1024)
_HEAD: Final = 1 << 18
"""Characters of base64 that are read: a JPEG may have its size behind a preview."""
_PAGE: Final = 2000
_SECOND: Final = {"audio": 32, "video": 263}
_BYTES_A_SECOND: Final = {"audio": 16_000, "video": 250_000}


def tokens(count: Callable[[str], int], block: ContentBlock, vendor: str) -> int:
    """The tokens of a block that holds an image, a document, a recording or a film."""
    try:
        source = source_of(block, "tokens", {})
    except RequestValidationError:
        source = Source(KINDS[block.type], "url", "", None, None)
    if source.how == "text":
        return count(source.titled)
    if source.kind == "image":
        return image(*_size(source), vendor, detail=_detail(block))
    if source.kind == "document":
        pages = len(re.findall(rb"/Type\s*/Page(?![a-z])", _bytes(source, 1 << 24)))
        return max(pages, 1) * _PAGE
    many = len(source.data) * 3 // 4 if source.how == "base64" else 0
    seconds = many / _BYTES_A_SECOND[source.kind] or 60
    return max(1, math.ceil(seconds * _SECOND[source.kind]))


def image(
    width: float, height: float, vendor: str, *, detail: str | None = None
) -> int:
    """The tokens of an image of so many pixels.

    https://platform.openai.com/docs/guides/images-vision
    https://docs.claude.com/en/docs/build-with-claude/vision
    https://ai.google.dev/gemini-api/docs/tokens
    """
    if vendor == "anthropic":
        width, height = _within(width, height, 1568)
        return min(math.ceil(width * height / 750), 1600)
    if vendor == "gemini":
        if max(width, height) <= 384:
            return 258
        unit = min(max(min(width, height) / 1.5, 256), 768)
        return 258 * math.ceil(width / unit) * math.ceil(height / unit)
    if detail == "low":
        return 85
    width, height = _within(width, height, 2048)
    short = min(width, height)
    if short > 768:
        width, height = width * 768 / short, height * 768 / short
    return 85 + 170 * math.ceil(width / 512) * math.ceil(height / 512)


def _within(width: float, height: float, most: int) -> tuple[float, float]:
    scale = min(1.0, most / max(width, height, 1))
    return width * scale, height * scale


def _detail(block: ContentBlock) -> str | None:
    inner = block.members.get("image_url")
    found = inner.get("detail") if isinstance(inner, dict) else block.detail
    return found if isinstance(found, str) else None


def _bytes(source: Source, most: int) -> bytes:
    if source.how != "base64":
        return b""
    text = source.data[: most // 4 * 4]
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def _size(source: Source) -> tuple[int, int]:
    return size_of(_bytes(source, _HEAD)) or _UNKNOWN


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, WebP or JPEG, from its beginning."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        found = _number(data[16:20]), _number(data[20:24])
    elif data[:4] == b"GIF8" and len(data) >= 10:
        found = _number(data[6:8], "little"), _number(data[8:10], "little")
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        found = _of_webp(data)
    elif data[:2] == b"\xff\xd8":
        found = _of_jpeg(data) or (0, 0)
    else:
        return None
    return found if min(found) > 0 else None


def _number(data: bytes, order: Any = "big") -> int:
    return int.from_bytes(data, order)


def _of_webp(data: bytes) -> tuple[int, int]:
    if data[12:16] == b"VP8X":
        return _number(data[24:27], "little") + 1, _number(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = _number(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    short = _number(data[26:28], "little"), _number(data[28:30], "little")
    return short[0] & 0x3FFF, short[1] & 0x3FFF


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            return _number(data[at + 7 : at + 9]), _number(data[at + 5 : at + 7])
        at += 2 + _number(data[at + 2 : at + 4])
    return None
