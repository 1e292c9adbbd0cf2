"""Where a manifest's calls go: base URL, operations, credentials, constant headers.

Read by shape, because files of one version use the forms of another: ``base_url`` at
the top, in ``endpoint`` or in ``core.endpoint``; operations as texts or as mappings, in
``endpoints``, ``services`` or beside the base URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import frozen

from .manifest_reading import Reader, named, unique
from .problems import shown

_PLACES = {"base_url", "protocol", "timeout_ms", "auth", "endpoints", "headers"}
_NAMES = {
    "chat_completions": "chat",
    "chat_completion": "chat",
    "chat_completions_create": "chat",
    "messages": "chat",
    "messages_create": "chat",
    "generate_content": "chat",
    "chat_stream": "stream_chat",
    "stream_generate_content": "stream_chat",
    "embeddings_create": "embeddings",
    "embedding": "embeddings",
    "models": "list_models",
    "models_list": "list_models",
}
_AUTH = {
    "bearer": "bearer",
    "bearer_token": "bearer",
    "oauth2": "bearer",
    "custom_header": "header",
    "header": "header",
    "api_key": "header",
    "api_key_header": "header",
    "query_param": "query",
    "query": "query",
    "none": "none",
}
_URL = re.compile(r"(?i)(https?|wss?)://[^\s/?#]+[^\s#]*")


@frozen
class Endpoint:
    """The parts of a manifest that say where it is, put in one place."""

    base: Reader
    operations: Mapping[str, Mapping[str, Any]]
    adapters: Mapping[str, str]


def endpoint(manifest: Reader) -> Endpoint:
    """The base URL's mapping and all operations by their usual names."""
    base = _base(manifest)
    found: dict[str, Mapping[str, Any]] = {}
    adapters: dict[str, str] = {}
    flat = {k: v for k, v in base.data.items() if k not in _PLACES and _is_path(v)}
    sources = [manifest.table("services"), _flat(base, flat)]
    sources += [base.table("endpoints"), manifest.table("endpoints")]
    for source in sources:
        for key in source.data:
            entry, adapter = _operation(source, str(key))
            if entry is not None:
                name = _NAMES.get(str(key), str(key))
                found[name] = entry
                adapters.pop(name, None)
                if adapter:
                    adapters[name] = adapter
    found = _with_chat(manifest, found, adapters)
    for name, meant in manifest.table("connection_vars").data.items():
        if meant == "model":
            found = {key: _renamed(one, str(name)) for key, one in found.items()}
    for name, adapter in adapters.items():
        if "chat" not in name:  # whose language is the record's
            found[name] = {**found[name], "adapter": adapter}
    return Endpoint(base, found, adapters)


def _renamed(operation: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """``operation`` with ``{model}`` where its path calls it otherwise."""
    path = operation["path"].replace(f"{{{name}}}", "{model}")
    return {**operation, "path": path}


def _base(manifest: Reader) -> Reader:
    """``endpoint``, ``core.endpoint``, or the manifest itself."""
    for at in (manifest, manifest.table("core")):
        if at.data.get("endpoint") is not None:
            return at.table("endpoint")
    keys = ("base_url", "protocol", "timeout_ms")
    data = {key: manifest.data[key] for key in keys if key in manifest.data}
    if "base_url" not in data and "base_url_template" in manifest:
        data["base_url"] = manifest.data["base_url_template"]
    return Reader(data, manifest.at, manifest.problems)


def _flat(base: Reader, flat: Mapping[str, Any]) -> Reader:
    return Reader(flat, base.at, base.problems)


def _is_path(value: Any) -> bool:
    """A text that is one, or a mapping that has one."""
    path = value.get("path") if isinstance(value, dict) else value
    return isinstance(path, str) and path.startswith(("/", "http", "ws"))


def _operation(source: Reader, key: str) -> tuple[dict[str, Any] | None, str | None]:
    value = source.data[key]
    if value is None:
        return None, None
    if isinstance(value, str):
        return _addressed(value, _method(key)), None
    entry = source.table(key)
    path = entry.text("path") or entry.text("url")
    if path is None:
        if entry.data and isinstance(value, dict):
            entry.bad("M002", f"the operation '{shown(key)}' has no path")
        return None, None
    made = _addressed(path, (entry.text("method") or _method(key)).upper())
    made["query"] |= entry.mapping("query") | entry.mapping("query_params")
    headers = entry.mapping("headers")
    if headers:
        made["headers"] = headers
    binding = entry.text("response_binding")
    if binding:
        made["binding"] = binding
    return made | _own_ways(entry), entry.text("adapter")


def _own_ways(entry: Reader) -> dict[str, Any]:
    """What the protocol has no word for: how much one request may hold, and names."""
    limits = {key: entry.table("x-limits").whole(key) for key in ("items", "tokens")}
    made: dict[str, Any] = {
        "limits": {key: limit for key, limit in limits.items() if limit is not None},
        "encoding": entry.text("x-encoding"),
        "names": entry.mapping("x-names"),
        "kinds": entry.mapping("x-kinds"),
    }
    return {key: value for key, value in made.items() if value}


def _method(name: str) -> str:
    return "GET" if name.startswith(("list_", "get_")) or name == "models" else "POST"


def _addressed(path: str, method: str) -> dict[str, Any]:
    path, _, query = path.partition("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    return {"method": method, "path": path, "query": pairs}


def _with_chat(
    manifest: Reader, found: dict[str, Mapping[str, Any]], adapters: dict[str, str]
) -> dict[str, Mapping[str, Any]]:
    """One of ``chat_openai`` and ``chat_anthropic`` is the chat, as the family says."""
    several = [name for name in found if name.startswith("chat_") and name in adapters]
    if not several or "chat" in adapters:
        return found
    family = manifest.text("default_api_family") or ""
    words = set(re.split(r"[^a-z0-9]+", family.lower()))
    fitting = [
        name
        for name in several
        if adapters[name] in words or ("messages" in words) == ("anthropic" in name)
    ]
    chosen = (fitting or several)[0]
    found["chat"] = found[chosen]
    adapters["chat"] = adapters[chosen]
    return found


def with_streams(
    operations: Mapping[str, Mapping[str, Any]], contract: Mapping[str, Any]
) -> dict[str, Any]:
    """``operations`` with a chat, and the path that streams it."""
    out = dict(operations)
    for name, operation in contract["operations"].items():
        out.setdefault(name, operation)
    change = contract.get("stream_path")
    streamed = dict(out.get("stream_chat") or out["chat"])
    if change:
        path = streamed["path"].replace(change["from"], change["to"])
        if path.endswith(change["to"]):
            streamed["query"] = {**change["query"], **streamed["query"]}
        streamed["path"] = path
    out["stream_chat"] = streamed
    return out


# -- URL and time ------------------------------------------------------------------


def base_url(base: Reader) -> str | None:
    """The base URL without a slash at its end."""
    url = base.text("base_url")
    if url is None:
        if base.data.get("base_url") is None:
            base.bad("M002", "there is no base_url, in 'endpoint' or at the top")
        return None
    if not _URL.fullmatch(url):
        hint = "expected http(s)://host/path"
        base.bad("M005", f"'{shown(url)}' is no base URL", "base_url", hint)
        return None
    return url.rstrip("/")


def timeout_s(base: Reader) -> float | None:
    milliseconds = base.number("timeout_ms")
    return None if milliseconds is None else milliseconds / 1000


# -- credentials -------------------------------------------------------------------


def auth(
    manifest: Reader, base: Reader, contract: Mapping[str, Any], provider: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """How a key is sent and where it is found; and the headers its block declares.

    ``endpoint.auth`` is the only source where there is one: what an ``auth`` at the top
    names beside it is not read, and listed as shadowed.
    """
    blocks = [one.table("auth") for one in (base, manifest) if "auth" in one]
    shadowed: list[str] = []
    if len(blocks) > 1 and blocks[0].at != blocks[1].at:
        shadowed = [env for env in _envs(blocks[1]) if env not in _envs(blocks[0])]
        blocks[1].odd("M013", "'endpoint.auth' is there too, and this is not read")
    block = blocks[0] if blocks else Reader({}, manifest.at, manifest.problems)
    made = _scheme(block, contract)
    made["env"] = _envs(block)
    made["conventional"] = [f"{provider.upper().replace('-', '_')}_API_KEY"]
    made["shadowed"] = shadowed
    return made, _headers(block)


def _scheme(block: Reader, contract: Mapping[str, Any]) -> dict[str, Any]:
    default = {key: contract["auth"][key] for key in ("type", "name", "prefix")}
    said = block.text("type")
    kind = _AUTH.get(said.lower()) if said is not None else default["type"]
    if kind is None:
        hint = f"expected one of {', '.join(sorted(_AUTH))}"
        block.bad("M005", f"no key is sent as '{shown(said)}'", "type", hint)
        kind = default["type"]
    if kind == "bearer" and set(_envs(block)) & set(contract.get("not_bearer", ())):
        block.note(f"such a key is sent as {default['name']}, not as a bearer token")
        return default
    header, prefix = _header(block), block.text("prefix")
    if kind == "bearer":
        prefix = "Bearer" if prefix is None else prefix
        return _made(kind, header or "Authorization", prefix)
    if kind == "header":
        usual = default["name"] if default["type"] == "header" else "x-api-key"
        return _made(kind, header or block.text("name") or usual, prefix or "")
    if kind == "query":
        name = block.text("param_name") or block.text("name") or "key"
        return _made(kind, name, prefix or "")
    return _made("none", "", "")


def _header(block: Reader) -> str | None:
    return block.text("header") or block.text("header_name")


def _made(kind: str, name: str, prefix: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "prefix": prefix.strip()}


def _envs(block: Reader) -> list[str]:
    keys = ("token_env", "key_env", "api_key_env", "env", "x-token-envs")
    return unique([env for key in keys for env in block.texts(key) if env])


def _headers(block: Reader) -> dict[str, str]:
    value = block.data.get("extra_headers")
    if isinstance(value, dict):
        return block.mapping("extra_headers")
    found: dict[str, str] = {}
    for one in block.tables("extra_headers"):
        name, text = one.text("name"), one.data.get("value")
        if name and isinstance(text, (str, int, float)) and not isinstance(text, bool):
            found[name] = str(text)
        else:
            one.bad("M003", f"expected a name and a value, got {named(one.data)}")
    return found


# -- the wire language -------------------------------------------------------------


def dialect_of(
    manifest: Reader, found: Endpoint, dialects: Mapping[str, Mapping[str, Any]]
) -> str:
    """Which contract's language the chat speaks: what is said most plainly counts."""
    for kind, word, key in _words(manifest, found):
        for name, contract in dialects.items():
            if word.lower() in contract["known_as"].get(kind, ()):
                return name
        if kind == "adapter":
            known = ", ".join(sorted(dialects))
            manifest.odd(
                "M010",
                f"the adapter '{shown(word)}' is not known",
                key,
                f"expected one of {known}; other signs are looked at",
            )
    path = str(found.operations.get("chat", {}).get("path", ""))
    host = str(found.base.data.get("base_url", ""))
    for name, contract in dialects.items():
        pattern = contract["known_as"].get("path")
        if pattern and re.search(pattern, path):
            return name
    for name, contract in dialects.items():
        if any(f"//{one}" in host for one in contract["known_as"].get("host", ())):
            return name
    return "openai"


def _words(manifest: Reader, found: Endpoint) -> list[tuple[str, str, str]]:
    """What a manifest calls its language: where that is looked up, and the word."""
    words: list[tuple[str, Any, str]] = [
        ("adapter", found.adapters.get("chat"), "endpoints"),
        ("payload_format", manifest.data.get("payload_format"), "payload_format"),
        ("api_style", _at(manifest.data, "provider_contract", "api_style"), ""),
        ("decoder", _at(manifest.data, "streaming", "decoder", "strategy"), ""),
        ("decoder", _at(manifest.data, "streaming", "decoder", "format"), ""),
        ("decoder", _at(manifest.data, "streaming", "event_format"), ""),
        ("family", manifest.data.get("default_api_family"), ""),
    ]
    families = manifest.data.get("api_families")
    if isinstance(families, dict):
        words += [
            ("family", _at(families, name, key), "")
            for name in (manifest.data.get("default_api_family"), "chat")
            for key in ("adapter", "request_format")
        ]
    elif isinstance(families, list):
        words += [("family", one, "") for one in families[:1]]
    return [word for word in words if isinstance(word[1], str)]


def _at(data: Any, *keys: Any) -> Any:
    for key in keys:
        known = isinstance(data, dict) and isinstance(key, str)
        data = data.get(key) if known else None
    return data
