"""``EmbeddingClient``: texts to vectors, as many as there are.

Inputs are put into requests as large as the provider takes, some of which are under way
at a time; the vectors come back in the inputs' order. Each request is a call like any
other: retries, time limits, hooks, errors.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..core.errors import DecodeError, RequestValidationError, SpecwireError
from ..core.resource import UNSET
from ..core.types import Unset
from . import batches as _batches
from .asking import Asking
from .decoding import Vectors, VectorsResult
from .languages import Asked, Language, language_of, only_texts, operation_of
from .numbers import FORMS, formed, numpy_sums, packed, unpacked
from .running import all_of
from .types import Embedding, EmbeddingResponse, EmbeddingUsage, VectorForm

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..chat.provider import Target
    from ..core.cancelling import CancelToken
    from ..core.client import BaseClient
    from ..core.types import Timeout
    from .builder import EmbeddingClientBuilder

logger = logging.getLogger("specwire")
_MOST_THREADS: Final = 64


class VectorCache(Protocol):
    """What keeps vectors between calls; those of :mod:`specwire.cache` do.

    A vector is packed: single precision, little-endian, four bytes a number.
    """

    def get_vectors(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """The vector of each key, in order; None for what is not kept."""

    def put_vectors(self, vectors: Mapping[str, bytes]) -> None:
        """Keep these vectors: bytes by key."""


class EmbeddingClient(Asking):
    """Embeds texts by one model, whoever offers it; safe to share between threads.

    >>> with EmbeddingClient("openai/text-embedding-3-small") as embeddings:
    ...     vector = embeddings.embed("Hello").first.vector  # doctest: +SKIP

    :param model: ``provider/model``; not needed with an ``AiClient`` of that model.
    :param client: a client of yours (``Client``, ``AiClient``, a generated one) over
        whose connections, with whose hooks and limits everything goes. Without it there
        is one of its own, with ``api_key``, ``base_url``, ``timeout``, ``max_retries``
        and the other settings of :class:`~specwire.AiClient`.
    :param dimensions: how many numbers a vector is to have, where the model lets
        you choose.
    :param input_type: what the inputs are for: ``query``, ``document``, ``similarity``,
        ``classification``, ``clustering``, or the provider's own word; not sent to
        providers that make no difference.
    :param encoding_format: ``base64`` or ``float``; ``None`` is what is best known.
    :param vectors: what a vector is: ``array`` (``array('f')``), ``list``, ``numpy``.
    :param batch_size: inputs a request, at most; ``None`` is the provider's limit.
    :param concurrency: how many requests may be under way at a time, 1 to 64.
    :param cache: keeps vectors by input; see :class:`VectorCache`.
    :param params: members of every request's body, as they are.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        client: BaseClient | None = None,
        dimensions: int | None = None,
        input_type: str | None = None,
        encoding_format: str | None = None,
        vectors: VectorForm = "array",
        batch_size: int | None = None,
        concurrency: int = 4,
        cache: VectorCache | None = None,
        params: Mapping[str, Any] | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        **settings: Any,
    ) -> None:
        try:
            _among("vectors", vectors, FORMS)
            _among("encoding_format", encoding_format, (None, "base64", "float"))
            self._dimensions = _within("dimensions", dimensions, 1 << 20)
            self._batch_size = _within("batch_size", batch_size, 1 << 20)
            self._concurrency = _within("concurrency", concurrency, _MOST_THREADS) or 1
            if vectors == "numpy":
                numpy_sums("EmbeddingClient")
            self._kind, self._encoding = input_type, encoding_format
            self._form: VectorForm = vectors
            self._cache = cache
            self._params = dict(params or {})
            settings |= {"api_key": api_key, "base_url": base_url}
            settings |= {"timeout": timeout, "max_retries": max_retries}
            super().__init__(model, client, settings)
        finally:
            del api_key
            settings.clear()

    @classmethod
    def create(
        cls,
        model: str,
        api_key: str | None = None,
        base_url: str | None = None,
        dimensions: int | None = None,
        **settings: Any,
    ) -> Self:
        """A client for ``model``; the settings are those of the class."""
        try:
            return cls(
                model,
                api_key=api_key,
                base_url=base_url,
                dimensions=dimensions,
                **settings,
            )
        finally:
            del api_key
            settings.clear()

    @classmethod
    def builder(cls) -> EmbeddingClientBuilder[Self]:
        """Settings one after the other, then ``build()``."""
        from .builder import EmbeddingClientBuilder

        return EmbeddingClientBuilder(cls)

    def embed(
        self, text: Any, dimensions: int | None = None, **how: Any
    ) -> EmbeddingResponse:
        """The vector of one text; ``.first.vector``.

        :param how: as :meth:`embed_batch` has them.
        """
        return self.embed_batch([text], dimensions, **how)

    def embed_batch(
        self,
        texts: Iterable[Any],
        dimensions: int | None = None,
        batch_size: int | None = None,
        *,
        input_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        concurrency: int | None = None,
        timeout: float | Timeout | Unset | None = UNSET,
        max_retries: int | Unset = UNSET,
        cancel_token: CancelToken | None = None,
    ) -> EmbeddingResponse:
        """The vectors of ``texts``, in their order; equal ones are asked for once.

        :param texts: texts; of OpenAI's kind also lists of tokens and the provider's
            own objects (``{"image": ...}``).
        :param timeout: of each request, retries included; ``cancel_token`` with a
            time-out is one for all of them.
        :raises RequestValidationError: for an input that is none; nothing was sent.
        :raises SpecwireError: where a request failed in the end. ``error.inputs`` are
            the places of its inputs, which the message says too. The other requests
            are ended; what was there already is in the cache, if there is one.
        :raises DecodeError: for replies that do not fit together, too.
        """
        inputs = _batches.checked("embed_batch", texts)
        how = {"timeout": timeout, "max_retries": max_retries}
        asked = self._asked(dimensions, input_type, params)
        if not asked[1].parts:
            only_texts(f"{self.provider}.embeddings", inputs)
        work = _Work(self, inputs, asked, how)
        work.look()
        size = _within("batch_size", batch_size, 1 << 20) or self._batch_size
        threads = _within("concurrency", concurrency, _MOST_THREADS)
        while lots := work.batches(size):
            all_of(
                lots,
                work.embed,
                threads=threads or self._concurrency,
                token=cancel_token,
            )
            work.forget_stale()
        return work.response()

    def _asked(
        self, dimensions: int | None, kind: str | None, params: Any
    ) -> tuple[Target, Language, Asked]:
        target = self._target()
        record = target.provider.manifest.data
        language = language_of(record)
        operation = operation_of(record)
        encoding = self._encoding or operation.get("encoding")
        asked = Asked(
            target.model,
            _within("dimensions", dimensions, 1 << 20) or self._dimensions,
            kind or self._kind,
            encoding if language.encodes else None,
            operation,
            {**self._params, **(params or {})},
        )
        return target, language, asked


class _Work:
    """One call of ``embed_batch``: what is to be done, and what came of it."""

    def __init__(
        self,
        client: EmbeddingClient,
        inputs: list[Any],
        asked: tuple[Target, Language, Asked],
        how: dict[str, Any],
    ) -> None:
        self._client, self._how, self._inputs = client, how, inputs
        self._target, self._language, self._asked = asked
        known: dict[str, int] = {}
        self._texts = [_text(each) for each in inputs]
        self._same = [known.setdefault(t, n) for n, t in enumerate(self._texts)]
        self._found: dict[int, array[float]] = {}
        self._kept: set[int] = set()
        self._replies: list[Vectors] = []

    def batches(self, size: int | None) -> list[list[int]]:
        """What is still to be embedded, a list of places for each request."""
        encoded = self._asked.encoding == "base64"
        limits = _batches.limits_of(self._asked.operation, encoded=encoded)
        if size is not None:
            limits = _batches.Limits(size, limits.tokens)
        left = [n for n in dict.fromkeys(self._same) if n not in self._found]
        lots = _batches.batches([self._inputs[n] for n in left], limits)
        return [[left[n] for n in lot] for lot in lots]

    def embed(self, places: list[int], token: CancelToken | None) -> None:
        """Ask for the vectors of some inputs; by halves where that is too many."""
        try:
            found = self._ask(places, token)
        except SpecwireError as error:
            if not _batches.is_too_large(error) or len(places) < 2:
                _batches.named(error, self._all(places))
                raise
            found = None  # the next requests must not have this error for context
        if found is None:
            for half in _batches.halves(places):
                self.embed(half, token)
            return
        self._replies.append(found)
        self._found.update(zip(places, found.vectors, strict=True))
        self._keep(places)

    def _ask(self, places: list[int], token: CancelToken | None) -> Vectors:
        inputs = [self._inputs[n] for n in places]
        name, fallback = self._language.operation(len(inputs))
        single = len(self._inputs) == 1
        body = self._language.body(self._asked, inputs, single)
        wanted = self._asked.dimensions
        found: Vectors = self._client._send(
            self._target,
            name,
            body,
            VectorsResult(self._language, len(inputs), wanted),
            fallback=fallback,
            token=token,
            **self._how,
        )
        return found

    def _all(self, places: list[int]) -> list[int]:
        """With the places of equal inputs, which were not sent."""
        held = set(places)
        return [n for n, first in enumerate(self._same) if first in held]

    def response(self) -> EmbeddingResponse:
        form = self._client._form
        replies = self._replies
        sizes = {len(vector) for vector in self._found.values()}
        if len(sizes) > 1:
            raise DecodeError(
                f"embed_batch: expected vectors of one size from {self._target.name}, "
                f"got {' and '.join(map(str, sorted(sizes)))} numbers in different "
                "replies; does one model answer?"
            )
        vectors = [formed(self._found[first], form) for first in self._same]
        said = next((each.model for each in replies if each.model), "")
        return EmbeddingResponse(
            [Embedding(n, vector) for n, vector in enumerate(vectors)],
            said or self._target.model,
            EmbeddingUsage(
                sum(each.prompt_tokens for each in replies),
                sum(each.total_tokens for each in replies),
            ),
            len(replies),
            sum(first in self._kept for first in self._same),
        )

    # -- the cache -----------------------------------------------------------------

    def look(self) -> None:
        """Take what the cache has; a cache that fails has nothing."""
        cache = self._client._cache
        if cache is None or not self._inputs:
            return
        firsts = list(dict.fromkeys(self._same))
        try:
            kept = list(cache.get_vectors([self._key(n) for n in firsts]))
            for place, value in zip(firsts, kept, strict=True):
                if value is not None:
                    self._take(place, bytes(value))
        except Exception as error:
            logger.warning("vector cache failed: %s", type(error).__name__)
        self._kept = set(self._found)

    def _take(self, place: int, value: bytes) -> None:
        vector = unpacked(value) if len(value) % 4 == 0 else array("f")
        wanted = self._asked.dimensions or len(vector)
        if vector and len(vector) == wanted and math.isfinite(sum(vector)):
            self._found[place] = vector

    def forget_stale(self) -> None:
        """Of what the cache had, keep what is as long as the vectors that came."""
        fresh = {len(v) for n, v in self._found.items() if n not in self._kept}
        for place in [n for n in self._kept if len(self._found[n]) not in fresh]:
            self._kept.remove(place)
            del self._found[place]

    def _keep(self, places: list[int]) -> None:
        cache = self._client._cache
        if cache is None:
            return
        kept = {self._key(n): packed(self._found[n]) for n in places}
        try:
            cache.put_vectors(kept)
        except Exception as error:
            logger.warning("vector cache failed: %s", type(error).__name__)

    def _key(self, place: int) -> str:
        """Who is asked for what: the same vector has the same key."""
        asked, service = self._asked, self._target.provider.service.name
        where = [service, self._client._client._base_urls[service], asked.model]
        how = [asked.dimensions, self._language.parameters(asked), asked.extra]
        text = json.dumps([where, how, self._texts[place]], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str:
    """``value`` as what it can be compared by."""
    if isinstance(value, str):
        return f"t{value}"
    return f"o{json.dumps(value, sort_keys=True, default=str)}"


def _within(name: str, value: int | None, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise RequestValidationError(
            f"EmbeddingClient: expected {name} of 1 to {most}, got {value!r}",
            pointer=f"/{name}",
        )
    return value


def _among(name: str, value: Any, known: Sequence[Any]) -> None:
    if value not in known:
        words = ", ".join(map(repr, known))
        raise RequestValidationError(
            f"EmbeddingClient: expected {name} to be one of {words}, got {value!r}",
            pointer=f"/{name}",
        )
