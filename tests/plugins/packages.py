"""Packages with entry points, put into a directory as an installer would."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


def install(
    place: Path,
    name: str,
    entries: Mapping[str, str],
    modules: Mapping[str, str] | None = None,
    *,
    version: str = "1.0",
) -> None:
    """A distribution below ``place``.

    :param entries: ``group:name`` -> ``module:object``, the group without its prefix.
    :param modules: file name -> its text.
    """
    info = place / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    )
    lines: dict[str, list[str]] = {}
    for key, value in entries.items():
        group, _, entry = key.partition(":")
        lines.setdefault(group, []).append(f"{entry} = {value}")
    text = "".join(
        f"[specwire.{group}]\n" + "\n".join(rows) + "\n\n"
        for group, rows in lines.items()
    )
    (info / "entry_points.txt").write_text(text)
    for file, source in (modules or {}).items():
        path = place / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


class Place:
    """A directory on the path of this interpreter, for the time of a test."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.path = path
        self._before = set(sys.modules)
        patch.syspath_prepend(path)

    def install(self, *args: object, **settings: object) -> None:
        install(self.path, *args, **settings)  # type: ignore[arg-type]
        importlib.invalidate_caches()

    def forget(self) -> None:
        """Modules of the plugins are loaded anew by the next test."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None) or ""
            if name not in self._before and file.startswith(str(self.path)):
                del sys.modules[name]
