"""``AiClientBuilder``: a client's settings one after the other, then ``build()``.

What makes calls resilient is in :mod:`specwire.resilience`, which is loaded where a
setting asks for it. Both spellings of programs written for ai-lib-python are known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..core.hooks import Hook
from .client import AiClient
from .loader import ManifestLoader

if TYPE_CHECKING:
    import requests
    from typing_extensions import Self

    from ..core.types import Timeout


class AiClientBuilder:
    """Collects settings; each method returns the builder.

    >>> client = (
    ...     AiClient.builder().model("openai/gpt-4o").timeout(60).build()
    ... )  # doctest: +SKIP
    """

    makes: ClassVar[type[AiClient]] = AiClient

    def __init__(self) -> None:
        self._model = ""
        self._settings: dict[str, Any] = {}
        self._loader: ManifestLoader | None = None
        self._directory: str | None = None
        self._hot_reload = False
        self._strict = False
        self._keys: dict[str, str] = {}
        self._hooks: list[Hook] = []
        self._resilient: Any = None
        self._parts: dict[str, Any] = {}
        self._plugins: Any = None

    def model(self, model: str) -> Self:
        """Which model is asked: ``provider/model``."""
        self._model = model
        return self

    # -- where manifests come from -------------------------------------------------

    def protocol_dir(self, path: str | os.PathLike[str]) -> Self:
        """A directory of manifests to look in first."""
        self._directory = os.fspath(path)
        return self

    protocol_path = protocol_dir

    def hot_reload(self, enable: bool = True) -> Self:
        """Look at manifests of the directory anew for each request."""
        self._hot_reload = enable
        return self

    def strict(self, enable: bool = True) -> Self:
        """Check manifests of the directory by their full JSON Schema as well."""
        self._strict = enable
        return self

    def loader(self, loader: ManifestLoader) -> Self:
        """Where manifests come from, in place of a directory."""
        self._loader = loader
        return self

    # -- the client ----------------------------------------------------------------

    def api_key(self, key: str) -> Self:
        """The key of the model's provider."""
        self._settings["api_key"] = key
        return self

    def api_key_for(self, model: str, key: str) -> Self:
        """The key of another provider, which a fallback asks; ``model`` names it."""
        self._keys[model.partition("/")[0]] = key
        return self

    def base_url(self, url: str) -> Self:
        """Where the provider is asked."""
        self._settings["base_url"] = url
        return self

    def timeout(self, seconds: float | Timeout) -> Self:
        """How long a whole call may take, retries included."""
        self._settings["timeout"] = seconds
        return self

    def max_retries(self, retries: int) -> Self:
        """How often a failed attempt is repeated; not counting the first."""
        self._settings["max_retries"] = retries
        return self

    def default_headers(self, headers: Mapping[str, str]) -> Self:
        """Headers that are sent with every request."""
        self._settings["default_headers"] = headers
        return self

    def session(self, session: requests.Session) -> Self:
        """A ``requests.Session`` of your own, for proxies and certificates."""
        self._settings["session"] = session
        return self

    def with_fallbacks(self, models: Iterable[str]) -> Self:
        """Models that are asked, in this order, where one before them fails."""
        self._settings["fallbacks"] = tuple(models)
        return self

    # -- resilience ----------------------------------------------------------------

    def resilience(self, config: Any) -> Self:
        """All of it: a :class:`~specwire.resilience.ResilientConfig`."""
        self._resilient = config
        return self

    with_resilience = resilience

    def production_ready(self) -> Self:
        """All of it, with settings that suit most services."""
        from ..resilience import ResilientConfig

        return self.resilience(ResilientConfig.production())

    def retry(self, max_attempts: int = 3, backoff: float = 1.0) -> Self:
        """Attempts in all, the first one counted, and the first wait in seconds."""
        from ..resilience import RetryConfig

        return self.with_retry(
            RetryConfig(max(max_attempts - 1, 0), initial_delay=backoff)
        )

    def max_inflight(self, calls: int) -> Self:
        """How many calls may be under way at a time."""
        self._parts["max_inflight"] = calls
        return self

    def with_retry(self, config: Any) -> Self:
        """A :class:`~specwire.resilience.RetryConfig`."""
        self._parts["retry"] = config
        return self

    def with_rate_limit(self, config: Any) -> Self:
        """A :class:`~specwire.resilience.RateLimiterConfig`."""
        self._parts["rate_limiter"] = config
        return self

    def with_circuit_breaker(self, config: Any) -> Self:
        """A :class:`~specwire.resilience.CircuitBreakerConfig`."""
        self._parts["circuit_breaker"] = config
        return self

    # -- hooks ---------------------------------------------------------------------

    def hook(self, hook: Any) -> Self:
        """A :class:`~specwire.Hook` that sees every attempt.

        :raises TypeError: for what is none.
        """
        if not hasattr(hook, "before_attempt"):
            raise TypeError(
                f"expected a Hook (it has before_attempt), got {type(hook).__name__}"
            )
        self._hooks.append(hook)
        return self

    def guardrails(self, *guardrails: Any) -> Self:
        """:class:`~specwire.guardrails.Guardrails`, or filters to make them of."""
        from ..guardrails.hook import Guardrails

        if len(guardrails) == 1 and isinstance(guardrails[0], Guardrails):
            return self.hook(guardrails[0])
        return self.hook(Guardrails(*guardrails))

    def plugins(self, registry: Any = None) -> Self:
        """What installed packages bring, hooks and manifests; see ``docs/plugins.md``.

        :param registry: a :class:`~specwire.plugins.PluginRegistry` of your own.
        """
        if registry is None:
            from ..plugins import registry as shared

            registry = shared()
        self._plugins = registry
        return self

    metrics = hook
    tracer = hook

    def cache(self, cache: Any) -> Self:
        """A :class:`~specwire.cache.Cache`; a store alone, to keep answers in it."""
        if hasattr(cache, "get_many"):
            from ..cache import Cache

            cache = Cache(cache)
        return self.hook(cache)

    # -- the end -------------------------------------------------------------------

    def build(self) -> AiClient:
        """The client.

        :raises ValueError: where no model was named.
        :raises ManifestError: for an unknown provider or model.
        """
        if not self._model:
            raise ValueError("AiClient.builder(): expected a model; call model(...)")
        settings = dict(self._settings)
        config = self._config()
        hooks = list(self._hooks)
        if config is not None:
            hooks += config.hooks()
            if config.max_retries is not None:
                settings.setdefault("max_retries", config.max_retries)
        if self._plugins is not None:
            hooks += self._plugins.hooks()
        hooks.sort(key=lambda hook: getattr(hook, "stage", Hook.stage))
        loader = self._loader or self._found()
        keys = {loader.load(name).data["id"]: key for name, key in self._keys.items()}
        try:
            return self.makes(
                self._model, loader=loader, hooks=hooks, api_keys=keys, **settings
            )
        finally:
            settings.clear()
            keys.clear()

    def _found(self) -> ManifestLoader:
        make = ManifestLoader if self._plugins is None else self._plugins.loader
        made: ManifestLoader = make(
            self._directory, hot_reload=self._hot_reload, strict=self._strict
        )
        return made

    def _config(self) -> Any:
        if not self._parts:
            return self._resilient
        from ..resilience import ResilientConfig

        if self._resilient is None:
            return ResilientConfig(**self._parts)
        raise ValueError(
            "AiClient.builder(): resilience(...) says all of it; leave out "
            f"{', '.join(sorted(self._parts))}"
        )

    def __repr__(self) -> str:
        return f"<AiClientBuilder of {self._model or 'no model yet'}>"
