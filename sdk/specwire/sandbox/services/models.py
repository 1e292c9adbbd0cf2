"""The ``models`` operations: a short fixed list."""

from __future__ import annotations

from typing import Any

from ..state import State
from ..values import Refused, Request, Response, json_response
from .paging import page

# Identifier, name for people, day it came out; newest first.
_MODELS = (
    ("claude-opus-4-8", "Claude Opus 4.8", "2026-05-28"),
    ("claude-opus-4-6", "Claude Opus 4.6", "2026-02-05"),
    ("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17"),
    ("claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24"),
    ("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15"),
    ("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29"),
)


def _model(id: str, display_name: str, day: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": id,
        "display_name": display_name,
        "created_at": f"{day}T00:00:00Z",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
        "capabilities": None,
    }


_LIST = [_model(*facts) for facts in _MODELS]


def list_models(request: Request, state: State) -> Response:
    """One page of the models."""
    return page(_LIST, request)


def retrieve_model(request: Request, state: State) -> Response:
    """One model; an alias without the date finds the dated one."""
    wanted = request.path_args["model_id"]
    for model in _LIST:
        if wanted in (model["id"], model["id"].rpartition("-20")[0]):
            return json_response(model)
    raise Refused(404, f"model: {wanted}")


HANDLERS = {
    "listModels": list_models,
    "retrieveModel": retrieve_model,
    "listBetaModels": list_models,
    "retrieveBetaModel": retrieve_model,
}
