"""From a request to a provider to its answer: route, key, body, model, handler."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

import attrs

from ..state import State
from ..values import Refused, Request, Response
from . import cohere, completions, drawing, gemini, limits, listing, sound, vectors
from .checking import check
from .errors import broken, refusal, refuse
from .providers import Provider, provider_of
from .wording import reason_of

Handler = Callable[[Provider, Request, Mapping[str, str], State], Response]


@attrs.frozen
class Route:
    """An operation: its method, its path below a root, what its body holds.

    :ivar ability: what a provider has to be able to do to have it.
    :ivar open: no key is needed.
    """

    method: str
    path: str
    handler: Handler
    form: str = ""
    ability: str = ""
    open: bool = False


_GEMINI = "/models/{model}"
_ROUTES: Final[Mapping[str, tuple[Route, ...]]] = {
    "openai": (
        Route("POST", "/chat/completions", completions.complete, "chat"),
        Route("POST", "/embeddings", vectors.embeddings, "embeddings"),
        Route("POST", "/rerank", vectors.rerank, "rerank"),
        Route("POST", "/audio/speech", sound.speak, "speech", "speaks"),
        Route("POST", "/audio/transcriptions", sound.transcribe, "", "hears"),
        Route("POST", "/audio/translations", sound.transcribe, "", "translates"),
        Route("POST", "/images/generations", drawing.draw, "pictures", "draws"),
        Route("POST", "/images/edits", drawing.change, "", "edits"),
        Route("POST", "/images/variations", drawing.change, "", "edits"),
        Route("POST", "/videos/generations", drawing.film, "film", "films"),
        Route("GET", "/videos/{id}", drawing.look, "", "films"),
        Route("GET", "/async-result/{id}", drawing.look, "", "films"),
        Route("GET", "/stored/{id}", drawing.fetch, open=True),
        Route("GET", "/models", listing.list_models),
        Route("GET", "/models/{model:any}", listing.retrieve_model),
    ),
    "gemini": (
        Route("POST", f"{_GEMINI}:generateContent", gemini.generate, "generate"),
        Route("POST", f"{_GEMINI}:streamGenerateContent", gemini.stream, "generate"),
        Route("POST", f"{_GEMINI}:countTokens", gemini.count_tokens, "count"),
        Route("POST", f"{_GEMINI}:embedContent", vectors.gemini_embed, "embed"),
        Route(
            "POST",
            f"{_GEMINI}:batchEmbedContents",
            vectors.gemini_embed_batch,
            "embed_batch",
        ),
        Route("GET", "/models", listing.list_models),
        Route("GET", _GEMINI, listing.retrieve_model),
    ),
    "cohere": (
        Route("POST", "/v2/chat", cohere.chat, "chat"),
        Route("POST", "/v2/embed", vectors.cohere_embed, "embed"),
        Route("POST", "/v2/rerank", vectors.rerank, "rerank"),
        Route("GET", "/v1/models", listing.list_models),
        Route("GET", "/v1/models/{model}", listing.retrieve_model),
    ),
}
_BLANK = re.compile(r"\{(\w+)(:any)?\}")


class Desk:
    """Takes the requests to all providers; ``keys`` are theirs by id."""

    def __init__(self, keys: Mapping[str, str], *, validate: bool) -> None:
        self._keys = keys
        self._validate = validate

    def answer(self, provider: Provider, request: Request, state: State) -> Response:
        """The answer of ``provider``.

        :raises Refused: for a request that it refuses.
        """
        route, args = _routed(provider, request)
        if not route.open:
            _authorize(provider, request, self._keys[provider.id])
        if route.form:
            body = _body(provider, request)
            if self._validate:
                check(provider, route.form, _implied(provider, body, args))
            request = attrs.evolve(request, json=body)
        model = args.get("model") or (request.json or {}).get("model") or ""
        if _unknown(provider, model):
            raise refuse(provider, "no_model", model=model)
        return route.handler(provider, request, args, state)


@attrs.frozen
class ProviderVoice:
    """How a provider speaks of failure, for the faults that are ordered."""

    provider: Provider

    def refusal(self, refused: Refused, request_id: str) -> Response:
        """``refused`` in the provider's shape."""
        return refusal(self.provider, refused, request_id)

    def ordered(self, status: int) -> Refused:
        """What the provider says where it answers ``status`` for no reason."""
        return Refused(status, "", kind=reason_of(status))

    def broken(self, kind: str, response: Response) -> bytes:
        """What ends ``response``, a stream, in the middle."""
        event = broken(self.provider, kind)
        if response.content_type.startswith("text/event-stream"):
            return event
        return b",\r\n" + event.removeprefix(b"data: ").rstrip() + b"]"

    def marks(self, request_id: str, state: State) -> list[tuple[str, str]]:
        """The headers of all its answers."""
        name = "x-request-id"
        return [(name, request_id), *limits.headers(self.provider.id, state)]


def played(path: str) -> Provider | None:
    """The provider to whom ``path`` leads, except those with a service of their own."""
    provider = provider_of(path)
    if provider is None or provider.dialect == "anthropic":
        return None
    return provider


def unprefixed(path: str) -> str:
    """Where a service of our own has ``path``.

    It lies below its id as a provider as well. And who is given its address, which has
    no version in it, may ask for ``/messages``.
    """
    provider = provider_of(path)
    if provider is not None and provider.dialect == "anthropic":
        path = path.removeprefix(f"/{provider.id}")
    return f"/v1{path}" if path.partition("/messages")[0] == "" else path


def _routed(provider: Provider, request: Request) -> tuple[Route, dict[str, str]]:
    path = request.path.removeprefix(f"/{provider.id}")
    allowed = False
    for route, args in _fitting(provider, path):
        if route.method == request.method:
            return route, args
        allowed = True
    reason = "no_method" if allowed else "no_path"
    raise refuse(provider, reason, path=f"{request.method} {path}")


def _fitting(provider: Provider, path: str) -> Iterator[tuple[Route, dict[str, str]]]:
    for root in provider.roots:
        for route in _ROUTES[provider.dialect]:
            if "chat" in route.path and not provider.chat:
                continue
            if route.ability and route.ability not in provider.abilities:
                continue
            found = _pattern(root + route.path).fullmatch(path)
            if found is not None:
                groups = found.groupdict()
                yield route, {name: unquote(text) for name, text in groups.items()}


def _pattern(template: str) -> re.Pattern[str]:
    parts, at = [], 0
    for blank in _BLANK.finditer(template):
        parts.append(re.escape(template[at : blank.start()]))
        parts.append(f"(?P<{blank[1]}>{'.+' if blank[2] else '[^/:]+'})")
        at = blank.end()
    return re.compile("".join(parts) + re.escape(template[at:]))


def _authorize(provider: Provider, request: Request, key: str) -> None:
    shown = [text for way in provider.auth for text in _shown(request, way)]
    if provider.keyless or key in shown:
        return
    if not shown:
        raise refuse(provider, "no_key")
    masked = f"{shown[0][:3]}…{shown[0][-4:]}" if len(shown[0]) > 12 else "…"
    raise refuse(provider, "bad_key", key=masked)


def _shown(request: Request, way: str) -> Iterator[str]:
    """The keys that stand where ``way`` says."""
    kind, _, name = way.partition(":")
    if kind == "query":
        yield from (text for each, text in request.query_pairs if each == name)
    elif kind == "header":
        if request.headers.get(name):
            yield request.headers[name]
    else:
        word, _, text = request.headers.get("authorization", "").partition(" ")
        if word.lower() == "bearer" and text.strip():
            yield text.strip()


def _body(provider: Provider, request: Request) -> Any:
    try:
        body = json.loads(bytes(request.body))
    except (ValueError, RecursionError):
        text = "We could not parse the JSON body of your request."
        raise refuse(provider, "bad_body", text) from None
    if not isinstance(body, dict):
        raise refuse(provider, "bad_body", "expected an object in the body")
    return gemini.camel(body) if provider.dialect == "gemini" else body


def _implied(provider: Provider, body: Any, args: Mapping[str, str]) -> Any:
    """``body`` with the model that the path names."""
    if provider.dialect == "openai" and "model" in args:
        return {**body, "model": args["model"]}
    return body


def _unknown(provider: Provider, model: str) -> bool:
    """A model that is not there: by its name, or because it names the provider too."""
    if model.rpartition("/")[2].startswith("unknown-"):
        return True
    if "/" not in model:
        return False
    own = model.startswith(f"{provider.id}/") and provider.id != "openrouter"
    return own or not provider.slash
