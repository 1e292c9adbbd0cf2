"""Pictures that a model makes: what is sent, and what comes.

A picture comes in the reply, or as an address. Nobody follows an address here unless
the caller says so (:meth:`~specwire.media.Media.download`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

import attrs

from ..chat.attachments import marked
from ..chat.blocks import ContentBlock
from ..core.errors import RequestValidationError
from ..core.replies import reply_error
from ..core.results import Arrived, Result, decoded, known
from ..core.types import Replied
from .calls import Asked
from .reading import items, table, text
from .speech import inline_part, inline_parts, unpacked


@attrs.frozen
class Picture:
    """One picture, by its bytes or by its address.

    :ivar data: the file; ``None`` where only the address came.
    :ivar url: where it can be fetched; for how long is up to the provider.
    :ivar media_type: told by the first bytes, or by the provider.
    :ivar revised_prompt: what the model was really asked, where it says so.
    """

    data: bytes | None = attrs.field(default=None, repr=False)
    url: str | None = None
    media_type: str | None = None
    revised_prompt: str | None = None

    def save(self, path: str | os.PathLike[str]) -> int:
        """Write the picture to ``path``; returns its size in bytes.

        :raises RequestValidationError: where only the address came.
        """
        if self.data is None:
            raise RequestValidationError(
                f"this picture came as an address ({(self.url or '')[:80]}); "
                "media.download(picture) fetches it"
            )
        part = f"{os.fspath(path)}.part"
        try:
            with open(part, "wb") as file:
                file.write(self.data)
            os.replace(part, path)
        except BaseException:
            if os.path.exists(part):
                os.unlink(part)
            raise
        return len(self.data)


class Pictures(Sequence[Picture], Replied):
    """The pictures of one call.

    :ivar usage: what was counted, in the provider's words.
    :ivar raw: the reply's JSON.
    """

    def __init__(self, items: Sequence[Picture], raw: Mapping[str, Any]) -> None:
        self._items = list(items)
        self.raw = raw
        self.usage = table(raw.get("usage") or raw.get("usageMetadata"))

    @overload
    def __getitem__(self, at: int) -> Picture: ...
    @overload
    def __getitem__(self, at: slice) -> list[Picture]: ...
    def __getitem__(self, at: int | slice) -> Picture | list[Picture]:
        return self._items[at]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Pictures({self._items!r})"


class Drawn(Result):
    """Pictures in a JSON document, in one of the shapes that it may have."""

    __slots__ = ("shape",)
    accept = "application/json"

    def __init__(self, shape: str) -> None:
        self.shape = shape

    def value(self, arrived: Arrived) -> Pictures:
        call, reply = arrived.call, arrived.reply
        data = decoded(call, reply, dict[str, Any])
        read = _READERS[self.shape]
        return known(Pictures(list(read(call, reply, data)), data), reply)  # type: ignore[no-any-return]


def _of_openai(call: Any, reply: Any, data: Mapping[str, Any]) -> Iterator[Picture]:
    found = items(data, "data")
    if not found:
        raise reply_error(call, reply, "has no pictures", pointer="/data")
    for held in map(table, found):
        packed, url = held.get("b64_json"), text(held.get("url"))
        if url is not None and url.startswith("data:"):
            packed, url = url.partition(",")[2], None
        if packed is None and url is None:
            raise reply_error(call, reply, "has a picture without data and url")
        raw = None if packed is None else unpacked(call, reply, packed)
        kind = None if raw is None else _checked(call, reply, raw)
        yield Picture(raw, url, kind, text(held.get("revised_prompt")))


def _of_gemini(call: Any, reply: Any, data: Mapping[str, Any]) -> Iterator[Picture]:
    inline_part(call, reply, data, "image/")
    for kind, raw in inline_parts(call, reply, data, "image/"):
        yield Picture(raw, None, _checked(call, reply, raw) or kind)


def _checked(call: Any, reply: Any, raw: bytes) -> str | None:
    """The media type of ``raw``; :raises DecodeError: where it is no picture."""
    kind = marked(raw)
    if kind is not None and not kind.startswith("image/"):
        raise reply_error(call, reply, f"holds {kind} in place of a picture")
    return kind


def _of_chat(call: Any, reply: Any, data: Mapping[str, Any]) -> Iterator[Picture]:
    """Pictures beside the text of an answer, as OpenRouter has them."""
    answer = table(next(iter(items(data, "choices")), None)).get("message")
    held = [table(each).get("image_url") for each in items(answer, "images")]
    yield from _of_openai(call, reply, {"data": held})


_READERS: Final[Mapping[str, Callable[[Any, Any, Any], Iterator[Picture]]]] = {
    "own": _of_openai,
    "gemini": _of_gemini,
    "chat": _of_chat,
}


# -- what is sent ------------------------------------------------------------------


def asking(
    asked: Asked, prompt: str, sources: Sequence[Any], wished: Mapping[str, Any]
) -> dict[str, Any]:
    """The body; ``sources`` are pictures to go by, where they stand in it.

    :raises UnsupportedCapabilityError: for wishes that there is no word for.
    """
    if asked.shape == "own":
        return {"model": asked.model, "prompt": prompt, **wished}
    rest = dict(wished)
    if rest.pop("n", 1) != 1:
        raise asked.unsupported("it makes one picture a call; leave out n")
    size = rest.pop("size", None)
    if size is not None and ":" not in size:
        raise asked.unsupported(f"size is a ratio (16:9) here, got {size!r:.20}")
    blocks = [ContentBlock.image_of(source) for source in sources]
    made = _for_gemini if asked.shape == "gemini" else _for_chat
    return made(asked, prompt, [block.source for block in blocks], size) | rest


def _for_gemini(
    asked: Asked, prompt: str, sources: Sequence[Any], size: str | None
) -> dict[str, Any]:
    config: dict[str, Any] = {"responseModalities": ["IMAGE"]}
    if size is not None:
        config["imageConfig"] = {"aspectRatio": size}
    parts: list[dict[str, Any]] = [{"text": prompt}]
    for held in sources:
        if held["type"] != "base64":
            raise asked.unsupported("a picture to go by has to be a file, not a URL")
        inline = {"mimeType": held["media_type"], "data": held["data"]}
        parts.append({"inlineData": inline})
    turn = {"role": "user", "parts": parts}
    return {"contents": [turn], "generationConfig": config}


def _for_chat(
    asked: Asked, prompt: str, sources: Sequence[Any], size: str | None
) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    for held in sources:
        inline = f"data:{held.get('media_type')};base64,{held.get('data')}"
        url = held.get("url") or inline
        content.append({"type": "image_url", "image_url": {"url": url}})
    body: dict[str, Any] = {
        "model": asked.model,
        "messages": [{"role": "user", "content": content}],
        "modalities": ["image", "text"],
    }
    if size is not None:
        body["image_config"] = {"aspect_ratio": size}
    return body
