"""What came of an item, and of a run."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from .work import Outcome


@frozen
class ItemResult:
    """What one item came to.

    :ivar custom_id: the item's name: its own, or ``item-N`` by its position.
    :ivar position: where it stands in the input, from 0.
    :ivar status: ``succeeded`` or ``failed``.
    :ivar result: the reply as plain data, where it succeeded: a message, a chat
        response (``content``, ``usage``, …) or what a workflow run came to.
    :ivar error: why it failed: ``{"type", "message", "status_code", "retryable", …}``.
    :ivar attempts: how many requests the last call for it took.
    :ivar elapsed_s: how long that call took.
    :ivar recorded: an earlier run has done it; this one found it in the journal.
    """

    custom_id: str
    position: int
    status: str
    result: Any = None
    error: dict[str, Any] | None = None
    attempts: int = 0
    elapsed_s: float = 0.0
    recorded: bool = False

    @property
    def success(self) -> bool:
        """Whether there is a result."""
        return self.status == "succeeded"

    @property
    def text(self) -> str:
        """The words of the reply; empty where it has none."""
        return text_of(self.result)

    def to_dict(self) -> dict[str, Any]:
        """A row of output: what an export has."""
        found = {"result": self.result} if self.success else {"error": self.error}
        return {"custom_id": self.custom_id, "status": self.status, **found}


@frozen
class Status:
    """How far a run is, by its journal.

    :ivar succeeded: items with a result.
    :ivar failed: items whose calls failed for good.
    :ivar sent: items that may have been sent and have no result yet.
    :ivar waiting: items that are known and were not sent.
    :ivar complete: whether the journal has seen the whole input.
    """

    succeeded: int = 0
    failed: int = 0
    sent: int = 0
    waiting: int = 0
    complete: bool = False

    @property
    def total(self) -> int:
        """All items that the journal knows."""
        return self.done + self.open

    @property
    def done(self) -> int:
        """Items with a result or a failure."""
        return self.succeeded + self.failed

    @property
    def open(self) -> int:
        """Items that a run still has to do."""
        return self.sent + self.waiting


def text_of(result: Any) -> str:
    """The words of a reply of any kind."""
    if not isinstance(result, dict):
        return ""
    content = result.get("content", result.get("output"))
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(
            block.get("text", "") for block in content if isinstance(block, dict)
        )
    return "" if content is None else json.dumps(content, ensure_ascii=False)


def result_of(
    custom_id: str, position: int, outcome: Outcome, *, recorded: bool = False
) -> ItemResult:
    """The result that ``outcome`` is."""
    data: Any = json.loads(outcome.body)
    return ItemResult(
        custom_id,
        position,
        "succeeded" if outcome.success else "failed",
        data if outcome.success else None,
        None if outcome.success else data,
        outcome.attempts,
        outcome.elapsed_s,
        recorded,
    )
