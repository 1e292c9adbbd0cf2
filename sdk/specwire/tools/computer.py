"""Computer use: a model's actions, done by a :class:`Computer` that the user brings.

:class:`ComputerTool` goes into ``tool_runner(tools=[...])``, which then is the loop:
action, screenshot, next action. It checks each action before it is done, sends the
screenshot back as a base64 image, and has the beta header set. It moves no mouse
itself.

Actions and their arguments are the API's (``computer_20250124`` and its neighbours).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .protocol import ToolError, ToolInputError

_BETAS = {
    "20241022": "computer-use-2024-10-22",
    "20250124": "computer-use-2025-01-24",
    "20251124": "computer-use-2025-11-24",
}
_MOST_WAIT_S = 100.0
# action -> mouse button, number of clicks
_CLICKS = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


class Computer(Protocol):
    """A desktop, in pixels of its screenshots, (0, 0) at the upper left.

    A method raises :class:`~specwire.tools.ToolError` to tell the model why not.
    ``zoom(x0, y0, x1, y1) -> bytes`` is needed only for tools made with ``zoom=True``.
    """

    @property
    def display_width_px(self) -> int:
        """Width of a screenshot."""

    @property
    def display_height_px(self) -> int:
        """Height of a screenshot."""

    def screenshot(self) -> bytes:
        """The whole screen as PNG, JPEG, GIF or WebP."""

    def click(self, x: int, y: int, *, button: str, count: int, keys: str) -> None:
        """Click ``count`` times; ``keys`` (``"ctrl+shift"``, or ``""``) are held."""

    def move(self, x: int, y: int) -> None:
        """Move the pointer."""

    def drag(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Drag with the left button."""

    def button(self, *, down: bool) -> None:
        """Press or let go the left button where the pointer is."""

    def pointer(self) -> tuple[int, int]:
        """Where the pointer is."""

    def type(self, text: str) -> None:
        """Type a text."""

    def press(self, keys: str, *, seconds: float) -> None:
        """Press keys together (``"ctrl+s"``), held for ``seconds`` where not 0."""

    def scroll(self, x: int, y: int, *, dx: int, dy: int, keys: str) -> None:
        """Turn the wheel; positive is right and down."""


class ComputerTool:
    """The tool that a model works ``computer`` with.

    :param version: of the tool: "20250124" (the usual one), "20241022", "20251124".
    :param screenshots: answer each action with a screenshot, and not only those that
        ask for one; saves the model a step.
    :param settle_s: seconds to wait before such a screenshot.
    :param display_number: of an X11 display, told to the model.
    :param zoom: let the model look at a part of the screen (from "20251124" on).
    """

    name = "computer"
    in_order = True

    def __init__(
        self,
        computer: Computer,
        *,
        version: str = "20250124",
        screenshots: bool = True,
        settle_s: float = 0.0,
        display_number: int | None = None,
        zoom: bool = False,
        cache_control: Mapping[str, Any] | None = None,
        _sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if version not in _BETAS:
            known = ", ".join(_BETAS)
            raise ValueError(
                f"computer tool version: expected {known}, got {version!r}"
            )
        self._computer = computer
        self._version = version
        self._screenshots = screenshots
        self._settle_s = settle_s
        self._more = {
            "display_number": display_number,
            "enable_zoom": zoom or None,
            "cache_control": cache_control,
        }
        self._sleep = _sleep
        self.betas = (_BETAS[version],)

    def to_dict(self) -> dict[str, Any]:
        """The definition, as it stands in a request's ``tools``."""
        return {
            "type": f"computer_{self._version}",
            "name": self.name,
            "display_width_px": self._computer.display_width_px,
            "display_height_px": self._computer.display_height_px,
            **{name: value for name, value in self._more.items() if value is not None},
        }

    def call(self, input: Any) -> Any:
        """Do the action that ``input`` describes; text, or a screenshot.

        :raises ToolInputError: for an action that there is none of, or that lacks
            something, or a place outside the screen; nothing was done.
        """
        action = input.get("action") if isinstance(input, Mapping) else None
        if not isinstance(action, str) or action[:1] == "_":
            raise ToolInputError("computer: expected an action")
        arguments = _Arguments(action, input, self._computer)
        if action in _CLICKS:
            button, count = _CLICKS[action]
            x, y = arguments.place("coordinate", pointer=True)
            keys = arguments.text(needed=False)
            self._computer.click(x, y, button=button, count=count, keys=keys)
            return self._done(action)
        act = getattr(self, f"_{action}", None) if action in _ACTIONS else None
        if act is None:
            known = ", ".join(sorted([*_CLICKS, *_ACTIONS]))
            raise ToolInputError(f"computer: no action {action!r}; there are: {known}")
        return act(arguments)

    def _done(self, action: str) -> Any:
        if not self._screenshots:
            return f"done: {action}"
        if self._settle_s:
            self._sleep(self._settle_s)
        return [_image(self._computer.screenshot())]

    def _screenshot(self, _: _Arguments) -> Any:
        return [_image(self._computer.screenshot())]

    def _zoom(self, arguments: _Arguments) -> Any:
        zoom = getattr(self._computer, "zoom", None)
        if zoom is None:
            raise ToolError("computer: this one cannot zoom; take a screenshot")
        return [_image(zoom(*arguments.region()))]

    def _cursor_position(self, _: _Arguments) -> Any:
        x, y = self._computer.pointer()
        return f"X={x},Y={y}"

    def _mouse_move(self, arguments: _Arguments) -> Any:
        self._computer.move(*arguments.place("coordinate"))
        return self._done("mouse_move")

    def _left_click_drag(self, arguments: _Arguments) -> Any:
        start = arguments.place("start_coordinate", pointer=True)
        self._computer.drag(*start, *arguments.place("coordinate"))
        return self._done("left_click_drag")

    def _left_mouse_down(self, _: _Arguments) -> Any:
        self._computer.button(down=True)
        return self._done("left_mouse_down")

    def _left_mouse_up(self, _: _Arguments) -> Any:
        self._computer.button(down=False)
        return self._done("left_mouse_up")

    def _type(self, arguments: _Arguments) -> Any:
        self._computer.type(arguments.text())
        return self._done("type")

    def _key(self, arguments: _Arguments) -> Any:
        self._computer.press(arguments.text(), seconds=0.0)
        return self._done("key")

    def _hold_key(self, arguments: _Arguments) -> Any:
        self._computer.press(arguments.text(), seconds=arguments.seconds())
        return self._done("hold_key")

    def _wait(self, arguments: _Arguments) -> Any:
        self._sleep(arguments.seconds())
        return self._done("wait")

    def _scroll(self, arguments: _Arguments) -> Any:
        x, y = arguments.place("coordinate", pointer=True)
        dx, dy = arguments.turn()
        keys = arguments.text(needed=False)
        self._computer.scroll(x, y, dx=dx, dy=dy, keys=keys)
        return self._done("scroll")


_ACTIONS = {
    *("screenshot", "zoom", "cursor_position", "mouse_move", "left_click_drag"),
    *("left_mouse_down", "left_mouse_up", "type", "key", "hold_key", "wait", "scroll"),
}
_TURNS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


class _Arguments:
    """The arguments of one action, each checked when it is asked for."""

    def __init__(
        self, action: str, values: Mapping[str, Any], computer: Computer
    ) -> None:
        self._action = action
        self._values = values
        self._computer = computer

    def _refused(self, expected: str) -> ToolInputError:
        return ToolInputError(f"computer {self._action}: {expected}; nothing was done")

    def place(self, name: str, *, pointer: bool = False) -> tuple[int, int]:
        """A place on the screen; ``pointer``: where the mouse is, if it is left out."""
        value = self._values.get(name)
        if value is None and pointer:
            return self._computer.pointer()
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise self._refused(f"expected {name} to be [x, y], got {value!r}")
        self._on_screen(name, value)
        return value[0], value[1]

    def _on_screen(self, name: str, value: Any) -> None:
        width, height = (
            self._computer.display_width_px,
            self._computer.display_height_px,
        )
        for at, size in zip(value, (width, height)):  # noqa: B905
            if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < size:
                raise self._refused(
                    f"{name} {list(value)} is not on the screen of {width} x {height}"
                )

    def region(self) -> tuple[int, int, int, int]:
        value = self._values.get("region")
        if not isinstance(value, (list, tuple)) or len(value) != 4:
            raise self._refused(
                f"expected region to be [x0, y0, x1, y1], got {value!r}"
            )
        if not all(type(number) is int for number in value):
            raise self._refused(f"expected region to be numbers, got {value!r}")
        x0, y0, x1, y1 = value
        self._on_screen("region", (x0, y0))
        self._on_screen("region", (x1 - 1, y1 - 1))
        if x0 >= x1 or y0 >= y1:
            raise self._refused(f"region {list(value)} is empty")
        return x0, y0, x1, y1

    def text(self, *, needed: bool = True) -> str:
        value = self._values.get("text")
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            raise self._refused(f"expected text, got {value!r}")
        return value

    def seconds(self) -> float:
        value = self._values.get("duration")
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= float(value or 0) <= _MOST_WAIT_S:
            raise self._refused(
                f"expected duration to be 0 to {_MOST_WAIT_S:g} seconds"
            )
        return float(value or 0)

    def turn(self) -> tuple[int, int]:
        direction = self._values.get("scroll_direction")
        amount = self._values.get("scroll_amount")
        if direction not in _TURNS:
            raise self._refused(f"expected scroll_direction to be {', '.join(_TURNS)}")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
            raise self._refused("expected scroll_amount to be a number of steps")
        dx, dy = _TURNS[direction]
        return dx * amount, dy * amount


def _image(content: bytes) -> dict[str, Any]:
    """``content`` as an image block."""
    kind = next((k for head, k in _KINDS.items() if content.startswith(head)), None)
    if kind is None and content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if kind is None:
        raise ToolError(
            "computer: the screenshot is not a PNG, JPEG, GIF or WebP image"
        )
    data = base64.b64encode(content).decode()
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": kind, "data": data},
    }
