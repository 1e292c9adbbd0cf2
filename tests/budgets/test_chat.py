"""Chat of every dialect: the budget's amount is the answer's cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from specwire import AiClient
from specwire.budgets import Budget, BudgetExceededError
from specwire.budgets.subject import A_PICTURE, requests_of
from specwire.errors import APIConnectionError
from specwire.sandbox import Sandbox

from ..scripted import chunked, serving

MODELS = [
    "openai/gpt-4o",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-pro",
    "cohere/command-a-03-2025",
    "groq/llama-3.3-70b-versatile",
    "zhipu/glm-4.6",
]


def asker(box: Sandbox, model: str, budget: Budget) -> AiClient:
    id = model.partition("/")[0]
    return AiClient.create(
        model, api_key=box.api_keys[id], base_url=box.chat_urls[id], hooks=[budget]
    )


@pytest.mark.parametrize("model", MODELS)
def test_both_kinds_of_answers_cost_the_same(
    model: str, box: Sandbox, path: str
) -> None:
    """A whole one and a stream, and as much as the answer says of itself."""
    budget = Budget(1, ledger=path)
    client = asker(box, model, budget)
    said = client.chat().max_tokens(4000).user("How are you?").execute()
    list(client.chat().max_tokens(4000).user("How are you?").stream())
    entries = list(budget.ledger.each())
    assert said.cost is not None
    cost = round(Decimal(str(said.cost)) * 10**9)
    assert [(e.nano, e.told) for e in entries] == [(cost, True)] * 2
    assert {f"{e.provider}/{e.model}" for e in entries} == {model}
    assert budget.status().reserved == 0


@pytest.mark.parametrize("model", MODELS)
def test_every_dialect_says_how_long_an_answer_may_be(
    model: str, box: Sandbox, path: str
) -> None:
    """So a call is refused by what it may cost, before it is sent."""
    budget = Budget(0.001, ledger=path)
    client = asker(box, model, budget)
    with pytest.raises(BudgetExceededError) as caught:
        client.chat().max_tokens(100_000).user("Hi").execute()
    assert caught.value.attempts == 0
    assert not budget.status().reserved
    client.chat().max_tokens(10).user("Hi").execute()


def test_a_cut_answer_is_counted_by_its_text(path: str) -> None:
    """Where no usage had come: three bytes of text are a token."""
    piece = {"choices": [{"index": 0, "delta": {"content": "x" * 60}}]}
    cut = chunked(b"data: " + json.dumps(piece).encode() + b"\n\n", end=False)
    budget = Budget(1, ledger=path)
    with (
        serving(cut) as server,
        AiClient(
            "openai/gpt-4o",
            api_key="k",
            base_url=server.url,
            hooks=[budget],
            max_retries=0,
        ) as client,
        pytest.raises(APIConnectionError),
    ):
        list(client.chat().max_tokens(500).user("Hi").stream())
    (entry,) = budget.ledger.each()
    assert (entry.counts.output, entry.told) == (20, False)


def test_pictures_are_no_text(path: str) -> None:
    """Their bytes are not tokens; a flat number stands for each."""
    seen: list[Any] = []

    class Looks(Budget):
        def before_attempt(self, call: Any) -> Any:
            seen.extend(requests_of(call))
            raise InterruptedError

    image = {"type": "base64", "media_type": "image/png", "data": "iVBO" * 5_000}
    from specwire import Client

    with Client(api_keys={"anthropic": "k"}, hooks=[Looks(1, ledger=path)]) as client:
        with pytest.raises(InterruptedError):
            client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=10,
                messages=[
                    {"role": "user", "content": [{"type": "image", "source": image}]}  # type: ignore[list-item]
                ],
            )
    assert A_PICTURE <= seen[0].input < A_PICTURE + 300
    assert (seen[0].output, seen[0].caches) == (10, False)
