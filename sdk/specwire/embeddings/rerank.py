"""``RerankClient``: documents in the order in which they answer a query.

Cohere's and Jina's way, which others (Together, Fireworks, llama.cpp) have too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..core.errors import RequestValidationError
from ..core.resource import UNSET
from ..core.types import Unset
from .asking import Asking
from .batches import checked
from .decoding import RankingResult
from .types import RerankResponse

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.cancelling import CancelToken
    from ..core.client import BaseClient
    from ..core.types import Timeout
    from .builder import AskingBuilder


class RerankClient(Asking):
    """Ranks documents by one model, whoever offers it; safe to share between threads.

    >>> with RerankClient("cohere/rerank-v3.5") as ranking:  # doctest: +SKIP
    ...     best = ranking.rerank("boats", ["a cat", "a ship"])[0].index

    The parameters are those of :class:`~specwire.embeddings.EmbeddingClient`.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        client: BaseClient | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        **settings: Any,
    ) -> None:
        try:
            settings |= {"api_key": api_key, "base_url": base_url}
            settings |= {"timeout": timeout, "max_retries": max_retries}
            super().__init__(model, client, settings)
        finally:
            del api_key
            settings.clear()

    @classmethod
    def create(cls, model: str, **settings: Any) -> Self:
        """A client for ``model``; the settings are those of the class."""
        try:
            return cls(model, **settings)
        finally:
            settings.clear()

    @classmethod
    def builder(cls) -> AskingBuilder[RerankClient]:
        """Settings one after the other, then ``build()``."""
        from .builder import AskingBuilder

        return AskingBuilder(cls)

    def rerank(
        self,
        query: str,
        documents: Iterable[Any],
        top_n: int | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | Timeout | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        cancel_token: CancelToken | None = None,
    ) -> RerankResponse:
        """The documents by their worth for ``query``, the best first.

        :param documents: texts, or objects with one (``{"text": ...}``).
        :param top_n: how many are wanted; ``None`` is all of them.
        :param params: members of the body, as they are (``max_tokens_per_doc``).
        :raises RequestValidationError: for a query or document that is none.
        """
        found = checked("rerank", documents)
        if not isinstance(query, str) or not query:
            raise RequestValidationError(
                f"rerank: expected a text as query, got {query!r}", pointer="/query"
            )
        if top_n is not None and (isinstance(top_n, bool) or top_n < 1):
            raise RequestValidationError(
                f"rerank: expected top_n of 1 or more, got {top_n!r}", pointer="/top_n"
            )
        target = self._target()
        if not found:
            return RerankResponse(model=target.model)
        body: dict[str, Any] = {"model": target.model, "query": query}
        body["documents"] = found
        if top_n is not None:
            body["top_n"] = min(top_n, len(found))
        ranked: RerankResponse = self._send(
            target,
            "rerank",
            {**body, **(params or {})},
            RankingResult(found),
            timeout=timeout,
            max_retries=max_retries,
            token=cancel_token,
        )
        return ranked if ranked.model else evolve(ranked, model=target.model)
