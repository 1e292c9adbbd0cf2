"""Films: ordered, asked after until they are done, and known by an address.

Providers name what they answer differently; it is read by shape: an id, a word for how
far it is, and somewhere an address once it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from ..core.replies import reply_error
from ..core.results import Arrived, Result, decoded, known
from ..core.types import Replied

_DONE: Final = frozenset(("done", "success", "succeeded", "succeed", "completed"))
_FAILED: Final = frozenset(
    ("fail", "failed", "error", "expired", "cancelled", "canceled", "unknown")
)
_IDS: Final = ("id", "request_id", "task_id", "name")
_DEPTH: Final = 6
_FILMS: Final = ("video", "video_result", "videos", "output", "content", "response")
"""Members that hold the film, while others may hold the picture it was made from."""


@attrs.define(eq=False)
class Video(Replied):
    """A film that was ordered.

    :ivar status: ``running``, ``done`` or ``failed``.
    :ivar url: where it can be fetched once it is done; ``media.download`` does that.
    :ivar error: why it failed, in the provider's words.
    :ivar raw: the last reply's JSON.
    """

    id: str
    status: str
    url: str | None = None
    error: str | None = None
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def over(self) -> bool:
        """Whether it is done or has failed."""
        return self.status != "running"


class Filmed(Result):
    """How far a film is; ``id`` is what it is known by already."""

    __slots__ = ("id",)
    accept = "application/json"

    def __init__(self, id: str = "") -> None:
        self.id = id

    def value(self, arrived: Arrived) -> Video:
        call, reply = arrived.call, arrived.reply
        data = decoded(call, reply, dict[str, Any])
        found = (data.get(name) for name in _IDS)
        id = self.id or next((v for v in found if isinstance(v, str) and v), "")
        if not id:
            raise reply_error(call, reply, "names no id to ask after")
        held = (_address(data.get(name), _DEPTH) for name in _FILMS)
        url = next(filter(None, held), None) or _address(data, _DEPTH)
        status = _status(data, url)
        if status == "done" and url is None:
            raise reply_error(call, reply, "is of a film that is done, without its url")
        error = _why(data) if status == "failed" else None
        return known(Video(id, status, url, error, data), reply)  # type: ignore[no-any-return]


def _status(data: Mapping[str, Any], url: str | None) -> str:
    words = (data.get(name) for name in ("status", "task_status", "state"))
    word = next((str(v).lower() for v in words if isinstance(v, str)), "")
    if word in _FAILED:
        return "failed"
    if word in _DONE or (not word and (url is not None or data.get("done") is True)):
        return "done"
    return "running"


def _address(found: Any, depth: int) -> str | None:
    """The first address of a film in a document, whatever holds it."""
    if isinstance(found, list):
        found = dict(enumerate(found))
    if not isinstance(found, Mapping) or depth == 0:
        return None
    for name in ("url", "video_url", "uri", "download_url"):
        value = found.get(name)
        if isinstance(value, str) and value.startswith(("http:", "https:")):
            return value
    for value in found.values():
        address = _address(value, depth - 1)
        if address is not None:
            return address
    return None


def _why(data: Mapping[str, Any]) -> str:
    error = data.get("error")
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("code")
    return str(error or data.get("message") or "no reason was given")[:300]
