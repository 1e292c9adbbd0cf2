"""Tools and their runner, under their official names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazily import lazily

if TYPE_CHECKING:
    from ....tools.function import beta_tool as beta_tool
    from ....tools.protocol import ToolError as ToolError
    from ..asynchronous import beta_async_tool as beta_async_tool

HOMES = {
    "BetaAbstractMemoryTool": ".tools.memory:MemoryTool",
    "BetaBuiltinFunctionTool": ".tools.protocol:RunnableTool",
    "BetaFunctionTool": ".tools.function:FunctionTool",
    "BetaStreamingToolRunner": ".tools.runner:StreamingToolRunner",
    "BetaToolRunner": ".tools.runner:ToolRunner",
    "ToolError": ".tools.protocol",
    "beta_async_tool": ".compat.anthropic.asynchronous",
    "beta_tool": ".tools.function",
}
__getattr__, __dir__ = lazily(__name__, HOMES)
