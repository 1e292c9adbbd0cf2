"""Generated packages sign in as their document says."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.scripted import reply

from .building import document
from .calling import built, called

FINE = {"200": {"description": "", "content": {"application/json": {"schema": {}}}}}
THINGS = {"get": {"operationId": "listThings", "responses": FINE}}


def signed(*schemes: str, url: str = "/token", **more: Any) -> dict[str, Any]:
    """A document whose operations need a token of the first of ``schemes``."""
    flows = {"clientCredentials": {"tokenUrl": url, "scopes": {"read": "Reads."}}}
    oauth = {"type": "oauth2", "flows": flows}
    components = {"securitySchemes": dict.fromkeys(schemes, oauth)}
    security = [{schemes[0]: ["read"]}]
    paths = {"/things": THINGS, **more}
    return document(paths, components=components, security=security)


def test_a_package_fetches_its_tokens(tmp_path: Path) -> None:
    """Id and secret are arguments of the client, or variables named after it."""
    token = reply(200, {"access_token": "tok-1", "expires_in": 60})
    pair = {"client_id": "me", "client_secret": "secret-1"}
    with called(signed("login"), tmp_path, token, reply(200, []), **pair) as (
        client,
        server,
    ):
        assert client.things.list() == []
    asked, listed = server.received
    assert asked.target == "/token"
    assert asked.headers["authorization"] == (
        "Basic " + base64.b64encode(b"me:secret-1").decode()
    )
    assert listed.headers["authorization"] == "Bearer tok-1"


def test_the_variables_are_named_after_the_package(tmp_path: Path) -> None:
    """The README lists them; several schemes have their names in them."""
    one, two = built(signed("a"), tmp_path), built(signed("a", "b"), tmp_path)
    for name in ("SHOP_API_KEY", "SHOP_CLIENT_ID", "SHOP_CLIENT_SECRET"):
        assert f"`{name}`" in one.files["README.md"]
    for name in ("SHOP_A", "SHOP_A_CLIENT_ID", "SHOP_B_CLIENT_SECRET"):
        assert f"`{name}`" in two.files["README.md"]


def test_a_package_without_tokens_takes_no_secret(tmp_path: Path) -> None:
    """Clients of documents without the flow are what they were."""
    output = built(document({"/things": THINGS}), tmp_path)
    assert "TokenClient" not in output.files["_client.py"]


def test_other_servers_of_a_document_take_the_same_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path may live elsewhere; its credentials are still the document's."""
    there = {"servers": [{"url": "https://other.example"}], **THINGS}
    paths = {"/things": THINGS, "/more": there}
    scheme = {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    data = document(paths, components={"securitySchemes": scheme}, security=[{"k": []}])
    with called(data, tmp_path, reply(200, []), reply(200, [])) as (client, server):
        base = client.package.__name__.upper()
        monkeypatch.setenv(f"{base}_API_KEY", "key-1")
        client.things.list()
        client.more.list_things()
    assert [r.headers["x-key"] for r in server.received] == ["key-1", "key-1"]


def test_relative_servers_of_paths_stand_below_the_documents(tmp_path: Path) -> None:
    """A client of such a document can be made; variables have their defaults."""
    variable = {"url": "https://{x}.example/v1", "variables": {"x": {"default": "a"}}}
    paths = {"/things": THINGS, "/more": {"servers": [{"url": "/up"}], **THINGS}}
    with called(document(paths, servers=[variable]), tmp_path) as (client, _):
        with type(client)() as fresh:
            assert list(fresh._base_urls.values()) == [
                "https://a.example/v1",
                "https://a.example/up",
            ]
