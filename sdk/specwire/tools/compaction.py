"""Replacing a long conversation by a summary of it, written by the model.

Done between a turn and the next request, when the turn's tools have run: the summary
covers them, and nothing that was done is lost. A summary that is refused, empty or cut
off is not used; the conversation then goes on as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from attrs import frozen

DEFAULT_THRESHOLD = 100_000
DEFAULT_PROMPT = """\
The conversation so far is about to be replaced by what you write now, so write a \
summary from which the work can be continued without it. Put it in <summary> tags and \
cover: the user's task with all its conditions and preferences, in their words where \
they matter; what has been done and found, with names, paths, numbers and identifiers \
exactly as they are; what failed, and why; and what remains to be done, starting with \
the next step."""


class _Needed(TypedDict):
    enabled: bool


class CompactionControl(_Needed, total=False):
    """When and how ``tool_runner`` replaces its conversation by a summary.

    ``enabled`` switches it on. ``context_token_threshold`` (default 100,000): the
    tokens of a turn, read, cached and written, from which on it is done.
    ``summary_prompt``: what the model is asked. ``model``: who writes it, if it is
    not to be the conversation's own.
    """

    context_token_threshold: int
    summary_prompt: str
    model: str


@frozen
class Compaction:
    """A :class:`CompactionControl` that was checked."""

    threshold: int = DEFAULT_THRESHOLD
    prompt: str = DEFAULT_PROMPT
    model: str | None = None

    @classmethod
    def of(cls, control: Mapping[str, Any] | None) -> Compaction | None:
        """The rule that ``control`` describes; ``None`` where it is off.

        :raises TypeError: for a member that there is none of.
        """
        if control is None:
            return None
        unknown = set(control) - set(CompactionControl.__annotations__) - {"enabled"}
        if unknown:
            raise TypeError(
                f"compaction_control: {', '.join(sorted(unknown))} is not known; "
                "expected enabled, context_token_threshold, summary_prompt, model"
            )
        if not control.get("enabled"):
            return None
        return cls(
            control.get("context_token_threshold", DEFAULT_THRESHOLD),
            control.get("summary_prompt") or DEFAULT_PROMPT,
            control.get("model"),
        )

    def due(self, usage: Any) -> bool:
        """Whether a turn with this usage has reached the threshold."""
        names = (
            "input_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "output_tokens",
        )
        used = sum(getattr(usage, name, None) or 0 for name in names)
        return used >= self.threshold

    def request(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments that ask for the summary of ``params['messages']``."""
        asked = dict(params)
        asked["messages"] = _with_text(params["messages"], self.prompt)
        if self.model is not None:
            asked["model"] = self.model
        if params.get("tools"):
            # The history has calls in it, which need their tools; none may be made now.
            asked["tool_choice"] = {"type": "none"}
        else:
            asked.pop("tool_choice", None)
        asked.pop("output_format", None)
        config = asked.get("output_config")
        if isinstance(config, Mapping):
            asked["output_config"] = {k: v for k, v in config.items() if k != "format"}
        return asked


def _with_text(messages: list[Any], text: str) -> list[Any]:
    """``messages`` with ``text`` said by the user at their end."""
    block = {"type": "text", "text": text}
    last = messages[-1] if messages else None
    if not isinstance(last, Mapping) or last.get("role") != "user":
        return [*messages, {"role": "user", "content": [block]}]
    content = last["content"]
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    return [*messages[:-1], {**last, "content": [*content, block]}]


def summary_of(message: Any) -> str | None:
    """The summary in ``message``; ``None`` where it cannot stand for the rest."""
    if message.stop_reason not in ("end_turn", "stop_sequence"):
        return None
    kinds = ((block, getattr(block, "type", None)) for block in message.content)
    texts = [block.text for block, kind in kinds if kind == "text"]
    return "\n".join(texts).strip() or None
