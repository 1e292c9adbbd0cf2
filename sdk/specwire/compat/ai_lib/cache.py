"""``ai_lib_python.cache``: the same names, sync; a manager is a hook as well.

>>> cache = CacheManager(MemoryCache(), ttl=3600)
>>> client = AiClient.builder().model("openai/gpt-4o").cache(cache)  # doctest: +SKIP

Errors are never kept, whatever a ``CacheConfig`` says; the file of a ``DiskCache`` is
SQLite, in the folder that is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import attrs

from ... import cache as _cache
from ...core.crew import asked
from ...core.hooks import Answer, Tap, Wait
from ...core.wire import Call
from .cache_backends import CacheBackend, DiskCache, Kept, MemoryCache, NullCache

__all__ = [
    "CacheBackend",
    "CacheConfig",
    "CacheKey",
    "CacheKeyGenerator",
    "CacheManager",
    "CacheStats",
    "DiskCache",
    "MemoryCache",
    "NullCache",
    "get_cache_manager",
    "set_cache_manager",
]

Messages = Sequence[Any]


@attrs.define(eq=False)
class CacheKey:
    """A key, and what it was made of; equal to its text."""

    key: str
    model: str = ""
    messages_hash: str = ""
    params_hash: str = ""

    def __str__(self) -> str:
        return self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (CacheKey, str)) and str(other) == self.key


class CacheKeyGenerator:
    """Keys of questions: of the whole of what is asked, tool calls too."""

    def __init__(
        self,
        prefix: str = "ai",
        include_model: bool = True,
        include_params: bool = True,
        excluded_params: Sequence[str] | None = None,
    ) -> None:
        self._prefix = prefix
        self._include_model = include_model
        self._include_params = include_params
        self._excluded = set(excluded_params or ("user", "stream"))

    def generate(self, model: str, messages: Messages, **params: Any) -> CacheKey:
        kept = {k: v for k, v in params.items() if k not in self._excluded}
        asked = _digest([_plain(message) for message in messages])
        told = _digest(kept) if kept and self._include_params else ""
        parts = [self._prefix, *([model] if self._include_model else []), asked[:32]]
        return CacheKey(
            ":".join([*parts, *([told[:16]] if told else [])]), model, asked, told
        )

    def generate_for_embedding(
        self,
        model: str,
        input_text: str | Sequence[str],
        dimensions: int | None = None,
    ) -> CacheKey:
        one = isinstance(input_text, str)
        asked = _digest(input_text if one else list(input_text))
        parts = [self._prefix, "emb", model, asked[:32]]
        size = [str(dimensions)] if dimensions else []
        return CacheKey(":".join([*parts, *size]), model, asked)


def _plain(message: Any) -> Any:
    return message.to_dict() if hasattr(message, "to_dict") else message


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@attrs.define
class CacheConfig:
    """What a manager keeps, and for how long."""

    enabled: bool = True
    default_ttl: float = 3600.0
    max_size: int = 1000
    cache_streaming: bool = False
    cache_errors: bool = False

    @classmethod
    def disabled(cls) -> CacheConfig:
        return cls(enabled=False)

    @classmethod
    def short_ttl(cls, ttl: float = 300.0) -> CacheConfig:
        return cls(default_ttl=ttl)

    @classmethod
    def long_ttl(cls, ttl: float = 86_400.0) -> CacheConfig:
        return cls(default_ttl=ttl)


class CacheStats(_cache.CacheStats):
    """Counts by both names."""

    @property
    def sets(self) -> int:
        return self.stored

    @property
    def evictions(self) -> int:
        return self.evicted


class CacheManager(_cache.Cache):
    """Answers by model and messages, kept by hand; or by itself, as a client's hook.

    :param config: a :class:`CacheConfig`, or the backend.
    :param ttl: seconds for which an answer lasts, in place of the config's.
    """

    def __init__(
        self,
        config: CacheConfig | CacheBackend | None = None,
        backend: Any = None,
        *,
        ttl: float | None = None,
    ) -> None:
        if config is not None and not isinstance(config, CacheConfig):
            config, backend = backend, config
        said = config if isinstance(config, CacheConfig) else None
        made = said or CacheConfig(cache_streaming=True)
        self.config = made if ttl is None else attrs.evolve(made, default_ttl=ttl)
        if not self.config.enabled:
            backend = NullCache()
        self.backend: Any = backend or MemoryCache(self.config.max_size)
        store = getattr(self.backend, "store", None) or Kept(self.backend)
        super().__init__(store, ttl=self.config.default_ttl)
        self._keys = CacheKeyGenerator()

    @property
    def enabled(self) -> bool:
        return self.config.enabled

    @property
    def stats(self) -> CacheStats:
        return CacheStats(**attrs.asdict(super().stats))

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> Wait | Answer | None:
        return super().before_attempt(call) if self.enabled else None

    def after_attempt(self, call: Call, outcome: Any) -> None:
        if self.enabled:
            super().after_attempt(call, outcome)

    def tap(self, call: Call) -> Tap | None:
        return super().tap(call) if self.config.cache_streaming else None

    # -- by hand ---------------------------------------------------------------------

    def get_response(self, model: str, messages: Messages, **params: Any) -> Any:
        """What was kept for these messages, or ``None``."""
        return self._value(self._keys.generate(model, messages, **params))

    def cache_response(
        self,
        model: str,
        messages: Messages,
        response: Any,
        ttl: float | None = None,
        **params: Any,
    ) -> CacheKey:
        """Keep ``response``, which JSON knows."""
        key = self._keys.generate(model, messages, **params)
        return self._put(key, response, ttl)

    def get_embedding(
        self,
        model: str,
        input_text: str | Sequence[str],
        dimensions: int | None = None,
    ) -> Any:
        key = self._keys.generate_for_embedding(model, input_text, dimensions)
        return self._value(key)

    def cache_embedding(
        self,
        model: str,
        input_text: str | Sequence[str],
        embeddings: Sequence[Sequence[float]],
        dimensions: int | None = None,
        ttl: float | None = None,
    ) -> CacheKey:
        key = self._keys.generate_for_embedding(model, input_text, dimensions)
        return self._put(key, embeddings, ttl)

    def invalidate(self, model: str, messages: Messages, **params: Any) -> bool:
        key = self._keys.generate(model, messages, **params)
        return bool(asked(self.backend.delete, key.key))

    def _value(self, key: CacheKey) -> Any:
        found = asked(self.backend.get, key.key)
        self._count("misses" if found is None else "hits")
        return found

    def _put(self, key: CacheKey, value: Any, ttl: float | None) -> CacheKey:
        if self.enabled:
            usual = self.config.default_ttl
            asked(self.backend.set, key.key, value, usual if ttl is None else ttl)
            self._count("stored")
        return key


_usual: list[CacheManager] = []


def get_cache_manager() -> CacheManager:
    """The one that the program shares."""
    if not _usual:
        _usual.append(CacheManager())
    return _usual[0]


def set_cache_manager(manager: CacheManager) -> None:
    _usual[:] = [manager]
