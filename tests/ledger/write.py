"""Writes entries until it is killed; each is named once it is committed."""

from __future__ import annotations

import sys

from specwire.ledger import Entry
from specwire.ledger.store import Store


def main(path: str) -> None:
    store = Store(path)
    store.made(lambda: None)
    number = 0
    while True:
        key, result = f"k{number}", {"output": "x" * 20_000}
        store.put(Entry(key, "wf", "s", "r", "completed", 1, 0.0, result=result))
        print(number, flush=True)
        number += 1


if __name__ == "__main__":
    main(sys.argv[1])
