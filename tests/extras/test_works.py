"""What is installed by an extra can be imported, whichever it is."""

from __future__ import annotations

import os
from importlib import import_module

import pytest

from specwire.core.extras import EXTRAS


@pytest.mark.parametrize("extra", EXTRAS)
def test_its_modules_can_be_imported(extra: str) -> None:
    """All of them, or none where it is not installed; where it was, it has to be."""
    for module in EXTRAS[extra].all().values():
        if os.environ.get("SPECWIRE_EXTRA") == extra:
            import_module(module)
        else:
            pytest.importorskip(module, reason=f"the extra {extra!r} is not installed")
