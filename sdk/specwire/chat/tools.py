"""Tools: what a model may call, what it called, and whether it has to.

A definition is understood in each shape that people have lying about: OpenAI's
(``{"type": "function", "function": {...}}``), Anthropic's (``input_schema``), a flat
one (``parameters``), a function, or what ``@tool`` makes. Tools that a provider runs
itself have no such shape, and are handed on as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

from ..core.errors import RequestValidationError

Schema: TypeAlias = Mapping[str, Any]
_ARGUMENTS = (Mapping, str, type(None))
_NOTHING: dict[str, Any] = {"type": "object", "properties": {}}


class ToolDefinition:
    """A function that a model may call.

    :ivar parameters: the JSON Schema of its arguments.
    :ivar strict: whether the provider is to hold the model to the schema, where it can.
    :ivar extra: further members, sent as they are (``cache_control``).
    """

    __slots__ = ("description", "extra", "name", "parameters", "strict")

    def __init__(
        self,
        name: str,
        description: str | None = None,
        parameters: Schema | None = None,
        *,
        strict: bool | None = None,
        **extra: Any,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise RequestValidationError(
                f"tool: expected a name, got {type(name).__name__} {name!r:.40}"
            )
        self.name = name
        self.description = description
        self.parameters: dict[str, Any] = dict(parameters or _NOTHING)
        self.strict = strict
        self.extra = extra

    @classmethod
    def from_function(
        cls,
        function: Callable[..., Any] | None = None,
        description: str | None = None,
        parameters: Schema | None = None,
        strict: bool | None = None,
        *,
        name: str | Callable[..., Any] | None = None,
    ) -> ToolDefinition:
        """A definition from a function's name, docstring and hints.

        ``from_function(name="get_weather", parameters={...})`` needs no function.

        :raises TypeError: for a hint that JSON cannot say, or an async function.
        """
        given = function if function is not None else name
        if not callable(given):
            return cls(given or "", description, parameters, strict=strict)
        from ..tools.function import FunctionTool

        called = name if isinstance(name, str) else None
        made = FunctionTool(
            given, name=called, description=description, input_schema=parameters
        )
        return cls(
            made.name, made.description or None, made.input_schema, strict=strict
        )

    @classmethod
    def of(cls, given: Any) -> ToolDefinition | Mapping[str, Any]:
        """``given`` as a definition; a provider's own tool stays what it is.

        :raises RequestValidationError: for what is no tool.
        """
        if isinstance(given, cls):
            return given
        if hasattr(given, "to_dict"):
            given = given.to_dict()
        elif callable(given):
            return cls.from_function(given)
        if not isinstance(given, Mapping):
            raise RequestValidationError(
                f"tools: expected a ToolDefinition, a dict or a function, got "
                f"{type(given).__name__}"
            )
        return _read(given)

    @property
    def type(self) -> str:
        """Always ``function``."""
        return "function"

    @property
    def function(self) -> ToolDefinition:
        """Itself: ``tool.function.name`` is read by some."""
        return self

    @property
    def input_schema(self) -> dict[str, Any]:
        """``parameters``, as Anthropic calls them."""
        return self.parameters

    def to_dict(self) -> dict[str, Any]:
        """The definition in the shape that most APIs share (OpenAI's)."""
        function: dict[str, Any] = {"name": self.name}
        if self.description:
            function["description"] = self.description
        function["parameters"] = self.parameters
        if self.strict is not None:
            function["strict"] = self.strict
        return {"type": "function", "function": function, **self.extra}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolDefinition) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ToolDefinition({self.name!r})"


def _read(given: Mapping[str, Any]) -> ToolDefinition | Mapping[str, Any]:
    rest = dict(given)
    kind = rest.get("type")
    inner = rest.get("function")
    if isinstance(inner, Mapping):
        del rest["function"]
        rest.pop("type", None)
        rest = {**inner, **rest}
    elif kind not in (None, "function", "custom"):
        return given  # a provider's own tool: web search and the like
    else:
        rest.pop("type", None)
    schema = next(
        (rest[k] for k in ("parameters", "input_schema", "inputSchema") if rest.get(k)),
        None,
    )
    if schema is not None and not isinstance(schema, Mapping):
        raise RequestValidationError(
            f"tools: expected a JSON Schema as a dict, got {type(schema).__name__}"
        )
    named = isinstance(rest.get("name"), str) and bool(rest["name"])
    if not named or (inner is None and schema is None and "description" not in rest):
        if kind is None and not named and inner is None:
            return given  # {"googleSearch": {}}
        if not named:
            raise RequestValidationError("tools: a function without a name")
    known = ("name", "description", "parameters", "input_schema", "inputSchema")
    text, strict = rest.get("description"), rest.get("strict")
    tool = ToolDefinition(rest["name"], text, schema, strict=strict)
    tool.extra = {k: v for k, v in rest.items() if k not in (*known, "strict")}
    return tool


class ToolCall:
    """A call that a model asks for.

    :ivar arguments: parsed; empty where they are no JSON object.
    :ivar arguments_raw: as they came, where they came as text.
    :ivar error: what is wrong with the arguments, or ``None``.
    :ivar extra: further members, such as Gemini's ``thoughtSignature``.
    """

    __slots__ = ("arguments", "arguments_raw", "error", "extra", "id", "name")

    def __init__(
        self,
        id: str = "",
        name: str = "",
        arguments: Mapping[str, Any] | str | None = None,
        arguments_raw: str | None = None,
        *,
        function_name: str = "",
        error: str | None = None,
        **extra: Any,
    ) -> None:
        if isinstance(arguments, str):
            arguments_raw = arguments if arguments_raw is None else arguments_raw
            arguments = None
        if arguments is None and arguments_raw:
            arguments, error = parsed_arguments(arguments_raw)
        self.id = id
        self.name = name or function_name
        self.arguments: dict[str, Any] = dict(arguments or {})
        self.arguments_raw = arguments_raw
        self.error = error
        self.extra = extra

    @classmethod
    def of(cls, given: Any) -> ToolCall:
        """``given``: a call, or a dict in the shape of OpenAI's or Anthropic's."""
        if isinstance(given, cls):
            return given
        if not isinstance(given, Mapping):
            raise RequestValidationError(
                f"tool_calls: expected a ToolCall or a dict, got {type(given).__name__}"
            )
        rest = {k: v for k, v in given.items() if k not in ("type", "index")}
        function = rest.pop("function", None)
        if isinstance(function, Mapping):
            rest = {**rest, **function}
        name = rest.pop("name", None) or rest.pop("function_name", None) or ""
        arguments = rest.pop("arguments", None)
        if arguments is None:
            arguments = rest.pop("input", rest.pop("args", None))
        raw, error = rest.pop("arguments_raw", None), rest.pop("error", None)
        if not isinstance(name, str) or not isinstance(arguments, _ARGUMENTS):
            raise RequestValidationError(
                "tool_calls: expected a name and an object of arguments, got "
                f"{name!r:.40} and {type(arguments).__name__}"
            )
        call = cls(str(rest.pop("id", "") or ""), name, arguments, raw, error=error)
        call.extra = rest
        return call

    @property
    def function_name(self) -> str:
        """The same as ``name``."""
        return self.name

    @property
    def type(self) -> str:
        """Always ``function``."""
        return "function"

    @property
    def text(self) -> str:
        """The arguments as JSON text: as they came, else written."""
        if self.arguments_raw is not None and (self.error or self.arguments):
            return self.arguments_raw
        return json.dumps(self.arguments, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """The call in OpenAI's shape, as an assistant's message holds it."""
        function = {"name": self.name, "arguments": self.text}
        return {"id": self.id, "type": "function", "function": function, **self.extra}

    def to_content_block(self) -> dict[str, Any]:
        """The call as a ``tool_use`` block."""
        block = {"id": self.id, "name": self.name, "input": self.arguments}
        return {"type": "tool_use", **block, **self.extra}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolCall) and other.to_dict() == self.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ToolCall(id={self.id!r}, name={self.name!r}, {self.arguments!r:.120})"


def parsed_arguments(text: str) -> tuple[dict[str, Any], str | None]:
    """The object that ``text`` is, and what is wrong where it is none."""
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        return {}, f"arguments are not JSON: {error}"
    if isinstance(value, dict):
        return value, None
    return {}, f"arguments are JSON of type {type(value).__name__}, not an object"


class ToolChoice:
    """Whether a model has to call a tool: ``auto``, ``none``, ``required`` or one.

    :ivar mode: one of these words, or ``tool``.
    :ivar name: the tool's, where it is one.
    """

    __slots__ = ("mode", "name")
    AUTO: ClassVar[ToolChoice]
    NONE: ClassVar[ToolChoice]
    REQUIRED: ClassVar[ToolChoice]

    def __init__(self, mode: str, name: str | None = None) -> None:
        self.mode = mode
        self.name = name

    @classmethod
    def auto(cls) -> ToolChoice:
        """The model decides."""
        return cls("auto")

    @classmethod
    def none(cls) -> ToolChoice:
        """No tool is called."""
        return cls("none")

    @classmethod
    def required(cls) -> ToolChoice:
        """Some tool is called."""
        return cls("required")

    @classmethod
    def tool(cls, name: str) -> ToolChoice:
        """This tool is called."""
        return cls("tool", name)

    @classmethod
    def of(cls, given: Any, names: Iterable[str] = ()) -> ToolChoice:
        """``given`` in any of its spellings; a tool's bare name is one of them.

        :param names: the tools there are.
        :raises RequestValidationError: for what is no choice.
        """
        if isinstance(given, cls):
            return given
        word, name = getattr(given, "value", given), None  # an enum's member
        if isinstance(word, Mapping):
            function = word.get("function")
            name = function.get("name") if isinstance(function, Mapping) else None
            name = name or word.get("name")
            word = word.get("type", "tool")
        known = _WORDS.get(str(word).lower()) if isinstance(word, str) else None
        if name:
            return cls("tool", str(name))
        if known and known != "tool":
            return cls(known)
        if isinstance(given, str) and given in names:
            return cls("tool", given)
        raise RequestValidationError(
            f"tool_choice: expected auto, none, required or the name of a tool, got "
            f"{given!r:.80}",
            pointer="/tool_choice",
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return other == (self.name or self.mode)
        same = isinstance(other, ToolChoice)
        return same and (other.mode, other.name) == (self.mode, self.name)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self.name or self.mode)

    def __repr__(self) -> str:
        return (
            f"ToolChoice({', '.join(map(repr, filter(None, (self.mode, self.name))))})"
        )


_WORDS = {
    **dict.fromkeys(("auto",), "auto"),
    **dict.fromkeys(("none",), "none"),
    **dict.fromkeys(("required", "any"), "required"),
    **dict.fromkeys(("tool", "function"), "tool"),
}
ToolChoice.AUTO = ToolChoice("auto")
ToolChoice.NONE = ToolChoice("none")
ToolChoice.REQUIRED = ToolChoice("required")
