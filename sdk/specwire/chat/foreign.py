"""The one door to the compiler, for manifests that did not come with the package.

A user's own manifest goes through the compiler that made the built-in records, so both
kinds behave alike. It is imported here and nowhere else, and only when a manifest
comes: programs that use built-in providers never load it, nor a YAML parser.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ..core.errors import ManifestError
from . import builtin

if TYPE_CHECKING:
    from specwire_codegen.problems import Problems

T = TypeVar("T")
_TEXT = "manifest"


Given: TypeAlias = "Mapping[str, Any] | str | os.PathLike[str]"
"""Data, a file, or YAML or JSON text: with a line break, or beginning with a brace."""


def compiled(data: Given, *, strict: bool = False) -> Mapping[str, Any]:
    """The record of a manifest: of a mapping, of a file, or of YAML or JSON text.

    Text with a line break, or that begins with a brace, is a document; other, a path.

    :param strict: check it by the full JSON Schema as well.
    :raises ManifestError: ``problems`` lists everything that is wrong, each a line
        ``file:line:col: error CODE message``.
    """
    return _checked(data, lambda *where: _record(data, strict, *where))


def read(data: Given) -> Mapping[str, Any]:
    """The data of a manifest as it is written; only that it is a mapping is checked.

    :raises ManifestError: where it cannot be read.
    """
    return _checked(data, lambda *where: _data(data, *where))


def rules(
    event_map: list[Any], candidate: Mapping[str, Any] | None = None
) -> Sequence[Mapping[str, Any]]:
    """The rules of an event map alone; ``candidate`` as in a manifest's ``streaming``.

    :raises ManifestError: for an expression that cannot be read.
    """
    from specwire_codegen.manifests import compile_rules

    return _checked(
        {},
        lambda source, problems: compile_rules(
            event_map, candidate=candidate, source=source, problems=problems
        ),
    )


def contract(data: Given, *, part: str | None = None) -> Mapping[str, Any]:
    """A provider's contract, checked: ``{"blocks": {...}, "ref_resolutions": [...]}``.

    :param part: ``content_block_mapping`` where ``data`` is no more than that.
    :raises ManifestError: where it breaks the protocol's rules.
    """
    from specwire_codegen.manifest_contract import check_contract

    return _checked(
        data,
        lambda source, problems: check_contract(
            _data(data, source, problems), source=source, problems=problems, part=part
        ),
    )


def _checked(data: Given, work: Callable[[str, Problems], T]) -> T:
    """What ``work`` makes, unless it finds something wrong."""
    from specwire_codegen import reporting
    from specwire_codegen.problems import Problems, Unusable

    problems = Problems()
    made: T | None = None
    source = _source(data)
    try:
        made = work(source, problems)
    except Unusable:
        pass
    if made is not None and not problems.has_errors:
        return made
    lines = reporting.lines(problems, Path.cwd(), notes=False)
    errors = [line for line in lines if " error " in line]
    shown = "; ".join(errors[:3]) + ("; …" if len(errors) > 3 else "")
    # Outside of the handler: its error holds the manifest's whole text.
    raise ManifestError(
        f"{os.path.basename(source)}: the manifest cannot be used: {shown}",
        problems=errors,
    )


def _source(data: Given) -> str:
    if isinstance(data, Mapping):
        return _TEXT
    path = os.fspath(data)
    text = isinstance(data, str) and ("\n" in path or path.lstrip()[:1] == "{")
    return _TEXT if text else path


def _data(data: Any, source: str, problems: Problems) -> Mapping[str, Any]:
    from specwire_codegen.manifests import read_manifest

    if isinstance(data, Mapping):
        return data
    where = data if source == _TEXT else Path(source)
    return read_manifest(where, problems, file=source.replace("#", "%23"))


def _record(
    data: Any, strict: bool, source: str, problems: Problems
) -> Mapping[str, Any]:
    from specwire_codegen.manifests import compile_manifest

    data = _data(data, source, problems)
    if strict:
        from specwire_codegen.manifest_schema import check_schema

        check_schema(data, builtin.schemas()["manifest"], f"{source}#", problems)
    return compile_manifest(data, builtin.dialects(), source=source, problems=problems)
