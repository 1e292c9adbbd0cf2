"""The table: every case, as data, by group.

``cases(dialect)`` gives them in the words of one service; the faults are the same.
"""

from __future__ import annotations

from ..case import Case
from ..dialects import Dialect
from . import (
    batch,
    body,
    connection,
    deadline,
    http,
    life,
    memory,
    redirect,
    retry,
    retry_after,
    secrets,
    status,
    stream,
    stream_broken,
    tls,
    upload,
)

GROUPS = (
    connection,
    tls,
    http,
    body,
    memory,
    redirect,
    status,
    retry,
    retry_after,
    deadline,
    upload,
    stream,
    stream_broken,
    batch,
    life,
    secrets,
)


def cases(dialect: Dialect) -> list[Case]:
    """All cases; their ids are unique."""
    return [case for group in GROUPS for case in group.cases(dialect)]
