"""``specwire messages``: ``create``, from flags or from a whole request."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final

from . import inputs
from .exits import INTERRUPTED, TOLD, UsageError
from .output import Flow, document, item, say, talk
from .parsing import Parser, add, add_call, count
from .settings import Settings

_EXAMPLES: Final = (
    ("specwire messages create --user Hello", "the text of the answer"),
    ("specwire messages create -d @body.json", "a whole request"),
    ("specwire messages create --user Hi --json", "the message as it came"),
    ("specwire messages create --user Hi --stream", "as it arrives"),
)
_LONGEST: Final = 1024


def parser() -> Parser:
    whole = Parser(prog="specwire messages", examples=_EXAMPLES, epilog=TOLD)
    told = "send a message and print the answer"
    create = add(whole.commands(), "create", _create, told, _EXAMPLES)
    more = create.add_argument
    more("-d", "--data", metavar="@FILE", help="the request; - is standard input")
    more("-m", "--model", metavar="MODEL", help="whom to ask")
    more("-u", "--user", metavar="TEXT", help="what the user says; @FILE reads it")
    more("-s", "--system", metavar="TEXT", help="what the model is to be; @FILE reads")
    more("--max-tokens", type=count, metavar="N", help=f"of the answer ({_LONGEST})")
    more("--temperature", type=float, metavar="T", help="0 is the surest answer")
    more("--stream", action="store_true", help="print the answer as it arrives")
    more("--json", action="store_true", help="print JSON; of --stream an event a line")
    add_call(create)
    return whole


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    return parser().run(argv)


def _create(options: argparse.Namespace) -> int:
    settings = Settings.of(options)
    body = request(options, settings)
    stream = body.pop("stream", False)
    named = {name: body.pop(name) for name in ("model", "max_tokens", "messages")}
    with settings.client("anthropic") as client:
        if stream is True or options.stream:
            with client.messages.stream(**named, extra_body=body) as answer:
                return _streamed(answer, as_json=options.json)
        message: Any = client.messages.create(**named, extra_body=body)
    if options.json:
        document(message)
    else:
        say(text_of(message))
    return 0


def request(options: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The body: what ``-d`` says, and the flags, which count more.

    :raises UsageError: for a body that is no request.
    """
    body: dict[str, Any] = {}
    if options.data is not None:
        given = inputs.json_of(options.data, "-d")
        if not isinstance(given, Mapping):
            raise UsageError("-d: expected a JSON object, the body of a request")
        body = dict(given)
    if options.user is not None:
        said = {"role": "user", "content": inputs.text_of(options.user, "--user")}
        body["messages"] = [*body.get("messages", ()), said]
    if options.data is None and options.user is None:
        text = inputs.piped()
        body["messages"] = [{"role": "user", "content": text}] if text else []
    if not body.get("messages"):
        raise UsageError("say what to send: --user TEXT, or -d @body.json")
    if options.temperature is not None:
        body["temperature"] = options.temperature
    _with_settings(body, options, settings)
    return body


def _with_settings(
    body: dict[str, Any], options: argparse.Namespace, settings: Settings
) -> None:
    for name, usual in (("model", None), ("max_tokens", _LONGEST), ("system", None)):
        flag, found = getattr(options, name), settings.get(name).value
        if flag is None and name in body:
            continue
        value = usual if found is None else found
        if name == "model":
            value = str(value).removeprefix("anthropic/")
        if name == "system":
            value = settings.text(name)
        if value:
            body[name] = value


def _streamed(answer: Any, *, as_json: bool) -> int:
    try:
        if as_json:
            for event in answer:
                if type(event).__module__.startswith("specwire.models"):
                    item(event)  # the server's own events; the others are of these
            return 0
        with Flow() as flow:
            for text in answer.text_stream:
                flow.say(text)
    except KeyboardInterrupt:
        talk("interrupted")
        return INTERRUPTED
    return 0


def text_of(message: Any) -> str:
    """The text of a message; what else is in it, is said by its kind."""
    parts = [
        block.text if block.type == "text" else f"[{block.type}]"
        for block in message.content
    ]
    return "".join(parts)
