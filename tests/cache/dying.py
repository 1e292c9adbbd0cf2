"""Writes entries until it is killed; run as a program with the file's path."""

from __future__ import annotations

import sys

from specwire.cache import DiskCache, Entry

if __name__ == "__main__":
    store = DiskCache(sys.argv[1], max_bytes=200_000)
    number = 0
    while True:
        store.put(f"k{number % 97}", Entry(f"value {number % 97} " * 200, 0.0))
        number += 1
        if number == 200:
            print("begun", flush=True)
