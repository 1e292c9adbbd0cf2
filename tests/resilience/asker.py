"""A program that asks a shared limit so often, and prints when it was let go.

Its arguments: the store, how many a second, how many times.
"""

from __future__ import annotations

import json
import sys
import time

from specwire.resilience import RateLimiter


def main(shared: str, rate: str, count: str) -> None:
    limiter = RateLimiter(requests_per_second=float(rate), shared=shared)
    print("ready", flush=True)
    sys.stdin.readline()
    times = []
    for _ in range(int(count)):
        limiter.acquire()
        times.append(time.monotonic())
    down = limiter.signals()["rate_limiter"]["store_down"]
    limiter.close()
    print(json.dumps({"times": times, "down": down}))


if __name__ == "__main__":
    main(*sys.argv[1:])
