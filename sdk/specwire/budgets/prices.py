"""What a model's tokens cost: a file of your own first, then the dated registry.

The file is TOML or JSON, USD for a million tokens::

    ["openai/gpt-5"]
    input = 1.25
    output = 10
    cache_read = 0.125

A name is ``provider/model``, ``model``, ``provider/*`` or ``*``, the closest one wins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from attrs import evolve, frozen

from ..core.extras import command
from .counts import Counts
from .errors import PricesFileError
from .money import PICO_A_NANO, exact, pico_a_token

VARIABLE: Final = "SPECWIRE_PRICES"
_NAMES: Final = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
_OTHERS: Final = ("batch", "max_output_tokens")


@frozen
class Price:
    """Prices of a model in pico-USD a token.

    :ivar batch: a thousandth of what a batch pays, of each 1000.
    :ivar max_output: the longest answer in tokens, where it is known.
    """

    input: int
    output: int
    read: int
    written: int
    written_1h: int
    batch: int = 500
    max_output: int | None = None

    def cost(self, counts: Counts, *, batch: bool = False) -> int:
        """Nano-USD, rounded up once."""
        short = counts.written - counts.written_1h
        picos = counts.fresh * self.input + counts.output * self.output
        picos += counts.read * self.read + short * self.written
        picos += counts.written_1h * self.written_1h
        factor = self.batch if batch else 1000
        return -(-picos * factor // (1000 * PICO_A_NANO))

    def worst(self, given: int, output: int, *, caches: bool, batch: bool) -> int:
        """Nano-USD of a request whose input may all be written into a cache."""
        rate = max(self.input, self.written, self.written_1h) if caches else self.input
        picos = given * rate + output * self.output
        return -(-picos * (self.batch if batch else 1000) // (1000 * PICO_A_NANO))


def price_of(where: str, entry: Mapping[str, Any]) -> Price | None:
    """``entry``'s prices; ``None`` where one of input and output is not there.

    :raises PricesFileError: for what is no price.
    """
    try:
        found = {
            name: pico_a_token(f"{where}.{name}", entry[name])
            for name in _NAMES
            if entry.get(name) is not None
        }
        batch = int(exact(f"{where}.batch", entry.get("batch", 0.5)) * 1000)
        most = entry.get("max_output_tokens")
        most = None if most is None else int(exact(f"{where}.max_output_tokens", most))
    except ValueError as error:
        raise PricesFileError(str(error)) from None
    if "input" not in found:
        return None
    given, written = found["input"], found.get("cache_write", found["input"])
    hour = written if "cache_write" not in found else -(-written * 16 // 10)
    return Price(
        given,
        found.get("output", 0),  # embeddings have none
        found.get("cache_read", given),
        written,
        found.get("cache_write_1h", hour),
        batch,
        most,
    )


class Prices:
    """Prices by model.

    :param own: a file, or ``{"provider/model": {"input": USD, "output": USD}}``; by
        default the file that ``SPECWIRE_PRICES`` names.
    :raises PricesFileError: for a file that cannot be used.
    """

    def __init__(
        self, own: str | os.PathLike[str] | Mapping[str, Any] | None = None
    ) -> None:
        if own is None:
            own = os.environ.get(VARIABLE, "").strip() or {}
        if isinstance(own, Mapping):
            self._own = _checked("prices", own)
        else:
            self._own = _checked(os.fspath(own), _read(os.fspath(own)))

    def of(self, provider: str, model: str) -> Price | None:
        """The price of a model, or ``None`` where nobody knows it."""
        names = (f"{provider}/{model}", model, f"{provider}/*", "*")
        own = next((self._own[name] for name in names if name in self._own), None)
        known = _registered(provider, model)
        if own is None:
            return known
        if own.max_output is None and known is not None:
            return evolve(own, max_output=known.max_output)
        return own

    def __repr__(self) -> str:
        return f"<Prices, {len(self._own)} of your own>"


def _checked(where: str, told: Any) -> dict[str, Price]:
    models = told.get("models", told) if isinstance(told, Mapping) else told
    found: dict[str, Price] = {}
    if not isinstance(models, Mapping):
        raise PricesFileError(f"{where}: expected a table of models")
    for name, entry in models.items():
        if not isinstance(entry, Mapping):
            raise PricesFileError(
                f"{where}: {name!r}: expected prices such as "
                f"{{input = 3, output = 15}}, got {entry!r}"
            )
        unknown = sorted(set(entry) - {*_NAMES, *_OTHERS})
        if unknown:
            raise PricesFileError(
                f"{where}: {name!r}: no price is called {unknown[0]!r}; known: "
                f"{', '.join((*_NAMES, *_OTHERS))}"
            )
        price = price_of(f"{where}: {name}", entry)
        if price is None:
            raise PricesFileError(f"{where}: {name!r}: expected a price of input")
        found[str(name)] = price
    return found


def _read(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if path.lower().endswith(".json"):
            return json.loads(text)
        return _toml(path, text)
    except (OSError, ValueError) as error:
        if isinstance(error, PricesFileError):
            raise
        raise PricesFileError(f"{path}: {error}") from None


def _toml(path: str, text: str) -> Any:
    try:
        import tomllib
    except ImportError:  # Python 3.10
        try:
            import tomli as tomllib  # type: ignore[import-not-found,no-redef,unused-ignore]
        except ImportError:
            raise PricesFileError(
                f"{path}: Python 3.10 reads TOML with tomli only: "
                f"{command('codegen')}, or write the prices as JSON"
            ) from None
    return tomllib.loads(text)


@cache
def _registered(provider: str, model: str) -> Price | None:
    from ..chat import builtin

    for id in _offering(provider, model):
        for name, entry in builtin.models(id).items():
            if model in (name, entry.get("id"), *entry.get("aliases", ())):
                most = entry.get("max_output_tokens")
                told = {**entry.get("prices", {}), "max_output_tokens": most}
                return price_of(f"{id}/{model}", told)
    return None


def _offering(provider: str, model: str) -> list[str]:
    """The provider's registry; of a service that is none, who alone has the model."""
    from ..chat import builtin

    if builtin.is_known(provider):
        return [builtin.aliases().get(provider, provider)]
    found = builtin.providers_of(model)
    return [found[0][0]] if len(found) == 1 else []
