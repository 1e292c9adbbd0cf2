"""``Tracer``: one span a call, over all its attempts, by OpenTelemetry's API alone.

Each attempt is an event of it, and its context goes to the server as ``traceparent``. A
stream's span ends with the stream. Bodies, headers, keys and messages of errors are
never written down: what an error quotes may be a part of a body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..budgets.counts import Counts, Meter
from ..core.errors import CancelledError
from . import conventions as names
from .spans import api, exporting
from .subject import Subject, code_of, status_of, subject
from .usage import tells, usage_in
from .watching import Seen, Watch

if TYPE_CHECKING:
    from ..core.clock import Clock
    from ..core.wire import Call, Reply

_SAID: Final = {
    "max_tokens": names.MAX_TOKENS,
    "temperature": names.TEMPERATURE,
    "top_p": names.TOP_P,
    "top_k": names.TOP_K,
}
_LARGEST: Final = 1 << 20


class _Traced(Seen):
    meter: Meter | None = None
    finish: str | None = None

    def __init__(self, span: Any, carried: Mapping[str, str] | None) -> None:
        self.span = span
        self.carried = carried


class Tracer(Watch[_Traced]):
    """Writes a span for each call; give it to a client as a hook.

    >>> client = Client(hooks=[Tracer(service_name="shop")])  # doctest: +SKIP

    Without a provider of spans it does next to nothing.

    :param service_name: names the instrumentation, and the service where ``endpoint``
        is given.
    :param tracer_provider: the program's own by default, whenever that is set.
    :param endpoint: sends the spans to an OTLP collector (``http://host:4318``), with a
        provider of this tracer's own; :meth:`close` sends what is left.
    :param propagator: puts the span's context in headers; W3C ``traceparent`` by
        default, never baggage: the servers are other people's.
    :raises ImportError: without the extra ``otel``.
    """

    def __init__(
        self,
        service_name: str = "specwire",
        *,
        tracer_provider: Any = None,
        endpoint: str | None = None,
        propagator: Any = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock)
        self.service_name, self._endpoint = service_name, endpoint
        self._otel = self._api()
        self._own = exporting(service_name, endpoint) if endpoint else None
        provider = tracer_provider or self._own
        self._tracer = self._otel.tracer(service_name, provider)
        self._propagator = propagator or self._otel.propagator

    def settings(self) -> dict[str, Any]:
        return {"service_name": self.service_name, "endpoint": self._endpoint}

    def _api(self) -> Any:
        return api()

    # -- a call ----------------------------------------------------------------------

    def began(self, call: Call) -> _Traced:
        asked = subject(call)
        span = self._tracer.start_span(
            _title(asked),
            kind=self._otel.CLIENT,
            start_time=self._began_ns(call),
        )
        carried: dict[str, str] | None = None
        if span.get_span_context().is_valid:
            carried = {}
            context = self._otel.set_span_in_context(span)
            self._propagator.inject(carried, context=context)
        if span.is_recording():
            span.set_attributes(_asked(call, asked))
        return _Traced(span, carried)

    def before_attempt(self, call: Call) -> None:
        seen = self.seen(call)
        if seen.carried:
            call.request.headers.update(seen.carried)

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        seen = self.seen(call)
        if not seen.span.is_recording():
            return
        said: dict[str, Any] = {names.ATTEMPT: call.attempt}
        status = getattr(outcome, "status_code", 0)
        if status:
            said[names.STATUS] = status
        if isinstance(outcome, BaseException):
            said[names.ERROR] = type(outcome).__name__
        seen.span.add_event(names.ATTEMPT_EVENT, said)

    def heard(self, call: Call, seen: _Traced, event: Any) -> None:
        if not seen.span.is_recording():
            return
        seen.finish = _finish(event) or seen.finish
        if tells(event):
            if seen.meter is None:
                seen.meter = Meter()
            seen.meter.add(event)

    def ended(self, call: Call, seen: _Traced, outcome: Reply | BaseException) -> None:
        span = seen.span
        if span.is_recording():
            span.set_attributes(self._told(call, seen, outcome))
            if isinstance(outcome, BaseException):
                self._failed(span, outcome)
        span.end()

    def _told(
        self, call: Call, seen: _Traced, outcome: Reply | BaseException
    ) -> dict[str, Any]:
        said: dict[str, Any] = {names.ATTEMPTS: call.attempts_made}
        if call.attempts_made > 1:
            said[names.RESENDS] = call.attempts_made - 1
        reply: Any = seen.reply or outcome
        status = getattr(reply, "status_code", 0)
        if status:
            said[names.STATUS] = status
        if getattr(reply, "request_id", None):
            said[names.REQUEST_ID] = reply.request_id
        if seen.stream:
            said[names.EVENTS] = seen.events
            if seen.first_s is not None:
                said[names.FIRST_CHUNK_S] = seen.first_s
            if seen.finish:
                said[names.FINISH_REASONS] = [seen.finish]
            return {**said, **_tokens(seen.meter.counts() if seen.meter else None)}
        if isinstance(outcome, BaseException):
            return said
        return {**said, **_answered(outcome.body)}

    def _failed(self, span: Any, error: BaseException) -> None:
        if isinstance(error, GeneratorExit):
            span.set_attribute(names.OUTCOME, "closed")
            return
        cancelled = isinstance(error, (CancelledError, KeyboardInterrupt))
        span.set_attribute(names.OUTCOME, "cancelled" if cancelled else "error")
        kind = type(error).__name__
        span.set_attribute(names.ERROR, status_of(error) or kind)
        code = code_of(error)
        span.set_attribute(names.CODE, str(code))
        self._otel.set_error(span, f"{kind} ({code} {code.name})")

    def _began_ns(self, call: Call) -> int:
        return int((self._clock.time() - self.elapsed_s(call)) * 1e9)

    # -- its own life ----------------------------------------------------------------

    def close(self) -> None:
        """Send what is left, where this tracer has an ``endpoint``."""
        if self._own is not None:
            self._own.shutdown()

    shutdown = close

    def __repr__(self) -> str:
        return f"<Tracer of {self.service_name!r}>"


def _title(asked: Subject) -> str:
    if not asked.model:
        return asked.operation
    return f"{names.operation_name(asked.operation)} {asked.model}"


def _asked(call: Call, asked: Subject) -> dict[str, Any]:
    """What is known before anything is sent."""
    said: dict[str, Any] = {names.CALL: asked.operation}
    said[names.METHOD] = call.request.method
    place = urlsplit(call.request.url)
    said[names.SERVER] = place.hostname or ""
    if place.port is not None:
        said[names.PORT] = place.port
    said[names.PROVIDER] = names.provider_name(asked.provider)
    if not asked.model:
        return said
    said[names.OPERATION] = names.operation_name(asked.operation)
    said[names.MODEL] = asked.model
    chat = call.scratch.get("chat")
    args = call.args if chat is None else chat.parameters
    for name, attribute in _SAID.items():
        value = args.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            said[attribute] = value
    if (args.get("stream") if chat is None else chat.stream) is True:
        said[names.STREAM] = True
    return said


def _answered(body: bytes) -> dict[str, Any]:
    """What a whole reply tells of itself; never of what it says."""
    said = _tokens(usage_in(body))
    if not said or len(body) > _LARGEST:
        return said
    data = json.loads(body)
    for name, attribute in (("id", names.RESPONSE_ID), ("model", names.RESPONSE_MODEL)):
        if isinstance(data.get(name), str):
            said[attribute] = data[name]
    choices = data.get("choices") or data.get("candidates") or [data]
    found = [_finish(choice) for choice in choices if isinstance(choice, dict)]
    if any(found):
        said[names.FINISH_REASONS] = [each for each in found if each]
    return said


def _tokens(counts: Counts | None) -> dict[str, Any]:
    if counts is None:
        return {}
    said = {
        names.INPUT_TOKENS: counts.fresh + counts.read + counts.written,
        names.OUTPUT_TOKENS: counts.output,
    }
    if counts.read:
        said[names.CACHE_READ_TOKENS] = counts.read
    if counts.written:
        said[names.CACHE_WRITE_TOKENS] = counts.written
    return said


def _finish(told: Any) -> str | None:
    """Why an answer ends, in the provider's word, where ``told`` says so."""
    for holder in (told, _get(told, "delta")):
        for name in ("stop_reason", "finish_reason", "finishReason"):
            reason = _get(holder, name)
            if isinstance(reason, str):
                return reason
    return None


def _get(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)
