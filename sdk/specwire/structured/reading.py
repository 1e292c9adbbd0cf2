"""A text read as a value: JSON, held against a schema, made into a type's value."""

from __future__ import annotations

from typing import Any, Final

from ..core import codec
from .shapes import is_pydantic

_MOST: Final = 5
"""Of more problems a model makes nothing, and neither do people."""
_MISSING: Final[Any] = object()


class Misfit(Exception):
    """Why a text is not the value.

    :ivar text: the text.
    :ivar pointer: JSON Pointer to the first part that does not fit.
    :ivar problems: each part that does not fit, in words, up to five.
    """

    def __init__(
        self, words: str, text: str, pointer: str = "", problems: tuple[str, ...] = ()
    ) -> None:
        super().__init__(words)
        self.text = text
        self.pointer = pointer
        self.problems = problems or (words,)


def read(kind: Any, schema: Any, text: str, *, within: bool = False) -> Any:
    """The value that ``text`` says.

    :param kind: its type; ``Any`` leaves it as JSON data.
    :param schema: what it has to fit.
    :param within: whether the JSON may stand among other words.
    :raises Misfit: where it says none.
    """
    return made(kind, schema, _data(text, within=within), text)


def made(kind: Any, schema: Any, data: Any, text: str) -> Any:
    """JSON ``data`` as a value of ``kind``, checked.

    :raises Misfit: where it does not fit.
    """
    from .checks import problem, problems
    from .values import value_of

    if not is_pydantic(kind):
        found = problem(schema, data)
        if found is not None:
            told = tuple(f"at {at or '/'}: {why}" for at, why in problems(schema, data))
            raise Misfit(f"does not fit: {found[1]}", text, found[0], told[:_MOST])
    try:
        return value_of(kind, data)
    except Exception as error:  # the class's own checks raise what they like
        raise Misfit(f"is refused by {_name(kind)}: {error}", text) from None


def _data(text: str, *, within: bool) -> Any:
    try:
        return codec.loads_text(text)
    except ValueError as error:
        if within:
            from .extracting import extract_json

            found = extract_json(text, _MISSING)
            if found is not _MISSING:
                return found
        raise Misfit(f"is not JSON ({str(error)[:80]})", text) from None


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))
