"""A model works a computer; here the computer is a note pad of 320 by 200 pixels.

Yours would take screenshots and move a mouse. Asks a sandbox where there is no
ANTHROPIC_API_KEY.
"""

from __future__ import annotations

import struct
import zlib

from specwire import Client
from specwire.sandbox import fallback
from specwire.tools import ComputerTool


class NotePad:
    """A computer that remembers what was typed, and shows a line for each letter."""

    display_width_px = 320
    display_height_px = 200

    def __init__(self) -> None:
        self.text = ""
        self.at = (0, 0)
        self.done: list[str] = []

    def screenshot(self) -> bytes:
        self.done.append("screenshot")
        width, height = self.display_width_px, self.display_height_px
        dark, light = b"\0" + b"\x20" * width, b"\0" + b"\xf0" * width
        lines = min(len(self.text), height)
        rows = dark * lines + light * (height - lines)
        head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + _sum(kind + data)
            for kind, data in parts
        )

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

    def press(self, keys: str, *, seconds: float) -> None:
        self.done.append(f"press {keys}")

    def scroll(self, x: int, y: int, *, dx: int, dy: int, keys: str) -> None:
        self.done.append(f"scroll {dx},{dy}")


def _sum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


pad = NotePad()
with Client(**fallback()) as client:
    runner = client.beta.messages.tool_runner(
        model="claude-sonnet-4-5",
        max_tokens=1024,
        tools=[ComputerTool(pad)],
        messages=[{"role": "user", "content": "Type a greeting into the note pad."}],
        max_iterations=10,
    )
    for message in runner:
        for block in message.content:
            if block.type == "text":
                print(block.text)
            elif block.type == "tool_use":
                print("the model does", block.input)
print("done:", ", ".join(pad.done))
