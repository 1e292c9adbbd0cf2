"""The extra ``keyring``: a key of a provider comes from the system's keyring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from specwire import AiClient
from specwire.sandbox import Sandbox

keyring = pytest.importorskip("keyring", reason="the extra 'keyring' is not installed")


@pytest.fixture
def backend() -> Iterator[dict[tuple[str, str], str]]:
    """A keyring in memory, in place of the system's."""
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):  # type: ignore[misc]
        priority = 1
        kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    before, mine = keyring.get_keyring(), Memory()
    keyring.set_keyring(mine)
    yield mine.kept
    keyring.set_keyring(before)


def test_a_key_of_the_keyring_is_sent(
    backend: dict[tuple[str, str], str],
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under the service ``specwire`` and the provider's id."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    keyring.set_password("specwire", "openai", box.api_keys["openai"])
    url = box.base_urls["openai"]
    with AiClient.create("openai/gpt-4o", base_url=url) as client:
        assert client.chat().user("Hi").execute().content
