"""The class of ``client.messages``, and of its ``batches``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.lazily import lazily
from ....resources.batches import Batches as Batches
from ....resources.messages import Messages as Messages

if TYPE_CHECKING:
    from ....aio.resources.batches import AsyncBatches as AsyncBatches
    from ....aio.resources.messages import AsyncMessages as AsyncMessages

_ASYNC = ".compat.anthropic.asynchronous"
__getattr__, __dir__ = lazily(
    __name__, {"AsyncBatches": _ASYNC, "AsyncMessages": _ASYNC}
)
