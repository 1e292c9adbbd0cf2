"""What a manifest says of replies, made into functions once.

The record names the places (``choices[0].message.content``) and the words
(``length`` is ``max_tokens``); :class:`Reading` looks there. A whole reply is read
here, a streamed one by :mod:`specwire.chat.assembling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from ..core.errors import DecodeError, shortened
from . import programs
from .contents import pieces
from .frames import Marks
from .mapping import MAX_CANDIDATE, EventMapper, new_id
from .response import Candidate, ChatResponse, Prices
from .tools import ToolCall
from .usage import Counting, Usage

REASONS = frozenset(
    {
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "refusal",
        "pause_turn",
        "other",
    }
)
"""Why an answer ends, by AI-Protocol's names."""
_ALSO_IN = ("message", "response")
"""Where a first frame may hold what a reply says of itself."""


class Reading:
    """One record, ready to read with."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.id = str(record.get("id", ""))
        self.counting = Counting(record.get("usage") or {})
        # Its count of the request leaves out what caches held.
        self._cache_apart = record.get("dialect") == "anthropic"
        self._reasons: Mapping[str, str] = record.get("termination") or {}
        self._folded = {raw.casefold(): to for raw, to in self._reasons.items()}
        self.stream = StreamReading(record.get("stream") or {})
        self.response = ResponseReading(record, self)

    def normal(self, raw: str | None) -> str | None:
        """A provider's reason by AI-Protocol's name; ``other`` for one not known."""
        if raw is None:
            return None
        found = self._reasons.get(raw) or self._folded.get(raw.casefold())
        if found is None:
            return raw if raw in REASONS else "other"
        return found if found in REASONS else "other"

    def prices_of(self, manifest: Any, model: str | None) -> Prices:
        """What a model's tokens cost, USD for a million; ``None`` if not known."""

        def find() -> dict[str, Any] | None:
            known = manifest.model(model) if model else None
            prices = known.get("prices") if known is not None else None
            return {**prices, "cache_apart": self._cache_apart} if prices else None

        return find


def reading_of(manifest: Any) -> Reading:
    """The reading of a manifest, made once."""
    return cast(Reading, manifest.built("reading", lambda known: Reading(known.data)))


class StreamReading:
    """The ``stream`` table of a record."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        rules, more = table.get("rules") or (), table.get("more") or ()
        self.mapper = EventMapper(rules, more, table.get("candidates"))
        self.select = programs.optional_test(table.get("select"))
        self.skip = programs.optional_test(table.get("skip"))
        self.end = programs.optional_test(table.get("end"))
        self.done: Sequence[str] = table.get("done") or ()
        self.finish_ends = bool(table.get("finish_ends"))
        self.marks = Marks(self.done, other_end=self.end is not None)


class ResponseReading:
    """The ``response`` table: where the parts of a whole reply are."""

    def __init__(self, record: Mapping[str, Any], reading: Reading) -> None:
        table: Mapping[str, Any] = record.get("response") or {}
        self._reading = reading
        self._array: Sequence[Any] | None = table.get("candidates")
        self._candidates = programs.getter(self._array) if self._array else None
        named = (record.get("stream") or {}).get("candidates") or {}
        self._index = programs.getter(named.get("id") or [0, "index"])
        self._own = _Places(table, lambda path: _within(path, self._array))
        self._whole = _Places(table, lambda path: _outside(path, self._array))
        self._usage = _getters(table.get("usage"))
        self._model = _getters(table.get("model"))
        self._id = _getters(table.get("id"))

    def read(self, data: Mapping[str, Any]) -> Found:
        """What of an answer is in ``data``."""
        env = (data,)
        elements = self._candidates(env) if self._candidates is not None else None
        candidates = []
        if elements.__class__ is list:
            for place, element in enumerate(elements[: MAX_CANDIDATE + 1]):
                number = self._index((element,))
                if number.__class__ is not int or not 0 <= number <= MAX_CANDIDATE:
                    number = place
                candidates.append(self._candidate(number, self._own, (element,)))
        if not any(map(_answers, candidates)):
            whole = self._candidate(0, self._whole, env)
            if _answers(whole) or (whole.raw_finish_reason and not candidates):
                candidates = [whole]
        usage = _first_of(self._usage, env, lambda value: isinstance(value, dict))
        return Found(self._reading, data, candidates, usage)

    def _candidate(self, number: int, places: _Places, env: programs.Env) -> Candidate:
        thoughts, texts = places.thinking(env), places.content(env)
        said = [text for thought, text in texts if not thought]
        thought = "".join(t for _, t in thoughts) + "".join(t for o, t in texts if o)
        raw = places.finish_reason(env)
        return Candidate(
            number,
            "".join(said),
            thought or None,
            places.tool_calls(env),
            self._reading.normal(raw),
            raw,
            thinking_blocks=signed(env[0]),
        )

    def model_in(self, frame: Any) -> str | None:
        """The model's name, in a reply or in one of the first frames of a stream."""
        return _named_in(self._model, frame)

    def id_in(self, frame: Any) -> str | None:
        """The answer's id, likewise."""
        return _named_in(self._id, frame)


class Found:
    """What of an answer is in a reply."""

    def __init__(
        self,
        reading: Reading,
        data: Mapping[str, Any],
        candidates: list[Candidate],
        usage: Any,
    ) -> None:
        self._reading = reading
        self._data = data
        self._candidates = candidates
        self._usage = usage

    @property
    def has_answer(self) -> bool:
        """Whether something was said, thought or called."""
        return any(map(_answers, self._candidates))

    @property
    def is_reply(self) -> bool:
        """Whether it reads like one, be it empty."""
        ended = any(c.raw_finish_reason is not None for c in self._candidates)
        return ended or self.has_answer

    def response(self, manifest: Any, asked: str) -> ChatResponse:
        reading, data = self._reading, self._data
        model = reading.response.model_in(data) or asked
        return ChatResponse(
            self._candidates,
            usage=Usage(reading.counting.counts(self._usage), raw=self._usage),
            model=model,
            provider=reading.id,
            id=reading.response.id_in(data),
            raw=data,
            prices=reading.prices_of(manifest, asked or model),
        )


class _Places:
    """Where the parts of one candidate are.

    :param moved: a path of the record as one from the candidate, or ``None``.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        moved: Callable[[Sequence[Any]], Sequence[Any] | None],
    ) -> None:
        def many(paths: Iterable[Sequence[Any]] | None) -> list[Any]:
            found = (moved(path) for path in paths or ())
            return [programs.several(path) for path in found if path is not None]

        self._content = many(table.get("content"))
        self._thinking = many(table.get("thinking"))
        self._reasons = many(table.get("finish_reason"))
        self._calls = [
            (*many([one["each"]]), *(_source(one, n) for n in _CALL))
            for one in table.get("tool_calls") or ()
            if moved(one["each"]) is not None
        ]

    def thinking(self, env: programs.Env) -> list[tuple[bool, str]]:
        return _texts(self._thinking, env)

    def content(self, env: programs.Env) -> list[tuple[bool, str]]:
        thoughts = [text for _, text in self.thinking(env)]
        # A less exact path of a manifest may lead to the thought.
        return _texts(self._content, env, thoughts)

    def finish_reason(self, env: programs.Env) -> str | None:
        for values in self._reasons:
            for value in values(env):
                if isinstance(value, str) and value:
                    return value
        return None

    def tool_calls(self, env: programs.Env) -> list[ToolCall]:
        for values, *sources in self._calls:
            calls = [
                _call(element, sources)
                for value in values(env)
                for element in (value if value.__class__ is list else (value,))
                if element.__class__ is dict
            ]
            found = [call for call in calls if call is not None]
            if found:
                return found
        return []


_CALL = ("id", "name", "arguments")


def _source(one: Mapping[str, Any], name: str) -> programs.Get:
    """A call's member, from the call wherever its level says it counts from."""
    return programs.source(
        [
            ["$", [0, *alt[1][1:]]] if alt[0] == "$" else alt
            for alt in one.get(name) or ()
        ]
        or [["=", None]]
    )


def _call(element: dict[str, Any], sources: Sequence[programs.Get]) -> ToolCall | None:
    id, name, arguments = (get((element,)) for get in sources)
    if not isinstance(name, str) or not name:
        return None
    signature = element.get("thoughtSignature")
    extra = {} if signature is None else {"thoughtSignature": signature}
    raw = arguments if isinstance(arguments, str) else None
    if raw is None and not isinstance(arguments, (dict, type(None))):
        raw = shortened(repr(arguments))
    given = arguments if isinstance(arguments, dict) else None
    known = id if isinstance(id, str) and id else new_id()
    return ToolCall(known, name, given, raw, **extra)


def _texts(
    alternatives: Sequence[Callable[[programs.Env], list[Any]]],
    env: programs.Env,
    known: Sequence[str] = (),
) -> list[tuple[bool, str]]:
    for values in alternatives:
        found = [one for value in values(env) for one in pieces(value)]
        if found and [text for _, text in found] != list(known):
            return found
    return []


def signed(element: Any) -> list[dict[str, Any]]:
    """The blocks of thought that a provider wants back as they are."""
    content = element.get("content") if element.__class__ is dict else None
    return [
        block
        for block in (content if content.__class__ is list else ())
        if block.__class__ is dict
        and (
            (block.get("type") == "thinking" and block.get("signature"))
            or block.get("type") == "redacted_thinking"
        )
    ]


def _answers(candidate: Candidate) -> bool:
    return bool(candidate.content or candidate.thinking or candidate.tool_calls)


def _within(path: Sequence[Any], array: Sequence[Any] | None) -> Sequence[Any] | None:
    """A path below the first candidate, from any candidate."""
    if array is None:
        return None
    size = len(array)
    if list(path[:size]) != list(array) or path[size : size + 1] not in ([0], [None]):
        return None
    return [0, *path[size + 1 :]]


def _outside(path: Sequence[Any], array: Sequence[Any] | None) -> Sequence[Any] | None:
    return path if _within(path, array) is None else None


def _getters(paths: Iterable[Sequence[Any]] | None) -> list[programs.Get]:
    return [programs.getter(path) for path in paths or ()]


def _first_of(
    gets: Sequence[programs.Get], env: programs.Env, fits: Callable[[Any], bool]
) -> Any:
    values = (get(env) for get in gets)
    return next((value for value in values if fits(value)), None)


def _named_in(gets: Sequence[programs.Get], frame: Any) -> str | None:
    places = [frame]
    if frame.__class__ is dict:
        places += [frame.get(name) for name in _ALSO_IN]
    for place in places:
        found = _first_of(gets, (place,), lambda v: isinstance(v, str) and bool(v))
        if found is not None:
            return cast(str, found)
    return None


def is_failure(data: Any) -> bool:
    """Whether a document says that something went wrong."""
    if data.__class__ is not dict:
        return False
    return bool(data.get("error")) or data.get("type") == "error"


def found_in(manifest: Any, data: Any) -> Found | None:
    """An answer in ``data``, or ``None`` where none is."""
    if data.__class__ is not dict:
        return None
    found = reading_of(manifest).response.read(data)
    return found if found.is_reply else None


def described(data: Any) -> str:
    """What came, where an answer was expected; members by name, nothing of a value."""
    if data.__class__ is not dict:
        return f"JSON of type {type(data).__name__}"
    names = shortened(", ".join(map(repr, list(data)[:8])), 120)
    return f"an object without one; it has {names or 'no members'}"


def answer(manifest: Any, data: Any, model: str = "") -> ChatResponse:
    """The answer in ``data``. :raises DecodeError: where none is."""
    found = found_in(manifest, data)
    if found is None:
        raise DecodeError(
            f"{reading_of(manifest).id}: expected an answer, got {described(data)}",
            body=data,
        )
    return found.response(manifest, model)
