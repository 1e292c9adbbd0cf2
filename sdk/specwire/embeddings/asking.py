"""What embedding and ranking clients have in common: a model, and who asks it.

Either a client of the caller's, over whose connections and with whose hooks everything
goes, or an :class:`~specwire.AiClient` of their own, which ends with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..chat.operations import prepared
from ..chat.provider import Target, target
from ..core.errors import RequestValidationError
from ..core.resource import UNSET

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..chat.manifest import Manifest
    from ..core.cancelling import CancelToken
    from ..core.client import BaseClient
    from ..core.results import Result


class Asking:
    """One model of one provider; safe to share between threads."""

    def __init__(
        self, model: str | None, client: BaseClient | None, settings: dict[str, Any]
    ) -> None:
        given = {key: value for key, value in settings.items() if value is not None}
        settings.clear()  # a key is not to be read from a traceback's frames
        name = type(self).__name__
        if client is not None and given:
            given.clear()
            raise TypeError(f"{name}: a client has its own settings; give one or other")
        if not model and not hasattr(client, "_targets"):
            given.clear()
            raise RequestValidationError(
                f"{name}: expected a model, as 'provider/model', got {model!r}",
                pointer="/model",
            )
        self._owns = client is None
        self._model = model
        self._client = client if client is not None else _own(str(model), given)

    def _target(self) -> Target:
        """The model, by its manifest as it is now."""
        client: Any = self._client
        if self._owns or not self._model:
            found: Target = client._targets()[0]
        elif hasattr(client, "_target"):
            found = client._target(self._model)
        else:  # of a generated package
            from ..chat.loader import ManifestLoader

            found = target(client, ManifestLoader(), self._model)
        return found

    def _send(
        self,
        asked: Target,
        name: str,
        body: dict[str, Any],
        result: Result,
        *,
        fallback: str | None = None,
        timeout: Any = UNSET,
        max_retries: Any = UNSET,
        token: CancelToken | None = None,
    ) -> Any:
        client = self._client
        call = prepared(
            client,
            asked.provider,
            name,
            body,
            result=result,
            fallback=fallback,
            names={"model": asked.model},
            timeout=timeout,
            max_retries=max_retries,
        )
        call.cancel = token
        call.scratch["model"] = asked.model  # Gemini's stands in the path alone
        policy = getattr(client, "_policy", None) or asked.provider.policy
        return client._engine.send(call, client._hooks, policy)

    @property
    def model(self) -> str:
        """The model's name as the provider knows it."""
        return self._target().model

    @property
    def provider(self) -> str:
        """The provider's id."""
        return str(self.manifest.data["id"])

    @property
    def manifest(self) -> Manifest:
        """What is known of the provider."""
        return self._target().provider.manifest

    def close(self) -> None:
        """End what is under way and close the connections, if they are its own."""
        if self._owns:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        half = not hasattr(self, "_client")  # one that was refused is shown as well
        model = "no model yet" if half else self._model or self._target().name
        return f"<{type(self).__name__} of {model}>"


def _own(model: str, settings: dict[str, Any]) -> BaseClient:
    from ..chat.client import AiClient

    try:
        return AiClient(model, **settings)
    finally:
        settings.clear()
