"""The guard: what a manifest does not declare is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.chat import capabilities
from specwire.chat.messages import ContentBlock, Message
from specwire.chat.request import ChatRequest, payload
from specwire.errors import RequestValidationError, UnsupportedCapabilityError

from .request_records import Provider, provider

IMAGE = Message.user([ContentBlock.image_base64("aQ==", "image/png")])
TOOL = {"name": "f", "parameters": {}}


def declaring(*names: str, **changed: Any) -> Provider:
    return provider("openai", capabilities={"declared": list(names)}, **changed)


ASKS: dict[str, dict[str, Any]] = {
    "streaming": {"stream": True},
    "tools": {"tools": [TOOL]},
    "vision": {"messages": [IMAGE]},
    "audio": {"messages": [Message.user([ContentBlock.audio_base64("aQ==")])]},
    "video": {"messages": [Message.user([ContentBlock.video_url("https://e.com")])]},
    "reasoning": {"parameters": {"reasoning_effort": "low"}},
    "parallel_tools": {"parameters": {"parallel_tool_calls": True}},
}


def ask(**wish: Any) -> ChatRequest:
    return ChatRequest("m", **{"messages": ["Hi"], **wish})


@pytest.mark.parametrize("capability", ASKS)
def test_an_undeclared_capability_is_refused(capability: str) -> None:
    """E1005, with the capability's name, as a refused request."""
    with pytest.raises(UnsupportedCapabilityError) as caught:
        payload(declaring("text"), ask(**ASKS[capability]))
    assert (caught.value.standard_code, caught.value.capability) == (
        "E1005",
        capability,
    )
    assert "nothing was sent" in str(caught.value)
    assert isinstance(caught.value, RequestValidationError)
    assert caught.value.attempts == 0


@pytest.mark.parametrize("capability", ASKS)
def test_a_declared_capability_is_not_refused(capability: str) -> None:
    """One name in the manifest is enough."""
    assert payload(declaring("text", capability), ask(**ASKS[capability])).body


@pytest.mark.parametrize("capability", ASKS)
def test_a_manifest_that_says_nothing_refuses_nothing(capability: str) -> None:
    """A manifest without capabilities leaves it to the provider."""
    assert payload(declaring(), ask(**ASKS[capability])).body


@pytest.mark.parametrize(
    ("declared", "capability"),
    [
        ("tool_use", "tools"),
        ("function_calling", "tools"),
        ("multimodal", "vision"),
        ("extended_thinking", "reasoning"),
        ("Stream", "streaming"),
    ],
)
def test_versions_of_the_protocol_have_other_names(
    declared: str, capability: str
) -> None:
    """Another version's name is the same capability."""
    assert payload(declaring(declared), ask(**ASKS[capability])).body


def test_a_feature_flag_declares() -> None:
    """``extended_thinking: true`` is reasoning."""
    manifest = declaring("text", features={"extended_thinking": True})
    assert payload(manifest, ask(**ASKS["reasoning"])).body


def test_a_form_of_the_answer_is_refused_only_where_it_is_ruled_out() -> None:
    """Lists leave structured output out; a flag that is off rules it out."""
    wish = ask(response_format={"type": "json_object"})
    body = payload(declaring("chat"), wish).body
    assert body["response_format"] == {"type": "json_object"}
    with pytest.raises(UnsupportedCapabilityError, match="structured_output"):
        payload(declaring("chat", features={"structured_output": False}), wish)


def test_who_only_ranks_holds_no_conversation() -> None:
    """A manifest whose capabilities have nothing of chat refuses chat."""
    with pytest.raises(UnsupportedCapabilityError, match="'text'"):
        payload(declaring("rerank", "embeddings"), ask())


def test_plain_wishes_need_nothing() -> None:
    """Text, no effort and free text are what every provider does."""
    wish = ask(parameters={"reasoning_effort": "none"}, response_format="text")
    assert capabilities.required(wish) == set()


def test_tools_in_words_need_no_capability() -> None:
    """A provider with a fallback in the text takes tools."""
    table = {"native": {"supported": False}, "text_fallback": {"format": "xml_json"}}
    manifest = declaring("text", tool_calling=table)
    assert payload(manifest, ask(tools=[TOOL])).body


@pytest.mark.parametrize(
    ("method", "capability"),
    [
        ("MCPListTools", "mcp_client"),
        ("McpCallTool", "mcp_client"),
        ("ComputerUse", "computer_use"),
        ("computer_use_action", "computer_use"),
        ("Reason", "reasoning"),
        ("VideoGenerate", "video_generation"),
        ("GenerateImage", "image_generation"),
        ("Embeddings", "embeddings"),
        ("Rerank", "rerank"),
        ("Transcribe", "stt"),
        ("Chat", "text"),
        ("ChatStream", "streaming"),
        ("FlyAway", "fly_away"),
    ],
)
def test_methods_need_capabilities(method: str, capability: str) -> None:
    """Here an empty manifest declares nothing, so that nothing may be called."""
    with pytest.raises(UnsupportedCapabilityError) as caught:
        capabilities.check_method(declaring(), method)
    assert caught.value.capability == capability
    assert capabilities.check_method(declaring(capability), method) == capability


def test_how_mcp_is_used() -> None:
    """By tools over a bridge, unless the contract has a way of its own."""
    bridge = declaring("mcp_client")
    assert capabilities.integration_method(bridge, "mcp_client") == "tool_bridge"
    none = capabilities.integration_method(declaring(), "mcp_client")
    assert none == "not_supported"
    own = {"capability_contracts": {"mcp": {"integration_method": "native_api"}}}
    native = declaring("mcp_client", raw={"provider_contract": own})
    assert capabilities.integration_method(native, "mcp_client") == "native_api"


@pytest.mark.parametrize(
    ("table", "mode"),
    [
        ({}, "native"),
        ({"native": {"supported": True}}, "native"),
        ({"native": {"reliability": "partial"}}, "native"),
        ({"native": {"reliability": "partial"}, "text_fallback": {"a": 1}}, "hybrid"),
        ({"native": {"reliability": "full"}, "text_fallback": {"a": 1}}, "native"),
        ({"native": {"supported": False}, "text_fallback": {"a": 1}}, "text_only"),
    ],
)
def test_how_tools_are_called(table: Any, mode: str) -> None:
    """Native, in the text as well, or in the text alone."""
    assert capabilities.tool_mode(declaring("tools", tool_calling=table)) == mode
