"""A job whose disk is full after so many bytes: ``FILE URL BYTES``."""

from __future__ import annotations

import resource
import sys

from specwire.ledger import LedgerFileError, RunLedger

from .runs import client_of


def main(path: str, url: str, size: str) -> None:
    print("started", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), resource.RLIM_INFINITY))
    try:
        RunLedger(path).run("k", client_of(url), "wf_1")
    except LedgerFileError as error:
        output = None if error.entry is None else len(error.entry.output)
        print("full", output)


if __name__ == "__main__":
    main(*sys.argv[1:])
