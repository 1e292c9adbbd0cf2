"""The same client for tasks: many questions at once, and a stream.

Needs the extra `async`. Asks a sandbox where there is no ANTHROPIC_API_KEY.
"""

from __future__ import annotations

import asyncio
import sys

from specwire.sandbox import fallback

try:
    from specwire.aio import AsyncClient
except ImportError:
    print("skipped: this needs pip install 'specwire[async]'")
    sys.exit()

CITIES = ["Lisbon", "Porto", "Braga", "Faro"]


async def fact(client: AsyncClient, city: str) -> str:
    message = await client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=100,
        messages=[{"role": "user", "content": f"One fact about {city}, please."}],
    )
    return "".join(block.text for block in message.content if block.type == "text")


async def main() -> None:
    async with AsyncClient(**fallback()) as client:
        facts = await asyncio.gather(*(fact(client, city) for city in CITIES))
        for city, text in zip(CITIES, facts, strict=True):
            print(f"{city}: {text}")
        async with client.messages.stream(
            model="claude-haiku-4-5",
            max_tokens=200,
            messages=[{"role": "user", "content": "Tell a very short story."}],
        ) as stream:
            async for text in stream.text_stream:
                print(text, end="", flush=True)
        print()


asyncio.run(main())
