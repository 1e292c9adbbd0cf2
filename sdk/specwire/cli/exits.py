"""How a command ends: exit codes, and an error as one sentence that says what to do."""

from __future__ import annotations

import re
from typing import Final

from ..core import errors as _errors

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
SOME_FAILED: Final = 3
NO_ACCESS: Final = 4
LIMITED: Final = 5
LATE: Final = 6
INTERRUPTED: Final = 130

TOLD: Final = (
    "exit codes: 0 done, 1 failed, 2 usage, 3 some items failed, 4 authentication,\n"
    "5 rate limit or budget, 6 time-out, 130 interrupted"
)


class UsageError(Exception):
    """What was asked for makes no sense; nothing was sent."""


# The first that fits counts; a time-out is a connection error as well.
_KINDS: Final[tuple[tuple[type[BaseException], int, str], ...]] = (
    (UsageError, USAGE, ""),
    (
        _errors.MissingCredentialError,
        NO_ACCESS,
        "`specwire doctor` tells which keys are found",
    ),
    (
        _errors.AuthenticationError,
        NO_ACCESS,
        "`specwire doctor` tells where the key comes from",
    ),
    (_errors.PermissionDeniedError, NO_ACCESS, "the key is known, but may not do this"),
    (_errors.RateLimitError, LIMITED, "wait, or send less at a time"),
    (_errors.BackpressureError, LIMITED, "wait, or send less at a time"),
    (_errors.BudgetExceededError, LIMITED, "`specwire usage` tells what was spent"),
    (_errors.APITimeoutError, LATE, "--timeout SECONDS gives it longer"),
    (_errors.StreamError, FAILED, "what had arrived is above; ask again for the rest"),
    (
        _errors.APIConnectionError,
        FAILED,
        "check the network, the proxy and the address with `specwire doctor --online`",
    ),
    (_errors.OverloadedError, FAILED, "the service is full; ask again later"),
    (_errors.ManifestError, USAGE, "`specwire manifests list` names the providers"),
    (_errors.RequestValidationError, USAGE, ""),
)

_IN_CODE: Final = (
    (r"pass api_keys=\{[^}]*\}", "put it below [api_keys] in your config.toml"),
    (r"client\.workflows\.runs\.get\(.*\)", "--workflow ID"),
)
"""What programs can do, and what is there for a command's user instead."""


def code_of(error: BaseException) -> int:
    """The exit code that stands for ``error``."""
    return next((code for kind, code, _ in _KINDS if isinstance(error, kind)), FAILED)


def told(error: BaseException) -> str:
    """``error`` and what can be done about it, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        text = f"{where}{error.strerror}"
    for program, command in _IN_CODE:
        text = re.sub(program, command, text)
    if isinstance(error, _errors.MissingCredentialError):
        text = text.partition("; the system's keyring was not asked")[0]
    after = getattr(error, "retry_after_s", None)
    if after:
        return f"{text}; the server asks to wait {after:g} s"
    advice = next((do for kind, _, do in _KINDS if isinstance(error, kind)), "")
    return f"{text}; {advice}" if advice else text
