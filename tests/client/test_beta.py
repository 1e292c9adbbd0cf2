"""``client.beta``: the twins, their header, and where they are found."""

from __future__ import annotations

from typing import Any

import pytest

from specwire import Client, dump
from specwire.errors import BadRequestError
from specwire.sandbox import Sandbox
from tests.sandbox.conftest import NOW, message
from tests.sandbox.features import FEATURES

SERVER: Any = {"type": "url", "url": "https://mcp.example.com", "name": "db"}


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(box: Sandbox) -> Any:
    box.reset()
    with Client(api_keys=box.api_keys, base_urls=box.base_urls, max_retries=0) as made:
        yield made


def arguments(**further: Any) -> Any:
    said = [{"role": "user", "content": "Hello"}]
    return {"model": "claude-opus-4-8", "max_tokens": 99, "messages": said, **further}


def sent(box: Sandbox) -> tuple[str, Any, Any]:
    last = box.requests[-1]
    return last.path, last.query, last.headers.get("anthropic-beta")


def test_a_twin_says_so_in_its_query(client: Client, box: Sandbox) -> None:
    """Beta operations go to the plain path with beta=true; betas are one header."""
    client.beta.messages.create(**arguments(betas=["one-2025", "two-2025"]))
    assert sent(box) == ("/v1/messages", {"beta": "true"}, "one-2025,two-2025")
    client.messages.create(**arguments())
    assert sent(box) == ("/v1/messages", {}, None)


def test_members_in_beta_name_their_beta(client: Client, box: Sandbox) -> None:
    """What is in beta brings its name, several as one header."""
    client.beta.messages.create(**arguments(mcp_servers=[SERVER], speed="fast"))
    assert sent(box)[2] == "mcp-client-2025-04-04,fast-mode-2026-02-01"
    client.beta.messages.create(**arguments(mcp_servers=None or []))
    assert sent(box)[2] == "mcp-client-2025-04-04"
    client.beta.messages.create(**arguments())
    assert sent(box)[2] is None


@pytest.mark.parametrize(
    ("betas", "expected"),
    [
        (["other-2025"], "other-2025,mcp-client-2025-04-04"),
        (["mcp-client-2025-11-20"], "mcp-client-2025-11-20"),
        ("one,mcp-client-2025-04-04", "one,mcp-client-2025-04-04"),
    ],
)
def test_a_beta_that_is_named_stands(
    client: Client, box: Sandbox, betas: Any, expected: str
) -> None:
    """A name of the caller's is kept, another date of the same beta is not added."""
    client.beta.messages.create(**arguments(mcp_servers=[SERVER], betas=betas))
    assert sent(box)[2] == expected


def test_a_header_of_ones_own_is_sent_as_it_is(client: Client, box: Sandbox) -> None:
    """extra_headers replaces what arguments name, also where it is not enough."""
    header = {"Anthropic-Beta": "other-2025-01-01"}
    with pytest.raises(BadRequestError, match="mcp-client-"):
        client.beta.messages.create(
            **arguments(mcp_servers=[SERVER], extra_headers=header)
        )
    assert sent(box)[2] == "other-2025-01-01"


def test_parse_and_betas_go_together(client: Client, box: Sandbox) -> None:
    """A parsed answer may use what is in beta as well."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    parse: Any = client.beta.messages.parse
    message = parse(**arguments(output_format=schema, mcp_servers=[SERVER]))
    assert set(message.parsed_output) == {"a"}


def test_beta_only_arguments_are_not_plain_ones(client: Client) -> None:
    """The plain twin has no argument for what is in beta."""
    with pytest.raises(TypeError, match="mcp_servers"):
        client.messages.create(**arguments(mcp_servers=[SERVER]))


def test_twins_answer_with_the_same_models(client: Client) -> None:
    """A beta message is a Message, and a stream of one adds up to it."""
    plain = client.messages.create(**arguments())
    beta = client.beta.messages.create(**arguments())
    assert type(plain) is type(beta)
    with client.beta.messages.stream(**arguments()) as stream:
        assert stream.get_final_message().content == beta.content


def test_prompt_caching_is_where_the_guide_has_it(client: Client) -> None:
    """beta.prompt_caching.messages is the resource beta.messages."""
    caching = client.beta.prompt_caching.messages
    assert type(caching) is type(client.beta.messages)
    control = {"type": "ephemeral"}
    system = [{"type": "text", "text": "You know Python.", "cache_control": control}]
    first = caching.create(**arguments(system=system)).usage
    second = caching.create(**arguments(system=system)).usage
    assert first.cache_creation_input_tokens == 3
    assert second.cache_read_input_tokens == 3


def test_counts_batches_and_models_have_twins(client: Client, box: Sandbox) -> None:
    """Every operation of the twins works and says beta=true."""
    beta = client.beta
    said: Any = arguments()["messages"]
    assert beta.messages.count_tokens(model="m", messages=said).input_tokens == 2
    requests: Any = [{"custom_id": "a", "params": arguments()}]
    batches = beta.messages.batches
    batch = batches.wait(batches.create(requests=requests).id, first_delay=0.01)
    assert [batch.id for batch in batches.list()] == [batch.id]
    rows = list(batches.rows(batch.id))
    assert [row.custom_id for row in rows] == ["a"]
    assert batches.delete(batch.id).id == batch.id
    models = list(beta.models.list(limit=2))
    assert beta.models.retrieve(models[0].id).id == models[0].id
    assert {request.query.get("beta") for request in box.requests} == {"true"}


@pytest.mark.filterwarnings("ignore:beta.messages.create. output_format is deprecated")
@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_the_same_streamed(feature: str) -> None:
    """A strict client sends it, and its stream adds up to the unstreamed message."""
    beta, further = FEATURES[feature]
    ask: Any = {**message(), **further, "betas": [beta] if beta else []}
    found = []
    for streamed in (False, True):
        with (
            Sandbox(clock=lambda: NOW) as box,
            Client(
                api_keys=box.api_keys, base_urls=box.base_urls, strict=True
            ) as client,
        ):
            if streamed:
                with client.beta.messages.stream(**ask) as stream:
                    found.append(dump(stream.get_final_message()))
            else:
                found.append(dump(client.beta.messages.create(**ask)))
    assert found[0] == found[1]
