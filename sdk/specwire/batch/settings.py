"""``Settings``: what a worker needs to make a client of its own; it holds no key.

A client cannot be pickled: it holds connections and keys. Its settings can, and each
process that does work makes one client of them, with the keys of its own environment.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from ..core.types import Timeout
from ..mixins.contracts import ApiVersion

if TYPE_CHECKING:
    from ..client import Client

_SECRET: Final = ("authorization", "api-key", "apikey", "cookie", "token", "secret")
_CLIENTS: dict[bytes, Client] = {}
_MAKING = threading.Lock()


def _made_of(value: Any) -> dict[str, Any]:
    return dict(value or {})


@frozen
class Settings:
    """The settings of a client, without its keys.

    Keys are those of the process that does the work: ``ANTHROPIC_API_KEY``,
    ``SIM_API_KEY``, and the variables of the providers of chat.

    :ivar hooks: see the calls of each worker; they have to be picklable.
    """

    base_urls: Mapping[str, str] = field(factory=dict, converter=_made_of)
    timeout: float | Timeout | None = 600.0
    max_retries: int = 2
    default_headers: Mapping[str, str] = field(factory=dict, converter=_made_of)
    hooks: tuple[Any, ...] = field(default=(), converter=tuple)
    strict: bool = False
    api_version: ApiVersion = "auto"

    def __attrs_post_init__(self) -> None:
        bad = [name for name in self.default_headers if _is_secret(name)]
        if bad:
            raise ValueError(
                f"Settings: default_headers: {', '.join(bad)} would travel with the "
                "work; set the key in the environment of the workers"
            )

    @classmethod
    def of(cls, client: Client) -> Settings:
        """Those of ``client``; headers that hold a credential, and hooks, stay here."""
        headers = {
            name: value
            for name, value in client._default_headers.items()
            if value is not None and not _is_secret(name)
        }
        return cls(
            base_urls={**client._base_urls, **client._other_urls},
            timeout=client._timeout,
            max_retries=client._max_retries,
            default_headers=headers,
            strict=client._strict,
            api_version=client._contracts.wanted,
        )

    def client(self, *hooks: Any) -> Client:
        """A new client, with ``hooks`` before those of the settings."""
        from ..client import Client

        return Client(
            base_urls={name: url for name, url in self.base_urls.items() if url},
            timeout=self.timeout,
            max_retries=self.max_retries,
            default_headers=self.default_headers,
            hooks=[*hooks, *self.hooks],
            strict=self.strict,
            api_version=self.api_version,
        )


def client_of(settings: Settings) -> Client:
    """The client of this process for ``settings``; made once and kept."""
    name = pickle.dumps(settings)
    client = _CLIENTS.get(name)
    if client is None:
        with _MAKING:
            client = _CLIENTS.get(name)
            if client is None:
                client = _CLIENTS[name] = settings.client()
    return client


def _is_secret(header: str) -> bool:
    return any(word in header.lower() for word in _SECRET)
