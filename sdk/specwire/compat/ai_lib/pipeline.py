"""``ai_lib_python.pipeline``: its stages, synchronous, over ours.

A stage takes an iterable and gives an iterator. The client does not go through these:
it reads bytes, frames and events in one walk (:mod:`specwire.chat.decoding`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...chat import accumulating, foreign, programs
from ...chat.assembling import Assembler
from ...chat.events import StreamingEvent
from ...chat.frames import BadFrame, Frames, Marks, frames
from ...chat.manifest import Manifest
from .errors import PipelineError, translated

__all__ = [
    "AnthropicEventMapper",
    "AnthropicSSEDecoder",
    "AnthropicSseDecoder",
    "Decoder",
    "DefaultEventMapper",
    "EventMapper",
    "FanOutTransform",
    "JsonLinesDecoder",
    "JsonPathSelector",
    "PassThroughSelector",
    "Pipeline",
    "ProtocolEventMapper",
    "ReplicateTransform",
    "SSEDecoder",
    "SplitTransform",
    "SseDecoder",
    "ToolCallAccumulator",
    "Transform",
    "create_fan_out",
]


# -- bytes to frames -------------------------------------------------------------------


class Decoder:
    """Bytes to JSON frames; how they are framed is seen from the bytes."""

    def _reader(self) -> Frames:
        return Frames()

    def decode(self, chunks: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """:raises PipelineError: for what is no frame, and where the bytes break
        off."""
        reader = self._reader()
        for chunk in chunks:
            yield from map(_checked, reader.feed(chunk))
            if reader.done:
                return
        yield from map(_checked, reader.end())
        if reader.cut is not None:
            raise PipelineError(f"the stream ended {reader.cut}", operator="decoder")


def _checked(frame: Any) -> dict[str, Any]:
    if isinstance(frame, BadFrame):
        raise PipelineError(f"an event {frame.problem}", operator="decoder")
    return frame  # type: ignore[no-any-return]


class SSEDecoder(Decoder):
    """Server-sent events; ``delimiter`` and ``prefix`` are always those of the norm."""

    def __init__(
        self,
        delimiter: str = "\n\n",
        prefix: str = "data: ",
        done_signal: str | None = "[DONE]",
    ) -> None:
        self.done_signal = done_signal

    def _reader(self) -> Frames:
        return Frames(Marks([self.done_signal] if self.done_signal else ()))


class JsonLinesDecoder(Decoder):
    """A JSON value a line."""

    def __init__(self, delimiter: str = "\n") -> None:
        self.delimiter = delimiter


class AnthropicSSEDecoder(Decoder):
    """Anthropic's events, which a frame ends and no ``[DONE]``."""

    def _reader(self) -> Frames:
        return frames(Manifest.builtin("anthropic"))


SseDecoder = SSEDecoder
AnthropicSseDecoder = AnthropicSSEDecoder


# -- frames to frames ------------------------------------------------------------------


class Transform:
    """Frames to frames."""

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        yield from frames


class PassThroughSelector(Transform):
    """Lets everything through."""

    def matches(self, frame: Any) -> bool:
        return True


class JsonPathSelector(Transform):
    """Lets frames through of which an expression holds.

    :param expression: as manifests have it: ``exists($.choices) || $.type == 'ping'``.
    :raises ProtocolError: where it cannot be read.
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression
        with translated():
            rule = foreign.rules([{"match": expression, "emit": "Metadata"}])[0]
        self._holds = programs.test(rule["when"])

    def matches(self, frame: Any) -> bool:
        return bool(self._holds((frame,)))

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        return filter(self.matches, frames)


class FanOutTransform(Transform):
    """A frame for each element of an array in it.

    :param array_path: members with dots between them: ``choices``.
    :param preserve_metadata: keep the frame's other members in each.
    """

    def __init__(
        self,
        enabled: bool = True,
        array_path: str = "choices",
        preserve_metadata: bool = True,
    ) -> None:
        self.enabled = enabled
        self.array_path = array_path.removeprefix("$.")
        self.preserve_metadata = preserve_metadata

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            items = self._items(frame)
            if not self.enabled or not items or len(items) == 1:
                yield frame
                continue
            for item in items:
                yield self._alone(frame, item)

    def _items(self, frame: Any) -> Any:
        for name in self.array_path.split("."):
            frame = frame.get(name) if isinstance(frame, dict) else None
        return frame if isinstance(frame, list) else None

    def _alone(self, frame: dict[str, Any], item: Any) -> dict[str, Any]:
        *path, last = self.array_path.split(".")
        alone = copy.deepcopy(frame) if self.preserve_metadata else {}
        place = alone
        for name in path:
            place = place.setdefault(name, {})
        place[last] = [item]
        return alone


class ReplicateTransform(Transform):
    """Each frame several times."""

    def __init__(self, count: int = 2, add_index: bool = False) -> None:
        self.count = count
        self.add_index = add_index

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            for index in range(self.count):
                yield {**frame, "_replicate_index": index} if self.add_index else frame


class SplitTransform(Transform):
    """Lets frames through that fit, and keeps the others in ``get_filtered()``."""

    def __init__(self, predicate: Callable[[Any], bool]) -> None:
        self._fits = predicate
        self._others: list[Any] = []

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            if self._fits(frame):
                yield frame
            else:
                self._others.append(frame)

    def get_filtered(self) -> list[Any]:
        return list(self._others)

    def clear_filtered(self) -> None:
        self._others.clear()


def create_fan_out(config: Mapping[str, Any] | None) -> FanOutTransform | None:
    """The fan-out that a manifest's ``streaming.candidate`` asks for."""
    if not config or not config.get("fan_out"):
        return None
    path = str(config.get("candidate_id_path") or "$.choices[*]").split("[")[0]
    return FanOutTransform(array_path=path)


class ToolCallAccumulator(Transform):
    """Lets frames through, and puts the tool calls in them together."""

    def __init__(self, **_: Any) -> None:
        self.reset()

    def reset(self) -> None:
        self._calls = accumulating.ToolCallAccumulator()

    def transform(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            self.add(frame)
            yield frame

    def add(self, frame: Any) -> None:
        """Take a frame in OpenAI's shape, or ``{"tool_calls": [piece]}``."""
        choices = frame.get("choices") if isinstance(frame, dict) else None
        for choice in choices if isinstance(choices, list) else [{"delta": frame}]:
            delta = choice.get("delta") if isinstance(choice, dict) else None
            pieces = delta.get("tool_calls") if isinstance(delta, dict) else None
            for piece in pieces if isinstance(pieces, list) else ():
                self._calls.piece(piece)

    def get_accumulated(self, index: int = 0) -> Any:
        """The call of that number so far, or ``None``."""
        calls = self._calls.calls()
        return calls[index] if index < len(calls) else None

    def calls(self) -> list[Any]:
        """All of them."""
        return list(self._calls.calls())


# -- frames to events ------------------------------------------------------------------


class EventMapper:
    """Frames to events, by a manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def map_events(self, frames: Iterable[Any]) -> Iterator[StreamingEvent]:
        """The events of all ``frames``, and the end's."""
        assembler = Assembler(self._manifest)
        for frame in frames:
            yield from assembler.feed(frame)
            if assembler.ended:
                break
        yield from assembler.end()

    def map_frame(self, frame: Any) -> list[StreamingEvent]:
        """The events of one frame alone."""
        return Assembler(self._manifest).feed(frame)


class ProtocolEventMapper(EventMapper):
    """By the rules of a manifest's ``event_map``.

    :param rules: ``[{"match": str, "emit": str, "fields" or "extract": {...}}]``.
    :raises ProtocolError: where one cannot be read.
    """

    def __init__(self, rules: Sequence[Any]) -> None:
        data = [rule if isinstance(rule, Mapping) else vars(rule) for rule in rules]
        with translated():
            made = foreign.rules([dict(rule) for rule in data])
        base = Manifest.builtin("openai").data
        stream = {**base["stream"], "rules": list(made), "more": []}
        super().__init__(Manifest({**base, "stream": stream}))


class DefaultEventMapper(EventMapper):
    """As OpenAI and those who follow it stream."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(Manifest.builtin("openai"))


class AnthropicEventMapper(EventMapper):
    """As Anthropic streams."""

    def __init__(self) -> None:
        super().__init__(Manifest.builtin("anthropic"))


class Pipeline:
    """Bytes to events: a decoder, transforms, a mapper."""

    def __init__(
        self,
        decoder: Decoder,
        transforms: Iterable[Any] = (),
        event_mapper: EventMapper | None = None,
    ) -> None:
        self.decoder = decoder
        self.transforms = list(transforms)
        self.event_mapper = event_mapper or DefaultEventMapper()

    @classmethod
    def from_manifest(cls, manifest: Manifest) -> Pipeline:
        """The pipeline that ``manifest`` describes; rules and selector are the
        mapper's."""
        return cls(_ManifestDecoder(manifest), (), EventMapper(manifest))

    def process(self, chunks: Iterable[bytes]) -> Iterator[StreamingEvent]:
        """The events of a body."""
        return self.event_mapper.map_events(self.decode_only(chunks))

    def decode_only(self, chunks: Iterable[bytes]) -> Iterator[Any]:
        """The frames of a body, as the transforms leave them."""
        found: Iterator[Any] = self.decoder.decode(chunks)
        for transform in self.transforms:
            found = transform.transform(found)
        return found

    def with_transform(self, transform: Any) -> Pipeline:
        return Pipeline(self.decoder, [*self.transforms, transform], self.event_mapper)

    def with_event_mapper(self, mapper: EventMapper) -> Pipeline:
        return Pipeline(self.decoder, self.transforms, mapper)


class _ManifestDecoder(Decoder):
    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    def _reader(self) -> Frames:
        return frames(self._manifest)
