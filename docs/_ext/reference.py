"""Writes the reference's pages before Sphinx reads them: one a package, one a service.

Nothing is listed by hand. The names are those of ``__all__``, the models and resources
those of the generated packages, the operations the records that calls are made from,
the commands and their options what :mod:`command_page` finds.
The pages land in ``docs/reference/`` and are no part of the repository.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import command_page
import signatures

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PACKAGES = [
    *("specwire", "specwire.errors", "specwire.aio", "specwire.batch"),
    *("specwire.budgets", "specwire.cache", "specwire.chat", "specwire.embeddings"),
    *("specwire.guardrails", "specwire.ledger", "specwire.mcp", "specwire.media"),
    *("specwire.plugins", "specwire.resilience", "specwire.routing"),
    *("specwire.sandbox", "specwire.sandbox.page", "specwire.structured"),
    "specwire.telemetry",
    *("specwire.tokens", "specwire.tools"),
]
"""The packages that users import from, the front door first: a name that several
offer is described where it is met first."""
CORE = [
    *("core.stream.Stream", "core.paging.Page", "core.download.Download"),
    *("core.wire.Reply", "core.types.Replied", "core.types.Model", "core.types.Unset"),
    *("core.client.BaseClient", "core.rate_limits.RateLimitInfo", "core.retry.Policy"),
    *("core.clock.Clock", "core.auth.Grant", "core.oauth.ClientCredentials"),
    *("core.multipart.FileInput", "chat.github.from_github"),
]
"""What calls take and give back, where it has no package of its own."""
SEEN: dict[int, str] = {}
"""The address under which each object is described, by its ``id``."""
OTHER_NAMES: dict[str, str] = {}
"""Further addresses of what is described elsewhere."""
CLIENTS = ("specwire.Client", "specwire.aio.AsyncClient")
TITLES = {"anthropic": "Messages API", "sim": "Workflow API"}


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "reference"))
    app.connect("missing-reference", missing)
    app.connect("autodoc-process-bases", bases)
    app.connect("doctree-read", signatures.shorten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def missing(app: Sphinx, env: Any, node: Any, text: Any) -> Any:
    """A name under its other address; a type of a signature without a page is text.

    What a docstring refers to by a role has to be there: that stays a warning.
    """
    target = node.get("reftarget", "")
    if target in OTHER_NAMES and node.get("refdomain") == "py":
        return env.get_domain("py").resolve_xref(
            env, node["refdoc"], app.builder, "obj", OTHER_NAMES[target], node, text
        )
    above = node.parent
    while above is not None and above.tagname not in ("desc_signature", "field"):
        above = above.parent
    return None if above is None else text


def bases(app: Sphinx, name: str, value: Any, options: Any, found: list[Any]) -> None:
    """Bases that have no page are not shown."""
    found[:] = [
        base
        for base in found
        if not getattr(base, "__module__", "").startswith("specwire.")
        or id(base) in SEEN
    ] or [object]


def met() -> Iterator[Any]:
    """Every class that has a place of its own."""
    for name in PACKAGES:
        module = import_module(name)
        yield from (getattr(module, public) for public in module.__all__)
    for name in CORE:
        home, _, public = f"specwire.{name}".rpartition(".")
        yield getattr(import_module(home), public)


def hidden_bases(value: type) -> list[type]:
    """The bases without a place of their own: ``value`` shows their members."""
    shown = {id(each) for each in met()}
    return [
        base
        for base in value.__mro__[1:]
        if base.__module__.startswith("specwire.") and id(base) not in shown
    ]


def write(folder: Path) -> None:
    """Write every page below ``folder``; pages that did not change keep their time."""
    folder.mkdir(exist_ok=True)
    pages = {f"{page}.rst": text for page, text in everything()}
    for path in folder.glob("*.rst"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def everything() -> Iterator[tuple[str, str]]:
    """Each page's name and text."""
    for name in PACKAGES:
        yield name, package(name)
    yield "core", core()
    yield "command", command_page.page()
    yield "resources", listing("specwire.resources", "Resources", signatures.told())
    yield "models", listing("specwire.models", "Models and parameters")
    services = operations()
    for service in services:
        yield f"service-{service}", table(service, services[service])
    yield "index", index(services)


def index(services: Iterable[str]) -> str:
    """The page that leads to the others."""
    pages = [
        *PACKAGES,
        "core",
        "command",
        "resources",
        "models",
        *(f"service-{s}" for s in services),
    ]
    entries = "".join(f"   {page}\n" for page in pages)
    return (
        heading("Reference")
        + "Made from docstrings, the command's help and the services' documents.\n\n"
        + f".. toctree::\n   :maxdepth: 1\n\n{entries}"
    )


def heading(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}\n\n"


def core() -> str:
    """The page of :data:`CORE`."""
    parts = [heading("What calls take and give")]
    for name in CORE:
        home, _, public = f"specwire.{name}".rpartition(".")
        parts.append(described(f"{home}.{public}", import_module(home), public))
    return "".join(parts)


def package(name: str) -> str:
    """A package's page: its docstring, then each public name."""
    module = import_module(name)
    parts = [heading(name), f".. automodule:: {name}\n   :no-members:\n\n"]
    for public in sorted(module.__all__, key=lambda name: rank(module, name)):
        parts.append(described(f"{name}.{public}", module, public))
    return "".join(parts)


def rank(module: Any, public: str) -> tuple[bool, str]:
    """Further names of a thing come behind its own."""
    own = getattr(getattr(module, public), "__name__", public)
    return own != public, public.lower()


def described(full: str, module: Any, public: str) -> str:
    """One name: in full where it is met first, a link to there from then on."""
    value = getattr(module, public)
    if inspect.ismodule(value):
        return ""
    if not callable(value):
        return directive(full, value)
    first = SEEN.setdefault(id(value), full)
    if first == full:
        return directive(full, value)
    OTHER_NAMES[full] = first
    return f"``{public}`` is :py:obj:`{first}`.\n\n"


def directive(full: str, value: object) -> str:
    """The lines by which autodoc describes one name."""
    if inspect.isclass(value):
        hidden = hidden_bases(value)
        shown = (base.__name__ for base in value.__mro__[1:] if base not in hidden)
        return (
            f".. autoclass:: {full}\n   :members:\n   :show-inheritance:\n"
            f"   :inherited-members: {', '.join(shown)}\n\n"
        ) + (resources_of(value) if full in CLIENTS else "")
    if callable(value):
        return f".. autofunction:: {full}\n\n"
    if isinstance(value, (str, tuple)):
        return f".. py:data:: {full}\n   :value: {value!r}\n\n"
    return f".. autodata:: {full}\n   :no-value:\n\n"


def resources_of(client: Any) -> str:
    """What stands on a client, with a line of each."""
    from specwire.core.resource import Resources

    made = client()
    rows = [
        f"   ``{name}``\n      {(type(found).__doc__ or '').partition(chr(10))[0]}\n"
        for base in client.__mro__
        if issubclass(base, Resources) and base is not Resources
        for name in vars(base)
        if not name.startswith("_")
        and not inspect.isroutine(found := getattr(made, name))
        and type(found).__module__.startswith("specwire.resources")
    ]
    about = "Its resources, each of which is described with the :doc:`resources`:\n\n"
    return f"   {about}{''.join(rows)}\n"


def listing(package: str, title: str, about: str = "") -> str:
    """The generated modules of ``package``, each with all of its classes."""
    root = import_module(package)
    parts = [heading(title), about]
    for found in iter_modules(root.__path__):
        if not found.name.startswith("_"):
            parts.append(heading(found.name, "-"))
            parts.append(
                f".. automodule:: {package}.{found.name}\n"
                "   :members:\n   :undoc-members:\n"
                "   :inherited-members: Resource, Model, dict\n\n"
            )
    return "".join(parts)


def operations() -> dict[str, list[tuple[Any, str]]]:
    """The record of every operation and the method that calls it, by service."""
    from specwire.core.resource import Operation

    root = import_module("specwire.resources")
    found: dict[str, list[tuple[Any, str]]] = {}
    for each in iter_modules(root.__path__):
        module = import_module(f"{root.__name__}.{each.name}")
        for name, value in vars(module).items():
            if isinstance(value, Operation):
                method = called_by(module, name, value.name)
                found.setdefault(value.service, []).append((value, method))
    return dict(sorted(found.items()))


def called_by(module: Any, record: str, name: str) -> str:
    """The address of the method below ``module`` that uses the record."""
    for value in vars(module).values():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            method = vars(value).get(name.rpartition(".")[2])
            if inspect.isfunction(method) and record in method.__code__.co_names:
                return f"{module.__name__}.{value.__qualname__}.{method.__name__}"
    raise LookupError(f"{module.__name__}: nothing calls {record}")


def table(service: str, records: list[tuple[Any, str]]) -> str:
    """A service's page: method, path and Python name of each operation."""
    rows = "".join(
        f"   * - ``{record.method} {record.path}``\n"
        f"     - :py:meth:`client.{record.name} <{method}>`\n"
        for record, method in sorted(
            records, key=lambda each: (each[0].path, each[0].method, each[0].name)
        )
    )
    return (
        heading(TITLES.get(service, service))
        + f"{len(records)} operations, from the service's document.\n\n"
        + ".. list-table::\n   :header-rows: 1\n\n   * - operation\n     - call\n"
        + rows
    )
