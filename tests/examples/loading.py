"""The examples as modules: they are programs, and lie in no package."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from ..house.modules import ROOT


def example(name: str) -> ModuleType:
    """``examples/name.py``, loaded without being run."""
    path = ROOT / "examples" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"example_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
