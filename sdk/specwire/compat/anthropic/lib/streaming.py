"""A streamed message and its events, under their official names.

The beta ones are the same classes. What is parsed has no class of its own: the event or
message has one attribute more.
"""

from __future__ import annotations

from ....core.lazily import lazily

_TASKS = ".compat.anthropic.asynchronous"
_STREAMS = ".mixins.messages"
_EVENTS = ".mixins.stream_events"
_MODELS = ".models"
_STOP = f"{_MODELS}:ContentBlockStopEvent"
_END = f"{_MODELS}:MessageStopEvent"

HOMES = {
    "AsyncMessageStream": _TASKS,
    "AsyncMessageStreamManager": _TASKS,
    "BetaAsyncMessageStream": f"{_TASKS}:AsyncMessageStream",
    "BetaAsyncMessageStreamManager": f"{_TASKS}:AsyncMessageStreamManager",
    "BetaContentBlockStopEvent": _STOP,
    "BetaInputJsonEvent": f"{_EVENTS}:InputJSONEvent",
    "BetaMessageStopEvent": _END,
    "BetaMessageStream": f"{_STREAMS}:MessageStream",
    "BetaMessageStreamEvent": f"{_MODELS}:MessageStreamEvent",
    "BetaMessageStreamManager": f"{_STREAMS}:MessageStreamManager",
    "BetaTextEvent": f"{_EVENTS}:TextEvent",
    "CitationEvent": _EVENTS,
    "ContentBlockStopEvent": _STOP,
    "InputJsonEvent": f"{_EVENTS}:InputJSONEvent",
    "MessageStopEvent": _END,
    "MessageStream": _STREAMS,
    "MessageStreamEvent": _MODELS,
    "MessageStreamManager": _STREAMS,
    "ParsedBetaContentBlockStopEvent": _STOP,
    "ParsedBetaMessageStopEvent": _END,
    "ParsedBetaMessageStreamEvent": f"{_MODELS}:MessageStreamEvent",
    "ParsedBetaTextEvent": f"{_EVENTS}:TextEvent",
    "ParsedContentBlockStopEvent": _STOP,
    "ParsedMessageStopEvent": _END,
    "ParsedMessageStreamEvent": f"{_MODELS}:MessageStreamEvent",
    "SignatureEvent": _EVENTS,
    "TextEvent": _EVENTS,
    "ThinkingEvent": _EVENTS,
}
__getattr__, __dir__ = lazily(__name__, HOMES)
