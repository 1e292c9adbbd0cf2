"""The sandbox: a loopback server with the services' behaviour, in this process.

It serves every operation of the documents, keeps what it is given, checks what it
receives and fails on order. It never leaves 127.0.0.1 and reaches no network.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from .app import App, ReceivedRequest
from .chat.providers import PROVIDERS
from .contracts import Served
from .documents import Document, own_documents
from .faults import Fault, many
from .listener import Listener
from .state import Limits, State, scramble

if TYPE_CHECKING:
    from .page import PageSite, RunProgress

_PREFIXES = {"anthropic": "sk-ant-sandbox-", "sim": "sk-sim-sandbox-"}


class Sandbox:
    """A server on 127.0.0.1 that answers like the real services.

    ``with Sandbox() as box: Client(api_keys=box.api_keys, base_urls=box.base_urls)``

    :param port: 0 takes any free port.
    :param seed: keys, identifiers and answers depend on it and on the requests alone.
    :param validate: refuse requests that the documents do not allow.
    :param latency_s: seconds before every answer.
    :param job_steps: how many looks at a background run find it unfinished.
    :param batch_steps: how many retrieves of a batch find it unfinished; asking for
        its results may take the place of the last.
    :param sim: the contract of the workflow API that it has: ``"v1"``, ``"v2"`` or
        ``"both"``.
    :param sim_limits: ``{"runs": a minute, "requests": a minute, "cost": dollars}``.
    :param clock: the time, in seconds since the epoch, that answers carry.
    :param documents: OpenAPI documents (3.1 shape) by service name, in place of our
        own; an operation without a handler answers what its schema allows.
    :param log: gets one line per request.
    :param ui: serve a page to watch it by, at ``page_url``.
    :param runs: gives the runs whose progress the page shows,
        :class:`~specwire.sandbox.page.RunProgress` each; asked once a second.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        seed: int = 0,
        validate: bool = True,
        latency_s: float = 0.0,
        job_steps: int = 2,
        batch_steps: int = 1,
        sim: Served = "both",
        sim_limits: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.time,
        documents: Mapping[str, Document] | None = None,
        log: Callable[[str], None] | None = None,
        ui: bool = False,
        runs: Callable[[], Iterable[RunProgress]] | None = None,
    ) -> None:
        self._wanted_port = port
        self._seed = seed
        self._job_steps = job_steps
        self._batch_steps = batch_steps
        self._limits = Limits(**(sim_limits or {}))  # type: ignore[arg-type]
        self._clock = clock
        self._log = log
        self._listener: Listener | None = None
        chat = documents is None
        documents = own_documents() if documents is None else documents
        self.api_keys: dict[str, str] = {name: _key(name, seed) for name in documents}
        self.services = tuple(documents)
        self.chat_keys: dict[str, str] = {
            name: self.api_keys.get(name) or _key(name, seed)
            for name in (PROVIDERS if chat else ())
        }
        self.api_keys |= {name: self.chat_keys[name] for name in self._models()}
        self._app = App(
            documents,
            {**self.chat_keys, **self.api_keys},
            validate=validate,
            latency_s=latency_s,
            sim=sim,
            chat=chat,
        )
        self._app.reset(self._new_state(""))
        self._site = _page(self._app, runs) if ui else None

    # -- life ------------------------------------------------------------------------

    def start(self) -> Sandbox:
        """Listen. A second start does nothing; one after ``close`` finds all as it was.

        :raises OSError: the port is taken.
        """
        if self._listener is None:
            self._listener = Listener(
                self._app, self._wanted_port, self._log, self._site
            )
            self._app.state.base_url = self.url
        return self

    def close(self) -> None:
        """Stop listening and end every connection; a second close does nothing."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- where -----------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port it listens on.

        :raises RuntimeError: before ``start`` and after ``close``.
        """
        if self._listener is None:
            raise RuntimeError(
                "sandbox: not running; use it in a `with` statement or call start()"
            )
        return self._listener.port

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def page_url(self) -> str:
        """Where the page to watch is.

        :raises RuntimeError: while it does not run, and without ``ui``.
        """
        if self._site is None:
            raise RuntimeError("sandbox: it has no page; make it with Sandbox(ui=True)")
        return f"{self.url}/_specwire/"

    @property
    def base_urls(self) -> dict[str, str]:
        """The address of each service, as ``Client(base_urls=…)`` takes it.

        And that of each provider of chat.
        """
        prefixes = self._app.router.prefixes
        services = {name: self.url + prefixes[name] for name in self.services}
        chat = self.chat_urls
        return services | {name: chat[name] for name in self._models()}

    @property
    def chat_urls(self) -> dict[str, str]:
        """The address of each provider by its id, of those of embeddings as well.

        Anthropic's has its version in it, as others' have.
        """
        at = {name: PROVIDERS[name].base for name in self.chat_keys}
        return {name: f"{self.url}/{name}{base}" for name, base in at.items()}

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which clients that are made without arguments find it."""
        found = {}
        for name, key in self.api_keys.items():
            variable = name.upper().replace("-", "_")
            found[f"{variable}_API_KEY"] = key
            found[f"{variable}_BASE_URL"] = self.base_urls[name]
        return found

    def _models(self) -> list[str]:
        """The providers of chat, but for those that are services."""
        known = (PROVIDERS[name] for name in self.chat_keys)
        return [each.id for each in known if each.id not in self.services]

    # -- what happened, what shall happen --------------------------------------------

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests received (the last 10,000), oldest first."""
        return self._app.received()

    def fail(
        self,
        pattern: str,
        statuses: int | Sequence[int | Fault | None] | None = None,
        *,
        times: int = 1,
        retry_after: float | None = None,
        latency_s: float = 0.0,
        cut_after: int | None = None,
        drip_s: float = 0.0,
        drop: bool = False,
        as_json: bool = False,
        stream_error: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | Mapping[str, Any] | None = None,
    ) -> None:
        """Let the next requests that match fail, one per status.

        ``box.fail("POST /v1/messages", [429, 529], retry_after=0.2)``

        :param pattern: ``METHOD /path``; ``*`` or ``{name}`` stands for one segment,
            ``*`` for any method.
        :param statuses: ``None`` and 200 leave the answer to the other parameters,
            which :class:`Fault` explains; one of those stands for itself.
        :param times: how often the statuses are gone through.
        """
        faults: list[Fault] = many(
            statuses,
            retry_after=retry_after,
            latency_s=latency_s,
            cut_after=cut_after,
            drip_s=drip_s,
            drop=drop,
            as_json=as_json,
            stream_error=stream_error,
            headers=dict(headers or {}),
            body=body,
        )
        self._app.faults.add(pattern, faults * times)

    def drop_connections(self) -> None:
        """Cut every open connection, as a proxy does with idle ones."""
        if self._listener is not None:
            self._listener.drop_connections()

    def reset(self) -> None:
        """Forget what was received, stored and ordered to fail."""
        self._app.reset(self._new_state(self._app.state.base_url))

    def _new_state(self, base_url: str) -> State:
        return State(
            seed=self._seed,
            clock=self._clock,
            base_url=base_url,
            batch_steps=self._batch_steps,
            job_steps=self._job_steps,
            check_message=self._app.check_message,
            limits=self._limits,
        )


def _page(app: App, runs: Callable[[], Iterable[RunProgress]] | None) -> PageSite:
    from .page import PageSite

    return PageSite(app, runs)


def _key(name: str, seed: int) -> str:
    return _PREFIXES.get(name, f"sk-{name}-") + scramble(f"{seed}/{name}", 24)


def serve(
    port: int = 8787,
    seed: int = 0,
    out: TextIO | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run a sandbox until ``stop`` is set; say on ``out`` where it is.

    The lines that begin with ``export`` can be pasted into a shell. Standard error is
    the default of ``out``. An interrupt ends it as ``stop`` does and is raised on.

    :raises OSError: the port is taken.
    """
    stream = sys.stderr if out is None else out
    stop = stop or threading.Event()

    def say(line: str) -> None:
        print(line, file=stream, flush=True)

    with Sandbox(port, seed=seed, log=say) as box:
        say(f"sandbox: listening on {box.url}")
        for name in box.services:
            say(f"export {name.upper()}_BASE_URL={box.base_urls[name]}")
            say(f"export {name.upper()}_API_KEY={box.api_keys[name]}")
        # A wait without a limit cannot be interrupted on every platform.
        while not stop.wait(1.0):
            pass
