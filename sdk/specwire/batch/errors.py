"""What can be wrong with a run of many items, beside the items themselves."""

from __future__ import annotations

from ..core.errors import SpecwireError


class BatchError(SpecwireError):
    """Base of the errors of runs."""


class JournalError(BatchError):
    """The journal cannot be read or written, or is no journal; nothing more is sent.

    What was committed before stays, and a later run goes on from there.
    """


class JournalBusyError(JournalError):
    """Another runner, of this process or another, is at work on the journal."""

    retryable = True


class InputChangedError(BatchError, ValueError):
    """An item of the input is another than the journal has under its name, or comes
    twice.

    :ivar custom_id: the item's name.
    """

    custom_id: str = ""


class ItemError(BatchError, ValueError):
    """An item of the input is no request; the message says what was expected.

    :ivar position: which item it is, from 0.
    """

    position: int = -1
