"""An MCP server on its pipes that does what a tool's name says, faults among it.

Run as a program: standard library only. ``argv[1]`` is a JSON object of settings.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

SETTINGS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
RECEIVED: list[Any] = []
WAITING: dict[str, Any] = {}


def say(message: Any) -> None:
    text = message if isinstance(message, str) else json.dumps(message)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def answer(id: Any, text: Any = "ok") -> None:
    say({"jsonrpc": "2.0", "id": id, "result": result(text)})


def result(text: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}]}


def tell(method: str, **params: Any) -> None:
    say({"jsonrpc": "2.0", "method": method, "params": params})


def call(id: Any, name: str, given: dict[str, Any], params: dict[str, Any]) -> None:
    if name == "die":
        sys.stderr.write(f"fatal: {os.environ.get('SECRET')}\x1b[31m\n")
        sys.stderr.flush()
        os._exit(3)
    elif name == "say":
        for line in given["lines"]:
            say(line)
        answer(id)
    elif name == "raw":
        say({"jsonrpc": "2.0", "id": id, **given})
    elif name == "batch":
        say([{"jsonrpc": "2.0", "id": id, "result": result("of a batch")}])
    elif name == "twice":
        answer(id)
        answer(id, "again")
    elif name == "wrong":
        for other in (str(id), id + 1000, True, None, [id]):
            answer(other, "wrong")
        answer(id, "right")
    elif name == "huge":
        say("x" * given["bytes"])
    elif name == "received":
        answer(id, json.dumps(RECEIVED))
    elif name == "environ":
        answer(id, json.dumps(dict(os.environ)))
    elif name == "ask":
        WAITING["q1"] = id
        say({"jsonrpc": "2.0", "id": "q1", **given})
    elif name == "tell":
        tell(given["method"], **given["params"])
        answer(id)
    elif name == "ask_back":
        if len(RECEIVED) < given["until"]:
            asked = {"resultType": "input_required", **given["result"]}
            say({"jsonrpc": "2.0", "id": id, "result": asked})
        else:
            answer(id, json.dumps(params))
    elif name == "progress":
        token = params["_meta"]["progressToken"]
        for n in (1, 2):
            tell("notifications/progress", progressToken=token, progress=n, total=2)
        answer(id)
    elif name != "silent":
        answer(id, name)


def take(message: dict[str, Any]) -> None:
    id, method = message.get("id"), message.get("method")
    params = message.get("params", {})
    if method == "initialize" and SETTINGS.get("stateless"):
        error = {"code": SETTINGS["stateless"], "message": "unsupported"}
        say({"jsonrpc": "2.0", "id": id, "error": error})
    elif method == "server/discover":
        made = {"supportedVersions": ["2026-07-28"], "capabilities": {}}
        say(
            {
                "jsonrpc": "2.0",
                "id": id,
                "result": {**made, **SETTINGS.get("facts", {})},
            }
        )
    elif method == "initialize":
        facts = {"protocolVersion": "2025-06-18", "capabilities": {}}
        made = {**facts, "serverInfo": {"name": "odd"}, **SETTINGS.get("facts", {})}
        say({"jsonrpc": "2.0", "id": id, "result": made})
    elif method == "tools/list":
        pages = SETTINGS.get("pages", [{"tools": []}])
        say({"jsonrpc": "2.0", "id": id, "result": pages[int(params.get("cursor", 0))]})
    elif method == "tools/call":
        call(id, params["name"], params["arguments"], params)
    elif method is None and id in WAITING:
        answer(WAITING.pop(id), json.dumps(message))


if SETTINGS.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    RECEIVED.append(json.loads(line))
    take(RECEIVED[-1])
while SETTINGS.get("stubborn"):
    signal.pause()
