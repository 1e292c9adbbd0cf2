"""Whether a provider answers: the request that its manifest names for that.

It costs nothing with any provider and needs no key: where 401 is among the statuses
that a manifest expects (``availability.check``), a refused key is a sign of life.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import APIStatusError, CancelledError, SpecwireError
from ..core.resource import Operation, Resource
from ..core.results import Nothing

if TYPE_CHECKING:
    from .client import AiClient

_IF_THERE_IS_ONE: Final = (("key",), ())
_EXPECTED: Final = (200, 401)


def available(
    client: AiClient, *, path: str | None = None, timeout: float | None = None
) -> bool:
    """Ask once, without retries and without the client's hooks.

    :param path: below the base URL, in place of the manifest's; answers below 500 are
        signs of life then.
    :param timeout: seconds, in place of the manifest's.
    :raises CancelledError: where the client is closed.
    """
    provider = client._targets()[0].provider
    said: Mapping[str, Any] = provider.manifest.data.get("availability") or {}
    check: Mapping[str, Any] = said.get("check") or {}
    seconds = float(check.get("timeout_ms") or 5_000) / 1000
    operation: Operation[None] = Operation(
        name="availability",
        service=provider.service.name,
        method="GET" if path else str(check.get("method") or "GET"),
        path=path or str(check.get("path") or "/models"),
        result=Nothing(),
        auth=_IF_THERE_IS_ONE,
    )
    limits = (seconds if timeout is None else timeout, 0, None)
    call = Resource(client)._prepare(operation, {}, limits, (None, None, None))
    try:
        client._engine.send(call)
        status = 200
    except APIStatusError as error:
        status = error.status_code
    except CancelledError:
        raise  # the client was closed, which tells nothing of the provider
    except SpecwireError:
        return False
    if path:
        return status < 500
    return status in (check.get("expected_status") or _EXPECTED)
