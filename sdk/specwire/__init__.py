"""specwire: a thin, synchronous SDK for AI services, generated from their specs.

>>> from specwire import Client
>>> with Client() as client:  # doctest: +SKIP
...     message = client.messages.create(
...         model="claude-sonnet-4-5", max_tokens=100,
...         messages=[{"role": "user", "content": "Hello"}],
...     )

The names load when they are first used (PEP 562), so that importing costs nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"

# Type checkers take the name for typing's; importing typing would cost more than all
# the rest of this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import errors as errors
    from . import models as models
    from .chat.client import AiClient as AiClient
    from .chat.messages import Message as Message
    from .chat.tools import ToolDefinition as ToolDefinition
    from .client import Client as Client
    from .core.cancelling import CancelToken as CancelToken
    from .core.codec import dump as dump
    from .core.codec import load as load
    from .core.hooks import Answer as Answer
    from .core.hooks import Hook as Hook
    from .core.hooks import Wait as Wait
    from .core.logs import LogHook as LogHook
    from .core.types import UNSET as UNSET
    from .core.types import Timeout as Timeout
    from .core.types import Unknown as Unknown
    from .structured import transform_schema as transform_schema
    from .tools import ToolError as ToolError
    from .tools import beta_tool as beta_tool
    from .tools import tool as tool

_HOMES = {
    "AiClient": ".chat.client",
    "Answer": ".core.hooks",
    "CancelToken": ".core.cancelling",
    "Client": ".client",
    "Hook": ".core.hooks",
    "LogHook": ".core.logs",
    "Message": ".chat.messages",
    "Timeout": ".core.types",
    "ToolDefinition": ".chat.tools",
    "ToolError": ".tools.protocol",
    "UNSET": ".core.types",
    "Unknown": ".core.types",
    "Wait": ".core.hooks",
    "beta_tool": ".tools.function",
    "dump": ".core.codec",
    "load": ".core.codec",
    "tool": ".tools.function",
    "transform_schema": ".structured",
}
_MODULES = ("errors", "models")

__all__ = [
    "AiClient",
    "Answer",
    "CancelToken",
    "Client",
    "Hook",
    "LogHook",
    "Message",
    "Timeout",
    "ToolDefinition",
    "ToolError",
    "UNSET",
    "Unknown",
    "Wait",
    "__version__",
    "beta_tool",
    "dump",
    "errors",
    "load",
    "models",
    "tool",
    "transform_schema",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOMES:
        value = getattr(import_module(_HOMES[name], __name__), name)
    elif name in _MODULES:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
