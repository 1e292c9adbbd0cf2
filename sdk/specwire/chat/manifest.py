"""A provider as the runtime sees it: the record that its manifest was compiled to.

A record is complete in itself: what the manifest says, merged with what its wire
language says where the manifest is silent. Its format is version 1;
``openapi/protocol/`` holds the manifests and :mod:`specwire_codegen.manifests` the
compiler. Nothing here parses an expression: they stand in the record as small trees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..core.errors import ManifestError
from . import builtin

T = TypeVar("T")


class Endpoint(NamedTuple):
    """Where an operation is: method, path below the base URL, constant query."""

    method: str
    path: str
    query: Mapping[str, str]


class Manifest:
    """One provider: an immutable record, and what was built of it so far.

    Every member of the record is an attribute: ``id``, ``name``, ``dialect``,
    ``base_url``, ``auth``, ``parameters``, …

    :param record: ``{"format": 1, "id": str, "dialect": str, …}``.
    :raises ManifestError: for a record of another format.
    """

    __slots__ = ("_built", "data")

    def __init__(self, record: Mapping[str, Any]) -> None:
        if record.get("format") != 1 or not isinstance(record.get("id"), str):
            raise ManifestError(
                "Manifest: expected a record of format 1, as the compiler writes it, "
                f"got format {record.get('format')!r}; to read a manifest use "
                "ManifestLoader"
            )
        self.data = record
        self._built: dict[Any, Any] = {}

    @classmethod
    def builtin(cls, name: str) -> Manifest:
        """The manifest that comes with the package, by id or alias.

        :raises ManifestError: where there is none of that name; near ones are named.
        """
        provider = builtin.aliases().get(name, name)
        try:
            return cls(builtin.record(provider))
        except KeyError:
            pass
        raise unknown_provider(name)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            try:
                return self.data[name]
            except KeyError:
                pass
        raise AttributeError(f"'Manifest' object has no attribute {name!r}")

    def built(self, key: Any, make: Callable[[Manifest], T]) -> T:
        """What ``make`` makes of this manifest, made once and kept under ``key``.

        Two threads may make it at the same time; both then use the same one.
        """
        try:
            return self._built[key]  # type: ignore[no-any-return]
        except KeyError:
            return self._built.setdefault(key, make(self))  # type: ignore[no-any-return]

    def endpoint(self, name: str, fallback: str | None = None) -> Endpoint:
        """Where operation ``name`` is, or ``fallback`` where it has no place.

        :param fallback: another operation's name, or a path that begins with ``/``.
        :raises ManifestError: where neither has one.
        """
        operations: Mapping[str, Any] = self.data.get("operations", {})
        for known in filter(None, (name, fallback)):
            found = operations.get(known)
            if found is not None:
                method = str(found.get("method") or "POST")
                return Endpoint(method, str(found["path"]), found.get("query") or {})
        if fallback is not None and fallback.startswith("/"):
            return Endpoint("POST", fallback, {})
        raise ManifestError(
            f"{self.data['id']}: the manifest names no endpoint for {name!r}; it has "
            f"{', '.join(sorted(operations)) or 'none'}"
        )

    def declares(self, capability: str) -> bool:
        """Whether the manifest says that the provider can do it."""
        declared = self.data.get("capabilities", {}).get("declared", ())
        return capability in declared

    def model(self, name: str) -> Mapping[str, Any] | None:
        """What is known of a model, by wire id, name or alias; ``None`` if nothing.

        The manifest's own word comes before the built-in registry's.
        """
        own: Mapping[str, Any] = self.data.get("models") or {}
        for models in (own, builtin.models(str(self.data["id"]))):
            found = models.get(name)
            if found is not None:
                return found
            for entry in models.values():
                if entry.get("id") == name or name in entry.get("aliases", ()):
                    return entry
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and other.data == self.data

    def __hash__(self) -> int:
        return hash(self.data["id"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Manifest, (self.data,)

    def __repr__(self) -> str:
        return f"<Manifest {self.data['id']} ({self.data.get('dialect')})>"


def unknown_provider(name: Any, *others: str) -> ManifestError:
    """The error of a provider's name that nothing is known of."""
    from difflib import get_close_matches

    known = sorted({*builtin.ids(), *builtin.aliases(), *others})
    near = get_close_matches(str(name).lower(), known, 3, 0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return ManifestError(
        f"no provider {str(name)[:80]!r}: names are exact, and no manifest or alias "
        f"is called so{hint}"
    )
