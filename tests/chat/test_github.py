"""Manifests of a repository: one commit, checksums, and a cache that is not trusted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from specwire.chat import ManifestLoader
from specwire.errors import ManifestError, NotFoundError
from tests.chat.test_loader import manifest
from tests.scripted import reply, serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXT = json.dumps(manifest())
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


def fetch(url: str, cache: Path, **settings: Any) -> ManifestLoader:
    settings = {"commit": COMMIT, "sha256": {"acme": DIGEST}, **settings}
    return ManifestLoader.from_github(base_url=url, cache_dir=cache, **settings)


def test_a_manifest_is_fetched_once(tmp_path: Path) -> None:
    """By its commit; the next time it comes from the disk."""
    with serving(reply(200, TEXT)) as server:
        assert fetch(server.url, tmp_path).load("acme").id == "acme"
        loader = fetch(server.url, tmp_path)
        assert loader.load("acme").id == "acme"
        assert loader.load("openai").id == "openai"
        assert [r.target for r in server.received] == [
            f"/ailib-official/ai-protocol/{COMMIT}/dist/v2/providers/acme.json"
        ]
        assert "authorization" not in server.received[0].headers
    assert [path.name for path in tmp_path.iterdir()] == [DIGEST]


def test_a_file_on_the_disk_that_was_changed_is_fetched_again(tmp_path: Path) -> None:
    """The checksum holds for what is kept as well."""
    (tmp_path / DIGEST).write_text(TEXT.replace("acme", "evil"))
    with serving(reply(200, TEXT)) as server:
        assert fetch(server.url, tmp_path).load("acme").id == "acme"
    assert (tmp_path / DIGEST).read_text() == TEXT


def test_another_file_is_refused(tmp_path: Path) -> None:
    """Neither used nor kept."""
    with serving(reply(200, TEXT + " "), reply(404, "no")) as server:
        with pytest.raises(ManifestError, match=f"expected SHA-256 {DIGEST}"):
            fetch(server.url, tmp_path)
        with pytest.raises(NotFoundError):
            fetch(server.url, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_path_of_the_repository(tmp_path: Path) -> None:
    """A source file, of another repository."""
    with serving(reply(200, TEXT)) as server:
        wanted = {"v1/providers/acme.yaml": DIGEST}
        loader = fetch(server.url, tmp_path, sha256=wanted, repository="me/mine")
        assert loader.load("acme").id == "acme"
        assert server.received[0].target.startswith(f"/me/mine/{COMMIT}/v1/providers/")


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"commit": "main"}, "commit"),
        ({"commit": COMMIT[:12]}, "commit"),
        ({"sha256": {"acme": "abc"}}, "64 hexadecimal"),
        ({"sha256": {"../acme.json": DIGEST}}, "path"),
        ({"sha256": {"/etc/acme.json": DIGEST}}, "path"),
        ({"repository": "me"}, "owner/name"),
        ({"repository": "me/mine/../.."}, "owner/name"),
    ],
)
def test_what_names_no_file(
    tmp_path: Path, settings: dict[str, Any], what: str
) -> None:
    """Branches, short hashes and paths that lead elsewhere are refused."""
    with pytest.raises(ValueError, match=what):
        fetch("http://127.0.0.1:9", tmp_path, **settings)


def test_https_only(tmp_path: Path) -> None:
    """But for loopback."""
    with pytest.raises(ValueError, match="https only"):
        fetch("http://mirror.example", tmp_path)
