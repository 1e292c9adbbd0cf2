"""The files and models operations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Caller


def uploaded(call: Caller, name: str, data: bytes, kind: str = "text/plain") -> str:
    """The id of a file that was uploaded."""
    answer = call("POST", "/v1/files", files={"file": (name, data, kind)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_an_uploaded_file_has_its_metadata(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Name, type and size are those of the part."""
    file_id = uploaded(call, "résumé.txt", b"abc")
    metadata = call("GET", f"/v1/files/{file_id}").json()
    assert problems("retrieveFileMetadata", metadata) == []
    assert metadata["filename"] == "résumé.txt"
    assert (metadata["mime_type"], metadata["size_bytes"]) == ("text/plain", 3)


@pytest.mark.parametrize(
    "data",
    [b"", b"\r\n--boundary\r\n\r\n", bytes(range(256)) * 16, b"x" * (3 << 20)],
    ids=["empty", "like a boundary", "binary", "larger than memory is used for"],
)
def test_a_download_is_byte_equal(call: Caller, data: bytes) -> None:
    """What comes down is what went up."""
    file_id = uploaded(call, "f.bin", data, "application/x-thing")
    answer = call("GET", f"/v1/files/{file_id}/content")
    assert answer.content == data
    assert answer.headers["content-type"] == "application/x-thing"


def test_a_chunked_upload_is_read(call: Caller) -> None:
    """An upload of unknown length arrives whole."""
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    pieces = [head, b"one ", b"two", b"\r\n--B--\r\n"]
    kind = {"content-type": "multipart/form-data; boundary=B"}
    answer = call("POST", "/v1/files", data=iter(pieces), headers=kind)
    content = call("GET", f"/v1/files/{answer.json()['id']}/content").content
    assert content == b"one two"


def test_a_deleted_file_is_gone(call: Caller) -> None:
    """Delete answers with the id, then the file is not found."""
    file_id = uploaded(call, "a", b"")
    answer = call("DELETE", f"/v1/files/{file_id}").json()
    assert answer == {"id": file_id, "type": "file_deleted"}
    assert call("GET", f"/v1/files/{file_id}").status_code == 404


def test_files_are_listed_in_pages(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Newest first, with a cursor."""
    ids = [uploaded(call, f"{index}", b"") for index in range(3)][::-1]
    page = call("GET", "/v1/files", params={"limit": 2}).json()
    assert problems("listFiles", page) == []
    assert [item["id"] for item in page["data"]] == ids[:2]
    rest = call("GET", "/v1/files", params={"after_id": page["last_id"]}).json()
    assert [item["id"] for item in rest["data"]] == ids[2:]


def test_an_upload_needs_its_file(call: Caller) -> None:
    """A form without the file is refused by name."""
    answer = call("POST", "/v1/files", files={"other": ("a", b"")})
    assert answer.json()["error"]["message"] == "file: Field required"


def test_a_path_is_not_a_file_name(call: Caller) -> None:
    """A name with a slash is refused."""
    answer = call("POST", "/v1/files", files={"file": ("../a", b"")})
    assert answer.status_code == 400


def test_models_are_listed_and_retrieved(
    call: Caller, problems: Callable[..., list[str]]
) -> None:
    """Each listed model can be retrieved; another one is not found."""
    page = call("GET", "/v1/models").json()
    assert problems("listModels", page) == []
    for model in page["data"]:
        assert call("GET", f"/v1/models/{model['id']}").json() == model
    assert call("GET", "/v1/models/none").status_code == 404


def test_an_alias_finds_its_model(call: Caller) -> None:
    """A name without the date finds the dated model."""
    model = call("GET", "/v1/models/claude-haiku-4-5").json()
    assert model["id"] == "claude-haiku-4-5-20251001"


def test_an_unknown_cursor_is_refused(call: Caller) -> None:
    """A cursor that is not in the list is a 400 that names it."""
    answer = call("GET", "/v1/models", params={"after_id": "nope"})
    assert answer.json()["error"]["message"].startswith("after_id: ")


def test_a_large_upload_lies_in_a_file(call: Caller, tmp_path: Path) -> None:
    """The request that was received can be looked at afterwards."""
    data = b"y" * (2 << 20)
    uploaded(call, "big", data)
    received = call.box.requests[-1]
    assert data in received.body
    assert received.headers["Content-Type"].startswith("multipart/form-data")


def test_the_rest_of_a_file_can_be_asked_for(call: Caller) -> None:
    """A range from a byte on is a 206 with the rest; one behind the end is a 416."""
    headers = {"anthropic-beta": "files-api-2025-04-14"}
    sent = {"file": ("a.txt", b"0123456789", "text/plain")}
    id = call("POST", "/v1/files", files=sent, headers=headers).json()["id"]
    path = f"/v1/files/{id}/content"
    whole = call("GET", path, headers=headers)
    tag = whole.headers["etag"]
    rest = call("GET", path, headers={**headers, "range": "bytes=7-", "if-range": tag})
    assert (rest.status_code, rest.content) == (206, b"789")
    assert rest.headers["content-range"] == "bytes 7-9/10"
    other = {**headers, "range": "bytes=7-", "if-range": '"other"'}
    assert call("GET", path, headers=other).content == whole.content
    behind = call("GET", path, headers={**headers, "range": "bytes=10-"})
    assert behind.status_code == 416
