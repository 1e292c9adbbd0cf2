"""Tools and their runner, under their official names."""

from __future__ import annotations

from ....core.lazily import lazily

_TASKS = ".compat.anthropic.asynchronous"
HOMES = {
    "BetaAbstractMemoryTool": ".tools.memory:MemoryTool",
    "BetaAsyncAbstractMemoryTool": ".tools.memory:MemoryTool",
    "BetaAsyncBuiltinFunctionTool": ".tools.protocol:RunnableTool",
    "BetaAsyncFunctionTool": ".tools.function:FunctionTool",
    "BetaAsyncStreamingToolRunner": f"{_TASKS}:AsyncStreamingToolRunner",
    "BetaAsyncToolRunner": f"{_TASKS}:AsyncToolRunner",
    "BetaBuiltinFunctionTool": ".tools.protocol:RunnableTool",
    "BetaFunctionTool": ".tools.function:FunctionTool",
    "BetaStreamingToolRunner": ".tools.runner:StreamingToolRunner",
    "BetaToolRunner": ".tools.runner:ToolRunner",
    "ToolError": ".tools.protocol",
    "beta_async_tool": ".tools.function:tool",
    "beta_tool": ".tools.function",
}
__getattr__, __dir__ = lazily(__name__, HOMES)
