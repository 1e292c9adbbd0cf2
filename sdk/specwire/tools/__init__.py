"""Tools that a model may call: make them, check their arguments, run them in a loop.

>>> from specwire import Client, tool
>>> @tool
... def add(a: int, b: int) -> int:
...     '''Add two numbers.'''
...     return a + b
>>> runner = Client().messages.tool_runner(  # doctest: +SKIP
...     model="claude-sonnet-4-5", tools=[add],
...     messages=[{"role": "user", "content": "What is 2 + 3?"}],
... )
>>> print(runner.until_done().content)  # doctest: +SKIP

The names load when they are first used (PEP 562).
"""

from __future__ import annotations

from ..core.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .compaction import CompactionControl as CompactionControl
    from .computer import Computer as Computer
    from .computer import ComputerTool as ComputerTool
    from .function import FunctionTool as FunctionTool
    from .function import beta_tool as beta_tool
    from .function import tool as tool
    from .mcp import MCPTool as MCPTool
    from .mcp import mcp_tools as mcp_tools
    from .memory import MemoryTool as MemoryTool
    from .memory_files import LocalMemory as LocalMemory
    from .protocol import RunnableTool as RunnableTool
    from .protocol import ToolError as ToolError
    from .protocol import ToolInputError as ToolInputError
    from .runner import StreamingToolRunner as StreamingToolRunner
    from .runner import ToolRunner as ToolRunner

_HOMES = {
    "CompactionControl": ".compaction",
    "Computer": ".computer",
    "ComputerTool": ".computer",
    "FunctionTool": ".function",
    "LocalMemory": ".memory_files",
    "MCPTool": ".mcp",
    "MemoryTool": ".memory",
    "RunnableTool": ".protocol",
    "StreamingToolRunner": ".runner",
    "ToolError": ".protocol",
    "ToolInputError": ".protocol",
    "ToolRunner": ".runner",
    "beta_tool": ".function",
    "mcp_tools": ".mcp",
    "tool": ".function",
}

__all__ = [
    "CompactionControl",
    "Computer",
    "ComputerTool",
    "FunctionTool",
    "LocalMemory",
    "MCPTool",
    "MemoryTool",
    "RunnableTool",
    "StreamingToolRunner",
    "ToolError",
    "ToolInputError",
    "ToolRunner",
    "beta_tool",
    "mcp_tools",
    "tool",
]

__getattr__, __dir__ = lazily(__name__, _HOMES, package=__name__)
