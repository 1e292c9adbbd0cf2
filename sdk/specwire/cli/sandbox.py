"""``specwire sandbox``: serve the embedded sandbox until interrupted."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .exits import FAILED
from .output import item, say, talk
from .parsing import Parser

if TYPE_CHECKING:
    from ..sandbox import Sandbox
    from .watched_runs import WatchedRuns

_EXAMPLES: Final = (
    ("specwire sandbox --port 8787", "prints what to put into the environment"),
    ("specwire sandbox --ui", "and a page that shows what comes"),
    ("specwire sandbox --json", "addresses and keys as JSON"),
    ("specwire sandbox --chat openai", "and those of a provider of chat"),
)


def main(argv: Sequence[str]) -> int:
    """Print where it listens and with which keys, then serve.

    Standard output gets one JSON object, or shell lines to ``eval``; requests are
    talked about on standard error.
    """
    asked = parser()
    options = asked.parse_args(argv)

    from ..sandbox import Sandbox
    from ..sandbox.chat.providers import PROVIDERS

    unknown = sorted(set(options.chat) - {"all", *PROVIDERS})
    if unknown:
        known = ", ".join(PROVIDERS)
        asked.error(f"--chat {unknown[0]}: expected all or one of {known}")
    if options.journal and not options.ui:
        asked.error("--journal: the page shows runs; give --ui as well")
    log = None if options.quiet else talk
    try:
        box = Sandbox(
            port=options.port,
            seed=options.seed,
            sim=options.sim,
            log=log,
            ui=options.ui,
            runs=_runs(options.journal) if options.ui else None,
        ).start()
    except OSError as error:
        talk(
            f"specwire sandbox: cannot listen on port {options.port}: "
            f"{error.strerror}; choose another --port"
        )
        return FAILED
    with box:
        if options.json:
            item(_facts(box, ui=options.ui))
        else:
            for line in exports(box, options.chat):
                say(line)
        if options.ui:
            talk(f"watch at {box.page_url}")
        talk("serving until interrupted (Ctrl-C)")
        threading.Event().wait()
    return 0


def _runs(places: Sequence[str]) -> WatchedRuns:
    from .watched_runs import WatchedRuns

    return WatchedRuns(places or ["."])


def _facts(box: Sandbox, *, ui: bool) -> dict[str, Any]:
    page = {"page_url": box.page_url} if ui else {}
    return {
        **page,
        "api_keys": box.api_keys,
        "base_urls": box.base_urls,
        "chat_keys": box.chat_keys,
        "chat_urls": box.chat_urls,
    }


def parser() -> Parser:
    parser = Parser(
        prog="specwire sandbox",
        description="Serve both services, and the providers of chat, on 127.0.0.1, "
        "with state and faults.",
        examples=_EXAMPLES,
    )
    parser.add_argument("--port", type=_port, default=0, help="0 takes any free port")
    parser.add_argument("--seed", type=int, default=0, help="what answers depend on")
    parser.add_argument(
        "--sim",
        choices=("v1", "v2", "both"),
        default="both",
        help="the contract of the workflow API that it has",
    )
    parser.add_argument(
        "--chat",
        action="append",
        default=[],
        metavar="PROVIDER",
        help="print this provider's address and key as well; `all` prints all",
    )
    parser.add_argument(
        "--ui", action="store_true", help="serve a page to watch it by, and say where"
    )
    parser.add_argument(
        "--journal",
        action="append",
        default=[],
        metavar="PATH",
        help="with --ui: a run's journal, or a folder of them, whose progress to "
        "show; the current folder is the default",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, not exports")
    parser.add_argument("--quiet", action="store_true", help="say nothing of requests")
    return parser


def exports(box: Sandbox, chat: Sequence[str]) -> Iterator[str]:
    """Shell lines: both services, and the providers of ``chat``."""
    urls = box.base_urls
    yield from _export({name: urls[name] for name in box.services}, box.api_keys)
    wanted = box.chat_urls if "all" in chat else chat
    # Anthropic's variables are those of the service.
    chosen = [name for name in wanted if name not in box.services]
    yield from _export({name: box.chat_urls[name] for name in chosen}, box.chat_keys)


def _export(urls: Mapping[str, str], keys: Mapping[str, str]) -> Iterator[str]:
    for name, url in urls.items():
        yield f"export {name.upper()}_BASE_URL={url}"
        yield f"export {name.upper()}_API_KEY={keys[name]}"


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"expected 0 to 65535, got {text!r}")
    return port
