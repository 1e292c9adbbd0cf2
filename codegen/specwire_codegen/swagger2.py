"""Swagger 2.0 to the shape of OpenAPI 3.1.

Takes a checked 2.0 document apart and puts it together again: bodies and forms become
``requestBody``, ``consumes`` and ``produces`` become media types, host and base path
become servers, and references follow what moved. Schemas are left to
:mod:`~specwire_codegen.dialect`. What 3.1 cannot say is reported.
"""

from __future__ import annotations

from typing import Any

from .grammar import METHODS, THREE, parts, step
from .problems import Problems, shown

_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/responses/": "#/components/responses/",
    "#/securityDefinitions/": "#/components/securitySchemes/",
}
_IN_SCHEMA = (
    *("type", "format", "items", "enum", "default", "pattern", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "x-nullable", "example"),
)
_SEPARATED = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
_GONE = frozenset(
    (
        *("swagger", "host", "basePath", "schemes", "consumes", "produces"),
        *("definitions", "parameters", "responses", "securityDefinitions"),
    )
)
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def convert(document: dict[str, Any], problems: Problems, *, at: str) -> dict[str, Any]:
    """The document in the shape of 3.1; its schemas keep the words of 2.0."""
    return _Converter(document, problems).document(at)


def moved(ref: str, bodies: frozenset[str] = frozenset()) -> str:
    """A reference within a 2.0 document as it reads after the conversion.

    ``bodies`` are the names of shared parameters that became request bodies.
    """
    for old, new in _MOVED.items():
        if ref.startswith(old):
            return new + ref.removeprefix(old)
    if ref.startswith("#/parameters/"):
        name = ref.removeprefix("#/parameters/")
        home = "requestBodies" if name.split("/")[0] in bodies else "parameters"
        return f"#/components/{home}/{name}"
    return ref


def convert_part(value: Any, kind: str, problems: Problems, *, at: str) -> Any:
    """One part of a 2.0 file that is no whole document, in the shape of 3.1."""
    converter = _Converter({"paths": {}}, problems)
    if not isinstance(value, dict) or "$ref" in value:
        return value
    if kind == "path":
        return converter.path(value, at)
    if kind == "response":
        return converter.response(value, [])
    if kind == "parameter":
        if value.get("in") in ("body", "formData"):
            message = "a body that is declared in another file cannot be sent"
            problems.error("D011", at, message)
        return converter.parameter(value, at)
    return value


def body_names(document: dict[str, Any]) -> frozenset[str]:
    """The shared parameters of a 2.0 document that become request bodies."""
    shared: dict[str, Any] = document.get("parameters", {})
    return frozenset(name for name, one in shared.items() if one.get("in") == "body")


class _Converter:
    """Converts the parts of one document."""

    def __init__(self, document: dict[str, Any], problems: Problems) -> None:
        self.old = document
        self.problems = problems
        self.shared: dict[str, Any] = document.get("parameters", {})
        self.bodies = body_names(document)

    def document(self, at: str) -> dict[str, Any]:
        old = self.old
        new = {key: value for key, value in old.items() if key not in _GONE}
        new["openapi"] = "3.1.0"
        new["servers"] = self._servers()
        new["paths"] = {
            key: item
            if key.startswith("x-")
            else self.path(item, step(step(at, "paths"), key))
            for key, item in old["paths"].items()
        }
        new["components"] = self._components(at)
        for part in parts(new, "document", at, THREE):
            if isinstance(part.value.get("$ref"), str):
                part.value["$ref"] = moved(part.value["$ref"], self.bodies)
            mapping = part.value.get("mapping")
            if part.kind == "discriminator" and isinstance(mapping, dict):
                for key, ref in mapping.items():
                    mapping[key] = moved(ref, self.bodies)
        return new

    def _servers(self) -> list[dict[str, Any]]:
        host, base = self.old.get("host"), self.old.get("basePath", "")
        base = base if base.startswith("/") or not base else f"/{base}"
        if not host:
            return [{"url": base}] if base not in ("", "/") else []
        schemes = self.old.get("schemes") or ["https"]
        # The order means nothing in 2.0; nobody wants to be sent to plain http.
        ordered = sorted(schemes, key=lambda scheme: scheme != "https")
        usable = [scheme for scheme in ordered if scheme in ("https", "http")]
        return [{"url": f"{scheme}://{host}{base}"} for scheme in usable]

    def _components(self, at: str) -> dict[str, Any]:
        old = self.old
        parameters = step(at, "parameters")
        produces = old.get("produces") or []
        found = {
            "schemas": old.get("definitions", {}),
            "responses": self._responses(old.get("responses", {}), produces),
            "parameters": {
                name: self.parameter(one, step(parameters, name))
                for name, one in self.shared.items()
                if one.get("in") not in ("body", "formData")
            },
            "requestBodies": {
                name: self._body(self.shared[name], old.get("consumes") or [])
                for name in self.shared
                if name in self.bodies
            },
            "securitySchemes": {
                name: self._scheme(one, step(step(at, "securityDefinitions"), name))
                for name, one in old.get("securityDefinitions", {}).items()
            },
        }
        return {name: table for name, table in found.items() if table}

    # -- operations --------------------------------------------------------------

    def path(self, item: dict[str, Any], here: str) -> dict[str, Any]:
        new = dict(item)
        shared = item.get("parameters", [])
        plain = [one for one in shared if self._place(one) not in ("body", "formData")]
        if shared:
            new["parameters"] = self._parameters(plain, here)
        sent = [one for one in shared if self._place(one) in ("body", "formData")]
        for method in METHODS:
            if method in item:
                new[method] = self._operation(item[method], sent, step(here, method))
        return new

    def _operation(
        self, operation: dict[str, Any], sent: list[Any], at: str
    ) -> dict[str, Any]:
        consumes = operation.get("consumes", self.old.get("consumes")) or []
        produces = operation.get("produces", self.old.get("produces")) or []
        gone = ("consumes", "produces", "schemes", "parameters")
        new = {key: value for key, value in operation.items() if key not in gone}
        listed = operation.get("parameters", [])
        plain = [one for one in listed if self._place(one) not in ("body", "formData")]
        if plain:
            new["parameters"] = self._parameters(plain, at)
        body = self._request([*listed, *sent], consumes, at)
        if body is not None:
            new["requestBody"] = body
        if "responses" in operation:
            new["responses"] = self._responses(operation["responses"], produces)
        return new

    def _resolved(self, parameter: dict[str, Any]) -> dict[str, Any]:
        ref = parameter.get("$ref", "")
        name = ref.removeprefix("#/parameters/") if ref else ""
        found = self.shared.get(name, parameter) if ref else parameter
        return found if isinstance(found, dict) else parameter

    def _place(self, parameter: dict[str, Any]) -> Any:
        return self._resolved(parameter).get("in")

    def _request(
        self, listed: list[Any], consumes: list[str], at: str
    ) -> dict[str, Any] | None:
        for parameter in listed:
            if self._place(parameter) == "body":
                if "$ref" in parameter and not consumes:
                    return {"$ref": parameter["$ref"]}
                return self._body(self._resolved(parameter), consumes)
        found = [self._resolved(one) for one in listed]
        fields = [one for one in found if one.get("in") == "formData"]
        return self._form(fields, consumes, at) if fields else None

    def _body(self, parameter: dict[str, Any], consumes: list[str]) -> dict[str, Any]:
        schema = parameter.get("schema", {})
        media = [one for one in consumes if one not in _FORMS] or ["application/json"]
        new = {"content": {one: {"schema": schema} for one in media}}
        return {**_kept(parameter, "description", "required"), **new}

    def _form(
        self, fields: list[dict[str, Any]], consumes: list[str], at: str
    ) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        encoding: dict[str, Any] = {}
        for one in fields:
            form = self.parameter(one, at)
            schema = dict(form["schema"])
            if "description" in one:
                schema["description"] = one["description"]
            if one.get("type") == "file":
                schema.update(type="string", format="binary")
            properties[one["name"]] = schema
            if "style" in form or "explode" in form:
                encoding[one["name"]] = _kept(form, "style", "explode")
        required = [one["name"] for one in fields if one.get("required") is True]
        schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        files = any(one.get("type") == "file" for one in fields)
        stated = [one for one in consumes if one in _FORMS]
        media = [_FORMS[0]] if files else stated or [_FORMS[1]]
        entry = {"schema": schema, **({"encoding": encoding} if encoding else {})}
        return {"required": bool(required), "content": dict.fromkeys(media, entry)}

    def _responses(self, old: dict[str, Any], produces: list[str]) -> dict[str, Any]:
        return {
            code: one if code.startswith("x-") else self.response(one, produces)
            for code, one in old.items()
        }

    def response(self, old: dict[str, Any], produces: list[str]) -> dict[str, Any]:
        if "$ref" in old:
            return old
        new = {key: old[key] for key in old if key not in ("schema", "examples")}
        if "headers" in old:
            new["headers"] = {
                name: {**_kept(one, "description"), "schema": _kept(one, *_IN_SCHEMA)}
                for name, one in old["headers"].items()
            }
        schema = old.get("schema")
        if schema is not None:
            file = isinstance(schema, dict) and schema.get("type") == "file"
            usual = "application/octet-stream" if file else "application/json"
            new["content"] = {
                media: {"schema": schema} for media in produces or [usual]
            }
        return new

    # -- parameters and schemes --------------------------------------------------

    def _parameters(self, listed: list[Any], at: str) -> list[Any]:
        here = step(at, "parameters")
        return [
            self.parameter(one, step(here, index)) for index, one in enumerate(listed)
        ]

    def parameter(self, old: dict[str, Any], at: str) -> dict[str, Any]:
        if "$ref" in old:
            return old
        gone = (*_IN_SCHEMA, "collectionFormat", "allowEmptyValue")
        new = {key: value for key, value in old.items() if key not in gone}
        new["schema"] = _kept(old, *_IN_SCHEMA)
        if old.get("type") != "array":
            return new
        how = old.get("collectionFormat", "csv")
        query = old.get("in") in ("query", "formData")
        if how in _SEPARATED and query:
            new.update(style=_SEPARATED[how], explode=False)
        elif query:
            new.update(style="form", explode=how == "multi")
        if how not in ("csv", "multi", *_SEPARATED):
            message = f"collectionFormat '{shown(how)}' is sent with commas"
            self.problems.warning("D011", at, message)
        return new

    def _scheme(self, old: dict[str, Any], at: str) -> dict[str, Any]:
        if old.get("type") == "basic":
            return {**_kept(old, "description"), "type": "http", "scheme": "basic"}
        if old.get("type") != "oauth2":
            return old
        named = str(old.get("flow"))
        flow = _kept(old, "authorizationUrl", "tokenUrl")
        flow["scopes"] = old.get("scopes", {})
        flows = {_FLOWS.get(named, named): flow}
        return {**_kept(old, "description"), "type": "oauth2", "flows": flows}


def _kept(old: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: old[key] for key in keys if key in old}
