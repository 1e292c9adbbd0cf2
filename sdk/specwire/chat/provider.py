"""One provider as a client talks to it: a service of the core, made of a manifest.

Address, key, headers, retries and the reading of errors come from the manifest;
sending, time limits and hooks are the client's. A client takes a provider in when a
model of it is first asked for, beside the services it has anyway.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from ..core.auth import Service
from ..core.delays import Delays
from ..core.resource import Operation
from ..core.retry import Policy
from . import credentials
from .decoding import ChatEvents, ChatReply
from .failures import error_of
from .loader import ManifestLoader

if TYPE_CHECKING:
    from ..core.client import BaseClient
    from .manifest import Manifest
    from .request import Payload
    from .streaming import Words

DEFAULT_RETRIES: Final = 2


class Provider:
    """A manifest, and what the core needs to know of it.

    :ivar service: where it is, and how a key is put on.
    :ivar policy: how long is waited before it is asked again.
    :ivar max_retries: what the manifest advises.
    """

    __slots__ = ("_operations", "manifest", "max_retries", "policy", "service")

    def __init__(self, manifest: Manifest, *, taken: Container[str] = ()) -> None:
        self.manifest = manifest
        id = str(manifest.data["id"])
        self.service = Service(
            f"chat.{id}" if id in taken else id,
            base_url=str(manifest.data["base_url"]),
            headers=manifest.data.get("headers") or {},
            schemes={"key": credentials.scheme(manifest)},
            auth=credentials.need(manifest),
            keys=id,
        )
        retry: Mapping[str, Any] = manifest.data.get("retry") or {}
        said = retry.get("max_retries")
        self.max_retries = DEFAULT_RETRIES if said is None else int(said)
        self.policy = Policy(delays(retry)) if retry else Policy()
        self._operations: dict[Any, Operation[Any]] = {}

    def operation(
        self,
        payload: Payload,
        model: str,
        *,
        stream: bool,
        words: Callable[[], Words] | None = None,
    ) -> Operation[Any]:
        """The operation that sends ``payload``; the same one for the same place."""
        query = tuple(payload.query.items())
        key = (payload.method, payload.path, query, model, stream, words is None)
        found = self._operations.get(key)
        if found is None:
            manifest = self.manifest
            reply = ChatReply(manifest, model)
            kind = ChatEvents(manifest, model, words) if stream else reply
            found = Operation(
                name="chat",
                service=self.service.name,
                method=payload.method,
                path=payload.path,
                result=kind,
                body="body",
                const_query=payload.query,
                failure=partial(error_of, manifest),
            )
            self._operations[key] = found
        return found

    def own_headers(self, payload: Payload) -> dict[str, str]:
        """The headers of ``payload`` that are not each request's."""
        usual = self.service.headers
        return {k: v for k, v in payload.headers.items() if usual.get(k) != v}

    def __repr__(self) -> str:
        return f"<Provider {self.service.name}>"


def delays(retry: Mapping[str, Any]) -> Delays:
    """The waits that a manifest's retry policy describes."""
    return Delays(
        float(retry.get("min_s") or 1.0),
        float(retry.get("max_s") or 30.0),
        float(retry.get("factor") or 2.0),
        growth=str(retry.get("growth") or "exponential"),
        jitter=str(retry.get("jitter") or "none"),
    )


class Target(NamedTuple):
    """A model of a provider, as calls are made to it."""

    provider: Provider
    model: str

    @property
    def name(self) -> str:
        return f"{self.provider.manifest.data['id']}/{self.model}"


def target(client: BaseClient, loader: ManifestLoader, model: str) -> Target:
    """What ``model`` is to ``client``, which from now on can call it.

    :raises ManifestError: for an unknown provider or model.
    """
    manifest, wire = loader.resolve(model)
    id = str(manifest.data["id"])
    known: Provider | None = client._added.get(id)
    if known is None or known.manifest is not manifest:
        known = Provider(manifest, taken=type(client)._services)
        client._added[id] = known
    name = known.service.name
    served = client._engine.services.get(name) is known.service
    if not served or name not in client._base_urls:
        client._serve(known.service, address(client, manifest))
    return Target(known, wire)


def address(client: BaseClient, manifest: Manifest) -> str:
    """The base URL: what the client was given, a variable's, or the manifest's.

    A client that asks the same provider in another way (Anthropic's Messages, say) asks
    it in one place: what the manifest's address has beyond the service's is added.
    """
    id, own = str(manifest.data["id"]), str(manifest.data["base_url"])
    given = client._other_urls.get(id)
    if given is not None:
        return given
    service = type(client)._services.get(id)
    if service is not None and own.startswith(service.base_url):
        return client._base_urls[id] + own[len(service.base_url) :]
    said = manifest.data.get("base_url_env")
    for variable in [said] if isinstance(said, str) else said or ():
        url = os.environ.get(variable, "").strip()
        if url:
            return url
    if said:
        return own
    url = os.environ.get(f"{id.upper().replace('-', '_')}_BASE_URL", "").strip()
    path = urlsplit(own).path.rstrip("/")
    return url.rstrip("/").removesuffix(path) + path if url else own
