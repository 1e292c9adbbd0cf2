"""Speech to text: what comes back, whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..core.replies import reply_error
from ..core.results import Arrived, Events, Result, decoded, known
from ..core.types import Replied
from .reading import items, number, table, text

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..core.stream import Stream

TEXTS: Final = frozenset(("text", "srt", "vtt"))
"""Formats of answers that are no JSON."""
_DELTAS: Final = ("transcript.text.delta", "transcription.text.delta")
_ENDS: Final = ("transcript.text.done", "transcription.done")


@attrs.frozen
class Segment:
    """A stretch of speech; times are seconds from the beginning.

    :ivar speaker: who speaks, where the model tells voices apart.
    """

    text: str
    start_s: float
    end_s: float
    id: int | str | None = None
    speaker: str | None = None


@attrs.frozen
class Word:
    """One word; times are seconds from the beginning."""

    word: str
    start_s: float
    end_s: float


@attrs.define(eq=False)
class Transcription(Replied):
    """What was said.

    :ivar text: the words; of ``srt`` and ``vtt`` the whole file.
    :ivar language: as the provider names it; ``None`` where it does not.
    :ivar duration_s: how long the recording is, where the provider says it.
    :ivar usage: what was counted, in the provider's words.
    :ivar raw: the reply; empty where it was no JSON.
    """

    text: str
    language: str | None = None
    duration_s: float | None = None
    segments: Sequence[Segment] = ()
    words: Sequence[Word] = ()
    usage: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    def __str__(self) -> str:
        return self.text


def transcription(data: Mapping[str, Any]) -> Transcription | None:
    """``data`` of a reply; ``None`` where there is no text in it."""
    said = text(data.get("text"))
    if said is None:
        return None
    return Transcription(
        said,
        language=text(data.get("language")),
        duration_s=number(data.get("duration")),
        segments=[
            Segment(
                str(each.get("text") or ""),
                number(each.get("start")) or 0.0,
                number(each.get("end")) or 0.0,
                each.get("id"),
                text(each.get("speaker") or each.get("speaker_id")),
            )
            for each in map(table, items(data, "segments"))
        ],
        words=[
            Word(
                str(each.get("word") or each.get("text") or ""),
                number(each.get("start")) or 0.0,
                number(each.get("end")) or 0.0,
            )
            for each in map(table, items(data, "words"))
        ],
        usage=table(data.get("usage")),
        raw=data,
    )


class Heard(Result):
    """A transcription, as JSON or as a text of the format that was asked for."""

    __slots__ = ("format",)

    def __init__(self, format: str | None) -> None:
        self.format = format

    def value(self, arrived: Arrived) -> Transcription:
        call, reply = arrived.call, arrived.reply
        if self.format in TEXTS and not reply.content_type.endswith("json"):
            if reply.content_type == "text/html":
                raise reply_error(call, reply, "is a page, not a transcription")
            found = Transcription(reply.body.decode("utf-8", "replace").strip("\n"))
        else:
            data = decoded(call, reply, dict[str, Any])
            found = transcription(data)  # type: ignore[assignment]
            if found is None:
                raise reply_error(call, reply, "has no text", pointer="/text")
        return known(found, reply)  # type: ignore[no-any-return]


class HeardInPieces(Events):
    """A transcription in events; whole, from a model that does not stream."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(
            lambda: dict[str, Any],
            tag="type",
            end=_ENDS,
            error=("error",),
            done=("[DONE]",),
        )

    def value(self, arrived: Arrived) -> TranscriptStream:
        if arrived.opened is None and arrived.reply.content_type.endswith("json"):
            return TranscriptStream(None, Heard(None).value(arrived))
        return TranscriptStream(super().value(arrived), None)


class TranscriptStream:
    """The pieces of a text as they are heard; iterate once.

    :ivar result: all of it, once the stream is at its end.
    """

    def __init__(
        self, stream: Stream[dict[str, Any]] | None, result: Transcription | None
    ) -> None:
        self._stream = stream
        self._pieces: list[str] = []
        self.result: Transcription | None = None if stream is not None else result
        self._whole = result

    def __iter__(self) -> Iterator[str]:
        if self._stream is None:
            if self._whole is not None:
                yield self._whole.text
            return
        for event in self._stream:
            kind = event.get("type")
            if kind in _DELTAS:
                piece = str(event.get("delta") or event.get("text") or "")
                self._pieces.append(piece)
                yield piece
            elif kind in _ENDS:
                found = transcription({"text": self.text, **event})
                self.result = known(found, self._stream._reply)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """What was heard so far."""
        return self.result.text if self.result else "".join(self._pieces)

    def close(self) -> None:
        """Stop listening."""
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
