"""ai-lib-python's ``stt``, ``tts`` and ``multimodal``, sync, against a sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from specwire.compat.ai_lib import multimodal, stt, tts
from specwire.sandbox import Sandbox


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def test_speech_there_and_back(box: Sandbox) -> None:
    """With builders and options; the address is the one without its version."""
    root = box.chat_urls["openai"].removesuffix("/v1")
    key = box.api_keys["openai"]
    speaker = tts.TtsClient.builder().model("tts-1").api_key(key).base_url(root).build()
    options = tts.TtsOptions(voice="alloy", response_format="wav")
    sound = speaker.synthesize("Good morning", options)
    assert sound.format is tts.AudioFormat.Wav and sound.data.startswith(b"RIFF")
    hearer = stt.SttClient(model="whisper-1", api_key=key, base_url=root, timeout=9)
    heard = hearer.transcribe(
        sound.data, stt.SttOptions(response_format="verbose_json", language="en")
    )
    assert (heard.text, heard.language) == ("Good morning", "english")
    assert heard.segments and heard.segments[0].start == 0.0
    assert (hearer.model, speaker.model) == ("whisper-1", "tts-1")
    hearer.close()
    speaker.close()


def test_other_providers_are_named(box: Sandbox) -> None:
    """``groq/...`` is asked by its manifest."""
    client = stt.SttClient(
        model="groq/whisper-large-v3",
        api_key=box.api_keys["groq"],
        base_url=box.chat_urls["groq"].removesuffix("/v1"),
    )
    assert "recording" in client.transcribe(b"RIFF0000WAVE" + bytes(99)).text
    client.close()


def test_settings_that_cannot_be_are_refused() -> None:
    """A builder without a model, and a path that is another operation's."""
    with pytest.raises(ValueError, match="Model"):
        stt.SttClient.builder().build()
    with pytest.raises(ValueError, match="endpoint_path"):
        tts.TtsClient(model="tts-1", api_key="k", endpoint_path="/v1/sing")


def test_formats_by_name() -> None:
    """In any case; what is not known is ``mp3``, as there."""
    assert tts.AudioFormat.from_str("FLAC") is tts.AudioFormat.Flac
    assert tts.AudioFormat.from_str("midi") is tts.AudioFormat.Mp3


def test_a_manifests_section_is_asked() -> None:
    """What it takes and gives, and of which formats."""
    config = {
        "input": {
            "vision": {"supported": True, "formats": ["jpeg"], "max_file_size": "20MB"},
            "audio": {"supported": False},
        },
        "output": {"text": True, "image": {"supported": True}},
        "omni_mode": {"supported": True},
    }
    caps = multimodal.MultimodalCapabilities.from_config(config)
    image, audio = multimodal.Modality.IMAGE, multimodal.Modality.AUDIO
    assert caps.supports_input(image) and not caps.supports_input(audio)
    assert caps.supports_output(image) and caps.supports_omni
    assert caps.validate_image_format("JPG") and not caps.validate_image_format("gif")
    assert caps.validate_audio_format("anything") and caps.max_image_size == "20MB"
    blocks = [{"type": "image_url"}, {"type": "input_audio"}, {"type": "text"}]
    assert multimodal.validate_content_modalities(blocks, caps) == [audio]
    assert multimodal.detect_modalities([]) == {multimodal.Modality.TEXT}
    nothing = multimodal.MultimodalCapabilities.from_config(None)
    assert nothing.input_modalities == {multimodal.Modality.TEXT}
