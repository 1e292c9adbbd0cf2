"""What an answer says of the provider's rate limits: names and units as each has them.

Requests are counted by the minute of the sandbox's clock and never refused for it.
"""

from __future__ import annotations

from ..state import State
from .providers import PROVIDERS

_REQUESTS = 500
_TOKENS = 30_000
_WINDOW_S = 60.0

Pairs = list[tuple[str, str]]


def headers(provider: str, state: State) -> Pairs:
    """The headers of one more answer of ``provider``."""
    kind = PROVIDERS[provider].limits
    if not kind:
        return []
    used, left_s = _count(provider, state)
    left = max(_REQUESTS - used, 0)
    tokens = max(_TOKENS - 100 * used, 0)
    return {
        "durations": _durations,
        "remaining": _remaining,
        "by_size": _by_size,
        "trial": _trial,
        "counts": _counts,
        "seconds": _seconds,
        "anthropic": _anthropic,
    }[kind](left, tokens, left_s, state)


def _count(provider: str, state: State) -> tuple[int, float]:
    """How many there were in this minute, and how much of it is left."""
    now, name = state.clock(), f"chat/{provider}"
    with state.lock:
        began, count = state.windows.get(name, (now, 0))
        if not began <= now < began + _WINDOW_S:
            began, count = now, 0
        state.windows[name] = began, count + 1
    return count + 1, began + _WINDOW_S - now


def _durations(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    """As Go writes them: ``120ms``, ``1m0s``, ``6m0s``."""
    return [
        ("x-ratelimit-limit-requests", str(_REQUESTS)),
        ("x-ratelimit-remaining-requests", str(left)),
        ("x-ratelimit-reset-requests", duration((_REQUESTS - left) * 0.12)),
        ("x-ratelimit-limit-tokens", str(_TOKENS)),
        ("x-ratelimit-remaining-tokens", str(tokens)),
        ("x-ratelimit-reset-tokens", duration(left_s * 6)),
    ]


def duration(seconds: float) -> str:
    """``6m0s``, ``1.5s``, ``20ms``: a time as Go prints it."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:g}s" if minutes else f"{rest:g}s"


def _remaining(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    return [
        ("x-ratelimit-remaining-requests", str(left)),
        ("x-ratelimit-remaining-tokens", str(tokens)),
    ]


def _by_size(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    return [
        ("x-ratelimit-limit-tokens-minute", str(_TOKENS)),
        ("x-ratelimit-remaining-tokens-minute", str(tokens)),
        ("x-ratelimitbysize-limit-minute", str(_TOKENS)),
        ("x-ratelimitbysize-remaining-minute", str(tokens)),
        ("ratelimitbysize-reset", str(round(left_s))),
    ]


def _trial(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    return [
        ("x-trial-endpoint-call-limit", str(_REQUESTS)),
        ("x-trial-endpoint-call-remaining", str(left)),
    ]


def _counts(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    return [
        ("x-ratelimit-limit-requests", str(_REQUESTS)),
        ("x-ratelimit-remaining-requests", str(left)),
        ("x-ratelimit-limit-tokens", str(_TOKENS)),
        ("x-ratelimit-remaining-tokens", str(tokens)),
    ]


def _seconds(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    return [
        ("x-ratelimit-limit", str(_REQUESTS)),
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", f"{left_s:g}"),
    ]


def _anthropic(left: int, tokens: int, left_s: float, state: State) -> Pairs:
    """With times of the day, RFC 3339."""
    at = state.now(left_s)
    begin = "anthropic-ratelimit-"
    return [
        (f"{begin}requests-limit", str(_REQUESTS)),
        (f"{begin}requests-remaining", str(left)),
        (f"{begin}requests-reset", at),
        (f"{begin}tokens-limit", str(_TOKENS)),
        (f"{begin}tokens-remaining", str(tokens)),
        (f"{begin}tokens-reset", at),
    ]
