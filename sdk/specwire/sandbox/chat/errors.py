"""The failure of a chat request in its provider's own shape, whole or in a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..values import Refused, Response, dump_json, json_response
from .providers import Provider
from .wording import Words, reason_of, words

_HTML = (
    "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    "<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>openresty"
    "</center>\r\n</body>\r\n</html>\r\n"
)


@attrs.frozen
class Said:
    """A failure, put into words but not yet into a shape.

    :ivar param: the member of the body that is at fault.
    """

    status: int
    words: Words
    text: str
    reason: str
    param: str | None
    request_id: str


def refuse(
    provider: Provider, reason: str, text: str = "", *, param: str = "", **facts: str
) -> Refused:
    """The refusal for ``reason``; ``facts`` stand in the provider's own text."""
    status = words(provider.shape, reason).status
    return Refused(status, text, kind=reason, details={"param": param, **facts})


def refusal(provider: Provider, refused: Refused, request_id: str) -> Response:
    """``refused`` as ``provider`` answers it."""
    said = _said(provider, refused, request_id)
    if provider.id == "perplexity" and said.status == 401:
        kind = "text/html; charset=utf-8"
        return Response(401, _HTML.encode(), refused.headers, content_type=kind)
    body = _SHAPES.get(provider.shape, _plain)(said)
    return json_response(body, status=said.status, headers=refused.headers)


def broken(provider: Provider, kind: str) -> bytes:
    """The event that ends a stream of ``provider`` in the middle, with ``kind``."""
    text = kind.removesuffix("_error").replace("_", " ").capitalize()
    if provider.dialect == "cohere":
        delta = {"error": text, "finish_reason": "ERROR"}
        event = {"type": "message-end", "id": "", "delta": delta}
        return b"event: message-end\ndata: " + dump_json(event) + b"\n\n"
    return b"data: " + dump_json(_frame(provider, kind, text)) + b"\n\n"


def _frame(provider: Provider, kind: str, text: str) -> Any:
    if provider.id == "openrouter":
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        error = {"code": kind, "message": text}
        return {"object": "chat.completion.chunk", "error": error, "choices": [choice]}
    status = _STATUS.get(kind, 500)
    known = words(provider.shape, reason_of(status))
    if provider.dialect == "gemini":
        known = known._replace(type=kind, code=status)
    elif isinstance(known.code, str) or known.code is None:
        known = known._replace(type=kind, code=kind)
    else:
        known = known._replace(type=kind)
    said = Said(status, known, text, reason_of(status), None, "")
    return _SHAPES.get(provider.shape, _plain)(said)


_STATUS = {
    "rate_limit_exceeded": 429,
    "RESOURCE_EXHAUSTED": 429,
    "UNAVAILABLE": 503,
    "overloaded": 503,
    "overloaded_error": 503,
    "DEADLINE_EXCEEDED": 504,
}


def _said(provider: Provider, refused: Refused, request_id: str) -> Said:
    reason = refused.kind or reason_of(refused.status)
    known = words(provider.shape, reason)
    facts = refused.details if isinstance(refused.details, Mapping) else {}
    blanks = {"model": "the model", "key": "sk-…", "path": "", **facts}
    text = refused.message or known.text.format_map(
        {**blanks, "request_id": request_id}
    )
    known = known._replace(code=facts.get("code") or known.code)
    param = facts.get("param") or None
    return Said(refused.status, known, text, reason, param, request_id)


def _plain(said: Said) -> Any:
    error = {
        "message": said.text,
        "type": said.words.type,
        "param": said.param or ("model" if said.reason == "no_model" else None),
        "code": said.words.code,
    }
    return {"error": error}


def _typed(said: Said) -> Any:
    return {"error": {"message": said.text, "type": said.words.type}}


def _coded(said: Said) -> Any:
    return {"error": {"code": said.words.code, "message": said.text}}


def _azure(said: Said) -> Any:
    if said.reason in ("bad_body", "unknown_member"):
        return _plain(said)
    return _coded(said)


def _mistral(said: Said) -> Any:
    if said.words.type is None:
        return {"message": said.text, "request_id": said.request_id}
    message: Any = said.text
    if said.status == 422:
        extra = said.reason == "unknown_member"
        problem = {
            "type": "extra_forbidden" if extra else "value_error",
            "loc": ["body", *(said.param or "").split(".")],
            "msg": said.text,
            "input": None,
        }
        message = {"detail": [problem]}
    return {
        "object": "error",
        "message": message,
        "type": said.words.type,
        "param": None,
        "code": said.words.code,
        "raw_status_code": said.status,
    }


def _xai(said: Said) -> Any:
    return {"code": said.words.code, "error": said.text}


def _qwen(said: Said) -> Any:
    return {**_plain(said), "request_id": said.request_id}


def _doubao(said: Said) -> Any:
    error = {
        "code": said.words.code,
        "message": f"{said.text} Request id: {said.request_id}",
        "param": said.param or "",
        "type": said.words.type,
    }
    return {"error": error}


def _openrouter(said: Said) -> Any:
    error: dict[str, Any] = {"message": said.text, "code": said.words.code}
    if said.reason in ("rate", "gateway"):
        error["metadata"] = {"raw": said.text, "provider_name": "Sandbox"}
    return {"error": error, "user_id": "user_sandbox"}


def _perplexity(said: Said) -> Any:
    known = said.words
    return {"error": {"message": said.text, "type": known.type, "code": known.code}}


def _together(said: Said) -> Any:
    return {"id": said.request_id, **_plain(said)}


def _fireworks(said: Said) -> Any:
    error = {"object": "error", "type": said.words.type, "message": said.text}
    return {"error": {**error, "code": said.words.code}}


def _nvidia(said: Said) -> Any:
    if said.reason == "bad_body":
        error = {"object": "error", "message": said.text, "type": said.words.type}
        return {**error, "param": None, "code": said.words.code}
    problem = {"title": said.words.code, "status": said.status, "detail": said.text}
    return {"type": said.words.type or "about:blank", **problem}


def _flat(said: Said) -> Any:
    return _plain(said)["error"]


def _minimax(said: Said) -> Any:
    error = {
        "type": said.words.type,
        "message": f"{said.text} ({said.words.code})",
        "http_code": str(said.status),
    }
    known = {"status_code": said.words.code, "status_msg": said.text}
    whole = {"type": "error", "error": error, "base_resp": known}
    return {**whole, "request_id": said.request_id}


def _baidu(said: Said) -> Any:
    return {"id": said.request_id, **_plain(said)}


def _gemini(said: Said) -> Any:
    error: dict[str, Any] = {
        "code": said.status,
        "message": said.text,
        "status": said.words.type,
    }
    domain = "type.googleapis.com/google.rpc."
    if said.reason == "bad_key":
        info = {"reason": "API_KEY_INVALID", "domain": "googleapis.com"}
        error["details"] = [{"@type": f"{domain}ErrorInfo", **info}]
    elif said.status == 429:
        wait = {"@type": f"{domain}RetryInfo", "retryDelay": "2s"}
        error["details"] = [wait]
    elif said.param:
        place = {"field": said.param, "description": said.text}
        bad = {"@type": f"{domain}BadRequest", "fieldViolations": [place]}
        error["details"] = [bad]
    return {"error": error}


def _cohere(said: Said) -> Any:
    return {"id": said.request_id, "message": said.text}


def _detail(said: Said) -> Any:
    return {"detail": said.text}


_SHAPES: dict[str, Callable[[Said], Any]] = {
    "azure": _azure,
    "mistral": _mistral,
    "xai": _xai,
    "zhipu": _coded,
    "qwen": _qwen,
    "moonshot": _typed,
    "doubao": _doubao,
    "openrouter": _openrouter,
    "perplexity": _perplexity,
    "together": _together,
    "fireworks": _fireworks,
    "nvidia": _nvidia,
    "llamacpp": _perplexity,
    "cerebras": _flat,
    "minimax": _minimax,
    "baidu": _baidu,
    "gemini": _gemini,
    "cohere": _cohere,
    "jina": _detail,
}
