"""The classes of the resources, for annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.lazily import lazily

if TYPE_CHECKING:
    from ....resources.beta import Beta as Beta
    from ....resources.messages import Messages as Messages
    from ....resources.models import Models as Models

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Beta": ".resources.beta",
        "Messages": ".resources.messages",
        "Models": ".resources.models",
    },
)
