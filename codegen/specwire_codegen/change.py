"""One difference between two versions of a document, and how much of a step it is."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from .problems import shown

Step: TypeAlias = Literal["none", "patch", "minor", "major"]


@frozen
class Change:
    """``where`` and ``what`` are for people, and safe to print."""

    kind: Literal["breaks", "changed", "added"]
    where: str
    what: str
    step: Step


def breaks(where: str, what: str) -> Change:
    """A program that was right may fail, or not pass its type check."""
    return Change("breaks", shown(where), shown(what), "major")


def changed(where: str, what: str) -> Change:
    """Programs go on, but somebody may want to know."""
    return Change("changed", shown(where), shown(what), "minor")


def added(where: str, what: str) -> Change:
    """Something that was not there."""
    return Change("added", shown(where), shown(what), "minor")
