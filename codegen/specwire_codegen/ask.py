"""The commands that only read: ``explain`` and ``diff``, from options to exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable

from .build import understand
from .diff import diff
from .explain import NotThere, explain
from .job import Job
from .positions import Positions
from .problems import Problems, Unusable

DONE, FAILED, UNUSABLE = 0, 1, 2


def asked_explain(options: argparse.Namespace, job: Job, problems: Problems) -> int:
    """``explain``: what a part of the input became."""
    try:
        found = explain(options.pointer, understand(job, problems), problems)
    except Unusable as unusable:
        return _unusable(unusable.problems)
    except NotThere as error:
        print(f"error: {_ascii(str(error))}", file=sys.stderr)
        return UNUSABLE
    locate = Positions(job.root)
    if options.json:
        print(json.dumps([one.as_json(locate) for one in found], indent=1))
        return DONE
    for number, one in enumerate(found):
        _print(["", *one.lines(locate)] if number else one.lines(locate))
    return DONE


def asked_diff(options: argparse.Namespace) -> int:
    """``diff``: what a new version changes; 1 where ``--fail-on`` says so."""
    problems = Problems()
    try:
        found = diff(options.old, options.new, problems)
    except Unusable as unusable:
        return _unusable(unusable.problems)
    for problem in problems:
        if problem.severity == "error":
            # Both files are read as they are; a part that is wrong counts as Any.
            print(_ascii(f"{problem.at}: {problem.message}"), file=sys.stderr)
    if options.json:
        print(json.dumps(found.as_json(), indent=1))
    else:
        _print(found.lines())
    return FAILED if options.fail_on and found.is_breaking else DONE


def _unusable(problems: Problems) -> int:
    for line in problems.render():
        if ": error " in line:
            print(_ascii(line), file=sys.stderr)
    return UNUSABLE


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(_ascii(line))


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")
