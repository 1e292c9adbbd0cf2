"""The wire languages of chat: what a provider's record cannot say as data.

A dialect encodes messages, tools, images and the form of the answer. What differs
between providers of one dialect (names of parameters, roles, where the system text
goes) stands in the record and is read here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...core.errors import ManifestError
from ..messages import ContentBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .base import Dialect

_HOMES = {
    "openai": ".openai",
    "anthropic": ".anthropic",
    "gemini": ".gemini",
    "cohere": ".cohere",
}
_STYLES = {
    "openai_compatible": "openai",
    "anthropic_messages": "anthropic",
    "gemini_generate": "gemini",
    "cohere_v2": "cohere",
}
"""Names that contracts have for dialects."""


def dialect(name: str) -> type[Dialect]:
    """The dialect of that name, or of the ``api_style`` of that name.

    :raises ManifestError: where there is none.
    """
    home = _HOMES.get(_STYLES.get(name, name))
    if home is None:
        raise ManifestError(f"dialect {name!r} is not one of {', '.join(_HOMES)}")
    found: type[Dialect] = import_module(home, __name__).DIALECT
    return found


def encode_blocks(
    style: str,
    blocks: Iterable[ContentBlock | Mapping[str, Any] | str],
    rules: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Content as the dialect ``style`` has it on the wire.

    :param rules: the record's ``blocks``: how documents and images are written.
    :raises RequestValidationError: for a block that cannot be sent.
    """
    record = {"id": style, "blocks": rules or {}}
    encoder = dialect(style)(record)
    return encoder.parts([ContentBlock.of(block) for block in blocks])
