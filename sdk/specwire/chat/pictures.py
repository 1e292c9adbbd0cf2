"""Pictures by Pillow: one that is held in memory as bytes, a large one made smaller.

Pillow is the extra ``vision`` and is imported where a picture is made smaller. One that
a program has made with it brings its own ``save``.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ..core.errors import RequestValidationError
from ..core.extras import needed

_LOSSY = ("JPEG", "WEBP")


def encoded(picture: Any) -> bytes:
    """The bytes of a Pillow image, in the format that it was read from; else PNG.

    :raises RequestValidationError: where Pillow cannot write it.
    """
    format = picture.format if picture.format in (*_LOSSY, "PNG", "GIF") else "PNG"
    return _written(picture, format)


def fitted(raw: bytes, most: int) -> bytes:
    """The picture in ``raw`` with sides of at most ``most`` pixels, as it is if small.

    :raises ImportError: where Pillow is missing.
    :raises RequestValidationError: where it cannot read the picture.
    """
    if most < 1:
        raise RequestValidationError(f"image: expected max_side above 0, got {most}")
    with needed("vision", "ContentBlock.image_of(max_side=)"):
        from PIL import Image
    try:
        with Image.open(BytesIO(raw)) as picture:
            if max(picture.size) <= most:
                return raw
            format = picture.format or "PNG"
            picture.thumbnail((most, most))
            return _written(picture, format)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RequestValidationError(
            f"image: Pillow cannot read it ({str(error)[:80]})"
        ) from error


def _written(picture: Any, format: str) -> bytes:
    out = BytesIO()
    try:
        picture.save(out, format)
    except (OSError, ValueError, KeyError) as error:
        raise RequestValidationError(
            f"image: Pillow cannot write mode {picture.mode} as {format} "
            f"({str(error)[:80]}); convert it, to RGB say"
        ) from error
    return out.getvalue()
