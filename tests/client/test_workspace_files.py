"""``workspaces.files.upload``: forms of a file, its name and type, and its limit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire import Client
from specwire.errors import RequestValidationError
from specwire.mixins.workspace_files import LARGEST
from specwire.sandbox import Sandbox


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        Sandbox() as box,
        Client(api_keys=box.api_keys, base_urls=box.base_urls) as client,
    ):
        yield client


def stored(client: Client, **given: Any) -> tuple[str, str, bytes]:
    """Name, type and content of what was stored."""
    made = client.workspaces.files.upload(workspace_id="ws", **given)
    with client.workspaces.files.download(made.id, workspace_id="ws") as body:
        return made.name, made.type, body.read()


def test_every_form_of_a_file_is_taken(client: Client, tmp_path: Path) -> None:
    """A path as text or as such, bytes, an open file and pieces give the same."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x00hi")
    forms: list[Any] = [
        path,
        str(path),
        ("a.txt", b"\x00hi"),
        ("a.txt", [b"\x00", b"hi"]),
    ]
    with path.open("rb") as file:
        found = [stored(client, file=form) for form in [*forms, file]]
    assert found == [("a.txt", "text/plain", b"\x00hi")] * 5


def test_name_and_type_can_be_said(client: Client) -> None:
    """A name gives the type too, unless one is said."""
    named = stored(client, file=b"{}", name="a.json")
    assert named == ("a.json", "application/json", b"{}")
    said = stored(client, file=io.BytesIO(b"x"), name="a", content_type="x/y")
    assert said == ("a", "x/y", b"x")


def test_a_file_without_a_name_is_refused(client: Client) -> None:
    """Nothing is sent."""
    with pytest.raises(RequestValidationError, match="give name="):
        client.workspaces.files.upload(workspace_id="ws", file=(None, b"x"))


@pytest.mark.parametrize("known", [True, False])
def test_a_file_that_is_too_large_is_refused(client: Client, known: bool) -> None:
    """Also where the size is known only at the end; the message names the other way."""
    piece = bytes(1 << 20)
    count = LARGEST // len(piece) + 1
    file: Any = bytes(LARGEST + 1) if known else (piece for _ in range(count + 1))
    with pytest.raises(RequestValidationError, match=r"workspaces\.files\.uploads"):
        client.workspaces.files.upload(workspace_id="ws", file=file, name="a")
