"""``count_tokens``: by the server where the API counts, else by a counter here.

The server is asked through the client, as any operation: with its retries, time limits,
hooks and errors. Which APIs count says the manifest (``count_tokens``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..core.errors import DecodeError
from .counters import TokenCounter
from .counts import TokenCount

if TYPE_CHECKING:
    from ..chat.manifest import Manifest
    from ..chat.provider import Target
    from ..chat.turn import ChatRequestBuilder

_OPERATION: Final = "count_tokens"
_OF_ANTHROPIC: Final = (
    *("model", "messages", "system", "tools", "tool_choice", "thinking"),
    "output_config",
)
"""The members of a request that the API counts; it takes no others."""


def count_tokens(
    given: Any,
    *,
    model: str = "",
    tools: Iterable[Any] = (),
    system: Any = None,
    client: Any = None,
    exact: bool | None = None,
) -> TokenCount:
    """How many tokens a text or a conversation has.

    >>> count_tokens([{"role": "user", "content": "Hi"}], model="gpt-4o", exact=False)
    8

    :param given: a text, or messages as a chat request takes them.
    :param model: ``provider/model``; an :class:`~specwire.AiClient` has its own.
    :param client: a client to ask the server with, where the API counts; a text is
        then counted as a user's message.
    :param exact: see :meth:`TokenCounter.for_model`; an error as well where ``client``
        is given and the server does not count.
    """
    if client is not None:
        chat = client.chat(model) if model and _names_models(client) else client.chat()
        said = [given] if isinstance(given, str) else given
        chat = chat.system(system) if system else chat
        counted: TokenCount = chat.messages(said).tools(tools).count_tokens(exact=exact)
        return counted
    counter = TokenCounter.for_model(model or "gpt-4o", exact=exact)
    if isinstance(given, str) and not tools and not system:
        return counter.count(given)
    said = [given] if isinstance(given, str) else given
    return counter.count_messages(said, tools=tools, system=system)


def _names_models(client: Any) -> bool:
    return not hasattr(client, "model_id")


def of_request(
    builder: ChatRequestBuilder, target: Target, *, exact: bool | None = None
) -> TokenCount:
    """The tokens of the request that ``builder`` makes, as ``target`` counts them."""
    from ..chat.request import payload

    request, manifest = builder.request(model=target.model), target.provider.manifest
    body = payload(manifest, request).body
    dialect = str(manifest.data.get("dialect") or "openai")
    counts = _OPERATION in manifest.data.get("operations", {})
    if counts and dialect in _BODIES and exact is not False:
        answer = _asked(builder, target, _BODIES[dialect](request.model, body))
        return TokenCount(_told(manifest, answer), "server")
    counter = TokenCounter.for_model(target.name, exact=exact)
    return counter.count_messages(request.messages, tools=request.tools)


def _asked(builder: ChatRequestBuilder, target: Target, body: Mapping[str, Any]) -> Any:
    from ..chat.operations import call

    return call(
        builder._client,
        target.provider,
        _OPERATION,
        body,
        names={"model": target.model},
        timeout=builder._timeout,
        max_retries=builder._max_retries,
        headers=builder._headers,
    )


def _of_anthropic(model: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in _OF_ANTHROPIC if name in body}


def _of_gemini(model: str, body: Mapping[str, Any]) -> dict[str, Any]:
    name = model if model.startswith(("models/", "tunedModels/")) else f"models/{model}"
    return {"generateContentRequest": {"model": name, **body}}


_BODIES: Final = {"anthropic": _of_anthropic, "gemini": _of_gemini}


def _told(manifest: Manifest, answer: Any) -> int:
    for name in ("input_tokens", "totalTokens"):
        count = answer.get(name) if isinstance(answer, Mapping) else None
        if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
            return count
    raise DecodeError(
        f"{manifest.data['id']}.count_tokens: expected input_tokens or totalTokens, "
        f"got {answer!r:.80}",
        body=answer,
    )
