"""The class of ``client.messages``, and of its ``batches``."""

from __future__ import annotations

from ....resources.batches import Batches as Batches
from ....resources.messages import Messages as Messages
