"""One client under the fault table: ``python fault_child.py NAME [GROUP]...``.

Prints a line of JSON a case, before it begins and when it is judged, so that the
process that started this one knows what hung. Cases read from standard input, one a
line, are left out. Not run by hand.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LONGEST_S = 10.0
"""A case may take no longer here; what hangs costs a few seconds more."""


def main(name: str, groups: list[str]) -> None:
    """Run all cases that ``name`` can express."""
    from fault_peers import LIBRARIES

    from tests.faults.actions import able
    from tests.faults.child import find
    from tests.faults.run import listening
    from tests.faults.table import cases

    done = set(sys.stdin.read().splitlines())
    library = find(LIBRARIES[name])
    with listening():
        for case in cases(library.dialect):
            if (groups and case.group not in groups) or case.id in done:
                continue
            say({"case": case.id, "group": case.group})
            found = one(case, library) if able(case, library) else {"able": False}
            say({"case": case.id, "group": case.group, **found})


def one(case: Any, library: Any) -> dict[str, Any]:
    """Run one case and say what came of it."""
    from tests.faults.run import hung, judge, lost, run

    seconds = min(case.expect.seconds, LONGEST_S)
    case = replace(case, expect=replace(case.expect, seconds=seconds))
    outcome = run(case, library)
    return {
        "able": True,
        "wrong": judge(case, outcome, library),
        "hung": hung(case, outcome),
        "untyped": outcome.kind.startswith("untyped"),
        "lost": lost(case, outcome),
        "betrayed": outcome.betrayed,
        "leaks": outcome.leaks,
    }


def say(line: dict[str, Any]) -> None:
    """Print one line at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT)]
    trusted = str(ROOT / "tests" / "faults" / "certs" / "ca.pem")
    os.environ |= {"REQUESTS_CA_BUNDLE": trusted, "SSL_CERT_FILE": trusted}
    main(sys.argv[1], sys.argv[2:])
    os._exit(0)  # threads of cases that hang are left behind
