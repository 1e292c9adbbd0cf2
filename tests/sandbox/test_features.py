"""Everything that a message may hold: tools, betas, caching, context, ways to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from specwire.sandbox import Sandbox

from .conftest import NOW, Caller, events, message
from .features import DOCUMENT, FEATURES, SCHEMA, accumulated, edits, tool

BETA = "/v1/messages?beta=true"
TOOL = {"name": "look", "input_schema": {"type": "object"}}
each_feature = pytest.mark.parametrize("feature", FEATURES)


def body_of(feature: str) -> tuple[dict[str, str], dict[str, Any]]:
    beta, further = FEATURES[feature]
    return ({"anthropic-beta": beta} if beta else {}), {**message(), **further}


def ask(
    call: Caller, text: str = "Hello there", *, betas: str = "", **further: Any
) -> Any:
    headers = {"anthropic-beta": betas} if betas else {}
    body = {**message(text), **further}
    answer = call("POST", BETA, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@each_feature
def test_an_answer_is_what_the_document_says(
    call: Caller, problems: Callable[..., list[str]], feature: str
) -> None:
    """The answer to a request for each feature satisfies the document's schema."""
    headers, body = body_of(feature)
    answer = call("POST", BETA, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert problems("createBetaMessage", answer.json()) == []


@each_feature
def test_a_stream_adds_up_to_the_plain_answer(
    feature: str, problems: Callable[..., list[str]]
) -> None:
    """Streamed or not, the message is the same, and each event fits the document."""
    headers, body = body_of(feature)
    with Sandbox(clock=lambda: NOW) as plain, Sandbox(clock=lambda: NOW) as streaming:
        whole = Caller(plain)("POST", BETA, json=body, headers=headers).json()
        body["stream"] = True
        stream = events(
            Caller(streaming)("POST", BETA, json=body, headers=headers),
        )
    pointer = "/components/schemas/MessageStreamEvent"
    assert [problems(pointer, data) for _, data in stream] == [[]] * len(stream)
    assert accumulated(stream) == whole


@pytest.mark.parametrize("path", ["/v1/messages", BETA])
@pytest.mark.parametrize("feature", [name for name in FEATURES if FEATURES[name][0]])
def test_a_beta_must_be_named(call: Caller, feature: str, path: str) -> None:
    """What is in beta is refused without its header; the answer names part and beta."""
    beta, further = FEATURES[feature]
    answer = call("POST", path, json={**message(), **further})
    text = answer.json()["error"]["message"]
    assert answer.status_code == 400
    assert repr(beta) in text
    assert "anthropic-beta" in text
    assert text.split(":")[0].split(".")[0] in further


def test_the_header_alone_makes_a_beta_request(call: Caller) -> None:
    """A request that names its beta is served without the query as well."""
    beta, further = FEATURES["mcp"]
    headers = {"anthropic-beta": f"other-2025-01-01, {beta}"}
    body = {**message(), **further}
    assert call("POST", "/v1/messages", json=body, headers=headers).status_code == 200


def test_files_by_id_need_their_beta(call: Caller) -> None:
    """A document by its id is refused without the beta of files, wherever it stands."""
    source = {"type": "file", "file_id": "file_1"}
    said = [{"role": "user", "content": [{"type": "document", "source": source}]}]
    answer = call("POST", BETA, json=message(messages=said))
    told = answer.json()["error"]["message"]
    assert told.startswith("messages.0.content.0.source: ")
    assert "files-api-2025-04-14" in told


# -- files, citations ----------------------------------------------------------------


def test_a_stored_file_is_read_and_an_unknown_one_is_not(call: Caller) -> None:
    """A file is used by the id it was stored under; one that is not there is a 404."""
    files = {"file": ("a.txt", b"Grass is green.", "text/plain")}
    headers = {"anthropic-beta": "files-api-2025-04-14"}
    stored = call("POST", "/v1/files", files=files, headers=headers).json()["id"]
    statuses = []
    for wanted in (stored, "file_none"):
        source = {"type": "file", "file_id": wanted}
        block = {"type": "document", "source": source, "citations": {"enabled": True}}
        said = [{"role": "user", "content": [block]}]
        body = message(messages=said)
        answer = call("POST", BETA, json=body, headers=headers)
        statuses.append(answer.status_code)
        if wanted == stored:
            cited = answer.json()["content"][0]["citations"][0]
    assert statuses == [200, 404]
    assert cited["file_id"] == stored


def test_a_citation_quotes_its_document(call: Caller) -> None:
    """What is cited of a text stands in it between the two places."""
    said = [{"role": "user", "content": [DOCUMENT]}]
    cited = ask(call, messages=said)["content"][0]["citations"][0]
    text = DOCUMENT["source"]["data"]  # type: ignore[index]
    assert cited["cited_text"] == text[: cited["end_char_index"]]
    assert cited["document_title"] == "Grass"


# -- tools ---------------------------------------------------------------------------


def test_a_web_search_is_counted_and_cited(call: Caller) -> None:
    """A search stands before the text that cites it, and in the usage."""
    answer = ask(call, **tool("web_search_20250305", "web_search"))
    kinds = [block["type"] for block in answer["content"]]
    assert kinds == ["server_tool_use", "web_search_tool_result", "text"]
    assert answer["content"][2]["citations"][0]["url"] == "https://example.com/"
    assert answer["usage"]["server_tool_use"]["web_search_requests"] == 1
    assert answer["stop_reason"] == "end_turn"


def test_all_tools_that_are_named_are_called(call: Caller) -> None:
    """Several tools whose names the user says are called at once, unless forbidden."""
    tools = [TOOL, {**TOOL, "name": "find"}, {**TOOL, "name": "other"}]
    called = []
    for parallel in (False, True):
        choice = {"type": "any", "disable_parallel_tool_use": parallel}
        answer = ask(call, "look and find it", tools=tools, tool_choice=choice)
        called.append([block["name"] for block in answer["content"]])
    assert called == [["look", "find"], ["look"]]


def test_a_result_may_ask_for_another_call(call: Caller) -> None:
    """A tool that answers sandbox:tool_use is called again."""
    body = message(tools=[TOOL])
    for text, stop in (("sandbox:tool_use", "tool_use"), ("enough", "end_turn")):
        answer = call("POST", BETA, json=body).json()
        result = {
            "type": "tool_result",
            "tool_use_id": answer["content"][-1]["id"],
            "content": text,
        }
        body["messages"] += [
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": [result]},
        ]
        final = call("POST", BETA, json=body).json()
        assert final["stop_reason"] == stop


def test_a_container_is_used_again(call: Caller) -> None:
    """Code runs in the container that the request names, else in a new one."""
    code = tool("code_execution_20250825", "code_execution")
    first = ask(call, **code)["container"]["id"]
    assert first.startswith("container_")
    assert ask(call, container=first, **code)["container"]["id"] == first


def test_a_toolset_needs_its_server(call: Caller) -> None:
    """A toolset of a server that the request does not have is refused."""
    toolset = {"type": "mcp_toolset", "mcp_server_name": "gone"}
    headers = {"anthropic-beta": "mcp-client-2025-11-20"}
    body = message(tools=[toolset])
    answer = call("POST", BETA, json=body, headers=headers)
    assert "gone" in answer.json()["error"]["message"]


# -- ways to end ---------------------------------------------------------------------


def test_a_pause_is_taken_up_again(call: Caller) -> None:
    """A paused answer, sent back as it is, goes on with the tool's result."""
    search = tool("web_search_20250305", "web_search")
    paused = ask(call, "sandbox:pause_turn", **search)
    assert paused["stop_reason"] == "pause_turn"
    said = [
        {"role": "user", "content": "sandbox:pause_turn"},
        {"role": "assistant", "content": paused["content"]},
    ]
    final = ask(call, messages=said, **search)
    assert final["content"][0]["tool_use_id"] == paused["content"][-1]["id"]
    assert final["stop_reason"] == "end_turn"


def test_a_refusal_says_why(call: Caller) -> None:
    """Asked for, the answer is a refusal with its details, schema or not."""
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    answer = ask(call, "sandbox:refusal", output_config=form)
    assert answer["stop_reason"] == "refusal"
    assert answer["stop_details"]["category"] == "general_harms"
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answer["content"][0]["text"])


def test_a_fallback_answers_for_a_model_that_refuses(call: Caller) -> None:
    """With fallbacks the next model answers, and says from where it took over."""
    beta, further = FEATURES["fallback"]
    answer = ask(call, betas=beta, **further)
    assert answer["model"] == "claude-haiku-4-5"
    assert answer["content"][0]["from"]["model"] == "claude-opus-4-8"
    assert answer["stop_reason"] == "end_turn"


def test_a_call_may_be_cut(call: Caller) -> None:
    """Cut in the middle of a tool call, the call is there without its arguments."""
    answer = ask(call, "sandbox:max_tokens", tools=[TOOL])
    assert answer["stop_reason"] == "max_tokens"
    assert answer["content"][-1]["input"] == {}


@pytest.mark.parametrize("feature", ["format", "old format"])
def test_a_structured_answer_fits_its_schema(call: Caller, feature: str) -> None:
    """Either way to ask for a form gives an answer of that form."""
    headers, body = body_of(feature)
    answer = call("POST", BETA, json=body, headers=headers).json()
    value = json.loads(answer["content"][0]["text"])
    assert list(Draft202012Validator(SCHEMA).iter_errors(value)) == []


# -- caching -------------------------------------------------------------------------


def cached(usage: dict[str, Any]) -> tuple[int, int, int]:
    kinds = ("cache_read_input_tokens", "cache_creation_input_tokens", "input_tokens")
    read, written, rest = (usage[kind] for kind in kinds)
    return read, written, rest


def test_a_prompt_is_written_once_and_then_read() -> None:
    """The second request reads what the first wrote, until its time is over."""
    now = [NOW]
    system = [
        {"type": "text", "text": "w " * 50, "cache_control": {"type": "ephemeral"}}
    ]
    with Sandbox(clock=lambda: now[0]) as box:
        call = Caller(box)
        found = [cached(ask(call, "one two", system=system)["usage"])]
        found.append(cached(ask(call, "three four", system=system)["usage"]))
        now[0] += 301
        found.append(cached(ask(call, "five six", system=system)["usage"]))
    assert found == [(0, 50, 3), (50, 0, 3), (0, 50, 3)]


def test_a_longer_prompt_reads_its_beginning(call: Caller) -> None:
    """What is new after a cached beginning is written; an hour counts apart."""
    hour = {"type": "ephemeral", "ttl": "1h"}
    first = {"type": "text", "text": "a " * 20, "cache_control": hour}
    more = {"type": "text", "text": "b " * 5, "cache_control": {"type": "ephemeral"}}
    ask(call, system=[first])
    usage = ask(call, system=[first, more])["usage"]
    assert cached(usage) == (20, 5, 3)
    assert usage["cache_creation"]["ephemeral_5m_input_tokens"] == 5


def test_another_beginning_is_not_read(call: Caller) -> None:
    """One changed word before the point, or another model, and nothing is read."""
    control = {"type": "ephemeral"}
    one = {"type": "text", "text": "be kind", "cache_control": control}
    ask(call, system=[one])
    other = {**one, "text": "be brief"}
    assert ask(call, system=[other])["usage"]["cache_read_input_tokens"] == 0
    usage = ask(call, system=[one], model="claude-haiku-4-5")["usage"]
    assert usage["cache_read_input_tokens"] == 0


# -- context -------------------------------------------------------------------------


def long_talk(turns: int) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = [{"role": "user", "content": "Go"}]
    for turn in range(turns):
        use = {"type": "tool_use", "id": f"t{turn}", "name": "look", "input": {"n": 1}}
        thought = {"type": "thinking", "thinking": "hm hm", "signature": "s"}
        result = {"type": "tool_result", "tool_use_id": f"t{turn}", "content": "x " * 9}
        said += [
            {"role": "assistant", "content": [thought, use]},
            {"role": "user", "content": [result]},
        ]
    return said


def edited(call: Caller, *wanted: dict[str, Any], turns: int = 6) -> Any:
    beta = "context-management-2025-06-27"
    said = long_talk(turns)
    answer = ask(call, betas=beta, messages=said, **edits(*wanted))
    return answer["context_management"]["applied_edits"], answer["usage"]


def test_old_tool_calls_are_cleared(call: Caller) -> None:
    """From the trigger on, all but the latest calls lose their results."""
    edit = {
        "type": "clear_tool_uses_20250919",
        "trigger": {"type": "tool_uses", "value": 5},
        "keep": {"type": "tool_uses", "value": 2},
    }
    applied, usage = edited(call, edit)
    kind = edit["type"]
    counts = {"cleared_tool_uses": 4, "cleared_input_tokens": 36}
    assert applied == [{"type": kind, **counts}]
    _, whole = edited(call)
    assert whole["input_tokens"] - usage["input_tokens"] == 36
    assert edited(call, edit, turns=4)[0] == []


def test_what_is_spared_or_too_little_stays(call: Caller) -> None:
    """Excluded tools are not cleared, nor is less than clear_at_least."""
    edit = {
        "type": "clear_tool_uses_20250919",
        "trigger": {"type": "tool_uses", "value": 1},
    }
    least = {"type": "input_tokens", "value": 1000}
    assert edited(call, {**edit, "exclude_tools": ["look"]})[0] == []
    assert edited(call, {**edit, "clear_at_least": least})[0] == []
    inputs = edited(call, {**edit, "clear_tool_inputs": True})[0]
    assert inputs[0]["cleared_input_tokens"] > 3 * 9


@pytest.mark.parametrize(
    ("keep", "cleared"),
    [({"type": "thinking_turns", "value": 2}, 4), ({"type": "all"}, 0), ("all", 0)],
)
def test_old_thinking_is_cleared(call: Caller, keep: Any, cleared: int) -> None:
    """Thinking goes, but for that of the turns to keep."""
    applied, _ = edited(call, {"type": "clear_thinking_20251015", "keep": keep})
    assert sum(edit["cleared_thinking_turns"] for edit in applied) == cleared


def test_a_count_says_what_it_would_have_been(call: Caller) -> None:
    """count_tokens tells the size with context management and without."""
    edit = {
        "type": "clear_tool_uses_20250919",
        "trigger": {"type": "tool_uses", "value": 1},
    }
    body = {"model": "m", "messages": long_talk(6), **edits(edit)}
    headers = {"anthropic-beta": "context-management-2025-06-27"}
    path = "/v1/messages/count_tokens?beta=true"
    count = call("POST", path, json=body, headers=headers).json()
    saved = count["context_management"]["original_input_tokens"] - count["input_tokens"]
    assert saved == 3 * 9


def test_a_summary_takes_the_place_of_the_talk(call: Caller) -> None:
    """After a compaction, sent back, only what follows the summary counts."""
    beta, further = FEATURES["compaction alone"]
    answer = ask(call, "word " * 500, betas=beta, **further)
    assert answer["stop_reason"] == "compaction"
    assert [step["type"] for step in answer["usage"]["iterations"]] == ["compaction"]
    said = [
        {"role": "user", "content": "word " * 500},
        {"role": "assistant", "content": answer["content"]},
        {"role": "user", "content": "go on"},
    ]
    assert ask(call, betas=beta, messages=said)["usage"]["input_tokens"] < 60


# -- batches -------------------------------------------------------------------------


def test_a_beta_batch_answers_its_requests(call: Caller) -> None:
    """Requests of a beta batch use the betas that it was made with, and no others."""
    batches = "/v1/messages/batches"
    wanted = ["mcp", "speed"]
    params = [{**message(), **FEATURES[name][1]} for name in wanted]
    requests = [
        {"custom_id": name, "params": each}
        for name, each in zip(wanted, params, strict=True)
    ]
    headers = {"anthropic-beta": FEATURES["mcp"][0]}
    made = call(
        "POST", f"{batches}?beta=true", json={"requests": requests}, headers=headers
    ).json()
    for _ in range(3):
        call("GET", f"{batches}/{made['id']}?beta=true")
    lines = call("GET", f"{batches}/{made['id']}/results?beta=true").text.splitlines()
    results = {row["custom_id"]: row["result"] for row in map(json.loads, lines)}
    assert results["mcp"]["message"]["content"][0]["type"] == "mcp_tool_use"
    assert "fast-mode" in results["speed"]["error"]["error"]["message"]
