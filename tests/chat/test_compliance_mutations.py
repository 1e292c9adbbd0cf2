"""Each type of compliance case fails when the production code it runs is wrong.

So the runner has no logic of its own that could make a case pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import specwire_codegen.manifests
from specwire.chat import (
    capabilities,
    credentials,
    failures,
    operations,
    parameters,
    text_tool_prompts,
)
from specwire.chat.accumulating import ToolCallAccumulator
from specwire.chat.assembling import Assembler
from specwire.chat.compliance_runners import RUNNERS
from specwire.chat.dialects.base import Dialect
from specwire.chat.dialects.openai import OpenAI
from specwire.chat.manifest import Endpoint, Manifest
from specwire.chat.mapping import EventMapper
from specwire.chat.messages import Message
from specwire.chat.text_tool_dialects import Scan
from specwire.chat.tools import ToolCall
from specwire.chat.usage import Counting
from specwire.core.standard_codes import UNKNOWN, StandardErrorCode
from specwire.resilience.retry import RetryPolicy

from .test_compliance import OWN_CASES, ran


def gives(value: Any) -> Callable[..., Any]:
    """A function that gives the same whatever it is asked."""
    return lambda *given, **named: value


MUTATIONS: dict[str, tuple[Any, str, Any]] = {
    "advanced_endpoint_mapping": (Manifest, "endpoint", gives(Endpoint("PUT", "", {}))),
    "auth_attachment": (credentials.ProviderKey, "write", gives(None)),
    "capability_check": (capabilities, "declares", gives(True)),
    "capability_guard": (capabilities, "check", gives(None)),
    "content_block_encode": (Dialect, "parts", gives([])),
    "credential_resolution": (credentials, "_from_environment", gives(None)),
    "error_classification": (failures, "_first", gives(None)),
    "event_mapping": (EventMapper, "map", gives([])),
    "fallback_decision": (StandardErrorCode, "from_code", gives(UNKNOWN)),
    "message_building": (Message, "to_dict", lambda message: {"role": message.role}),
    "parameter_mapping": (parameters, "_filled", gives({})),
    "protocol_loading": (specwire_codegen.manifests, "profile", gives(None)),
    "provider_mock_behavior": (operations, "answer", gives({})),
    "request_building": (OpenAI, "answer", gives(None)),
    "response_parsing": (Counting, "counts", gives({})),
    "retry_decision": (RetryPolicy, "_helps", gives(True)),
    "stream_decode": (Assembler, "_text", gives(None)),
    "text_tool_hybrid": (ToolCall, "of", gives(ToolCall("", "other"))),
    "text_tool_parse": (Scan, "block", lambda scan, opener: opener.end()),
    "text_tool_prompt": (text_tool_prompts, "_tool_lines", gives("")),
    "tool_accumulation": (ToolCallAccumulator, "_found", gives(None)),
}
"""Type -> where it is, and what stands there instead of the right thing."""


def failing(kind: str) -> list[str]:
    """The cases of a type that do not hold now."""
    return [
        case.name
        for case in OWN_CASES
        if case.data["input"]["type"] == kind and ran(case)
    ]


def test_every_type_has_a_mutation() -> None:
    """None of the runners is left out."""
    assert set(MUTATIONS) == set(RUNNERS)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_wrong_production_function_is_seen(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the function replaced a case fails; with it in place none does."""
    assert failing(kind) == []
    owner, name, wrong = MUTATIONS[kind]
    monkeypatch.setattr(owner, name, wrong)
    assert failing(kind) != []
