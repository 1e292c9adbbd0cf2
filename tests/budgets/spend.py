"""A process that spends: ``python -m tests.budgets.spend FILE URL HOW``.

HOW is a number of threads, which call until the budget refuses; or ``die``, which is
killed between the answer and its settlement.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from specwire import Client, Hook
from specwire.budgets import Budget, BudgetExceededError

from .asking import ASKED

LIMIT = 0.02


class Dies(Hook):
    def after_attempt(self, call: Any, outcome: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main(path: str, url: str, how: str) -> None:
    budget = Budget(LIMIT, ledger=path)
    hooks: list[Hook] = [budget, Dies()] if how == "die" else [budget]
    client = Client(base_urls={"anthropic": url}, hooks=hooks)
    made: list[int] = []

    def spend() -> None:
        try:
            while True:
                client.messages.create(**ASKED)
                made.append(1)
        except BudgetExceededError:
            pass

    if how == "die":
        spend()
    threads = [threading.Thread(target=spend) for _ in range(int(how))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
