"""Warnings of what an API is about to take away, at the line of the caller.

An operation's record says which values of an argument end on which day and which
arguments are said in another place now (:attr:`Operation.retiring`), and which have a
better value (:attr:`Operation.replaced`). Loaded when a call uses one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import RequestValidationError
from .types import UNSET
from .warned import packages_of, warn

if TYPE_CHECKING:
    from .resource import Operation


def warn_of_value(
    operation: Operation[Any], name: str, value: str, day: str, resource: type
) -> None:
    """Say that the API takes ``value`` no more from ``day`` (``2025-07-21``) on."""
    _warn(
        f"{operation.name}: {name} {value!r} is deprecated, the API takes it until "
        f"{day}; choose another {name}",
        resource,
    )


def warn_of_part(
    operation: Operation[Any],
    args: Mapping[str, Any],
    name: str,
    better: tuple[str, str, str, str, tuple[str, ...]],
    resource: type,
) -> None:
    """Say that a member of argument ``name`` has a better value than it was given."""
    part, value, instead, other, _ = better
    given = args[name]
    found = given.get(part) if isinstance(given, Mapping) else None
    if found == value:
        _warn(
            f"{operation.name}: with {other} {args[other]!r} {name}={{{part!r}: "
            f"{value!r}}} is deprecated; {instead!r} works better",
            resource,
            UserWarning,
        )


def moved(
    operation: Operation[Any],
    args: Mapping[str, Any],
    name: str,
    place: tuple[str, str],
    resource: type,
) -> Mapping[str, Any]:
    """``args`` with argument ``name`` where it is said now, as member of another.

    :raises RequestValidationError: where the caller has said it there as well.
    """
    target, member = place
    _warn(
        f"{operation.name}: {name} is deprecated; write {target}={{{member!r}: ...}}",
        resource,
    )
    there = {} if args[target] in (UNSET, None) else args[target]
    if not isinstance(there, Mapping):
        return args
    if there.get(member) not in (UNSET, None):
        raise RequestValidationError(
            f"{operation.name}: both {name} and {target}[{member!r}] are given; "
            "leave the former out",
            pointer=f"/{name}",
        )
    return {**args, name: UNSET, target: {**there, member: args[name]}}


def _warn(
    message: str, resource: type, kind: type[Warning] = DeprecationWarning
) -> None:
    """Warn at the innermost line that is not in this package or the resource's."""
    warn(message, kind, *packages_of(resource.__module__))
