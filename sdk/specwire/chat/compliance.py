"""One case of the AI-Protocol compliance suite, run through the public code of chat.

A case is data (``{"input": {"type": …}, "setup": {…}, "expected": {…}}``). From its
input the arguments of public functions are made, and what these return is given back
under the names that the suite has for it: see :mod:`.compliance_runners`. What is
expected is not looked at, and nothing is decided here.

>>> case = {"input": {"type": "fallback_decision", "error_code": "E2001"}}
>>> run(case, ".")["should_fallback"]
True
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.errors import SpecwireError
from .compliance_case import Given
from .compliance_runners import RUNNERS, Result, refused


def run(case: Mapping[str, Any], root: str | os.PathLike[str]) -> Result:
    """What the runtime makes of ``case``.

    :param root: the folder that paths of the case are relative to: the suite's
        (``tests/compliance``), the protocol's, or the case's own.
    :returns: ``valid`` and what the type of the case produces; where the runtime
        refuses, ``valid: False`` with ``errors``, ``error_code`` and ``error_name``.
    :raises ValueError: for a type that there is no runner for.
    """
    kind = case["input"]["type"]
    runner = RUNNERS.get(kind)
    if runner is None:
        known = ", ".join(sorted(RUNNERS))
        raise ValueError(f"compliance: type {kind!r} is not one of {known}")
    try:
        return {"valid": True, **runner(Given(case, Path(root)))}
    except SpecwireError as error:
        return refused(error)
