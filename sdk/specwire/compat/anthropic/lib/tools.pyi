from ....aio.faces.runner import (
    AsyncStreamingToolRunner as BetaAsyncStreamingToolRunner,
    AsyncToolRunner as BetaAsyncToolRunner,
)
from ....tools.function import (
    FunctionTool as BetaAsyncFunctionTool,
    FunctionTool as BetaFunctionTool,
    beta_tool as beta_async_tool,
    beta_tool as beta_tool,
)
from ....tools.memory import (
    MemoryTool as BetaAbstractMemoryTool,
    MemoryTool as BetaAsyncAbstractMemoryTool,
)
from ....tools.protocol import (
    RunnableTool as BetaAsyncBuiltinFunctionTool,
    RunnableTool as BetaBuiltinFunctionTool,
    ToolError as ToolError,
)
from ....tools.runner import (
    StreamingToolRunner as BetaStreamingToolRunner,
    ToolRunner as BetaToolRunner,
)

HOMES: dict[str, str]

__all__ = [
    "HOMES",
    "BetaAbstractMemoryTool",
    "BetaAsyncAbstractMemoryTool",
    "BetaAsyncBuiltinFunctionTool",
    "BetaAsyncFunctionTool",
    "BetaAsyncStreamingToolRunner",
    "BetaAsyncToolRunner",
    "BetaBuiltinFunctionTool",
    "BetaFunctionTool",
    "BetaStreamingToolRunner",
    "BetaToolRunner",
    "ToolError",
    "beta_async_tool",
    "beta_tool",
]
