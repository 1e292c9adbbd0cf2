"""A small hand-made package on the core, so that the core is tested without a spec."""

from __future__ import annotations

import typing as t

from specwire.core import auth, results
from specwire.core import resource as r
from specwire.core.client import BaseClient
from specwire.core.types import UNSET, Model, Tag, Unknown


class Usage(Model):
    input_tokens: int
    output_tokens: int | None = None


class TextBlock(Model):
    text: str
    type: t.Literal["text"] = "text"


class ToolBlock(Model):
    _wire = {"tool_input": "input"}
    name: str
    tool_input: dict[str, t.Any]
    type: t.Literal["tool"] = "tool"


Block: t.TypeAlias = t.Annotated[
    TextBlock | ToolBlock | Unknown,
    Tag("type", {"text": TextBlock, "tool": ToolBlock}),
]


class Note(Model):
    id: str
    content: list[Block]
    usage: Usage
    stop: t.Literal["end"] | str | None = None


class Piece(Model):
    type: str
    text: str | None = None


class Row(Model):
    n: int


EVENTS = results.Events(
    lambda: Piece, tag="type", end=("stop",), error=("error",), skip=("ping",)
)
CREATE: r.Operation[t.Any] = r.Operation(
    "notes.create",
    "notes",
    "POST",
    "/v1/notes",
    body={"model": "model", "stream": "stream", "text": "text"},
    headers={"betas": "x-betas"},
    const_headers={"x-betas": "base"},
    result=results.Either("stream", results.Json(lambda: Note), EVENTS),
    retry="always",
)
RUN: r.Operation[t.Any] = r.Operation(
    "notes.run",
    "notes",
    "POST",
    "/v1/notes/{note_id}/run",
    body={"text": "text"},
    result=results.Json(lambda: dict[str, t.Any]),
    retry="unstarted",
)
LIST: r.Operation[t.Any] = r.Operation(
    "notes.list",
    "notes",
    "GET",
    "/v1/notes",
    query={"limit": "limit", "after_id": "after_id", "before_id": "before_id"},
    result=results.Pages(
        lambda: Row,
        items="data",
        more="has_more",
        cursors={"after_id": "last_id", "before_id": "first_id"},
    ),
)
ROWS: r.Operation[t.Any] = r.Operation(
    "notes.rows", "notes", "GET", "/v1/rows", result=results.Lines(lambda: Row)
)
RAW: r.Operation[t.Any] = r.Operation(
    "notes.raw", "notes", "GET", "/v1/raw", result=results.Bytes()
)
UPLOAD: r.Operation[t.Any] = r.Operation(
    "notes.upload",
    "notes",
    "POST",
    "/v1/files",
    body={"file": "file", "title": "title"},
    media="multipart/form-data",
    files=frozenset({"file"}),
    result=results.Json(lambda: dict[str, t.Any]),
)
PUBLIC: r.Operation[t.Any] = r.Operation(
    "notes.public",
    "notes",
    "GET",
    "/v1/public",
    result=results.Json(lambda: t.Any),
    auth=((),),
)


class Notes(r.Resource):
    def create(
        self,
        *,
        text: t.Any = "hi",
        stream: t.Any = UNSET,
        betas: t.Any = UNSET,
        **options: t.Any,
    ) -> t.Any:
        args = {"model": "m", "text": text, "stream": stream, "betas": betas}
        return self._call(CREATE, args, *pack(options))

    def run(self, note_id: str, *, text: t.Any = "hi", **options: t.Any) -> t.Any:
        return self._call(RUN, {"note_id": note_id, "text": text}, *pack(options))

    def list(
        self,
        *,
        limit: t.Any = UNSET,
        after_id: t.Any = UNSET,
        before_id: t.Any = UNSET,
        **options: t.Any,
    ) -> t.Any:
        args = {"limit": limit, "after_id": after_id, "before_id": before_id}
        return self._call(LIST, args, *pack(options))

    def rows(self, **options: t.Any) -> t.Any:
        return self._call(ROWS, {}, *pack(options))

    def raw(self, **options: t.Any) -> t.Any:
        return self._call(RAW, {}, *pack(options))

    def upload(self, file: t.Any, *, title: t.Any = UNSET, **options: t.Any) -> t.Any:
        return self._call(UPLOAD, {"file": file, "title": title}, *pack(options))

    def public(self, **options: t.Any) -> t.Any:
        return self._call(PUBLIC, {}, *pack(options))


def pack(options: dict[str, t.Any]) -> t.Any:
    names = {
        "timeout": UNSET,
        "max_retries": UNSET,
        "idempotency_key": None,
        "extra_headers": None,
        "extra_query": None,
        "extra_body": None,
    }
    unknown = options.keys() - names.keys()
    if unknown:
        raise TypeError(f"unexpected arguments {sorted(unknown)}")
    values = [options.get(name, default) for name, default in names.items()]
    return tuple(values[:3]), tuple(values[3:])


class NotesClient(BaseClient):
    _services = {
        "notes": auth.Service(
            "notes",
            base_url="http://127.0.0.1:1",
            base_url_env="NOTES_BASE_URL",
            headers={"x-version": "1"},
            headers_env="NOTES_HEADERS",
            schemes={
                "apiKey": auth.ApiKey("header", "x-api-key", env="NOTES_API_KEY"),
                "bearer": auth.Bearer(env="NOTES_TOKEN"),
            },
            auth=(("apiKey",), ("bearer",)),
        )
    }

    @r.child
    def notes(self) -> Notes:
        return Notes(self)


KEY = "sk-test-0123456789"
NOTE = {
    "id": "n1",
    "content": [{"type": "text", "text": "hi"}],
    "usage": {"input_tokens": 1, "output_tokens": 2},
    "stop": "end",
}


def client(url: str = "http://127.0.0.1:1", **options: t.Any) -> NotesClient:
    options.setdefault("api_keys", {"notes": KEY})
    return NotesClient(base_urls={"notes": url}, **options)
