"""``tool_runner`` of the messages resources; the loop is in ``specwire.tools``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from ..core.resource import Resource

if TYPE_CHECKING:
    from ..tools.compaction import CompactionControl
    from ..tools.runner import StreamingToolRunner, ToolRunner

DEFAULT_MAX_TOKENS = 4096
"""The longest answer of a turn where none is given; every model can write it."""


class ToolRuns(Resource):
    """What a messages resource has for conversations with tools."""

    @overload
    def tool_runner(
        self,
        *,
        model: str,
        messages: Iterable[Any] = (),
        tools: Iterable[Any] = (),
        max_tokens: int = DEFAULT_MAX_TOKENS,
        stream: Literal[True],
        max_iterations: int | None = None,
        compaction_control: CompactionControl | Mapping[str, Any] | None = None,
        max_threads: int = 8,
        **params: Any,
    ) -> StreamingToolRunner: ...
    @overload
    def tool_runner(
        self,
        *,
        model: str,
        messages: Iterable[Any] = (),
        tools: Iterable[Any] = (),
        max_tokens: int = DEFAULT_MAX_TOKENS,
        stream: Literal[False] = False,
        max_iterations: int | None = None,
        compaction_control: CompactionControl | Mapping[str, Any] | None = None,
        max_threads: int = 8,
        **params: Any,
    ) -> ToolRunner: ...
    def tool_runner(
        self,
        *,
        model: str,
        messages: Iterable[Any] = (),
        tools: Iterable[Any] = (),
        max_tokens: int = DEFAULT_MAX_TOKENS,
        stream: bool = False,
        max_iterations: int | None = None,
        compaction_control: CompactionControl | Mapping[str, Any] | None = None,
        max_threads: int = 8,
        **params: Any,
    ) -> Any:
        """A conversation in which the tools that the model calls are run for it.

        Nothing is sent before it is iterated. A failing or unknown tool is a result
        that tells the model so; it does not end the loop.

        :param tools: made by ``@tool``, plain functions, objects with ``name``,
            ``to_dict`` and ``call``, or definitions of tools that run at the server.
        :param max_tokens: the most tokens of one turn; 4,096 where it is left out.
        :param stream: yield the stream of each message instead of the message.
        :param max_iterations: the most requests; ``None`` is no limit.
        :param compaction_control: replace a long conversation by a summary of it,
            see :class:`~specwire.tools.CompactionControl`.
        :param max_threads: how many tools of one message run at the same time; 1 runs
            them one after another.
        :param params: all that ``create`` takes, sent with each request.
        :raises TypeError: for arguments that ``create`` does not take.
        """
        from ..tools.compaction import Compaction
        from ..tools.runner import StreamingToolRunner, ToolRunner

        runner = StreamingToolRunner if stream else ToolRunner
        given = {"model": model, "messages": messages, "tools": tools}
        return runner(
            self,
            {**given, "max_tokens": max_tokens, **params},
            max_iterations=max_iterations,
            compaction=Compaction.of(compaction_control),
            max_threads=max_threads,
        )
