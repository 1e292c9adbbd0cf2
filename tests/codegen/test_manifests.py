"""Manifests of every version and of mixed shapes become the same kind of record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.manifests import compile_manifest, compile_models, read_manifest
from specwire_codegen.problems import Problems, Unusable

from .manifesting import BASE, OFFICIAL, compiled, dialects, manifest, record, said

MEMBERS = (
    "aliases auth availability base_url base_url_env blocks body capabilities "
    "context_policy dialect errors features format headers id models multi_candidate "
    "name operations parameters profile protocol_version rate_limit_headers raw "
    "response retry roles sha256 source stream system termination timeout_s "
    "tool_calling usage"
)


def test_a_record_is_complete_and_plain() -> None:
    """A manifest of four lines gives every member, and all of it is JSON."""
    made = record()
    assert " ".join(sorted(made)) == MEMBERS
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    "data",
    [
        {"base_url": BASE["base_url"]},
        {"endpoint": BASE},
        {"core": {"endpoint": BASE}},
        {"endpoint": {"base_url": "https://api.example.com/v1/"}},
        {"base_url_template": BASE["base_url"]},
    ],
)
def test_the_base_url_may_stand_in_several_places(data: dict[str, Any]) -> None:
    """Each version has its place for it; a slash at its end is not meant."""
    made = compiled({"id": "ab", "protocol_version": "1.5", **data})
    assert made["base_url"] == "https://api.example.com/v1"


def test_operations_are_texts_or_mappings_and_the_structured_wins() -> None:
    """``endpoints`` counts before what stands beside the base URL, and that by name."""
    operations = record(
        endpoint={**BASE, "chat": "/flat", "rerank": "/rerank"},
        endpoints={"chat": {"path": "/chat?v=1", "method": "put"}, "tts": "/speech"},
        services={"list_models": {"path": "/models", "response_binding": "data"}},
    )["operations"]
    assert operations["chat"] == {"method": "PUT", "path": "/chat", "query": {"v": "1"}}
    assert operations["rerank"] == {"method": "POST", "path": "/rerank", "query": {}}
    assert operations["tts"]["path"] == "/speech"
    assert operations["list_models"] == {
        "method": "GET",
        "path": "/models",
        "query": {},
        "binding": "data",
    }


def test_an_operation_beside_the_base_url_may_be_a_mapping() -> None:
    """``endpoint.chat`` is a path, or has one."""
    made = record(endpoint={**BASE, "chat": {"path": "/c", "adapter": "cohere"}})
    assert (made["operations"]["chat"]["path"], made["dialect"]) == ("/c", "cohere")


def test_a_path_may_call_the_model_otherwise() -> None:
    """``connection_vars`` says which word in a path is the model."""
    made = record(
        endpoints={"chat": "/run/{name}/{other}"}, connection_vars={"name": "model"}
    )
    assert made["operations"]["chat"]["path"] == "/run/{model}/{other}"


def test_the_names_of_version_1_1_are_known() -> None:
    """``chat_completions_create`` is the chat."""
    made = compiled(
        {
            "id": "old",
            "protocol_version": "1.1",
            **BASE,
            "endpoints": {"chat_completions_create": "/v9/chat"},
        }
    )
    assert made["operations"]["chat"]["path"] == "/v9/chat"


def test_the_family_chooses_among_several_chats() -> None:
    """Of ``chat_openai`` and ``chat_anthropic`` the default family's is the chat."""
    endpoints = {
        "chat_openai": {"path": "/o", "adapter": "openai"},
        "chat_anthropic": {"path": "/a", "adapter": "anthropic"},
    }
    for family, path, dialect in (
        ("chat_completions", "/o", "openai"),
        ("anthropic_messages", "/a", "anthropic"),
        ("messages", "/a", "anthropic"),
    ):
        made = record(endpoints=endpoints, default_api_family=family)
        assert (made["operations"]["chat"]["path"], made["dialect"]) == (path, dialect)


def test_core_endpoints_are_read() -> None:
    """Operations of the wrapped form are found, with their methods."""
    inner = {**BASE, "endpoints": {"mcp_call_tool": {"path": "/x", "method": "GET"}}}
    core = {"endpoint": inner, "capabilities": {"required": ["mcp"]}}
    made = compiled({"provider_id": "ab", "protocol_version": "2.0", "core": core})
    assert (made["id"], made["capabilities"]["declared"]) == ("ab", ["mcp_client"])
    assert made["operations"]["mcp_call_tool"]["method"] == "GET"
    assert made["operations"]["chat"]["path"] == "/chat/completions"


def test_gemini_streams_from_another_path() -> None:
    """The path and ``alt=sse`` of a stream are derived, or completed where stated."""
    chat = {"path": "/models/{model}:generateContent", "adapter": "gemini"}
    wanted = {
        "method": "POST",
        "path": "/models/{model}:streamGenerateContent",
        "query": {"alt": "sse"},
    }
    assert record(endpoints={"chat": chat})["operations"]["stream_chat"] == wanted
    stated = {"path": "/models/{model}:streamGenerateContent", "adapter": "gemini"}
    both = record(endpoints={"chat": chat, "stream_chat": stated})
    assert both["operations"]["stream_chat"] == wanted


@pytest.mark.parametrize(
    ("data", "dialect"),
    [
        ({}, "openai"),
        ({"endpoints": {"chat": {"path": "/c", "adapter": "cohere_v2"}}}, "cohere"),
        ({"payload_format": "anthropic_style"}, "anthropic"),
        (
            {"payload_format": "own_style", "default_api_family": "messages"},
            "anthropic",
        ),
        ({"provider_contract": {"api_style": "gemini_generate"}}, "gemini"),
        (
            {"streaming": {"decoder": {"strategy": "anthropic_event_stream"}}},
            "anthropic",
        ),
        ({"streaming": {"decoder": {"format": "gemini_sse"}}}, "gemini"),
        ({"api_families": ["generate_content"]}, "gemini"),
        ({"api_families": {"chat": {"request_format": "anthropic"}}}, "anthropic"),
        ({"endpoint": {**BASE, "chat": "/v1/messages"}}, "anthropic"),
        ({"endpoint": {**BASE, "chat": "/models/{model}:generateContent"}}, "gemini"),
        ({"endpoint": {"base_url": "https://api.cohere.com/v2"}}, "cohere"),
        (
            {
                "endpoints": {"chat": {"path": "/messages", "adapter": "openai"}},
                "payload_format": "anthropic_style",
            },
            "openai",
        ),
    ],
)
def test_the_language_is_what_is_said_most_plainly(
    data: dict[str, Any], dialect: str
) -> None:
    """An adapter counts before a format, that before a family, and a path last."""
    assert record(**data)["dialect"] == dialect


def test_an_unknown_adapter_is_a_warning() -> None:
    """Who speaks a language of their own is still read as far as it goes."""
    lines = said(manifest(endpoints={"chat": {"path": "/c", "adapter": "own"}}))
    assert lines == [
        "m.yaml#/endpoints: warning M010 the adapter 'own' is not known, expected one "
        "of anthropic, cohere, gemini, openai; other signs are looked at"
    ]


# -- credentials -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"type": "bearer", "token_env": "T"}, ("bearer", "Authorization", "Bearer")),
        (
            {"type": "bearer", "header": "X", "prefix": "Key ", "token_env": "T"},
            ("bearer", "X", "Key"),
        ),
        ({"type": "custom_header", "header": "x-k"}, ("header", "x-k", "")),
        ({"type": "api_key", "header_name": "api-key"}, ("header", "api-key", "")),
        ({"type": "api_key"}, ("header", "x-api-key", "")),
        ({"type": "query_param", "param_name": "k"}, ("query", "k", "")),
        ({"type": "none"}, ("none", "", "")),
    ],
)
def test_each_way_to_send_a_key(auth: Any, expected: tuple[str, ...]) -> None:
    """Every type of every version becomes one of four."""
    made = record(auth=auth)["auth"]
    assert (made["type"], made["name"], made["prefix"]) == expected


def test_one_auth_block_counts() -> None:
    """What the block at the top names beside ``endpoint.auth`` is listed, not read."""
    data = manifest(
        endpoint={**BASE, "auth": {"type": "bearer", "token_env": "NEW_KEY"}},
        auth={"type": "api_key", "key_env": "OLD_KEY"},
    )
    problems = Problems()
    made = compiled(data, problems)["auth"]
    assert made["env"] == ["NEW_KEY"]
    assert made["shadowed"] == ["OLD_KEY"]
    assert made["conventional"] == ["EXAMPLE_API_KEY"]
    assert [one.code for one in problems] == ["M013"]


def test_anthropics_key_is_no_bearer_token() -> None:
    """Version 1.5 says bearer, which the API refuses; it is put right with a note."""
    problems = Problems()
    auth = {
        "type": "bearer",
        "token_env": "ANTHROPIC_API_KEY",
        "extra_headers": [{"name": "anthropic-beta", "value": "b"}],
    }
    made = compiled(manifest(auth=auth, payload_format="anthropic_style"), problems)
    assert made["auth"]["name"] == "x-api-key"
    assert made["headers"] == {"anthropic-version": "2023-06-01", "anthropic-beta": "b"}
    assert [one.severity for one in problems] == ["note"]
    other = {"type": "bearer", "token_env": "ANTHROPIC_AUTH_TOKEN"}
    kept = record(auth=other, payload_format="anthropic_style")
    assert kept["auth"]["type"] == "bearer"


# -- requests ----------------------------------------------------------------------


def test_parameters_have_their_standard_names() -> None:
    """A key or its alias may be the standard's; a bare place is put right."""
    made = record(
        parameters={
            "maxOutputTokens": {
                "type": "int",
                "min": 1,
                "max": 9,
                "alias": "max_tokens",
            },
            "topK": {"type": "integer"},
            "temperature": {
                "range": [0, 2],
                "default": 1.0,
                "alias": "generationConfig.t",
            },
            "own": {"type": "string", "enum": ["a"], "default": "a"},
        },
        parameter_mappings={"stop_sequences": "stopSequences", "seed": "config.seed"},
        endpoints={"chat": {"path": "/c", "adapter": "gemini"}},
    )["parameters"]
    assert made["max_tokens"]["wire"] == ["generationConfig", "maxOutputTokens"]
    assert (made["max_tokens"]["min"], made["max_tokens"]["max"]) == (1, 9)
    assert made["top_k"]["wire"] == ["generationConfig", "topK"]
    assert made["temperature"]["wire"] == ["generationConfig", "t"]
    assert (made["temperature"]["max"], made["temperature"]["default"]) == (2, 1.0)
    assert made["stop_sequences"]["wire"] == ["generationConfig", "stopSequences"]
    assert made["seed"]["wire"] == ["config", "seed"]
    # A default that no chat knows is not sent with every chat.
    assert made["own"]["enum"] == ["a"]
    assert made["own"]["default"] is None


def test_a_standard_name_may_be_renamed() -> None:
    """``alias`` of a standard name is the wire's."""
    made = record(parameters={"max_tokens": {"alias": "max_completion_tokens"}})
    assert made["parameters"]["max_tokens"]["wire"] == ["max_completion_tokens"]


@pytest.mark.parametrize(
    ("said", "declared", "refused"),
    [
        (["chat", "tools"], ["text", "tools"], []),
        ({"streaming": True, "tools": False}, ["streaming", "text"], ["tools"]),
        (
            {"required": ["text"], "optional": ["json_mode"]},
            ["text", "structured_output"],
            [],
        ),
        (
            {"required": ["text"], "feature_flags": {"extended_thinking": True}},
            ["text", "reasoning"],
            [],
        ),
        (
            {"required": ["rerank"], "tool_calling": {"native": {"supported": True}}},
            ["rerank", "tools"],
            [],
        ),
    ],
)
def test_capabilities_of_every_form(
    said: Any, declared: list[str], refused: Any
) -> None:
    """Lists, flags and the two rings are one list in the words of version 2."""
    chat = {"chat": "/c"}
    made = record(capabilities=said, endpoints=chat)["capabilities"]
    assert made["declared"] == declared
    assert made["refused"] == refused
    assert made["stated"]


def test_saying_nothing_about_capabilities_is_remembered() -> None:
    """A manifest without them is not one that declares none."""
    data = {k: v for k, v in manifest().items() if k != "capabilities"}
    assert compiled(data)["capabilities"] == {
        "declared": [],
        "required": [],
        "optional": [],
        "refused": [],
        "stated": False,
    }


def test_a_contract_inside_a_manifest_counts() -> None:
    """``provider_contract`` says roles, system, blocks, reasons and headers."""
    made = record(
        provider_contract={
            "api_style": "openai_compatible",
            "request_mapping": {
                "role_mapping": {"system": "developer"},
                "system_message_handling": "prepend_to_user",
                "content_block_mapping": {"document": {"ref_resolution": "x"}},
                "required_headers": [{"name": "a", "value": "b"}],
                "parameter_aliases": {"seed": "random_seed"},
            },
            "response_mapping": {"finish_reason_mapping": {"eos": "length"}},
        }
    )
    assert made["roles"]["system"] == "developer"
    assert made["system"] == "prepend_to_user"
    assert made["blocks"]["document"]["ref_resolution"] == "x"
    assert made["blocks"]["document"]["format"] == "openai_file"
    assert made["headers"] == {"a": "b"}
    assert made["parameters"]["seed"]["wire"] == ["random_seed"]
    assert made["termination"]["eos"] == "max_tokens"


def test_constants_of_the_body_may_be_taken_out() -> None:
    """``x-body`` adds and, by null, removes; a flag takes the usage option out."""
    made = record(**{"x-body": {"plain": {"a": 1}, "stream": {"stream_options": None}}})
    assert made["body"] == {"plain": {"a": 1}, "stream": {"stream": True}}
    flags = {"required": ["text"], "feature_flags": {"streaming_usage": False}}
    assert record(capabilities=flags)["body"]["stream"] == {"stream": True}


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({}, {"how": "native", "wire": ["n"], "max": None}),
        (
            {"multi_candidate": {"support_type": "simulated", "max_concurrent": 4}},
            {"how": "simulated", "wire": ["n"], "max": 4},
        ),
        ({"multi_candidate": False}, {"how": "none", "wire": None, "max": None}),
        (
            {"multi_candidate": {"support_type": "native", "param_name": "best.of"}},
            {"how": "native", "wire": ["best", "of"], "max": None},
        ),
    ],
)
def test_how_several_candidates_are_asked_for(features: Any, expected: Any) -> None:
    """Natively, by several calls, or not at all."""
    assert record(features=features)["multi_candidate"] == expected


# -- versions, ids, models ---------------------------------------------------------


def test_a_missing_version_is_read_as_1_0_with_a_warning() -> None:
    """Files from before the field are still read."""
    problems = Problems()
    assert compiled({"id": "ab", **BASE}, problems)["protocol_version"] == "1.0"
    assert [(one.severity, one.code) for one in problems] == [("warning", "M004")]


@pytest.mark.parametrize("version", ["3.0", "2", 2.0, 1.5, ""])
def test_only_known_versions_are_read(version: Any) -> None:
    """Another version is an error; a number for a text is not."""
    errors = [
        line for line in said(manifest(protocol_version=version)) if "error" in line
    ]
    assert bool(errors) == (str(version) not in ("2.0", "1.5"))


@pytest.mark.parametrize(
    "name", ["", "A", "a", "../x", "a/b", "a b", "a" * 65, "-a", 7]
)
def test_an_id_is_a_plain_word(name: Any) -> None:
    """From an id no path can be made, so no path can be an id."""
    with pytest.raises(Unusable):
        compiled(manifest(id=name), Problems())


@pytest.mark.parametrize("url", ["ftp://x", "/v1", "https://", "http://a b", 7, None])
def test_a_base_url_is_a_url(url: Any) -> None:
    """Nothing is sent to what is no URL."""
    with pytest.raises(Unusable):
        compiled(manifest(endpoint={"base_url": url}), Problems())


def test_unknown_keys_are_kept() -> None:
    """What is not interpreted survives in ``raw``, whatever a later version adds."""
    assert record(future_flag=True, mcp={"client": {}})["raw"] == {
        "future_flag": True,
        "mcp": {"client": {}},
    }


def test_models_have_one_shape_and_prices_one_unit() -> None:
    """A registry and a manifest's own models come out alike, in dollars a million."""
    data = {
        "provider": "example",
        "as_of": "2026-11-01",
        "models": {
            "a": {
                "model_id": "a-1",
                "context_window": 8,
                "pricing": {
                    "input_per_token": 0.00000015,
                    "output_per_1k_tokens": 0.002,
                },
                "capabilities": ["chat", "vision", "tools"],
            },
            "b": {
                "modalities": {"input": ["text"], "output": []},
                "model_capabilities": {"tool_call": False, "reasoning": True},
                "pricing": {"input_per_1m": 3, "cache_hit_input_per_1m": 0.3},
            },
            "c": {"pricing": {"currency": "CNY", "input_per_1m": 3}},
        },
    }
    problems = Problems()
    found = compile_models(data, problems=problems)["models"]
    assert problems.render() == []
    assert found["a"]["prices"] == {"input": 0.15, "output": 2.0}
    assert (found["a"]["id"], found["a"]["input"]) == ("a-1", ["text", "image"])
    assert (found["a"]["tools"], found["a"]["reasoning"]) == (True, False)
    assert found["b"]["prices"] == {"input": 3, "cache_read": 0.3}
    assert (found["b"]["tools"], found["b"]["json"]) == (False, None)
    assert (found["b"]["output"], found["b"]["as_of"]) == ([], "2026-11-01")
    assert found["c"]["prices"] == {}


# -- files -------------------------------------------------------------------------


def test_a_file_a_text_and_a_mapping_are_the_same(tmp_path: Path) -> None:
    """YAML and JSON, from disk or memory, give one record."""
    data = manifest(parameters={"n": {"max": 3}}, error_classification={})
    text = json.dumps(data)
    path = tmp_path / "m.yaml"
    path.write_text(text)
    problems = Problems()
    for source in (path, text, f"\n{text}"):
        assert compiled(read_manifest(source, problems)) == compiled(data)
    assert problems.render() == []


@pytest.mark.parametrize("text", ["[]\n", "a\nb: [", "\n", "{'a': 1"])
def test_what_is_no_mapping_cannot_be_used(text: str) -> None:
    """A list, broken YAML and nothing at all are problems, not tracebacks."""
    with pytest.raises(Unusable):
        read_manifest(text if "\n" in text else f"{text}\n", Problems())


def test_keys_that_are_no_texts_are_read() -> None:
    """A mapping from a YAML library may have numbers for keys."""
    classes: Any = {"by_http_status": {429: "quota_exhausted"}}
    assert record(error_classification=classes)["errors"]["by_http"]["429"] == "E2002"


def official() -> list[Path]:
    folders = ("v1/providers", "v2/providers", "tests/compliance/fixtures/providers")
    return [path for one in folders for path in sorted((OFFICIAL / one).glob("*.yaml"))]


@pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the protocol's own files are not here"
)
def test_every_official_manifest_compiles() -> None:
    """All published files become records, but for those that are wrong on purpose."""
    broken = []
    for path in official():
        problems = Problems()
        try:
            made = compile_manifest(
                read_manifest(path, problems), dialects(), problems=problems
            )
            assert json.loads(json.dumps(made)) == made
        except Unusable:
            pass
        if problems.has_errors:
            broken.append(path.stem)
    assert all("invalid" in name for name in broken)
    assert len(broken) == sum("invalid" in path.stem for path in official())
