"""``specwire manifests list`` and ``show``: which providers there are, and what one is.

Both see what a program would see: an explicit directory, the one that
``AI_PROTOCOL_DIR`` names, what plugins bring, and what comes with the package. No key
is ever printed, only where it would come from.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.errors import ManifestError
from .exits import FAILED
from .output import document, say, talk
from .parsing import Parser

if TYPE_CHECKING:
    from ..chat.loader import ManifestLoader
    from ..chat.manifest import Manifest

Row = tuple[str, ...]


def main(argv: Sequence[str]) -> int:
    """Run ``list`` or ``show``.

    0 done, 1 where there is no such provider or a manifest cannot be used, 2 for wrong
    usage.
    """
    options = parser().parse_args(argv)
    from .plugged import registry

    loader = registry().loader(options.dir)
    try:
        if options.command == "list":
            return _list(loader, as_json=options.json)
        return _show(loader, options.provider, as_json=options.json)
    except ManifestError as error:
        talk(f"specwire manifests: {error}")
        return FAILED


def parser() -> Parser:
    parser = Parser(prog="specwire manifests")
    commands = parser.commands()
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--dir", help="a directory of manifests to look in first")
    shared.add_argument("--json", action="store_true", help="print JSON")
    told = "the providers that chat can speak to"
    examples = (("specwire manifests list", ""),)
    commands.add_parser(
        "list", help=told, description=told, parents=[shared], examples=examples
    )
    told = "what is known of one provider"
    examples = (("specwire manifests show openai", ""),)
    show = commands.add_parser(
        "show", help=told, description=told, parents=[shared], examples=examples
    )
    show.add_argument("provider", help="an id or an alias, as it is written")
    return parser


# -- list ----------------------------------------------------------------------------


def _list(loader: ManifestLoader, *, as_json: bool) -> int:
    """All that can be loaded; what cannot is named, and makes the exit code 1."""
    rows, failed = [], False
    for name in loader.names():
        try:
            rows.append(_entry(loader.load(name)))
        except ManifestError as error:
            failed = True
            talk(f"specwire manifests: {error}")
    if as_json:
        document(rows)
    else:
        heads = ("id", "dialect", "models", "name", "aliases")
        lines: list[Row] = [heads]
        for row in rows:
            also = ", ".join(row["aliases"])
            count = str(len(row["models"])) if row["models"] else "-"
            lines.append((row["id"], row["dialect"], count, row["name"], also))
        for line in _table(lines):
            say(line)
    return FAILED if failed else 0


def _entry(manifest: Manifest) -> dict[str, Any]:
    data = manifest.data
    return {
        "id": data["id"],
        "name": data.get("name") or data["id"],
        "dialect": data["dialect"],
        "aliases": list(data.get("aliases") or ()),
        "protocol_version": data.get("protocol_version"),
        "source": data.get("source") or "",
        "models": sorted(_models(manifest)),
    }


def _models(manifest: Manifest) -> dict[str, Mapping[str, Any]]:
    """The manifest's own models, and those of the registry that it does not name."""
    from ..chat import builtin

    known = builtin.models(str(manifest.data["id"]))
    return {**known, **(manifest.data.get("models") or {})}


# -- show ----------------------------------------------------------------------------


def _show(loader: ManifestLoader, provider: str, *, as_json: bool) -> int:
    from ..chat import credentials

    manifest = loader.load(provider)
    key = credentials.resolve(manifest)
    models = _models(manifest)
    if as_json:
        shown = {
            "record": manifest.data,
            "models": models,
            "credential": key.to_dict(),
        }
        document(shown)
        return 0
    for line in _told(manifest.data, key, models):
        say(line)
    return 0


def _told(
    data: Mapping[str, Any], key: Any, models: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    yield from _facts(data, key)
    yield ""
    yield "operations"
    yield from _table(_operation(*item) for item in sorted(data["operations"].items()))
    bounded = [_bounds(*item) for item in sorted(data["parameters"].items())]
    yield ""
    yield "parameters"
    yield from _table(bounded)
    if models:
        yield ""
        yield "models (prices in USD per million tokens)"
        heads = ("name", "context", "output", "in", "out", "as of", "")
        yield from _table([heads, *(_model(*item) for item in models.items())])


def _facts(data: Mapping[str, Any], key: Any) -> Iterator[str]:
    aliases = ", ".join(data.get("aliases") or ())
    override = data.get("base_url_env")
    names = override if isinstance(override, str) else " or ".join(override or ())
    auth = data["auth"]
    facts = [
        ("id", data["id"] + (f" (also {aliases})" if aliases else "")),
        ("name", data.get("name") or ""),
        ("dialect", f"{data['dialect']}, AI-Protocol {data['protocol_version']}"),
        ("base URL", data["base_url"] + (f" (or {names})" if names else "")),
        ("key", _key(key)),
        ("sent as", _sent(auth)),
        ("headers", ", ".join(f"{k}: {v}" for k, v in data["headers"].items())),
        ("capabilities", ", ".join(data["capabilities"]["declared"])),
        ("read from", data.get("source") or ""),
    ]
    yield from _table((f"{name}:", value) for name, value in facts if value)


def _key(key: Any) -> str:
    if key.status == "not_required":
        return "none needed"
    wanted = ", ".join([*key.required, *key.conventional_fallbacks])
    if not key.available:
        return f"missing; set {wanted}"
    return f"<redacted>, from {key.source_name} ({key.source_kind}); read are {wanted}"


def _sent(auth: Mapping[str, Any]) -> str:
    if auth["type"] == "none":
        return ""
    where = "query" if auth["type"] == "query" else "header"
    prefix = f", as {auth['prefix']}" if auth.get("prefix") else ""
    return f"{where} {auth['name']}{prefix}"


def _operation(name: str, at: Mapping[str, Any]) -> Row:
    query = "&".join(f"{k}={v}" for k, v in (at.get("query") or {}).items())
    return name, at["method"], at["path"] + (f"?{query}" if query else "")


def _bounds(name: str, said: Mapping[str, Any]) -> Row:
    wire = ".".join(map(str, said.get("wire") or ()))
    low, high = said.get("min"), said.get("max")
    limits = f"{'' if low is None else low}..{'' if high is None else high}"
    notes = [
        said.get("type") or "",
        limits if limits != ".." else "",
        "one of " + ", ".join(map(str, said["enum"])) if said.get("enum") else "",
        f"default {said['default']}" if said.get("default") is not None else "",
        "required" if said.get("required") else "",
    ]
    place = f"-> {wire}" if wire and wire != name else ""
    return name, place, ", ".join(filter(None, notes))


def _model(name: str, said: Mapping[str, Any]) -> Row:
    prices = said.get("prices") or {}
    status = said.get("status") or ""
    return (
        name,
        _number(said.get("context_window")),
        _number(said.get("max_output_tokens")),
        _price(prices.get("input")),
        _price(prices.get("output")),
        said.get("as_of") or "",
        status if status != "active" else "",
    )


def _number(count: Any) -> str:
    return f"{count:,}" if isinstance(count, int) else "-"


def _price(price: Any) -> str:
    return f"{price:g}" if isinstance(price, (int, float)) else "-"


def _table(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as lines, each column as wide as its widest value."""
    found = list(rows)
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    for row in found:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
