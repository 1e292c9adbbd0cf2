"""A reply that may come in pieces, as text and the calls in it.

Sans-I/O, and linear however small the pieces: what is held back is looked at again only
when something has come that may decide it. What markup is: :mod:`.text_tool_dialects`.
"""

from __future__ import annotations

from .text_tool_dialects import LONGEST, Found, Markup, Scan


class Reader:
    """A text that comes in pieces, as text and calls.

    What may still become markup is held back; everything before it is handed out at
    once. Whatever the pieces, the outcome together is that of the whole text.
    """

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self._pieces: list[str] = []
        self._size = 0
        self._tail = ""
        self._awaited = ""
        self._ripe = True
        self._not_before = 0
        self._closer = ""

    def feed(self, piece: str) -> list[str | Found]:
        """What ``piece`` settles, in order."""
        self._pieces.append(piece)
        self._size += len(piece)
        if not self._ripe:
            tail = self._tail + piece
            self._ripe = self._awaited in tail
            self._tail = tail[-len(self._awaited) :]
        if not self._ripe or self._size < self._not_before:
            return []
        return self._look(final=False)

    def end(self) -> list[str | Found]:
        """What was held back, now that nothing more comes."""
        return self._look(final=True)

    def _look(self, *, final: bool) -> list[str | Found]:
        text = "".join(self._pieces)
        scan = Scan(self._markup, text, final=final)
        out: list[str | Found] = []
        at, begin = 0, 0  # text[at:begin] has been looked at and is text
        while True:
            opener = self._markup.opener.search(text, begin)
            closed = self._closed(scan, begin)
            if closed >= 0 and (opener is None or closed < opener.start()):
                out.append(text[at:closed])
                at = begin = closed + len(self._closer)
                self._closer = ""
                continue
            if opener is None:
                held = len(text) if final else self._held(text, begin)
                break
            found = scan.block(opener)
            if found is None:
                held = opener.start()
                break
            if isinstance(found, Found):
                out += (text[at : opener.start()], found)
                at = begin = found.end
                self._closer, scan.closer = scan.closer or self._closer, ""
            else:
                begin = found
        out.append(text[at:held])
        self._hold(text[held:], scan.awaited)
        return [each for each in out if each]

    def _closed(self, scan: Scan, begin: int) -> int:
        """Where the wrapper that is open ends, or -1."""
        return scan.find(self._closer, begin) if self._closer else -1

    def _held(self, text: str, begin: int) -> int:
        """From where on the text may be the beginning of a tag."""
        last = text.rfind("<", max(begin, len(text) - LONGEST))
        if last < 0:
            return len(text)
        rest = text[last:]
        if self._closer.startswith(rest) or self._markup.may_begin(rest):
            return last
        return len(text)

    def _hold(self, text: str, awaited: str) -> None:
        self._pieces = [text] if text else []
        self._size = len(text)
        self._awaited = awaited
        self._tail = text[-len(awaited) :] if awaited else ""
        # A closing tag that did not close (it stood in a string) is looked at again
        # only when the text has doubled, so that all looks together stay linear.
        seen = bool(awaited) and awaited in text
        self._ripe = seen or not awaited
        self._not_before = 2 * len(text) if seen else 0
