"""``specwire ask``: one question to a model; the answer is printed as it arrives."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from . import inputs
from .exits import INTERRUPTED, TOLD, UsageError
from .output import Flow, document, talk
from .parsing import Parser, add_call, count
from .settings import Settings

if TYPE_CHECKING:
    from ..chat.streaming import ChatStream
    from ..chat.turn import ChatRequestBuilder

_EXAMPLES: Final = (
    ('specwire ask "Why is the sky blue?"', ""),
    ("specwire ask --model openai/gpt-4o Hello", "any provider's model"),
    ('git diff | specwire ask "Review this"', "what is piped in is asked about"),
    ('specwire ask "What is this?" --file a.png', "pictures, PDF files, text"),
    ("specwire ask --json Hello", "answer, model and usage as JSON"),
)
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def parser() -> Parser:
    parser = Parser(
        prog="specwire ask",
        description="Ask a model; the answer is printed as it arrives. Ctrl-C leaves "
        "what has come.",
        epilog=TOLD,
        examples=_EXAMPLES,
    )
    add = parser.add_argument
    add("text", nargs="*", metavar="TEXT", help="what to ask; else standard input")
    add("-m", "--model", metavar="PROVIDER/MODEL", help="whom to ask")
    add("-s", "--system", metavar="TEXT", help="what the model is to be; @FILE reads")
    add(
        *("-f", "--file"),
        action="append",
        default=[],
        metavar="PATH",
        help="a file that is asked about; again for more",
    )
    add("--max-tokens", type=count, metavar="N", help="of the answer, at most")
    add("--temperature", type=float, metavar="T", help="0 is the surest answer")
    add("--json", action="store_true", help="print the whole answer as JSON")
    add_call(parser)
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the answer; 0 done, 130 interrupted."""
    options = parser().parse_args(argv)
    settings = Settings.of(options)
    content = _content(options)
    model = str(settings.get("model").value)
    provider = model.partition("/")[0] if "/" in model else "anthropic"
    with settings.client(provider) as client:
        request = client.chat(model)
        _fill(request, options, settings)
        with request.user(content).stream() as stream:
            return _json(stream) if options.json else _printed(stream)


def _content(options: argparse.Namespace) -> Any:
    """What is asked: the words, what is piped in, and the files before both."""
    words = " ".join(options.text)
    if words == "-":
        words = ""
    more = inputs.piped()
    if not words and not more and not options.file:
        raise UsageError('say what to ask: specwire ask "Why is the sky blue?"')
    text = "\n\n".join(part for part in (words, (more or "").rstrip("\n")) if part)
    if not options.file:
        return text
    blocks = [_block(path) for path in options.file]
    return [*blocks, {"type": "text", "text": text}] if text else blocks


def _block(path: str) -> Any:
    from ..chat.blocks import ContentBlock

    ending = os.path.splitext(path)[1].lower()
    if not os.path.isfile(path):
        raise UsageError(f"--file: there is no file {path}")
    if ending in _PICTURES:
        return ContentBlock.image_from_file(path)
    if ending == ".pdf":
        return ContentBlock.document_from_file(path)
    text = inputs.read_text(path, "--file")
    name = os.path.basename(path)
    return {"type": "text", "text": f"File {name}:\n\n{text}"}


def _fill(
    request: ChatRequestBuilder, options: argparse.Namespace, settings: Settings
) -> None:
    system = settings.text("system")
    if system:
        request.system(system)
    max_tokens = settings.get("max_tokens").value
    if max_tokens:
        request.max_tokens(int(max_tokens))
    if options.temperature is not None:
        request.temperature(options.temperature)


def _printed(stream: ChatStream) -> int:
    try:
        with Flow() as flow:
            for event in stream:
                if event.is_content_delta:
                    flow.say(event.as_content_delta.text)
    except KeyboardInterrupt:
        talk("interrupted")
        return INTERRUPTED
    reason = stream.response.candidates[0].finish_reason
    if reason == "max_tokens":
        talk("specwire ask: the answer ends at its longest; --max-tokens allows more")
    return 0


def _json(stream: ChatStream) -> int:
    code = 0
    try:
        for _ in stream:
            pass
    except KeyboardInterrupt:
        talk("interrupted")
        code = INTERRUPTED
    response = stream.response
    usage = response.usage
    document(
        {
            "complete": code == 0,
            "finish_reason": response.candidates[0].finish_reason,
            "model": response.model,
            "provider": response.provider,
            "request_id": response._request_id,
            "text": response.content,
            "usage": {
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
            },
        }
    )
    return code
