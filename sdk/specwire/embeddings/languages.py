"""How embeddings are asked for on the wire, and how replies are read.

Three languages: OpenAI's, which most providers and local servers speak (Jina too, with
a task beside the input), Cohere's and Gemini's. What differs between providers of one
language is in their manifests: names of members, the words for kinds of input, limits.
Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from attrs import frozen

from ..chat import builtin
from ..core.errors import RequestValidationError

KINDS: Final = ("query", "document", "similarity", "classification", "clustering")
"""What an input is for, in the words that all providers share."""


@frozen
class Asked:
    """What is wanted of the texts, whatever the language.

    :ivar kind: of :data:`KINDS`, or the provider's own word.
    :ivar encoding: ``base64`` or ``float``; ``None``: the provider's usual one.
    :ivar operation: what the manifest says of the operation.
    :ivar extra: members of the body, as they are; they win over all others.
    """

    model: str
    dimensions: int | None = None
    kind: str | None = None
    encoding: str | None = None
    operation: Mapping[str, Any] = {}
    extra: Mapping[str, Any] = {}


class Language:
    """One way to ask; each method is told what it needs and keeps nothing."""

    names: ClassVar[Mapping[str, str]] = {}
    """Where the parameters stand; one that is missing is not sent."""
    kinds: ClassVar[Mapping[str, str]] = {}
    """The words for kinds of input; ``default`` where nothing is said."""
    encodes: ClassVar[bool] = True
    """Whether vectors may come as base64."""
    parts: ClassVar[bool] = False
    """Whether inputs may be tokens, or objects of the provider's own."""

    def operation(self, count: int) -> tuple[str, str | None]:
        """Which operation embeds ``count`` inputs, and where it usually is."""
        return "embeddings", None

    def body(self, asked: Asked, inputs: Sequence[Any], single: bool) -> dict[str, Any]:
        raise NotImplementedError

    def vectors(self, data: Mapping[str, Any]) -> Any:
        """The vectors as they stand in a reply, in the inputs' order.

        :raises ValueError: where there are none; the text continues "the reply ...".
        """
        raise NotImplementedError

    def tokens(self, data: Mapping[str, Any]) -> tuple[int, int]:
        """How many the inputs were, and how many there were in all."""
        raise NotImplementedError

    def parameters(self, asked: Asked) -> dict[str, Any]:
        """Size and kind, as the provider calls them."""
        names = {**self.names, **asked.operation.get("names", {})}
        kinds = {**self.kinds, **asked.operation.get("kinds", {})}
        kind = kinds.get("default") if asked.kind is None else asked.kind
        made: dict[str, Any] = {}
        if asked.dimensions is not None and "dimensions" in names:
            made[names["dimensions"]] = asked.dimensions
        if kind is not None and "input_type" in names:
            made[names["input_type"]] = kinds.get(kind, kind)
        return made


class OpenAI(Language):
    """``/embeddings``: https://platform.openai.com/docs/api-reference/embeddings"""

    names = {"dimensions": "dimensions"}
    parts = True

    def body(self, asked: Asked, inputs: Sequence[Any], single: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"model": asked.model}
        made["input"] = inputs[0] if single else list(inputs)
        if asked.encoding is not None:
            made["encoding_format"] = asked.encoding
        return {**made, **self.parameters(asked), **asked.extra}

    def vectors(self, data: Mapping[str, Any]) -> Any:
        items = _list(data, "data")
        places = [_member(item, "index", None) for item in items]
        vectors = [_member(item, "embedding", None) for item in items]
        if all(place is None for place in places):
            return vectors
        found = dict(zip(map(_place, places), vectors, strict=True))
        if found.keys() != set(range(len(items))):
            raise ValueError(f"numbers its vectors {str(places)[:60]}, not from 0 on")
        return [found[place] for place in range(len(items))]

    def tokens(self, data: Mapping[str, Any]) -> tuple[int, int]:
        usage = _table(data, "usage")
        total = _whole(usage, "total_tokens")
        return _whole(usage, "prompt_tokens") or total, total


class Cohere(Language):
    """``/v2/embed``: https://docs.cohere.com/reference/embed"""

    names = {"dimensions": "output_dimension", "input_type": "input_type"}
    kinds = {
        "default": "search_document",
        "query": "search_query",
        "document": "search_document",
        "similarity": "clustering",
    }

    def operation(self, count: int) -> tuple[str, str | None]:
        return "embeddings", "/v2/embed"

    def body(self, asked: Asked, inputs: Sequence[Any], single: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"model": asked.model, "texts": list(inputs)}
        made["embedding_types"] = [asked.encoding or "float"]
        return {**made, **self.parameters(asked), **asked.extra}

    def vectors(self, data: Mapping[str, Any]) -> Any:
        found = _table(data, "embeddings")
        for kind in ("base64", "float", *found):
            if isinstance(found.get(kind), list):
                return found[kind]
        raise ValueError("has no list of vectors in 'embeddings'")

    def tokens(self, data: Mapping[str, Any]) -> tuple[int, int]:
        billed = _table(_table(data, "meta"), "billed_units")
        count = _whole(billed, "input_tokens")
        return count, count


class Gemini(Language):
    """``embedContent``, and for several inputs ``batchEmbedContents``.

    https://ai.google.dev/api/embeddings
    """

    encodes = False
    names = {"dimensions": "outputDimensionality", "input_type": "taskType"}
    kinds = {
        "query": "RETRIEVAL_QUERY",
        "document": "RETRIEVAL_DOCUMENT",
        "similarity": "SEMANTIC_SIMILARITY",
        "classification": "CLASSIFICATION",
        "clustering": "CLUSTERING",
    }

    def operation(self, count: int) -> tuple[str, str | None]:
        if count == 1:
            return "embeddings", "/models/{model}:embedContent"
        return "embed_batch", "/models/{model}:batchEmbedContents"

    def body(self, asked: Asked, inputs: Sequence[Any], single: bool) -> dict[str, Any]:
        more = {**self.parameters(asked), **asked.extra}
        each = [{"content": {"parts": [{"text": text}]}, **more} for text in inputs]
        if len(inputs) == 1:
            return each[0]
        # The name stands in each of them, and has to be that of the path.
        model = f"models/{asked.model}"
        return {"requests": [{"model": model, **one} for one in each]}

    def vectors(self, data: Mapping[str, Any]) -> Any:
        lone = data.get("embedding")
        items = [lone] if lone is not None else _list(data, "embeddings")
        return [_member(item, "values", None) for item in items]

    def tokens(self, data: Mapping[str, Any]) -> tuple[int, int]:
        usage = _table(data, "usageMetadata")
        count = _whole(usage, "promptTokenCount")
        return count, _whole(usage, "totalTokenCount") or count


_OWN: Final = ("limits", "encoding", "names", "kinds")
LANGUAGES: Final[Mapping[str, Language]] = {
    "openai": OpenAI(),
    "cohere": Cohere(),
    "gemini": Gemini(),
}


def language_of(record: Mapping[str, Any]) -> Language:
    """What a provider's embeddings speak, by its manifest's word or their path."""
    operation = record.get("operations", {}).get("embeddings") or {}
    said = str(operation.get("adapter") or "").partition("_")[0]
    if said in LANGUAGES:
        return LANGUAGES[said]
    if str(operation.get("path", "")).endswith(":embedContent"):
        return LANGUAGES["gemini"]
    return LANGUAGES.get(str(record.get("dialect")), LANGUAGES["openai"])


def operation_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is known of a provider's embeddings.

    A manifest from elsewhere has no words for limits and names: of a provider that is
    built in, ours stand in.
    """
    said: Mapping[str, Any] = record.get("operations", {}).get("embeddings") or {}
    id = str(record.get("id"))
    if any(key in said for key in _OWN) or not builtin.is_known(id):
        return said
    own = builtin.record(builtin.aliases().get(id, id))
    if language_of(own) is not language_of(record):
        return said
    ours = own.get("operations", {}).get("embeddings") or {}
    return {**{key: ours[key] for key in _OWN if key in ours}, **said}


def only_texts(where: str, inputs: Sequence[Any]) -> None:
    """:raises RequestValidationError: for tokens or parts, which OpenAI's has alone."""
    for index, each in enumerate(inputs):
        if not isinstance(each, str):
            raise RequestValidationError(
                f"{where}: this provider embeds texts, got {type(each).__name__} as "
                f"input {index}",
                pointer=f"/{index}",
            )


def _place(value: Any) -> int:
    return value if type(value) is int else -1


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    if not isinstance(found, list):
        raise ValueError(f"has no list {name!r}")
    return found


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _member(item: Any, name: str, other: Any) -> Any:
    return item.get(name, other) if isinstance(item, dict) else other


def _whole(data: Mapping[str, Any], name: str) -> int:
    found = data.get(name)
    return found if type(found) is int and found > 0 else 0
