"""What a reply's text is to be: asked for with a schema, read as a value.

Serves ``parse`` and ``stream``; knows messages by their members only, so that both
those of ``client.messages`` and of ``client.beta.messages`` are read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core import codec
from ..core.errors import DecodeError, RequestValidationError, shortened
from ..core.types import UNSET
from .reading import Misfit, read
from .schema import schema_of
from .transform import transform_schema

_NOT_FINAL = ("tool_use", "pause_turn")
"""After these the model has more to say: text so far need not be the answer."""


class OutputFormat:
    """One call's wish.

    :ivar kind: the type of the value; ``Any`` where only a schema was given.
    :ivar schema: what the text must fit, whole.
    :ivar config: the ``output_config`` to send.
    """

    def __init__(
        self, kind: Any, schema: Any, config: dict[str, Any], where: str
    ) -> None:
        self.kind = kind
        self.schema = schema
        self.config = config
        self.where = where

    @classmethod
    def of(cls, given: Any, output_config: Any, *, where: str) -> OutputFormat:
        """The wish behind the arguments ``output_format`` and ``output_config``.

        :raises RequestValidationError: where they say two formats, or none.
        :raises TypeError: for a type that has no JSON Schema.
        """
        config = _plain(output_config)
        sent = config.get("format")
        if given is UNSET or given is None:
            if not isinstance(sent, Mapping) or "schema" not in sent:
                raise _refused(where, "expected output_format, got nothing")
            return cls(Any, _checked(where, sent["schema"]), config, where)
        if sent is not None:
            raise _refused(where, "output_format and output_config say two formats")
        kind, schema = given, given
        if isinstance(given, Mapping):
            kind = Any
            if given.get("type") == "json_schema" and "schema" in given:
                schema, sent = given["schema"], dict(given)
        else:
            schema = schema_of(given)
        schema = _checked(where, schema)
        if sent is None:
            sent = {"type": "json_schema", "schema": transform_schema(schema)}
        return cls(kind, schema, {**config, "format": sent}, where)

    def read(self, message: Any, *, strict: bool = True) -> Any:
        """``message`` with ``parsed_output`` on it and on its text blocks.

        :raises DecodeError: where ``strict`` and no text is the value that was asked
            for, unless the model has not come to its answer (``tool_use``).
        """
        problems: list[Misfit] = []
        values = []
        for block in message.content:
            problem = self.mark(block)
            if problem is not None:
                problems.append(problem)
            elif hasattr(block, "parsed_output"):
                values.append(block.parsed_output)
        message.parsed_output = values[0] if values else None
        if strict and not values and message.stop_reason not in _NOT_FINAL:
            raise self._error(message, problems)
        return message

    def mark(self, block: Any) -> Misfit | None:
        """Put ``parsed_output`` on a text block; why not, where it says no value."""
        if getattr(block, "type", None) != "text":
            return None
        try:
            block.parsed_output = read(self.kind, self.schema, block.text or "")
        except Misfit as problem:
            block.parsed_output = None
            return problem
        return None

    def _error(self, message: Any, problems: list[Misfit]) -> DecodeError:
        problem = problems[0] if problems else Misfit("is not there", "")
        at = f" at {problem.pointer}" if problem.pointer else ""
        reply = message._reply
        return DecodeError(
            f"{self.where}: the text{at} {shortened(str(problem), 300)}"
            f"{_ADVICE.get(message.stop_reason, '')}; the message is message_object",
            body=problem.text,
            pointer=problem.pointer,
            message_object=message,
            request_id=message._request_id,
            attempts=reply.attempts if reply is not None else 0,
            status_code=reply.status_code if reply is not None else 0,
        )


_ADVICE = {
    "refusal": "; the model refused (stop_reason refusal)",
    "max_tokens": "; it was cut (stop_reason max_tokens): ask with more max_tokens",
    "model_context_window_exceeded": "; it was cut: the context window is full",
}


def _plain(output_config: Any) -> dict[str, Any]:
    if output_config is UNSET or output_config is None:
        return {}
    if isinstance(output_config, Mapping):
        return dict(output_config)
    return dict(codec.dump(output_config))


def _checked(where: str, schema: Any) -> Any:
    from .checks import check_schema

    wrong = check_schema(schema)
    if wrong is not None:
        raise _refused(where, f"the schema is no JSON Schema: {shortened(wrong, 200)}")
    return schema


def _refused(where: str, problem: str) -> RequestValidationError:
    return RequestValidationError(
        f"{where}: {problem}; give a type or a JSON Schema as output_format, or "
        "output_config={'format': {'type': 'json_schema', 'schema': ...}}",
        pointer="/output_config/format",
    )
