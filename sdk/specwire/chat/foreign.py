"""The one door to the compiler, for manifests that did not come with the package.

A user's own manifest goes through the compiler that made the built-in records, so both
kinds behave alike. It is imported here and nowhere else, and only when a manifest
comes: programs that use built-in providers never load it, nor a YAML parser.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..core.errors import ManifestError
from . import builtin


def compiled(
    data: Mapping[str, Any] | str | os.PathLike[str], *, strict: bool = False
) -> Mapping[str, Any]:
    """The record of a manifest: of a mapping, of a file, or of YAML or JSON text.

    Text of several lines is a document; of one line, a path.

    :param strict: check it by the full JSON Schema of its version as well.
    :raises ManifestError: ``problems`` lists everything that is wrong, each a line
        ``file:line:col: error CODE message``.
    """
    from specwire_codegen.manifests import compile_manifest, read_manifest

    from specwire_codegen.problems import Problems

    problems = Problems()
    source = "manifest"
    if not isinstance(data, Mapping):
        text = isinstance(data, str) and ("\n" in data or data.lstrip()[:1] == "{")
        source = source if text else os.fspath(data)
        data = read_manifest(data, problems)
    record: Mapping[str, Any] = {}
    if not problems.has_errors:
        record = compile_manifest(
            data, builtin.dialects(), source=source, problems=problems
        )
    if problems.has_errors:
        raise _refused(source, problems)
    return record


def _refused(source: str, problems: Any) -> ManifestError:
    lines = [line for line in problems.render(notes=False) if " error " in line]
    shown = "; ".join(lines[:3]) + ("; …" if len(lines) > 3 else "")
    name = os.path.basename(source)
    return ManifestError(
        f"{name}: the manifest cannot be used: {shown}", problems=lines
    )
