"""Clients for embedding and ranking, by settings one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.hooks import Hook
    from ..core.types import Timeout
    from .asking import Asking

C = TypeVar("C", bound="Asking")


class AskingBuilder(Generic[C]):
    """Collects settings; each method returns the builder."""

    def __init__(self, makes: type[C]) -> None:
        self._makes = makes
        self._settings: dict[str, Any] = {}

    def setting(self, name: str, value: Any) -> Self:
        """Any setting of the class, by its name."""
        self._settings[name] = value
        return self

    def model(self, model: str) -> Self:
        """Which model is asked: ``provider/model``."""
        return self.setting("model", model)

    def api_key(self, key: str | None) -> Self:
        """The provider's key."""
        return self.setting("api_key", key)

    def base_url(self, url: str | None) -> Self:
        """Where the provider is asked."""
        return self.setting("base_url", url)

    def timeout(self, seconds: float | Timeout | None) -> Self:
        """How long a request may take, retries included."""
        return self.setting("timeout", seconds)

    def max_retries(self, retries: int) -> Self:
        """How often a failed attempt is repeated; not counting the first."""
        return self.setting("max_retries", retries)

    def hook(self, hook: Hook) -> Self:
        """A :class:`~specwire.Hook` that sees every attempt."""
        return self.setting("hooks", [*self._settings.get("hooks", ()), hook])

    def client(self, client: Any) -> Self:
        """A client of yours, over whose connections everything goes."""
        return self.setting("client", client)

    def build(self) -> C:
        """The client.

        :raises ValueError: where no model was named.
        :raises ManifestError: for an unknown provider or model.
        """
        settings = dict(self._settings)
        if not settings.get("model") and not hasattr(
            settings.get("client"), "_targets"
        ):
            name = f"{self._makes.__name__}.builder()"
            raise ValueError(f"{name}: expected a model; call model(...)")
        try:
            return self._makes(**settings)
        finally:
            settings.clear()

    def __repr__(self) -> str:
        model = self._settings.get("model") or "no model yet"
        return f"<{type(self).__name__} of {model}>"


class EmbeddingClientBuilder(AskingBuilder[C]):
    """Of an :class:`~specwire.embeddings.EmbeddingClient`."""

    def dimensions(self, dimensions: int | None) -> Self:
        """How many numbers a vector is to have."""
        return self.setting("dimensions", dimensions)

    def input_type(self, kind: str) -> Self:
        """What the inputs are for: ``query``, ``document``, …"""
        return self.setting("input_type", kind)

    def batch_size(self, inputs: int) -> Self:
        """Inputs a request, at most."""
        return self.setting("batch_size", inputs)

    def concurrency(self, requests: int) -> Self:
        """How many requests may be under way at a time."""
        return self.setting("concurrency", requests)

    def cache(self, cache: Any) -> Self:
        """What keeps vectors by input."""
        return self.setting("cache", cache)

    def vectors(self, form: str) -> Self:
        """What a vector is: ``array``, ``list``, ``numpy``."""
        return self.setting("vectors", form)
