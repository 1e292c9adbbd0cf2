"""Our documents agree with the public ones, and the comparison can fail.

The public documents are not part of the project; without them the agreement is skipped.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from .canonical import Reader, same
from .compare import Difference, compare, main, unused
from .documents import OPENAPI, SHARED_SPECS, Document, load
from .names import ANTHROPIC, ANTHROPIC_BETA, SIM, Comparison, Explained, our_name
from .second import SECOND

OURS = {plan.ours: load(OPENAPI / plan.ours) for plan in (ANTHROPIC, SIM)}


def theirs(plan: Comparison) -> Document:
    source = SHARED_SPECS / plan.theirs
    if not source.exists():
        pytest.skip(f"the public document {plan.theirs} is not beside the project")
    return load(source)


each_plan = pytest.mark.parametrize(
    "plan",
    [ANTHROPIC, ANTHROPIC_BETA, SIM, *SECOND],
    ids=lambda plan: str(plan.theirs) + " beta" * (plan is ANTHROPIC_BETA),
)


@each_plan
def test_every_difference_is_explained(plan: Comparison) -> None:
    """What differs from the public document differs for a stated reason."""
    found = compare(plan, OURS[plan.ours], theirs(plan))
    assert [str(each) for each in found if each.reason is None] == []


@each_plan
def test_every_explanation_is_needed(plan: Comparison) -> None:
    """No explanation is left over from a difference that is gone."""
    found = compare(plan, OURS[plan.ours], theirs(plan))
    assert unused(plan, found) == []


@pytest.mark.soak
def test_the_command_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends well and counts what is not explained."""
    for plan in (ANTHROPIC, SIM, *SECOND):
        theirs(plan)
    assert main() == 0
    assert capsys.readouterr().out.count(", 0 not explained") == 3 + len(SECOND)


# -- the comparison itself, on documents of its own ---------------------------------

SMALL: Document = {
    "paths": {
        "/v1/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Pet"}
                            }
                        }
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "maxLength": 9},
                    "kind": {"type": "string", "enum": ["cat", "dog"]},
                    "food": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Fish"},
                            {"$ref": "#/components/schemas/Meat"},
                        ],
                        "discriminator": {
                            "propertyName": "type",
                            "mapping": {
                                "fish": "#/components/schemas/Fish",
                                "meat": "#/components/schemas/Meat",
                            },
                        },
                    },
                },
            },
            "Fish": {"type": "object", "properties": {"type": {"const": "fish"}}},
            "Meat": {"type": "object", "properties": {"type": {"const": "meat"}}},
        }
    },
}
PETS = Comparison(ours="ours", theirs="theirs", operations={"getPet": "getPet"})


def pet(document: Document) -> Any:
    return document["components"]["schemas"]["Pet"]


def parameter(document: Document) -> Any:
    return document["paths"]["/v1/pets/{id}"]["get"]["parameters"][0]


def rename_path(document: Document) -> None:
    document["paths"]["/v2/pets/{id}"] = document["paths"].pop("/v1/pets/{id}")


PLANTED: dict[str, tuple[Callable[[Document], Any], str]] = {
    "type": (lambda d: pet(d)["properties"]["name"].update(type="integer"), "name"),
    "limit": (lambda d: pet(d)["properties"]["name"].update(maxLength=8), "name"),
    "default": (lambda d: pet(d)["properties"]["name"].update(default="x"), "name"),
    "null": (
        lambda d: pet(d)["properties"]["name"].update(type=["string", "null"]),
        "name",
    ),
    "enum": (lambda d: pet(d)["properties"]["kind"]["enum"].remove("dog"), "kind"),
    "absent": (lambda d: pet(d)["properties"].pop("kind"), "property kind"),
    "extra": (lambda d: pet(d)["properties"].update(age={}), "property age"),
    "required": (lambda d: pet(d)["required"].append("kind"), "required"),
    "open": (lambda d: pet(d).pop("additionalProperties"), "extra members"),
    "tag": (
        lambda d: pet(d)["properties"]["food"]["discriminator"]["mapping"].pop("fish"),
        "property food",
    ),
    "member": (lambda d: pet(d)["properties"]["food"]["oneOf"].pop(), "property food"),
    "schema": (lambda d: d["components"]["schemas"].pop("Meat"), "schema is missing"),
    "parameter": (lambda d: parameter(d).update(schema={"type": "integer"}), "path 0"),
    "path": (rename_path, "path is"),
    "operation": (lambda d: d["paths"].clear(), "operation is missing"),
}


def test_a_document_equals_itself() -> None:
    """There are no differences between a document and its copy."""
    assert compare(PETS, copy.deepcopy(SMALL), SMALL) == []


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_difference_is_found(kind: str) -> None:
    """A change of any kind in ours is reported, and nothing explains it."""
    plant, told = PLANTED[kind]
    ours = copy.deepcopy(SMALL)
    if kind == "schema":  # what refers to it goes too, as it would in a real document
        pet(ours)["properties"].pop("food")
    plant(ours)
    found = compare(PETS, ours, SMALL)
    assert any(told in each.what and each.reason is None for each in found)


def test_a_difference_planted_in_our_document_is_found() -> None:
    """Our own document with one limit changed no longer agrees."""
    ours = copy.deepcopy(OURS[ANTHROPIC.ours])
    body = ours["components"]["schemas"]["CreateMessageParams"]
    body["properties"]["max_tokens"]["minimum"] = 7
    found = compare(ANTHROPIC, ours, theirs(ANTHROPIC))
    assert [each.where for each in found if each.reason is None] == [
        "CreateMessageParams"
    ]


def test_an_explanation_of_nothing_is_found() -> None:
    """An explanation that fits no difference is reported."""
    idle = Explained("Pet", "property age*", "gone")
    plan = Comparison(
        ours="ours", theirs="theirs", operations=PETS.operations, explained=(idle,)
    )
    assert unused(plan, compare(plan, SMALL, SMALL)) == [idle]
    assert unused(plan, [Difference("Pet", "property age is absent")]) == []


@pytest.mark.parametrize(
    "words",
    [
        {"type": ["string", "null"], "description": "a text"},
        {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "T"},
        {"type": "string", "nullable": True, "x-note": 1},
        {"allOf": [{"anyOf": [{"type": "null"}, {"type": "string"}]}]},
    ],
)
def test_the_ways_to_say_or_null_are_one(words: dict[str, Any]) -> None:
    """Text, extensions and the idiom for null make no difference."""
    reader = Reader({"components": {"schemas": {}}}, {})
    assert reader.form(words) == {"any of": [{"kind": "string"}], "null": True}


def test_naming_a_part_is_no_difference() -> None:
    """A schema that only one document names stands for what it holds."""
    named = {"components": {"schemas": {"Kind": {"type": "string"}}}}
    reader = Reader(named, {})
    ref = {"$ref": "#/components/schemas/Kind"}
    assert reader.form(ref) == reader.form({"type": "string"})


def test_a_tag_that_only_ours_states_is_no_difference() -> None:
    """Ours may say how members are told apart where the public document is silent."""
    form = {"any of": [{"ref": "A"}, {"ref": "B"}]}
    assert same({**form, "tags": {"a": "A"}}, form)
    assert not same(form, {**form, "tags": {"a": "A"}})


@pytest.mark.parametrize(
    ("theirs_name", "expected"),
    [
        ("RequestTextBlock", "TextBlockParam"),
        ("ResponseTextBlock", "TextBlock"),
        ("RequestPageLocationCitation", "CitationPageLocationParam"),
        ("ResponsePageLocationCitation", "CitationPageLocation"),
        ("WebSearchTool_20250305", "WebSearchTool20250305Param"),
        ("BetaRateLimitError", "RateLimitError"),
        ("JsonValue", None),
        ("Model", "ModelId"),
    ],
)
def test_names_follow_rules(theirs_name: str, expected: str | None) -> None:
    """Most of our names follow from theirs; the table holds the rest."""
    assert our_name(theirs_name, ANTHROPIC.names) == expected
