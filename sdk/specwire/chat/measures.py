"""How large a file may be for a provider, and of which formats, by its manifest.

``multimodal`` of a manifest says it: ``input.vision``, ``input.audio`` and the like of
what messages hold, ``speech_to_text`` and others of operations, each as
``{"formats": ["png", ...], "max_file_size": "20MB"}``. What it does not say is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from ..core.errors import RequestValidationError, UnsupportedCapabilityError

_SIZE = re.compile(r"\s*([0-9.]+)\s*([KMG]?)i?B?\s*", re.IGNORECASE)
_UNITS: Final = {"": 0, "K": 10, "M": 20, "G": 30}
_ALIKE: Final = {
    "jpg": "jpeg",
    "mpeg": "mp3",
    "mpga": "mp3",
    "mp4": "m4a",
    "wave": "wav",
    "vnd.wave": "wav",
    "plain": "txt",
    "text": "txt",
    "markdown": "md",
    "htm": "html",
    "quicktime": "mov",
    "heif": "heic",
}
"""Endings of media types, and words of manifests, that mean the same as another."""


def rule(record: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """What the manifest says at ``multimodal.<names>``; empty where it says nothing."""
    found: Any = (record.get("raw") or {}).get("multimodal")
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def check_size(where: str, said: Mapping[str, Any], size: int) -> None:
    """See that ``size`` bytes are not too many.

    :raises RequestValidationError: where they are.
    """
    most = bytes_of(str(said.get("max_file_size") or ""))
    if most is not None and size > most:
        raise RequestValidationError(
            f"{where}: expected at most {said['max_file_size']}, got "
            f"{size / (1 << 20):.1f} MB; make it smaller or send it in parts"
        )


def check_format(
    where: str, said: Mapping[str, Any], format: str | None, capability: str
) -> None:
    """See that ``format`` (``png``, ``audio/mpeg``) is one of those that are taken.

    :raises UnsupportedCapabilityError: where it is not; nothing was sent.
    """
    known = said.get("formats")
    if not format or not isinstance(known, (list, tuple)) or not known:
        return
    if same(format) not in {same(str(each)) for each in known}:
        raise UnsupportedCapabilityError(
            f"{where}: expected {', '.join(map(str, known))}, got {same(format)}; the "
            "provider takes no other; nothing was sent",
            pointer=None,
            capability=capability,
        )


@lru_cache(256)
def bytes_of(size: str) -> int | None:
    """``"20MB"`` as a number of bytes, by units of 1,024; ``None`` for no size."""
    found = _SIZE.fullmatch(size)
    try:
        return int(float(found[1]) * (1 << _UNITS[found[2].upper()])) if found else None
    except ValueError:
        return None


@lru_cache(256)
def same(format: str) -> str:
    """One word for a format: ``audio/mpeg``, ``MP3`` and ``mpga`` are ``mp3``."""
    word = format.lower().partition(";")[0].rpartition("/")[2].removeprefix("x-")
    return _ALIKE.get(word, word)
