"""``ai_lib_python.tts``: its client waits in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_tts import TtsClient, TtsClientBuilder
from ..tts import AudioFormat, AudioOutput, TtsOptions

__all__ = [
    "AudioFormat",
    "AudioOutput",
    "TtsClient",
    "TtsClientBuilder",
    "TtsOptions",
]
