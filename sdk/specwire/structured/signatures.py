"""A function's parameters as members, by its hints and its docstring."""

from __future__ import annotations

import inspect
import typing as t
from collections.abc import Mapping

from ..core.types import UNSET
from . import docstrings
from .shapes import Member

_VAR = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _hints(func: t.Any, where: str) -> dict[str, t.Any]:
    """The hints of ``func``; types of the functions around it are found as well."""
    func = inspect.unwrap(func)
    func = func if inspect.isroutine(func) else type(func).__call__
    try:
        return t.get_type_hints(func, include_extras=True)
    except NameError:
        pass
    known: dict[str, t.Any] = {}
    frame = inspect.currentframe()
    while frame is not None:
        known = {**frame.f_locals, **known}
        frame = frame.f_back
    try:
        return t.get_type_hints(func, localns=known, include_extras=True)
    except NameError as error:
        raise TypeError(f"{where}: {error}; is the type imported?") from None


def parameters(
    func: t.Any, where: str, texts: Mapping[str, str] | None = None
) -> tuple[list[Member], bool]:
    """The parameters, and whether others are taken as well (``**kwargs``).

    :param where: what a problem's message begins with.
    :param texts: what is said of them; by default what the docstring says.
    :raises TypeError: for a hint that cannot be found, or ``*args``.
    """
    if texts is None:
        texts = docstrings.read(inspect.getdoc(func)).parameters
    hints = _hints(func, where)
    members = []
    taken = inspect.signature(func).parameters.values()
    for parameter in taken:
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise TypeError(f"{where}: a model cannot give *{parameter.name}")
        if parameter.kind in _VAR:
            continue
        none = parameter.default is parameter.empty
        hint = hints.get(parameter.name, t.Any)
        members.append(
            Member(
                parameter.name,
                parameter.name,
                t.Optional[hint] if parameter.default is None else hint,  # noqa: UP045
                required=none,
                told=texts.get(parameter.name, ""),
                default=UNSET if none else parameter.default,
            )
        )
    return members, any(p.kind is p.VAR_KEYWORD for p in taken)
