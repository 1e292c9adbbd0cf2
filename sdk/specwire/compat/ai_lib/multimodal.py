"""``ai_lib_python.multimodal``: which kinds of content there are, and who takes them.

A request is checked without it, by the manifest and before it is sent; this is for
programs that ask themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import attrs

from ...chat.dialects.media import KINDS
from ...chat.measures import same

__all__ = [
    "Modality",
    "MultimodalCapabilities",
    "detect_modalities",
    "validate_content_modalities",
]


class Modality(str, Enum):
    """A kind of content."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


@attrs.define
class MultimodalCapabilities:
    """What a manifest's ``multimodal`` says."""

    input_modalities: set[Modality] = attrs.field(factory=lambda: {Modality.TEXT})
    output_modalities: set[Modality] = attrs.field(factory=lambda: {Modality.TEXT})
    image_formats: list[str] = attrs.field(factory=list)
    audio_formats: list[str] = attrs.field(factory=list)
    video_formats: list[str] = attrs.field(factory=list)
    max_image_size: str | None = None
    max_audio_duration: str | None = None
    supports_omni: bool = False
    supports_realtime_voice: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, Any] | None) -> MultimodalCapabilities:
        """Of the section, or of nothing."""
        given = _table(config or {}, "input")
        vision, audio = _table(given, "vision"), _table(given, "audio")
        video, omni = _table(given, "video"), _table(config or {}, "omni_mode")
        made = _table(config or {}, "output")
        words = {"vision": vision, "audio": audio, "video": video}
        taken = {_OF[name] for name, said in words.items() if said.get("supported")}
        given_out = {
            Modality(name)
            for name in ("audio", "image", "video")
            if _table(made, name).get("supported")
        }
        return cls(
            input_modalities={Modality.TEXT, *taken},
            output_modalities={Modality.TEXT, *given_out},
            image_formats=list(vision.get("formats") or ()),
            audio_formats=list(audio.get("formats") or ()),
            video_formats=list(video.get("formats") or ()),
            max_image_size=vision.get("max_file_size"),
            max_audio_duration=audio.get("max_duration"),
            supports_omni=bool(omni.get("supported")),
            supports_realtime_voice=bool(omni.get("real_time_voice_chat")),
        )

    def supports_input(self, modality: Modality) -> bool:
        return modality in self.input_modalities

    def supports_output(self, modality: Modality) -> bool:
        return modality in self.output_modalities

    def validate_image_format(self, fmt: str) -> bool:
        return _among(fmt, self.image_formats)

    def validate_audio_format(self, fmt: str) -> bool:
        return _among(fmt, self.audio_formats)

    def validate_video_format(self, fmt: str) -> bool:
        return _among(fmt, self.video_formats)


_OF = {
    "vision": Modality.IMAGE,
    "audio": Modality.AUDIO,
    "video": Modality.VIDEO,
}


def detect_modalities(content_blocks: Iterable[Mapping[str, Any]]) -> set[Modality]:
    """What the blocks hold; text where they hold nothing else that is known."""
    found = {KINDS.get(str(block.get("type")), "text") for block in content_blocks}
    known = {Modality(kind) for kind in found if kind != "document"}
    return known or {Modality.TEXT}


def validate_content_modalities(
    blocks: Iterable[Mapping[str, Any]], caps: MultimodalCapabilities
) -> list[Modality]:
    """What the blocks hold and ``caps`` do not take; nothing where all is well."""
    held = sorted(detect_modalities(blocks), key=lambda each: each.value)
    return [each for each in held if not caps.supports_input(each)]


def _table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def _among(format: str, known: list[str]) -> bool:
    return not known or same(format) in map(same, known)
