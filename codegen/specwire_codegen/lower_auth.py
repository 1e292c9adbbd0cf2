"""Servers and security of a document to :class:`~specwire_codegen.ir.Service`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from . import ir
from .headers import is_token
from .problems import Problems, shown
from .raw import Raw
from .refs import Documents
from .shapes import Spot, below, follow

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_LOCAL = r"localhost|127(?:\.\d+){3}"
_HOST = re.compile(rf"(?://)?((?:[\w-]+\.)+[a-z]{{2,}}|{_LOCAL})(:\d+)?(/|\Z)", re.I)
"""What was meant as a host where the scheme was forgotten; no first step of a path."""


def lower_service(
    root: Mapping[str, Any],
    at: str,
    name: str,
    documents: Documents,
    problems: Problems,
) -> ir.Service:
    """The service that a document describes: where it is and how to sign in."""
    schemes = lower_schemes(root, at, documents, problems)
    return ir.Service(
        name,
        base_url(root.get("servers"), below(at, "servers"), problems),
        schemes,
        lower_needs(root.get("security"), schemes) or (),
    )


def base_url(servers: Any, at: str, problems: Problems) -> Raw:
    """The first server's URL, variables at their defaults; empty if there is none."""
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, Mapping) or not isinstance(first.get("url"), str):
        return Raw("")
    variables = first.get("variables")
    known = variables if isinstance(variables, Mapping) else {}

    def value(match: re.Match[str]) -> str:
        entry = known.get(match[1])
        default = entry.get("default") if isinstance(entry, Mapping) else None
        return str(default) if default is not None else match[0]

    url = _with_scheme(_VARIABLE.sub(value, first["url"]), at, problems)
    bare = _VARIABLE.search(url)
    if bare or not is_plain(url) or set(url) & set("?#"):
        what = "a server URL that is not plain http(s)"
        if bare:
            what = f"the variable '{shown(bare[1])}' of the server URL has no default"
        problems.warning("L301", at, f"{what}: no default base URL")
        return Raw("")
    if not urlsplit(url).scheme:
        problems.note("L302", at, "a relative server URL: base_url must be given")
        return Raw(url) if url.startswith("/") and url != "/" else Raw("")
    return Raw(url.rstrip("/"))


def _with_scheme(url: str, at: str, problems: Problems) -> str:
    found = _HOST.match(url)
    if found is None:
        return url
    scheme = "http" if re.match(_LOCAL, found[1]) else "https"
    message = f"a server URL without a scheme, read as {scheme}://{found[1]}"
    problems.warning("L304", at, message)
    return f"{scheme}://{url.removeprefix('//')}"


def is_plain(url: str) -> bool:
    """Whether a URL is http(s) or relative, without a user, and on one line."""
    try:
        split = urlsplit(url)
        odd = split.username or split.password or (split.port and not split.hostname)
    except ValueError:
        return False
    bad = re.search(r"[\s\x00-\x1f\x7f-\x9f\\]", url)
    return split.scheme in ("", "http", "https") and not odd and not bad


def lower_schemes(
    root: Mapping[str, Any], at: str, documents: Documents, problems: Problems
) -> tuple[ir.Scheme, ...]:
    components = root.get("components")
    listed = (
        components.get("securitySchemes") if isinstance(components, Mapping) else {}
    )
    here = below(below(at, "components"), "securitySchemes")
    out: list[ir.Scheme] = []
    for name, value in listed.items() if isinstance(listed, Mapping) else ():
        spot = Spot(value, below(here, name))
        found = follow(spot, documents) or spot
        scheme = _scheme(str(name), found.schema)
        if scheme is None:
            problems.warning(
                "L303", spot.at, "a security scheme that is not understood: left out"
            )
        else:
            out.append(scheme)
    return tuple(out)


def _scheme(name: str, value: Any) -> ir.Scheme | None:
    if not isinstance(value, Mapping):
        return None
    kind = value.get("type")
    if kind == "apiKey" and isinstance(value.get("name"), str):
        where = value.get("in")
        if where == "query" or (
            where in ("header", "cookie") and is_token(value["name"])
        ):
            return ir.Scheme(name, "apiKey", where=where, wire=Raw(value["name"]))
    if kind == "http" and str(value.get("scheme")).lower() == "basic":
        return ir.Scheme(name, "basic")
    if kind in ("http", "openIdConnect"):
        return ir.Scheme(name, "bearer")
    return _oauth(name, value.get("flows")) if kind == "oauth2" else None


def _oauth(name: str, flows: Any) -> ir.Scheme | None:
    """Client credentials can be used unattended; other flows end in a bearer token."""
    flow = flows.get("clientCredentials") if isinstance(flows, Mapping) else None
    if isinstance(flow, Mapping) and isinstance(flow.get("tokenUrl"), str):
        if not is_plain(flow["tokenUrl"]):
            return None
        scopes = flow.get("scopes")
        names = scopes if isinstance(scopes, Mapping) else {}
        return ir.Scheme(
            name,
            "oauth2",
            token_url=Raw(flow["tokenUrl"]),
            scopes=tuple(Raw(str(scope)) for scope in names),
        )
    return ir.Scheme(name, "bearer")


def lower_needs(
    stated: Any, schemes: tuple[ir.Scheme, ...]
) -> tuple[tuple[str, ...], ...] | None:
    """``security`` as OR of ANDs; ``None`` where it is not stated.

    Schemes that are not known make their alternative useless, so it goes; an empty
    list means that nothing is needed, which is one anonymous alternative.
    """
    if not isinstance(stated, list):
        return None
    known = {scheme.id for scheme in schemes}
    alternatives = [tuple(map(str, n)) for n in stated if isinstance(n, Mapping)]
    kept = tuple(dict.fromkeys(a for a in alternatives if known.issuperset(a)))
    return kept if kept or alternatives else ((),)
