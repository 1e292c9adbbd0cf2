"""``UrlFilter`` and ``EmailFilter``: addresses, by the hosts that they lead to.

A host is compared by its labels: ``example.com`` stands for itself and what is below
it, not for ``notexample.com`` or ``example.com.evil.net``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .filter import Filter, last_word
from .folding import View

# Of what follows the host only its end matters: it is covered with the host.
_URL: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:https?|ftp|wss?)://|www\.(?=[A-Za-z0-9]))"
    r"(?:[^\s/@\"'<>\\?#]{0,200}@)?"
    r"(\[[0-9A-Fa-f:.]{2,45}\]|[^\s/:?#\"'<>()\[\]{}\\,|`]{1,253})"
    r"(?::[0-9]{1,5})?(?:[/?#][^\s\"'<>\\`]{0,1700})?",
    re.IGNORECASE,
)
EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59}))"
    # host:path is where a repository is, host:port where a server is
    r"(?![A-Za-z0-9_-]|[.:][A-Za-z0-9_/~])"
)


class _Hosts(Filter):
    """Base: addresses of hosts that are not allowed, or are denied.

    :param allowed: hosts whose addresses pass; all others are found.
    :param denied: hosts whose addresses are found. With neither, every address is.
    """

    def __init__(
        self,
        *,
        allowed: Iterable[str] | None = None,
        denied: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.allowed = None if allowed is None else _hosts(allowed)
        self.denied = None if denied is None else _hosts(denied)

    def _meant(self, host: str) -> bool:
        host = host.lower().strip(".")
        if self.denied is not None and _below(host, self.denied):
            return True
        if self.allowed is not None:
            return not _below(host, self.allowed)
        return self.denied is None

    def pending(self, view: View) -> int:
        return last_word(view, self.longest)


class UrlFilter(_Hosts):
    """Finds URLs: with a scheme, or beginning with ``www.``.

    >>> UrlFilter(allowed=["example.com"]).check("see http://evil.net/x").is_safe
    False
    """

    usual_rule = "url"
    longest = 2300

    def spans(self, view: View) -> Iterator[tuple[int, int]]:
        text = view.text
        if "://" not in text and "www." not in view.lower:
            return
        for found in _URL.finditer(text):
            host = found.group(1)
            end = found.end()
            while text[end - 1] in ".,;:!?)]}" and end > found.end(1):
                end -= 1
            if self._meant(host.rstrip(".!;")):
                yield found.start(), end


class EmailFilter(_Hosts):
    """Finds e-mail addresses."""

    usual_rule = "email"
    longest = 330

    def spans(self, view: View) -> Iterator[tuple[int, int]]:
        text = view.text
        if "@" not in text:
            return
        for found in EMAIL.finditer(text):
            if self._meant(found.group(1)):
                yield found.span()


def _hosts(given: Iterable[str]) -> frozenset[str]:
    names = [given] if isinstance(given, str) else given
    return frozenset(
        name.lower().strip().strip(".").removeprefix("*.") for name in names
    )


def _below(host: str, names: frozenset[str]) -> bool:
    while host:
        if host in names:
            return True
        host = host.partition(".")[2]
    return False
