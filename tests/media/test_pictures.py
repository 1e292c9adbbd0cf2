"""Pictures: made, edited, varied, saved, fetched; and what is none."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from specwire.errors import (
    APIConnectionError,
    DecodeError,
    NotFoundError,
    RequestValidationError,
    UnsupportedCapabilityError,
)
from specwire.media import Picture
from specwire.sandbox import Sandbox

from ..scripted import reply, serving
from .conftest import Ask

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_come_as_bytes(ask: Ask, box: Sandbox, tmp_path: Path) -> None:
    """Decoded, as many as were asked for, with what was counted."""
    made = ask("openai/gpt-image-1").media.images(
        "a boat", n=2, size="256x128", quality="low"
    )
    assert box.requests[-1].json() == {
        "model": "gpt-image-1",
        "prompt": "a boat",
        "n": 2,
        "size": "256x128",
        "quality": "low",
    }
    assert len(made) == 2 and made.usage["total_tokens"] and made._request_id
    first = made[0]
    assert first.media_type == "image/png" and first.url is None
    assert first.save(tmp_path / "boat.png") == len(first.data or b"")
    head = (tmp_path / "boat.png").read_bytes()[:24]
    assert head[16:] == (256).to_bytes(4, "big") + (128).to_bytes(4, "big")


def test_a_picture_can_be_read_by_pillow(ask: Ask) -> None:
    """It is a whole one; needs the extra ``vision``."""
    image = pytest.importorskip("PIL.Image", reason="pip install 'specwire[vision]'")
    from io import BytesIO

    made = ask("openai/gpt-image-1").media.images("a boat", size="64x32")
    with image.open(BytesIO(made[0].data or b"")) as picture:
        picture.load()
        assert picture.size == (64, 32)


def test_an_address_is_followed_only_on_demand(
    ask: Ask, box: Sandbox, tmp_path: Path
) -> None:
    """And then without the key; ``save`` alone says what to do."""
    media = ask("openai/dall-e-3").media
    picture = media.images("a boat")[0]
    assert picture.data is None and picture.url and len(box.requests) == 1
    with pytest.raises(RequestValidationError, match=r"media\.download"):
        picture.save(tmp_path / "boat.png")
    assert media.download(picture).write_to_file(tmp_path / "boat.png") > 100
    headers = {name.lower(): value for name, value in box.requests[-1].headers.items()}
    assert "authorization" not in headers


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "ftp://x/y",
        "",
        "boat.png",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(
    ask: Ask, box: Sandbox, url: str
) -> None:
    """Only ``https``, or the provider's own server."""
    with pytest.raises(RequestValidationError, match="address"):
        ask().media.download(Picture(url=url))
    assert box.requests == []


def test_a_fetched_file_that_breaks_off_is_none(
    ask: Ask, box: Sandbox, tmp_path: Path
) -> None:
    """No half of it stays; one that is gone is the server's error."""
    media = ask("openai/dall-e-3").media
    picture = media.images("a boat")[0]
    box.fail("GET /openai/v1/stored/*", None, cut_after=200)
    with pytest.raises(APIConnectionError):
        media.download(picture).write_to_file(tmp_path / "boat.png")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotFoundError):
        media.download(f"{picture.url}-gone")


def test_pictures_are_edited_and_varied(ask: Ask, box: Sandbox) -> None:
    """Files go along in a form; several have a name of their own."""
    media = ask("openai/gpt-image-1").media
    boat = media.images("a boat", size="64x64")[0].data
    assert len(media.edit_images(boat, "add a sail", mask=boat)) == 1
    body = box.requests[-1].body
    assert b'name="image"; filename="image.png"' in body and b'name="mask"' in body
    assert b'name="prompt"\r\n\r\nadd a sail' in body
    media.edit_images([boat, ("other.png", boat)], "both")
    assert box.requests[-1].body.count(b'name="image[]"') == 2
    assert len(media.vary_image(boat, model="dall-e-2", n=2)) == 2


@pytest.mark.parametrize(
    "model", ["gemini/gemini-2.5-flash-image", "openrouter/google/gemini-image"]
)
def test_models_that_draw_in_a_chat(ask: Ask, box: Sandbox, model: str) -> None:
    """Their pictures are like all others; they edit in the same place."""
    media = ask(model).media
    boat = media.images("a boat", size="16:9")[0]
    assert boat.media_type == "image/png" and (boat.data or b"").startswith(PNG)
    media.edit_images(boat.data, "add a sail")
    assert base64.b64encode(boat.data or b"") in box.requests[-1].body
    with pytest.raises(UnsupportedCapabilityError, match="one picture a call"):
        media.images("a boat", n=2)
    with pytest.raises(UnsupportedCapabilityError, match="ratio"):
        media.images("a boat", size="1024x1024")
    with pytest.raises(UnsupportedCapabilityError, match="mask"):
        media.edit_images(boat.data, "add a sail", mask=boat.data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "no pictures"),
        ({"data": []}, "no pictures"),
        ({"data": "x"}, "no pictures"),
        ({"data": [{}]}, "without data and url"),
        ({"data": [7]}, "without data and url"),
        ({"data": [{"b64_json": "%%%"}]}, "not base64"),
        ({"data": [{"b64_json": ""}]}, "not base64, or empty"),
        ({"data": [{"b64_json": "JVBERi0xLjc="}]}, "application/pdf in place"),
    ],
    ids=str,
)
def test_what_is_no_picture_is_an_error(ask: Ask, data: Any, told: str) -> None:
    """Nothing of the wrong kind is handed out."""
    with serving(reply(body=data)) as server, pytest.raises(DecodeError, match=told):
        media = ask("openai/gpt-image-1").media
        media._client._base_urls["openai"] = server.url
        media.images("a boat")


def test_a_huge_reply_is_refused(ask: Ask) -> None:
    """More than ``max_body_bytes`` is not read."""
    body = {"data": [{"b64_json": "A" * 4000}]}
    with (
        serving(reply(body=body)) as server,
        pytest.raises(DecodeError, match="larger"),
    ):
        media = ask("openai/gpt-image-1", max_body_bytes=1000).media
        media._client._base_urls["openai"] = server.url
        media.images("a boat")


def test_a_data_url_is_no_address(ask: Ask) -> None:
    """What came in it is the picture."""
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    with serving(reply(body={"data": [{"url": url}]})) as server:
        media = ask("openai/gpt-image-1").media
        media._client._base_urls["openai"] = server.url
        assert media.images("a boat")[0] == Picture(PNG, None, "image/png")
