"""``tool_runner``: the loop of asking, running what is called, and asking again."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from specwire import Client, ToolError, errors, tool
from specwire.tools import StreamingToolRunner

from ..scripted import reply, serving
from .replies import ASK, WANT, asking, call, message, replied, streamed, text


@tool
def weather(city: str, days: int = 1) -> str:
    """Tell the weather."""
    return f"{city}: {days} sunny"


def sent(server: Any, number: int) -> Any:
    return server.received[number].json()


def results(server: Any, number: int = 1) -> Any:
    """The results that request ``number`` ends with."""
    return sent(server, number)["messages"][-1]["content"]


def test_the_tool_is_run_and_the_model_answers() -> None:
    """Two requests: the call with the definition, and the result behind the turn."""
    first = [text("Let me see."), call("t1", "weather", city="Kyoto")]
    with serving(replied(*first), replied(text("Sunny."))) as server:
        runner = asking(server).beta.messages.tool_runner(**WANT, tools=[weather])
        last = runner.until_done()
    assert last.content[0].type == "text" and last.content[0].text == "Sunny."
    assert sent(server, 0)["tools"] == [weather.to_dict()]
    assert sent(server, 0)["max_tokens"] == 4096
    assert sent(server, 1)["messages"] == [
        *ASK,
        {"role": "assistant", "content": first},
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "content": "Kyoto: 1 sunny",
                }
            ],
        },
    ]


def test_each_message_is_yielded_before_its_tools_run() -> None:
    """The caller sees the call, and can break off before it runs."""
    ran: list[str] = []

    @tool
    def act() -> None:
        ran.append("act")

    with serving(replied(call("t1", "act")), replied(text("Done."))) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=[act])
        first = next(runner)
        assert (first.stop_reason, ran) == ("tool_use", [])
        assert [m.stop_reason for m in runner] == ["end_turn"]
    assert ran == ["act"]
    assert results(server) == [{"type": "tool_result", "tool_use_id": "t1"}]


def test_a_plain_function_is_a_tool() -> None:
    """tools= takes undecorated functions, and definitions that run at the server."""
    search = {"type": "web_search_20250305", "name": "web_search"}

    def plain(n: int) -> int:
        """Double."""
        return 2 * n

    with serving(replied(call("t1", "plain", n="4")), replied(text("8"))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[search, plain]).until_done()
    assert [each["name"] for each in sent(server, 0)["tools"]] == [
        "web_search",
        "plain",
    ]
    assert results(server)[0]["content"] == "8"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (ValueError("kaboom"), "ValueError: kaboom"),
        (KeyError("x"), "KeyError: 'x'"),
        (RuntimeError(), "RuntimeError()"),
        (ToolError("try Tokyo"), "try Tokyo"),
        (ToolError([{"type": "text", "text": "no"}]), [{"type": "text", "text": "no"}]),
    ],
)
def test_a_failing_tool_is_an_error_result(made: Exception, told: Any) -> None:
    """What a tool raises is told to the model, and the loop goes on."""

    @tool
    def fails() -> None:
        raise made

    with serving(replied(call("t1", "fails")), replied(text("Sorry."))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[fails]).until_done()
    assert results(server) == [
        {"type": "tool_result", "tool_use_id": "t1", "content": told, "is_error": True}
    ]


def test_unknown_tools_and_bad_arguments_are_error_results() -> None:
    """A tool nobody has and arguments that do not fit are told to the model."""
    calls = [call("t1", "forecast"), call("t2", "weather", days=[])]
    with serving(replied(*calls), replied(text("Sorry."))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[weather]).until_done()
    unknown, bad = results(server)
    assert unknown["is_error"] and "'forecast' not found" in unknown["content"]
    assert bad["is_error"] and "'city' is a required property" in bad["content"]


def test_calls_of_one_message_run_at_the_same_time() -> None:
    """Two tools that wait for each other both finish; results stay in order."""
    meet = threading.Barrier(2, timeout=10)

    @tool
    def waits(n: int) -> int:
        meet.wait()
        return n

    calls = [call("t1", "waits", n=1), call("t2", "waits", n=2)]
    with serving(replied(*calls), replied(text("Done."))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[waits]).until_done()
    assert [r["content"] for r in results(server)] == ["1", "2"]


def test_calls_can_run_one_after_another() -> None:
    """max_threads=1 runs them in the caller's thread, in order."""
    seen: list[tuple[int, str]] = []

    @tool
    def notes(n: int) -> None:
        seen.append((n, threading.current_thread().name))

    calls = [call(f"t{n}", "notes", n=n) for n in range(4)]
    with serving(replied(*calls), replied(text("Done."))) as server:
        runner = asking(server).messages.tool_runner(
            **WANT, tools=[notes], max_threads=1
        )
        runner.until_done()
    assert seen == [(n, threading.current_thread().name) for n in range(4)]


def test_the_number_of_requests_has_a_limit() -> None:
    """After max_iterations requests it ends; the last calls, unread, do not run."""
    ran: list[int] = []

    @tool
    def count() -> None:
        ran.append(1)

    with serving(*[replied(call("t1", "count"))] * 3) as server:
        runner = asking(server).messages.tool_runner(
            **WANT, tools=[count], max_iterations=2
        )
        assert len(list(runner)) == 2
    assert (len(server.received), len(ran)) == (2, 1)


@pytest.mark.parametrize("stop", ["max_tokens", "refusal", "end_turn"])
def test_a_call_in_a_message_that_did_not_end_to_call_is_not_run(stop: str) -> None:
    """max_tokens may have cut the call, and a refusal takes it back: nothing runs."""

    @tool
    def never() -> None:
        raise AssertionError("it ran")

    with serving(replied(call("t1", "never"), stop=stop)) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=[never])
        assert runner.until_done().stop_reason == stop
        assert runner.generate_tool_call_response() is None
    assert len(server.received) == 1


@pytest.mark.parametrize("stop", ["pause_turn", "compaction"])
def test_a_paused_turn_goes_on(stop: str) -> None:
    """A server that stopped in the middle gets its turn back as it is."""
    answers = [replied(text("Searching"), stop=stop), replied(text("!"))]
    with serving(*answers) as server:
        assert asking(server).messages.tool_runner(**WANT).until_done().content
    turn = {"role": "assistant", "content": [text("Searching")]}
    assert sent(server, 1)["messages"] == [*ASK, turn]


def test_the_container_is_kept() -> None:
    """The container that a reply names is the one of the following requests."""
    container = {"id": "cnt_1", "expires_at": "2026-01-01T00:00:00Z"}
    first = replied(call("t1", "weather", city="Nara"), container=container)
    with serving(first, replied(text("Sunny."))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[weather]).until_done()
    assert "container" not in sent(server, 0)
    assert sent(server, 1)["container"] == "cnt_1"


def test_messages_of_the_caller_stand_behind_the_turn() -> None:
    """append_messages within the loop loses neither the turn nor its results."""
    said = {"role": "user", "content": "Be brief."}
    with serving(replied(call("t1", "weather", city="Nara")), replied(text("."))) as s:
        runner = asking(s).messages.tool_runner(**WANT, tools=[weather])
        for step in runner:
            if step.stop_reason == "tool_use":
                runner.append_messages(said)
    roles = [m["role"] for m in sent(s, 1)["messages"]]
    assert roles == ["user", "assistant", "user", "user"]
    assert sent(s, 1)["messages"][-1] == said


def test_the_caller_may_write_the_turn_itself() -> None:
    """A turn and results that the caller appends are not added twice, nor run twice."""
    ran: list[str] = []

    @tool
    def act() -> str:
        ran.append("act")
        return "done"

    with serving(replied(call("t1", "act")), replied(text("."))) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=[act])
        for step in runner:
            response = runner.generate_tool_call_response()
            assert response == runner.generate_tool_call_response()
            if response is not None:
                response["content"][0]["content"] = "edited"
                runner.append_messages(step, response)
    assert ran == ["act"]
    assert [m["role"] for m in sent(server, 1)["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert results(server)[0]["content"] == "edited"


def test_arguments_can_change_between_two_steps() -> None:
    """set_messages_params takes the new ones, or a function of the present ones."""
    with serving(replied(call("t1", "weather", city="Nara")), replied(text("."))) as s:
        runner = asking(s).messages.tool_runner(**WANT, tools=[weather])
        for _ in runner:
            runner.set_messages_params(lambda now: {**now, "max_tokens": 7})
    assert sent(s, 1)["max_tokens"] == 7
    assert len(sent(s, 1)["messages"]) == 3


def test_unknown_arguments_are_refused_at_once() -> None:
    """A misspelt argument is a TypeError before anything is sent."""
    with pytest.raises(TypeError, match="tempreature"):
        Client().messages.tool_runner(**WANT, tempreature=1)
    with pytest.raises(TypeError, match="stream"):
        Client().messages.tool_runner(**WANT).set_messages_params({"stream": True})
    with pytest.raises(TypeError, match="treshold"):
        Client().messages.tool_runner(**WANT, compaction_control={"treshold": 1})
    with pytest.raises(TypeError, match="two tools"):
        Client().messages.tool_runner(**WANT, tools=[weather, weather])


def test_without_messages_nothing_is_sent() -> None:
    """A runner can be made without messages; iterating asks for them."""
    runner = Client().messages.tool_runner(model="m")
    with pytest.raises(errors.RequestValidationError, match="append_messages"):
        next(runner)


def test_what_create_takes_is_sent_with_each_request() -> None:
    """Context editing and all else pass through, beta features as a header."""
    edit = {"edits": [{"type": "clear_tool_uses_20250919"}]}
    with serving(replied(call("t1", "weather", city="Nara")), replied(text("."))) as s:
        asking(s).beta.messages.tool_runner(
            **WANT,
            tools=[weather],
            temperature=0.5,
            betas="context-management-2025-06-27",
            extra_body={"context_management": edit},
        ).until_done()
    for number in (0, 1):
        assert sent(s, number)["temperature"] == 0.5
        assert sent(s, number)["context_management"] == edit
        head = s.received[number].headers["anthropic-beta"]
        assert head.split(",") == ["context-management-2025-06-27"]


def test_an_error_loses_nothing() -> None:
    """After a failed request the loop goes on where it stood; no tool runs again."""
    ran: list[str] = []

    @tool
    def act() -> None:
        ran.append("act")

    answers = [replied(call("t1", "act")), reply(529, {}), replied(text("Done."))]
    with serving(*answers) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=[act])
        with pytest.raises(errors.OverloadedError):
            runner.until_done()
        assert runner.until_done().stop_reason == "end_turn"
    assert ran == ["act"]
    assert sent(server, 1) == sent(server, 2)


# -- streams -----------------------------------------------------------------------


def test_streams_are_yielded() -> None:
    """stream=True yields a message stream for each request; the rest of it is read."""
    first = streamed(text("See."), call("t1", "weather", city="Nara"))
    with serving(first, streamed(text("Sunny."))) as server:
        runner = asking(server).messages.tool_runner(
            **WANT, tools=[weather], stream=True
        )
        assert isinstance(runner, StreamingToolRunner)
        words = ["".join(stream.text_stream) for stream in runner]
    assert words == ["See.", "Sunny."]
    assert results(server)[0]["content"] == "Nara: 1 sunny"


def test_a_streamed_conversation_can_be_run_to_its_end() -> None:
    """until_done gives the last message; streams nobody reads are read."""
    first = streamed(call("t1", "weather", city="Nara"))
    with serving(first, streamed(text("Sunny."))) as server:
        runner = asking(server).messages.tool_runner(
            **WANT, tools=[weather], stream=True
        )
        assert runner.until_done().stop_reason == "end_turn"


def test_a_cut_stream_runs_nothing() -> None:
    """A call whose message broke off is not run; the cut is raised."""

    @tool
    def never() -> None:
        raise AssertionError("it ran")

    with serving(streamed(call("t1", "never"), end=False)) as server:
        runner = asking(server).messages.tool_runner(**WANT, tools=[never], stream=True)
        with pytest.raises(errors.StreamError):
            list(runner)
        assert list(runner) == []


# -- compaction --------------------------------------------------------------------

RULE: Any = {
    "enabled": True,
    "context_token_threshold": 100,
    "summary_prompt": "Sum up.",
}


def test_a_long_conversation_is_replaced_by_its_summary() -> None:
    """The summary covers the turn and its results, and the work goes on from it."""
    answers = [
        replied(call("t1", "weather", city="Nara"), tokens=99),
        replied(text("Nara is sunny.")),
        replied(text("Sunny.")),
    ]
    with serving(*answers) as server:
        runner = asking(server).messages.tool_runner(
            **WANT, tools=[weather], compaction_control={**RULE, "model": "small"}
        )
        seen = [m.stop_reason for m in runner]
    assert seen == ["tool_use", "end_turn"]
    asked = sent(server, 1)
    assert asked["model"] == "small"
    assert asked["tool_choice"] == {"type": "none"}
    assert [block["type"] for block in asked["messages"][-1]["content"]] == [
        "tool_result",
        "text",
    ]
    assert asked["messages"][-1]["content"][-1]["text"] == "Sum up."
    assert sent(server, 2)["messages"] == [
        {"role": "user", "content": [text("Nara is sunny.")]}
    ]
    assert sent(server, 2)["model"] == "claude-sonnet-4-5"


@pytest.mark.parametrize(
    ("control", "tokens"),
    [
        (None, 10**6),
        ({**RULE, "enabled": False}, 10**6),
        (RULE, 98),
        ({"enabled": True}, 99_998),
    ],
)
def test_below_the_threshold_nothing_is_replaced(control: Any, tokens: int) -> None:
    """Without the rule, or below its threshold (100,000 by default), all is kept."""
    first = replied(call("t1", "weather", city="Nara"), tokens=tokens)
    with serving(first, replied(text("Sunny."))) as server:
        asking(server).messages.tool_runner(
            **WANT, tools=[weather], compaction_control=control
        ).until_done()
    assert len(sent(server, 1)["messages"]) == 3


def test_a_last_turn_is_not_summed_up() -> None:
    """A conversation that is over is not compacted, however long it is."""
    with serving(replied(text("Sunny."), tokens=10**6)) as server:
        asking(server).messages.tool_runner(
            **WANT, compaction_control=RULE
        ).until_done()
    assert len(server.received) == 1


@pytest.mark.parametrize("stop", ["refusal", "max_tokens"])
def test_a_summary_that_is_not_whole_is_not_used(stop: str) -> None:
    """The conversation goes on as it is."""
    answers = [
        replied(call("t1", "weather", city="Nara"), tokens=100),
        replied(text("Nara is"), stop=stop),
        replied(text("Sunny.")),
    ]
    with serving(*answers) as server:
        asking(server).messages.tool_runner(
            **WANT, tools=[weather], compaction_control=RULE
        ).until_done()
    assert len(sent(server, 2)["messages"]) == 3


def test_the_guide_call_can_be_made() -> None:
    """Model and compaction_control alone make a runner, as the guide writes it."""
    runner = Client().beta.messages.tool_runner(
        model="claude-sonnet-4-5-20250929",
        compaction_control={
            "enabled": True,
            "context_token_threshold": 100000,
            "summary_prompt": "Sum up.",
        },
    )
    assert runner.messages == []


def test_what_a_tool_returns_is_its_content() -> None:
    """Text and blocks as they are, other values as JSON."""
    image = {"type": "image", "source": {"type": "base64", "data": ""}}
    values: list[Any] = ["a", image, [image], {"b": [1]}, 3, [], message(text("x"))]

    @tool
    def give(n: int) -> Any:
        return values[n]

    calls = [call(f"t{n}", "give", n=n) for n in range(len(values) - 1)]
    with serving(replied(*calls), replied(text("."))) as server:
        asking(server).messages.tool_runner(**WANT, tools=[give]).until_done()
    found = [r["content"] for r in results(server)]
    assert found == ["a", [image], [image], '{"b":[1]}', "3", "[]"]
