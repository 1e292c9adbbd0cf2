"""A workflow's output streamed on to a browser, with Flask or without it.

    pip install flask; python flask_stream.py WORKFLOW 5000
    curl -N 'http://127.0.0.1:5000/stream-workflow?message=Generate+a+story'

Asks a sandbox where there is no SIM_API_KEY. Without Flask the same answers come from
the standard library's server. When the browser goes away, the server closes the
generator, which closes the connection to the workflow.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIServer, make_server

from specwire import Client, Timeout, errors
from specwire.sandbox import fallback

if TYPE_CHECKING:
    from flask import Flask

PATH = "/stream-workflow"
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # no proxy may wait


def events(
    client: Client, workflow_id: str, message: str
) -> Generator[str, None, None]:
    """The run as server-sent events: chunks, then ``done`` or ``error``, ``[DONE]``."""
    try:
        with client.execute_workflow(
            workflow_id,
            {"message": message},
            Timeout(600, read=60),
            stream=True,
            selected_outputs=["agent1.content"],
        ) as stream:
            for event in stream:
                if hasattr(event, "chunk"):
                    yield framed({"blockId": event.block_id, "chunk": event.chunk})
                elif getattr(event, "event", None) == "stream_error":
                    yield framed({"event": "stream_error", "error": event.error})
            yield framed(
                {
                    "event": "done",
                    "success": stream.success,
                    "output": stream.output,
                    "metadata": stream.metadata,
                }
            )
    except errors.SpecwireError as error:
        # The browser's status is 200 by now, so the failure is an event as well. Its
        # text may say more than a visitor should read; that goes to the log.
        print(f"workflow {workflow_id}: {error}", file=sys.stderr)
        yield framed({"event": "error", "error": "the workflow failed"})
    yield "data: [DONE]\n\n"


def framed(value: Any) -> str:
    return f"data: {json.dumps(value)}\n\n"


def flask_app(client: Client, workflow_id: str) -> Flask:
    """An application of Flask that streams the workflow."""
    from flask import Flask, Response, request

    app = Flask(__name__)

    @app.get(PATH)
    def stream_workflow() -> Response:
        message = request.args.get("message", "Generate a story")
        stream = events(client, workflow_id, message)
        return Response(stream, mimetype="text/event-stream", headers=HEADERS)

    return app


def wsgi_app(client: Client, workflow_id: str) -> Callable[..., Iterable[bytes]]:
    """The same for any WSGI server, with nothing installed."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "GET":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        message = asked.get("message", ["Generate a story"])[0]
        kind = ("Content-Type", "text/event-stream; charset=utf-8")
        start_response("200 OK", [kind, *HEADERS.items()])
        return encoded(events(client, workflow_id, message))

    return app


def encoded(texts: Generator[str, None, None]) -> Iterator[bytes]:
    """``texts`` as bytes; closing this closes them, and so the run's connection."""
    with closing(texts):
        for text in texts:
            yield text.encode()


class Server(ThreadingMixIn, WSGIServer):
    """The standard library's server, a thread a request."""

    daemon_threads = True


def main(workflow_id: str = "workflow-id", port: str = "5000") -> None:
    with Client(**fallback("sim")) as client:
        try:
            app = flask_app(client, workflow_id)
        except ImportError:
            plain = wsgi_app(client, workflow_id)
            with make_server("127.0.0.1", int(port), plain, Server) as server:
                at = f"http://127.0.0.1:{server.server_port}{PATH}"
                print(at, file=sys.stderr, flush=True)
                server.serve_forever()
        else:
            app.run(port=int(port), threaded=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except KeyboardInterrupt:
        sys.exit(130)
