"""Citations: where in the user's documents an answer was drawn from.

Every document and search result of the last turn that has citations enabled is cited
once, by its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .conversation import blocks_of, last_user_content, texts_of

_CITED = 40


def citations_of(params: Any) -> list[dict[str, Any]]:
    """One citation for each source of the last turn that wants to be cited."""
    return list(_citations(blocks_of(last_user_content(params))))


def _citations(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    documents = [b for b in blocks if b["type"] == "document"]
    for index, block in enumerate(documents):
        if (block.get("citations") or {}).get("enabled"):
            yield _of_document(block, index)
    results = [b for b in blocks if b["type"] == "search_result"]
    for index, block in enumerate(results):
        if (block.get("citations") or {}).get("enabled"):
            text = " ".join(texts_of(block["content"]))[:_CITED]
            yield {
                "type": "search_result_location",
                "cited_text": text,
                "search_result_index": index,
                "source": block["source"],
                "title": block["title"],
                "start_block_index": 0,
                "end_block_index": 1,
            }


def _of_document(block: dict[str, Any], index: int) -> dict[str, Any]:
    source = block["source"]
    common = {
        "document_index": index,
        "document_title": block.get("title"),
        "file_id": source.get("file_id"),
    }
    if source["type"] == "text":
        text = source["data"][:_CITED]
        where = {"start_char_index": 0, "end_char_index": len(text)}
        return {"type": "char_location", "cited_text": text, **common, **where}
    if source["type"] == "content":
        text = " ".join(texts_of(source["content"]))[:_CITED]
        where = {"start_block_index": 0, "end_block_index": 1}
        kind = "content_block_location"
        return {"type": kind, "cited_text": text, **common, **where}
    where = {"start_page_number": 1, "end_page_number": 2}
    text = "The first page."
    return {"type": "page_location", "cited_text": text, **common, **where}
