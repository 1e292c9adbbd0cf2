"""From a provider's name to its manifest, and from a model's to its provider.

A name is looked for in this order: an explicit directory, the one that
``AI_PROTOCOL_DIR`` (or ``AI_PROTOCOL_PATH``) names, what comes with the package. In a
directory the layouts of AI-Protocol are known, the compiled ``dist`` before the sources
and version 2 before version 1. A name is an id first and an alias second, both exactly
as they are written; what is nobody's name is an error, and so is a file that cannot be
read: neither falls through to another manifest. No path is made of what is not an id.
Nothing is fetched: see :mod:`specwire.chat.github` for that.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import ManifestError, RequestValidationError
from . import builtin
from .manifest import Manifest, unknown_provider

if TYPE_CHECKING:
    from .sources import Source, Sources

logger = logging.getLogger("specwire")

LAYOUTS: Final = (
    "dist/v2/providers/{id}.json",
    "dist/v1/providers/{id}.json",
    "v2/providers/{id}.json",
    "v2/providers/{id}.yaml",
    "v1/providers/{id}.json",
    "v1/providers/{id}.yaml",
    "{id}.json",
    "{id}.yaml",
    "{id}.yml",
)
IDENTITIES: Final = ("dist/provider-identity.json", "provider-identity.json")
VARIABLES: Final = ("AI_PROTOCOL_DIR", "AI_PROTOCOL_PATH")
is_id: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}").fullmatch


def is_provider(name: str) -> bool:
    """Whether ``name`` may be a provider's; certain of those that are built in.

    Where a directory of manifests is named in the environment, every id may be one.
    """
    if builtin.is_known(name):
        return True
    named = any(os.environ.get(variable, "").strip() for variable in VARIABLES)
    return named and bool(is_id(name))


Stamp = tuple[str, int, int]
"""A file as it was read: path, modification time, size."""


class ManifestLoader:
    """Finds, compiles and keeps manifests; safe to share between threads.

    :param path: a directory of manifests to look in first.
    :param hot_reload: look at a file again at each load, and read it anew where its
        time or size has changed; one that cannot be read then is reported in the log,
        and the last that could be stays in use.
    :param strict: check manifests of directories by their full JSON Schema as well.
    :param cache: keep what was loaded; without it each load reads again.
    :param more: directories and sources to look in after ``path`` and what the
        environment names, and before what comes with the package.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        hot_reload: bool = False,
        strict: bool = False,
        cache: bool = True,
        more: Sequence[str | os.PathLike[str] | Source] = (),
    ) -> None:
        self.path = None if path is None else os.fspath(path)
        self.hot_reload = hot_reload
        self.strict = strict
        self._cache = cache
        self._kept: dict[str, tuple[Manifest, Stamp | None]] = {}
        self._registered: dict[str, Manifest] = {}
        self._lock = threading.RLock()
        paths = (str, os.PathLike)
        self._more = [os.fspath(each) for each in more if isinstance(each, paths)]
        self._sources = _sources(each for each in more if not isinstance(each, paths))
        if self.path is not None and not os.path.isdir(self.path):
            logger.warning(
                "manifest directory %s does not exist; built-in manifests are used",
                self.path,
            )

    # -- loading -------------------------------------------------------------------

    def load(self, name: str) -> Manifest:
        """The manifest of provider ``name``, an id or an alias.

        :raises ManifestError: for no provider's name, and for a manifest that cannot be
            used (``problems`` says why).
        """
        if not isinstance(name, str) or not is_id(name):
            raise unknown_provider(name, *self._registered)
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and not (self.hot_reload and _changed(kept[1])):
                return kept[0]
            try:
                found = self._found(name)
            except ManifestError as error:
                if kept is None:
                    raise
                logger.warning("manifest kept as it was: %s", error)
                found = kept[0], _stamp(kept[1][0]) if kept[1] else None
            if self._cache:
                self._kept[name] = found
            return found[0]

    def load_file(self, path: str | os.PathLike[str]) -> Manifest:
        """The manifest in one file, YAML or JSON, whatever its name is.

        :raises ManifestError: where it cannot be read or used.
        """
        from .foreign import compiled

        return Manifest(compiled(os.fspath(path), strict=self.strict))

    def _found(self, name: str) -> tuple[Manifest, Stamp | None]:
        exact = self._exact(name)
        if exact is not None:
            return exact
        canonical = self._canonical(name)
        if canonical is not None and canonical != name:
            exact = self._exact(canonical)
        if exact is None:
            raise unknown_provider(name, *self._registered)
        return exact

    def _exact(self, name: str) -> tuple[Manifest, Stamp | None] | None:
        """The manifest whose id is ``name``."""
        if name in self._registered:
            return self._registered[name], None
        for root in self.roots():
            path = self._file(root, name)
            if path is not None:
                stamp = _stamp(path)
                manifest = self.load_file(path)
                if manifest.data["id"] != name:
                    raise ManifestError(
                        f"{path}: expected the manifest of {name!r}, as the file is "
                        f"named, got id {manifest.data['id']!r}"
                    )
                return manifest, stamp
        given = self._sources and self._sources.load(name)
        if given:
            return given, None
        try:
            return Manifest(builtin.record(name)), None
        except KeyError:
            return None

    def _file(self, root: str, name: str) -> str | None:
        """Where below ``root`` the manifest of ``name`` is, if it is."""
        paths = (os.path.join(root, layout.format(id=name)) for layout in LAYOUTS)
        return next(filter(os.path.isfile, paths), None)

    def roots(self) -> list[str]:
        """The directories that are looked in, in order."""
        named = (os.environ.get(name, "").strip() for name in VARIABLES)
        found = (self.path, next(filter(None, named), None), *self._more)
        return [root for root in found if root is not None and os.path.isdir(root)]

    # -- other names ---------------------------------------------------------------

    def _canonical(self, name: str) -> str | None:
        """The id that ``name`` is an alias of; exact, and of one provider only."""
        for manifest in self._registered.values():
            if name in manifest.data.get("aliases", ()):
                return str(manifest.data["id"])
        for root in self.roots():
            claims = {*_mapped(root, name), *self._claimed(root, name)}
            if len(claims) > 1:
                raise ManifestError(
                    f"{root}: {name!r} is an alias of {' and '.join(sorted(claims))}; "
                    "use an id"
                )
            if claims:
                return claims.pop()
        elsewhere = self._sources and self._sources.canonical(name)
        return elsewhere or builtin.aliases().get(name)

    def _claimed(self, root: str, name: str) -> Iterator[str]:
        """The ids of manifests below ``root`` that call themselves ``name`` as well."""
        for provider, path in _listed(root).items():
            # Only a file in which the word occurs is worth compiling.
            if not _mentions(path, name):
                continue
            try:
                manifest = self.load_file(path)
            except ManifestError:
                continue  # not what was asked for: whoever asks for it is told
            if name in manifest.data.get("aliases", ()):
                yield provider

    def names(self) -> list[str]:
        """The ids of all manifests that can be loaded."""
        found = {*builtin.ids(), *self._registered}
        for root in self.roots():
            found.update(_listed(root))
        if self._sources:
            found.update(self._sources.names())
        return sorted(found)

    # -- models --------------------------------------------------------------------

    def resolve(self, model: str) -> tuple[Manifest, str]:
        """The manifest and the wire model of ``provider/model``.

        The first slash separates; what follows may hold more of them. A name without a
        slash is looked up in the registry of models that comes with the package.

        :raises ManifestError: for an unknown provider, or a model of no provider or of
            several.
        :raises RequestValidationError: for what is no model's name at all.
        """
        if not isinstance(model, str) or not model.strip():
            raise RequestValidationError(
                f"model: expected 'provider/model', got {model!r}", pointer="/model"
            )
        provider, slash, wire = model.partition("/")
        if not slash:
            provider, wire = _registered(model)
        elif not wire:
            raise RequestValidationError(
                f"model: expected 'provider/model', got {model[:80]!r} without a model",
                pointer="/model",
            )
        return self.load(provider), wire

    # -- what is kept --------------------------------------------------------------

    def register(self, manifest: Manifest | Mapping[str, Any]) -> Manifest:
        """Use ``manifest``, or what a mapping describes, under its own id from now on.

        :raises ManifestError: where it cannot be used.
        """
        if not isinstance(manifest, Manifest):
            if manifest.get("format") == 1:
                manifest = Manifest(manifest)
            else:
                from .foreign import compiled

                manifest = Manifest(compiled(manifest, strict=self.strict))
        with self._lock:
            self._registered[str(manifest.data["id"])] = manifest
            self._kept.clear()  # aliases may lead to it now
        return manifest

    def register_text(self, text: str) -> Manifest:
        """Use the manifest that is written in ``text``, YAML or JSON, from now on."""
        from .foreign import compiled

        document = text if "\n" in text else f"{text}\n"
        return self.register(compiled(document, strict=self.strict))

    @classmethod
    def from_github(
        cls, *, commit: str, sha256: Mapping[str, str], **settings: Any
    ) -> ManifestLoader:
        """As :func:`specwire.chat.github.from_github`: by commit and checksums only."""
        from .github import from_github

        return from_github(commit=commit, sha256=sha256, **settings)

    def invalidate(self, name: str) -> bool:
        """Forget what was loaded for ``name``; whether there was anything."""
        with self._lock:
            self._registered.pop(name, None)
            return self._kept.pop(name, None) is not None

    def clear(self) -> None:
        """Forget everything that was loaded or registered."""
        with self._lock:
            self._registered.clear()
            self._kept.clear()

    def __repr__(self) -> str:
        return f"<ManifestLoader of {', '.join([*self.roots(), 'built-in manifests'])}>"


def _sources(given: Iterable[Any]) -> Sources | None:
    found = tuple(given)
    if not found:
        return None
    from .sources import Sources

    return Sources(found)


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, -1
    return path, found.st_mtime_ns, found.st_size


def _changed(stamp: Stamp | None) -> bool:
    return stamp is not None and _stamp(stamp[0]) != stamp


def _listed(root: str) -> dict[str, str]:
    """The manifests below ``root``: id, as the file is named, and path."""
    found: dict[str, str] = {}
    for layout in LAYOUTS:
        folder, _, pattern = layout.rpartition("/")
        suffix = pattern.removeprefix("{id}")
        place = os.path.join(root, folder)
        for name in sorted(os.listdir(place)) if os.path.isdir(place) else ():
            stem = name.removesuffix(suffix)
            if name.endswith(suffix) and is_id(stem) and stem not in _NO_MANIFESTS:
                found.setdefault(stem, os.path.join(place, name))
    return found


_NO_MANIFESTS: Final = {"provider-identity"}


def _mentions(path: str, name: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return name in file.read()
    except OSError:
        return False


def _mapped(root: str, name: str) -> Iterator[str]:
    """The ids that the directory's table of identities has for ``name``."""
    import json

    for place in IDENTITIES:
        try:
            with open(os.path.join(root, place), encoding="utf-8") as file:
                families = json.load(file).get("families", [])
        except FileNotFoundError:
            continue
        except (OSError, ValueError, AttributeError):
            raise ManifestError(
                f"{os.path.join(root, place)}: expected a JSON object of families of "
                f"names; {name!r} cannot be looked up in it"
            ) from None
        for family in families:
            if name in family.get("aliases", ()):
                yield str(family.get("canonical_id"))
        return


def _registered(model: str) -> tuple[str, str]:
    """Provider and wire id of a model without its provider."""
    found = builtin.providers_of(model)
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(f"{provider}/{wire}" for provider, wire in found)
        raise ManifestError(f"model {model!r} is offered by several; write {names}")
    from difflib import get_close_matches

    known = [
        f"{provider}/{name}"
        for provider in builtin.ids()
        for name in builtin.models(provider)
    ]
    near = get_close_matches(model, [name.partition("/")[2] for name in known], 3)
    named = [name for name in known if name.partition("/")[2] in near][:5]
    hint = f"; did you mean {' or '.join(named)}?" if named else ""
    raise ManifestError(
        f"model {model[:80]!r} is in no registry; write provider/model{hint}"
    )
