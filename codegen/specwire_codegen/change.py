"""One difference between two versions of a document, and how much of a step it is."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

from .problems import shown

Step: TypeAlias = Literal["none", "patch", "minor", "major"]
Kind: TypeAlias = Literal["breaks", "renamed", "changed", "added"]


@frozen
class Change:
    """``where`` and ``what`` are for people, and safe to print."""

    kind: Kind
    where: str
    what: str
    step: Step


def breaks(where: str, what: str) -> Change:
    """A program that was right may fail, or not pass its type check."""
    return Change("breaks", shown(where), shown(what), "major")


def renamed(where: str, what: str) -> Change:
    """A class has another name and is the same: programs that name it must too."""
    return Change("renamed", shown(where), shown(what), "major")


def changed(where: str, what: str) -> Change:
    """Programs go on, but somebody may want to know."""
    return Change("changed", shown(where), shown(what), "minor")


def told(where: str, what: str) -> Change:
    """Nothing but what is written about a part."""
    return Change("changed", shown(where), shown(what), "patch")


def added(where: str, what: str) -> Change:
    """Something that was not there."""
    return Change("added", shown(where), shown(what), "minor")
