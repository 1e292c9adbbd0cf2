"""Filters of your own making: a regular expression, a length, a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from .filter import Filter, among
from .findings import Finding
from .folding import View

_COUNTS: Final[dict[str, Callable[[str], int]]] = {
    "chars": len,
    "words": lambda text: len(text.split()),
    "tokens_chars": lambda text: len(text) // 4,
    "tokens_words": lambda text: int(len(text.split()) * 0.75),
}


class RegexFilter(Filter):
    """Finds what ``pattern`` matches, in the text without its disguises.

    Python's expressions can take time that doubles with each character (``(a+)+$``):
    write them so that no two parts can match the same text, and bound their repeats.

    :param flags: those of :mod:`re`, besides the usual ones.
    :param hint: a text (or several) without one of which nothing matches; looked for
        first, which costs next to nothing.
    :param longest: so many characters a match may have in a stream; longer ones are
        found in whole texts only.
    """

    usual_rule = "regex"

    def __init__(
        self,
        pattern: str | re.Pattern[str],
        *,
        flags: int = 0,
        hint: str | Iterable[str] = (),
        longest: int = 256,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.pattern = re.compile(pattern, flags)
        self.longest = longest
        self._hints = (hint,) if isinstance(hint, str) else tuple(hint)

    def spans(self, view: View) -> Iterator[tuple[int, int]]:
        text = view.text
        if self._hints and not any(hint in text for hint in self._hints):
            return
        for found in self.pattern.finditer(text):
            if found.end() > found.start():
                yield found.span()


class LengthFilter(Filter):
    """Finds texts that are too long, or too short.

    A stream's text is handed out up to ``max_length``; with ``min_length``, or counted
    in words, it is held back to its end.

    :param count_mode: ``chars``, ``words``, or roughly tokens: ``tokens_chars`` (four
        characters each) and ``tokens_words``.
    """

    usual_rule = "length"

    def __init__(
        self,
        max_length: int | None = None,
        min_length: int | None = None,
        *,
        count_mode: str = "chars",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        for name, value in (("min_length", min_length), ("max_length", max_length)):
            if value is not None and value < 0:
                raise ValueError(f"{name}: expected 0 or more, got {value}")
        if max_length is not None and (min_length or 0) > max_length:
            raise ValueError(
                f"min_length is {min_length}, over max_length {max_length}"
            )
        self.max_length, self.min_length = max_length, min_length
        among("count_mode", count_mode, tuple(_COUNTS))
        self.count_mode, self._count = count_mode, _COUNTS[count_mode]
        self.whole = min_length is not None or count_mode != "chars"
        self.longest = 1

    def find(self, view: View) -> list[Finding]:
        end = len(view.text)
        if self.count_mode == "chars":
            count = view.before + len(view.raw)
        else:
            count = self._count(view.raw)
        most, least = self.max_length, self.min_length
        if most is not None and count > most:
            first = max(most - view.before, 0) if self.count_mode == "chars" else 0
            told = f"longer than {most} {self.count_mode}"
            return [self.finding(min(first, end), end, message=told)]
        if least is not None and count < least and view.final:
            told = f"shorter than {least} {self.count_mode}"
            return [self.finding(0, end, message=told)]
        return []

    def pending(self, view: View) -> int:
        return 0 if self.whole else len(view.text)


class Validator(Filter):
    """Asks a function of yours about each whole text.

    :param check: takes the text; ``True`` or ``None`` lets it pass, ``False`` or a text
        that says why does not. What it raises is the caller's.
    """

    usual_rule = "validator"
    whole = True

    def __init__(self, check: Callable[[str], bool | str | None], **options: Any):
        super().__init__(**options)
        self._check = check

    def find(self, view: View) -> list[Finding]:
        if not view.final:
            return []
        said = self._check(view.raw)
        if said is None or said is True:
            return []
        told = said if isinstance(said, str) else ""
        return [self.finding(0, len(view.text), message=told)]
