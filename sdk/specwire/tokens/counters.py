"""Counters of tokens: tiktoken's for OpenAI's models, the estimate for all others.

What a request has beside its texts (turns, tools, images) is :mod:`.overhead`'s.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any, Final

from ..core.extras import command
from . import overhead
from .counts import TokenCount
from .errors import TokenizerError
from .estimating import estimate
from .models import encoding_of, family_of, vendor_of

_GENERAL: Final = "gpt-4o"


class TokenCounter:
    """Counts the tokens of texts and of conversations for one model.

    >>> TokenCounter.for_model("anthropic/claude-sonnet-4-5").count("Hello")
    1
    """

    by: str = "estimate"
    model: str = _GENERAL

    @classmethod
    def for_model(cls, model: str, *, exact: bool | None = None) -> TokenCounter:
        """The best counter for ``model`` that is here.

        :param exact: ``True`` to have tiktoken or an error, ``False`` never to load it;
            by default it counts OpenAI's models where it and its files are here.
        :raises TokenizerError: where ``exact`` and there is no tokenizer.
        """
        encoding = encoding_of(model)
        if exact and encoding is None:
            raise TokenizerError(
                f"tokens: no tokenizer is known for {model!r}; ask the server with "
                "client=, or leave out exact=True for an estimate"
            )
        if encoding is None or exact is False or not (exact or _is_here(encoding)):
            return EstimatingCounter(model)
        return TiktokenCounter(encoding, model=model)

    def count(self, text: str) -> TokenCount:
        """The tokens of ``text`` alone."""
        raise NotImplementedError

    def count_message(self, message: Any) -> TokenCount:
        """The tokens of one turn: its texts, calls, results, images, and its marks."""
        vendor = vendor_of(self.model)
        return TokenCount(overhead.of_message(self.count, message, vendor), self.by)

    def count_messages(
        self, messages: Iterable[Any], *, tools: Iterable[Any] = (), system: Any = None
    ) -> TokenCount:
        """The tokens of a whole request.

        :param messages: texts, dicts or :class:`~specwire.chat.Message`.
        :param tools: in any of the spellings that a chat request takes.
        """
        vendor = vendor_of(self.model)
        said = [*messages]
        if system:
            said.insert(0, {"role": "system", "content": system})
        total = sum(self.count_message(each) for each in said) + overhead.BASE
        total += overhead.of_tools(self.count, tools, vendor)
        return TokenCount(total, self.by)

    def truncate(self, text: str, limit: int, suffix: str = "...") -> str:
        """``text``, or as much of its beginning as has ``limit`` tokens with
        ``suffix``."""
        if self.count(text) <= limit:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.count(text[:middle] + suffix) <= limit:
                low = middle
            else:
                high = middle - 1
        return text[:low] + suffix if low else ""

    truncate_to_limit = truncate

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.model}>"


class EstimatingCounter(TokenCounter):
    """Estimates; needs no vocabulary and no network.

    :param model: whose tokenizer is estimated.
    """

    def __init__(self, model: str = _GENERAL) -> None:
        self.model = model
        self.family = family_of(model)

    def count(self, text: str) -> TokenCount:
        return TokenCount(estimate(text, self.family), self.by)


class TiktokenCounter(TokenCounter):
    """Counts with tiktoken (extra ``tokenizer``).

    tiktoken fetches an encoding's file when it is first used, and keeps it in
    ``TIKTOKEN_CACHE_DIR``.

    :param encoding: ``o200k_base``, ``cl100k_base``, or another that tiktoken knows.
    :raises TokenizerError: where tiktoken is not here, or the file cannot be had.
    """

    by = "tiktoken"

    def __init__(self, encoding: str = "o200k_base", *, model: str = _GENERAL) -> None:
        self.model = model
        self.encoding = encoding
        self._encoding = _encoding(encoding)

    def count(self, text: str) -> TokenCount:
        # What looks like a special token in a text is text.
        try:
            found = self._encoding.encode(text, disallowed_special=())
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            found = self._encoding.encode(text, disallowed_special=())
        return TokenCount(len(found), self.by)


def _encoding(name: str) -> Any:
    try:
        tiktoken: Any = import_module("tiktoken")
    except ImportError:
        raise TokenizerError(
            f"TiktokenCounter needs tiktoken: {command('tokenizer')}"
        ) from None
    try:
        return tiktoken.get_encoding(name)
    except Exception as error:  # requests' errors, or tiktoken's own ValueError
        raise TokenizerError(
            f"TiktokenCounter: tiktoken cannot load {name!r} "
            f"({type(error).__name__}). Its file is fetched once: let this machine "
            "reach the network for that, or set TIKTOKEN_CACHE_DIR to a folder that "
            "has it; EstimatingCounter needs no file"
        ) from error


@cache
def _is_here(name: str) -> bool:
    """Whether tiktoken and this file are; a machine that is offline is asked once."""
    try:
        _encoding(name)
    except TokenizerError:
        return False
    return True


class CachingCounter(TokenCounter):
    """Remembers what another counter counted, the latest texts; for several threads.

    :param max_cache_size: how many texts are remembered.
    """

    def __init__(self, counter: TokenCounter, max_cache_size: int = 10_000) -> None:
        self.counter = counter
        self.max_cache_size = max_cache_size
        self.hits = self.misses = 0
        self._known: OrderedDict[str, TokenCount] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def by(self) -> str:  # type: ignore[override]
        return self.counter.by

    @property
    def model(self) -> str:  # type: ignore[override]
        return self.counter.model

    def count(self, text: str) -> TokenCount:
        with self._lock:
            known = self._known.get(text)
            if known is not None:
                self.hits += 1
                self._known.move_to_end(text)
                return known
            self.misses += 1
        counted = self.counter.count(text)
        with self._lock:
            self._known[text] = counted
            while len(self._known) > self.max_cache_size:
                self._known.popitem(last=False)
        return counted

    def clear_cache(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._known.clear()
