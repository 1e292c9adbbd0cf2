"""What a chat call gives: the answer, and how the call went.

Where each part stands in a provider's reply is the manifest's business
(:mod:`specwire.chat.reading`); these are the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from ..core.types import Replied
from .tools import ToolCall
from .usage import Usage

if TYPE_CHECKING:
    from .messages import Message


Prices: TypeAlias = "Callable[[], Mapping[str, Any] | None]"
"""What a model's tokens cost; a registry is read for it when somebody asks."""


class Candidate:
    """One answer of those that were asked for.

    :ivar content: the text, ``""`` where there is none.
    :ivar thinking: what the model thought before, or ``None``.
    :ivar finish_reason: ``end_turn``, ``max_tokens``, ``stop_sequence``, ``tool_use``,
        ``refusal``, ``pause_turn``, ``other``; ``None`` where the provider gave none.
    :ivar raw_finish_reason: the provider's own word.
    :ivar thinking_blocks: the thoughts that the provider signed, as it wants them back.
    """

    __slots__ = (
        "content",
        "finish_reason",
        "index",
        "raw_finish_reason",
        "thinking",
        "thinking_blocks",
        "tool_calls",
    )

    def __init__(
        self,
        index: int = 0,
        content: str = "",
        thinking: str | None = None,
        tool_calls: Sequence[ToolCall] = (),
        finish_reason: str | None = None,
        raw_finish_reason: str | None = None,
        *,
        thinking_blocks: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.index = index
        self.content = content
        self.thinking = thinking
        self.tool_calls = list(tool_calls)
        self.finish_reason = finish_reason
        self.raw_finish_reason = raw_finish_reason
        self.thinking_blocks = [dict(block) for block in thinking_blocks]

    def to_message(self) -> Message:
        """The answer as a message, to go on from."""
        from .messages import Message

        content: Any = self.content or None
        if self.thinking_blocks:
            texts = [{"type": "text", "text": self.content}] if self.content else []
            content = [*self.thinking_blocks, *texts]
        return Message.assistant(content, tool_calls=self.tool_calls)

    def __repr__(self) -> str:
        return (
            f"Candidate({self.index}, {self.content!r:.60}, "
            f"{len(self.tool_calls)} tool calls, {self.finish_reason!r})"
        )


class ChatResponse(Replied):
    """A model's answer; its parts are the first candidate's.

    :ivar candidates: all of them; one, where no more were asked for.
    :ivar usage: what is known of the tokens, see :class:`~specwire.chat.usage.Usage`.
    :ivar model: the model that answered, as the provider names it.
    :ivar provider: the manifest's id.
    :ivar id: the provider's name for the answer.
    :ivar raw: the reply as it came; of a stream ``None``.
    :ivar stats: how the call went.
    :ivar target: which endpoint of a router answered; ``None`` without a router.
    """

    target: str | None = None

    def __init__(
        self,
        candidates: Sequence[Candidate] = (),
        *,
        usage: Usage | None = None,
        model: str = "",
        provider: str = "",
        id: str | None = None,
        raw: Any = None,
        prices: Prices | None = None,
    ) -> None:
        self.candidates = list(candidates) or [Candidate()]
        self.usage = Usage() if usage is None else usage
        self.model = model
        self.provider = provider
        self.id = id
        self.raw = raw
        self.stats = CallStats()
        self._prices = prices

    @property
    def content(self) -> str:
        """The text; ``""`` where there is none."""
        return self.candidates[0].content

    text = content

    @property
    def thinking(self) -> str | None:
        """What the model thought before it answered."""
        return self.candidates[0].thinking

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tools that the model wants called."""
        return self.candidates[0].tool_calls

    @property
    def finish_reason(self) -> str | None:
        """Why it ended, see :class:`Candidate`."""
        return self.candidates[0].finish_reason

    @property
    def raw_finish_reason(self) -> str | None:
        """The provider's own word for it."""
        return self.candidates[0].raw_finish_reason

    @property
    def raw_response(self) -> Any:
        """The reply as it came."""
        return self.raw

    @property
    def has_tool_calls(self) -> bool:
        """Whether a tool is to be called."""
        return bool(self.tool_calls)

    @property
    def cost(self) -> float | None:
        """The price of the answer in USD, or ``None`` where it is not known."""
        return self.usage.cost(self._prices() if self._prices is not None else None)

    @property
    def prompt_tokens(self) -> int | None:
        """See :class:`~specwire.chat.usage.Usage`, as for all of these."""
        return self.usage.prompt_tokens

    @property
    def completion_tokens(self) -> int | None:
        """Tokens of the answer; None where the provider does not say."""
        return self.usage.completion_tokens

    @property
    def total_tokens(self) -> int | None:
        """Tokens of request and answer; None where the provider does not say."""
        return self.usage.total_tokens

    @property
    def reasoning_tokens(self) -> int | None:
        """Tokens of thoughts, which are part of the answer's; None if not said."""
        return self.usage.reasoning_tokens

    @property
    def cache_read_tokens(self) -> int | None:
        """Tokens of the request that came from a cache; None if not said."""
        return self.usage.cache_read_tokens

    @property
    def cache_creation_tokens(self) -> int | None:
        """Tokens of the request that went into a cache; None if not said."""
        return self.usage.cache_creation_tokens

    input_tokens = prompt_tokens
    output_tokens = completion_tokens

    def to_message(self) -> Message:
        """The answer as a message, to go on from."""
        return self.candidates[0].to_message()

    def __getstate__(self) -> dict[str, Any]:
        known = self._prices() if self._prices is not None else None
        return {**self.__dict__, "_prices": partial(_as_is, known)}

    def _repr_markdown_(self) -> str | None:
        """What a notebook shows."""
        from ..core.notebooks import markdown

        return markdown(self)

    def __repr__(self) -> str:
        return (
            f"<ChatResponse of {self.model or self.provider}: {self.content!r:.60}, "
            f"{len(self.tool_calls)} tool calls, {self.finish_reason}>"
        )


class CallStats:
    """How a call went; of a stream it is complete at the stream's end.

    :ivar latency_ms: from the call to the whole answer.
    :ivar time_to_first_token_ms: from the call to the first piece of a stream.
    :ivar retry_count: attempts after the first.
    """

    __slots__ = (
        "client_request_id",
        "completion_tokens",
        "endpoint",
        "latency_ms",
        "model",
        "prompt_tokens",
        "provider",
        "retry_count",
        "time_to_first_token_ms",
        "total_tokens",
    )

    def __init__(
        self,
        *,
        total_tokens: int | None = None,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
        latency_ms: float | None = None,
        time_to_first_token_ms: float | None = None,
        retry_count: int = 0,
        model: str = "",
        provider: str = "",
        client_request_id: str = "",
        endpoint: str = "",
    ) -> None:
        self.total_tokens = total_tokens
        self.prompt_tokens = prompt_tokens
        self.completion_tokens = completion_tokens
        self.latency_ms = latency_ms
        self.time_to_first_token_ms = time_to_first_token_ms
        self.retry_count = retry_count
        self.model = model
        self.provider = provider
        self.client_request_id = client_request_id
        self.endpoint = endpoint

    def counted(self, response: ChatResponse) -> None:
        """Take who answered ``response``, and its tokens."""
        self.model, self.provider = response.model, response.provider
        self.prompt_tokens = response.prompt_tokens
        self.completion_tokens = response.completion_tokens
        self.total_tokens = response.total_tokens

    def to_dict(self) -> dict[str, Any]:
        """All of it by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items())
        return f"CallStats({shown})"


def _as_is(prices: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return prices


def read_response(manifest: Any, data: Any, *, model: str = "") -> ChatResponse:
    """A provider's JSON reply as an answer.

    :param model: what was asked for: prices go by it, where the reply names another.
    :raises DecodeError: for JSON in which no answer is.
    """
    from .reading import answer

    return answer(manifest, data, model)
