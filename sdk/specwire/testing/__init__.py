"""For tests, ours and yours: a clock, recorded requests, cassettes, a pytest plugin.

``FakeClock`` moves when told to; ``recorded`` gives the one request that a block
makes; ``Cassette`` keeps what a server answered and answers it again; ``SentRequests``
and ``assert_requested`` say what was asked. :mod:`specwire.testing.plugin` makes
fixtures of them (``docs/testing.md``), which load these when they are used.
"""

from __future__ import annotations

import typing as _t

from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .cassette import Cassette as Cassette
    from .cassette import CassetteError as CassetteError
    from .clock import FakeClock as FakeClock
    from .every_client import assert_requested as assert_requested
    from .every_client import standing as standing
    from .one_request import recorded as recorded
    from .sent import SentRequest as SentRequest
    from .sent import SentRequests as SentRequests

_BY_HOME = {
    ".testing.cassette": "Cassette CassetteError",
    ".testing.clock": "FakeClock",
    ".testing.one_request": "recorded",
    ".testing.sent": "SentRequest SentRequests",
    ".testing.every_client": "assert_requested standing",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}
__all__ = [*_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
