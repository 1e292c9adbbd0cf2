"""A function that is started for a request and frozen after it, as on AWS Lambda.

The client is made at import, which is the cold start; it loads the HTTP library with
the first call and keeps its connection for the next one. Run as a program it calls the
handler twice and says how long each took. Asks a sandbox where there is no key.
"""

from __future__ import annotations

import json
import time
from typing import Any

from specwire import Client, errors
from specwire.sandbox import fallback

client = Client(timeout=25, max_retries=1, **fallback())  # less than the function's own


def handler(event: dict[str, Any], context: Any = None) -> dict[str, Any]:
    try:
        message = client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=200,
            messages=[{"role": "user", "content": event["question"]}],
        )
    except errors.SpecwireError as error:
        # Whether to come again is the error's to say, not the status's.
        body = {"error": error.standard_code, "retryable": error.retryable}
        return {"statusCode": 503 if error.retryable else 502, "body": json.dumps(body)}
    text = "".join(block.text for block in message.content if block.type == "text")
    return {"statusCode": 200, "body": json.dumps({"answer": text})}


if __name__ == "__main__":
    for start in ("cold", "warm"):
        begun = time.perf_counter()
        reply = handler({"question": "Name a colour."})
        took_ms = (time.perf_counter() - begun) * 1000
        print(f"{start}: {reply['statusCode']} in {took_ms:.0f} ms, {reply['body']}")
