"""The one door to the compiler, for manifests that did not come with the package.

A user's own manifest goes through the compiler that made the built-in records, so both
kinds behave alike. It is imported here and nowhere else, and only when a manifest
comes: programs that use built-in providers never load it, nor a YAML parser.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from ..core.errors import ManifestError
from . import builtin

Source: TypeAlias = "Mapping[str, Any] | str | os.PathLike[str]"
"""A mapping, a file, or YAML or JSON text: of several lines, or one with a brace."""


def compiled(data: Source, *, strict: bool = False) -> Mapping[str, Any]:
    """The record of a manifest: of a mapping, of a file, or of YAML or JSON text.

    Text of several lines is a document; of one line, a path.

    :param strict: check it by the full JSON Schema of its version as well.
    :raises ManifestError: ``problems`` lists everything that is wrong, each a line
        ``file:line:col: error CODE message``.
    """
    from specwire_codegen.manifests import compile_manifest

    with _checked(data) as (source, problems):
        read_data = _read(data, problems)
        record: Mapping[str, Any] = {}
        if not problems.has_errors:
            record = compile_manifest(
                read_data, builtin.dialects(), source=source, problems=problems
            )
    return record


def read(data: Source) -> Mapping[str, Any]:
    """The data of a manifest as it is written, unchecked but for its being a mapping.

    :raises ManifestError: where it cannot be read.
    """
    with _checked(data) as (_, problems):
        found = _read(data, problems)
    return found


def rules(
    event_map: list[Any], candidate: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rules of an event map alone; ``candidate`` as in a manifest's ``streaming``.

    :raises ManifestError: for an expression that cannot be read.
    """
    from specwire_codegen.manifests import compile_rules

    with _checked({}) as (_, problems):
        found: list[dict[str, Any]] = compile_rules(
            event_map, candidate=candidate, problems=problems
        )
    return found


def contract(data: Source, *, part: str | None = None) -> Mapping[str, Any]:
    """A provider's contract, checked: ``{"blocks": {...}, "ref_resolutions": [...]}``.

    :param part: ``content_block_mapping`` where ``data`` is no more than that.
    :raises ManifestError: where it breaks the protocol's rules.
    """
    from specwire_codegen.manifest_contract import check_contract

    with _checked(data) as (source, problems):
        said = _read(data, problems)
        found: Mapping[str, Any] = check_contract(
            said, source=source, problems=problems, part=part
        )
    return found


@contextmanager
def _checked(data: Source) -> Iterator[tuple[str, Any]]:
    """The source's name and a place for problems, which are raised at the end."""
    from specwire_codegen.problems import Problems, Unusable

    problems, source = Problems(), "manifest"
    if not isinstance(data, Mapping) and not _is_text(data):
        source = os.fspath(data)
    try:
        yield source, problems
    except Unusable as error:
        raise _refused(source, error.problems) from None
    if problems.has_errors:
        raise _refused(source, problems)


def _is_text(data: Any) -> bool:
    return isinstance(data, str) and ("\n" in data or data.lstrip()[:1] == "{")


def _read(data: Source, problems: Any) -> Mapping[str, Any]:
    from specwire_codegen.manifests import read_manifest

    if isinstance(data, Mapping):
        return data
    given: Any = data if _is_text(data) else Path(os.fspath(data))
    found: Mapping[str, Any] = read_manifest(given, problems)
    return found


def _refused(source: str, problems: Any) -> ManifestError:
    lines = [line for line in problems.render(notes=False) if " error " in line]
    shown = "; ".join(lines[:3]) + ("; …" if len(lines) > 3 else "")
    name = os.path.basename(source)
    return ManifestError(
        f"{name}: the manifest cannot be used: {shown}", problems=lines
    )
