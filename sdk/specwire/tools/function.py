"""``@tool``: a function with type hints and a docstring becomes a tool.

The schema is made when the function is decorated, so that a hint which JSON cannot say
is noticed then. The function stays callable as it was.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing as t
from collections.abc import Callable, Mapping

from ..structured import docstrings
from ..structured.signatures import parameters
from .protocol import ToolInputError
from .schemas import Member, Schema, schema_of_members

F = t.TypeVar("F", bound=Callable[..., t.Any])
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class FunctionTool(t.Generic[F]):
    """A function that a model may call.

    :ivar func: the function; calling the tool calls it.
    :ivar name: what the model calls it.
    :ivar description: what the model is told of it.
    :ivar input_schema: the JSON Schema of its arguments.
    :param options: further members of the definition (``strict``, ``cache_control``).
    """

    def __init__(
        self,
        func: F,
        *,
        name: str | None = None,
        description: str | None = None,
        input_schema: Mapping[str, t.Any] | None = None,
        options: Mapping[str, t.Any] | None = None,
    ) -> None:
        text = docstrings.read(inspect.getdoc(func))
        self.func = func
        self.name = name or _called(func)
        self.description = text.description if description is None else description
        self._members: list[Member] = []
        self._open = True
        if input_schema is None:
            self._members, self._open = parameters(
                func, f"tool {self.name!r}", text.parameters
            )
            self.input_schema: Schema = self._schema()
        else:
            schema: t.Any = input_schema
            if hasattr(schema, "model_json_schema"):
                schema = schema.model_json_schema()
            self.input_schema = dict(schema)
        if not _NAME.fullmatch(self.name):
            raise TypeError(
                f"tool {self.name!r}: a name has 1 to 128 letters, digits, _ and -; "
                "give name="
            )
        self._given = {"name": name, "description": description}
        self._given_schema = input_schema
        self._options = dict(options or {})
        functools.update_wrapper(self, func, updated=())

    def _schema(self) -> Schema:
        try:
            return schema_of_members(self._members, closed=not self._open)
        except TypeError as error:
            raise TypeError(
                f"tool {self.name!r}: {error}; use a type that JSON has, or give "
                "input_schema="
            ) from None

    @property
    def __call__(self) -> F:
        return self.func

    def __get__(self, owner: t.Any, kind: t.Any = None) -> t.Any:
        """The tool of a method, whose ``self`` the model does not give."""
        if owner is None:
            return self
        bound = self.func.__get__(owner, kind)
        schema = self._given_schema
        return FunctionTool(
            bound, **self._given, input_schema=schema, options=self._options
        )

    def to_dict(self) -> dict[str, t.Any]:
        """The definition, as it stands in a request's ``tools``."""
        definition = {"name": self.name, "input_schema": self.input_schema}
        if self.description:
            definition["description"] = self.description
        return {**definition, **self._options}

    def call(self, input: t.Any) -> t.Any:
        """Check ``input`` (parsed JSON), convert it, and call the function with it.

        :raises ToolInputError: where it does not fit; the function was not called.
        """
        from .arguments import checked

        values = checked(self.name, self.input_schema, input)
        if not isinstance(values, dict):
            raise ToolInputError(f"{self.name}: expected an object of arguments")
        args, kwargs = self._converted(values)
        try:
            inspect.signature(self.func).bind(*args, **kwargs)
        except TypeError as error:
            raise ToolInputError(f"{self.name}: {error}") from None
        return self.func(*args, **kwargs)

    def _converted(
        self, values: dict[str, t.Any]
    ) -> tuple[list[t.Any], dict[str, t.Any]]:
        from ..core.codec import Mismatch
        from ..structured.values import value_of

        hints = {member.name: member.kind for member in self._members}
        made = {}
        for name, value in values.items():
            try:
                made[name] = value_of(hints.get(name, t.Any), value)
            except (Mismatch, ValueError, TypeError, ArithmeticError) as error:
                raise ToolInputError(f"{self.name}: at /{name}: {error}") from error
        args = []
        for parameter in inspect.signature(self.func).parameters.values():
            if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in made:
                args.append(made.pop(parameter.name))
        return args, made

    def __repr__(self) -> str:
        return f"<tool {self.name!r}>"


@t.overload
def tool(func: F) -> FunctionTool[F]: ...
@t.overload
def tool(
    func: None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    input_schema: Mapping[str, t.Any] | None = None,
    **options: t.Any,
) -> Callable[[F], FunctionTool[F]]: ...
def tool(
    func: t.Any = None,
    *,
    name: str | None = None,
    description: str | None = None,
    input_schema: Mapping[str, t.Any] | None = None,
    **options: t.Any,
) -> t.Any:
    """Make a tool of a function: ``@tool``, or ``@tool(name=..., description=...)``.

    Name, description and schema come from the function's name, docstring and hints. An
    ``async def`` is for async clients, which await it.

    :param input_schema: the JSON Schema of the arguments, instead of the hints'.
    :param options: further members of the definition, such as ``strict=True``.
    :raises TypeError: for a hint that JSON cannot say.
    """

    def made(function: F) -> FunctionTool[F]:
        return FunctionTool(
            function,
            name=name,
            description=description,
            input_schema=input_schema,
            options=options,
        )

    return made if func is None else made(func)


beta_tool = tool
"""The name that ``anthropic`` gives it."""


def _called(func: t.Any) -> str:
    return str(getattr(func, "__name__", type(func).__name__))
