"""What each provider says of a failure: status, type, code and text, by the reason.

The words stand in ``wording.json``, from the providers' pages and from replies that
people have quoted; ``{model}``, ``{key}`` and ``{path}`` stand for what the request
held. A reason that a provider has no words for is told in OpenAI's.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

_FILE = Path(__file__).with_name("wording.json")


class Words(NamedTuple):
    """One failure in one provider's words."""

    status: int
    type: Any
    code: Any
    text: str


_USUAL: Final = {
    400: "bad_body",
    401: "bad_key",
    402: "quota",
    403: "denied",
    404: "no_model",
    405: "no_method",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    422: "bad_body",
    429: "rate",
    500: "server",
    502: "gateway",
    503: "overloaded",
    504: "late",
    529: "overloaded",
}


def words(provider: str, reason: str) -> Words:
    """How ``provider`` says ``reason``."""
    known = _known()
    usual = known["openai"]
    own = known.get(provider, usual)
    return own.get(reason) or usual.get(reason) or usual["bad_body"]


def reason_of(status: int) -> str:
    """Why a request is usually answered with ``status``."""
    return _USUAL.get(status, "bad_body" if status < 500 else "server")


@cache
def _known() -> dict[str, dict[str, Words]]:
    said = json.loads(_FILE.read_text("utf-8"))
    return {
        provider: {reason: Words(*each) for reason, each in reasons.items()}
        for provider, reasons in said.items()
    }
