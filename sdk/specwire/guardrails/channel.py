"""``Channel``: one text that comes in pieces, and how far it is decided.

Pure: pieces in, and for each of them in the end the text that may be handed out. What
is decided stays known for a while, so that what is found across an end is still found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve

from ..core.errors import GuardrailError
from .deciding import findings_in, in_string, json_mask, masks
from .filter import Filter
from .findings import Finding
from .folding import View, cut_escape

CONTEXT: Final = 256
MOST_HELD: Final = 1 << 20

Tell = Callable[[Sequence[Finding]], None]
"""Hears of findings that are decided; raises where one is refused."""
Done = Callable[[str], None]


class Channel:
    """Characters are counted from the text's first one on.

    :ivar place: where it stands in events, for errors.
    """

    def __init__(
        self, filters: Sequence[Filter], place: str, json: bool, tell: Tell
    ) -> None:
        self._filters, self.place, self._json, self._tell = filters, place, json, tell
        self._text = ""
        self._gone = 0  # so many characters are no longer in _text
        self._decided = 0
        self._given = 0  # up to here pieces were handed on
        self._masks: list[Finding] = []
        self._pieces: deque[tuple[int, Done]] = deque()
        self._quoted = False  # where the text is JSON: a string is open at _gone

    @property
    def holds(self) -> bool:
        """Whether pieces wait."""
        return bool(self._pieces)

    def add(self, text: str, done: Done) -> None:
        """The next piece; ``done`` gets what is to stand there, maybe later."""
        self._text += text
        self._pieces.append((self._gone + len(self._text), done))
        self._decide(final=False)
        if self._gone + len(self._text) - self._given > MOST_HELD:
            raise GuardrailError(
                f"{self.place}: more than {MOST_HELD} characters would have to be held "
                "back before the guardrails can decide; give a filter that needs no "
                "whole text, or do not stream"
            )

    def end(self) -> None:
        """No more will follow that what is held depends on."""
        if self._pieces:
            self._decide(final=True)

    def _decide(self, *, final: bool) -> None:
        text, gone = self._text, self._gone
        view = View(text, json=self._json, before=gone, final=final, place=self.place)
        safe = gone + (len(text) if final else self._safe(view))
        if safe <= self._decided and not final:
            return
        found = [
            each
            for each in findings_in(self._filters, view)
            if gone + each.end > self._decided and gone + each.start < safe
        ]
        self._masks += self._absolute(found)
        for each in found:
            safe = max(safe, gone + each.end)
        self._tell(found)
        self._decided = max(self._decided, safe)
        self._hand_on()
        self._forget()

    def _safe(self, view: View) -> int:
        """Up to where in the text as written nothing depends on what follows."""
        behind = len(view.text)
        for each in self._filters:
            if each.enabled:
                behind = min(behind, each.pending(view))
                if not behind:
                    return 0
        if behind >= len(view.text):
            place = len(view.raw)
        else:
            place = view.span(behind, behind)[0]
        return min(place, cut_escape(view.raw)) if self._json else place

    def _absolute(self, found: Sequence[Finding]) -> list[Finding]:
        kept = []
        for each in found:
            start = max(self._gone + each.start, self._decided)
            end = self._gone + each.end
            if each.action == "mask" and end > start:
                kept.append(evolve(each, start=start, end=end))
        return kept

    def _hand_on(self) -> None:
        covers = masks(sorted(self._masks, key=lambda each: each.start))
        while self._pieces and self._pieces[0][0] <= self._decided:
            end, done = self._pieces.popleft()
            done(self._written(covers, self._given, end) if covers else self._cut(end))
            self._given = end
        self._masks = [each for each in covers if each.end > self._given]

    def _cut(self, end: int) -> str:
        return self._text[self._given - self._gone : end - self._gone]

    def _written(self, covers: Sequence[Finding], start: int, end: int) -> str:
        """The text of a piece; a mask stands where what it covers begins."""
        parts, place, gone = [], start, self._gone
        for each in covers:
            if each.end <= place or each.start >= end:
                continue
            if each.start >= place:
                parts.append(self._text[place - gone : each.start - gone])
                parts.append(self._mask(each))
            place = min(each.end, end)
        parts.append(self._text[place - gone : end - gone])
        return "".join(parts)

    def _mask(self, each: Finding) -> str:
        if not self._json:
            return each.mask
        before = self._text[: each.start - self._gone]
        return json_mask(each.mask, in_string(before, self._quoted))

    def _forget(self) -> None:
        keep = min(self._decided - CONTEXT, self._given)
        if keep - self._gone < CONTEXT:
            return
        cut = keep - self._gone
        if self._json:
            # Not within an escape, and known whether within a string.
            cut = cut_escape(self._text[:cut])
            self._quoted = in_string(self._text[:cut], self._quoted)
        self._text, self._gone = self._text[cut:], self._gone + cut
