"""``tool_runner`` of the messages resources; the loop is in ``specwire.tools``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..core.types import UNSET

if TYPE_CHECKING:
    from ..core.resource import Extras, Limits, Operation, Resource
    from ..tools.runner import StreamingToolRunner, ToolRunner

_OPTIONS = (
    *("timeout", "max_retries", "idempotency_key"),
    *("extra_headers", "extra_query", "extra_body"),
)
_THREADS = 8


def tool_runner(
    resource: Resource,
    operation: Operation[Any],
    args: Mapping[str, Any],
    limits: Limits,
    extras: Extras,
) -> ToolRunner | StreamingToolRunner:
    """A conversation in which the tools that the model calls are run for it.

    Nothing is sent before it is iterated. A failing or unknown tool is a result
    that tells the model so; it does not end the loop.
    """
    from ..tools.compaction import Compaction
    from ..tools.runner import StreamingToolRunner, ToolRunner

    given = {**args, **dict(zip(_OPTIONS, (*limits, *extras), strict=True))}
    params = {name: value for name, value in given.items() if value is not UNSET}
    params.setdefault("tools", ())
    runner = StreamingToolRunner if params.pop("stream", False) else ToolRunner
    return runner(
        resource,
        params,
        max_iterations=params.pop("max_iterations", None),
        compaction=Compaction.of(params.pop("compaction_control", None)),
        max_threads=params.pop("max_threads", _THREADS),
    )
