"""``ai_lib_python.stt``: its client waits in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_stt import SttClient, SttClientBuilder
from ..stt import SttOptions, Transcription, TranscriptionSegment

__all__ = [
    "SttClient",
    "SttClientBuilder",
    "SttOptions",
    "Transcription",
    "TranscriptionSegment",
]
