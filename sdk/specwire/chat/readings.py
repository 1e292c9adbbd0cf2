"""What else is made of a chat request than its answer: a count, or a value.

Part of :class:`~specwire.chat.turn.ChatRequestBuilder`; the work is done elsewhere, and
loaded when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core.cancelling import CancelToken
    from ..tokens import TokenCount
    from .parsed import ParsedResponse, ParsedStream


class Readings:
    """The methods of a builder that read what it asks for."""

    __slots__ = ()

    def count_tokens(self: Any, *, exact: bool | None = None) -> TokenCount:
        """How many tokens the request has; see :func:`specwire.tokens.count_tokens`.

        The server is asked where the provider's API counts.
        """
        from ..tokens.asking import of_request

        return of_request(self, self._targets[0], exact=exact)

    def parse(
        self: Any,
        output_format: Any = None,
        cancel_token: CancelToken | None = None,
        *,
        max_repairs: int = 1,
    ) -> ParsedResponse[Any]:
        """Send it, and read the answer as a value: ``parsed`` of what is returned.

        :param output_format: as :meth:`response_format` has it, which it stands for.
        :param max_repairs: how often the model is told what is wrong, and asked again.
        :raises OutputError: where no answer fits; all are in its ``rounds``.
        """
        from .parsed import parse

        return parse(self, output_format, cancel_token, max_repairs=max_repairs)

    def parse_stream(
        self: Any, output_format: Any = None, cancel_token: CancelToken | None = None
    ) -> ParsedStream[Any]:
        """As :meth:`parse`, handing out what is known of the value as it arrives.

        A stream is not repaired.
        """
        from .parsed import parse_stream

        return parse_stream(self, output_format, cancel_token)
