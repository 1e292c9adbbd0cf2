"""What tests in tasks ask at their end."""

from __future__ import annotations

import asyncio


async def alone() -> bool:
    """Whether this task is the only one, once those have ended that are ending."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if not others:
        return True
    _, left = await asyncio.wait(others, timeout=5)
    return not left
