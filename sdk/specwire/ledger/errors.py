"""What can be wrong with a ledger of runs, or with what it knows of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import SpecwireError

if TYPE_CHECKING:
    from .store import Entry


class LedgerError(SpecwireError):
    """Base of the ledger's own errors.

    :ivar key: the key that was asked for.
    """

    key: str = ""


class RunUnknownError(LedgerError):
    """A run may have been done, and nobody can say; nothing was sent.

    :ivar run_id: the identifier that it was sent with.
    """

    run_id: str = ""
    started = True


class LedgerBusyError(LedgerError):
    """Another process has the key, and the time to wait for it is over."""

    retryable = True


class LedgerFileError(LedgerError):
    """The file cannot be read or written, or is no ledger.

    :ivar entry: what came of a run that could not be written down any more.
    """

    entry: Entry | None = None
