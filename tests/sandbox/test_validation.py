"""Requests are checked against the documents, and refused in the API's shape."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.sandbox import Sandbox

from .conftest import Caller, message

TEXT_ONLY = [{"role": "user", "content": [{"type": "text"}]}]
BAD_TAG = [{"role": "user", "content": [{"type": "txt", "text": "x"}]}]


@pytest.mark.parametrize(
    ("further", "said"),
    [
        ({"max_tokens": "9"}, "max_tokens: expected integer, got string"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": TEXT_ONLY}, "messages.0.content.0.text: Field required"),
        ({"messages": BAD_TAG}, "messages.0.content.0.type: got 'txt', expected one"),
        (
            {"messages": [{"role": "user", "content": 3}]},
            "messages.0.content: expected",
        ),
        ({"tools": [{"name": "x"}]}, "tools.0.input_schema: Field required"),
        ({"tools": [{"type": "bash_20250124", "name": "x"}]}, "tools.0.name: 'bash'"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens: Field required"),
        ({"temperature": 2}, "temperature: 2 is greater than"),
    ],
)
def test_a_wrong_body_is_refused_by_its_place(
    call: Caller, further: dict[str, Any], said: str
) -> None:
    """A 400 whose message begins with the path of what is wrong."""
    answer = call("POST", "/v1/messages", json=message(**further))
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(said)


def test_a_message_is_never_long(call: Caller) -> None:
    """What was sent is not sent back whole."""
    answer = call("POST", "/v1/messages", json=message(stop_sequences="x" * 10_000))
    assert len(answer.text) < 500


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_not_json_is_refused(call: Caller, body: bytes) -> None:
    """Broken JSON is a 400 in each API's shape."""
    kind = {"content-type": "application/json"}
    answer = call("POST", "/v1/messages", data=body, headers=kind)
    assert answer.json()["error"]["message"] == "Invalid JSON in request body"
    answer = call("POST", "/api/workflows/w/execute", data=body, headers=kind)
    assert answer.json()["code"] == "INVALID_JSON_IN_REQUEST_BODY"


def test_a_missing_body_is_refused(call: Caller) -> None:
    """An operation that needs a body says so."""
    answer = call("POST", "/v1/messages")
    assert answer.json()["error"]["message"] == "the request body is missing"


@pytest.mark.parametrize("limit", ["0", "1001", "x", ""])
def test_a_wrong_query_is_refused(call: Caller, limit: str) -> None:
    """A query argument is checked with the type it has in the document."""
    answer = call("GET", "/v1/models", params={"limit": limit})
    assert answer.json()["error"]["message"].startswith("limit: ")


def test_a_wrong_header_is_refused(call: Caller) -> None:
    """A declared header is checked as well."""
    mode = {"X-Execution-Mode": "sometimes"}
    answer = call("POST", "/api/workflows/w/execute", headers=mode)
    assert answer.json()["error"].startswith("X-Execution-Mode: 'sometimes'")


def test_an_unknown_beta_is_accepted(call: Caller) -> None:
    """Any beta's name passes."""
    beta = {"anthropic-beta": "some-day-2030-01-01,other"}
    assert call("GET", "/v1/files", headers=beta).status_code == 200


def test_a_broken_form_is_refused(call: Caller) -> None:
    """A multipart body without its boundary is a 400."""
    kind = {"content-type": "multipart/form-data; boundary=B"}
    answer = call("POST", "/v1/files", data=b"nothing", headers=kind)
    assert "boundary" in answer.json()["error"]["message"]


def test_checking_can_be_left_out() -> None:
    """With validate=False unknown members pass."""
    with Sandbox(validate=False) as box:
        answer = Caller(box)("POST", "/v1/messages", json=message(extra=1))
    assert answer.status_code == 200


# -- keys ----------------------------------------------------------------------------


def test_a_bearer_token_is_as_good_as_a_key(box: Sandbox, call: Caller) -> None:
    """The key may come as a bearer token."""
    token = {"authorization": f"Bearer {box.api_keys['anthropic']}", "x-api-key": None}
    assert call("GET", "/v1/models", headers=token).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": None},
        {"x-api-key": "wrong"},
        {"x-api-key": None, "authorization": "Bearer wrong"},
        {"x-api-key": None, "authorization": "Basic eDp5"},
    ],
)
def test_another_key_is_refused(call: Caller, headers: dict[str, Any]) -> None:
    """No key, a wrong key, another scheme: 401."""
    answer = call("GET", "/v1/models", headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (
        401,
        "authentication_error",
    )


def test_a_key_is_good_for_its_own_service(box: Sandbox, call: Caller) -> None:
    """One service's key does not open the other."""
    headers = {"x-api-key": box.api_keys["sim"]}
    assert call("GET", "/v1/models", headers=headers).status_code == 401


# -- paths ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/message", "/v1/models/", "/v1/x/y"])
def test_an_unknown_path_is_not_found(call: Caller, path: str) -> None:
    """A path of no operation is a 404 in the API's shape."""
    answer = call("GET", path)
    assert (answer.status_code, answer.json()["error"]["type"]) == (
        404,
        "not_found_error",
    )


def test_an_unknown_workflow_path_is_not_found_in_its_shape(call: Caller) -> None:
    """Below /api errors have the workflow API's shape."""
    answer = call("GET", "/api/nothing")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "there is no /api/nothing",
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS", "BREW"])
def test_another_method_is_not_allowed(call: Caller, method: str) -> None:
    """A known path with another method is a 405 that lists the methods."""
    answer = call(method, "/v1/files")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_an_id_may_hold_a_slash(call: Caller) -> None:
    """A percent-encoded slash belongs to the id."""
    answer = call("GET", "/api/workflows/a%2Fb/status")
    assert answer.status_code == 200


def test_any_other_document_is_served() -> None:
    """An operation without a handler answers what its schema allows."""
    schema = {
        "type": "object",
        "required": ["id", "tags"],
        "properties": {
            "id": {"type": "integer", "minimum": 5, "maximum": 6},
            "tags": {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}},
        },
    }
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "https://pets.example/v3"}],
        "components": {
            "schemas": {"Tag": {"enum": ["a"]}},
            "securitySchemes": {"q": {"type": "apiKey", "in": "query", "name": "key"}},
        },
        "security": [{"q": []}],
        "paths": {
            "/pets/{id}": {
                "get": {
                    "operationId": "getPet",
                    "responses": {
                        "200": {"content": {"application/json": {"schema": schema}}}
                    },
                },
                "delete": {"responses": {"204": {"description": "gone"}}},
            }
        },
    }
    with Sandbox(documents={"pets": document}) as box:
        session, base = Caller(box).session, box.base_urls["pets"]
        key = {"key": box.api_keys["pets"]}
        pet = session.get(f"{base}/pets/1", params=key, timeout=5)
        gone = session.delete(f"{base}/pets/1", params=key, timeout=5)
        refused = session.get(f"{base}/pets/1", timeout=5)
    assert base.endswith("/v3")
    assert pet.json()["id"] in (5, 6) and pet.json()["tags"] == ["a"]
    assert (gone.status_code, gone.content, refused.status_code) == (204, b"", 401)
