"""What a manifest says about replies: response paths, usage names, the stream's rules.

The contract's response paths come first, because those of manifests are often right for
the simplest reply only (``content[0].text``); the manifest's rules of a stream come
first, because that is where providers differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .manifest_expressions import BadExpression, Expr, Path, parse
from .manifest_reading import Reader, unique
from .manifest_rules import (
    KINDS,
    Lists,
    Rule,
    about_same,
    any_of,
    completed,
    fanned,
    placed,
)
from .problems import did_you_mean, shown

_RESPONSE = {
    "content": ("content", "text"),
    "thinking": ("thinking", "reasoning", "reasoning_content"),
    "finish_reason": ("finish_reason", "stop_reason"),
    "usage": ("usage",),
    "model": ("model",),
    "id": ("id", "response_id"),
}
USAGE = (
    *("prompt_tokens", "completion_tokens", "total_tokens"),
    *("reasoning_tokens", "cache_read_tokens", "cache_creation_tokens"),
)
_FORMATS = {
    "json_lines": "json_lines",
    "jsonl": "json_lines",
    "ndjson": "json_lines",
    "json_array": "json_array",
}
_REASONS = (
    *("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal"),
    *("pause_turn", "other"),
)
_ALSO = {
    # contracts of version 2 say it in OpenAI's words
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    # what is no end of a turn at all
    "error": "other",
    "cancelled": "other",
    "canceled": "other",
    "completed": "end_turn",
}
UUID = "_generate_uuid"


# -- response ----------------------------------------------------------------------


def response(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """Where the parts of a whole reply are."""
    usual: Mapping[str, Any] = contract["response"]
    said = manifest.table("response_paths")
    mapping = manifest.table("provider_contract").table("response_mapping")
    made: dict[str, Any] = {"candidates": usual["candidates"]}
    for name, keys in _RESPONSE.items():
        own = [path for key in keys for path in said.paths(key)]
        own += [path for key in keys for path in mapping.paths(f"{key}_path")]
        made[name] = _beside(usual[name], own)
    made["tool_calls"] = _calls(manifest, usual["tool_calls"])
    return made


def _beside(usual: Sequence[Path], own: Sequence[Path]) -> list[Path]:
    """The contract's paths, and those that lead elsewhere."""
    known = [_shape(path) for path in usual]
    return unique([*usual, *(path for path in own if _shape(path) not in known)])


def _shape(path: Path) -> list[Any]:
    """A path in which every way to choose elements is the same."""
    return [step if isinstance(step, str) else None for step in path[1:]]


def _calls(manifest: Reader, usual: Sequence[Mapping[str, Any]]) -> list[Any]:
    said = (
        manifest.table("features").table("response_mapping").table("tool_calls"),
        manifest.table("response_paths"),
    )
    found = [dict(one) for one in usual]
    for own in (_mapped_calls(said[0]), _plain_calls(manifest, said[1])):
        if own is not None:
            _add_calls(found, own)
    return found


def _add_calls(found: list[dict[str, Any]], own: dict[str, Any]) -> None:
    """Another place of calls, or other names for what is in those of a known place."""
    for one in found:
        if _shape(one["each"]) == _shape(own["each"]):
            for key in ("id", "name", "arguments"):
                one[key] = _wire_first(unique([*one[key], *own[key]]))
            return
    found.append(own)


def _wire_first(alts: list[Any]) -> list[Any]:
    return sorted(alts, key=lambda alt: bool(alt[0] != "$"))


def _mapped_calls(said: Reader) -> dict[str, Any] | None:
    """``{path, filter, fields: {id, name, args}}``."""
    path = said.path("path")
    if path is None:
        return None
    fields = said.table("fields")
    condition = said.expr("filter")
    each = [*path, None if condition is None else ["?", condition]]
    return {
        "each": each,
        "id": _alts(fields, "id") or [["uuid"]],
        "name": _alts(fields, "name"),
        "arguments": _alts(fields, "args") or _alts(fields, "arguments"),
    }


def _plain_calls(manifest: Reader, said: Reader) -> dict[str, Any] | None:
    """``response_paths.tool_calls``, with ``tooling`` for what is inside."""
    path = said.path("tool_calls")
    tooling = manifest.table("tooling").table("tool_use")
    name, arguments = tooling.path("name_path"), tooling.path("input_path")
    if path is None or name is None or arguments is None:
        return None
    identity = tooling.path("id_path")
    # Where a call is named by what it is in (functionCall.name), the path leads inside.
    inside = name[1:2] == path[-1:]
    return {
        "each": path[:-1] if inside else [*path, None],
        "id": [["$", identity]] if identity else [["uuid"]],
        "name": [["$", name]],
        "arguments": [["$", arguments]],
    }


def _alts(said: Reader, key: str) -> list[list[Any]]:
    """Alternatives where everything is a path, with or without ``$``."""
    found: list[list[Any]] = []
    for text in said.texts(key):
        if text == UUID:
            found.append(["uuid"])
        else:
            path = said.parsed_path(text, key)
            found += [["$", path]] if path is not None else []
    return found


def usage(said: Reader, usual: Mapping[str, Sequence[Path]]) -> dict[str, Any]:
    """Places of the counts, from the usage object."""
    return {name: unique([*said.paths(name), *usual.get(name, ())]) for name in USAGE}


def termination(manifest: Reader, usual: Mapping[str, str]) -> dict[str, str]:
    """The provider's reasons to stop and the standard's."""
    response = manifest.table("provider_contract").table("response_mapping")
    return {
        **usual,
        **_reasons(response, "finish_reason_mapping"),
        **_reasons(manifest.table("termination"), "mapping"),
    }


def _reasons(said: Reader, key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for wire, reason in said.mapping(key).items():
        found[wire] = _ALSO.get(reason, reason)
        if found[wire] not in _REASONS:
            hint = did_you_mean(reason, _REASONS) or f"known are {', '.join(_REASONS)}"
            message = f"no turn ends by '{shown(reason)}'; it is read as 'other'"
            said.table(key).odd("M008", message, wire, hint)
            found[wire] = "other"
    return found


def contract_response(said: Reader) -> dict[str, Any]:
    """The ``response`` of a contract."""
    made: dict[str, Any] = {"candidates": said.path("candidates")}
    for name in _RESPONSE:
        made[name] = said.paths(name)
    made["tool_calls"] = [
        {
            "each": one.path("each"),
            **{key: _alts(one, key) for key in ("id", "name", "arguments")},
        }
        for one in said.tables("tool_calls")
    ]
    return made


# -- stream ------------------------------------------------------------------------


def stream(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """How a streamed reply is read."""
    usual: Mapping[str, Any] = contract["stream"]
    said = manifest.table("streaming")
    decoder = said.table("decoder")
    lists = _lists(said, usual)
    made = rules(said, lists)
    if not made:
        made = [one for one in _by_paths(said, lists) if not _known(one, usual)]
    more: Sequence[Any] = usual["rules"] if made else ()
    done = list(filter(None, decoder.texts("done_signal")))
    done = done if usual["end"] is None else []
    return {
        "format": _format(decoder, usual["format"]),
        "done": unique([*done, *usual["done"]]),
        "end": usual["end"],
        "finish_ends": usual["end"] is None and not done,
        "select": _select(said, usual, lists.fan),
        "skip": usual["skip"],
        "candidates": lists.candidates,
        "rules": [completed(one, usual["rules"]) for one in made] or usual["rules"],
        "more": list(more),
        "stop": _fanned(_stop(said), lists.fan),
    }


def _stop(said: Reader) -> Expr | None:
    """The stop condition: a hint, so one that cannot be read is no error."""
    text = said.text("stop_condition")
    try:
        return None if text is None else parse(text)
    except BadExpression as error:
        message = f"'{shown(text)}' cannot be read and is ignored: {error}"
        said.odd("M006", message, "stop_condition")
        return None


def contract_stream(said: Reader) -> dict[str, Any]:
    """The ``stream`` of a contract, with what else its manifests are read by."""
    array = said.table("candidates").path("array")
    identity = said.table("candidates").path("id")
    candidates = {"array": array, "id": identity} if array and identity else None
    said_of = said.table("guards")
    exprs = {KINDS[emit]: said_of.expr(emit) for emit in said_of.data}
    guards = {kind: expr for kind, expr in exprs.items() if expr is not None}
    lists = Lists(said.paths("fan"), candidates, guards)
    return {
        "format": said.text("format") or "sse",
        "done": said.texts("done"),
        "end": said.expr("end"),
        "skip": said.expr("skip"),
        "candidates": candidates,
        "fan": list(lists.fan),
        "guards": guards,
        "rules": rules(said, lists),
    }


def _lists(said: Reader, usual: Mapping[str, Any]) -> Lists:
    """Which arrays are gone through; a manifest may have other candidates."""
    one = said.table("candidate")
    path = one.path("candidate_id_path")
    candidates = usual["candidates"]
    if path is not None:
        candidates = candidates_of(path) or candidates
    fan = list(usual["fan"])
    if candidates and candidates["array"] not in fan:
        fan.insert(0, candidates["array"])
    if one.flag("fan_out") is False:
        fan = []
    return Lists(fan, candidates, usual["guards"])


def candidates_of(path: Path) -> dict[str, Path] | None:
    """``$.choices[*].index``: the array, and the number in one of its elements."""
    for cut, step in enumerate(path[1:], 1):
        if step is None or isinstance(step, int):
            return {"array": path[:cut], "id": [0, *path[cut + 1 :]]}
    return None


def rules(said: Reader, lists: Lists) -> list[dict[str, Any]]:
    """The event map, each rule with its arrays."""
    found: list[dict[str, Any]] = []
    for one in said.tables("event_map"):
        rule = _rule(one)
        if rule is not None:
            found.append(placed(rule, lists))
    return found


def _rule(one: Reader) -> Rule | None:
    emit = one.text("emit")
    if emit is None:
        if "emit" not in one:
            one.bad("M002", "a rule that emits nothing", None, "say 'emit'")
        return None
    if emit not in KINDS:
        hint = did_you_mean(emit, KINDS) or f"known are {', '.join(KINDS)}"
        message = f"no event is called '{shown(emit)}'; the rule is left out"
        one.odd("M007", message, "emit", hint)
        return None
    if "match" not in one:
        one.bad("M002", "a rule that says not when", None, "say 'match'")
        return None
    when = one.expr("match")
    fields: dict[str, list[list[Any]]] = {}
    for key in ("extract", "fields"):
        table = one.table(key)
        for name in table.data:
            fields[str(name)] = _values(table, str(name))
    return None if when is None else Rule(emit, when, fields)


def _values(table: Reader, name: str) -> list[list[Any]]:
    """Alternatives of a field: a path begins with ``$``, all else is itself."""
    value = table.data[name]
    several = isinstance(value, list) and any(_is_place(one) for one in value)
    return [
        alt
        for one in (value if several else [value])
        for alt in [_value(table, name, one)]
        if alt is not None
    ]


def _value(table: Reader, name: str, value: Any) -> list[Any] | None:
    if value == UUID:
        return ["uuid"]
    if not _is_place(value):
        return ["=", value]
    path = table.parsed_path(value, name)
    return None if path is None else ["$", path]


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and (value.startswith("$") or value == UUID)


def _by_paths(said: Reader, lists: Lists) -> Iterable[dict[str, Any]]:
    """Rules for a manifest that only says where things are."""
    plain = {
        "content_path": ("PartialContentDelta", "content"),
        "tool_call_path": ("PartialToolCall", "tool_calls"),
        "usage_path": ("Metadata", "usage"),
    }
    for key, (emit, name) in plain.items():
        path = said.path(key)
        if path is not None:
            rule = Rule(emit, ["exists", path], {name: [["$", path]]})
            yield placed(rule, lists)


def _known(rule: Mapping[str, Any], usual: Mapping[str, Any]) -> bool:
    """Whether the contract has a rule about the same place, or what is in it."""
    inside = [alt[1] for alts in rule["fields"].values() for alt in alts]
    return any(
        about_same(rule, other)
        or (
            KINDS[rule["emit"]] == KINDS[other["emit"]] and other["each"][-1:] == inside
        )
        for other in usual["rules"]
    )


def _format(decoder: Reader, usual: str) -> str:
    return _FORMATS.get((decoder.text("format") or "").lower(), usual)


def _select(said: Reader, usual: Mapping[str, Any], fan: Sequence[Path]) -> Expr | None:
    """The frame selector; errors and the end pass whatever it says."""
    own = _fanned(said.expr("frame_selector"), fan)
    if own is None:
        return None
    always = [
        one["when"]
        for one in usual["rules"]
        if KINDS[one["emit"]] == "error" and not one["each"]
    ]
    always += [usual["end"]] if usual["end"] else []
    return any_of(own, *always)


def _fanned(expr: Expr | None, fan: Sequence[Path]) -> Expr | None:
    return None if expr is None else fanned(expr, fan)
