"""Documents on the network, by a lock: asked once, kept, and the same ever after.

The hash of each is in ``codegen.lock`` under its URL and its bytes are kept beside the
lock, so that the next run needs no network. Nothing is asked unless ``--allow-url`` was
given; what is then answered has to be what the lock says, unless ``--update-urls`` was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from attrs import field, frozen

from .problems import Problems
from .url import NotFetched, Url

FOLDER = "codegen.urls"
"""Beside the lock: one file for each URL, called by its hash."""


URLS = 500
"""How many one run fetches: a document can refer to any number."""


class Refused(Exception):
    """A URL of which nothing can be had; ``code`` and ``hint`` go into the problem."""

    def __init__(self, code: str, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.hint = hint


@frozen
class Allowed:
    """What the command line says about the network.

    :ivar private: hosts that may be asked though their address is private.
    """

    urls: bool = False
    update: bool = False
    private: frozenset[str] = frozenset()


@frozen(eq=False)
class Remote:
    """What one run got. ``locked`` is URL to hash, ``folder`` holds the bytes."""

    locked: Mapping[str, str] = field(factory=dict)
    folder: Path = Path(FOLDER)
    allowed: Allowed = Allowed()
    got: dict[str, bytes] = field(factory=dict, init=False)
    _private: set[tuple[str, str, int]] = field(factory=set, init=False)
    _away: set[tuple[str, str, int]] = field(factory=set, init=False)

    def get(
        self, url: Url, problems: Problems, *, at: str, base: Url | None, typed: bool
    ) -> bytes:
        """The bytes at ``url``; raises :class:`Refused`.

        ``typed``: the user wrote it, no document did. ``base`` is the document that
        refers to it, where that is from the network too. ``at`` is for a warning.
        """
        if url.text not in self.got:
            kept = None if self.allowed.update else self._kept(url)
            if self.allowed.urls:
                kept = self._asked(url, kept, problems, at, base, typed)
            if kept is None:
                raise self._not_allowed(url)
            self.got[url.text] = kept
        return self.got[url.text]

    def table(self) -> dict[str, str]:
        """URL to hash, of what this run used."""
        return {url: hash_of(raw) for url, raw in self.got.items()}

    def files(self) -> dict[str, bytes]:
        """What is to be kept, by name in ``folder``."""
        return {name_of(url, hash_of(raw)): raw for url, raw in self.got.items()}

    # -- from the lock -------------------------------------------------------------

    def _kept(self, url: Url) -> bytes | None:
        known = self.locked.get(url.text)
        if known is None:
            return None
        name = name_of(url.text, known)
        try:
            raw = (self.folder / name).read_bytes()
        except OSError:
            return None
        if hash_of(raw) == known:
            return raw
        raise Refused(
            "S012",
            f"the copy of {url} in {FOLDER}/{name} is not what the lock says",
            "put it back, or take what is there now with --allow-url --update-urls",
        )

    def _not_allowed(self, url: Url) -> Refused:
        if url.text in self.locked:
            why = f"the lock knows {url}, its copy in {FOLDER}/ is missing"
            return Refused("R002", why, "--allow-url asks for it again")
        why = f"{url} is on the network, which is not asked"
        return Refused("R002", why, "allow it with --allow-url, or save it as a file")

    # -- from the network ----------------------------------------------------------

    def _asked(
        self,
        url: Url,
        kept: bytes | None,
        problems: Problems,
        at: str,
        base: Url | None,
        typed: bool,
    ) -> bytes:
        if kept is not None and url.origin in self._away:
            return kept
        try:
            found = self._fetched(url, base, typed)
        except NotFetched as error:
            if kept is None or not error.unreachable:
                raise Refused("S012", f"{url} cannot be had: {error}") from error
            # One that is away is not asked for each of its documents.
            self._away.add(url.origin)
            message = f"{url}: {error}; copies beside the lock are used"
            problems.warning("S012", at, message)
            return kept
        known = None if self.allowed.update else self.locked.get(url.text)
        if known not in (None, hash_of(found)):
            raise Refused(
                "S012",
                f"{url} changed: it is not what the lock says",
                "take it with --update-urls, or leave out --allow-url to use the copy",
            )
        return found

    def _fetched(self, url: Url, base: Url | None, typed: bool) -> bytes:
        from .fetch import fetch  # few runs need a network

        if len(self.got) >= URLS:
            raise NotFetched(f"more than {URLS} URLs are needed")
        trusted = typed or (base is not None and base.origin == url.origin)
        near = typed or url.origin in self._private

        def may_be_private(hop: Url) -> bool:
            if hop.host in self.allowed.private:
                return True
            return trusted and near and hop.origin == url.origin

        found = fetch(url, may_be_private=may_be_private)
        if found.private:
            self._private.add(url.origin)
        return found.raw


def hash_of(raw: bytes) -> str:
    """SHA-256 of bytes."""
    return hashlib.sha256(raw).hexdigest()


def name_of(url: str, known: str) -> str:
    """The kept copy's name: nothing in it is from the document but ``.json``."""
    path = PurePosixPath(url.partition("?")[0])
    return known + (".json" if path.suffix.lower() == ".json" else ".yaml")
