"""One document from its file to where it can be lowered: the front end in one call.

``load → overlay → check → normalise → resolve``. For the steps behind it::

    documents = Documents(problems, root=folder)       # names are relative to root
    opened = open_document(path, documents=documents, overlays=[...])
    documents.settle()                                  # all are opened: judge $refs
    opened.data                                         # the document, 3.1 dialect
    opened.at                                           # "file#", pointer of the whole
    documents.follow(schema, at)                        # (schema, pointer) | None
    problems.render(Positions(folder))                  # file:line:col: ...

One :class:`Documents` may hold several opened documents. After a check every member the
grammar names has the kind it should have (a mapping is a dict, a flag is a bool), so
later steps need not ask again; extensions (``x-…``), examples and defaults are as the
author wrote them. Errors do not stop the work unless nothing is left: whoever writes
files asks ``problems.has_errors`` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from .check import check
from .dialect import normalise
from .problems import Unusable
from .refs import Documents
from .source import Source
from .swagger2 import body_names
from .url import Url


@frozen(eq=False)
class Opened:
    """One document, ready to be lowered: overlaid, checked, in the 3.1 dialect."""

    source: Source
    overlays: tuple[Source, ...]
    data: dict[str, Any]

    @property
    def file(self) -> str:
        """The name of the file in problems and pointers."""
        return self.source.file

    @property
    def at(self) -> str:
        """The pointer of the whole: ``file#``."""
        return f"{self.source.file}#"


def open_document(
    path: Path | Url, *, documents: Documents, overlays: Sequence[Path | Url] = ()
) -> Opened:
    """Read a document, apply ``overlays`` in order, check it and make it 3.1.

    Raises :class:`Unusable` when nothing of it can be used; an overlay that cannot be
    read makes the document unusable too.
    """
    problems = documents.problems
    source = documents.files.named(path)
    if documents.holds(source.file):
        problems.error("P005", f"{source.file}#", "this document is opened twice")
        raise Unusable(problems)
    data = source.data
    sources = tuple(documents.files.named(one) for one in overlays)
    if sources:
        from .overlay import apply  # most documents have none
    for one in sources:
        data = apply(data, one, problems)
    clean = check(data, problems, file=source.file)
    bodies = body_names(clean) if "swagger" in clean else None
    ready = normalise(clean, problems, file=source.file)
    jail = path.resolve().parent if isinstance(path, Path) else None
    documents.take(source.file, ready, jail=jail, bodies=bodies)
    return Opened(source, sources, ready)
