"""Models: limits, modalities and prices, from a registry or inside a manifest.

Prices come out as US dollars for a million tokens, whichever unit they were given in.
"""

from __future__ import annotations

from typing import Any

from .manifest_reading import Reader, unique

_PRICES = {
    "input": ("input", "prompt"),
    "output": ("output", "completion"),
    "cache_read": ("cache_read", "cache_hit_input", "cached_input"),
    "cache_write": ("cache_write", "cache_creation", "cache_write_input"),
}
_UNITS = {
    "per_1m": 1,
    "per_1m_tokens": 1,
    "per_million": 1,
    "per_1k": 1_000,
    "per_1k_tokens": 1_000,
    "per_token": 1_000_000,
}
_FLAGS = {
    "tools": ("tool_call", "tools"),
    "json": ("structured_output", "json"),
    "reasoning": ("reasoning", "thinking"),
}


def models(
    said: Reader, *, provider: str | None = None, as_of: str | None = None
) -> dict[str, Any]:
    """Every model of a mapping from name to description."""
    return {
        str(name): _model(said.table(str(name)), str(name), provider, as_of)
        for name in said.data
    }


def _model(
    one: Reader, name: str, provider: str | None, as_of: str | None
) -> dict[str, Any]:
    capabilities = one.texts("capabilities")
    modalities = one.table("modalities")
    inputs = modalities.texts("input") or _inputs(capabilities)
    flags = one.table("model_capabilities")
    verified = one.table("verification").text("verified_at")
    made: dict[str, Any] = {
        "provider": one.text("provider") or provider,
        "id": one.text("model_id") or name,
        "name": one.text("name") or one.text("display_name"),
        "context_window": one.whole("context_window"),
        "max_output_tokens": one.whole("max_output_tokens"),
        "input": unique(inputs),
        "output": modalities.texts("output") if "output" in modalities else ["text"],
        "prices": _prices(one),
        "as_of": one.text("as_of") or as_of or verified,
        "status": one.text("status") or "active",
        "aliases": one.texts("aliases"),
    }
    for flag, names in _FLAGS.items():
        stated = [flags.flag(each) for each in names]
        known = [value for value in stated if value is not None]
        made[flag] = known[0] if known else _among(names, capabilities)
    return made


def _inputs(capabilities: list[str]) -> list[str]:
    known = {"vision": "image", "audio": "audio", "video": "video"}
    return ["text", *(known[one] for one in capabilities if one in known)]


def _among(names: tuple[str, ...], capabilities: list[str]) -> bool | None:
    if not capabilities:
        return None
    return any(name in capabilities for name in names)


def _prices(one: Reader) -> dict[str, float]:
    said = one.table("pricing")
    currency = said.text("currency")
    found: dict[str, float] = {}
    if currency not in (None, "USD"):
        return found
    for kind, names in _PRICES.items():
        for unit, factor in _UNITS.items():
            keys = (f"{name}_{unit}" for name in names)
            for key in keys:
                if key in said and kind not in found:
                    # Prices are decimal: 0.00000015 times a million is 0.15.
                    found[kind] = round((said.number(key) or 0.0) * factor, 9)
    return found
