"""The whole body of a request, checked by the document before anything is sent.

For clients made with ``strict=True``; nobody else imports this. What is checked is what
would be sent, after every conversion and with ``extra_body``. Bodies that are not JSON
(uploads) are not looked at, nor are the path, the query and the headers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checking import MISSING, UNKNOWN, Problem, Schemas
from .errors import RequestValidationError

if TYPE_CHECKING:
    from .resource import Operation

_JSON = "application/json"
_WORDS = {MISSING: "is missing", UNKNOWN: "is not known here"}
_PLACE = re.compile(r"\{[^}]*\}")


def check_body(operation: Operation[Any], body: bytes | None, folder: str) -> None:
    """Refuse a body that the document in ``folder`` does not allow.

    :raises RequestValidationError: for the first thing that is wrong, with its
        ``pointer`` and what was ``expected`` there.
    """
    if operation.media != _JSON or body is None:
        return
    schemas, places = _document(folder, operation.service)
    place = places.get(_key(operation.method, operation.path, operation.const_query))
    if place is None:
        return
    problems = list(schemas.problems(place, json.loads(body)))
    if problems:
        raise _refusal(operation.name, problems)


def _refusal(name: str, problems: list[Problem]) -> RequestValidationError:
    first = problems[0]
    what = _WORDS.get(first.message, first.message)
    colon = "" if first.message in _WORDS else ":"
    text = f"{name}: {first.pointer or 'the body'}{colon} {what}"
    if first.near:
        text += f"; did you mean {first.near!r}?"
    elif first.expected and first.expected not in first.message:
        text += f"; expected {first.expected}"
    if len(problems) > 1:
        text += f" (and {len(problems) - 1} more)"
    return RequestValidationError(
        f"{text}; nothing was sent", pointer=first.pointer, expected=first.expected
    )


@cache
def _document(folder: str, service: str) -> tuple[Schemas, Mapping[str, str]]:
    """The service's schemas, and where the schema of each operation's body lies."""
    document = json.loads(Path(folder, f"{service}.json").read_bytes())
    places: dict[str, str] = {}
    for path, item in document["paths"].items():
        for method in item:
            pointer = _body_pointer(document, path, method)
            if pointer:
                places[f"{method.upper()} {_PLACE.sub('{}', path)}"] = pointer
    return Schemas(document), places


def _body_pointer(document: Any, path: str, method: str) -> str:
    body = document["paths"][path][method]
    body = body.get("requestBody", {}) if isinstance(body, dict) else {}
    at = f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}/requestBody"
    if reference := body.get("$ref"):
        at = reference.removeprefix("#")
        for part in at.split("/")[1:]:
            document = document[part.replace("~1", "/").replace("~0", "~")]
        body = document
    media = _JSON.replace("/", "~1")
    return f"{at}/content/{media}/schema" if _JSON in body.get("content", {}) else ""


def _key(method: str, path: str, query: Mapping[str, str]) -> str:
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{method} {_PLACE.sub('{}', path)}{'?' if pairs else ''}{pairs}"
