"""A model works a computer; here it is a note pad of 320 by 200 pixels.

Yours would take screenshots and move a mouse. Asks a sandbox where there is no
ANTHROPIC_API_KEY.
"""

from __future__ import annotations

import base64

from specwire import Client
from specwire.sandbox import fallback
from specwire.tools import ComputerTool

WHITE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAUAAAADIAQAAAACxfwUGAAAAM0lEQVR42u3KoQEAAAwCIP9/Wl9YXIBMeh"
    "RRFEVRFEVRFEVRFEVRFEVRFEVRFEVRFL/HAdqzIpKkc58/AAAAAElFTkSuQmCC"
)


class NotePad:
    """A computer that remembers what was typed, and whose screen stays white."""

    display_width_px = 320
    display_height_px = 200

    def __init__(self) -> None:
        self.text = ""
        self.at = (0, 0)
        self.done: list[str] = []

    def screenshot(self) -> bytes:
        self.done.append("screenshot")
        return WHITE

    def click(self, x: int, y: int, *, button: str, count: int, keys: str) -> None:
        self.done.append(f"click {x},{y}")

    def move(self, x: int, y: int) -> None:
        self.at = (x, y)

    def drag(self, x0: int, y0: int, x1: int, y1: int) -> None:
        self.done.append(f"drag {x0},{y0} to {x1},{y1}")

    def button(self, *, down: bool) -> None:
        self.done.append("down" if down else "up")

    def pointer(self) -> tuple[int, int]:
        return self.at

    def type(self, text: str) -> None:
        self.text += text
        self.done.append(f"type {text}")

    def press(self, keys: str, *, seconds: float) -> None:
        self.done.append(f"press {keys}")

    def scroll(self, x: int, y: int, *, dx: int, dy: int, keys: str) -> None:
        self.done.append(f"scroll {dx},{dy}")


pad = NotePad()
with Client(**fallback()) as client:
    runner = client.beta.messages.tool_runner(
        model="claude-sonnet-4-5",
        max_tokens=1024,
        tools=[ComputerTool(pad)],
        messages=[{"role": "user", "content": 'Type "Good morning" into it.'}],
        max_iterations=10,
    )
    for message in runner:
        for block in message.content:
            if block.type == "text":
                print(block.text)
            elif block.type == "tool_use":
                print("the model does", block.input)
print("done:", ", ".join(pad.done))
print("on the note pad:", pad.text)
