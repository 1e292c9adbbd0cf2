"""Tools and their runner, under their official names."""

from __future__ import annotations

from ....core.lazily import lazily

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
