"""One pass over every name of the output, with collisions settled and a lock.

The lock (``names.lock``) maps pointers to the names they got, so a new schema can
never rename an old one; removing an entry is how a name is given up. Wire names are
never computed from the names made here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from . import ir
from .grouping import Place, group
from .problems import Problems
from .scopes import K, Scope, Wish
from .usage import Usage, Way
from .words import module, pascal, snake

Key: TypeAlias = tuple[str, str]
"""(where, wire name) of an argument; where is a parameter's place or ``body``."""

LIMITS = ("timeout", "max_retries", "idempotency_key")
EXTRAS = ("extra_headers", "extra_query", "extra_body")
OPTIONS = (*LIMITS, *EXTRAS)
"""What every generated method takes besides its own arguments."""
WEBHOOKS = ("webhooks",)
"""The resource that gives the bodies of webhooks their types."""
_NOT_A_FAMILY = re.compile(
    r"(shared|other)(_\d+)?\Z|.*_params\Z|(dict|getattr|globals|list|str)\Z"
)
"""Modules the generator makes itself; builtins that ``models`` could not use beside
a submodule of the name."""
_LONGEST = 48


@frozen
class Method:
    """Where an operation went."""

    resource: tuple[str, ...]
    name: str

    @property
    def dotted(self) -> str:
        return ".".join((*self.resource, self.name))


@frozen
class Names:
    """Every name of the output, by what it stands for."""

    models: Mapping[ir.Pointer, str]
    params: Mapping[ir.Pointer, str]
    fields: Mapping[ir.Pointer, Mapping[str, str]]
    methods: Mapping[ir.Pointer, Method]
    arguments: Mapping[ir.Pointer, Mapping[Key, str]]
    classes: Mapping[tuple[str, ...], str]
    modules: Mapping[tuple[str, ...], str]
    lock: Mapping[str, Any] = field(factory=dict)

    def decl(self, pointer: ir.Pointer, way: Way) -> str:
        return (self.models if way == "read" else self.params)[pointer]


@frozen
class Wanted:
    """What a plan says about names; empty without one."""

    operations: Mapping[str, str] = field(factory=dict)
    resources: Sequence[str] = ()
    """Resources that exist without operations of their own (dotted)."""
    attributes: Sequence[str] = ()
    """Dotted names that are taken by aliases and derived methods."""


def plan_names(
    api: ir.Api,
    used: Usage,
    wanted: Wanted,
    lock: Mapping[str, Any],
    problems: Problems,
) -> Names:
    """Settle all names; ``lock`` is an earlier run's, or empty."""
    locked = {**_table(lock, "operations"), **_table(lock, "variants")}
    places = group(api, wanted.operations, locked)
    methods = _methods(api, places, wanted, problems)
    paths = _paths(methods, wanted)
    classes, models, params = _types(api, used, paths, lock, problems)
    taken = frozenset([*classes.values(), *models.values(), *params.values()])
    fields = _fields(api, used, taken, lock, problems)
    arguments = _arguments(api, lock, problems)
    modules = _modules(paths, lock, problems)
    return Names(
        models,
        params,
        fields,
        methods,
        arguments,
        classes,
        modules,
        _lock(models, params, fields, _stated(api, methods, False), arguments)
        | {
            "classes": _dotted(classes),
            "modules": _dotted(modules),
            "variants": {at: m.dotted for at, m in _stated(api, methods, True).items()},
        },
    )


def _stated(
    api: ir.Api, methods: Mapping[str, Method], variants: bool
) -> dict[str, Method]:
    """The methods of operations, or of the other kinds of bodies they take."""
    found = [o.at for o in api.operations if (o.variant is not None) is variants]
    return {at: methods[at] for at in found}


def _table(lock: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = lock.get(key)
    return found if isinstance(found, Mapping) else {}


# -- resources and methods -------------------------------------------------------


def _methods(
    api: ir.Api, places: Mapping[str, Place], wanted: Wanted, problems: Problems
) -> dict[ir.Pointer, Method]:
    by_resource: dict[tuple[str, ...], list[ir.Operation]] = {}
    taken = {tuple(name.split(".")) for name in wanted.attributes}
    hooks: dict[ir.Pointer, Method] = {}
    if api.webhooks is not None:
        hooks[api.webhooks.at] = Method(WEBHOOKS, "unwrap")
        taken |= {WEBHOOKS, (*WEBHOOKS, "unwrap")}
    for operation in api.operations:
        by_resource.setdefault(places[operation.at].resource, []).append(operation)
    children = {p[: n + 1] for p in by_resource for n in range(len(p))}
    children |= taken
    reserved: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(children):
        reserved.setdefault(path[:-1], []).append(path[-1])
    found: dict[ir.Pointer, Method] = {}
    for resource, operations in by_resource.items():
        scope = Scope(problems, reserved.get(resource, ()))
        settled = _settled(
            scope,
            [Wish(o.at, places[o.at].methods, o.at) for o in operations],
            {o.at: places[o.at].methods[0] for o in operations if places[o.at].planned},
        )
        found |= {at: Method(resource, name) for at, name in settled.items()}
    return {**{o.at: found[o.at] for o in api.operations}, **hooks}


def _paths(
    methods: Mapping[str, Method], wanted: Wanted
) -> dict[tuple[str, ...], ir.Pointer]:
    """Every resource, parents included, and the operation that needs it first."""
    seen: dict[tuple[str, ...], ir.Pointer] = {}
    leaves = [(method.resource, at) for at, method in methods.items()]
    leaves += [(tuple(name.split(".")), "") for name in wanted.resources]
    for path, at in leaves:
        for length in range(1, len(path) + 1):
            seen.setdefault(path[:length], at)
    return seen


def _settled(
    scope: Scope, wishes: Sequence[Wish[K]], locked: Mapping[K, str]
) -> dict[K, str]:
    """Names for ``wishes``, those that are locked first."""
    present = {w.key: locked[w.key] for w in wishes if w.key in locked}
    return scope.settle(wishes, scope.keep(present))


def _dotted(names: Mapping[tuple[str, ...], str]) -> dict[str, str]:
    return {".".join(path): name for path, name in names.items()}


def _by_path(table: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    return {tuple(key.split(".")): str(name) for key, name in table.items()}


def _modules(
    paths: Mapping[tuple[str, ...], ir.Pointer],
    lock: Mapping[str, Any],
    problems: Problems,
) -> dict[tuple[str, ...], str]:
    scope = Scope(problems)
    wishes = []
    for path, at in paths.items():
        name = module(" ".join(path), "resource")
        if _NOT_A_FAMILY.match(name):
            name += "_resource"
        wishes.append(Wish(path, (name,), at))
    return _settled(scope, wishes, _by_path(_table(lock, "modules")))


# -- types -----------------------------------------------------------------------


def _types(
    api: ir.Api,
    used: Usage,
    paths: Mapping[tuple[str, ...], ir.Pointer],
    lock: Mapping[str, Any],
    problems: Problems,
) -> tuple[dict[tuple[str, ...], str], dict[str, str], dict[str, str]]:
    scope = Scope(problems)
    locked_models = _table(lock, "models")
    locked_params = _table(lock, "params")
    titles = Counter(
        pascal(decl.title.wire, "") for decl in api.decls.values() if decl.title
    )
    wishes = {
        name: Wish(name, _wished(decl, titles), name, decl.hint.wire)
        for name, decl in api.decls.items()
    }
    named = [n for n in wishes if _is_component(n)]
    order = [*named, *(n for n in wishes if not _is_component(n))]
    # A schema that is only sent carries its own name; both kinds share one scope.
    only_sent = [n for n in order if n not in used.read]
    both = [n for n in order if n in used.read and n in used.write]
    both = [n for n in both if n not in used.neutral]
    received = [n for n in order if n in used.read]
    # Names of an earlier run come before all that is new, of whatever kind that is.
    old = {n: v for n, v in locked_params.items() if n in only_sent}
    old |= {n: v for n, v in locked_models.items() if n in used.read}
    kept_own = scope.keep(old)
    kept_twins = scope.keep({n: v for n, v in locked_params.items() if n in both})
    locked_classes = _by_path(_table(lock, "classes"))
    kept_classes = scope.keep({p: n for p, n in locked_classes.items() if p in paths})
    wanted = [wishes[n] for n in order if n in used.read or n in used.write]
    own = scope.settle(wanted, kept_own)
    twins = scope.settle([Wish(n, _twins(own[n]), n) for n in both], kept_twins)
    classes = scope.settle(
        [
            Wish(path, _resource_names(path), at, pascal(" ".join(path), "Api"))
            for path, at in paths.items()
        ],
        kept_classes,
    )
    models = {n: own[n] for n in received}
    params = {n: twins.get(n) or own[n] for n in order if n in used.write}
    return classes, models, params


def _is_component(pointer: ir.Pointer) -> bool:
    inner = pointer.rpartition("#")[2].split("/")
    return len(inner) == 4 and inner[1:3] == ["components", "schemas"]


def _wished(decl: ir.Decl, titles: Counter[str]) -> tuple[str, ...]:
    base = _short(pascal(decl.hint.wire, "Model"))
    if _is_component(decl.id) or decl.title is None:
        return (base, f"{base}Model")
    title = pascal(decl.title.wire, "")
    good = titles[title] == 1 and 0 < len(title) <= _LONGEST
    return (title, base, f"{base}Model") if good else (base, f"{base}Model")


def _short(name: str) -> str:
    """Nested inline schemas add up; past a limit the inner end tells more."""
    if len(name) <= _LONGEST + 24:
        return name
    pieces = re.findall(r"[A-Z][^A-Z]*|[^A-Z]+", name)
    while len(pieces) > 2 and len("".join(pieces)) > _LONGEST:
        pieces.pop(0)
    return pascal("".join(pieces), "Model")


def _twins(name: str) -> tuple[str, ...]:
    return (f"{name}Param", f"{name}Input")


def _resource_names(path: tuple[str, ...]) -> tuple[str, ...]:
    name = pascal(" ".join(path), "Api")
    # The class that holds them all has a name already.
    return (f"{name}Resource",) if name == "Surface" else (name, f"{name}Resource")


def _fields(
    api: ir.Api,
    used: Usage,
    taken: frozenset[str],
    lock: Mapping[str, Any],
    problems: Problems,
) -> dict[ir.Pointer, dict[str, str]]:
    locked = _table(lock, "fields")
    out: dict[ir.Pointer, dict[str, str]] = {}
    for name in used.read:
        decl = api.decls[name]
        if isinstance(decl, ir.Model):
            wishes = [_field_wish(f, taken) for f in decl.fields]
            out[name] = _settled(Scope(problems), wishes, _table(locked, name))
    return out


def _field_wish(member: ir.Field, taken: frozenset[str]) -> Wish[str]:
    wire = member.wire.wire
    name = snake(wire, "field")
    if name in taken:
        name += "_"
    return Wish(wire, (name, f"{name.rstrip('_')}_field"), member.at, wire)


# -- arguments -------------------------------------------------------------------


def _arguments(
    api: ir.Api, lock: Mapping[str, Any], problems: Problems
) -> dict[ir.Pointer, dict[Key, str]]:
    locked = _table(lock, "arguments")
    out: dict[ir.Pointer, dict[Key, str]] = {}
    for operation in api.operations:
        wishes = [_argument_wish(p.where, p) for p in operation.params]
        body = operation.body
        if body is not None and body.fields is None:
            wishes.append(Wish(("body", ""), ("body", "body_value"), body.at))
        for member in (body.fields if body else None) or ():
            wishes.append(_argument_wish("body", member))
        kept = {
            (where, wire): str(name)
            for text, name in _table(locked, operation.at).items()
            for where, _, wire in [text.partition(" ")]
        }
        for key in _said_anew(operation, wishes, kept):
            del kept[key]
        out[operation.at] = _settled(Scope(problems, OPTIONS), wishes, kept)
    return out


def _said_anew(
    operation: ir.Operation, wishes: Sequence[Wish[Key]], kept: Mapping[Key, str]
) -> list[Key]:
    """Arguments that an overlay now calls otherwise than the lock does."""
    said: set[Key] = {(p.where, p.wire.wire) for p in operation.params if p.called}
    fields = (operation.body.fields if operation.body else None) or ()
    said |= {("body", member.wire.wire) for member in fields if member.called}
    first = {wish.key: wish.names[0] for wish in wishes if wish.key in said}
    return [key for key, name in first.items() if kept.get(key, name) != name]


def _argument_wish(where: str, found: ir.Param | ir.Field) -> Wish[Key]:
    wire = found.wire.wire
    name = snake((found.called or found.wire).wire, "value")
    if name in OPTIONS:
        name += "_"
    return Wish((where, wire), (name, f"{name.rstrip('_')}_{where}"), found.at, wire)


# -- the lock --------------------------------------------------------------------


def _lock(
    models: Mapping[str, str],
    params: Mapping[str, str],
    fields: Mapping[str, Mapping[str, str]],
    methods: Mapping[str, Method],
    arguments: Mapping[str, Mapping[Key, str]],
) -> dict[str, Any]:
    """What must not change; members only where they are renamed."""
    return {
        "models": dict(models),
        "params": {n: name for n, name in params.items() if models.get(n) != name},
        "fields": _kept(
            {at: {w: n for w, n in f.items() if w != n} for at, f in fields.items()}
        ),
        "operations": {at: method.dotted for at, method in methods.items()},
        "arguments": _kept(
            {
                at: {f"{k[0]} {k[1]}": n for k, n in a.items()}
                for at, a in arguments.items()
            }
        ),
    }


def _kept(table: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {at: names for at, names in table.items() if names}
