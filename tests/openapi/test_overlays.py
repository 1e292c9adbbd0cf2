"""The overlays match their documents and say only what the generator knows."""

from __future__ import annotations

from typing import Any

import pytest

from .documents import (
    NAMES,
    OVERLAYS,
    SPECS,
    WHOLE,
    apply,
    find,
    nodes,
    operations,
    parameters,
    resolve,
    steps,
)

each_spec = pytest.mark.parametrize("name", NAMES)


@each_spec
def test_every_overlay_action_matches(name: str) -> None:
    """Each target of an overlay is there in the document it extends."""
    _, missed = apply(SPECS[name], OVERLAYS[name])
    assert missed == []
    assert OVERLAYS[name]["overlay"] == "1.0.0"
    assert OVERLAYS[name]["extends"] == f"../{name}.yaml"


def test_an_action_that_matches_nothing_is_found() -> None:
    """Applying an overlay reports a target that is not in the document."""
    overlay = {"actions": [{"target": "$.paths['/v9'].get", "update": {"a": 1}}]}
    assert apply(SPECS["sim"], overlay)[1] == ["$.paths['/v9'].get"]


@each_spec
def test_specs_leave_behaviour_to_their_overlay(name: str) -> None:
    """The documents alone name no security scheme, no event stream, no extension."""
    spec = SPECS[name]
    assert "securitySchemes" not in spec["components"]
    assert "security" not in spec
    for at, node in nodes(spec):
        assert "text/event-stream" not in node, at
        assert not [key for key in node if str(key).startswith("x-")], at


@each_spec
def test_overlays_use_the_known_vocabulary(name: str) -> None:
    """An overlay adds only extensions that the generator knows."""
    known = {"retry", "headers", "implied", "flag", "paging", "events", "name"}
    known |= {"retiring", "replaced", "value"}
    used = {key for _, node in nodes(OVERLAYS[name]) for key in node if key[:2] == "x-"}
    assert used <= {f"x-specwire-{word}" for word in known}


@each_spec
def test_security_names_schemes(name: str) -> None:
    """Each requirement names a scheme that the overlay describes."""
    document = WHOLE[name]
    schemes = set(document["components"]["securitySchemes"])
    said = [document["security"]]
    said += [o["security"] for _, _, o in operations(document) if "security" in o]
    for requirement in [each for listed in said for each in listed]:
        assert set(requirement) <= schemes


def test_only_three_operations_may_be_anonymous() -> None:
    """Running a public workflow and asking whether it is deployed need no key."""
    assert {
        operation["operationId"]
        for document in WHOLE.values()
        for _, _, operation in operations(document)
        if {} in (operation.get("security") or document["security"])
    } == {"executeWorkflow", "getWorkflowStatus", "startWorkflowRun"}


def content_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The media types of the first good reply."""
    first = next(iter(operation["responses"].values()))
    found: dict[str, Any] = first["content"]
    return found


def test_streams_are_switched_by_a_member_of_the_body() -> None:
    """Where a reply may be an event stream, the named flag is a boolean of the body."""
    found = []
    for document in WHOLE.values():
        for _, _, operation in operations(document):
            if "text/event-stream" not in content_of(operation):
                continue
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            flag = operation["x-specwire-flag"]
            assert resolve(document, body)["properties"][flag]["type"] == "boolean"
            found.append(operation["operationId"])
    messages = ["createMessage", "createBetaMessage"]
    assert found == [*messages, "executeWorkflow", "startWorkflowRun"]


@each_spec
def test_stream_marks_are_kinds_of_events(name: str) -> None:
    """The kinds that end, break or are left out are values of the tag in the union."""
    for at, node in nodes(WHOLE[name]["paths"]):
        if "x-specwire-events" not in node:
            continue
        said = node["x-specwire-events"]
        union = resolve(WHOLE[name], node["schema"])
        members = [
            resolve(WHOLE[name], member)
            for member in (union.get("oneOf") or union["anyOf"])
        ]
        tags = [member["properties"].get(said["tag"], {}) for member in members]
        kinds = {tag.get("const") for tag in tags}
        for key in ("end", "error", "skip"):
            assert kinds.issuperset(said.get(key, ())), f"{at} {key}"


@each_spec
def test_cursors_are_parameters_and_members(name: str) -> None:
    """Paging goes by query parameters and members of the reply that exist."""
    document = WHOLE[name]
    general = document.get("x-specwire-paging")
    for method, path, operation in operations(document):
        said = operation.get("x-specwire-paging", general)
        listed = {each["name"] for each in parameters(document, path, method)}
        if said is None or (said is general and not listed & set(said["cursors"])):
            whole = operation["operationId"].endswith("Folders")
            assert whole or not operation["operationId"].startswith("list")
            continue
        content = content_of(operation)["application/json"]
        members = set(resolve(document, content["schema"])["properties"])
        assert set(said["cursors"]) <= listed
        more = {said["more"]} if "more" in said else set()
        assert {said["items"], *more, *said["cursors"].values()} <= members


def test_every_reply_of_the_second_contract_is_an_envelope() -> None:
    """What the word at the top names is a member of all of them, and of no other."""
    document = WHOLE["sim"]
    for _, path, operation in operations(document):
        for media, said in content_of(operation).items():
            if media != "application/json":
                continue
            members = resolve(document, said["schema"])["properties"]
            inside = document["x-specwire-value"] in members
            assert inside == path.startswith("/api/v2/"), operation["operationId"]


def test_messages_may_be_sent_again_and_runs_may_not() -> None:
    """Every operation of the Messages API is retried; starting a run is not."""
    retry = {
        operation["operationId"]: operation.get("x-specwire-retry")
        for document in WHOLE.values()
        for _, _, operation in operations(document)
    }
    messages = {o["operationId"] for _, _, o in operations(SPECS["anthropic"])}
    assert {retry.pop(name) for name in messages} == {"always"}
    for run in ("executeWorkflow", "startWorkflowRun"):
        assert retry.pop(run) == "unstarted"
    again = {name for name, word in retry.items() if word == "always"}
    assert again == {
        *("updateWorkflow", "cancelWorkflowRun"),
        *("renameWorkspaceFile", "setFileShare"),
    }
    assert {word for name, word in retry.items() if name not in again} == {None}


def test_files_carry_their_beta_header() -> None:
    """Every operation on files, and no other, names the files beta."""
    assert {
        operation["operationId"]
        for _, path, operation in operations(WHOLE["anthropic"])
        if operation.get("x-specwire-headers")
        == {"anthropic-beta": "files-api-2025-04-14"}
    } == {
        operation["operationId"]
        for _, path, operation in operations(SPECS["anthropic"])
        if path.startswith("/v1/files")
    }


def test_targets_are_read_step_by_step() -> None:
    """A target's steps are names after a dot or in brackets; the rest is refused."""
    assert steps("$") == []
    assert steps("$.paths['/a/{b}'].get") == ["paths", "/a/{b}", "get"]
    assert find({"a": {"b": 1}}, ["a", "b"]) == 1
    with pytest.raises(ValueError, match=r"\$\.paths\.\*"):
        steps("$.paths.*")
