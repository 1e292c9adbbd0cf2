"""AWS's binary event streams (``application/vnd.amazon.eventstream``), by botocore.

Bedrock puts each of the API's events into such a frame, as base64 in JSON, and its own
failures beside them. The frames become server-sent events, so that all that is said of
those (ends, errors, retries, limits of silence) is said of these.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ...core.errors import SpecwireError
from ...core.records import EventDecoder
from ...core.results import FRAMINGS

MEDIA: Final = "application/vnd.amazon.eventstream"
_STEP: Final = 4096
"""botocore copies what it has not read yet at each frame."""
_AROUND: Final = 16
"""A frame without headers and payload."""

# name of an exception -> the API's error type that is nearest, and the status
_EXCEPTIONS: Final = {
    "internalserverexception": ("api_error", 500),
    # The two are 424 as a status; AWS says to send the request again.
    "modelerrorexception": ("api_error", 500),
    "modelstreamerrorexception": ("api_error", 500),
    "modeltimeoutexception": ("timeout_error", 408),
    "modelnotreadyexception": ("overloaded_error", 429),
    "serviceunavailableexception": ("overloaded_error", 503),
    "throttlingexception": ("rate_limit_error", 429),
    "validationexception": ("invalid_request_error", 400),
    "accessdeniedexception": ("permission_error", 403),
    "resourcenotfoundexception": ("not_found_error", 404),
    "servicequotaexceededexception": ("invalid_request_error", 400),
}


class Frames:
    """Turns chunks of frames into the text of server-sent events.

    :ivar problem: what is wrong with the frame that ended the reading.
    """

    def __init__(self) -> None:
        from botocore.eventstream import EventStreamBuffer

        self._buffer = EventStreamBuffer()
        self.held_bytes = 0
        self.problem: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        """The events that ``chunk`` completes; those before a damaged frame too."""
        out: list[bytes] = []
        for start in range(0, len(chunk), _STEP):
            if self.problem is None:
                self.problem = self._take(chunk[start : start + _STEP], out)
        return b"".join(out)

    def _take(self, data: bytes, out: list[bytes]) -> str | None:
        from botocore.eventstream import ParserError

        self.held_bytes += len(data)
        self._buffer.add_data(data)
        try:
            for message in self._buffer:
                size = message.prelude.total_length
                if size < _AROUND + message.prelude.headers_length:
                    return "is shorter than its headers"
                self.held_bytes -= size
                out.append(_event(message.headers, message.payload))
        except ParserError as error:
            return f"is damaged ({type(error).__name__})"
        except (LookupError, ValueError, struct.error) as error:
            return f"cannot be read ({type(error).__name__})"
        return None


def _event(headers: dict[str, Any], payload: bytes) -> bytes:
    """One frame as a server-sent event; nothing for kinds that are not known."""
    kind = headers.get(":message-type", "event")
    if kind == "exception":
        name = str(headers.get(":exception-type", ""))
        return _sse(b"error", _failure(name, _message(payload)))
    if kind == "error":
        name = str(headers.get(":error-code", ""))
        said = str(headers.get(":error-message", "")) or _message(payload)
        return _sse(b"error", _failure(name, said))
    if kind != "event" or headers.get(":event-type", "chunk") != "chunk":
        return b""
    try:
        payload = base64.b64decode(json.loads(payload)["bytes"], validate=True)
    except (ValueError, LookupError, TypeError):
        pass  # as it is: no event, which is said where it is read
    return _sse(b"message", payload)


def _sse(name: bytes, data: bytes) -> bytes:
    lines = b"\ndata: ".join(data.splitlines())
    return b"event: " + name + b"\ndata: " + lines + b"\n\n"


def _message(payload: bytes) -> str:
    try:
        said = json.loads(payload)
        return str(said.get("message") or said.get("originalMessage") or said)
    except (ValueError, AttributeError):
        return payload.decode("utf-8", "replace")


def _failure(name: str, message: str) -> bytes:
    error_type, _ = _EXCEPTIONS.get(name.lower(), ("api_error", 500))
    error = {"type": error_type, "code": name, "message": message or name}
    return json.dumps({"type": "error", "error": error}).encode()


class FrameDecoder(EventDecoder):
    """The API's events out of AWS's frames."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._frames = Frames()

    @property
    def held_bytes(self) -> int:
        return self._frames.held_bytes

    def feed(self, chunk: bytes) -> Iterator[Any]:
        yield from super().feed(self._frames.feed(chunk))
        problem = self._frames.problem
        if problem is not None and not self.finished:
            self.finished = True
            yield self._shape("a frame of the event stream", "", problem)

    def _status(self, error: Any) -> int:
        code = error.get("code") if isinstance(error, dict) else None
        found = _EXCEPTIONS.get(code.lower()) if isinstance(code, str) else None
        return found[1] if found else super()._status(error)

    def end(self) -> Iterable[SpecwireError]:
        if self._frames.held_bytes and not self.complete:
            yield self._ended("ended in the middle of a frame")
        else:
            yield from super().end()


FRAMINGS[MEDIA] = FrameDecoder
