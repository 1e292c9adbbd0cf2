"""AI-Protocol manifests, contracts and registries of models, compiled to plain data.

A *record* is all that ``specwire.chat`` needs of a provider: nothing in it is text to
parse. Manifests of all versions are read by shape. ``openapi/protocol/README.md`` says
how a manifest of ours looks and how paths stand in a record.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import manifest_address as address
from . import manifest_errors as failures
from . import manifest_reply as reply
from . import manifest_request as request
from .manifest_models import models
from .manifest_profile import profile
from .manifest_reading import CODES, Reader, named
from .manifest_rules import Lists
from .problems import Problems, Unusable, shown
from .source import read

FORMAT = 1
VERSIONS = ("1.0", "1.1", "1.5", "2.0")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")
_TEXT = "manifest"
_UNDERSTOOD = frozenset(
    {
        *("$schema", "id", "name", "aliases", "protocol_version", "core", "endpoint"),
        *("base_url", "protocol", "timeout_ms", "auth", "endpoints", "services"),
        *("payload_format", "response_format", "api_families", "default_api_family"),
        *("termination", "tooling", "rate_limit_headers", "retry_policy", "streaming"),
        *("error_classification", "parameter_mappings", "parameters", "features"),
        *("response_paths", "capabilities", "tool_calling", "capability_profile"),
        *("availability", "context_policy", "provider_id", "base_url_template"),
        *("x-base-url-env", "x-body", "x-usage", "x-headers", "x-system"),
    }
)


def read_manifest(
    source: Path | str, problems: Problems, *, file: str = ""
) -> Mapping[str, Any]:
    """A manifest's data from a file, or from its text.

    A text has a line break or begins with a brace; all else is a path.

    :raises Unusable: where it is no YAML or JSON, or no mapping.
    """
    if isinstance(source, Path) or not ("\n" in source or source.lstrip()[:1] == "{"):
        path = Path(source)
        from .source import display_name, load

        found = load(path, problems) if not file else _named(path, file, problems)
        name = file or display_name(path)
    else:
        name = file or _TEXT
        found = read(name, Path(name), source.encode("utf-8", "replace"), problems)
    if not isinstance(found.data, dict):
        message = f"expected a mapping, got {named(found.data)}"
        problems.error("M001", f"{name}#", message)
        raise Unusable(problems)
    return found.data


def _named(path: Path, file: str, problems: Problems) -> Any:
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.error("S001", f"{file}#", f"cannot be read: {error.strerror}")
        raise Unusable(problems) from error
    return read(file, path, raw, problems)


def compile_manifest(
    data: Mapping[str, Any],
    dialects: Mapping[str, Any],
    *,
    source: str = "",
    problems: Problems,
    sha256: str | None = None,
) -> dict[str, Any]:
    """The record of a manifest; what is wrong with it is added to ``problems``.

    ``dialects`` is what :func:`compile_dialects` gave. A record is made in spite of
    problems as far as one can be; whoever uses it asks ``problems.has_errors``.

    :raises Unusable: where it is no mapping, or has no id or base URL.
    """
    at = f"{source or _TEXT}#"
    if not isinstance(data, Mapping):
        problems.error("M001", at, f"expected a mapping, got {named(data)}")
        raise Unusable(problems)
    manifest = Reader(_lifted(_plain(data)), at, problems)
    head = _head(manifest, source, sha256)
    found = address.endpoint(manifest)
    url = address.base_url(found.base)
    checked = profile(manifest)
    if head["id"] is None or url is None:
        raise Unusable(problems)
    contracts = {k: v for k, v in dialects.items() if isinstance(v, Mapping)}
    dialect = address.dialect_of(manifest, found, contracts)
    contract = contracts[dialect]
    return {
        **head,
        "dialect": dialect,
        "base_url": url,
        "profile": checked,
        **_where(manifest, found, contract, head["id"]),
        **_asked(manifest, found, contract),
        **_answered(manifest, contract),
        "availability": manifest.table("availability").data or None,
        "context_policy": manifest.table("context_policy").data or None,
        "models": _models(manifest, head["id"]),
        "raw": _raw(manifest.data),
    }


def _lifted(data: dict[str, Any]) -> dict[str, Any]:
    """What stands in ``core``, where files of version 2 may keep it, with the rest."""
    core = data.get("core")
    if not isinstance(core, dict):
        return data
    inner = {key: value for key, value in core.items() if key != "endpoint"}
    return {**inner, **data}


def _head(manifest: Reader, source: str, sha256: str | None) -> dict[str, Any]:
    """What it is called and where it came from."""
    identity, version = _identity(manifest), _version(manifest)
    return {
        "format": FORMAT,
        "id": identity,
        "name": manifest.text("name") or identity,
        "aliases": manifest.texts("aliases"),
        "protocol_version": version,
        "source": source,
        "sha256": sha256 or _digest(manifest.data),
    }


def _where(
    manifest: Reader, found: address.Endpoint, contract: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """Where calls go and what proves who makes them."""
    auth, headers = address.auth(manifest, found.base, contract, name)
    return {
        "base_url_env": _one_or_more(manifest.texts("x-base-url-env")),
        "timeout_s": address.timeout_s(found.base),
        "auth": auth,
        "headers": contract["headers"] | request.headers(manifest) | headers,
        "operations": address.with_streams(found.operations, contract),
    }


def _asked(
    manifest: Reader, found: address.Endpoint, contract: Mapping[str, Any]
) -> dict[str, Any]:
    """What requests are made of."""
    chat = "chat" in found.operations
    parameters = request.parameters(manifest, contract)
    return {
        "capabilities": request.capabilities(manifest, chat=chat),
        "features": request.features(manifest),
        "tool_calling": request.tool_calling(manifest),
        "parameters": parameters,
        "multi_candidate": request.multi_candidate(manifest, contract, parameters),
        **request.messages(manifest, contract),
        "body": request.body(manifest, contract),
    }


def _answered(manifest: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    """What replies are read by, the good and the bad."""
    return {
        "response": reply.response(manifest, contract),
        "usage": reply.usage(manifest.table("x-usage"), contract["usage"]),
        "stream": reply.stream(manifest, contract),
        "termination": reply.termination(manifest, contract["termination"]),
        "errors": failures.errors(manifest, contract),
        "retry": failures.retry(manifest),
        "rate_limit_headers": manifest.mapping("rate_limit_headers"),
    }


def _raw(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is not interpreted, as it stands."""
    kept = {key: value for key, value in data.items() if key not in _UNDERSTOOD}
    metadata = kept.get("metadata")
    if isinstance(metadata, dict) and "models" in metadata:
        kept["metadata"] = {k: v for k, v in metadata.items() if k != "models"}
    return kept


def _identity(manifest: Reader) -> str | None:
    key = "id" if "id" in manifest else "provider_id"
    identity = manifest.text(key)
    if identity is None:
        if key not in manifest:
            manifest.bad("M002", "there is no id", None, "say which provider this is")
        return None
    if not _ID.fullmatch(identity):
        hint = "expected 2 to 64 of a-z, 0-9, '-' and '_', a letter or digit first"
        manifest.bad("M005", f"'{shown(identity)}' is no id", key, hint)
        return None
    for alias in manifest.texts("aliases"):
        if not _ID.fullmatch(alias):
            manifest.bad("M005", f"'{shown(alias)}' is no id", "aliases")
    return identity


def _version(manifest: Reader) -> str:
    version = manifest.data.get("protocol_version")
    if version is None:
        message = "there is no protocol_version; it is read as 1.0"
        manifest.odd("M004", message, None, 'add protocol_version: "2.0"')
        return "1.0"
    if str(version) not in VERSIONS:
        hint = f"known are {', '.join(VERSIONS)}"
        message = f"protocol version '{shown(str(version))}' cannot be read"
        manifest.bad("M004", message, "protocol_version", hint)
    return str(version)


def _models(manifest: Reader, identity: str) -> dict[str, Any]:
    return models(manifest.table("metadata").table("models"), provider=identity)


def _one_or_more(names: list[str]) -> str | list[str] | None:
    return names if len(names) > 1 else names[0] if names else None


def _plain(data: Mapping[Any, Any]) -> dict[str, Any]:
    """JSON data: keys of other types, as YAML libraries give them, become text."""
    return {
        key if isinstance(key, str) else str(key): _plain_value(value)
        for key, value in data.items()
    }


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(one) for one in value]
    return value


def _digest(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


# -- contracts, registries, single rules -------------------------------------------


def compile_dialects(
    contracts: Mapping[str, Mapping[str, Any]], problems: Problems
) -> dict[str, Any]:
    """``{"format": 1, "openai": {...}, ...}`` from contracts by file name."""
    made: dict[str, Any] = {"format": FORMAT}
    for file, data in contracts.items():
        said = Reader(data, f"{file}#", problems)
        name = said.text("dialect")
        lacking = [key for key in _NEEDED if key not in said]
        for key in lacking:
            said.bad("M002", f"there is no '{key}'")
        if name is not None and not lacking:
            made[name] = _contract(said)
    return made


_NEEDED = (
    *("dialect", "known_as", "auth", "operations", "parameters", "multi_candidate"),
    *("roles", "system", "blocks", "body", "response", "usage", "stream"),
    *("termination", "errors"),
)


def _contract(said: Reader) -> dict[str, Any]:
    errors = Reader(
        {
            "error_classification": said.table("errors").data,
            "features": {"response_mapping": {"error": _suffixed(said)}},
        },
        said.at,
        said.problems,
    )
    classes = failures.errors(errors, None)
    retry_after = said.table("errors").data.get("retry_after")
    names = said.table("known_as")
    return {
        "known_as": {
            key: names.text(key) if key == "path" else names.texts(key)
            for key in names.data
        },
        "auth": said.table("auth").data,
        "not_bearer": said.texts("not_bearer"),
        "headers": said.mapping("headers"),
        "operations": {
            name: {"query": {}, **one}
            for name, one in said.table("operations").data.items()
        },
        "stream_path": said.table("stream_path").data or None,
        "parameters": _contract_parameters(said.table("parameters")),
        "multi_candidate": _contract_candidates(said.table("multi_candidate")),
        **{key: said.table(key).data for key in ("roles", "blocks", "body")},
        "system": said.text("system"),
        "response": reply.contract_response(said.table("response")),
        "usage": reply.usage(said.table("usage"), {}),
        "stream": _stream(said.table("stream")),
        "termination": said.mapping("termination"),
        "errors": {**classes, "retry_after": retry_after},
    }


def _suffixed(said: Reader) -> dict[str, Any]:
    return {f"{key}_path": value for key, value in said.table("errors").data.items()}


def _stream(said: Reader) -> dict[str, Any]:
    return reply.contract_stream(said)


def _contract_parameters(said: Reader) -> dict[str, Any]:
    blank = dict.fromkeys(("type", "min", "max", "default", "enum"))
    return {
        name: {
            **blank,
            "required": False,
            **said.table(name).data,
            "wire": str(said.table(name).text("wire")).split("."),
        }
        for name in said.data
    }


def _contract_candidates(said: Reader) -> dict[str, Any]:
    wire = said.text("wire")
    return {**said.data, "wire": wire.split(".") if wire else None}


def compile_models(
    data: Mapping[str, Any], *, source: str = "", problems: Problems
) -> dict[str, Any]:
    """A registry: ``{"format": 1, "provider", "source", "models": {name: MODEL}}``."""
    said = Reader(_plain(data), f"{source or 'models'}#", problems)
    provider = said.text("provider")
    found = models(said.table("models"), provider=provider, as_of=said.text("as_of"))
    return {
        "format": FORMAT,
        "provider": provider,
        "source": said.text("source"),
        "models": found,
    }


def compile_rules(
    event_map: list[Any],
    *,
    candidate: Mapping[str, Any] | None = None,
    source: str = "",
    problems: Problems,
) -> list[dict[str, Any]]:
    """The rules of an event map alone; ``candidate`` as in a manifest."""
    streaming = {"event_map": event_map, "candidate": dict(candidate or {})}
    said = Reader(_plain(streaming), f"{source or 'event_map'}#", problems)
    one = said.table("candidate")
    path = one.path("candidate_id_path")
    candidates = reply.candidates_of(path) if path else None
    fan = [candidates["array"]] if candidates and one.flag("fan_out") else []
    return reply.rules(said, Lists(fan, candidates))


__all__ = [
    "CODES",
    "FORMAT",
    "VERSIONS",
    "compile_dialects",
    "compile_manifest",
    "compile_models",
    "compile_rules",
    "read_manifest",
]
