"""Provider contracts: what a provider's wire language does, checked by itself.

A contract that stands inside a manifest is merged with its dialect's by
:mod:`.manifests`; here one is read alone, as the protocol's own folder of contracts has
them, to see whether it may be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .manifest_reading import Reader, named
from .problems import Problems, Unusable, shown

REF_RESOLUTIONS: Final = ("error_before_encode", "resolve_at_runtime")
"""A document that is only referred to: refused, or fetched by the runtime."""
_BLOCKS: Final = "content_block_mapping"
_NEEDED: Final = {
    "request_mapping": ("message_format", "role_mapping"),
    "response_mapping": ("content_path", "finish_reason_path"),
}


def check_contract(
    data: Any, *, source: str = "", problems: Problems, part: str | None = None
) -> dict[str, Any]:
    """``{"blocks": how content blocks are written, "ref_resolutions": what may be}``.

    ``part`` is ``content_block_mapping`` where ``data`` is no more than that. What is
    wrong is added to ``problems``.

    :raises Unusable: where it is no mapping.
    """
    at = f"{source or 'contract'}#"
    if not isinstance(data, Mapping):
        problems.error("M001", at, f"expected a mapping, got {named(data)}")
        raise Unusable(problems)
    said = Reader(data, at, problems)
    if part is None:
        _check_members(said)
        said = said.table("request_mapping").table(_BLOCKS)
    for name in said.data:
        _check_block(said.table(name))
    return {"blocks": dict(said.data), "ref_resolutions": list(REF_RESOLUTIONS)}


def _check_members(said: Reader) -> None:
    for name in ("contract_version", "provider_id", "api_style"):
        if said.text(name) is None:
            said.bad("M002", f"there is no {name}", None)
    for name, members in _NEEDED.items():
        table = said.table(name)
        for member in members:
            if member not in table:
                said.bad("M002", f"there is no {member}", name)


def _check_block(block: Reader) -> None:
    how = block.text("ref_resolution")
    if how is not None and how not in REF_RESOLUTIONS:
        hint = f"expected {' or '.join(REF_RESOLUTIONS)}"
        block.bad("M003", f"'{shown(how)}' resolves nothing", "ref_resolution", hint)
