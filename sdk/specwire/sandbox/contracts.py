"""The two contracts of the workflow API: which one a path is of, and how it differs.

The first has the paths below ``/api``, the second those below ``/api/v2``. A server may
have one of them only; on the other's paths it answers as on any page that is not there.
The second one takes no query that it does not know and says what is left of the
allowance with every answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from .routing import Operation
from .values import Refused, Request, Response

Served: TypeAlias = Literal["v1", "v2", "both"]
SECOND: Final = "sim/v2"
"""What the second contract is called where it has shapes of its own."""
_PREFIX: Final = "/api/v2/"
_NO_PAGE: Final = b"<!DOCTYPE html><html><head><title>404</title></head></html>"


def dialect_of(service: str, path: str) -> str:
    """``service``, or the second contract of the workflow API."""
    return SECOND if service == "sim" and path.startswith(_PREFIX) else service


def not_here(request: Request, service: str, served: Served) -> Response | None:
    """The answer on a path of the contract that this server does not have."""
    if service != "sim" or served == "both":
        return None
    if (dialect_of(service, request.path) == SECOND) == (served == "v2"):
        return None
    return Response(404, _NO_PAGE, content_type="text/html; charset=utf-8")


def check_query(request: Request, operation: Operation) -> None:
    """Refuse what the second contract refuses: unknown, repeated and blank values."""
    known = {each.name for each in operation.parameters if each.where == "query"}
    counts = Counter(name for name, _ in request.query_pairs)
    for name, value in request.query_pairs:
        said: Mapping[str, str] = {}
        if name not in known:
            said = {
                "code": "unrecognized_keys",
                "message": f'Unrecognized key: "{name}"',
            }
        elif counts[name] > 1:
            said = {"code": "invalid_type", "message": f"{name} must not be repeated"}
        elif not value:
            said = {"code": "too_small", "message": f"{name} must not be blank"}
        if said:
            raise Refused(400, said["message"], details=[{**said, "path": [name]}])
