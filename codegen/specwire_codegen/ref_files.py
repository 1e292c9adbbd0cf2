"""Files: which one a reference names, whether it may be read, and reading it.

A reference may lead to files below the folder of the document that was opened, after
symbolic links are resolved; from a document on a network to its own server; and to a
whole URL, which :mod:`~specwire_codegen.remote` asks for only if it is allowed to.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

from attrs import frozen

from .ir import Pointer
from .problems import Problems, Unusable
from .remote import Refused, Remote
from .source import Source, load, read
from .url import BadUrl, Url, is_url, join, read_url

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@frozen
class Files:
    """Reads files by the names that pointers give them, which are relative to root."""

    problems: Problems
    root: Path
    remote: Remote

    def named(self, where: Path | Url) -> Source:
        """A document or overlay that the user named; raises :class:`Unusable`."""
        if isinstance(where, Path):
            return load(where, self.problems, root=self.root)
        try:
            return self._fetched(where, f"{where}#", base=None, typed=True)
        except Refused as error:
            self.problems.error(error.code, f"{where}#", str(error), error.hint)
            raise Unusable(self.problems) from error

    def referred(self, ref: str, at: Pointer, file: str, jail: Path | None) -> Source:
        """The file of a reference that stands at ``at``.

        ``jail`` is the folder it may not leave, ``None`` for a document from a network.

        :raises Refused: where it may not be read or is not there.
        :raises Unusable: where it is no JSON or YAML.
        """
        if is_url(file):
            return self._from_network(ref, at, file, in_network=jail is None)
        _refuse_outside(ref)
        if jail is None:
            raise Refused("R001", "a document on the network refers to no file here")
        path = self._path(file)
        if not _is_inside(path, jail):
            why = "it leaves the folder of the document"
            raise Refused("R001", why, "files are read only below it")
        if not self.is_there(ref, file, jail):
            raise Refused("R003", "there is no such file")
        return load(path, self.problems, root=self.root)

    def is_there(self, ref: str, file: str, jail: Path | None) -> bool:
        """Whether a reference leads to a file on this disk that may be read."""
        try:
            _refuse_outside(ref)
            path = self._path(file)
            return jail is not None and _is_inside(path, jail) and path.is_file()
        except (OSError, ValueError, Refused):
            return False

    def _from_network(
        self, ref: str, at: Pointer, file: str, *, in_network: bool
    ) -> Source:
        try:
            url = read_url(file)
        except BadUrl as error:
            raise Refused("R002", str(error)) from error
        base = read_url(at.partition("#")[0]) if in_network else None
        if base is not None and not is_url(ref) and base.origin != url.origin:
            hint = "write the whole URL if that is what is meant"
            raise Refused("R001", "it leaves the server of the document", hint)
        return self._fetched(url, at, base=base, typed=False)

    def _fetched(
        self, url: Url, at: Pointer, *, base: Url | None, typed: bool
    ) -> Source:
        raw = self.remote.get(url, self.problems, at=at, base=base, typed=typed)
        return read(url.text, Path(url.text.partition("?")[0]), raw, self.problems)

    def _path(self, file: str) -> Path:
        return self.root / file.replace("%23", "#")


def file_of(ref: str, base: str) -> str:
    """The file that a reference from the file ``base`` names, as pointers call it.

    What is no address and no path stays as it is: it leads nowhere.
    """
    name = ref.partition("#")[0]
    if not name:
        return base
    try:
        if is_url(base):
            return join(read_url(base), name).text
        if is_url(name):
            return read_url(name).text
    except BadUrl:
        return name
    if _SCHEME.match(name):
        return name
    file = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(name)))
    return file.replace("#", "%23")


def _refuse_outside(ref: str) -> None:
    """Raises :class:`Refused` for what is, by its spelling, no file to be read."""
    name = ref.partition("#")[0]
    found = _SCHEME.match(name)
    if found and found[0].lower() in ("http:", "https:", "//"):
        hint = "save the file next to the document and refer to that"
        raise Refused("R002", "it is on the network, which is not asked", hint)
    if found or unquote(name).startswith(("/", "\\")):
        hint = "write the path relative to the document"
        raise Refused("R001", "it leaves the folder of the document", hint)


def _is_inside(path: Path, jail: Path) -> bool:
    try:
        return path.resolve().is_relative_to(jail)
    except (OSError, ValueError, RuntimeError):
        return True  # no file has such a name; that is said instead
