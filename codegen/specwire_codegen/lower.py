"""A whole document to the intermediate representation; no operation is ever dropped.

Works on a document in the one dialect that :mod:`~specwire_codegen.dialect` makes.
Parameters and paths are here; bodies, results, schemas and security have a module each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl, urljoin, urlsplit

from attrs import evolve

from . import ir
from .alias_limits import limit
from .grammar import METHODS
from .headers import is_token
from .kinds import without_null
from .lower_auth import base_url, lower_needs, lower_service
from .lower_body import lower_bodies
from .lower_result import (
    PAGING,
    VALUE,
    Said,
    Wanted,
    has_stream_flag,
    lower_errors,
    lower_result,
    said_of,
)
from .lower_said import constants, implied, replaced, retiring
from .lower_schema import Schemas
from .lower_webhooks import lower_webhooks
from .problems import Problems, shown
from .raw import Raw
from .refs import Documents
from .services import Services
from .shapes import Spot, below, follow, last
from .words import own_words

_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_IGNORED = frozenset(["accept", "content-type", "authorization"])
_PLACE = re.compile(r"\{([^{}]*)\}")


def lower(
    documents: Documents, roots: list[tuple[Spot, str]], problems: Problems
) -> ir.Api:
    """``roots`` (documents, each with its service) as one :class:`ir.Api`."""
    schemas = Schemas(documents, problems, [root for root, _ in roots])
    services = Services(name for _, name in roots)
    operations: list[ir.Operation] = []
    for root, name in roots:
        reader = _Document(root, name, schemas, problems, services)
        operations += reader.operations()
        _declare_components(root, schemas)
    webhooks = lower_webhooks([root for root, _ in roots], schemas)
    schemas.finish()
    limit(schemas.decls, problems)
    first = roots[0][0].schema.get("info") if roots else None
    info = first if isinstance(first, Mapping) else {}
    return ir.Api(
        Raw(str(info.get("title") or "API")),
        Raw(str(info.get("version") or "")),
        _raw(info.get("description")),
        tuple(services.all.values()),
        tuple(operations),
        schemas.decls,
        tuple(tag for root, _ in roots for tag in _tags(root.schema)),
        frozenset(schemas.absorbed),
        webhooks,
    )


def _tags(root: Mapping[str, Any]) -> list[tuple[Raw, Raw]]:
    listed = root.get("tags")
    return [
        (Raw(tag["name"]), Raw(tag["description"]))
        for tag in (listed if isinstance(listed, list) else ())
        if isinstance(tag, Mapping)
        and isinstance(tag.get("name"), str)
        and isinstance(tag.get("description"), str)
    ]


def _declare_components(root: Spot, schemas: Schemas) -> None:
    components = root.schema.get("components")
    if isinstance(components, Mapping) and isinstance(
        components.get("schemas"), Mapping
    ):
        for spot in root.down("components").each("schemas"):
            target = follow(spot, schemas.documents) or spot
            if "#/components/schemas/" not in target.at:
                schemas.called.setdefault(target.at, last(spot.at))
            schemas.reference(target)


class _Document:
    """Reads the operations of one document."""

    def __init__(
        self,
        root: Spot,
        service: str,
        schemas: Schemas,
        problems: Problems,
        services: Services,
    ) -> None:
        self.root = root
        self.schemas = schemas
        self.problems = problems
        self.services = services
        self.main = services.of_document(
            lower_service(root.schema, root.at, service, schemas.documents, problems)
        )

    def operations(self) -> list[ir.Operation]:
        paths = self.root.schema.get("paths")
        out: list[ir.Operation] = []
        for key in paths if isinstance(paths, Mapping) else ():
            spot = self.root.down("paths", key)
            item = follow(spot, self.schemas.documents) or spot
            if isinstance(item.schema, Mapping):
                for method in METHODS:
                    if isinstance(item.schema.get(method), Mapping):
                        out += self._operations(str(key), method, item, spot)
        return out

    def _operations(
        self, key: str, method: str, item: Spot, path: Spot
    ) -> Iterator[ir.Operation]:
        """The operation, and it again for each other kind of body that it takes."""
        here = item.down(method)
        hint = _hint(here.schema.get("operationId"), key, method)
        if "requestBody" not in here.schema:
            yield self._operation(key, method, item, path, None)
            return
        said = here.down("requestBody")
        bodies = lower_bodies(said, Raw(f"{hint.wire} request"), self.schemas)
        usual = next(iter(bodies), None)
        first = self._operation(key, method, item, path, bodies.get(usual or ""))
        yield first
        for label, body in bodies.items():
            if label != usual:
                at = below(below(first.at, "requestBody"), label)
                result = self._replied(method, here, hint, body)
                yield evolve(first, body=body, at=at, result=result, variant=label)

    def _replied(
        self, method: str, here: Spot, hint: Raw, body: ir.Body | None
    ) -> ir.Result:
        # A reply to HEAD has no body, whatever the one to GET would have.
        return ir.Nothing() if method == "head" else self._result(here, hint, body)

    def _operation(
        self, key: str, method: str, item: Spot, path: Spot, body: ir.Body | None
    ) -> ir.Operation:
        here = item.down(method)
        said = here.schema
        hint = _hint(said.get("operationId"), key, method)
        plain, constant = split_path(key)
        params = self._params(plain, item, here, hint)
        result = self._replied(method, here, hint, body)
        if body is not None and isinstance(result, ir.Either):
            # The flag is a member that is always sent.
            body = evolve(body, required=True)
        retry = said.get("x-specwire-retry")
        safe = method not in ("post", "patch")
        return ir.Operation(
            _raw(said.get("operationId")),
            method.upper(),
            Raw(plain),
            params,
            body,
            result,
            below(path.at, method),
            self._service(item, here),
            tags=_texts(said.get("tags")),
            errors=self._errors(here, hint),
            needs=self._needs(said),
            retry="always"
            if retry == "always" or (safe and not retry)
            else "unstarted",
            const_headers=tuple(constants(here, self.problems)),
            const_query=tuple((Raw(k), Raw(v)) for k, v in constant),
            implied=tuple(implied(here, body, self.problems)),
            retiring=tuple(retiring(here, body, self.problems)),
            replaced=tuple(replaced(here, body, self.problems)),
            summary=_raw(said.get("summary")),
            doc=_raw(said.get("description")),
            deprecated=said.get("deprecated") is True,
        )

    # -- parameters ---------------------------------------------------------------

    def _params(
        self, path: str, item: Spot, here: Spot, hint: Raw
    ) -> tuple[ir.Param, ...]:
        found: dict[tuple[str, str], ir.Param] = {}
        listed = [*_listed(item, "parameters"), *_listed(here, "parameters")]
        for spot in listed:
            param = self._param(follow(spot, self.schemas.documents) or spot, hint)
            if param is not None:
                found[param.where, param.wire.wire] = param
        places = list(dict.fromkeys(_PLACE.findall(path)))
        for name in places:
            if ("path", name) not in found:
                self.problems.warning(
                    "L201", here.at, f"path parameter {name!a} is not described"
                )
                found["path", name] = ir.Param(
                    Raw(name),
                    "path",
                    ir.Scalar("string"),
                    True,
                    here.at,
                    "simple",
                    False,
                )
        # In the order of the path: these are the positional arguments.
        in_path = [found.pop(("path", name)) for name in places]
        for (where, name), param in list(found.items()):
            if where == "path":
                self.problems.warning(
                    "L202", param.at, f"path parameter {name!a} is not in the path"
                )
                del found[where, name]
        return (*in_path, *found.values())

    def _param(self, spot: Spot, hint: Raw) -> ir.Param | None:
        said = spot.schema
        where: Any = said.get("in") if isinstance(said, Mapping) else None
        if where not in get_args(ir.Where) or not isinstance(said.get("name"), str):
            self.problems.warning("L203", spot.at, "a parameter without name or place")
            return None
        name = said["name"]
        if where == "header" and name.lower() in _IGNORED:
            return None
        if where in ("header", "cookie") and not is_token(name):
            message = f"no {where} can be called '{shown(name)}': left out"
            self.problems.warning("L207", spot.at, message)
            return None
        schema, style, explode = self._form(spot, where)
        kind = self.schemas.lower(schema, Raw(f"{hint.wire} {name}"))
        kind, nullable = without_null(kind)
        inner = schema.schema if isinstance(schema.schema, Mapping) else {}
        return ir.Param(
            Raw(name),
            where,
            kind,
            where == "path" or said.get("required") is True,
            spot.at,
            style,
            explode,
            nullable=nullable,
            default=inner.get("default"),
            has_default="default" in inner,
            called=_raw(said.get("x-specwire-name")),
            doc=_raw(said.get("description")) or _raw(inner.get("description")),
            deprecated=said.get("deprecated") is True,
        )

    def _form(self, spot: Spot, where: str) -> tuple[Spot, str, bool]:
        """A parameter's schema, style and explode; ``content`` means JSON text."""
        said = spot.schema
        style = said.get("style") if isinstance(said.get("style"), str) else None
        style = style or _STYLES[where]
        explode = said.get("explode")
        if not isinstance(explode, bool):
            explode = style == "form"
        content = said.get("content")
        if isinstance(content, Mapping) and content:
            entry = spot.down("content", next(iter(content)))
            inside = isinstance(entry.schema, Mapping) and "schema" in entry.schema
            return (
                entry.down("schema") if inside else Spot(True, spot.at),
                "json",
                False,
            )
        return (
            spot.down("schema") if "schema" in said else Spot(True, spot.at),
            style,
            explode,
        )

    # -- the rest -----------------------------------------------------------------

    def _result(self, here: Spot, hint: Raw, body: ir.Body | None) -> ir.Result:
        said = here.schema
        flag = said.get("x-specwire-flag")
        fields = body.fields if body else None
        if not isinstance(flag, str):
            flag = has_stream_flag(fields)
        elif flag not in [field.wire.wire for field in fields or ()]:
            self.problems.warning(
                "L206", here.at, f"x-specwire-flag: the request has no {flag!a}"
            )
            flag = None
        wanted = Wanted(Raw(f"{hint.wire} response"), flag, *self._general(here))
        if "responses" not in said:
            self.problems.warning("L205", here.at, "no responses: nothing is returned")
            return ir.Nothing()
        return lower_result(here.down("responses"), wanted, self.schemas)

    def _general(self, here: Spot) -> tuple[Said | None, Said | None]:
        """Paging and envelope: as the operation says, else as all of the document do.

        What all do counts only where it fits: where the request takes the cursor.
        """
        paging = said_of(here.schema.get(PAGING), Mapping)
        member = said_of(here.schema.get(VALUE), str)
        if PAGING not in here.schema:
            paging = said_of(self.root.schema.get(PAGING), Mapping, general=True)
            sent = paging.word.get("cursors") if paging else None
            listed = _listed(here, "parameters")
            asked = (follow(s, self.schemas.documents) or s for s in listed)
            names = {s.schema.get("name") for s in asked if isinstance(s.schema, dict)}
            if not isinstance(sent, Mapping) or names.isdisjoint(sent):
                paging = None
        if VALUE not in here.schema:
            member = said_of(self.root.schema.get(VALUE), str, general=True)
        return paging, member

    def _errors(self, here: Spot, hint: Raw) -> tuple[tuple[str, ir.Type], ...]:
        if "responses" not in here.schema:
            return ()
        return lower_errors(
            here.down("responses"), Raw(f"{hint.wire} error"), self.schemas
        )

    def _needs(self, said: Mapping[str, Any]) -> tuple[tuple[str, ...], ...] | None:
        needs = lower_needs(said.get("security"), self.main.schemes)
        return None if needs == self.main.needs else needs

    def _service(self, item: Spot, here: Spot) -> str:
        """The service's name; other servers for a path or operation are another one."""
        for spot in (here, item):
            if isinstance(spot.schema.get("servers"), list) and spot.schema["servers"]:
                url = base_url(
                    spot.schema["servers"], below(spot.at, "servers"), self.problems
                )
                if self.main.base_url.wire and not urlsplit(url.wire).scheme:
                    url = Raw(urljoin(self.main.base_url.wire, url.wire or "/"))
                    url = Raw(url.wire.rstrip("/"))
                return self.services.of_server(self.main, url)
        return self.main.id


def split_path(key: str) -> tuple[str, list[tuple[str, str]]]:
    """A path key without what only tells it from its twins.

    A query (``/files?beta=true``) is sent with every call; a fragment is not sent. A
    brace that belongs to no placeholder is a character like others, and escaped.

    >>> split_path("/files?beta=true")
    ('/files', [('beta', 'true')])
    """
    plain, _, _ = key.partition("#")
    plain, _, query = plain.partition("?")
    plain = plain if plain.startswith("/") else f"/{plain}"
    return plain, parse_qsl(query, keep_blank_values=True)


def _hint(operation_id: Any, path: str, method: str) -> Raw:
    """What inline schemas of an operation are named after."""
    if not isinstance(operation_id, str) or not operation_id.strip():
        return Raw(f"{method} {path}")
    return Raw(" ".join(own_words(operation_id, path, method)) or operation_id)


def _listed(spot: Spot, key: str) -> list[Spot]:
    return spot.each(key) if isinstance(spot.schema.get(key), list) else []


def _raw(value: Any) -> Raw | None:
    return Raw(value) if isinstance(value, str) and value.strip() else None


def _texts(value: Any) -> tuple[Raw, ...]:
    return tuple(map(Raw, filter(_is_text, value))) if isinstance(value, list) else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
