"""The surface: the services as data, and the class that offers every resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import ir
from .blocks import from_import
from .emit_resources import child
from .lines import Group, Lines, Node, Pair, call, table
from .names import Names
from .plan import OAUTH, ServicePlan
from .raw import lit
from .records import auth
from .resource_writer import Path


def surface_module(
    services: Sequence[ir.Service],
    settings: Mapping[str, ServicePlan],
    children: Mapping[str, Path],
    names: Names,
    header: Sequence[str],
) -> str:
    """``resources/_surface.py``."""
    out = Lines()
    out.add(*header)
    out.docstring("What a client offers: its services, and a resource an attribute.")
    out.add("", "from __future__ import annotations", "")
    if children:
        out.add("import typing as _t", "")
    out.add("from specwire.core import auth as _auth")
    out.add("from specwire.core import resource as _r")
    if children:
        out.add("", "if _t.TYPE_CHECKING:")
        found = {(names.modules[t], names.classes[t]) for t in children.values()}
        for module, name in sorted(found):
            from_import(out, f".{module}", [name], indent=4)
    out.blank()
    rows = table(
        (lit(s.id), _service(s, settings.get(s.id, ServicePlan()))) for s in services
    )
    out.annotated("SERVICES", "dict[str, _auth.Service]", rows)
    out.blank(2)
    out.add("class Surface(_r.Resources):")
    out.docstring("Every resource of the package.", indent=4)
    for attribute, target in children.items():
        child(out, attribute, target, names)
    return out.text()


def _service(service: ir.Service, settings: ServicePlan) -> Group:
    items: list[Node] = [lit(service.id), f"base_url={lit(service.base_url)}"]
    if settings.base_url_env:
        items.append(f"base_url_env={lit(settings.base_url_env)}")
    if settings.headers:
        rows = ((lit(k), lit(v)) for k, v in settings.headers.items())
        items.append(Pair("headers=", table(rows)))
    if settings.headers_env:
        items.append(f"headers_env={lit(settings.headers_env)}")
    if service.schemes:
        schemes = ((lit(s.id), _scheme(s, settings.env)) for s in service.schemes)
        items.append(Pair("schemes=", table(schemes)))
    if service.needs:
        items.append(f"auth={lit(auth(service.needs))}")
    if service.keys:
        items.append(f"keys={lit(service.keys)}")
    return call("_auth.Service", *items)


def _scheme(scheme: ir.Scheme, variables: Mapping[str, str]) -> Group:
    env = variables.get(scheme.id)
    named = [f"env={lit(env)}"] if env else []
    if scheme.kind == "apiKey":
        return call("_auth.ApiKey", lit(scheme.where), lit(scheme.wire), *named)
    if scheme.kind != "oauth2":
        kind = "_auth.Bearer" if scheme.kind == "bearer" else "_auth.Basic"
        return call(kind, *named)
    items: list[Node] = [lit(scheme.token_url)]
    if scheme.scopes:
        items.append(f"scopes={lit(scheme.scopes)}")
    items += named
    for part in OAUTH:
        variable = variables.get(f"{scheme.id}.{part}")
        if variable:
            items.append(f"{part}_env={lit(variable)}")
    return call("_auth.OAuth2", *items)


def resources_init(header: Sequence[str]) -> str:
    """``resources/__init__.py``: a package and nothing more."""
    out = Lines()
    out.add(*header)
    out.docstring("Resources: one module each, loaded when first used.")
    return out.text()
