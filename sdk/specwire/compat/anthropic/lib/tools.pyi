from ....tools.function import (
    FunctionTool as BetaFunctionTool,
    beta_tool as beta_tool,
)
from ....tools.memory import (
    MemoryTool as BetaAbstractMemoryTool,
)
from ....tools.protocol import (
    RunnableTool as BetaBuiltinFunctionTool,
    ToolError as ToolError,
)
from ....tools.runner import (
    StreamingToolRunner as BetaStreamingToolRunner,
    ToolRunner as BetaToolRunner,
)
from ..asynchronous import (
    beta_async_tool as beta_async_tool,
)

HOMES: dict[str, str]

__all__ = [
    "HOMES",
    "BetaAbstractMemoryTool",
    "BetaBuiltinFunctionTool",
    "BetaFunctionTool",
    "BetaStreamingToolRunner",
    "BetaToolRunner",
    "ToolError",
    "beta_async_tool",
    "beta_tool",
]
