"""Whether a body is what its operation takes; if not, what the provider says."""

from __future__ import annotations

from functools import cache
from typing import Any

from ...core.checking import MISSING, UNKNOWN, Problem, Schemas
from ..values import Refused
from . import cohere_forms, forms_of_media, gemini_forms, openai_forms
from .errors import refuse
from .providers import Provider

_FORMS = {
    "openai": {**openai_forms.FORMS, **forms_of_media.FORMS},
    "gemini": gemini_forms.FORMS,
    "cohere": cohere_forms.FORMS,
}


def check(provider: Provider, form: str, body: Any) -> None:
    """Hold ``body`` against ``form``.

    :raises Refused: for the first thing that is wrong.
    """
    for name in sorted(provider.lacks & set(body)):
        raise _refused(provider, Problem((name,), UNKNOWN))
    for problem in _schemas(provider.dialect).problems(f"/{form}", body):
        if problem.message == UNKNOWN and _passes(provider, problem):
            continue
        raise _refused(provider, problem)


def _passes(provider: Provider, problem: Problem) -> bool:
    """An unknown member that is known here, or that nobody minds."""
    if provider.dialect == "gemini":
        return False
    return not provider.strict or problem.path[0] in provider.members


@cache
def _schemas(dialect: str) -> Schemas:
    return Schemas(_FORMS[dialect])


def _refused(provider: Provider, problem: Problem) -> Refused:
    unknown = problem.message == UNKNOWN
    reason = "unknown_member" if unknown and provider.dialect != "gemini" else ""
    text, code = _text(provider, problem)
    where = _place(problem.path)
    return refuse(provider, reason or "bad_body", text, param=where, code=code)


def _place(path: tuple[str | int, ...]) -> str:
    """``messages[0].content``."""
    text = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)
    return text.lstrip(".")


def _text(provider: Provider, problem: Problem) -> tuple[str, str]:
    where = _place(problem.path)
    unknown = problem.message == UNKNOWN
    if provider.dialect == "gemini":
        return _gemini_text(problem, unknown=unknown), ""
    if provider.dialect == "cohere":
        if unknown:
            return f"unknown field: parameter '{where}' is not a valid field", ""
        return f"invalid request: {problem}", ""
    if provider.shape in ("groq", "cerebras") and unknown:
        return f"property '{where}' is unsupported", ""
    if provider.shape not in ("openai", "azure"):
        return str(problem), ""
    if unknown:
        return f"Unknown parameter: '{where}'.", "unknown_parameter"
    if problem.message == MISSING:
        return f"Missing required parameter: '{where}'.", "missing_required_parameter"
    kind = "type" if problem.message.startswith("expected ") else "value"
    return f"Invalid {kind} for '{where}': {problem.message}.", f"invalid_{kind}"


def _gemini_text(problem: Problem, *, unknown: bool) -> str:
    if not unknown:
        return f"* GenerateContentRequest.{_place(problem.path)}: {problem.message}"
    place = _place(problem.path[:-1])
    at = f" at '{place}'" if place else ""
    name = problem.path[-1]
    begin = "Invalid JSON payload received. Unknown name"
    return f'{begin} "{name}"{at}: Cannot find field.'
