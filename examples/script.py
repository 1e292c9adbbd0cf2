"""Ask once and print the answer.

Asks a sandbox where there is no ANTHROPIC_API_KEY, as all of these examples do.
"""

from specwire import Client
from specwire.sandbox import fallback

with Client(**fallback()) as client:
    message = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Name three uses of a paper clip."}],
    )
    for block in message.content:
        if block.type == "text":
            print(block.text)
    print(f"{message.usage.output_tokens} tokens, request {message._request_id}")
