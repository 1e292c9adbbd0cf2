"""``specwire.compat.ai_lib.tokens`` and ``.structured``: the names of the original."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from specwire.chat.formats import ResponseFormat
from specwire.compat.ai_lib import structured, tokens


class User(BaseModel):
    name: str
    age: int


def test_counters_by_their_names() -> None:
    """For a model, or by characters; a text can be cut."""
    counter = tokens.TokenCounter.for_model("claude-3-5-sonnet")
    assert counter.count("Hello, world!") > 0
    assert tokens.CharacterEstimator(4).count("12345678") == 2
    assert tokens.AnthropicEstimator().count("Hello") == 1
    assert tokens.get_token_counter("m") is tokens.get_token_counter("m")
    assert counter.truncate_to_limit("word " * 50, 9).endswith("...")


def test_prices_by_their_names() -> None:
    """From the registry; a model that nobody knows has none."""
    pricing = tokens.get_model_pricing("gpt-4o")
    assert pricing is not None
    assert pricing.input_price_per_1k == 0.0025
    assert pricing.context_window == tokens.get_model_context_window("gpt-4o") == 128000
    assert tokens.get_model_pricing("no-such-model") is None
    cost = tokens.estimate_cost(1000, 500, "gpt-4o")
    assert cost.total_cost == cost.input_cost + cost.output_cost == 0.0075
    assert "openai/gpt-4o" in tokens.get_available_models()


def test_json_modes() -> None:
    """``JsonMode()`` is the plain one; each is a form of an answer."""
    assert structured.JsonMode() is structured.JsonMode.JSON
    config = structured.JsonModeConfig.from_pydantic(User)
    form = ResponseFormat.of(config)
    assert (form.kind, form.name) == ("json_schema", "User")
    assert ResponseFormat.of(structured.JsonModeConfig.json_object()).kind == (
        "json_object"
    )
    assert ResponseFormat.of(structured.JsonMode()).kind == "json_object"
    off = structured.JsonModeConfig(structured.JsonMode.OFF)
    assert off.to_openai_format() == {}
    sent = config.to_anthropic_format()["output_config"]["format"]
    assert sent["type"] == "json_schema"


def test_outputs_are_validated() -> None:
    """Against a class or a schema, as text or parsed."""
    validator = structured.OutputValidator(User)
    good = validator.validate('{"name": "Ann", "age": 3}')
    assert good.valid
    assert good.data == User(name="Ann", age=3)
    assert not validator.validate({"name": "Ann"})
    schema = structured.OutputValidator({"type": "object", "required": ["a"]})
    assert schema.validate_or_raise('{"a": 1}') == {"a": 1}
    with pytest.raises(structured.ValidationError, match="'a' is a required"):
        schema.validate_or_raise("{}")


def test_structured_outputs() -> None:
    """What an answer's text says, with words around it."""
    validator = structured.OutputValidator(User)
    text = 'Here: {"name": "Ann", "age": 3}'
    output = structured.StructuredOutput.from_response(text, validator)
    assert output.is_valid
    assert output.as_model(User) is output.data
    assert structured.StructuredOutput.from_response("no").data == "no"
    assert structured.extract_json("no") is None


def test_schemas_are_put_together() -> None:
    """Of a class, or member by member."""
    made = structured.SchemaGenerator.from_model(User).build()
    assert made == structured.json_schema_from_type(User)
    schema = (
        structured.SchemaGenerator(title="User")
        .add_property("name", str, description="who", min_length=1)
        .add_property("tags", list[str], required=False)
        .build()
    )
    assert schema["required"] == ["name"]
    assert schema["properties"]["name"]["minLength"] == 1
    assert schema["properties"]["tags"]["items"] == {"type": "string"}
