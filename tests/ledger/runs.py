"""A server of runs that counts them, in the three kinds that users have.

``old`` ignores the caller's identifiers and cannot be asked about runs; ``today`` knows
both on the first contract's paths, ``v2`` on the second's.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import Any

from specwire import Client

from ..scripted import Received, reply

CLOSE = {"Connection": "close"}


class Runs:
    """Runs by identifier. ``now`` is what a run comes to; ``left`` how many lookups
    find it running; ``kills`` ends the process that asks, before it gets its answer."""

    def __init__(self, kind: str = "today") -> None:
        self.kind = kind
        self.known: dict[str, str] = {}
        self.began = 0
        self.lookups = 0
        self.now = "completed"
        self.left = 0
        self.kills: int | None = None
        self.let_go = threading.Event()
        self.let_go.set()

    def __call__(self, conn: socket.socket, request: Received) -> None:
        status, body = self.answer(request)
        conn.sendall(reply(status, body, CLOSE))

    def answer(self, request: Received) -> tuple[int, Any]:
        path = request.target.partition("?")[0]
        if path.startswith("/api/v2/") is not (self.kind == "v2"):
            return 404, "<html>no such page</html>"
        if request.method == "GET":
            self.lookups += 1
            return self.looked_up(path)
        return self.run(request)

    def run(self, request: Received) -> tuple[int, Any]:
        name = "x-run-id" if self.kind == "v2" else "x-execution-id"
        run_id = request.headers[name]
        if self.kind == "old":
            run_id = f"own_{self.began}"
        if run_id in self.known:
            if self.kind == "v2":
                finer = {"code": "RUN_ID_CONFLICT"}
                said = {"code": "CONFLICT", "message": "in use", "details": finer}
                return 409, {"error": said}
            return 409, {"error": "in use", "code": "EXECUTION_ID_CONFLICT"}
        self.began += 1
        self.known[run_id] = self.now
        if self.kills is not None:
            os.kill(self.kills, signal.SIGKILL)
        self.let_go.wait(10)
        if self.kind == "v2":
            return 200, {"data": self.described(run_id)}
        if self.now == "failed":
            return 500, {"success": False, "error": "block broke", "output": {}}
        return 200, {
            "success": True,
            "output": {"n": self.began},
            **({} if self.kind == "old" else {"executionId": run_id}),
        }

    def looked_up(self, path: str) -> tuple[int, Any]:
        if self.kind == "old":
            return 404, "<html>no such page</html>"
        run_id = path.rpartition("/")[2]
        if run_id not in self.known:
            return 404, (
                {"error": {"code": "NOT_FOUND", "message": "Not found"}}
                if self.kind == "v2"
                else {"error": "Execution not found"}
            )
        run = self.described(run_id)
        return 200, {"data": run} if self.kind == "v2" else run

    def described(self, run_id: str) -> dict[str, Any]:
        self.left -= 1
        status = "running" if self.left >= 0 else self.known[run_id]
        output = {"n": self.began}
        if self.kind == "v2":
            failed = {"code": "X", "message": "block broke"}
            error: Any = failed if status == "failed" else None
            return {
                "runId": run_id,
                "workflowId": "wf_1",
                "status": status,
                "output": output,
                "error": error,
            }
        return {
            "executionId": run_id,
            "status": status,
            "finalOutput": output,
            "error": "block broke" if status == "failed" else None,
        }


def script(runs: Runs, length: int = 20) -> list[Runs]:
    """A script of ``length`` requests that ``runs`` answers."""
    return [runs] * length


def client_of(url: str, **options: Any) -> Client:
    return Client(base_urls={"sim": url}, api_keys={"sim": "sk-1"}, **options)
