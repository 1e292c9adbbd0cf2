"""The classes of the resources, for annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.lazily import lazily

if TYPE_CHECKING:
    from ....aio.resources.beta import AsyncBeta as AsyncBeta
    from ....aio.resources.messages import AsyncMessages as AsyncMessages
    from ....aio.resources.models import AsyncModels as AsyncModels
    from ....resources.beta import Beta as Beta
    from ....resources.messages import Messages as Messages
    from ....resources.models import Models as Models

_ASYNC = ".compat.anthropic.asynchronous"
__getattr__, __dir__ = lazily(
    __name__,
    {
        "AsyncBeta": _ASYNC,
        "AsyncMessages": _ASYNC,
        "AsyncModels": _ASYNC,
        "Beta": ".resources.beta",
        "Messages": ".resources.messages",
        "Models": ".resources.models",
    },
)
