"""The front door: ``Client``, every resource behind one object."""

from __future__ import annotations

from .core.client import BaseClient
from .mixins.workflows import WorkflowCalls
from .resources._surface import SERVICES, Surface


class Client(WorkflowCalls, BaseClient, Surface):
    """All services with one set of settings; safe to share between threads.

    >>> with Client() as client:  # doctest: +SKIP
    ...     message = client.messages.create(
    ...         model="claude-sonnet-4-5", max_tokens=100,
    ...         messages=[{"role": "user", "content": "Hello"}],
    ...     )

    Keys and URLs come from the arguments or from ``ANTHROPIC_API_KEY``,
    ``ANTHROPIC_AUTH_TOKEN``, ``ANTHROPIC_BASE_URL``, ``SIM_API_KEY`` and
    ``SIM_BASE_URL``; headers for a gateway, one ``Name: value`` a line, from
    ``ANTHROPIC_CUSTOM_HEADERS``. See :class:`~specwire.core.client.BaseClient` for the
    settings.
    """

    _services = SERVICES
    _documents = "specs"
