"""Addresses on the network, as values: read, judged, joined and compared by text.

Nothing is asked of a network here. What is no plain ``http`` or ``https`` address (it
has a user name, a strange host, signs to be escaped) never becomes a :class:`Url`.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from attrs import frozen

from .problems import shown

_HTTP = re.compile(r"https?://", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000


class BadUrl(ValueError):
    """An address that is not asked, whatever is allowed; the text says why."""


class NotFetched(Exception):
    """Nothing was got; the text says why. ``unreachable``: nobody could answer."""

    def __init__(self, why: str, *, unreachable: bool = False) -> None:
        super().__init__(why)
        self.unreachable = unreachable


@frozen
class Url:
    """One address without a fragment, spelt in one way; made by :func:`read_url`."""

    text: str
    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return self.text

    @property
    def origin(self) -> tuple[str, str, int]:
        """What decides whether two addresses belong together."""
        return self.scheme, self.host, self.port

    @property
    def stem(self) -> str:
        """The last name of the path without its ending, as a file's."""
        return PurePosixPath(unquote(urlsplit(self.text).path)).stem or self.host

    @property
    def target(self) -> str:
        """What is asked of the server: path and query."""
        parts = urlsplit(self.text)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_url(text: str) -> bool:
    """Whether a text is meant as an address on the network."""
    return bool(_HTTP.match(text))


def read_url(text: str) -> Url:
    """The address that ``text`` spells; raises :class:`BadUrl`."""
    if len(text) > _LONGEST:
        raise BadUrl(f"the URL is longer than {_LONGEST} signs")
    if not _PLAIN.fullmatch(text):
        raise BadUrl(f"'{shown(text)}': signs that a URL writes with % or not at all")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        raise BadUrl(f"'{shown(text)}' is no URL: {error}") from error
    if scheme not in _PORTS:
        raise BadUrl(f"'{shown(text)}': only http and https are asked")
    if "@" in parts.netloc:
        # The text is not shown: what stands before the @ is a secret.
        raise BadUrl("a URL with a user name or password is not asked: leave them out")
    if not _HOST.fullmatch(host) or port == 0:
        raise BadUrl(f"'{shown(text)}' has no host that can be asked")
    port = port or _PORTS[scheme]
    named = f"[{host}]" if ":" in host else host
    named += "" if port == _PORTS[scheme] else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return Url(f"{scheme}://{named}{_path(parts.path)}{query}", scheme, host, port)


def _path(path: str) -> str:
    """A path from the root, without ``.`` and ``..``."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean


def join(base: Url, reference: str) -> Url:
    """Where a reference that stands at ``base`` leads; raises :class:`BadUrl`."""
    plain = quote(reference.partition("#")[0], safe="%/:?@!$&'()*+,;=~[]")
    try:
        joined = urljoin(base.text, plain)
    except ValueError as error:
        raise BadUrl(f"'{shown(reference)}' is no URL: {error}") from error
    return read_url(joined)
