"""Results as files: JSON Lines, and Parquet by way of pyarrow (extra ``parquet``)."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Final

from ..core.extras import needed
from .results import ItemResult
from .work import json_of

_GROUP: Final = 1_000


def export_jsonl(results: Iterable[ItemResult], path: Any) -> int:
    """A line each: ``{"custom_id", "status", "result" | "error"}``; how many.

    :param path: a file, or a text stream.
    """
    if hasattr(path, "write"):
        return _lines(results, path)
    with (
        _in_place(path) as beside,
        open(beside, "w", encoding="utf-8") as stream,
    ):
        return _lines(results, stream)


def _lines(results: Iterable[ItemResult], stream: Any) -> int:
    count = 0
    for result in results:
        stream.write(json_of(result.to_dict()) + "\n")
        count += 1
    return count


def export_parquet(results: Iterable[ItemResult], path: Any) -> int:
    """Rows in groups of a thousand; how many.

    Columns: ``custom_id``, ``position``, ``status``, ``text``, ``input_tokens``,
    ``output_tokens``, ``attempts``, ``elapsed_s``, and ``result`` and ``error`` as
    JSON.

    :raises ImportError: without pyarrow.
    """
    with needed("parquet", "export_parquet"):
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    schema = pyarrow.schema(
        [(name, getattr(pyarrow, kind)()) for name, kind in _COLUMNS.items()]
    )
    count, rows = 0, iter(results)
    with (
        _in_place(path) as beside,
        parquet.ParquetWriter(beside, schema) as writer,
    ):
        while group := [_row(each) for each in itertools.islice(rows, _GROUP)]:
            writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


_COLUMNS: Final = {
    "custom_id": "string",
    "position": "int64",
    "status": "string",
    "text": "string",
    "input_tokens": "int64",
    "output_tokens": "int64",
    "attempts": "int32",
    "elapsed_s": "float64",
    "result": "string",
    "error": "string",
}


def _row(each: ItemResult) -> dict[str, Any]:
    usage = each.result.get("usage") if isinstance(each.result, dict) else None
    usage = usage if isinstance(usage, dict) else {}
    return {
        "custom_id": each.custom_id,
        "position": each.position,
        "status": each.status,
        "text": each.text if each.success else None,
        "input_tokens": usage.get("input_tokens", usage.get("prompt_tokens")),
        "output_tokens": usage.get("output_tokens", usage.get("completion_tokens")),
        "attempts": each.attempts,
        "elapsed_s": each.elapsed_s,
        "result": json_of(each.result) if each.success else None,
        "error": None if each.success else json_of(each.error),
    }


@contextlib.contextmanager
def _in_place(path: Any) -> Iterator[str]:
    """A file beside ``path``, which takes its place once it is whole."""
    wanted = os.fsdecode(path)
    beside = f"{wanted}.{os.getpid()}.part"
    try:
        yield beside
        os.replace(beside, wanted)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
