"""What a call asks for: the model, what it sends, how long the answer may be.

Read off the body that is sent, whatever made it. Text has at most one token a byte,
which no tokenizer passes; what is not text (an image, a document, a file by its name)
is reserved at a flat number, and billed by what the reply says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

if TYPE_CHECKING:
    from ..core.wire import Call

A_PICTURE: Final = 5_000
"""Tokens of an image, or of what is only named in a request."""
LONGEST: Final = 8_192
"""Tokens of an answer that nothing limits, of a model of which nothing is known."""
_BLOB_BYTES_A_TOKEN: Final = 8
_MOST: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_ANSWERS: Final = ("n", "candidateCount", "candidate_count", "num_generations")
_NAMED: Final = ("file_id", "fileUri", "file_uri")


@frozen
class Request:
    """One request to a model, as a budget sees it.

    :ivar input: tokens of the request at most.
    :ivar output: tokens of the answer at most; ``None`` where nothing limits it.
    :ivar caches: it may be written into a cache.
    :ivar manifest: of a chat call, what is known of the provider.
    """

    provider: str
    model: str
    input: int
    output: int | None
    caches: bool = False
    manifest: Any = None


def requests_of(call: Call) -> list[Request]:
    """The requests to models that ``call`` makes: one, none, or a batch's."""
    if call.request.method != "POST" or call.name.endswith("count_tokens"):
        return []
    manifest = getattr(call.operation.result, "manifest", None)
    asked = call.scratch.get("chat")
    provider = call.service if manifest is None else str(manifest.data["id"])
    body = _body(call)
    if is_batch(call):
        entries = body.get("requests") or ()
        bodies = [entry.get("params") or {} for entry in entries]
        return [_request(provider, str(each.get("model")), each) for each in bodies]
    said = call.scratch.get("model", body.get("model"))
    model = said if asked is None else asked.model
    if not isinstance(model, str):
        return []
    found = _request(provider, model, body, manifest)
    return [evolve(found, output=0) if _writes_nothing(call) else found]


def is_batch(call: Call) -> bool:
    """Whether ``call`` makes a batch of messages."""
    return call.name.endswith("batches.create") and "requests" in call.args


def _writes_nothing(call: Call) -> bool:
    name = call.name.lower()
    return "embed" in name or "rerank" in name


def _body(call: Call) -> Mapping[str, Any]:
    body = call.request.body
    if isinstance(body, (bytes, bytearray, str)):
        try:
            found = json.loads(body)
        except ValueError:
            return {}
        return found if isinstance(found, Mapping) else {}
    return {}


def _request(
    provider: str, model: str, body: Mapping[str, Any], manifest: Any = None
) -> Request:
    caches, given = False, 0
    for name, value in _leaves(body):
        given += _tokens(name, value)
        caches = caches or name == "cache_control"
    return Request(provider, model, given, _longest(body), caches, manifest)


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Each member with its name, and each text; in no order."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.items())
            yield name, None
        elif isinstance(value, list):
            waiting.extend((name, each) for each in value)
        else:
            yield name, value


def _tokens(name: str, value: Any) -> int:
    """A member has its name and its marks too."""
    if not isinstance(value, str):
        return len(name) + 4
    if name in _NAMED or value.startswith(("http://", "https://")):
        return A_PICTURE + len(value)
    if value.startswith("data:") or (name == "data" and " " not in value[:1000]):
        return max(len(value) // _BLOB_BYTES_A_TOKEN, A_PICTURE)
    return len(name) + 4 + len(value.encode("utf-8", "replace"))


def _longest(body: Mapping[str, Any]) -> int | None:
    for holder in (body, body.get("generationConfig"), body.get("options")):
        if not isinstance(holder, Mapping):
            continue
        found = (holder.get(name) for name in (*_MOST, "maxOutputTokens"))
        most = next((n for n in found if isinstance(n, int)), None)
        if most is not None:
            return most * _answers(body)
    return None


def _answers(body: Mapping[str, Any]) -> int:
    holders = (body, body.get("generationConfig") or {})
    found = [holder.get(name) for holder in holders for name in _ANSWERS]
    return max([1, *(n for n in found if isinstance(n, int))])
