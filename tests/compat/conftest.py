"""A drop-in client of the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from specwire.compat.anthropic import Anthropic
from specwire.sandbox import Sandbox


@pytest.fixture
def anthropic(box: Sandbox) -> Iterator[Anthropic]:
    """A client of ``box``."""
    key, url = box.api_keys["anthropic"], box.base_urls["anthropic"]
    with Anthropic(api_key=key, base_url=url) as made:
        yield made
