"""``specwire sandbox``: serve the embedded sandbox until interrupted."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Print where it listens and with which keys, then serve.

    Standard output gets one JSON object, or shell lines to ``eval``; requests are
    talked about on standard error.
    """
    parser = argparse.ArgumentParser(
        prog="specwire sandbox",
        description="Serve both services on 127.0.0.1, with state and faults.",
    )
    parser.add_argument("--port", type=_port, default=0, help="0 takes any free port")
    parser.add_argument("--seed", type=int, default=0, help="what answers depend on")
    parser.add_argument(
        "--sim",
        choices=("v1", "v2", "both"),
        default="both",
        help="the contract of the workflow API that it has",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, not exports")
    parser.add_argument("--quiet", action="store_true", help="say nothing of requests")
    options = parser.parse_args(argv)

    from ..sandbox import Sandbox

    log = None if options.quiet else _say
    try:
        box = Sandbox(
            port=options.port, seed=options.seed, sim=options.sim, log=log
        ).start()
    except OSError as error:
        print(
            f"specwire sandbox: cannot listen on port {options.port}: "
            f"{error.strerror}; choose another --port",
            file=sys.stderr,
        )
        return 1
    with box:
        if options.json:
            print(json.dumps({"api_keys": box.api_keys, "base_urls": box.base_urls}))
        else:
            for service, url in box.base_urls.items():
                print(f"export {service.upper()}_BASE_URL={url}")
                print(f"export {service.upper()}_API_KEY={box.api_keys[service]}")
        sys.stdout.flush()
        _say("serving until interrupted (Ctrl-C)")
        threading.Event().wait()
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"expected 0 to 65535, got {port}")
    return port
