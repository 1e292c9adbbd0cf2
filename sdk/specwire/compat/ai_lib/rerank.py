"""``ai_lib_python.rerank``: the same names, sync, with the client of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define

from ...embeddings.rerank import RerankClient
from ...embeddings.types import RerankResult
from .errors import translated

__all__ = ["RerankOptions", "RerankResult", "RerankerClient", "RerankerClientBuilder"]

_PATH = "/rerank"


@define
class RerankOptions:
    """How many documents are wanted, and how much of each is read."""

    top_n: int | None = None
    max_tokens_per_doc: int | None = None


class RerankerClient:
    """Ranks documents; Cohere is asked where no provider is named.

    :param base_url: with or without the ``/v2`` that its paths begin with.
    """

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        endpoint_path: str = _PATH,
        timeout: float = 60.0,
    ) -> None:
        if f"/{endpoint_path.lstrip('/')}" != _PATH:
            raise ValueError(
                f"RerankerClient: expected endpoint_path {_PATH!r}, got "
                f"{endpoint_path!r}; another place is a manifest's endpoints.rerank"
            )
        self._model = model
        url = base_url.rstrip("/").removesuffix("/v2") if base_url else None
        name = model if "/" in model else f"cohere/{model}"
        try:
            with translated():
                self._client = RerankClient(
                    name, api_key=api_key, base_url=url, timeout=timeout
                )
        finally:
            del api_key

    @classmethod
    def builder(cls) -> RerankerClientBuilder:
        """Settings one after the other, then ``build()``."""
        return RerankerClientBuilder()

    def rerank(
        self,
        query: str,
        documents: Sequence[Any],
        options: RerankOptions | None = None,
    ) -> list[RerankResult]:
        """The documents by their worth for ``query``, the best first."""
        said = options or RerankOptions()
        params = {"max_tokens_per_doc": said.max_tokens_per_doc}
        with translated():
            return self._client.rerank(
                query,
                documents,
                said.top_n,
                params={k: v for k, v in params.items() if v is not None},
            ).results

    @property
    def model(self) -> str:
        return self._model

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> RerankerClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RerankerClientBuilder:
    """Collects settings; each method returns the builder."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}

    def _set(self, name: str, value: Any) -> RerankerClientBuilder:
        if value is not None:
            self._settings[name] = value
        return self

    def model(self, model: str) -> RerankerClientBuilder:
        return self._set("model", model)

    def api_key(self, api_key: str | None) -> RerankerClientBuilder:
        return self._set("api_key", api_key)

    def base_url(self, url: str | None) -> RerankerClientBuilder:
        return self._set("base_url", url)

    def endpoint_path(self, path: str | None) -> RerankerClientBuilder:
        return self._set("endpoint_path", path)

    def timeout(self, timeout: float) -> RerankerClientBuilder:
        return self._set("timeout", timeout)

    def build(self) -> RerankerClient:
        if not self._settings.get("model"):
            raise ValueError("RerankerClient.builder(): expected a model; call model()")
        try:
            return RerankerClient(**self._settings)
        finally:
            self._settings = {}
