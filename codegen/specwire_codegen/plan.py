"""``plan.toml``: how documents become a package, read and checked into frozen values.

The plan names Python things (resources, methods, mixins), which documents and overlays
never do. Unknown keys and values of the wrong type are problems with a line; whether an
operation or a mixin exists is not known here.
"""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from .inputs import named, service_names
from .plantext import Lines
from .problems import Problems, Unusable, did_you_mean, shown
from .source import display_name, text_of
from .url import BadUrl, Url

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib

_TABLES = (
    *("package", "document", "service", "operations"),
    *("alias", "mixins", "derive", "docs"),
)
OAUTH = ("client_id", "client_secret")
"""Behind a scheme id and a dot in ``env``: what an OAuth 2 client is known by."""
_WORD = r"[A-Za-z][A-Za-z0-9_]*"
_DOTTED = re.compile(rf"{_WORD}(?:\.{_WORD})*")
_METHOD = re.compile(rf"{_WORD}(?:\.{_WORD})+")
_ARGUMENT = re.compile(r"[a-z][a-z0-9_]*")
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

    ``also`` are arguments that only the wrap knows, with a sentence for each.
    """

    name: str
    of: str
    wrap: tuple[str, str]
    also: Mapping[str, str] = field(factory=dict)


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

    @classmethod
    def default(
        cls,
        spec_paths: Sequence[Path | Url],
        package: str,
        overlays: Sequence[Path | Url] = (),
    ) -> Plan:
        """What is built without a plan: every document a service, with a client.

        ``overlays`` are put on every document. One document's service is called as
        the package, several are called as their files, with the folder's name before
        it where files are called alike.
        """
        alone = len(spec_paths) == 1
        names = [package] if alone else service_names(spec_paths)
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
    file = display_name(path, root=root)
    try:
        text = text_of(path.read_bytes())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        problems.error("S001", f"{file}#", f"the plan cannot be read: {why}")
        raise Unusable(problems) from error
    if text is None:
        problems.error("S002", f"{file}#", "the plan cannot be read: no text in UTF-8")
        raise Unusable(problems)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.add(
            "error", "P001", f"{file}#", f"this is not TOML: {error}", place=_at(error)
        )
        raise Unusable(problems) from error
    return _Reader(data, file, Lines(text), problems).plan(path.parent)


def _at(error: Exception) -> tuple[int, int] | None:
    found = re.search(r"line (\d+), column (\d+)", str(error))
    return (int(found[1]), int(found[2])) if found else None


class _Reader:
    """Takes a plan apart; every value that is wrong is reported and left out."""

    def __init__(
        self, data: dict[str, Any], file: str, lines: Lines, problems: Problems
    ) -> None:
        self.data = data
        self.file = file
        self.lines = lines
        self.problems = problems

    def plan(self, folder: Path) -> Plan:
        self._known(self.data, _TABLES, ())
        package = self._table(self.data, "package", ())
        here = ("package",)
        self._known(package, ("name", "out", "client", "bundle"), here)
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
        )

    # -- the parts ---------------------------------------------------------------

    def _documents(self, folder: Path, package: str) -> tuple[DocumentPlan, ...]:
        """Where no service is stated, one document is the package's, more their own."""
        found = self._stated(folder)
        unnamed = [one.file for one in found if not one.service]
        names = iter([package] if len(found) == 1 else service_names(unnamed))
        if not found and "document" not in self.data:
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
                self._wrong("P005", at, f"'{shown(key)}' is not the name of a resource")
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
            self._known(one, (*shapes, "also"), at)
            found = {key: self._text(one, key, at, required=True) for key in shapes}
            also = self._texts(one, "also", at)
            for key in [key for key in also if not _ARGUMENT.fullmatch(key)]:
                self._wrong("P005", (*at, "also", key), "expected a name in lower case")
                del also[key]
            for key, shape in shapes.items():
                value = found[key]
                if value is not None and not _fits(shape, value):
                    expected = "module:Class" if key == "wrap" else "resource.method"
                    message = f"expected '{expected}', got '{shown(value)}'"
                    self._wrong("P005", (*at, key), message)
                    found[key] = None
            name, of, wrap = found["name"], found["of"], found["wrap"]
            if name is not None and of is not None and wrap is not None:
                out.append(DerivePlan(name, of, self._class(wrap), also))
        return out

    # -- values ------------------------------------------------------------------

    def _wrong(
        self,
        code: str,
        at: tuple[str | int, ...],
        message: str,
        hint: str | None = None,
    ) -> None:
        pointer = "".join(f"/{str(token).replace('/', '~1')}" for token in at)
        place = self.lines.place(at)
        where = f"{self.file}#{pointer}"
        self.problems.add("error", code, where, message, hint, place=place)

    def _known(
        self,
        table: Mapping[str, Any],
        members: Sequence[str],
        at: tuple[str | int, ...],
    ) -> None:
        for key in table:
            if key not in members:
                message = f"the plan knows no '{shown(key)}' here"
                hint = did_you_mean(key, members)
                hint = hint or f"expected one of {', '.join(members)}"
                self._wrong("P002", (*at, key), message, hint)

    def _table(
        self, table: Mapping[str, Any], key: str, at: tuple[str | int, ...]
    ) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self._wrong("P003", (*at, key), f"expected a table, got {_kind(value)}")
        return {}

    def _tables(self, key: str) -> list[tuple[int, dict[str, Any]]]:
        value = self.data.get(key, [])
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            return list(enumerate(value))
        message = f"expected [[{key}]], got {_kind(value)}"
        self._wrong("P003", (key,), message)
        return []

    def _text(
        self,
        table: Mapping[str, Any],
        key: str,
        at: tuple[str | int, ...],
        *,
        required: bool = False,
    ) -> str | None:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        if key in table:
            self._wrong("P003", (*at, key), f"expected text, got {_kind(value)}")
        elif required:
            self._wrong("P004", at, f"'{key}' is missing")
        return None

    def _texts(
        self, table: Mapping[str, Any], key: str, at: tuple[str | int, ...]
    ) -> dict[str, str]:
        out: dict[str, str] = {}
        for name in self._table(table, key, at):
            value = self._text(table[key], name, (*at, key))
            if value is not None:
                out[name] = value
        return out

    def _flag(
        self,
        table: Mapping[str, Any],
        key: str,
        at: tuple[str | int, ...],
        *,
        default: bool,
    ) -> bool:
        value = table.get(key, default)
        if isinstance(value, bool):
            return value
        message = f"expected true or false, got {_kind(value)}"
        self._wrong("P003", (*at, key), message)
        return default


def _fits(shape: re.Pattern[str], text: str) -> bool:
    words = re.split(r"[.:]", text)
    return bool(shape.fullmatch(text)) and not any(map(keyword.iskeyword, words))


def _kind(value: Any) -> str:
    """What TOML calls the kind of a value, with an article."""
    names = {"str": "an empty text", "bool": "a boolean", "int": "a number"}
    names |= {"float": "a number", "list": "a list", "dict": "a table"}
    return names.get(type(value).__name__, "a date or time")
