"""Many threads, many equal calls, a server that often fails: to each its answer."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from typing import Any

import pytest

from specwire import Answer, Client, Hook, errors
from specwire.cache import Cache, DiskCache, MemoryCache
from specwire.core.wire import Headers, Reply
from tests.budgets.asking import message
from tests.house.modules import ROOT, SDK

HAMMER = """
import random, sys
from specwire.cache import DiskCache, Entry
store, chance = DiskCache(sys.argv[1], max_bytes=40_000), random.Random(sys.argv[2])
for _ in range(1500):
    key = f"k{chance.randrange(60)}"
    if chance.random() < 0.4:
        assert store.put(key, Entry(key * chance.randrange(1, 400), 0.0))
    elif (found := store.get(key)) is not None:
        assert set(found.value.split("k")) <= {"", key[1:]}
assert store.errors == 0
"""


class Server(Hook):
    """Says what it was asked, or fails."""

    def __init__(self) -> None:
        self.asked = 0

    def before_attempt(self, call: Any) -> Answer:
        self.asked += 1
        if self.asked % 3 == 0:
            raise errors.InternalServerError("no", status_code=500)
        text = json.loads(call.request.body)["messages"][0]["content"]
        body = {**message(), "content": [{"type": "text", "text": text}]}
        headers = Headers({"content-type": "application/json"})
        return Answer(Reply(200, headers, json.dumps(body).encode()))


@pytest.mark.parametrize("kind", ["memory", "small", "short", "disk"])
def test_each_gets_its_own_answer(kind: str, path: str) -> None:
    """Or an error; nobody is left waiting, and nothing is left under way."""
    cache = {
        "memory": lambda: Cache(),
        "small": lambda: Cache(MemoryCache(3)),
        "short": lambda: Cache(ttl=0.001),
        "disk": lambda: Cache(DiskCache(path, max_bytes=3000)),
    }[kind]()
    wrong: list[object] = []
    client = Client(
        api_keys={"anthropic": "sk-secret-0001"},
        hooks=[cache, Server()],
        max_retries=0,
    )

    def ask(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            question = str(chance.randrange(8))
            asked: Any = [{"role": "user", "content": question}]
            try:
                reply: Any = client.messages.create(
                    model="m", max_tokens=5, messages=asked
                )
                said = reply.content[0].text
            except errors.InternalServerError:
                continue
            if said != question:
                wrong.append((question, said))

    threads = [threading.Thread(target=ask, args=(n,), daemon=True) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert (wrong, cache._flights.under_way) == ([], {})
    assert cache.stats.errors == 0
    client.close()


@pytest.mark.soak
def test_processes_share_one_file(path: str) -> None:
    """Four of them at once: no wrong entry, no failure, sums that are right."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, path, str(number)],
            env={"PYTHONPATH": str(SDK)},
            cwd=ROOT,
        )
        for number in range(4)
    ]
    assert [each.wait(120) for each in running] == [0] * 4
    store = DiskCache(path)
    sizes = [row[0] for row in store._asked("SELECT size FROM entries")]
    assert store.size() == (len(sizes), sum(sizes))
    assert sum(sizes) <= 40_000
