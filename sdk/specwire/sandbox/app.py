"""From a request to an answer: fault, route, key, validation, handler, error shape.

Holds no sockets; the listener hands in what it read and writes what it gets back.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Mapping
from typing import Any

import attrs

from .access import authorize
from .chat.desk import Desk, ProviderVoice, played, unprefixed
from .contracts import SECOND, Served, check_query, dialect_of, not_here
from .documents import Document, follow
from .faults import HEADER, Fault, Faults
from .routing import Operation, Router
from .sampling import Sampler
from .services import DEFERRED, GUARDED, HANDLERS, allowance, betas, uploads
from .shapes import Speaker, Voice, broken_stream, fault_response
from .state import State
from .validation import Checker
from .values import Blob, Head, Refused, Request, Response
from .values import json_response as _json
from .wire import Damage

_KEPT = 10_000
_KEPT_LARGE = 64
_JSON_LIMIT = 32 << 20
_UPLOAD_LIMIT = 500 << 20
_RUN_LIMIT = 10 << 20
_FILE_LIMIT = 72 << 20


@attrs.define
class ReceivedRequest:
    """One request as the sandbox received it; ``status`` is what it was answered.

    ``headers`` takes names in any case; ``query`` has the last value of a repeated
    name and ``query_pairs`` all of them; ``at_s`` counts from the sandbox's making.
    Of bodies over 1 MiB only the last 64 are kept.
    """

    method: str
    path: str
    query_pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    at_s: float
    content: Blob = attrs.field(default=b"", repr=False)
    status: int | None = None
    request_id: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query's values by name."""
        return dict(self.query_pairs)

    @property
    def body(self) -> bytes:
        """The body's bytes."""
        return bytes(self.content)

    def json(self) -> Any:
        """The body, parsed as JSON."""
        import json

        return json.loads(self.body)


@attrs.frozen
class Answer:
    """A response, when to send it, and how to spoil it.

    ``request_id`` is the request's own, ``fault`` the one that it met.
    """

    response: Response
    latency_s: float = 0.0
    damage: Damage = attrs.field(factory=Damage)
    request_id: str = ""
    fault: Fault | None = None


class App:
    """The services behind the sandbox."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        keys: Mapping[str, str],
        *,
        validate: bool,
        latency_s: float,
        sim: Served = "both",
        chat: bool = True,
    ) -> None:
        self._sim = sim
        self._desk = Desk(keys, validate=validate) if chat else None
        self.faults = Faults()
        self.state: State
        self._documents = documents
        self._keys = keys
        self._validate = validate
        self._latency_s = latency_s
        self.router = Router(documents)
        self._checkers = {name: Checker(doc) for name, doc in documents.items()}
        self._received: deque[ReceivedRequest] = deque(maxlen=_KEPT)
        self._large: deque[ReceivedRequest] = deque()
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def received(self) -> list[ReceivedRequest]:
        """The last 10,000 requests, oldest first."""
        with self._lock:
            return list(self._received)

    def reset(self, state: State) -> None:
        """Start anew with ``state``: no requests, no faults."""
        self.state = state
        self.faults.clear()
        with self._lock:
            self._received.clear()
            self._large.clear()

    def check_message(self, params: Any, beta: bool = False) -> str | None:
        """What is wrong with the parameters of a message, or ``None``."""
        name = "createBetaMessage" if beta else "createMessage"
        operation = self.router.by_id.get(name)
        if operation is None:
            return None
        pointer = operation.bodies["application/json"]
        problems = self._checkers[operation.service].problems(pointer, params)
        return next(map(str, problems), None)

    def body_limit(self, head: Head) -> int:
        """How many bytes the request's body may have: 500 MiB for a form, else 32.

        The workflow API takes 10 MB to start a run with, and files as JSON text.
        """
        kind = head.headers.get("content-type", "").lower()
        if kind.startswith("multipart/") or head.path.startswith(uploads.PLACE):
            return _UPLOAD_LIMIT
        if self.router.service_of(head.path) == "sim":
            return _FILE_LIMIT if "/files" in head.path else _RUN_LIMIT
        return _JSON_LIMIT

    def refuse(self, head: Head, status: int, message: str) -> Answer:
        """The answer to a request that could not be read to its end."""
        request = Request.from_head(head, b"")
        record = self._record(request)
        refused = Refused(status, message)
        response = self._voice(request).refusal(refused, record.request_id)
        response = self._marked(response, record, request)
        return Answer(response, request_id=record.request_id)

    def answer(self, head: Head, body: Blob) -> Answer:
        """The answer to one request."""
        request = Request.from_head(head, body)
        record = self._record(request)
        if self._desk is not None:
            request = attrs.evolve(request, path=unprefixed(request.path))
        voice = self._voice(request)
        fault: Fault | None = None
        try:
            fault = self._fault(request, record.path)
            response = self._faulty(request, fault or Fault(), record)
        except Refused as refused:
            response = voice.refusal(refused, record.request_id)
        except Exception:
            # A bug of the sandbox must not look like a network problem.
            text = f"bug in the sandbox: {traceback.format_exc(limit=-3)}"
            response = voice.refusal(Refused(500, text), record.request_id)
        met, fault = fault, fault or Fault()
        response = self._marked(response, record, request)
        if fault.retry_after is not None:
            response = response.with_headers(("retry-after", f"{fault.retry_after:g}"))
        response = response.with_headers(*fault.headers.items())
        latency_s = fault.latency_s + self._latency_s
        return Answer(response, latency_s, fault.damage, record.request_id, met)

    def _fault(self, request: Request, asked: str) -> Fault | None:
        """The fault for a request, by the path that it asked for or the usual one."""
        header = request.headers.get(HEADER)
        fault = self.faults.take(request.method, asked, header)
        if fault is None and asked != request.path:
            fault = self.faults.take(request.method, request.path, None)
        return fault

    def _dialect(self, request: Request) -> str:
        return dialect_of(self.router.service_of(request.path), request.path)

    def _voice(self, request: Request) -> Speaker:
        provider = played(request.path) if self._desk is not None else None
        return (
            Voice(self._dialect(request))
            if provider is None
            else ProviderVoice(provider)
        )

    def _faulty(self, request: Request, fault: Fault, record: Any) -> Response:
        voice = self._voice(request)
        if fault.replaces:
            return fault_response(voice, fault, record.request_id)
        response = self._handled(attrs.evolve(request, as_json=fault.as_json))
        if fault.stream_error and response.events is not None:
            response = broken_stream(voice, response, fault.stream_error)
        return response

    def _handled(self, request: Request) -> Response:
        if self._desk is not None:
            provider = played(request.path)
            if provider is not None:
                return self._desk.answer(provider, request, self.state)
        if request.path.startswith(uploads.PLACE):
            return uploads.take(request, self.state)
        absent = not_here(request, self.router.service_of(request.path), self._sim)
        if absent is not None:
            return absent
        operation, path_args = self.router.match(betas.as_twin(request))
        request = attrs.evolve(request, path_args=path_args)
        service = operation.service
        document = self._documents[service]
        authorize(request, operation, document, self._keys[service])
        checker = self._checkers[service]
        if self._dialect(request) == SECOND:
            allowance.take_request(self.state)
            if self._validate:
                check_query(request, operation)
        if self._validate:
            if operation.id in GUARDED:
                betas.check_body(request)
            deferred = DEFERRED.get(operation.id, ())
            request = checker.checked(request, operation, deferred)
        else:
            request = checker.parsed(request, operation)
        handler = HANDLERS.get(service, {}).get(operation.id)
        if handler is None:
            return self._sampled(operation, document)
        return handler(request, self.state)

    def _sampled(self, operation: Operation, document: Document) -> Response:
        """What the document's first successful response allows, made up."""
        for status in sorted(operation.node.get("responses", {})):
            if not status.startswith("2"):
                continue
            code = int(status) if status.isdigit() else 200
            at = f"{operation.pointer}/responses/{status}"
            content = follow(document, at)[1].get("content", {})
            for media in content:
                if "json" in media:
                    schema = content[media].get("schema", {})
                    random = self.state.random(operation.id)
                    value = Sampler(document, random).sample(schema)
                    return _json(value, status=code)
            return Response(code)
        return _json({})

    def _record(self, request: Request) -> ReceivedRequest:
        record = ReceivedRequest(
            request.method,
            request.path,
            request.query_pairs,
            request.headers,
            time.monotonic() - self._started,
            request.body,
            request_id=self.state.ids.new("req_"),
        )
        with self._lock:
            self._received.append(record)
            if not isinstance(record.content, bytes):
                self._large.append(record)
            # Each large body holds a file open; the oldest ones are let go.
            if len(self._large) > _KEPT_LARGE:
                self._large.popleft().content = b""
        return record

    def _marked(
        self, response: Response, record: ReceivedRequest, request: Request
    ) -> Response:
        record.status = response.status
        marks = self._voice(request).marks(record.request_id, self.state)
        if self._dialect(request) == SECOND and response.content_type[:5] != "text/":
            known = {each.lower() for each, _ in response.headers}
            own = allowance.headers(self.state, "requests")
            marks += [mark for mark in own if mark[0] not in known]
        return response.with_headers(*marks)
