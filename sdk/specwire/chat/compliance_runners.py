"""A runner for each type of compliance case: the call of a function and a renaming.

No runner decides anything: a test replaces the function that it calls by a wrong one
and sees the cases of the type fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..core.errors import SpecwireError, status_error
from ..core.resource import Operation
from ..core.standard_codes import StandardErrorCode
from ..core.types import Timeout
from ..core.wire import Call, Reply, Request
from . import capabilities, credentials, foreign, operations, text_tools
from .accumulating import ToolCallAccumulator
from .assembling import Assembler
from .compliance_case import ENDPOINT, Given
from .decoding import ChatDecoder, ChatEvents
from .dialects import encode_blocks
from .failures import classify
from .frames import frames
from .manifest import Manifest
from .mapping import EventMapper
from .parameters import mapped
from .request import ChatRequest, payload
from .response import ChatResponse, read_response

Result = dict[str, Any]


def refused(error: SpecwireError) -> Result:
    lines = getattr(error, "problems", None) or [str(error)]
    # A problem's line is "file:line:col: error M002 message".
    errors = [re.sub(r"^.*? error [A-Z]\d{3} ", "", line) for line in lines]
    code = StandardErrorCode.from_code(error.standard_code)
    return {"valid": False, "errors": errors, **coded(code)}


def coded(code: StandardErrorCode) -> Result:
    return {
        "error_code": code.code,
        "error_name": code.name,
        "error_type": code.name,
        "retryable": code.retryable,
        "fallbackable": code.fallbackable,
    }


# -- manifests and contracts -------------------------------------------------------


def _protocol_loading(given: Given) -> Result:
    if given.get("contract_path"):
        return _contract(foreign.contract(given.path(given["contract_path"])))
    if given.get("contract_fragment"):
        part = "content_block_mapping"
        return _contract(foreign.contract(given["contract_fragment"], part=part))
    path = given.path(given.named("manifest_path"))
    manifest = Manifest(foreign.compiled(path))
    return {
        "errors": [],
        "provider_id": manifest.id,
        "protocol_version": manifest.protocol_version,
        "runtime_deserialize": True,
    }


def _contract(found: Mapping[str, Any]) -> Result:
    return {
        "errors": [],
        "document_mapping": found["blocks"].get("document"),
        "ref_resolution_allowed": found["ref_resolutions"],
    }


def _capability_check(given: Given) -> Result:
    manifest = given.manifest()
    table = manifest.capabilities
    wanted = given.get("capabilities", [])
    result: Result = {
        "valid": all(capabilities.declares(manifest, name) for name in wanted),
        "capabilities_present": {
            "required": table["required"],
            "optional": table["optional"],
            "optional_contains": table["optional"],
        },
        "feature_flags": manifest.features,
    }
    required = given.get("required_capability")
    if required is None:
        return result
    method = capabilities.integration_method(manifest, required)
    result["capability_declared"] = capabilities.declares(manifest, required)
    result["mcp_integration_method"] = method
    try:
        capabilities.check(manifest, required)
    except SpecwireError as error:
        return {**result, **refused(error)}
    return result


def _capability_guard(given: Given) -> Result:
    capability = capabilities.check_method(given.manifest(), given["method"])
    return {"capability": capability, "error_code": None}


def _advanced_endpoint_mapping(given: Given) -> Result:
    place = operations.place
    found = place(given.manifest(), given["operation"], given.get("fallback"))
    return {"path": found.path, "method": found.method}


# -- errors ------------------------------------------------------------------------


def _error_classification(given: Given) -> Result:
    body = given.get("response_body")
    return coded(classify(given.manifest(), given.get("http_status"), body))


def _retry_decision(given: Given) -> Result:
    from ..resilience import RetryConfig, RetryPolicy

    policy = RetryPolicy(RetryConfig.from_protocol(given.get("retry_policy")))
    said = given["error"]
    code = StandardErrorCode.from_code(said.get("error_code"))
    if "error_code" not in said:
        code = StandardErrorCode.from_name(said.get("error_name"))
    status = said.get("http_status") or code.http_status or 500
    retryable = said.get("retryable", code.retryable)
    name = "compliance"
    error = status_error(name, status, None, retryable=retryable, standard_code=code)
    before = given.get("attempt", 1) - 1
    wait = policy.calculate_delay(before)
    return {
        "should_retry": policy.should_retry(error, before),
        "delay_ms": wait * 1000,
    }


def _fallback_decision(given: Given) -> Result:
    code = StandardErrorCode.from_code(given["error_code"])
    return {"should_fallback": code.fallbackable}


# -- requests ----------------------------------------------------------------------


def _request(given: Given) -> ChatRequest:
    return ChatRequest(
        given.get("model", ""),
        given.get("messages", ()),
        parameters=given.get("parameters", {}),
        tools=given.get("tools", ()),
        tool_choice=given.get("tool_choice"),
        response_format=given.get("response_format"),
        stream=given.get("stream", False),
    )


def _message_building(given: Given) -> Result:
    request = _request(given)
    messages = [message.to_dict() for message in request.messages]
    return {
        "normalized_body": {**request.parameters, "messages": messages},
        "message_count": len(messages),
    }


def _parameter_mapping(given: Given) -> Result:
    return {"provider_params": mapped(given.manifest(), given["standard_params"])}


def _request_building(given: Given) -> Result:
    made = payload(given.manifest(), _request(given))
    return {
        "request": made.body,
        "request_contains": made.body,
        "path": made.path,
        "method": made.method,
    }


def _content_block_encode(given: Given) -> Result:
    style = given["api_style"]
    data = {
        "id": "compliance",
        "protocol_version": "2.0",
        "endpoint": ENDPOINT,
        "provider_contract": {"api_style": style},
    }
    rules = Manifest(foreign.compiled(data)).blocks
    return {"encoded": encode_blocks(style, given["blocks"], rules)}


def _provider_mock_behavior(given: Given) -> Result:
    manifest, name = given.manifest(), given["operation"]
    sent = operations.request(manifest, name, given.get("request_body"))
    got = operations.answer(manifest, name, given.get("response_body"))
    return {
        "request": sent.body,
        "request_assert": sent.body,
        "response": got,
        "response_assert": got,
        "path": sent.path,
        "method": sent.method,
    }


# -- credentials -------------------------------------------------------------------


def _credentials(given: Given) -> Result:
    return {
        "explicit": given.get("explicit_credential"),
        "environ": given.environment(),
        "keyring": False,
        "runtime": given.get("runtime_target", "native"),
    }


def _credential_resolution(given: Given) -> Result:
    found = credentials.resolve(given.manifest(), **_credentials(given))
    return {
        **found.to_dict(),
        "value_redacted": found.value_redacted,
        "implicit_env_allowed": found.implicit_env_allowed,
        "implicit_keyring_allowed": found.implicit_keyring_allowed,
        "diagnostic": found.diagnostic_text(),
    }


def _auth_attachment(given: Given) -> Result:
    found = credentials.attachment(given.manifest(), **_credentials(given))
    return {**found, "query": found["query_params"]}


# -- answers -----------------------------------------------------------------------


def _answered(response: ChatResponse) -> Result:
    thought = {"type": "thinking", "content": response.thinking}
    text = {"type": "text", "content": response.content}
    return {
        "content": response.content,
        "thinking": response.thinking,
        "content_blocks": [block for block in (thought, text) if block["content"]],
        "tool_calls": [call.to_dict() for call in response.tool_calls],
        "accumulated_tool_calls": [call.to_dict() for call in response.tool_calls],
        "finish_reason": response.finish_reason,
        "raw_finish_reason": response.raw_finish_reason,
        "usage": dict(response.usage),
        "model": response.model,
    }


def _response_parsing(given: Given) -> Result:
    return _answered(read_response(given.manifest(), given["response_body"]))


def _stream_decode(given: Given) -> Result:
    data = given.data() or {}
    known = (data.get("streaming") or {}).get("decoder") or {}
    settings = given.get("decoder_config")
    changed = {"decoder": {**known, **settings}} if settings else {}
    manifest = given.manifest(**changed)
    chunks = given.get("raw_chunks") or [f"{one}\n\n" for one in given["events"]]
    reader, assembler, seen = frames(manifest), Assembler(manifest), []
    decoder = _decoder(manifest)
    for chunk in (text.encode() for text in chunks):
        for frame in reader.feed(chunk):
            said = any(event.is_content_delta for event in assembler.feed(frame))
            seen.append({"type": "frame", "has_content": said})
        list(decoder.feed(chunk))
    list(decoder.end())
    return {
        "events": seen,
        "frame_count": len(seen),
        "event_count": len(seen),
        "completed": decoder.complete,
        "done_received": reader.done,
        **_answered(decoder.assembler.response()),
    }


def _decoder(manifest: Manifest) -> ChatDecoder:
    """The decoder of a reply that nobody sent."""
    result = ChatEvents(manifest)
    operation: Operation[Any] = Operation("stream", "compliance", "POST", "/", result)
    request = Request("POST", "http://localhost/", {})
    call = Call(operation, request, Timeout(), 0)
    return ChatDecoder(call, Reply(200), manifest, lambda call: ())


def _event_mapping(given: Given) -> Result:
    manifest = given.manifest()
    rules = foreign.rules(given["event_map"], _candidate(given))
    mapper = EventMapper(rules, (), manifest.stream["candidates"])
    events = [
        {"type": emit, **fields, "candidate_index": candidate}
        for frame in given["frames"]
        for emit, fields, candidate in mapper.map(frame)
    ]
    return {"events": events, "event_count": len(events)}


def _candidate(given: Given) -> Any:
    return ((given.data() or {}).get("streaming") or {}).get("candidate")


def _tool_accumulation(given: Given) -> Result:
    calls = ToolCallAccumulator()
    for piece in given["partial_chunks"]:
        calls.add(piece)
    return {
        "assembled_tool_calls": calls.assembled(),
        "complete": not any(call.error for call in calls.calls()),
    }


# -- tool calls in the text --------------------------------------------------------


def _parsed(found: text_tools.ParsedText) -> Result:
    return {
        "remaining_text": found.remaining_text,
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in found.tool_calls
        ],
    }


def _text_tool_parse(given: Given) -> Result:
    parser = text_tools.StandardTextToolParser(given.get("config"))
    return _parsed(parser.parse(given["response_text"]))


def _text_tool_hybrid(given: Given) -> Result:
    native = given.get("native_tool_calls", ())
    parse = text_tools.parse_hybrid_tool_calls
    return _parsed(parse(given["content"], native, given.get("config")))


def _text_tool_prompt(given: Given) -> Result:
    parser = text_tools.StandardTextToolParser(given.get("config"))
    return {"prompt": parser.prompt_instructions(given["tools"])}


RUNNERS: Final[Mapping[str, Callable[[Given], Result]]] = {
    "advanced_endpoint_mapping": _advanced_endpoint_mapping,
    "auth_attachment": _auth_attachment,
    "capability_check": _capability_check,
    "capability_guard": _capability_guard,
    "content_block_encode": _content_block_encode,
    "credential_resolution": _credential_resolution,
    "error_classification": _error_classification,
    "event_mapping": _event_mapping,
    "fallback_decision": _fallback_decision,
    "message_building": _message_building,
    "parameter_mapping": _parameter_mapping,
    "protocol_loading": _protocol_loading,
    "provider_mock_behavior": _provider_mock_behavior,
    "request_building": _request_building,
    "response_parsing": _response_parsing,
    "retry_decision": _retry_decision,
    "stream_decode": _stream_decode,
    "text_tool_hybrid": _text_tool_hybrid,
    "text_tool_parse": _text_tool_parse,
    "text_tool_prompt": _text_tool_prompt,
    "tool_accumulation": _tool_accumulation,
}
