"""Which model of which provider a call of media asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..chat.loader import ManifestLoader
from ..chat.provider import Target, target
from ..core.errors import RequestValidationError
from .calls import Asked, place

if TYPE_CHECKING:
    from ..core.client import BaseClient


class Asking:
    """Base: a client, and the model that is asked where a call names none."""

    def __init__(
        self,
        client: BaseClient,
        model: str | None = None,
        *,
        loader: ManifestLoader | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._loader = loader or getattr(client, "_loader", None) or ManifestLoader()

    def _target(self, model: str | None) -> Target:
        if model is not None and "/" in model:
            return target(self._client, self._loader, model)
        if self._model is not None:
            own = target(self._client, self._loader, self._model)
        elif hasattr(self._client, "_targets"):
            own = self._client._targets()[0]
        else:
            raise RequestValidationError(
                "media: expected model='provider/model'; this client has no model of "
                "its own"
            )
        return Target(own.provider, model or own.model)

    def _asked(self, name: str, model: str | None) -> Asked:
        found = self._target(model)
        endpoint = place(found.provider.manifest, name)
        return Asked(self._client, found.provider, found.model, name, endpoint)
