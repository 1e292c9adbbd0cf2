"""The batches operations: from created to ended, canceled, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from specwire.sandbox import Sandbox

from .conftest import Caller, message

PATH = "/v1/messages/batches"


def created(call: Caller, *params: Any) -> dict[str, Any]:
    """A batch of ``params``, under the names r0, r1, …"""
    entries = [
        {"custom_id": f"r{index}", "params": entry}
        for index, entry in enumerate(params or (message(),))
    ]
    answer = call("POST", PATH, json={"requests": entries})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def results(call: Caller, url: str) -> list[dict[str, Any]]:
    """The lines of a results file."""
    answer = call("GET", url.removeprefix(call.box.url))
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_batch_ends_with_the_second_retrieve(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """A batch is in progress when first retrieved and has ended the second time."""
    batch = created(call)
    looks = [call("GET", f"{PATH}/{batch['id']}").json() for _ in range(2)]
    states = [look["processing_status"] for look in (batch, *looks)]
    assert states == ["in_progress", "in_progress", "ended"]
    assert problems("retrieveMessageBatch", looks[1]) == []
    assert looks[1]["request_counts"]["succeeded"] == 1


def test_the_number_of_looks_is_configurable() -> None:
    """With batch_steps=0 the first retrieve finds the batch ended."""
    with Sandbox(batch_steps=0) as box:
        call = Caller(box)
        batch = call("GET", f"{PATH}/{created(call)['id']}").json()
    assert batch["processing_status"] == "ended"


def test_results_are_one_line_per_request(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Valid parameters succeed, invalid ones make an errored result."""
    no_tokens = message()
    del no_tokens["max_tokens"]
    batch = created(call, message("first"), no_tokens, message(stream=True))
    assert batch["results_url"] is None
    for _ in range(2):
        batch = call("GET", f"{PATH}/{batch['id']}").json()
    lines = results(call, batch["results_url"])
    kinds = {line["custom_id"]: line["result"]["type"] for line in lines}
    assert kinds == {"r0": "succeeded", "r1": "errored", "r2": "errored"}
    assert "first" in lines[0]["result"]["message"]["content"][0]["text"]
    said = lines[1]["result"]["error"]["error"]["message"]
    assert said == "max_tokens: Field required"
    for line in lines:
        assert problems("retrieveMessageBatchResults", line) == []


def test_a_canceled_batch_ends_canceled(call: Caller) -> None:
    """Cancel, then the next retrieve finds it ended and its requests canceled."""
    batch = created(call)
    canceling = call("POST", f"{PATH}/{batch['id']}/cancel").json()
    assert canceling["processing_status"] == "canceling"
    ended = call("GET", f"{PATH}/{batch['id']}").json()
    assert ended["request_counts"]["canceled"] == 1
    assert results(call, ended["results_url"])[0]["result"] == {"type": "canceled"}


def test_only_an_ended_batch_is_deleted(call: Caller) -> None:
    """Deleting is refused while the batch is in progress."""
    path = f"{PATH}/{created(call)['id']}"
    assert call("DELETE", path).status_code == 400
    for _ in range(2):
        call("GET", path)
    assert call("DELETE", path).json()["type"] == "message_batch_deleted"
    assert call("GET", path).status_code == 404


def test_there_are_no_results_before_the_end() -> None:
    """The results of a batch in progress are a 404."""
    with Sandbox(batch_steps=2) as box:
        call = Caller(box)
        answer = call("GET", f"{PATH}/{created(call)['id']}/results")
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"


def test_asking_for_results_may_be_the_last_look(call: Caller) -> None:
    """A batch that one more look would end has its results."""
    answer = call("GET", f"{PATH}/{created(call)['id']}/results")
    assert answer.status_code == 200


def test_names_in_a_batch_are_unique(call: Caller) -> None:
    """Two requests of one name are refused, saying which."""
    entry = {"custom_id": "same", "params": message()}
    answer = call("POST", PATH, json={"requests": [entry, entry]})
    assert answer.json()["error"]["message"].startswith("requests.1.custom_id: ")


def test_the_envelope_of_a_batch_is_checked(call: Caller) -> None:
    """What is outside the parameters is refused at once."""
    answer = call("POST", PATH, json={"requests": [{"params": message()}]})
    assert answer.json()["error"]["message"] == "requests.0.custom_id: Field required"


def test_batches_are_listed_newest_first_in_pages(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """after_id goes on, before_id goes back, has_more tells whether there is more."""
    ids = [created(call)["id"] for _ in range(5)][::-1]
    first = call("GET", PATH, params={"limit": 2}).json()
    assert problems("listMessageBatches", first) == []
    assert [item["id"] for item in first["data"]] == ids[:2]
    assert (first["first_id"], first["last_id"]) == (ids[0], ids[1])
    assert first["has_more"] is True
    after = call("GET", PATH, params={"limit": 3, "after_id": ids[1]}).json()
    assert [item["id"] for item in after["data"]] == ids[2:]
    assert after["has_more"] is False
    before = call("GET", PATH, params={"limit": 2, "before_id": ids[3]}).json()
    assert [item["id"] for item in before["data"]] == ids[1:3]
    assert before["has_more"] is True


def test_an_empty_list_has_no_ends(call: Caller) -> None:
    """Without batches first_id and last_id are null."""
    page = call("GET", PATH).json()
    assert page == {"data": [], "has_more": False, "first_id": None, "last_id": None}
