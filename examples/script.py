"""Ask once and print the answer.

Needs ANTHROPIC_API_KEY; or run `specwire sandbox` and use what it prints.
"""

from specwire import Client

with Client() as client:
    message = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        messages=[{"role": "user", "content": "Name three uses of a paper clip."}],
    )
    for block in message.content:
        if block.type == "text":
            print(block.text)
    print(f"{message.usage.output_tokens} tokens, request {message._request_id}")
