"""What each layer adds to a call: a client with it beside one without, in turn.

Nothing is sent: a hook behind the layer answers, so that the layer is what differs.
"""

from __future__ import annotations

import json
from statistics import median
from time import process_time

from peers import KEY

ROUNDS = 15
TEXT = ("Plain words about the weather, and nothing that anybody looks for. " * 16)[
    :1024
]


def client(base, *hooks, text="Fine."):
    """A client with ``hooks``, whose calls are all answered with ``text``."""
    from specwire import Answer, Client, Hook
    from specwire.core.wire import Headers, Reply

    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    body |= {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"}
    body |= {"stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 9}}
    content, headers = json.dumps(body).encode(), {"content-type": "application/json"}

    class Answering(Hook):
        def before_attempt(self, call):
            call.attempts_made = 1  # as if it had been sent: it is counted then
            return Answer(Reply(200, Headers(headers), content))

    return Client(
        api_keys={"anthropic": KEY},
        base_urls={"anthropic": base},
        hooks=[*hooks, Answering()],
    )


def tracing():
    from specwire.telemetry import Tracer

    return Tracer(service_name="bench")


def metrics():
    from specwire.telemetry import MetricsCollector

    return MetricsCollector()


def cache():
    from specwire.cache import Cache

    return Cache()


def guardrails():
    from specwire import guardrails as g

    return g.Guardrails(
        g.KeywordFilter(["forbidden words", "another word", "a third"], on="request"),
        g.RegexFilter(r"project [a-z]+-\d{4}", on="request"),
        g.RegexFilter(r"internal only", on="request"),
        g.RegexFilter(r"case \d{6}", on="request"),
        g.LengthFilter(max_length=100_000, on="request"),
        g.UrlFilter(denied=["example.org"], on="request"),
        g.EmailFilter(on="request"),
        g.SecretFilter(on="request"),
        g.PiiDetector(on="request"),
        g.ContentFilter(blocked_keywords=["yet another"], on="request"),
    )


def measure(base, count):
    """CPU microseconds that each layer adds to a call."""

    def spent(one):
        before = process_time()
        for _ in range(count):
            one.messages.create(
                model="m",
                max_tokens=16,
                messages=[{"role": "user", "content": TEXT}],
            )
        return (process_time() - before) / count * 1e6

    plain, found = client(base), {}
    for make in (tracing, metrics, cache, guardrails):
        layered = client(base, make())
        spent(plain)
        spent(layered)
        more = [spent(layered) - spent(plain) for _ in range(ROUNDS)]
        found[f"layer_{make.__name__}"] = median(more)
    return found
