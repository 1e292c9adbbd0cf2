"""``ModelManager``: models that are known, and which of them is next."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..core.clock import Clock
from ..core.errors import ManifestError
from ..resilience.shared import Shared
from .models import ModelInfo
from .strategies import Strategies, Strategy, checked

Path = str | os.PathLike[str]


class ModelManager(Shared):
    """Holds models and chooses among them; threads may share it.

    >>> manager = ModelManager(strategy="cost_based")
    >>> _ = manager.register(ModelInfo(model_id="openai/gpt-4o", weight=0.7))
    >>> manager.select(strategy="weighted")
    <ModelInfo openai/gpt-4o>

    Models that the registry calls deprecated are chosen only where nothing else fits.

    :param provider: of models that are added without one.
    :param strategy: what :meth:`select` goes by; see :class:`Strategy`.
    """

    def __init__(
        self,
        provider: str = "",
        strategy: Strategy | str = Strategy.ROUND_ROBIN,
        *,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.provider = provider
        self._strategies = Strategies(strategy, self._clock)
        self._models: dict[str, ModelInfo] = {}

    # -- what it holds -----------------------------------------------------------------

    def add_model(self, model: ModelInfo | str) -> ModelManager:
        """Add a model, or put it in the place of the one of that name.

        ``"openai/gpt-4o"`` is looked up in the registry of models.

        :raises ManifestError: for an unknown provider or model by name.
        """
        if isinstance(model, str):
            model = _known(model)
        if not model.provider and self.provider:
            model.provider = self.provider
        with self._lock:
            self._models = {**self._models, model.full_id: model}
        return self

    register = add_model

    def remove_model(self, name: str) -> ModelInfo | None:
        """Take a model out and give it; None where there is none of that name."""
        with self._lock:
            model = self.get_model(name)
            if model is not None:
                kept = self._models.items()
                self._models = {k: v for k, v in kept if v is not model}
        return model

    def get_model(self, name: str) -> ModelInfo | None:
        """By ``provider/name``, or by a name that only one provider's model has."""
        known = self._models.get(name)
        if known is None:
            found = [model for model in self._models.values() if model.name == name]
            known = found[0] if len(found) == 1 else None
        return known

    def list_models(self) -> list[ModelInfo]:
        """All models, in the order in which they were added."""
        return list(self._models.values())

    def merge(self, other: ModelManager) -> ModelManager:
        """Add all models of another manager."""
        for model in other.list_models():
            self.add_model(model)
        return self

    def __len__(self) -> int:
        return len(self._models)

    def __iter__(self) -> Iterator[ModelInfo]:
        return iter(self.list_models())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get_model(name) is not None

    # -- choosing ----------------------------------------------------------------------

    @property
    def strategy(self) -> Strategy:
        """How the next one is chosen."""
        return self._strategies.usual

    def with_strategy(self, strategy: Strategy | str) -> ModelManager:
        """Choose in another way from now on."""
        self._strategies.usual = checked(strategy)
        return self

    def select(
        self,
        strategy: Strategy | str | None = None,
        *,
        capabilities: Iterable[str] = (),
        max_cost_per_1k: float | None = None,
        min_context: int | None = None,
    ) -> ModelInfo | None:
        """The next model that fits; ``None`` where none does.

        :param strategy: for this time, in place of the manager's.
        :param capabilities: what it has to have, all of them; chat where none are
            named, if any model has it.
        :param max_cost_per_1k: dollars for 1,000 tokens of the question.
        :param min_context: tokens of its context window.
        :raises ValueError: for an unknown strategy.
        """
        wanted = [capabilities] if isinstance(capabilities, str) else list(capabilities)
        fits = [m for m in self._models.values() if all(map(m.supports, wanted))]
        if max_cost_per_1k is not None:
            fits = [m for m in fits if _input_cost(m) <= max_cost_per_1k]
        if min_context is not None:
            fits = [m for m in fits if _context(m) >= min_context]
        chat = [] if wanted else [m for m in fits if m.supports("chat")]
        return self._next(chat or fits, strategy)

    def select_model(self) -> ModelInfo | None:
        """The next one by the usual strategy; None where there is none."""
        return self.select()

    def recommend_for(self, use_case: str) -> ModelInfo | None:
        """The next of those with a capability."""
        return self._next(self.filter_by_capability(use_case), None)

    def _next(
        self, fits: list[ModelInfo], strategy: Strategy | str | None
    ) -> ModelInfo | None:
        current = [m for m in fits if not m.deprecated]
        return self._strategies.select(current or fits, strategy)

    def filter_by_capability(self, capability: str) -> list[ModelInfo]:
        """The models that have the capability."""
        return self._where(lambda model: model.supports(capability))

    def filter_by_cost(self, max_cost_per_1k: float) -> list[ModelInfo]:
        """Those whose 1,000 input tokens cost so much or less."""
        return self._where(lambda model: _input_cost(model) <= max_cost_per_1k)

    filter_by_max_cost = filter_by_cost

    def filter_by_context_window(self, min_tokens: int) -> list[ModelInfo]:
        """Those that are known to take so many tokens."""
        return self._where(lambda model: _context(model) >= min_tokens)

    filter_by_min_context = filter_by_context_window

    def _where(self, fits: Callable[[ModelInfo], bool]) -> list[ModelInfo]:
        return [model for model in self._models.values() if fits(model)]

    # -- keeping -----------------------------------------------------------------------

    def to_json(self) -> str:
        """``{"models": [...]}``, as JSON text."""
        models = [model.to_dict() for model in self.list_models()]
        return json.dumps({"models": models}, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ModelManager:
        """A manager of what :meth:`to_json` wrote."""
        return cls()._load(text, "ModelManager.from_json")

    def load_from_config(self, config_path: Path) -> ModelManager:
        """Add the models of a JSON file: a list of them, or ``{"models": [...]}``.

        :raises OSError: where it cannot be read.
        :raises ValueError: where it holds something else.
        """
        with open(config_path, encoding="utf-8") as file:
            return self._load(file.read(), os.fspath(config_path))

    def save_to_config(self, config_path: Path) -> None:
        """Write the models to a JSON file, which :meth:`load_from_config` reads."""
        with open(config_path, "w", encoding="utf-8") as file:
            file.write(self.to_json() + "\n")

    save = save_to_config

    def _load(self, text: str, where: str) -> ModelManager:
        try:
            held: Any = json.loads(text)
            listed = held["models"] if isinstance(held, dict) else held
            made = [ModelInfo.from_dict(each) for each in listed]
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{where}: expected a JSON list of models, or an object with one as "
                f"'models': {type(error).__name__}: {error}"
            ) from error
        for model in made:
            self.add_model(model)
        return self

    def __repr__(self) -> str:
        return f"<ModelManager of {len(self)} models, {self.strategy.value}>"


def _known(model: str) -> ModelInfo:
    from ..chat.loader import ManifestLoader
    from .registry import model_info

    manifest, wire = ManifestLoader().resolve(model)
    provider = str(manifest.data["id"])
    entry = manifest.model(wire)
    known = ModelInfo(wire, provider=provider)
    return known if entry is None else model_info({**entry, "id": wire}, provider)


def _input_cost(model: ModelInfo) -> float:
    return model.pricing.input_cost_per_1k if model.pricing else float("inf")


def _context(model: ModelInfo) -> int:
    return model.capabilities.context_window or 0


_managers: dict[str, ModelManager] = {}


def register_model_manager(provider: str, manager: ModelManager) -> None:
    """Let :func:`get_model_manager` give ``manager``."""
    _managers[provider] = manager


def get_model_manager(provider: str) -> ModelManager:
    """The manager that was registered for a provider, else one of its models.

    Of a provider that the registry does not know it is empty; it is kept either way.
    """
    from .registry import create_models

    if provider not in _managers:
        try:
            made = create_models(provider)
        except ManifestError:
            made = ModelManager(provider)
        _managers.setdefault(provider, made)
    return _managers[provider]
