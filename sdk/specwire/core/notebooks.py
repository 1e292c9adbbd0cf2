"""What a notebook shows of an answer: Markdown in which nothing of the answer is live.

Emphasis, lists, tables and code of a model stay what they are. What could reach out of
the cell is shown as text: HTML, links, pictures, references, formulas. A model repeats
what it has read, so its text is anybody's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .types import Model, Unknown

_FENCE: Final = re.compile(
    r"(?:[ \t>]|[-*+] |\d+[.)] )*(`{3,}(?=[^`]*$)|~{3,})[ \t]*([\w+#.-]*)"
)
_LONGEST: Final = 20_000
_LIVE: Final = {ord(each): f"&#{ord(each)};" for each in "&<[]$\\"}


def markdown(answer: Any) -> str | None:
    """A message or an answer of chat as Markdown; ``None`` for anything else."""
    content = getattr(answer, "content", None)
    if isinstance(content, list) and getattr(answer, "role", None) is not None:
        parts = [part for block in content for part in _block(block)]
    elif isinstance(content, str) and hasattr(answer, "finish_reason"):
        parts = [*_thought(answer.thinking), safe(content)]
        parts += [_call(each.name, each.arguments) for each in answer.tool_calls]
    else:
        return None
    return "\n\n".join(part for part in (*parts, _foot(answer)) if part)


def safe(text: str) -> str:
    """``text`` with its formatting, and without anything that is live."""
    lines: list[str] = []
    waiting = iter(text.replace("\0", "").splitlines())
    for line in waiting:
        opened = _FENCE.match(line)
        if opened is None:
            lines.append(line.translate(_LIVE))
        else:
            inside = list(_until(waiting, opened[1]))
            lines += ["", code("\n".join(inside), opened[2]), ""]
    return "\n".join(lines).strip("\n")


def _until(lines: Iterator[str], fence: str) -> Iterator[str]:
    """The lines of a block of code."""
    for line in lines:
        bare = line.strip(" \t>")
        if len(bare) >= len(fence) and not bare.strip(fence[0]):
            return
        yield line


def code(text: str, language: str = "") -> str:
    """``text`` as a block of code that it cannot end."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n… {len(text) - _LONGEST} more characters"
    runs = (len(run) for run in re.findall("`+", text))
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return f"{fence}{re.sub(r'[^A-Za-z0-9_+#.-]', '', language)}\n{text}\n{fence}"


def _block(block: Any) -> Iterator[str]:
    kind = getattr(block, "type", None)
    if kind == "text":
        yield safe(str(block.text))
    elif kind == "thinking":
        yield from _thought(block.thinking)
    elif kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
        yield _call(block.name, block.input)
    else:
        yield f"*{_plain(kind)}*\n\n{code(_json(block), 'json')}"


def _thought(text: str | None) -> Iterator[str]:
    if text:
        yield "\n".join(f"> {_plain(line)}" for line in text.splitlines())


def _call(name: str, given: Any) -> str:
    return f"**{_plain(name)}**\n\n{code(_json(given), 'json')}"


def _foot(answer: Any) -> str:
    usage = getattr(answer, "usage", None)
    facts: Iterable[Any] = (
        getattr(answer, "model", None),
        getattr(answer, "stop_reason", None) or getattr(answer, "finish_reason", None),
        _tokens(getattr(usage, "input_tokens", None), "in"),
        _tokens(getattr(usage, "output_tokens", None), "out"),
        answer._request_id,
    )
    return f"*{' · '.join(_plain(fact) for fact in facts if fact)}*"


def _tokens(count: Any, way: str) -> str:
    if not isinstance(count, int):
        return ""
    return f"{count} token{'' if count == 1 else 's'} {way}"


def _plain(value: Any) -> str:
    """``value`` in one line that means nothing but itself."""
    text = " ".join(str(value).split())
    return re.sub(r"[^\w \-.:,;·]|_", lambda found: f"&#{ord(found[0])};", text)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (Model, Unknown)):
        from .codec import dump

        value = dump(value)
    elif isinstance(value, Mapping):
        value = dict(value)
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
