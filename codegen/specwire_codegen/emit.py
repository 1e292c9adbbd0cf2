"""The whole output in memory: file name to text, formatted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from . import emit_webhooks as _webhooks
from . import ir
from .blocks import Module, aliases, modules
from .emit_async import async_classes, async_surface
from .emit_models import model_blocks
from .emit_package import (
    async_client,
    async_init,
    client_module,
    models_init,
    package_init,
)
from .emit_params import param_blocks
from .emit_readme import readme
from .emit_resources import resource_modules
from .emit_surface import resources_init, surface_module
from .emit_tests import tests_of
from .families import OTHER, SHARED, homes
from .names import Names
from .plan import ServicePlan
from .resource_writer import Context, Extras, Path
from .usage import Usage

Header = Callable[[Iterable[ir.Pointer]], Sequence[str]]
"""The first lines of a file that is made from these pointers."""


@frozen
class Settings:
    """What is written beside models and resources."""

    client: bool
    services: Mapping[str, ServicePlan]
    extras: Extras
    package: str = ""
    tests: bool = True
    """Whether a user's package gets a test for each operation."""
    documents: bool = False
    """Whether the documents come with the package."""
    aio: bool = True
    """Whether there is an async side."""


def emit(
    api: ir.Api, used: Usage, names: Names, settings: Settings, header: Header
) -> dict[str, str]:
    """Every file of the package."""
    everything = header([operation.at for operation in api.operations])
    models = _models(api, used, names, header)
    here = _placed(models)
    neutral = {name: here[name] for name in used.neutral}
    params = _params(api, used, names, neutral, header)
    files = {f"models/{m.name}.py": m.text for m in (*models, *params)}
    public = {names.models[at]: m.name for m in models for at in m.members}
    files["models/__init__.py"] = models_init(public, everything)
    faces = async_classes(names) if settings.aio else None
    context = Context(names, neutral | _placed(params), settings.extras, faces)
    files |= _resources(api, names, context, header)
    if api.webhooks is not None:
        files[f"resources/{_webhooks.MODULE}.py"] = _webhooks.webhooks_module(
            api.webhooks, names, here, header([api.webhooks.at])
        )
    files["resources/__init__.py"] = resources_init(everything)
    children = settings.extras.children.get((), {})
    files["resources/_surface.py"] = surface_module(
        api.services, settings.services, children, names, everything
    )
    if faces is not None:
        files["aio/resources/__init__.py"] = resources_init(everything)
        extra = settings.extras.faces.items() if settings.client else ()
        known = {of: face for of, face in extra if not of[0].startswith(".")}
        files["aio/resources/_surface.py"] = async_surface(
            children, names, faces, known, everything
        )
    if settings.client:
        files |= _around(api, names, settings, everything)
    return files


def _around(
    api: ir.Api, names: Names, settings: Settings, header: Sequence[str]
) -> dict[str, str]:
    """What makes a package of a user's models and resources."""
    schemes = [scheme for each in api.services for scheme in each.schemes]
    tokens = any(s.kind == "oauth2" for s in schemes)
    client = client_module(header, tokens=tokens, documents=settings.documents)
    files = {
        "__init__.py": package_init(api.title, header, aio=settings.aio),
        "_client.py": client,
        "py.typed": "",
        "README.md": readme(
            *(settings.package, api, names, settings.services, header),
            aio=settings.aio,
        ),
    }
    if settings.aio:
        files["aio/__init__.py"] = async_init(header)
        files["aio/_client.py"] = async_client(header, tokens=tokens)
    if settings.tests:
        files |= tests_of(api, names, header, aio=settings.aio)
    return files


def places(
    api: ir.Api, used: Usage, names: Names, header: Header
) -> tuple[dict[ir.Pointer, str], dict[ir.Pointer, str]]:
    """Declaration to module: of models, and of request types."""
    here = _placed(_models(api, used, names, header))
    neutral = {name: here[name] for name in used.neutral}
    params = _placed(_params(api, used, names, neutral, header))
    return here, neutral | params


def _models(api: ir.Api, used: Usage, names: Names, header: Header) -> list[Module]:
    graph = aliases({n: api.decls[n] for n in used.read}, "read")
    owners = _owners(names)
    return modules(
        model_blocks(api, names, used, graph),
        homes(used.read, names),
        names.models,
        graph,
        suffix="",
        elsewhere={},
        docs=lambda family: f"Models of {owners[family]}.",
        header=header,
    )


def _params(
    api: ir.Api,
    used: Usage,
    names: Names,
    neutral: Mapping[ir.Pointer, str],
    header: Header,
) -> list[Module]:
    graph = aliases({n: api.decls[n] for n in used.write}, "write")
    owners = _owners(names)
    return modules(
        param_blocks(api, names, used, graph),
        homes(used.write, names),
        names.params,
        graph,
        suffix="_params",
        elsewhere=neutral,
        docs=lambda family: f"Request types of {owners[family]}, for type checkers.",
        header=header,
    )


def _owners(names: Names) -> dict[str, str]:
    """Family to what its declarations belong to."""
    resources = {
        family: f"the ``{'.'.join(path)}`` resource"
        for path, family in names.modules.items()
    }
    return resources | {
        SHARED: "more than one resource",
        OTHER: "no operation: described, but neither sent nor received",
    }


def _placed(found: list[Module]) -> dict[ir.Pointer, str]:
    return {at: module.name for module in found for at in module.members}


def _resources(
    api: ir.Api, names: Names, context: Context, header: Header
) -> dict[str, str]:
    by_resource: dict[Path, list[ir.Operation]] = {path: [] for path in names.modules}
    for operation in api.operations:
        by_resource[names.methods[operation.at].resource].append(operation)
    return {
        file: text
        for path, operations in by_resource.items()
        for file, text in resource_modules(path, operations, context, header).items()
    }
