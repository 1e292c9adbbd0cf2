"""A program whose threads ask a shared limit; it prints each time that one was let go.

Its arguments: the store, how many threads, how many times each asks.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from specwire.resilience import RateLimiter


def main(shared: str, threads: str, count: str) -> None:
    limiter = RateLimiter(requests_per_second=100, shared=shared)

    def ask(_: int) -> None:
        limiter.acquire()
        sys.stdout.write(f"{time.monotonic()}\n")

    with ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(ask, range(int(threads) * int(count))))
    limiter.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
