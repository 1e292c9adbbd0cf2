"""Which of a key and a token a call of the drop-in is made with.

As the official client has it: both where both are known, what is given where anything
is given, else what the environment holds; and a header of the caller's own wins.
"""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import TYPE_CHECKING

from ...core.auth import Keyring, Service
from ...core.errors import MissingCredentialError

if TYPE_CHECKING:
    from ...core.auth import Credential, Grant, Scheme, Secret
    from ...core.wire import Call


def taking_both(service: Service) -> Service:
    """``service``, asked with all its credentials together where they are known."""
    other = copy.copy(service)
    other.auth = (tuple(service.schemes), *service.auth)
    return other


class Credentials(Keyring):
    """The key and the token of one client."""

    __slots__ = ()

    @classmethod
    def given(
        cls, before: Keyring | None, api_key: str | None, auth_token: str | None
    ) -> Credentials:
        """Those of ``before``, with these in their place."""
        own = cls()
        if before is not None:
            own._given, own.issuer = before._given, before.issuer
        try:
            if api_key is not None:
                own.set("anthropic.apiKey", api_key)
            if auth_token is not None:
                own.set("anthropic.bearer", auth_token)
        finally:
            del api_key, auth_token
        return own

    def revealed(self, service: Service, scheme: str) -> str | None:
        """The credential of ``scheme`` in the clear, if there is one."""
        found = self._all((scheme,), service, ())
        return found[0][1].reveal() if found else None  # type: ignore[union-attr]

    def _all(
        self, need: tuple[str, ...], service: Service, given: Container[str]
    ) -> list[tuple[Scheme, Secret | Grant]] | None:
        schemes = service.schemes
        held = {id: self._given.get(f"{service.keys}.{id}") for id in schemes}
        if not any(held.values()):
            return super()._all(need, service, given)
        wanted = [id for id in need if not schemes[id].stands_in(given)]
        pairs = [(schemes[id], held[id]) for id in wanted]
        return None if any(key is None for _, key in pairs) else pairs  # type: ignore[return-value]

    def credential(self, call: Call, service: Service) -> Credential:
        try:
            return super().credential(call, service)
        except MissingCredentialError:
            if self.issuer is not None:
                raise  # who looks credentials up says best what is missing
            raise MissingCredentialError(
                f"{call.name}: no credential; set ANTHROPIC_API_KEY or "
                "ANTHROPIC_AUTH_TOKEN, or make the client with api_key or auth_token"
            ) from None
