"""What a manifest says about failure: classes, where replies name them, retries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .manifest_reading import Reader, unique
from .problems import did_you_mean, shown

CLASSES = {
    "invalid_request": "E1001",
    "authentication": "E1002",
    "permission_denied": "E1003",
    "not_found": "E1004",
    "request_too_large": "E1005",
    "rate_limited": "E2001",
    "quota_exhausted": "E2002",
    "server_error": "E3001",
    "overloaded": "E3002",
    "timeout": "E3003",
    "conflict": "E4001",
    "cancelled": "E4002",
    "unknown": "E9999",
}
"""The standard's names and codes."""
_ALSO = {
    "other": "E9999",
    # codes of providers that manifests write where a class belongs
    "insufficient_quota": "E2002",
    "quota_exceeded": "E2002",
    "payment_required": "E2002",
    "billing": "E2002",
    "rate_limit": "E2001",
    "rate_limit_exceeded": "E2001",
    "bad_request": "E1001",
    "validation_error": "E1001",
    "unauthorized": "E1002",
    "authentication_error": "E1002",
    "forbidden": "E1003",
    "permission_error": "E1003",
    "model_not_found": "E1004",
    "context_length_exceeded": "E1005",
    "payload_too_large": "E1005",
    "capability_not_declared": "E1005",
    "unsupported_capability": "E1005",
    "internal_error": "E3001",
    "internal_server_error": "E3001",
    "service_unavailable": "E3002",
    "unavailable": "E3002",
    "gateway_timeout": "E3003",
    "canceled": "E4002",
}
_CODES = frozenset(CLASSES.values())
_PATHS = ("message", "code", "type", "status", "param", "request_id")
_GROWTH = {
    "exponential_backoff": "exponential",
    "exponential": "exponential",
    "linear_backoff": "linear",
    "linear": "linear",
    "fixed_delay": "fixed",
    "fixed": "fixed",
    "constant": "fixed",
    "none": "fixed",
}


def errors(manifest: Reader, contract: Mapping[str, Any] | None) -> dict[str, Any]:
    """How an error reply is understood; a contract's own where ``contract`` is none."""
    usual = contract["errors"] if contract else None
    said = manifest.table("error_classification")
    response = manifest.table("provider_contract").table("response_mapping")
    paths = manifest.table("features").table("response_mapping").table("error")
    extraction = response.table("error_extraction")
    made: dict[str, Any] = {
        "by_code": {
            **_classes(said, "by_error_type"),
            **_classes(said, "by_error_code"),
        },
        "by_status": _classes(said, "by_error_status"),
        "by_http": _classes(said, "by_http_status"),
        "by_message": [
            [text.lower(), code]
            for text, code in _classes(said, "by_message_contains").items()
        ],
        "retry_after": _extraction(said),
    }
    for key in _PATHS:
        made[key] = [
            path for table in (paths, extraction) for path in table.paths(f"{key}_path")
        ]
    return _with_usual(made, usual) if usual else made


def _with_usual(made: dict[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest's own first; the contract's stand in."""
    for key in ("by_code", "by_status", "by_http"):
        made[key] = {**usual[key], **made[key]}
    texts = [text for text, _ in made["by_message"]]
    made["by_message"] += [one for one in usual["by_message"] if one[0] not in texts]
    for key in _PATHS:
        made[key] = unique([*made[key], *usual[key]])
    made["retry_after"] = made["retry_after"] or usual["retry_after"]
    return made


def _classes(said: Reader, key: str) -> dict[str, str]:
    table = said.table(key)
    found: dict[str, str] = {}
    for name, word in said.mapping(key).items():
        code = code_of(word)
        if code is None:
            hint = did_you_mean(word, CLASSES) or f"known are {', '.join(CLASSES)}"
            table.odd("M008", f"there is no error class '{shown(word)}'", name, hint)
        else:
            found[name] = code
    return found


def code_of(word: str) -> str | None:
    """The standard code of a class's name, or of what is written for one."""
    word = word.strip()
    if word.upper() in _CODES:
        return word.upper()
    return CLASSES.get(word.lower()) or _ALSO.get(word.lower())


def _extraction(said: Reader) -> dict[str, str] | None:
    one = said.table("retry_after_extraction")
    pattern = one.text("pattern")
    if pattern is None:
        return None
    try:
        if len(pattern) > 200:
            raise re.error("longer than 200 characters")
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        one.bad("M006", f"'{shown(pattern)}' cannot be used: {error}", "pattern")
        return None
    return {"pattern": pattern, "unit": one.text("unit") or "seconds"}


def retry(manifest: Reader) -> dict[str, Any] | None:
    """The provider's advice on trying again; ``None`` where it gives none."""
    if "retry_policy" not in manifest:
        return None
    said = manifest.table("retry_policy")
    strategy = said.text("strategy") or "exponential_backoff"
    if strategy not in _GROWTH:
        hint = f"expected one of {', '.join(_GROWTH)}"
        said.odd("M005", f"there is no strategy '{shown(strategy)}'", "strategy", hint)
    jitter = said.text("jitter") or "full"
    if jitter not in ("full", "equal", "none"):
        hint = "expected full, equal or none"
        said.odd("M005", f"there is no jitter '{shown(jitter)}'", "jitter", hint)
        jitter = "full"
    retries = said.whole("max_retries")
    return {
        "max_retries": 0 if strategy == "none" else 3 if retries is None else retries,
        "min_s": _seconds(said, "min_delay_ms", 1.0),
        "max_s": _seconds(said, "max_delay_ms", 30.0),
        "factor": said.number("backoff_multiplier") or said.number("multiplier") or 2.0,
        "growth": _GROWTH.get(strategy, "exponential"),
        "jitter": jitter,
        "http": _whole(said, "retry_on_http_status"),
        "status": said.texts("retry_on_error_status"),
        "code": said.texts("retry_on_error_code"),
    }


def _seconds(said: Reader, key: str, default: float) -> float:
    value = said.number(key)
    return default if value is None else value / 1000


def _whole(said: Reader, key: str) -> list[int] | None:
    if key not in said:
        return None
    found: list[int] = []
    for value in said.items(key):
        if isinstance(value, (int, str)) and str(value).isdigit():
            found.append(int(value))
        else:
            said.bad("M003", f"expected an HTTP status, got '{shown(value)}'", key)
    return found
