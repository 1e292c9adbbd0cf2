"""What makes two calls equal: a digest of all that an answer may depend on.

Where it goes, the body in one canonical form, the headers, and who asks: answers for
one key are not another key's to see. The credential itself can be read neither in the
digest nor in a file: it is mixed with the store's salt, one way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from .. import __version__
from ..core.wire import Call, Hidden

_SAYS_NOTHING: Final = frozenset(
    (
        *("accept-encoding", "baggage", "cache-control", "connection"),
        *("content-length", "idempotency-key", "pragma", "traceparent"),
        *("tracestate", "user-agent", "x-amzn-trace-id", "x-client-request-id"),
        *("x-correlation-id", "x-request-id"),
    )
)
"""Headers of which no answer depends."""
_COUNTS: Final = "x-stainless-"
"""How headers begin in which a library tells of itself."""
_CREDENTIALS: Final = frozenset(
    ("api-key", "authorization", "cookie", "proxy-authorization", "x-api-key")
)
_SHORT: Final = 4096
"""Bytes of a body that is not read anew each time it is asked."""
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Asked(NamedTuple):
    """A body.

    :ivar digest: of a form that equal ones share.
    :ivar is_object: it is a JSON object.
    :ivar names_model: and has a member ``model`` that is text.
    """

    digest: bytes
    is_object: bool = False
    names_model: bool = False


_NOTHING: Final = Asked(b"")


def asked(call: Call) -> Asked | None:
    """The body of ``call``; ``None`` for one that is read once, from a file."""
    body = call.request.body
    if body is None:
        return _NOTHING
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, (bytes, bytearray)):
        return None
    return _known(bytes(body)) if len(body) <= _SHORT else _read(bytes(body))


def _read(body: bytes) -> Asked | None:
    try:
        data = json.loads(body)
        canonical = _canonical(data).encode()
    except RecursionError:
        return None
    except ValueError:
        return Asked(blake2b(body).digest())
    is_object = isinstance(data, dict)
    names_model = is_object and isinstance(data.get("model"), str)
    return Asked(blake2b(canonical).digest(), is_object, names_model)


_known = lru_cache(256)(_read)


def key_of(
    call: Call,
    body: Asked,
    salt: bytes,
    vary: Sequence[str] | None,
    by_credential: bool,
) -> str | None:
    """The key of ``call``; ``None`` where nobody can say who asks."""
    who = _who(call) if by_credential else ()
    if who is None:
        return None
    chat = call.scratch.get("chat")
    # None of them holds a line's end, and headers are not blank.
    lines = [
        __version__,  # another version may read an answer in another way
        call.operation.name,
        call.request.method,
        call.request.url,
        str(getattr(chat, "candidate", 0)),
        *_headers(call, vary, by_credential),
        "",
        *who,
    ]
    made = blake2b("\n".join(lines).encode(), key=salt, digest_size=20)
    made.update(body.digest)
    return made.hexdigest()


def _headers(call: Call, vary: Sequence[str] | None, by_credential: bool) -> list[str]:
    chosen = []
    for name, value in call.request.headers.items():
        lower = name.lower()
        if lower in _CREDENTIALS or isinstance(value, Hidden):
            told = by_credential
        elif vary is None:
            told = lower not in _SAYS_NOTHING and not lower.startswith(_COUNTS)
        else:
            told = lower in vary or lower == "accept"
        if told:
            chosen.append(f"{lower}: {value}")
    chosen.sort()
    return chosen


def _who(call: Call) -> Sequence[str] | None:
    """Who asks, as far as it is not in the headers."""
    engine = call.engine
    if engine is None:
        return ()
    who = engine.keyring.held(call, engine.services[call.operation.service])
    session = engine.given_session
    if session is None:
        return who
    if session.auth is not None and not isinstance(session.auth, tuple):
        return None  # what it signs with is its own secret
    names = sorted((k.lower(), str(v)) for k, v in session.headers.items())
    cookies = sorted((c.domain, c.path, c.name, c.value) for c in session.cookies)
    known = [pair for pair in names if pair[0] not in _SAYS_NOTHING]
    return *who, repr((session.auth, session.cert, known, cookies))
