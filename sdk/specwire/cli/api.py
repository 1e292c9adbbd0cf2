"""``specwire api``: any request of a service, with its key, retries and redaction."""

from __future__ import annotations

import argparse
import codecs
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from . import inputs
from .exits import TOLD, UsageError
from .output import Flow, say, terminal
from .parsing import Parser, add_call
from .settings import Settings

_EXAMPLES: Final = (
    ("specwire api GET /v1/models", ""),
    ("specwire api POST /v1/messages -d @body.json", "a body from a file"),
    ("specwire api GET /api/jobs/ID --service sim -i", "with status and headers"),
    ("specwire api GET /models --service openai", "a provider of chat"),
)
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SECRET: Final = re.compile(r"authorization|api-?key|cookie|token|secret", re.I)
_MASK: Final = "***"


def parser() -> Parser:
    parser = Parser(
        prog="specwire api",
        description="Send a request below the address of a service, and print the "
        "body of the reply. The key is put on as on every call.",
        epilog=TOLD,
        examples=_EXAMPLES,
    )
    add = parser.add_argument
    add("verb", type=str.upper, choices=_METHODS, metavar="VERB", help="GET, POST, ...")
    add("path", metavar="PATH", help="such as /v1/models?limit=3")
    told = "the body; JSON, a file, or - to read it; anything with -H Content-Type:..."
    add("-d", "--data", metavar="@FILE", help=told)
    add(
        *("-H", "--header"),
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a header besides; again for more; never a key",
    )
    told = "anthropic, sim, or a provider of chat"
    add("--service", default="anthropic", metavar="NAME", help=told)
    told = "print status and headers before the body, keys masked"
    add("-i", "--include", action="store_true", help=told)
    told = "print status, headers and body as one JSON document"
    add("--json", action="store_true", help=told)
    add_call(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the reply's body; an error status has its exit code, and its body too."""
    from ..core.errors import APIStatusError

    options = parser().parse_args(argv)
    headers = dict(_headers(options.header))
    body = _body(options, headers)
    with Settings.of(options).client(options.service) as client:
        service = _service(client, options.service)
        try:
            with _sent(client, service, options, headers, body) as reply:
                return _shown(client, service, reply, options)
        except APIStatusError as error:
            if error.in_stream:
                raise
            _refused(client, service, error, options)
            raise


def _headers(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in given:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"-H: expected NAME:VALUE, got {name!r}")
        if _SECRET.search(name):
            raise UsageError(
                f"-H {name.strip()}: a key is never an argument, as others see those; "
                "set its variable (`specwire doctor` names it)"
            )
        yield name.strip(), value.strip()


def _body(options: argparse.Namespace, headers: dict[str, str]) -> bytes | None:
    if options.data is None:
        return None
    body = inputs.bytes_of(options.data, "-d")
    if not any(name.lower() == "content-type" for name in headers):
        inputs.json_in(body, options.data, "-d")
        headers["Content-Type"] = "application/json"
    return body


def _service(client: Any, name: str) -> str:
    """The service as the client has it: its own, or a provider that it takes in."""
    if name in client._services:
        return name
    from ..chat.loader import ManifestLoader
    from ..chat.provider import Provider, address

    manifest = ManifestLoader().load(name)
    provider = Provider(manifest, taken=client._services)
    client._serve(provider.service, address(client, manifest))
    return provider.service.name


def _sent(
    client: Any,
    service: str,
    options: argparse.Namespace,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Any:
    from ..core.resource import UNSET, Operation, Resource
    from ..core.results import Bytes

    path = options.path
    if "://" in path or path.startswith("//"):
        raise UsageError("PATH is below the service's address; --base-url changes that")
    path = path if path.startswith("/") else f"/{path}"
    operation: Operation[Any] = Operation(
        f"{options.verb} {path.partition('?')[0]}",
        service,
        options.verb,
        path.replace("{", "%7B").replace("}", "%7D"),
        result=Bytes(),
        retry="unstarted" if options.verb in ("POST", "PATCH") else "always",
    )
    resource = Resource(client)
    call = resource._prepare(
        operation, {}, (UNSET, UNSET, None), (dict(headers), None, None)
    )
    call.request.body = body
    return client._engine.send(call, client._hooks)


def _shown(client: Any, service: str, reply: Any, options: argparse.Namespace) -> int:
    told = reply._reply
    if options.json:
        text = reply.read().decode("utf-8", "replace")
        _as_json(client, service, told.status_code, told.headers, text)
        return 0
    if options.include:
        _head(client, service, told.status_code, told.headers)
    if terminal(sys.stdout):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with Flow() as flow:
            for chunk in reply:
                flow.say(decoder.decode(chunk))
            flow.say(decoder.decode(b"", final=True))
        return 0
    sys.stdout.flush()
    for chunk in reply:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    return 0


def _refused(client: Any, service: str, error: Any, options: Any) -> None:
    """What came with an error status is what was asked for as well."""
    import json

    body = error.body
    if options.json:
        _as_json(client, service, error.status_code, error.headers, body)
        return
    if options.include:
        _head(client, service, error.status_code, error.headers)
    if body not in (None, ""):
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        say(text)


def _head(client: Any, service: str, status: int, headers: Mapping[str, str]) -> None:
    say(f"HTTP {status}")
    for name, value in _masked(client, service, headers).items():
        say(f"{name}: {value}")
    say("")


def _as_json(
    client: Any, service: str, status: int, headers: Mapping[str, str], body: Any
) -> None:
    import json

    from .output import document

    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            pass
    shown = _masked(client, service, headers)
    document({"status": status, "headers": shown, "body": body})


def _masked(client: Any, service: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a reply, without what signs anybody in."""
    engine = client._engine
    secrets = engine.keyring.secrets(engine.services[service])
    shown = {}
    for name, value in sorted(headers.items()):
        if re.search(r"cookie|authorization|api-?key", name, re.I):
            value = _MASK
        for secret in secrets:
            value = value.replace(secret, _MASK)
        shown[name] = value
    return shown
