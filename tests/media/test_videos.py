"""Films: ordered, asked after, fetched."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.errors import APITimeoutError, DecodeError, SpecwireError
from specwire.sandbox import Sandbox
from specwire.testing import FakeClock

from ..scripted import reply, serving
from .conftest import Ask

MODELS = ["xai/grok-imagine-video", "zhipu/cogvideox-3"]


@pytest.mark.parametrize("model", MODELS)
def test_a_film_is_waited_for(ask: Ask, box: Sandbox, model: str) -> None:
    """It is asked after with growing pauses, and then fetched."""
    clock = FakeClock()
    media = ask(model, _clock=clock).media
    film = media.video("a boat", poll_s=4.0)
    assert film.status == "done" and film.over and film.url
    assert clock.slept[:2] == [4.0, 6.0]
    assert b"ftyp" in media.download(film).read()


@pytest.mark.parametrize("model", MODELS)
def test_a_film_that_fails_is_an_error(ask: Ask, model: str) -> None:
    """With the provider's reason, where it gives one."""
    with pytest.raises(SpecwireError, match="failed") as caught:
        ask(model).media.video("the unthinkable")
    assert not caught.value.retryable


def test_a_film_can_be_asked_after_later(ask: Ask) -> None:
    """``wait=0`` orders it; its id is enough."""
    media = ask(MODELS[0]).media
    ordered = media.video("a boat", wait=0, duration=5)
    assert ordered.status == "running" and not ordered.over and ordered.url is None
    states = [media.video_status(ordered.id).status for _ in range(4)]
    assert states[0] == "running" and states[-1] == "done"


def test_a_film_takes_longer_than_is_waited(ask: Ask) -> None:
    """It goes on; the error says so."""
    with pytest.raises(APITimeoutError, match="not done after 3"):
        ask(MODELS[0]).media.video("a boat", wait=3, poll_s=2)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "names no id"),
        ({"id": 7}, "names no id"),
        ({"id": "f", "status": "done"}, "without its url"),
    ],
)
def test_what_is_no_film_is_an_error(ask: Ask, data: Any, told: str) -> None:
    """A film without an id or an address is none."""
    with serving(reply(body=data)) as server, pytest.raises(DecodeError, match=told):
        media = ask(MODELS[0]).media
        media._client._base_urls["xai"] = server.url
        media.video("a boat", wait=0)


def test_the_film_is_not_the_picture_it_was_made_from(ask: Ask) -> None:
    """Where a reply repeats what was sent, the film's address counts."""
    data = {
        "id": "f",
        "image": {"url": "https://a.example/still.png"},
        "status": "succeeded",
        "content": {"video_url": "https://a.example/film.mp4"},
    }
    with serving(reply(body=data)) as server:
        media = ask(MODELS[0]).media
        media._client._base_urls["xai"] = server.url
        assert media.video("a boat").url == "https://a.example/film.mp4"
