"""The one door to the compiler, for manifests that did not come with the package.

A user's own manifest goes through the compiler that made the built-in records, so both
kinds behave alike. It is imported here and nowhere else, and only when a manifest
comes: programs that use built-in providers never load it, nor a YAML parser.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import ManifestError
from . import builtin

if TYPE_CHECKING:
    from specwire_codegen.problems import Problems

_TEXT = "manifest"


def compiled(
    data: Mapping[str, Any] | str | os.PathLike[str], *, strict: bool = False
) -> Mapping[str, Any]:
    """The record of a manifest: of a mapping, of a file, or of YAML or JSON text.

    Text with a line break, or that begins with a brace, is a document; other, a path.

    :param strict: check it by the full JSON Schema as well.
    :raises ManifestError: ``problems`` lists everything that is wrong, each a line
        ``file:line:col: error CODE message``.
    """
    from specwire_codegen import reporting
    from specwire_codegen.problems import Problems, Unusable

    problems = Problems()
    record: Mapping[str, Any] = {}
    source = _source(data)
    try:
        record = _record(data, source, strict, problems)
    except Unusable:
        pass
    if record and not problems.has_errors:
        return record
    lines = reporting.lines(problems, Path.cwd(), notes=False)
    errors = [line for line in lines if " error " in line]
    shown = "; ".join(errors[:3]) + ("; …" if len(errors) > 3 else "")
    # Outside of the handler: its error holds the manifest's whole text.
    raise ManifestError(
        f"{os.path.basename(source)}: the manifest cannot be used: {shown}",
        problems=errors,
    )


def _source(data: Mapping[str, Any] | str | os.PathLike[str]) -> str:
    if isinstance(data, Mapping):
        return _TEXT
    path = os.fspath(data)
    text = isinstance(data, str) and ("\n" in path or path.lstrip()[:1] == "{")
    return _TEXT if text else path


def _record(data: Any, source: str, strict: bool, problems: Problems) -> dict[str, Any]:
    from specwire_codegen.manifests import compile_manifest, read_manifest

    if not isinstance(data, Mapping):
        where = data if source == _TEXT else Path(source)
        data = read_manifest(where, problems, file=source.replace("#", "%23"))
    if strict:
        from specwire_codegen.manifest_schema import check_schema

        check_schema(data, builtin.schemas()["manifest"], f"{source}#", problems)
    return compile_manifest(data, builtin.dialects(), source=source, problems=problems)
