"""``ai_lib_python.transport``: how keys are found and shown. Sending is the
client's."""

from __future__ import annotations

from typing import Any

from ...chat.credentials import ResolvedCredential, attachment, resolve

__all__ = [
    "ResolvedCredential",
    "build_auth_metadata",
    "resolve_api_key",
    "resolve_credential",
]


def resolve_credential(
    manifest: Any, explicit: str | None = None, **settings: Any
) -> ResolvedCredential:
    """Where the provider's key comes from; see :mod:`specwire.chat.credentials`."""
    return resolve(manifest, explicit, **settings)


def resolve_api_key(manifest: Any, explicit: str | None = None) -> str | None:
    """The provider's key as text, or ``None``."""
    secret = resolve(manifest, explicit).secret
    return None if secret is None else secret.reveal()


def build_auth_metadata(manifest: Any, explicit: str | None = None) -> dict[str, Any]:
    """How the key would stand on a request, without the key."""
    return attachment(manifest, explicit)
