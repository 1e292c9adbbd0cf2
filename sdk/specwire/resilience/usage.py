"""How many tokens of text a call will take, and how many its reply says it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..core.wire import Call

_BYTES_A_TOKEN: Final = 4
_MOST: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_PARTS: Final = (
    ("input_tokens", "prompt_tokens", "promptTokenCount"),
    ("output_tokens", "completion_tokens", "candidatesTokenCount"),
)
_TOTALS: Final = ("total_tokens", "totalTokenCount")


def estimated_tokens(call: Call) -> float:
    """A quarter of the body's bytes, and what the call lets the model write."""
    body = call.request.body
    size = len(body) if isinstance(body, (bytes, bytearray, str)) else 0
    most = next((call.args[name] for name in _MOST if call.args.get(name)), 0)
    return size / _BYTES_A_TOKEN + (most if isinstance(most, (int, float)) else 0)


def used_tokens(told: Any) -> float:
    """The tokens in the usage of a reply or of a stream's event; 0 without any."""
    for holder in (told, _get(told, "message"), _get(told, "response")):
        usage = _get(holder, "usage") or _get(holder, "usageMetadata")
        if usage is not None:
            return _total(usage)
    return 0.0


def _total(usage: Any) -> float:
    total = _first(usage, _TOTALS)
    return total or sum(_first(usage, names) for names in _PARTS)


def _first(usage: Any, names: tuple[str, ...]) -> float:
    for name in names:
        value = _get(usage, name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return 0.0


def _get(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)
