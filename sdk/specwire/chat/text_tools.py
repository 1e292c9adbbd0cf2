"""Tool calls for models that cannot make them natively: asked for and read as text.

The prompt is :mod:`.text_tool_prompts`, the reading is :mod:`.text_tool_reading`; here
are the names a program uses. What a text asks for is only a wish: nothing is run here.
Source: AI-Protocol, ``docs/spec/text-tool-call/``.

::

    parser = StandardTextToolParser(TextToolConfig(lenient_parsing=True))
    system = parser.prompt_instructions(tools)
    text, calls = parser.parse(reply)
    answer = parser.format_results([TextToolResult(calls[0].id, "12 files")])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, Protocol

from . import text_tool_prompts as prompts
from .capabilities import tool_mode
from .record import Described, part
from .text_tool_dialects import Found, Markup
from .text_tool_reading import Reader
from .tools import ToolCall, ToolDefinition


class NativeStrategy(str, Enum):
    """How a provider's models call tools."""

    FULL = "full"
    """As its API offers it."""
    HYBRID = "hybrid"
    """As its API offers it, and sometimes in the text all the same."""
    TEXT_ONLY = "text_only"
    """Only in the text."""


class TextToolConfig:
    """How calls in a text are asked for and read.

    :ivar lenient_parsing: also read the forms that are not the standard one.
    :ivar prompt_level: ``L1``, ``L2`` or ``L3``: how insistent the prompt is.
    :ivar locale: the prompt's language, ``en`` or ``zh``.
    :ivar include_counterexamples: whether the prompt names the wrong forms.
    :ivar args_key: a further word for ``arguments``.
    :ivar dialects: further tags, each with the tool it calls.
    :ivar max_call_depth: the protocol's constant; a call inside a call is never made.
    """

    __slots__ = (
        "args_key",
        "dialects",
        "include_counterexamples",
        "lenient_parsing",
        "locale",
        "max_call_depth",
        "prompt_level",
    )

    def __init__(
        self,
        *,
        lenient_parsing: bool = False,
        prompt_level: str = "L1",
        locale: str = "en",
        include_counterexamples: bool = True,
        args_key: str | None = None,
        dialects: Mapping[str, str] | Iterable[Any] = (),
        max_call_depth: int = 1,
    ) -> None:
        self.max_call_depth = max_call_depth
        self.lenient_parsing = lenient_parsing
        self.prompt_level = str(getattr(prompt_level, "value", prompt_level))
        self.locale = locale
        self.include_counterexamples = include_counterexamples
        self.args_key = args_key
        self.dialects = dict(_dialects(dialects))

    @classmethod
    def of(cls, given: TextToolConfig | Mapping[str, Any] | None) -> TextToolConfig:
        """``given``; of a mapping the members that are a config's."""
        if isinstance(given, cls):
            return given
        members = given if isinstance(given, Mapping) else {}
        return cls(**{name: members[name] for name in cls.__slots__ if name in members})


def _dialects(given: Mapping[str, str] | Iterable[Any]) -> Iterator[tuple[str, str]]:
    """``(tag, tool)`` of each; tool is "" where the attribute ``name`` says it."""
    pairs: Iterable[Any] = given.items() if isinstance(given, Mapping) else given
    for each in pairs:
        if isinstance(each, Mapping):
            tag, tool = each.get("tag"), each.get("map_to")
        elif isinstance(each, tuple):
            tag, tool = each
        else:
            tag, tool = each.tag, each.map_to
        if isinstance(tag, str) and tag:
            named = isinstance(tool, str) and not tool.startswith("$")
            yield tag, str(tool) if named else ""


class ParsedText(NamedTuple):
    """A reply without its markup, and the calls that were in it."""

    remaining_text: str
    tool_calls: list[ToolCall]


class TextToolResult(NamedTuple):
    """What a call came to.

    :ivar content: a text, or anything JSON can say.
    """

    tool_use_id: str
    content: Any
    is_error: bool = False


class TextToolParser(Protocol):
    """What a parser of one's own has."""

    def parse(self, response_text: str) -> tuple[str, list[ToolCall]]: ...

    def prompt_instructions(self, tools: Iterable[Any]) -> str: ...

    def format_results(self, results: Iterable[Any]) -> str: ...


class StandardTextToolParser:
    """Asks for tool calls in the text, and reads them."""

    def __init__(
        self, config: TextToolConfig | Mapping[str, Any] | None = None
    ) -> None:
        self.config = TextToolConfig.of(config)
        self._markup = Markup(
            lenient=self.config.lenient_parsing,
            tags=self.config.dialects,
            args_key=self.config.args_key or "",
        )

    @classmethod
    def from_manifest_tool_calling(
        cls, tool_calling: Mapping[str, Any] | None
    ) -> StandardTextToolParser:
        """As ``capabilities.tool_calling`` of a manifest says, and lenient."""
        fallback = _member(tool_calling, "text_fallback")
        return cls(
            TextToolConfig(
                lenient_parsing=True,
                prompt_level=fallback.get("prompt_level") or "L2",
                args_key=fallback.get("args_key"),
                dialects=fallback.get("known_dialects") or (),
            )
        )

    def parse(self, response_text: str) -> ParsedText:
        """The text without its calls, trimmed, and the calls in order.

        A malformed call stays in the text; the others are read all the same.
        """
        reader = TextToolStream(self)
        parts = [*reader.feed(response_text), *reader.end()]
        calls = [part for part in parts if isinstance(part, ToolCall)]
        text = "".join(part for part in parts if isinstance(part, str))
        return ParsedText(text.strip(), calls)

    def stream(self) -> TextToolStream:
        """A reader for a reply that comes in pieces."""
        return TextToolStream(self)

    def prompt_instructions(self, tools: Iterable[Any]) -> str:
        """The text for the system message: the format, its rules and ``tools``.

        :param tools: definitions, or dicts in OpenAI's, Anthropic's or the flat shape.
        """
        config = self.config
        return prompts.instructions(
            [_told(tool) for tool in tools],
            level=config.prompt_level,
            locale=config.locale,
            counterexamples=config.include_counterexamples,
        )

    def format_results(self, results: Iterable[Any]) -> str:
        """The text for the next message: a ``<tool_result>`` block for each result."""
        return "\n".join(
            prompts.result_block(
                each.tool_use_id,
                each.content,
                is_error=bool(getattr(each, "is_error", False)),
            )
            for each in results
        )


def _told(tool: Any) -> tuple[str, str, Mapping[str, Any]]:
    given = ToolDefinition.of(tool)
    if isinstance(given, ToolDefinition):
        return given.name, given.description or "", given.parameters
    return str(given.get("name") or given.get("type") or ""), "", {}


class TextToolStream:
    """A reply that comes in pieces, as text and :class:`~.tools.ToolCall` objects.

    Text is handed out as soon as it cannot be markup any more, untrimmed. Together, and
    whatever the pieces, it is what :meth:`StandardTextToolParser.parse` gives.
    """

    def __init__(self, parser: StandardTextToolParser) -> None:
        self._reader = Reader(parser._markup)
        self._calls = 0

    def feed(self, piece: str) -> list[str | ToolCall]:
        """What ``piece`` settles, in order."""
        return self._made(self._reader.feed(piece))

    def end(self) -> list[str | ToolCall]:
        """What was held back, now that nothing more comes."""
        return self._made(self._reader.end())

    def _made(self, parts: list[str | Found]) -> list[str | ToolCall]:
        return [part if isinstance(part, str) else self._call(part) for part in parts]

    def _call(self, found: Found) -> ToolCall:
        self._calls += 1
        return ToolCall(f"text_tool_{self._calls - 1}", found.name, found.arguments)


def parse_hybrid_tool_calls(
    content: str,
    native_tool_calls: Iterable[Any] | None = None,
    config: TextToolConfig | Mapping[str, Any] | None = None,
) -> ParsedText:
    """The calls of a reply that may have made them natively or in its text.

    Native calls win, and the text stays as it is; without any, the text is read,
    leniently unless ``config`` says otherwise.
    """
    native = [ToolCall.of(call) for call in native_tool_calls or ()]
    if native:
        return ParsedText(content, native)
    chosen = TextToolConfig(lenient_parsing=True) if config is None else config
    return StandardTextToolParser(chosen).parse(content)


class ToolCallingPolicy:
    """How a provider's models are offered tools, and where their calls are looked for.

    :ivar native_strategy: one of :class:`NativeStrategy`.
    :ivar parser: reads the calls that stand in the text.
    """

    def __init__(
        self,
        native_strategy: NativeStrategy | str,
        parser: StandardTextToolParser | None = None,
    ) -> None:
        self.native_strategy = NativeStrategy(native_strategy)
        self.parser = parser or StandardTextToolParser({"lenient_parsing": True})

    @classmethod
    def from_tool_calling(
        cls, tool_calling: Mapping[str, Any] | None
    ) -> ToolCallingPolicy:
        """As ``capabilities.tool_calling`` says; where it says nothing, only as text.

        A model that is unreliable calls natively all the same where the manifest offers
        no text form to fall back on.
        """
        native = _member(tool_calling, "native")
        said = bool(tool_calling) and "native" in (tool_calling or {})
        strategy = NativeStrategy.FULL
        if not said or native.get("supported") is False:
            strategy = NativeStrategy.TEXT_ONLY
        elif _member(tool_calling, "text_fallback"):
            strategy = {
                "partial": NativeStrategy.HYBRID,
                "unreliable": NativeStrategy.TEXT_ONLY,
            }.get(str(native.get("reliability")), NativeStrategy.FULL)
        return cls(
            strategy, StandardTextToolParser.from_manifest_tool_calling(tool_calling)
        )

    @classmethod
    def of(cls, manifest: Described) -> ToolCallingPolicy:
        """As a provider's manifest says; where it says nothing, natively."""
        words = {"native": "full"}
        mode = tool_mode(manifest)
        parser = StandardTextToolParser.from_manifest_tool_calling(
            part(manifest, "tool_calling")
        )
        return cls(words.get(mode, mode), parser)

    @property
    def mode(self) -> str:
        """``native``, ``hybrid`` or ``text_only``."""
        full = self.native_strategy is NativeStrategy.FULL
        return "native" if full else self.native_strategy.value

    def send_native_tool_specs(self) -> bool:
        """Whether a request carries the tools' definitions."""
        return self.native_strategy is not NativeStrategy.TEXT_ONLY

    def prefer_native_dispatcher(self) -> bool:
        """Whether native calls win over those in the text."""
        return self.send_native_tool_specs()

    def read(self, content: str, native_tool_calls: Iterable[Any] = ()) -> ParsedText:
        """Text and calls of a reply, as this policy looks for them."""
        native = [ToolCall.of(call) for call in native_tool_calls]
        if native or self.native_strategy is NativeStrategy.FULL:
            return ParsedText(content, native)
        return self.parser.parse(content)


def _member(given: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    member = given.get(name) if given else None
    return member if isinstance(member, Mapping) else {}
