"""The commands that only read: ``explain`` and ``diff``, from options to exit code."""

from __future__ import annotations

import argparse

from . import talk
from .build import understand
from .diff import diff
from .explain import NotThere, explain
from .job import Job
from .positions import Positions
from .problems import Problems, Unusable

DONE, FAILED, UNUSABLE = 0, 1, 2


def asked_explain(options: argparse.Namespace, job: Job, problems: Problems) -> int:
    """``explain``: what a part of the input became.

    :raises Unusable: where a document cannot be used at all.
    """
    try:
        found = explain(options.pointer, understand(job, problems), problems)
    except NotThere as error:
        talk.say(f"error: {talk.ascii_of(str(error))}")
        return UNUSABLE
    locate = Positions(job.root, job.remote.got)
    if options.json:
        talk.as_json([one.as_json(locate) for one in found])
        return DONE
    for number, one in enumerate(found):
        talk.data(["", *one.lines(locate)] if number else one.lines(locate))
    return DONE


def asked_diff(options: argparse.Namespace) -> int:
    """``diff``: what a new version changes; 1 where ``--fail-on`` says so."""
    problems = Problems()
    try:
        found = diff(options.old, options.new, problems)
    except Unusable as unusable:
        for line in unusable.problems.render():
            if ": error " in line:
                talk.say(talk.ascii_of(line))
        return UNUSABLE
    for problem in problems:
        if problem.severity == "error":
            # Both files are read as they are; a part that is wrong counts as Any.
            talk.say(talk.ascii_of(f"{problem.at}: {problem.message}"))
    if options.json:
        talk.as_json(found.as_json())
    else:
        talk.data(found.lines())
    return FAILED if options.fail_on and found.is_breaking else DONE
