"""The names of the async side, which needs the extra ``async``.

They can be imported without it, because programs import what they do not use; making
one says what to install.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Final

from ...core.extras import lacking
from ...core.lazily import lazily

_FACES: Final = ".aio.faces"
HOMES: Final = {
    "AsyncAPIResponse": f"{_FACES}.anthropic_responses",
    "AsyncAnthropic": f"{_FACES}.anthropic",
    "AsyncAnthropicBedrock": f"{_FACES}.anthropic_bedrock",
    "AsyncAnthropicVertex": f"{_FACES}.anthropic_vertex",
    "AsyncBatches": ".aio.resources.batches",
    "AsyncBeta": ".aio.resources.beta",
    "AsyncMessageStream": f"{_FACES}.messages",
    "AsyncMessageStreamManager": f"{_FACES}.messages",
    "AsyncMessages": ".aio.resources.messages",
    "AsyncModels": ".aio.resources.models",
    "AsyncPage": ".aio.paging",
    "AsyncStream": ".aio.stream",
    "AsyncStreamingToolRunner": f"{_FACES}.runner",
    "AsyncToolRunner": f"{_FACES}.runner",
}


class Lacking:
    """In the place of a class of the async side, where that cannot be loaded."""

    def __init__(self, *_: Any, **__: Any) -> None:
        missing = ModuleNotFoundError(name=next(_missing()))
        lacking("async", type(self).__name__, missing)

    def __class_getitem__(cls, _: Any) -> Any:
        return cls


def _missing() -> Iterator[str]:
    return (name for name in ("aiohttp", "greenlet") if find_spec(name) is None)


_found, __dir__ = lazily(__name__, HOMES)


def __getattr__(name: str) -> Any:
    if name not in HOMES or not any(_missing()):
        return _found(name)
    made = type(name, (Lacking,), {})
    setattr(sys.modules[__name__], name, made)
    return made
