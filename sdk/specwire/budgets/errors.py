"""What can be wrong with the record of costs, or with a price."""

from __future__ import annotations

from ..core.errors import SpecwireError


class PriceUnknownError(SpecwireError):
    """A budget in money cannot be kept: nobody knows what the model costs.

    Nothing was sent.

    :ivar model: the model, as ``provider/model``.
    """

    model: str = ""


class PricesFileError(SpecwireError, ValueError):
    """A file of prices cannot be read, or does not hold prices."""


class UsageFileError(SpecwireError):
    """The file of usage cannot be read or written, or is none.

    Before a call nothing is sent then; a reply is never lost over it.
    """
