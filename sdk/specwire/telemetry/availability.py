"""Checks of providers: the request that a manifest names, as a check by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

from ..chat import builtin
from ..chat.availability import available
from ..chat.client import AiClient
from ..chat.credentials import resolve
from ..chat.loader import ManifestLoader

if TYPE_CHECKING:
    from .health import HealthCheckResult

_ANY: Final = "any"


def asked(
    target: str | AiClient, timeout: float | None
) -> tuple[str, Callable[[], HealthCheckResult]]:
    """The name and the check of a provider, named by its id, a model or a client.

    :raises ManifestError: for a provider that nobody knows.
    """
    if not isinstance(target, str):
        return target.provider_id, lambda: _said(target, timeout)
    id, _, model = target.partition("/")
    id = str(ManifestLoader().load(id).data["id"])

    def check() -> HealthCheckResult:
        with closing(AiClient(f"{id}/{model or _ANY}")) as client:
            return _said(client, timeout)

    return id, check


def configured() -> Iterator[str]:
    """The built-in providers whose keys are in the environment."""
    loader = ManifestLoader()
    for id in builtin.ids():
        manifest = loader.load(id)
        if not manifest.data.get("auth"):
            continue
        if resolve(manifest, keyring=False).source_kind in (
            "manifest_env",
            "conventional_env",
        ):
            yield id


def _said(client: AiClient, timeout: float | None) -> HealthCheckResult:
    from .health import HealthCheckResult, HealthStatus

    id = client.provider_id
    if available(client, timeout=timeout):
        return HealthCheckResult(id, HealthStatus.HEALTHY)
    told = "it does not answer as its manifest expects"
    return HealthCheckResult(id, HealthStatus.UNHEALTHY, told)
