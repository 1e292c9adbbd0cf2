"""What all dialects share: the walk from a request to a body.

Each dialect says how a part, a turn, a tool and the form of the answer are written;
where the system text goes and what the roles are called is the record's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ...core.errors import RequestValidationError, UnsupportedCapabilityError
from ..messages import ContentBlock, Message, json_text
from ..tools import ToolCall, ToolChoice, ToolDefinition
from . import media
from .thinking import budget

if TYPE_CHECKING:
    from ..formats import ResponseFormat
    from ..record import Record

SYSTEM = ("system", "developer")
SIGNATURES = ("thoughtSignature", "thought_signature", "signature")
_PLACED = ("tool_calls", "tool_call_id", "tool_use_id", "is_error")
"""Members of a message that stand elsewhere on the wire, or are said by its blocks."""


class Dialect:
    """Writes one request.

    :ivar body: what has been written so far.
    :ivar calls: the names of the tools that were called, by the calls' ids.
    :ivar most: how far ``max_tokens`` may be raised, where the caller did not say it.
    """

    shapes: ClassVar[Mapping[str, str]]
    """What is not text, and the shape it has where the record does not say."""
    system = "message"
    """Where system text goes, where the record does not say."""
    default_roles: ClassVar[Mapping[str, str]] = {}
    unsaid: ClassVar[tuple[str, ...]] = ()
    """Members that others have a word for, and this one has not."""
    thinks_at: ClassVar[tuple[str, ...]] = ()
    """Where the budget of thinking stands, where effort is said as one."""
    names_model = True
    """Whether the body says the model's name."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.where = f"chat ({record.get('id') or 'provider'})"
        self.rules: Mapping[str, Any] = record.get("blocks") or {}
        self.roles: Mapping[str, str] = record.get("roles") or {}
        self.body: dict[str, Any] = {}
        self.calls: dict[str, str] = {}
        self.most: int | None = None

    # -- what a dialect says -----------------------------------------------------

    def text(self, block: ContentBlock) -> dict[str, Any]:
        """A text part."""
        beside = extra(block, "text", *self.unsaid)
        return {"type": "text", "text": block.text or "", **beside}

    def thinking(self, block: ContentBlock) -> dict[str, Any] | None:
        """What was thought, where it is sent back; else ``None``."""
        return None

    def turns(self, messages: Sequence[Message]) -> None:
        """Write the turns into the body."""
        raise NotImplementedError

    def put_system(self, blocks: Sequence[ContentBlock]) -> None:
        """Write the system text beside the turns."""
        self.body["system"] = "\n\n".join(b.text for b in blocks if b.text)

    def tools(self, tools: Sequence[ToolDefinition | Mapping[str, Any]]) -> None:
        raise NotImplementedError

    def choice(self, choice: ToolChoice, tools: Sequence[Any]) -> None:
        raise NotImplementedError

    def parallel(self, allowed: bool) -> None:
        """Say whether several tools may be called at once, where there is a word."""

    def answer(self, form: ResponseFormat) -> None:
        """Say what the answer is to look like."""
        raise NotImplementedError

    def effort(self, value: str | int, wire: Sequence[str]) -> None:
        """Say how much is to be thought; ``wire`` is the record's place for it."""
        if self.thinks_at and tuple(wire) in (("reasoning_effort",), self.thinks_at):
            self.think(budget(value, self.where))
        elif value != "auto":
            put(self.body, wire, value)

    def within(self, tokens: int, most: Any) -> int:
        """``tokens``, so that some of ``most`` are left for the answer."""
        return min(tokens, most * 3 // 4) if isinstance(most, int) else tokens

    def think(self, tokens: int | None) -> None:
        """Think at most so many tokens; ``None`` leaves it to the model."""
        raise NotImplementedError

    # -- what they share ---------------------------------------------------------

    def conversation(self, messages: Iterable[Any]) -> None:
        """Write ``messages``: the system text where it belongs, then the turns.

        :raises RequestValidationError: where nothing is left to send.
        """
        turns = [Message.of(message) for message in messages]
        for message in turns:
            self.calls.update({call.id: call.name for call in message.tool_calls})
        mode = self.record.get("system") or self.system
        if mode != "message":
            said = [m for m in turns if m.role in SYSTEM]
            turns = [m for m in turns if m.role not in SYSTEM]
            blocks = [block for m in said for block in m.blocks()]
            if not all(block.type == "text" for block in blocks):
                raise self.refused("system messages are made of text")
            if blocks and mode == "prepend_to_user":
                turns = _prepended(blocks, turns)
            elif blocks:
                self.put_system(blocks)
        if not turns:
            raise self.refused("expected at least one message")
        self.turns(turns)

    def role(self, role: str) -> str:
        return self.roles.get(role) or self.default_roles.get(role, role)

    def parts(self, blocks: Iterable[ContentBlock]) -> list[dict[str, Any]]:
        """The blocks as parts of the wire; a type of the provider's own is kept."""
        found = (self.part(block) for block in blocks)
        return [part for part in found if part is not None]

    def part(self, block: ContentBlock) -> dict[str, Any] | None:
        if block.type in ("text", "input_text"):
            return self.text(block)
        if block.type in media.KINDS:
            return self.held(block)
        if block.type == "thinking":
            return self.thinking(block)
        return block.to_dict()

    def held(self, block: ContentBlock) -> dict[str, Any]:
        """A part that is not text, in the shape that the record names."""
        source = media.source_of(block, self.where, self.rules)
        rule = self.rules.get(source.kind) or {}
        name = rule.get("format") or self.shapes.get(source.kind)
        shape = media.SHAPES.get(name or "")
        if shape is None:
            raise UnsupportedCapabilityError(
                f"{self.where}: {source.kind} blocks cannot be sent to this provider",
                pointer="/messages",
                capability=source.kind,
            )
        media.measure(source, self.where, self.record)
        part = shape(source, self.where)
        if rule.get("type_field") and "type" in part and source.how != "text":
            part["type"] = rule["type_field"]
        return {**part, **self.beside(block)}

    def beside(self, block: ContentBlock) -> dict[str, Any]:
        """Members of a block that are not its source (``cache_control``)."""
        own = block.type in _OWN
        return extra(block, *_HELD, *self.unsaid) if own else {}

    def result_text(self, block: ContentBlock) -> str:
        """What a tool gave, as text."""
        content = block.content
        if content is None:
            return ""
        if isinstance(content, list) and all(is_block(b) for b in content):
            blocks = [ContentBlock.of(b) for b in content]
            if any(b.type != "text" for b in blocks):
                raise self.refused("a tool's result can only be text here")
            text = "\n".join(b.text or "" for b in blocks)
        else:
            text = json_text(content)
        failed = block.is_error and not text.lower().startswith("error")
        return f"Error: {text}" if failed else text

    def extra(self, message: Message) -> dict[str, Any]:
        """What else the message has; sent as it is."""
        known = (*_PLACED, *self.unsaid)
        return {k: v for k, v in message.extra.items() if k not in known}

    def schema(
        self, said: Callable[[Any], dict[str, Any]], schema: Any, pointer: str
    ) -> dict[str, Any]:
        """``schema`` in the provider's words, which ``said`` knows.

        :raises RequestValidationError: where it is no JSON Schema.
        """
        try:
            return said(schema)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self.refused(f"not a JSON Schema: {error}", pointer) from error
        except RecursionError:
            raise self.refused("a JSON Schema that is too deep", pointer) from None

    def refused(self, why: str, pointer: str = "/messages") -> RequestValidationError:
        return RequestValidationError(f"{self.where}: {why}", pointer=pointer)


_OWN = ("image", "audio", "video", "document")
_HELD = (
    *("source", "source_type", "data", "url", "file_id", "mime_type", "media_type"),
    *("title", "filename", "detail"),
)


def extra(block: ContentBlock, *known: str) -> dict[str, Any]:
    """The members of ``block`` beyond ``known``."""
    return {k: v for k, v in block.members.items() if k not in known}


def is_block(value: Any) -> bool:
    """Whether ``value`` is a block, or a dict that is one."""
    known = isinstance(value, Mapping) and isinstance(value.get("type"), str)
    return isinstance(value, ContentBlock) or known


def call_of(block: ContentBlock) -> ToolCall:
    """The call that ``block`` is, without what only Gemini knows of calls."""
    call = ToolCall.of(block.to_dict())
    call.extra = {k: v for k, v in call.extra.items() if k not in SIGNATURES}
    return call


def put(body: dict[str, Any], wire: Sequence[str], value: Any) -> None:
    """Set the member at ``wire``; objects on the way are made."""
    at = body
    for name in wire[:-1]:
        inner = at.get(name)
        at[name] = inner = dict(inner) if isinstance(inner, Mapping) else {}
        at = inner
    at[wire[-1]] = value


def merged(body: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Put ``more`` into ``body``, objects member by member; ``more`` wins."""
    for name, value in more.items():
        mine = body.get(name)
        if isinstance(mine, dict) and isinstance(value, Mapping):
            merged(mine, value)
        else:
            body[name] = value


def _prepended(
    blocks: Sequence[ContentBlock], turns: Sequence[Message]
) -> list[Message]:
    """``turns`` with the system text at the beginning of the first user's."""
    text = "\n\n".join(b.text for b in blocks if b.text)
    turns = list(turns)
    for at, turn in enumerate(turns):
        if turn.role == "user":
            if isinstance(turn.content, str):
                content: Any = f"{text}\n\n{turn.content}"
            else:
                content = [ContentBlock("text", text=text), *turn.blocks()]
            turns[at] = Message("user", content, **turn.extra)
            return turns
    return [Message("user", text), *turns]
