"""What an MCP server refuses, as an error of this package's tree."""

from __future__ import annotations

from typing import Any, Final

from ..core.errors import SpecwireError

METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603


class MCPError(SpecwireError):
    """The server answered a request with an error (JSON-RPC 2.0, section 5.1).

    A tool that ran and failed is no such error: its result says ``is_error``.

    :ivar code: the server's number, such as -32602 for parameters it does not take.
    :ivar data: what the server tells besides, or ``None``.
    :ivar method: what was asked, such as ``tools/call``.
    """

    code: int = 0
    data: Any = None
    method: str = ""
    started = True


class SessionLost(Exception):
    """The server does not know the session any more; it has not begun the request.

    The client begins another one; users see ``error`` where that is lost as well.
    """

    def __init__(self, error: SpecwireError) -> None:
        super().__init__(str(error))
        self.error = error
