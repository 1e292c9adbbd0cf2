"""What the runner asks of a tool, and the errors a tool answers the model with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from ..core.errors import SpecwireError


class ToolError(SpecwireError):
    """Raise it in a tool to tell the model what went wrong.

    :param content: a text, or content blocks (an image of the failure, say).
    """

    def __init__(self, content: Any = "", **facts: Any) -> None:
        super().__init__(content if isinstance(content, str) else repr(content))
        self.content = content
        for name, value in facts.items():
            setattr(self, name, value)


class ToolInputError(ToolError, ValueError):
    """The arguments of a call do not fit the tool's schema; the tool did not run."""


@runtime_checkable
class RunnableTool(Protocol):
    """A tool with code behind it. Optional attributes, read where they exist:

    ``betas`` (names of beta features its requests need), ``in_order`` (true: calls of
    one message run one after another, as they stand in it) and ``awaits`` (true: in an
    async client it waits in the loop, so it needs no thread). For async clients
    ``call`` may be an ``async def``.
    """

    @property
    def name(self) -> str:
        """What the model calls it."""

    def to_dict(self) -> Mapping[str, Any]:
        """Its definition, as it stands in a request's ``tools``."""

    def call(self, input: Any) -> Any:
        """Run it: text, content blocks, or a value that JSON can say."""
