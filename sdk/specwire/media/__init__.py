"""Speech to text, text to speech, pictures and films, by any provider that has them.

>>> from specwire.chat import AiClient
>>> with AiClient.create("openai/gpt-4o") as client:  # doctest: +SKIP
...     client.media.speak("Good morning", model="tts-1").write_to_file("morning.mp3")
...     print(client.media.transcribe("morning.mp3", model="whisper-1").text)

Where a provider has which is in its manifest. What messages hold (pictures, recordings,
documents) is made by :class:`~specwire.chat.ContentBlock`; see ``docs/media.md``.
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import Media as Media
    from .pictures import Picture as Picture
    from .pictures import Pictures as Pictures
    from .speech import Speech as Speech
    from .transcripts import Segment as Segment
    from .transcripts import Transcription as Transcription
    from .transcripts import TranscriptStream as TranscriptStream
    from .transcripts import Word as Word
    from .videos import Video as Video

_HOMES = {
    "Media": ".client",
    "Picture": ".pictures",
    "Pictures": ".pictures",
    "Segment": ".transcripts",
    "Speech": ".speech",
    "TranscriptStream": ".transcripts",
    "Transcription": ".transcripts",
    "Video": ".videos",
    "Word": ".transcripts",
}

__all__ = [
    "Media",
    "Picture",
    "Pictures",
    "Segment",
    "Speech",
    "TranscriptStream",
    "Transcription",
    "Video",
    "Word",
]

__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
