"""Computer use: actions reach the computer, screenshots go back."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from specwire.tools import Computer, ComputerTool, ToolError, ToolInputError

from ..scripted import serving
from .replies import WANT, asking, call, replied, text

PNG = b"\x89PNG\r\n\x1a\nscreen"
IMAGE = {
    "type": "image",
    "source": {
        "type": "base64",
        "media_type": "image/png",
        "data": base64.b64encode(PNG).decode(),
    },
}


class Desk:
    """A computer that notes what it is told."""

    display_width_px = 100
    display_height_px = 50

    def __init__(self, picture: bytes = PNG) -> None:
        self.did: list[Any] = []
        self._picture = picture

    def screenshot(self) -> bytes:
        return self._picture

    def click(self, x: int, y: int, *, button: str, count: int, keys: str) -> None:
        self.did.append(("click", x, y, button, count, keys))

    def move(self, x: int, y: int) -> None:
        self.did.append(("move", x, y))

    def drag(self, x0: int, y0: int, x1: int, y1: int) -> None:
        self.did.append(("drag", x0, y0, x1, y1))

    def button(self, *, down: bool) -> None:
        self.did.append(("button", down))

    def pointer(self) -> tuple[int, int]:
        return 7, 8

    def type(self, text: str) -> None:
        self.did.append(("type", text))

    def press(self, keys: str, *, seconds: float) -> None:
        self.did.append(("press", keys, seconds))

    def scroll(self, x: int, y: int, *, dx: int, dy: int, keys: str) -> None:
        self.did.append(("scroll", x, y, dx, dy, keys))


class Zooming(Desk):
    def zoom(self, x0: int, y0: int, x1: int, y1: int) -> bytes:
        self.did.append(("zoom", x0, y0, x1, y1))
        return PNG


@pytest.mark.parametrize(
    ("input", "done"),
    [
        (
            {"action": "left_click", "coordinate": [1, 2]},
            ("click", 1, 2, "left", 1, ""),
        ),
        ({"action": "left_click", "text": "ctrl"}, ("click", 7, 8, "left", 1, "ctrl")),
        ({"action": "triple_click"}, ("click", 7, 8, "left", 3, "")),
        ({"action": "right_click"}, ("click", 7, 8, "right", 1, "")),
        ({"action": "mouse_move", "coordinate": [99, 49]}, ("move", 99, 49)),
        (
            {
                "action": "left_click_drag",
                "start_coordinate": [1, 2],
                "coordinate": [3, 4],
            },
            ("drag", 1, 2, 3, 4),
        ),
        ({"action": "left_mouse_down"}, ("button", True)),
        ({"action": "left_mouse_up"}, ("button", False)),
        ({"action": "type", "text": "héllo\n"}, ("type", "héllo\n")),
        ({"action": "key", "text": "ctrl+s"}, ("press", "ctrl+s", 0.0)),
        ({"action": "hold_key", "text": "a", "duration": 1}, ("press", "a", 1.0)),
        (
            {
                "action": "scroll",
                "coordinate": [1, 2],
                "scroll_direction": "up",
                "scroll_amount": 3,
            },
            ("scroll", 1, 2, 0, -3, ""),
        ),
    ],
)
def test_an_action_is_done_and_a_screenshot_sent_back(input: Any, done: Any) -> None:
    """Each action is one call of the computer; its result is the screen."""
    desk = Desk()
    assert ComputerTool(desk).call(input) == [IMAGE]
    assert desk.did == [done]


def test_the_screen_and_the_pointer_are_told() -> None:
    """screenshot gives the image, cursor_position a text, zoom a part of the screen."""
    desk = Zooming()
    tool = ComputerTool(desk, version="20251124", zoom=True)
    assert tool.call({"action": "screenshot"}) == [IMAGE]
    assert tool.call({"action": "cursor_position"}) == "X=7,Y=8"
    assert tool.call({"action": "zoom", "region": [0, 0, 100, 50]}) == [IMAGE]
    assert desk.did == [("zoom", 0, 0, 100, 50)]
    with pytest.raises(ToolError, match="cannot zoom"):
        ComputerTool(Desk()).call({"action": "zoom", "region": [0, 0, 1, 1]})


@pytest.mark.parametrize(
    "input",
    [
        None,
        {},
        {"action": "explode"},
        {"action": "done"},
        {"action": "__init__"},
        {"action": "left_click", "coordinate": [100, 0]},
        {"action": "left_click", "coordinate": [-1, 0]},
        {"action": "left_click", "coordinate": ["1", 0]},
        {"action": "left_click", "coordinate": [1]},
        {"action": "mouse_move"},
        {"action": "type"},
        {"action": "key", "text": 3},
        {"action": "hold_key", "text": "a"},
        {"action": "wait", "duration": 1e9},
        {"action": "wait", "duration": float("nan")},
        {"action": "zoom", "region": [5, 5, 5, 9]},
        {"action": "scroll", "scroll_direction": "in", "scroll_amount": 1},
        {"action": "scroll", "scroll_direction": "up", "scroll_amount": -1},
    ],
)
def test_what_is_no_action_is_refused(input: Any) -> None:
    """An unknown action, a missing argument or a place off the screen does nothing."""
    desk = Zooming()
    with pytest.raises(ToolInputError):
        ComputerTool(desk).call(input)
    assert desk.did == []


def test_waiting_and_settling_take_their_time() -> None:
    """wait waits as long as it says; a screenshot waits for the screen to settle."""
    slept: list[float] = []
    tool = ComputerTool(Desk(), settle_s=0.5, _sleep=slept.append)
    tool.call({"action": "wait", "duration": 2})
    assert slept == [2.0, 0.5]


def test_screenshots_can_be_left_out() -> None:
    """screenshots=False answers an action with a text."""
    tool = ComputerTool(Desk(), screenshots=False)
    assert tool.call({"action": "left_click"}) == "done: left_click"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
    ],
)
def test_the_kind_of_image_is_read_from_it(head: bytes, kind: str) -> None:
    """JPEG, GIF and WebP are told from their first bytes; other data is refused."""
    (image,) = ComputerTool(Desk(head)).call({"action": "screenshot"})
    assert image["source"]["media_type"] == kind
    with pytest.raises(ToolError, match="not a PNG"):
        ComputerTool(Desk(b"<html>")).call({"action": "screenshot"})


@pytest.mark.parametrize(
    ("version", "beta"),
    [
        ("20241022", "computer-use-2024-10-22"),
        ("20250124", "computer-use-2025-01-24"),
        ("20251124", "computer-use-2025-11-24"),
    ],
)
def test_the_runner_is_the_loop(version: str, beta: str) -> None:
    """tool_runner sends the definition and the beta header, and does each action."""
    desk: Computer = Desk()
    calls = [
        call("t1", "computer", action="left_click", coordinate=[1, 2]),
        call("t2", "computer", action="type", text="hi"),
        call("t3", "computer", action="screenshot"),
    ]
    with serving(replied(*calls), replied(text("Done."))) as server:
        asking(server).beta.messages.tool_runner(
            **WANT,
            tools=[ComputerTool(desk, version=version, display_number=1)],
            extra_headers={"Anthropic-Beta": "mine"},
        ).until_done()
    head = server.received[0].headers["anthropic-beta"].split(",")
    assert head == ["mine", beta]
    assert server.received[0].json()["tools"] == [
        {
            "type": f"computer_{version}",
            "name": "computer",
            "display_width_px": 100,
            "display_height_px": 50,
            "display_number": 1,
        }
    ]
    done = server.received[1].json()["messages"][-1]["content"]
    assert [each["content"] for each in done] == [[IMAGE]] * 3
    assert desk.did == [("click", 1, 2, "left", 1, ""), ("type", "hi")]  # type: ignore[attr-defined]
