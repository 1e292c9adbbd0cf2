"""Print a message as it arrives, and what has arrived if the stream is cut.

Asks a sandbox where there is no ANTHROPIC_API_KEY.
"""

import sys

from specwire import Client, errors
from specwire.sandbox import fallback

with (
    Client(timeout=120, **fallback()) as client,
    client.messages.stream(
        model="claude-haiku-4-5",
        max_tokens=500,
        messages=[{"role": "user", "content": "Tell a very short story."}],
    ) as stream,
):
    try:
        for text in stream.text_stream:
            print(text, end="", flush=True)
    except errors.StreamError as error:
        sys.exit(f"\ncut after {error.events_received} events")
    print(f"\n{stream.current_message_snapshot.stop_reason}")
