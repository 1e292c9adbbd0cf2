"""``plan.toml``: how documents become a package, read and checked into frozen values.

The plan names Python things (resources, methods, mixins), which documents and overlays
never do. Unknown keys and values of the wrong type are problems with a line; whether an
operation or a mixin exists is not known here.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from .inputs import named, service_names
from .plan_file import read_toml
from .plan_values import Default, PlanValues
from .problems import Problems, Unusable, did_you_mean, shown
from .url import BadUrl, Url

_TABLES = (
    *("package", "document", "service", "operations"),
    *("alias", "mixins", "derive", "docs", "protocol"),
)
OAUTH = ("client_id", "client_secret")
"""Behind a scheme id and a dot in ``env``: what an OAuth 2 client is known by."""
_WORD = r"[A-Za-z][A-Za-z0-9_]*"
_DOTTED = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_METHOD = re.compile(rf"{_WORD}(?:\.{_WORD})+")
_ARGUMENT = re.compile(r"[a-z][a-z0-9_]*")
_DERIVED = ("also", "defaults", "flag", "gives", "streamed", "of_type")
_OF_DERIVE = (*_DERIVED, "doc", "waits")
_CLASS = re.compile(rf"({_WORD}(?:\.{_WORD})*):({_WORD})")


@frozen
class DocumentPlan:
    """One document, the overlays put on it in order, and its service."""

    file: Path | Url
    overlays: tuple[Path | Url, ...] = ()
    service: str = "api"


@frozen
class ServicePlan:
    """Settings of one service; ``env`` is scheme id to environment variable."""

    base_url_env: str | None = None
    headers_env: str | None = None
    headers: Mapping[str, str] = field(factory=dict)
    env: Mapping[str, str] = field(factory=dict)


@frozen
class DerivePlan:
    """A method ``name`` made of the method ``of``; ``wrap`` is (module, class).

    :ivar also: arguments that only the wrap knows, with a sentence for each.
    :ivar defaults: values for arguments of ``of`` that need not be given here.
    :ivar flag: what an argument that asks for a stream is; it is not the caller's.
    :ivar gives: where the wrap is a function: the class of what it returns.
    :ivar streamed: of what it returns as a stream, which then is the caller's choice.
    :ivar of_type: one of ``also``; where it is a class, ``gives`` is generic in it.
    :ivar doc: the first line of the method's docstring.
    :ivar waits: whether it is awaited in tasks; else it only makes what is used there.
    """

    name: str
    of: str
    wrap: tuple[str, str]
    also: Mapping[str, str] = field(factory=dict)
    defaults: Mapping[str, Default] = field(factory=dict)
    flag: bool = True
    gives: tuple[str, str] | None = None
    streamed: tuple[str, str] | None = None
    of_type: str | None = None
    doc: str = ""
    waits: bool = True


@frozen
class ProtocolPlan:
    """Folders of manifests; without ``contracts`` those of specwire hold."""

    providers: Path
    models: Path | None = None
    contracts: Path | None = None
    schemas: Path | None = None


@frozen
class Plan:
    """A whole plan.

    :ivar package: import name of the package that the output belongs to.
    :ivar out: folder that models and resources are written below.
    :ivar file: the plan's name for problems; empty without a plan file.
    :ivar documents: what is read. All paths are joined to the plan's folder.
    :ivar operations: operationId to ``resource.method``.
    :ivar alias: path of resources to the resource it is the same as.
    :ivar mixins: resource to (module, class).
    :ivar docs: resource to one line.
    :ivar aio: whether there is an async side.
    :ivar protocol: manifests of chat providers that become data beside the code.
    :ivar twins: the plan of the async faces of hand-written classes.
    """

    package: str
    out: Path
    client: bool = True
    bundle: bool = False
    file: str = ""
    documents: tuple[DocumentPlan, ...] = ()
    services: Mapping[str, ServicePlan] = field(factory=dict)
    operations: Mapping[str, str] = field(factory=dict)
    alias: Mapping[str, str] = field(factory=dict)
    mixins: Mapping[str, tuple[str, str]] = field(factory=dict)
    derive: tuple[DerivePlan, ...] = ()
    docs: Mapping[str, str] = field(factory=dict)
    protocol: ProtocolPlan | None = None
    aio: bool = True
    twins: Path | None = None

    @classmethod
    def default(
        cls,
        spec_paths: Sequence[Path | Url],
        package: str,
        overlays: Sequence[Path | Url] = (),
        *,
        service: str | None = None,
    ) -> Plan:
        """What is built without a plan: every document a service, with a client.

        ``overlays`` are put on every document. One document's service is called as
        the package, several are called as their files, with the folder's name before
        it where files are called alike. With ``service`` all are parts of that one.
        """
        alone = len(spec_paths) == 1
        names = [package] if alone else service_names(spec_paths)
        if service is not None:
            names = [service] * len(spec_paths)
        documents = tuple(
            DocumentPlan(path, tuple(overlays), name)
            for path, name in zip(spec_paths, names, strict=True)
        )
        services = {
            one.service: ServicePlan(base_url_env=f"{one.service.upper()}_BASE_URL")
            for one in documents
        }
        return cls(package, Path(package), documents=documents, services=services)


def read_plan(path: Path, problems: Problems, *, root: Path | None = None) -> Plan:
    """Read a plan file; raises :class:`Unusable` when it is not TOML or has no package.

    ``root`` is the folder that names in problems are relative to.
    """
    data, file, lines = read_toml(path, problems, root=root)
    return _Reader(data, file, lines, problems).plan(path.parent)


class _Reader(PlanValues):
    """Takes a plan apart; every value that is wrong is reported and left out."""

    def plan(self, folder: Path) -> Plan:
        self._known(self.data, _TABLES, ())
        package = self._table(self.data, "package", ())
        here = ("package",)
        known = ("name", "out", "client", "bundle", "async", "twins")
        self._known(package, known, here)
        name = self._text(package, "name", here, required=True)
        if name is None:
            raise Unusable(self.problems)
        if not _DOTTED.fullmatch(name) or any(map(keyword.iskeyword, name.split("."))):
            self._wrong("P005", (*here, "name"), f"'{shown(name)}' cannot be imported")
            raise Unusable(self.problems)
        documents = self._documents(folder, name)
        return Plan(
            name,
            folder / (self._text(package, "out", here) or name.replace(".", "/")),
            self._flag(package, "client", here, default=True),
            self._flag(package, "bundle", here, default=False),
            self.file,
            documents,
            self._services(documents),
            self._names("operations", _METHOD, "resource.method"),
            self._names("alias", _DOTTED, "resource", keys=_METHOD),
            {key: self._class(value) for key, value in self._mixins().items()},
            tuple(self._derive()),
            self._names("docs", None, "one line", keys=_DOTTED),
            self._protocol(folder),
            self._flag(package, "async", here, default=True),
            folder / twins if (twins := self._text(package, "twins", here)) else None,
        )

    # -- the parts ---------------------------------------------------------------

    def _documents(self, folder: Path, package: str) -> tuple[DocumentPlan, ...]:
        """Where no service is stated, one document is the package's, more their own."""
        found = self._stated(folder)
        unnamed = [one.file for one in found if not one.service]
        names = iter([package] if len(found) == 1 else service_names(unnamed))
        if not found and not {"document", "protocol"} & self.data.keys():
            self._wrong("P004", (), "the plan has no [[document]]")
        return tuple(
            one if one.service else evolve(one, service=next(names)) for one in found
        )

    def _stated(self, folder: Path) -> list[DocumentPlan]:
        out: list[DocumentPlan] = []
        for index, one in self._tables("document"):
            at = ("document", index)
            self._known(one, ("file", "overlays", "service"), at)
            file = self._text(one, "file", at, required=True)
            service = self._text(one, "service", at) or ""
            if (service and not _DOTTED.fullmatch(service)) or "." in service:
                self._wrong("P005", (*at, "service"), "expected one word")
                continue
            overlays = one.get("overlays", [])
            if not isinstance(overlays, list) or not all(
                isinstance(overlay, str) for overlay in overlays
            ):
                self._wrong("P003", (*at, "overlays"), "expected a list of texts")
                overlays = []
            if file is not None:
                try:
                    paths = tuple(named(overlay, folder) for overlay in overlays)
                    out.append(DocumentPlan(named(file, folder), paths, service))
                except BadUrl as error:
                    self._wrong("P005", at, str(error))
        return out

    def _protocol(self, folder: Path) -> ProtocolPlan | None:
        if "protocol" not in self.data:
            return None
        at = ("protocol",)
        table = self._table(self.data, "protocol", ())
        self._known(table, ("providers", "models", "contracts", "schemas"), at)
        found = {
            key: folder / text
            for key in ("models", "contracts", "schemas")
            if (text := self._text(table, key, at)) is not None
        }
        providers = self._text(table, "providers", at, required=True)
        return None if providers is None else ProtocolPlan(folder / providers, **found)

    def _services(self, documents: Sequence[DocumentPlan]) -> dict[str, ServicePlan]:
        out: dict[str, ServicePlan] = {}
        known = [one.service for one in documents]
        for name in self._table(self.data, "service", ()):
            at = ("service", name)
            one = self._table(self.data["service"], name, ("service",))
            if name not in known:
                hint = did_you_mean(name, known)
                message = f"no document has the service '{shown(name)}'"
                self._wrong("P005", at, message, hint)
            self._known(one, ("base_url_env", "headers_env", "headers", "env"), at)
            out[name] = ServicePlan(
                self._text(one, "base_url_env", at),
                self._text(one, "headers_env", at),
                self._texts(one, "headers", at),
                self._texts(one, "env", at),
            )
        return out

    def _names(
        self,
        table: str,
        shape: re.Pattern[str] | None,
        expected: str,
        *,
        keys: re.Pattern[str] | None = None,
    ) -> dict[str, str]:
        out: dict[str, str] = {}
        for key, value in self._texts(self.data, table, ()).items():
            at = (table, key)
            if shape is not None and not _fits(shape, value):
                message = f"expected '{expected}', got '{shown(value)}'"
                self._wrong("P005", at, message)
            elif keys is not None and not _fits(keys, key):
                kind = "module:Class" if keys is _CLASS else "the name of a resource"
                self._wrong("P005", at, f"'{shown(key)}' is not {kind}")
            else:
                out[key] = value
        return out

    def _mixins(self) -> dict[str, str]:
        return self._names("mixins", _CLASS, "module:Class", keys=_DOTTED)

    def _class(self, text: str) -> tuple[str, str]:
        module, _, name = text.partition(":")
        return module, name

    def _derive(self) -> list[DerivePlan]:
        out: list[DerivePlan] = []
        shapes = {"name": _METHOD, "of": _METHOD, "wrap": _CLASS}
        for index, one in self._tables("derive"):
            at = ("derive", index)
            self._known(one, (*shapes, *_OF_DERIVE), at)
            found = {k: self._shaped(one, k, shape, at) for k, shape in shapes.items()}
            name, of, wrap = found["name"], found["of"], found["wrap"]
            also = self._texts(one, "also", at)
            for key in [key for key in also if not _ARGUMENT.fullmatch(key)]:
                self._wrong("P005", (*at, "also", key), "expected a name in lower case")
                del also[key]
            of_type = self._text(one, "of_type", at)
            if of_type is not None and of_type not in also:
                self._wrong("P005", (*at, "of_type"), "expected one of 'also'")
                of_type = None
            gives, streamed = (
                self._shaped(one, key, _CLASS, at, required=False)
                for key in ("gives", "streamed")
            )
            if name is not None and of is not None and wrap is not None:
                out.append(
                    DerivePlan(
                        *(name, of, self._class(wrap), also),
                        self._plain(one, "defaults", at),
                        self._flag(one, "flag", at, default=True),
                        self._class(gives) if gives else None,
                        self._class(streamed) if streamed else None,
                        of_type,
                        self._text(one, "doc", at) or "",
                        self._flag(one, "waits", at, default=True),
                    )
                )
        return out

    def _shaped(
        self,
        table: Mapping[str, Any],
        key: str,
        shape: re.Pattern[str],
        at: tuple[str | int, ...],
        *,
        required: bool = True,
    ) -> str | None:
        value = self._text(table, key, at, required=required)
        if value is None or _fits(shape, value):
            return value
        expected = "module:Class" if shape is _CLASS else "resource.method"
        self._wrong("P005", (*at, key), f"expected '{expected}', got '{shown(value)}'")
        return None


def _fits(shape: re.Pattern[str], text: str) -> bool:
    words = re.split(r"[.:]", text)
    return bool(shape.fullmatch(text)) and not any(map(keyword.iskeyword, words))
