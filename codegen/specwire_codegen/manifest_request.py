"""What a manifest says about requests: parameters, roles, blocks, capabilities.

A parameter has a standard name; where it goes is the contract's place unless the
manifest names another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .manifest_reading import Reader, merged, unique

_TYPES = {
    "int": "integer",
    "double": "float",
    "number": "float",
    "bool": "boolean",
    "str": "string",
    "list": "array",
    "dict": "object",
    "string_or_object": None,
    "any": None,
}
_NO_PARAMETER = frozenset({"system_message", "system", "messages", "model"})
_SYSTEM = {
    "inline": "message",
    "message": "message",
    "top_level_field": "top_level",
    "top_level": "top_level",
    "instruction": "instruction",
    "prepend_to_user": "prepend_to_user",
    "not_supported": "prepend_to_user",
}
_CAPABILITIES = {
    "chat": "text",
    "completion": "text",
    "stream": "streaming",
    "tool_use": "tools",
    "tool_call": "tools",
    "tool_calling": "tools",
    "function_calling": "tools",
    "parallel_tool_calls": "parallel_tools",
    "multimodal": "vision",
    "image": "vision",
    "images": "vision",
    "thinking": "reasoning",
    "extended_thinking": "reasoning",
    "embedding": "embeddings",
    "json": "structured_output",
    "json_mode": "structured_output",
    "json_schema": "structured_output",
    "structured_outputs": "structured_output",
    "reranking": "rerank",
    "mcp": "mcp_client",
    "speech_to_text": "stt",
    "text_to_speech": "tts",
}
_IMPLIED = (
    "structured_output",
    "parallel_tool_calls",
    "extended_thinking",
    "image_generation",
)


# -- parameters --------------------------------------------------------------------


def parameters(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """Standard name to ``{"wire": [...], "type", "min", ...}``."""
    known: Mapping[str, Any] = contract["parameters"]
    out: dict[str, Any] = {name: dict(one) for name, one in known.items()}
    table = manifest.table("parameters")
    for key in table.data:
        name = str(key)
        # A parameter may be described by its type alone, or not at all.
        one = table.table(name) if isinstance(table.data[key], dict) else None
        if one is not None and name not in _NO_PARAMETER:
            standard, wire = _names(name, one.text("alias"), known)
            before = out.get(standard, {"wire": wire})
            out[standard] = _parameter(one, before, wire, standard in known)
    for name, place in _mappings(manifest).items():
        if name not in _NO_PARAMETER:
            wire = _placed(place, known.get(name))
            out[name] = {**_blank(wire), **out.get(name, {}), "wire": wire}
    return out


def _mappings(manifest: Reader) -> dict[str, str]:
    request = manifest.table("provider_contract").table("request_mapping")
    return request.mapping("parameter_aliases") | manifest.mapping("parameter_mappings")


def _names(
    key: str, alias: str | None, known: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """The standard name and the place; a key or its alias may be the name."""
    standard, place = key, alias or key
    if alias is not None and key not in known and (alias in known or "." in key):
        standard, place = alias, key
    if alias is None and key not in known:
        by_wire = [name for name, one in known.items() if one["wire"][-1] == key]
        standard = by_wire[0] if by_wire else key
    if alias is None and standard in known:
        return standard, list(known[standard]["wire"])
    return standard, _placed(place, known.get(standard))


def _placed(place: str, usual: Mapping[str, Any] | None) -> list[str]:
    """A place without a dot, where the contract's is a nested one, is a slip."""
    steps = place.split(".")
    if len(steps) == 1 and usual and len(usual["wire"]) > 1:
        return list(usual["wire"])
    return steps


def _blank(wire: Sequence[str]) -> dict[str, Any]:
    blank = dict.fromkeys(("type", "min", "max", "default", "enum"))
    return {"wire": list(wire), **blank, "required": False}


def _parameter(
    one: Reader, before: Mapping[str, Any], wire: list[str], standard: bool
) -> dict[str, Any]:
    made = {**_blank(wire), **before, "wire": wire}
    kind = one.text("type")
    if kind is not None:
        made["type"] = _TYPES.get(kind, kind)
    bounds = one.items("range")
    if len(bounds) == 2 and all(isinstance(each, (int, float)) for each in bounds):
        made["min"], made["max"] = bounds
    elif "range" in one:
        one.bad("M003", "expected two numbers", "range")
    for key in ("min", "max"):
        if key in one:
            made[key] = one.number(key)
    if "enum" in one or "values" in one:
        made["enum"] = one.items("enum") or one.items("values")
    if one.data.get("default") is not None and standard and wire != ["stream"]:
        # A default of what no chat knows (a rerank's, say) must not reach a chat.
        made["default"] = one.data["default"]
    for key in ("required", "supported"):
        if one.flag(key) is not None:
            made[key] = one.flag(key)
    return made


def multi_candidate(
    manifest: Reader, contract: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """How several candidates are asked for."""
    made = dict(contract["multi_candidate"])
    said = manifest.table("features").data.get("multi_candidate")
    if isinstance(said, bool):
        return made if said else {"how": "none", "wire": None, "max": None}
    one = manifest.table("features").table("multi_candidate")
    how = one.text("support_type")
    if how in ("native", "simulated", "none"):
        made["how"] = how
    name = one.text("param_name")
    if name:
        made["wire"] = _placed(name, contract["parameters"].get("n"))
    elif made["how"] == "native" and "n" in parameters:
        made["wire"] = parameters["n"]["wire"]
    limit = one.whole("max_concurrent") or one.whole("max_candidates")
    return {**made, "max": limit or made["max"]}


# -- messages ----------------------------------------------------------------------


def messages(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """``roles``, ``system`` and ``blocks``."""
    request = manifest.table("provider_contract").table("request_mapping")
    said = manifest.text("x-system") or request.text("system_message_handling")
    if said is not None and said not in _SYSTEM:
        hint = f"expected one of {', '.join(_SYSTEM)}"
        request.bad("M005", f"no system message is put '{said}'", None, hint)
    return {
        "roles": {**contract["roles"], **request.mapping("role_mapping")},
        "system": _SYSTEM.get(said or "", contract["system"]),
        "blocks": blocks(request, contract["blocks"]),
    }


def blocks(request: Reader, usual: Mapping[str, Any]) -> dict[str, Any]:
    """How content blocks are written, by kind."""
    return merged(usual, request.table("content_block_mapping").data)


def body(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """Constant members of the body; ``null`` takes the contract's out."""
    said = manifest.table("x-body")
    made = {
        kind: {
            key: value
            for key, value in merged(
                contract["body"][kind], said.table(kind).data
            ).items()
            if value is not None
        }
        for kind in ("plain", "stream")
    }
    flags = manifest.table("capabilities").data if _split(manifest) else {}
    usage = (flags.get("feature_flags") or {}).get("streaming_usage")
    if usage is False and "stream_options" not in said.table("stream"):
        made["stream"].pop("stream_options", None)
    return made


def headers(manifest: Reader) -> dict[str, str]:
    """Headers of every call, beside those of the credentials."""
    request = manifest.table("provider_contract").table("request_mapping")
    found: dict[str, str] = {}
    for one in request.tables("required_headers"):
        name, value = one.text("name"), one.text("value")
        # A header with a condition is the business of who meets it.
        if name and value and "condition" not in one:
            found[name] = value
    return found | manifest.mapping("x-headers")


# -- capabilities ------------------------------------------------------------------


def capabilities(manifest: Reader, *, chat: bool) -> dict[str, Any]:
    """What is declared, in the words of version 2.

    ``stated`` is whether the manifest says anything about it; ``refused`` is what it
    says no to.
    """
    said = manifest.data.get("capabilities")
    refused: list[str] = []
    required: list[str] = []
    optional: list[str] = []
    if isinstance(said, list):
        required = manifest.texts("capabilities")
    elif _split(manifest):
        table = manifest.table("capabilities")
        required, optional = table.texts("required"), table.texts("optional")
    elif said is not None:
        table = manifest.table("capabilities")
        for key in table.data:
            table.flag(key)
        required = [key for key, value in table.data.items() if value is True]
        refused = [key for key, value in table.data.items() if value is False]
    required, optional, refused = map(_normal, (required, optional, refused))
    implied = _implied(manifest)
    if said is not None and chat and not _split(manifest):
        implied = ["text", *implied]
    declared = unique([*required, *optional, *implied])
    return {
        "declared": [name for name in declared if name not in refused],
        "required": required,
        "optional": optional,
        "refused": refused,
        "stated": said is not None,
    }


def features(manifest: Reader) -> dict[str, bool]:
    """Every flag that is true or false."""
    tables = [manifest.table("features").data]
    if _split(manifest):
        tables.append(manifest.table("capabilities").table("feature_flags").data)
    return {
        str(name): value
        for table in tables
        for name, value in table.items()
        if isinstance(value, bool)
    }


def tool_calling(manifest: Reader) -> dict[str, Any]:
    """``native`` and ``text_fallback``, as far as they are described."""
    inner = manifest.table("capabilities") if _split(manifest) else manifest
    table = inner if "tool_calling" in inner else manifest
    said = table.table("tool_calling")
    return {key: said.table(key).data for key in ("native", "text_fallback")}


def _split(manifest: Reader) -> bool:
    """Whether capabilities are in the form of version 2."""
    said = manifest.data.get("capabilities")
    forms = ("required", "optional", "feature_flags", "tool_calling")
    return isinstance(said, dict) and any(
        isinstance(said.get(form), (list, dict)) for form in forms
    )


def _implied(manifest: Reader) -> list[str]:
    flags = features(manifest)
    found = [name for name in _IMPLIED if flags.get(name)]
    if tool_calling(manifest)["native"].get("supported") is True:
        found.append("tools")
    inputs = manifest.table("multimodal").table("input").data
    for name in ("vision", "audio", "video"):
        one = inputs.get(name)
        if isinstance(one, dict) and one.get("supported") is True:
            found.append(name)
    return _normal(found)


def _normal(names: Sequence[Any]) -> list[str]:
    words = (str(name).lower().replace("-", "_") for name in names)
    return unique([_CAPABILITIES.get(word, word) for word in words])
