"""One client shared by many threads: answers as they come, and a limit for all of them.

Asks a sandbox where there is no ANTHROPIC_API_KEY.
"""

from concurrent.futures import ThreadPoolExecutor, as_completed

from specwire import Client
from specwire.resilience import Backpressure, RateLimiter
from specwire.sandbox import fallback

CITIES = ["Lisbon", "Porto", "Braga", "Faro", "Évora", "Coimbra", "Aveiro", "Viseu"]
LIMITS = [RateLimiter(50), Backpressure(4)]  # shared by all threads


def fact(client: Client, city: str) -> str:
    message = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=100,
        messages=[{"role": "user", "content": f"One fact about {city}, please."}],
    )
    return "".join(block.text for block in message.content if block.type == "text")


# The pool is outside: a client that closes ends its calls, so Ctrl-C waits for none.
with ThreadPoolExecutor(8) as pool, Client(hooks=LIMITS, **fallback()) as client:
    asked = {pool.submit(fact, client, city): city for city in CITIES}
    for done in as_completed(asked):
        print(f"{asked[done]}: {done.result()}")
    print(len(asked), "answers")
