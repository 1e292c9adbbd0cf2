"""Tool calls that a model writes into its text, and how they are told from prose.

The standard form is ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``. Models
that were trained on other markup write other forms; the lenient reading knows those the
AI-Protocol lists (``docs/spec/text-tool-call/format.yaml``): a name as attribute, other
words for ``arguments``, a ``<tool_calls>`` wrapper, ``<shell>``, ``<bash>``,
``<function name=…>``, ``<invoke name=…>`` with ``<parameter>`` elements, and the last
three with DeepSeek's DSML bars before the tag.

Sans-I/O and linear in the length of the text, whatever the text and its pieces. What
is not a whole, well-formed call stays text, letter for letter: a malformed call is
passed over up to its own closing tag, and a call that stands inside another one is data
of that one and is never made. Markdown means nothing here: the format does not know it,
and the models that need text calls like to put them in fences.

Here is what one look at a text finds; :mod:`.text_tool_reading` looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

ARGUMENT_WORDS: Final = ("arguments", "parameters", "params", "args")
KNOWN_TAGS: Final = {"shell": "shell", "bash": "shell", "function": "", "invoke": ""}
"""Tag -> the tool it calls; "" where an attribute ``name`` says it."""

_STANDARD: Final = "tool_call"
_WRAPPERS: Final = ("tool_calls", "function_calls")
_BARS: Final = r"[\uff5c|]{1,4}DSML[\uff5c|]{1,4}"
_ATTRIBUTES: Final = r"(?:\s[^<>]{0,500})?"
LONGEST: Final = 600
"""No opening tag is longer, so no more than this is held back for one."""
_BARS_BEGUN: Final = re.compile(r"[\uff5c|]{1,4}(?:D(?:S(?:M(?:L[\uff5c|]{0,4})?)?)?)?")
_NAME: Final = re.compile(r"""\sname\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_AS_TEXT: Final = re.compile(r"""\sstring\s*=\s*["']?(true|false)""")
_GAP: Final = re.compile(r"\s{0,200}")
_FENCED: Final = re.compile(r"\s{0,200}(?:```\w{0,20}\s{0,200})?")
_AFTER: Final = re.compile(r"\s*(?:```\s*)?")
_SPACE: Final = re.compile(r"\s*")
_DECODER: Final = json.JSONDecoder(strict=False)  # models write raw line breaks


class Found(NamedTuple):
    """One call, and where its markup ends."""

    name: str
    arguments: dict[str, Any]
    end: int


class Markup:
    """Which markup is read as a call.

    :param lenient: also the forms that are not the standard one.
    :param tags: further tags, as :data:`KNOWN_TAGS`; they win over the known ones.
    :param args_key: a further word for ``arguments``, asked first.
    """

    def __init__(
        self,
        *,
        lenient: bool,
        tags: Mapping[str, str] | None = None,
        args_key: str = "",
    ) -> None:
        self.lenient = lenient
        self.words = tuple(dict.fromkeys(filter(None, (args_key, *ARGUMENT_WORDS))))
        self.tags: dict[str, str] = {**KNOWN_TAGS, **(tags or {})} if lenient else {}
        wrappers = _WRAPPERS if lenient else ()
        self.names = (_STANDARD, *wrappers, *self.tags)
        if lenient:
            names = "|".join(map(re.escape, self.names))
            self.opener = re.compile(f"<((?:{_BARS})?)({names})({_ATTRIBUTES})>")
        else:
            self.opener = re.compile(f"<()({_STANDARD})()>")

    def may_begin(self, text: str) -> bool:
        """Whether ``text`` ("<…", without its end) may become an opening tag."""
        if len(text) > LONGEST or ">" in text:
            return False
        word = text[1:]
        if self.lenient and word[:1] in ("\uff5c", "|"):
            begun = _BARS_BEGUN.match(word)
            word = word[begun.end() :] if begun else word
        name, blank, _ = re.sub(r"\s", " ", word).partition(" ")
        if blank:
            return self.lenient and name in self.names
        return any(known.startswith(name) for known in self.names)

    def said(
        self, body: Any, attribute: str | None
    ) -> tuple[str, dict[str, Any]] | None:
        """Name and arguments of the JSON object of a standard call."""
        if not isinstance(body, dict):
            return None
        name = body.get("name")
        if not self.lenient:
            given = body.get("arguments")
            if not isinstance(name, str) or not name or not isinstance(given, dict):
                return None
            return name, given
        word = next((word for word in self.words if word in body), None)
        if isinstance(name, str) and name and (word is not None or attribute is None):
            rest = {k: v for k, v in body.items() if k not in ("name", "id", "index")}
            given = rest if word is None else _object(body[word])
            return None if given is None else (name, given)
        if not attribute:
            return None
        given = _object(body[word]) if word is not None and len(body) == 1 else body
        return None if given is None else (attribute, given)


def _object(value: Any) -> dict[str, Any] | None:
    """Arguments as an object; a text that holds one is read."""
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _attribute(attributes: str) -> str | None:
    found = _NAME.search(attributes)
    return (found[1] or found[2]) if found else None


def _parameter(text: str, attributes: str) -> Any:
    """A parameter's value. A line break next to a tag is layout, not value."""
    value = text.removeprefix("\n").removesuffix("\n")
    said = _AS_TEXT.search(attributes)
    if said and said[1] == "false":
        try:
            return _DECODER.decode(value.strip())
        except (ValueError, RecursionError):
            return value
    return value


class Scan:
    """One look at a text: what stands at each opening tag.

    A block answers with a :class:`Found`, with the place where the search goes on (what
    lies before is text), or with None: only more text decides, and ``awaited`` is the
    closing tag without which nothing will be decided ("" when any text may).

    :param final: nothing more comes.
    """

    def __init__(self, markup: Markup, text: str, *, final: bool) -> None:
        self.markup = markup
        self.text = text
        self.final = final
        self.awaited = ""
        self.closer = ""  # of the wrapper that has been opened last
        self._known: dict[str, tuple[int, int]] = {}

    def find(self, wanted: str, start: int) -> int:
        """``text.find``, remembered: places only grow, so each is looked for once."""
        asked, found = self._known.get(wanted, (-1, -2))
        if asked <= start and (found == -1 or found >= start):
            return found
        found = self.text.find(wanted, start)
        self._known[wanted] = (start, found)
        return found

    def block(self, opener: re.Match[str]) -> Found | int | None:
        """What begins at ``opener``."""
        bars, tag, attributes = opener.groups()
        if attributes.endswith("/"):
            return opener.end()
        if tag in _WRAPPERS and tag not in self.markup.tags:
            return self._wrapper(opener)
        closer = f"</{bars}{tag}>"
        if tag == _STANDARD:
            return self._standard(opener, closer)
        stop = self.find(closer, opener.end())
        if stop < 0:
            return self._undecided(closer, opener.end())
        name = self.markup.tags[tag] or _attribute(attributes)
        if not name:
            return stop + len(closer)
        return self._element(opener, closer, stop, name)

    def _undecided(self, awaited: str, otherwise: int) -> int | None:
        if self.final:
            return otherwise
        self.awaited = awaited
        return None

    def _wrapper(self, opener: re.Match[str]) -> Found | int | None:
        at = _gap_end(_GAP, self.text, opener.end())
        inner = self.markup.opener.match(self.text, at)
        if inner is None:
            if at == len(self.text) or self._may_begin(at):
                return self._undecided("", opener.end())
            return opener.end()
        if inner[2] in _WRAPPERS:
            return opener.end()
        found = self.block(inner)
        if isinstance(found, Found):
            self.closer = f"</{opener[1]}{opener[2]}>"
            return found
        return None if found is None else opener.end()

    def _may_begin(self, at: int) -> bool:
        rest = self.text[at : at + LONGEST + 1]
        return rest.startswith("<") and self.markup.may_begin(rest)

    def _standard(self, opener: re.Match[str], closer: str) -> Found | int | None:
        fence = _FENCED if self.markup.lenient else _GAP
        at = _gap_end(fence, self.text, opener.end())
        cut = len(self.text) - at
        if cut == 0 or (cut < 3 and "```".startswith(self.text[at:])):
            return self._undecided("", opener.end())
        if self.text[at] != "{":
            nested = self.markup.opener.match(self.text, at)
            if nested is None or nested[2] != _STANDARD:
                if self._may_begin(at):
                    return self._undecided("", opener.end())
                return opener.end()
        stop = self.find(closer, at)
        if stop < 0:
            return self._undecided(closer, opener.end())
        body, end = self._json(at)
        if end == -1:
            return self._undecided(closer, stop)
        if end < 0:
            return stop + len(closer)
        after = self._closed(_gap_end(_AFTER, self.text, end), closer)
        if after <= 0:
            return end if after else self._undecided(closer, end)
        said = self.markup.said(body, _attribute(opener[3]))
        return after if said is None else Found(*said, after)

    def _json(self, at: int) -> tuple[Any, int]:
        """The object at ``at`` and its end; -1: not whole yet, -2: never."""
        try:
            return _DECODER.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            cut = (
                error.msg.startswith("Unterminated") or error.pos >= len(self.text) - 8
            )
            return None, -1 if cut and not self.final else -2
        except (ValueError, RecursionError):  # a number or a nesting beyond all measure
            return None, -2

    def _closed(self, at: int, closer: str) -> int:
        """The end of ``closer`` if it stands at ``at``; 0: not decided; else -1."""
        if self.text.startswith(closer, at):
            return at + len(closer)
        return 0 if not self.final and len(self.text) - at < len(closer) else -1

    def _element(
        self, opener: re.Match[str], closer: str, stop: int, name: str
    ) -> Found | int | None:
        bars, tag, _ = opener.groups()
        start = opener.end()
        at = _gap_end(_SPACE, self.text, start)
        if at == stop:
            fixed = bool(self.markup.tags[tag])
            return stop + len(closer) if fixed else Found(name, {}, stop + len(closer))
        if self.text.startswith(f"<{bars}parameter", at):
            return self._parameters(at, bars, closer, name)
        if self.text[at] == "{":
            body, end = self._json(at)
            after = -1
            if end > 0:
                after = self._closed(_gap_end(_SPACE, self.text, end), closer)
            if end == -1 or after == 0:
                return self._undecided(closer, stop)
            if after > 0 and isinstance(body, dict):
                return Found(name, body, after)
        if not self.markup.tags[tag]:
            return stop + len(closer)
        if self.text.find(f"<{bars}{tag}", start, stop) >= 0:
            return (
                start  # the first one is prose: a command has no opening tag of its own
            )
        return self._command(at, stop, closer, name)

    def _command(self, at: int, stop: int, closer: str, name: str) -> Found | int:
        text = self.text[at:stop].strip()
        if text.startswith("<command>"):
            text, closed, rest = text.removeprefix("<command>").partition("</command>")
            if not closed or rest.strip():
                return stop + len(closer)
            text = text.strip()
        return Found(name, {"command": text}, stop + len(closer))

    def _parameters(
        self, at: int, bars: str, closer: str, name: str
    ) -> Found | int | None:
        tag = re.compile(f"<{re.escape(bars)}parameter({_ATTRIBUTES})>")
        end = f"</{bars}parameter>"
        arguments: dict[str, Any] = {}
        while opener := tag.match(self.text, at):
            stop = self.find(end, opener.end())
            key = _attribute(opener[1])
            if stop < 0 or not key:
                break
            arguments[key] = _parameter(self.text[opener.end() : stop], opener[1])
            at = _gap_end(_SPACE, self.text, stop + len(end))
        after = self._closed(at, closer)
        if after > 0:
            return Found(name, arguments, after)
        later = self.find(closer, at)
        if later < 0 or len(self.text) - at <= LONGEST:
            return self._undecided(closer, at if later < 0 else later + len(closer))
        return later + len(closer)


def _gap_end(gap: re.Pattern[str], text: str, at: int) -> int:
    found = gap.match(text, at)
    return found.end() if found else at
