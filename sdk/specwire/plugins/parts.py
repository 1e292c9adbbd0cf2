"""What plugins may bring, by group, and how it is told from what is none.

hooks: a :class:`~specwire.Hook`, a class of hooks, or a function that gives one or
several. providers: a manifest (a mapping, YAML or JSON text), several of them, an
object with ``names()`` and ``load(name)``, or a function that gives one of these.
manifests: a directory or a file of manifests, several, a module (its own directory), or
a function. commands: ``main(argv)``, or a module that has one; it returns an exit code
or ``None``.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..chat.manifest import Manifest
    from ..chat.sources import Source
    from ..core.hooks import Hook


class Command(Protocol):
    """What a plugin's command is: arguments in, an exit code out; ``None`` is 0."""

    def __call__(self, argv: Sequence[str], /) -> int | None: ...


def hooks_of(given: Any) -> list[Hook]:
    """:raises TypeError: where it gives no hooks."""
    made = given() if _makes(given) else given
    hooks = [made] if _is_hook(made) else list(_several(made, "a Hook"))
    for hook in hooks:
        if not _is_hook(hook):
            raise TypeError(_expected("a Hook (it has before_attempt)", hook))
    return hooks


def _is_hook(value: Any) -> bool:
    return not isinstance(value, type) and callable(
        getattr(value, "before_attempt", None)
    )


class Manifests:
    """A source of manifests that are at hand: mappings, or YAML or JSON text."""

    def __init__(self, *given: Manifest | Mapping[str, Any] | str) -> None:
        found = [_manifest(each) for each in given]
        self._by_id = {str(each.data["id"]): each for each in found}

    def names(self) -> Iterable[str]:
        """The ids of its providers."""
        return list(self._by_id)

    def aliases(self) -> Mapping[str, str]:
        """Other names: alias -> id."""
        return {
            alias: id
            for id, each in self._by_id.items()
            for alias in each.data.get("aliases") or ()
        }

    def load(self, name: str) -> Manifest:
        """:raises KeyError: where there is none of that id."""
        return self._by_id[name]


def _manifest(given: Any) -> Manifest:
    from ..chat.manifest import Manifest

    if isinstance(given, Manifest):
        return given
    if isinstance(given, Mapping):
        if given.get("format") == 1:
            return Manifest(given)
    elif isinstance(given, str):
        given = given if "\n" in given else f"{given}\n"
    else:
        raise TypeError(_expected("a manifest (a mapping, or its text)", given))
    from ..chat.foreign import compiled

    return Manifest(compiled(given))


def source_of(given: Any) -> Source:
    """:raises TypeError: where it gives no manifests; ManifestError: for a bad one."""
    made = given() if _makes(given) else given
    if callable(getattr(made, "names", None)) and callable(getattr(made, "load", None)):
        for name in made.names():
            if not isinstance(name, str):
                raise TypeError(_expected("names() to give text", name))
        source: Source = made
        return source
    from ..chat.manifest import Manifest

    one = isinstance(made, (Manifest, Mapping, str))
    return Manifests(*([made] if one else _several(made, "a manifest")))


def places_of(given: Any) -> list[str | Source]:
    """Directories as they are, files as sources.

    :raises FileNotFoundError: where a path leads nowhere; ManifestError: for a file
        that is no manifest.
    """
    made = given() if _makes(given) else given
    if isinstance(made, ModuleType):
        made = Path(made.__file__).parent if made.__file__ else list(made.__path__)
    one = isinstance(made, (str, os.PathLike))
    paths = [made] if one else list(_several(made, "a path"))
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(_expected("a path", path))
        if not os.path.exists(path):
            raise FileNotFoundError(f"there is nothing at {os.fspath(path)}")
    return [_place(os.fspath(path)) for path in paths]


def _place(path: str) -> str | Source:
    if os.path.isdir(path):
        return path
    from ..chat.loader import ManifestLoader

    return Manifests(ManifestLoader().load_file(path))


def command_of(given: Any) -> Command:
    """:raises TypeError: for what cannot be called."""
    main = getattr(given, "main", None) if isinstance(given, ModuleType) else given
    if not callable(main):
        raise TypeError(_expected("main(argv), or a module with it", given))
    command: Command = main
    return command


def _makes(given: Any) -> bool:
    """Whether it is a class or a function, to be called for the part itself."""
    return isinstance(given, type) or inspect.isroutine(given) or _is_partial(given)


def _is_partial(given: Any) -> bool:
    from functools import partial

    return isinstance(given, partial)


def _several(made: Any, what: str) -> Iterable[Any]:
    if isinstance(made, Iterable) and not isinstance(made, (str, bytes, Mapping)):
        return made
    raise TypeError(_expected(f"{what}, or several", made))


def _expected(what: str, got: Any) -> str:
    kind = got.__qualname__ if isinstance(got, type) else type(got).__name__
    return f"expected {what}, got {kind}"
