"""Tokens of Google's, which google-auth gets and refreshes.

A token is refreshed when it has expired or was refused, by one call while the others
wait, inside the time of the call that needs it. Nothing of google-auth escapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...core.auth import Secret
from ...core.crew import here
from ...core.errors import (
    APIConnectionError,
    APITimeoutError,
    MissingCredentialError,
    SpecwireError,
    shortened,
)
from ...core.wire import Call
from .platforms import Held

_SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)
_LONGEST_S: Final = 120.0


class GoogleCredentials(Held):
    """Credentials that were given, or those that google-auth finds on the machine."""

    __slots__ = ("_project", "_refused", "found")

    def __init__(self, given: Any = None) -> None:
        super().__init__()
        self.found = given
        self._project: str | None = None
        self._refused: object = None

    def forms(self) -> tuple[str, ...]:
        token = getattr(self.found, "token", None)
        return (token,) if isinstance(token, str) and token else ()

    def project(self, call: Call, left: Callable[[], float]) -> str | None:
        """The project that the machine's credentials are of, where they say one."""
        with self.turn(call, left):
            here().apart(self._load, call.name)
            return self._project

    def secret(self, call: Call, left: Callable[[], float]) -> Secret:
        with self.turn(call, left):
            here().apart(self._load, call.name)
            kept = self.found.token
            fresh = not kept or self.found.expired or kept == self._refused
            if fresh:
                here().apart(self._refresh, call.name, left)
                self._refused = None
            token = _token(call.name, self.found.token)
        call.scratch[GoogleCredentials] = None if fresh else token
        del kept
        return token

    def dropped(self, call: Call) -> bool:
        token = call.scratch.pop(GoogleCredentials, None)
        if token is not None:
            self._refused = token.reveal()
        return token is not None

    def _load(self, where: str) -> None:
        if self.found is None:
            from google.auth import default

            found = _asked(where, lambda: default(scopes=_SCOPES))
            self.found, self._project = found

    def _refresh(self, where: str, left: Callable[[], float]) -> None:
        _asked(where, lambda: self.found.refresh(_transport(left)), left)

    def __repr__(self) -> str:
        return "GoogleCredentials(***)"


def _asked(
    where: str,
    ask: Callable[[], Any],
    left: Callable[[], float] = lambda: float("inf"),
) -> Any:
    """What ``ask`` gives; its failures as ours, without what they were raised from."""
    from google.auth.exceptions import GoogleAuthError, TransportError

    failure: SpecwireError
    try:
        return ask()
    except (GoogleAuthError, OSError) as error:
        kind = type(error).__name__
        if left() <= 0:
            failure = APITimeoutError(
                f"{where}: the call's time limit is over while Google is asked for a "
                "token",
                retryable=False,
                started=False,
            )
        elif isinstance(error, (TransportError, OSError)) or _passing(error):
            failure = APIConnectionError(
                f"{where}: Google could not be asked for a token ({kind})",
                started=False,
            )
        else:
            # The first argument is the reason; others are replies.
            said = shortened(str(error.args[0] if error.args else ""), 200)
            failure = MissingCredentialError(
                f"{where}: no Google credentials ({kind}: {said}); sign in with "
                "`gcloud auth application-default login`, or pass credentials= or "
                "access_token="
            )
    raise failure  # outside: google-auth's frames hold what it asked with


def _passing(error: Exception) -> bool:
    return bool(getattr(error, "retryable", False))


def _token(where: str, token: Any) -> Secret:
    """``token`` as what it is kept in."""
    try:
        if isinstance(token, bytes):
            token = token.decode("ascii", "replace")
        if isinstance(token, str):
            return Secret(token, name="access_token")
    except ValueError:
        pass
    finally:
        del token
    raise MissingCredentialError(
        f"{where}: Google's credentials gave no token that can be sent"
    )


def _transport(left: Callable[[], float]) -> Any:
    """google-auth's way to ask, no longer than the call may take."""
    from google.auth.transport.requests import Request

    class Within(Request):  # type: ignore[misc,unused-ignore]
        def __call__(
            self,
            url: str,
            method: str = "GET",
            body: Any = None,
            headers: Any = None,
            timeout: Any = None,
            **more: Any,
        ) -> Any:
            limit = timeout if isinstance(timeout, (int, float)) else _LONGEST_S
            limit = max(min(limit, left()), 0.001)
            ask: Any = super().__call__
            return ask(url, method, body, headers, timeout=limit, **more)

    return Within()
