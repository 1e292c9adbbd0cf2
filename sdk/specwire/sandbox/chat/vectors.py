"""Embeddings and rankings, made of words: texts that share words are near each other.

A vector has a place for each word's hash, so that likeness is what one expects; it is
of unit length. A ranking counts the words that a document shares with the query.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from collections.abc import Mapping
from typing import Any

from ..state import State
from ..values import Request, Response, json_response
from .errors import refuse
from .providers import Provider

_SIZE = 64
_WORD = re.compile(r"\w+")


def vector(text: str, size: int = _SIZE) -> list[float]:
    """The vector of ``text``."""
    found = [0.0] * size
    for word in _WORD.findall(text.lower()) or [""]:
        digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        found[number % size] += 1.0 if number >> 63 else -1.0
    length = math.sqrt(sum(each * each for each in found)) or 1.0
    return [round(each / length, 8) for each in found]


def embeddings(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """Embeddings as OpenAI has them; Jina, Mistral and others do alike."""
    body = request.json
    inputs = body["input"]
    # A list of numbers is one text, as tokens.
    single = isinstance(inputs, str) or isinstance(inputs[0], int)
    texts = [_text(each) for each in ([inputs] if single else inputs)]
    if not all(texts):
        text = "'$.input' is invalid. Please check the API reference."
        raise refuse(provider, "bad_body", text, param="input")
    size = body.get("dimensions") or body.get("output_dimension") or _SIZE
    encode = _base64 if body.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": index, "embedding": encode(vector(text, size))}
        for index, text in enumerate(texts)
    ]
    count = sum(map(_tokens, texts))
    usage = {"prompt_tokens": count, "total_tokens": count}
    model = args.get("model") or body.get("model", "")
    return json_response(
        {"object": "list", "data": data, "model": model, "usage": usage}
    )


def gemini_embed(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """One text: ``embedContent``."""
    return json_response({"embedding": _gemini(request.json)})


def gemini_embed_batch(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """Several: ``batchEmbedContents``, each with the model's name once more."""
    asked = request.json["requests"]
    wanted = f"models/{args['model']}"
    for index, each in enumerate(asked):
        if each.get("model") != wanted:
            text = "* BatchEmbedContentsRequest.requests["
            text += f"{index}].model: model does not match {wanted!r}"
            raise refuse(provider, "bad_body", text)
    return json_response({"embeddings": [_gemini(each) for each in asked]})


def cohere_embed(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """Cohere's, by type; ``float`` where none is asked for."""
    body = request.json
    texts = body.get("texts") or [
        " ".join(part.get("text", "image") for part in each.get("content", ()))
        for each in body.get("inputs") or ()
    ]
    texts = texts or ["image" for _ in body.get("images") or ()]
    if not texts:
        text = "invalid request: one of texts, images or inputs must be provided"
        raise refuse(provider, "bad_body", text)
    size = body.get("output_dimension") or _SIZE
    vectors = [vector(text, size) for text in texts]
    forms = {
        "float": lambda v: v,
        "int8": lambda v: [round(each * 127) for each in v],
        "uint8": lambda v: [round(each * 127) + 128 for each in v],
        "base64": _base64,
    }
    wanted = body.get("embedding_types") or ["float"]
    found = {
        kind: [forms[kind](v) for v in vectors] for kind in wanted if kind in forms
    }
    return json_response(
        {
            "id": state.ids.new("", 24),
            "embeddings": found,
            "texts": list(texts),
            "meta": _billed(input_tokens=sum(map(_tokens, texts))),
            "response_type": "embeddings_by_type",
        }
    )


def rerank(
    provider: Provider, request: Request, args: Mapping[str, str], state: State
) -> Response:
    """The documents, the most like the query first: Cohere's and Jina's."""
    body = request.json
    query = set(_WORD.findall(body["query"].lower()))
    scored = []
    for index, document in enumerate(body["documents"]):
        held = set(_WORD.findall(_text(document).lower()))
        score = len(query & held) / (len(query) or 1)
        scored.append((score, index))
    scored.sort(key=lambda each: (-each[0], each[1]))
    results = []
    for score, index in scored[: body.get("top_n") or None]:
        result: dict[str, Any] = {"index": index, "relevance_score": round(score, 6)}
        if body.get("return_documents"):
            result["document"] = {"text": _text(body["documents"][index])}
        results.append(result)
    if provider.dialect == "cohere":
        whole = {"id": state.ids.new("", 24), "results": results}
        return json_response({**whole, "meta": _billed(search_units=1)})
    count = sum(_tokens(_text(each)) for each in body["documents"])
    usage = {"total_tokens": count + _tokens(body["query"])}
    return json_response({"model": body["model"], "usage": usage, "results": results})


def _gemini(asked: Any) -> dict[str, Any]:
    text = " ".join(part.get("text", "") for part in asked["content"]["parts"])
    return {"values": vector(text, asked.get("outputDimensionality") or _SIZE)}


def _billed(**units: int) -> dict[str, Any]:
    return {"api_version": {"version": "2"}, "billed_units": units}


def _base64(found: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(found)}f", *found)).decode()


def _text(given: Any) -> str:
    if isinstance(given, dict):
        return str(given.get("text") or given.get("image") or "")
    return given if isinstance(given, str) else " ".join(map(str, given))


def _tokens(text: str) -> int:
    return len(text.split())
