"""What generated async resources stand on."""

from __future__ import annotations

from ..core.resource import Resource
from .paging import AsyncPages as AsyncPages
from .twin import Twin


class AsyncResource(Twin[Resource]):
    """A group of operations of one async client."""
