"""Bodies of webhooks: from the bytes that a user's server received to a typed value.

No signature is checked here: documents do not say how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .errors import DecodeError, shortened

Body: TypeAlias = Callable[[], Any]
"""A type expression that is not evaluated before a body is here."""


def unwrap(
    bodies: Mapping[str, Body],
    whole: Body | None,
    payload: bytes | str,
    name: str | None,
) -> Any:
    """``payload`` as the body of the webhook ``name``, or of the one it says it is.

    :raises ValueError: for a name that is not known, or none where one is needed.
    :raises DecodeError: where the payload is not JSON, or of another shape.
    """
    from . import codec

    chosen = whole if name is None else bodies.get(name)
    if chosen is None:
        said = "the bodies do not tell which it is" if name is None else f"no {name!r}"
        known = shortened(", ".join(bodies), 300)
        raise ValueError(f"webhooks.unwrap: {said}; name one of: {known}")
    where = "webhooks.unwrap: the payload" + (f" of {name!r}" if name else "")
    data: Any = payload
    pointer = ""
    try:
        if isinstance(payload, str):
            data = codec.loads_text(payload)
        else:
            data = codec.loads(bytes(payload))
        return codec.load(chosen(), data)
    except codec.Mismatch as error:
        problem, pointer = f"is of another shape: {error}", error.pointer
    except RecursionError:
        problem = "is nested too deeply"
    except ValueError as error:
        problem = f"is not JSON ({shortened(str(error), 80)})"
    raise DecodeError(f"{where} {problem}", body=data, pointer=pointer)
