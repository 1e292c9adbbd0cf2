"""The capability profile: which of its parts may stand together.

The messages are the protocol's own, which its compliance suite compares word by word.
"""

from __future__ import annotations

from typing import Any

from .manifest_reading import Reader

_MEMBERS = {
    "phase": None,
    "inputs": ("modalities", "max_references", "max_payload_mb"),
    "outcomes": ("types", "quality_tier"),
    "systems": ("requires",),
    "process": ("mode", "supports_callbacks", "max_async_jobs"),
    "contract": ("safety_profile", "cost_class", "error_model_ref", "sla_tier"),
    "future_reserved": None,
}
_IOS = ("inputs", "outcomes", "systems")
_LATER = ("process", "contract")
ADDITIONAL = "must NOT have additional properties"
ANY_OF = "must match at least one schema in anyOf"
NO_OBJECT = "capability_profile must be object"
NEEDS_LATER = "iospc_v1 requires process or contract"


def profile(manifest: Reader) -> dict[str, Any] | None:
    """The profile, checked; ``None`` where there is none or it is wrong."""
    said = manifest.data.get("capability_profile")
    if said is None and "capability_profile" not in manifest.data:
        return None
    if not isinstance(said, dict):
        manifest.bad("M009", NO_OBJECT, "capability_profile")
        return None
    found = _wrong(said)
    for message, key in found:
        manifest.table("capability_profile").bad("M009", message, key)
    return None if found else said


def _wrong(said: dict[str, Any]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    phase = said.get("phase", "ios_v1")
    if phase not in ("ios_v1", "iospc_v1"):
        found.append(("must be equal to one of the allowed values", "phase"))
    for key, value in said.items():
        if key not in _MEMBERS or (phase == "ios_v1" and key in _LATER):
            found.append((ADDITIONAL, key))
        elif (members := _MEMBERS[key]) is not None:
            if not isinstance(value, dict):
                found.append(("must be object", key))
            elif set(value) - set(members):
                found.append((ADDITIONAL, key))
    if not any(key in said for key in _IOS):
        found.append((ANY_OF, None))
    if phase == "iospc_v1" and not any(key in said for key in _LATER):
        found.append((NEEDS_LATER, None))
    return found
