"""``fallback``: for examples and first tries, a sandbox where there is no key."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import Any

from .server import Sandbox

_VARIABLES = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"),
    "sim": ("SIM_API_KEY", "SIM_BASE_URL"),
}
_box: list[Sandbox] = []
_starting = threading.Lock()


def fallback(service: str = "anthropic") -> dict[str, Any]:
    """Settings of a client: none where ``service`` has a key, else those of a sandbox.

    ``Client(**fallback())`` asks the service where its key is in the environment, and
    otherwise a :class:`Sandbox` in this process, which is said on standard error. All
    calls share one sandbox; it ends with the process.

    :param service: ``"anthropic"``, ``"sim"``, or a provider of chat (``"openai"``).
    """
    name = service.upper().replace("-", "_")
    variables = _VARIABLES.get(service, (f"{name}_API_KEY", f"{name}_BASE_URL"))
    if any(os.environ.get(variable, "").strip() for variable in variables):
        return {}
    with _starting:
        if not _box:
            box = Sandbox().start()
            atexit.register(box.close)
            _box.append(box)
            print(f"no {variables[0]}: this asks a sandbox", file=sys.stderr)
    box = _box[0]
    # Of one service only: another one's key in the environment is still its own.
    return {
        "api_keys": {service: box.api_keys[service]},
        "base_urls": {service: box.base_urls[service]},
    }
