"""A provider's contract, read alone: whole, and with the ways that there are."""

from __future__ import annotations

from typing import Any

import pytest

from specwire_codegen.manifest_contract import check_contract
from specwire_codegen.problems import Problems, Unusable

WHOLE: dict[str, Any] = {
    "contract_version": "1.0",
    "provider_id": "lagoon",
    "api_style": "anthropic_messages",
    "request_mapping": {"message_format": "blocks", "role_mapping": {"user": "user"}},
    "response_mapping": {"content_path": "$.text", "finish_reason_path": "$.end"},
}


def said(data: Any, part: str | None = None) -> list[str]:
    """The messages of what is wrong."""
    problems = Problems()
    check_contract(data, problems=problems, part=part)
    return [problem["message"] for problem in problems.as_json()]


def test_a_whole_contract_has_nothing_wrong() -> None:
    """Its blocks may be left out."""
    assert said(WHOLE) == []


@pytest.mark.parametrize("name", WHOLE)
def test_what_every_contract_has_is_missed(name: str) -> None:
    """Each missing part is named."""
    messages = said({k: v for k, v in WHOLE.items() if k != name})
    assert messages and all(message.startswith("there is no ") for message in messages)


def test_a_reference_is_resolved_in_one_of_two_ways() -> None:
    """A third is refused, in a whole contract and in the blocks alone."""
    block = {"document": {"ref_resolution": "pass_through"}}
    request = {**WHOLE["request_mapping"], "content_block_mapping": block}
    (message,) = said({**WHOLE, "request_mapping": request})
    assert said(block, "content_block_mapping") == [message]
    assert "pass_through" in message


def test_a_contract_is_a_mapping() -> None:
    """Anything else cannot be used at all."""
    with pytest.raises(Unusable):
        check_contract([], problems=Problems())
