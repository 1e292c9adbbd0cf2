"""Which tokenizer a model has, as far as its name tells; and what the registry knows.

A family that is not known counts as ``o200k``, which most new ones are close to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_CLAUDE: Final = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2})(?!\d))?")
_FAMILIES: Final = (
    (re.compile(r"deepseek"), "deepseek"),
    (re.compile(r"qwen|qwq|qvq"), "qwen"),
    (re.compile(r"llama"), "llama"),
    (
        re.compile(
            r"(?:ft:)?(?:gpt-4(?!o|\.\d|-o)|gpt-3|text-embedding|text-davinci-00[23]"
            r"|davinci|babbage)"
        ),
        "cl100k",
    ),
)
_OPENAI: Final = re.compile(
    r"(?:ft:)?(?:gpt-(?!oss)|chatgpt|o\d|text-embedding|codex|davinci|babbage)"
)
_MAKERS: Final = (
    *("openai", "anthropic", "gemini", "deepseek", "mistral", "cohere", "xai"),
    *("qwen", "moonshot", "zhipu", "minimax"),
)
"""Providers of models of their own; what others offer of these goes by their names."""
_NEWEST: Final = (4, 7)
"""From this version on Claude has another tokenizer."""


def bare(model: str) -> str:
    """The model's own name, small: what stands behind the last slash."""
    return model.rpartition("/")[2].lower()


def family_of(model: str) -> str:
    """The column of :mod:`.weights` that estimates for ``model`` go by."""
    name = bare(model)
    if "claude" in name:
        found = _CLAUDE.search(name)
        version = (int(found[1]), int(found[2] or 0)) if found else _NEWEST
        return "claude5" if version >= _NEWEST else "claude"
    return next((f for known, f in _FAMILIES if known.search(name)), "o200k")


def encoding_of(model: str) -> str | None:
    """The encoding of OpenAI's models by the name that tiktoken has for it."""
    if not _OPENAI.match(bare(model)):
        return None
    return f"{family_of(model)}_base"


def vendor_of(model: str) -> str:
    """Whose rules for images, tools and turns hold: openai, anthropic or gemini."""
    name = bare(model)
    if "claude" in name:
        return "anthropic"
    return "gemini" if "gemini" in name or "gemma" in name else "openai"


def split(model: str) -> tuple[str, str]:
    """Provider and name; of a name alone its maker, or who alone has it.

    ``""`` as the provider, where that is nobody.
    """
    from ..chat import builtin

    provider, slash, name = model.partition("/")
    if slash and builtin.is_known(provider):
        return builtin.aliases().get(provider, provider), name
    ids = [id for id, _ in builtin.providers_of(model)]
    found = [id for id in _MAKERS if id in ids] or ids
    alone = found and (len(found) == 1 or found[0] in _MAKERS)
    return (found[0], model) if alone else (provider if slash else "", name or model)


def entry_of(model: str) -> Mapping[str, Any]:
    """What the registry of models knows of ``model``; empty where it knows nothing."""
    from ..chat import builtin

    provider, name = split(model)
    for known, entry in builtin.models(provider).items() if provider else ():
        if name in (known, entry.get("id"), *entry.get("aliases", ())):
            return entry
    return {}


def context_window(model: str) -> int | None:
    """How many tokens request and answer may have, or ``None`` where nobody knows.

    :param model: ``provider/model``, or a model that only one provider has.
    """
    known = entry_of(model).get("context_window")
    return int(known) if known else None
