"""What makes two calls equal: a digest of all that an answer may depend on.

Where it goes, the body in one canonical form, the headers, and who asks: answers for
one key are not another key's to see. The credential itself can be read neither in the
digest nor in a file: it is mixed with the store's salt, one way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from .. import __version__
from ..core.auth import Secret
from ..core.wire import Call, Hidden

if TYPE_CHECKING:
    from ..core.engine import Engine

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
_MOST: Final = 1024
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
_known: dict[bytes, Asked] = {}
"""By a digest of the bytes: the same are not read twice, and none are held."""


def asked(call: Call) -> Asked | None:
    """The body of ``call``; ``None`` for one that is read once, from a file."""
    body = call.request.body
    if body is None:
        return _NOTHING
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, (bytes, bytearray)):
        return None
    raw = blake2b(body).digest()
    known = _known.get(raw)
    if known is None:
        known = _read(body, raw)
        if known is not None:
            if len(_known) >= _MOST:
                _known.clear()
            _known[raw] = known
    return known


def _read(body: bytes | bytearray, raw: bytes) -> Asked | None:
    try:
        data = json.loads(body)
        canonical = _canonical(data).encode()
    except RecursionError:
        return None
    except ValueError:
        return Asked(raw)
    is_object = isinstance(data, dict)
    names_model = is_object and isinstance(data.get("model"), str)
    return Asked(blake2b(canonical).digest(), is_object, names_model)


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
    usual = vary is None and by_credential
    for name, value in call.request.headers.items():
        lower = name.lower()
        if not usual and (isinstance(value, Hidden) or _proves(call, lower)):
            told = by_credential
        elif vary is None:
            told = lower not in _SAYS_NOTHING and not lower.startswith(_COUNTS)
        else:
            told = lower in vary or lower == "accept"
        if told:
            chosen.append(f"{lower}: {value}")
    chosen.sort()
    return chosen


def _proves(call: Call, name: str) -> bool:
    """Whether a header of that name is a credential."""
    if name in _CREDENTIALS or call.engine is None:
        return name in _CREDENTIALS
    schemes = call.engine.services[call.operation.service].schemes
    return any(scheme.stands_in((name,)) for scheme in schemes.values())


def _who(call: Call) -> Sequence[str] | None:
    """Who asks, as far as it is not in the headers."""
    engine = call.engine
    if engine is None:
        return ()
    who = _credential(call, engine)
    session = engine.given_session
    if session is None or who is None:
        return who
    auth, cert = getattr(session, "auth", None), getattr(session, "cert", None)
    if auth is not None and not isinstance(auth, tuple):
        return None  # what it signs with is its own secret
    headers = getattr(session, "headers", {}).items()
    names = sorted((name.lower(), str(value)) for name, value in headers)
    known = [pair for pair in names if pair[0] not in _SAYS_NOTHING]
    cookies = sorted(map(repr, getattr(session, "cookies", ())))
    return *who, repr((auth, cert, known, cookies))


def _credential(call: Call, engine: Engine) -> tuple[str, ...] | None:
    service = engine.services[call.operation.service]
    needs = service.auth if call.operation.auth is None else call.operation.auth
    given = set(map(str.lower, call.request.headers))
    for need in needs:
        found = engine.keyring._all(need, service, given)
        if found is None:
            continue
        who: list[str] = []
        for _, held in found:
            known = (held.reveal(),) if isinstance(held, Secret) else held.identity()
            if known is None:
                return None
            who += known
        return tuple(who)
    return ()
