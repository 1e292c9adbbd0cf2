"""What ``specwire sandbox --chat`` prints."""

from __future__ import annotations

import pytest

from specwire.cli.sandbox import exports, main
from specwire.sandbox import Sandbox


def test_the_addresses_of_both_services_are_printed(chat_box: Sandbox) -> None:
    """Without --chat nothing is said of the providers of chat."""
    names = [line.partition("=")[0] for line in exports(chat_box, [])]
    assert names == [
        "export ANTHROPIC_BASE_URL",
        "export ANTHROPIC_API_KEY",
        "export SIM_BASE_URL",
        "export SIM_API_KEY",
    ]


def test_a_provider_is_printed_when_asked_for(chat_box: Sandbox) -> None:
    """Its address and key come after those of the services."""
    lines = list(exports(chat_box, ["groq"]))[4:]
    assert lines == [
        f"export GROQ_BASE_URL={chat_box.url}/groq/openai/v1",
        f"export GROQ_API_KEY={chat_box.chat_keys['groq']}",
    ]


def test_all_prints_each_variable_once(chat_box: Sandbox) -> None:
    """Anthropic's address stays the service's."""
    lines = list(exports(chat_box, ["all"]))
    names = [line.partition("=")[0] for line in lines]
    assert len(names) == len(set(names)) == 2 * (len(chat_box.chat_urls) + 1)


def test_an_unknown_provider_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is served, and the known ones are named."""
    with pytest.raises(SystemExit) as caught:
        main(["--chat", "nobody"])
    assert caught.value.code == 2
    assert "groq" in capsys.readouterr().err
