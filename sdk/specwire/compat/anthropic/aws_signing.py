"""AWS credentials and signatures, both botocore's.

Credentials are found where AWS's own tools look (arguments, environment, profiles, the
machine's role) and refreshed by botocore. Each attempt is signed anew, over the URL and
bytes that are sent: host, content type and what AWS names, and no header that a proxy
may change on the way.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ...core.auth import Scheme, Secret, Signer
from ...core.crew import here
from ...core.errors import (
    APIConnectionError,
    MissingCredentialError,
    SpecwireError,
    shortened,
)
from ...core.wire import Call
from .platforms import Held

if TYPE_CHECKING:
    import requests

_SIGNED = ("host", "content-type")
_PUT = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


class AwsKeys(Secret):
    """A pair of keys, and the token of a session where it has one."""

    __slots__ = ("access_key", "token")

    def __init__(self, access_key: str, secret_key: str, token: str | None) -> None:
        try:
            super().__init__(secret_key, name="aws_secret_key")
            self.access_key = Secret(access_key, name="aws_access_key").reveal()
            self.token = Secret(token, name="aws_session_token") if token else None
        finally:
            del secret_key, token  # what was refused must not be read from this frame

    def forms(self) -> tuple[str, ...]:
        return (self.reveal(), *(self.token.forms() if self.token else ()))


class AwsCredentials(Held):
    """Keys that were given, or where botocore finds them."""

    __slots__ = ("_chain", "_last", "given", "profile")

    def __init__(self, given: AwsKeys | None, profile: str | None) -> None:
        super().__init__()
        self.given = given
        self._last = given
        self._chain: Any = None
        self.profile = profile

    def forms(self) -> tuple[str, ...]:
        return self._last.forms() if self._last is not None else ()

    def identity(self) -> tuple[str, ...] | None:
        return self.given.forms() if self.given is not None else None

    def secret(self, call: Call, left: Callable[[], float]) -> AwsKeys:
        if self.given is not None:
            return self.given
        with self.turn(call, left):
            call.scratch[AwsCredentials] = self._chain
            self._last = keys = here().apart(self._found, call.name)
        return keys

    def dropped(self, call: Call) -> bool:
        chain = call.scratch.pop(AwsCredentials, None)
        if chain is not None and self._chain is chain:
            self._chain = None  # others may stand in the same file by now
        return chain is not None

    def _found(self, where: str) -> AwsKeys:
        from botocore.exceptions import BotoCoreError, ClientError

        failure: SpecwireError
        try:
            if self._chain is None:
                self._chain = aws_session(self.profile).get_credentials()
            if self._chain is not None:
                return AwsKeys(*self._chain.get_frozen_credentials()[:3])
            failure = MissingCredentialError(
                f"{where}: no AWS credentials; set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY or AWS_BEARER_TOKEN_BEDROCK, choose a profile, "
                "or pass aws_access_key= and aws_secret_key="
            )
        except (BotoCoreError, ClientError, OSError, ValueError) as error:
            failure = _failure(where, error)
        raise failure  # outside, or botocore's frames with the keys were its context

    def __repr__(self) -> str:
        return "AwsCredentials(***)"


def aws_session(profile: str | None) -> Any:
    """botocore's idea of the environment and of AWS's configuration files."""
    from botocore.session import Session

    return Session(profile=profile)


def _failure(where: str, error: Exception) -> SpecwireError:
    """What one of botocore's errors is to the caller; it may quote replies."""
    from botocore import exceptions as aws

    reached = (aws.HTTPClientError, aws.CredentialRetrievalError)
    if isinstance(error, (*reached, aws.MetadataRetrievalError)):
        who = shortened(str(getattr(error, "kwargs", {}).get("provider", "")), 40)
        kind = f"{type(error).__name__}{f' of {who}' if who else ''}"
        return APIConnectionError(
            f"{where}: AWS credentials could not be asked for ({kind})", started=False
        )
    if isinstance(error, aws.ClientError):
        code = shortened(str(error.response.get("Error", {}).get("Code")), 80)
        said = f"AWS refused to give credentials ({code})"
    else:
        said = f"no AWS credentials: {shortened(str(error), 200)}"
    return MissingCredentialError(f"{where}: {said}")


class SigV4(Scheme):
    """AWS Signature Version 4 for one service in one region."""

    __slots__ = ("region", "service")
    grants = True

    def __init__(self, service: str, region: str) -> None:
        super().__init__()
        self.service = service
        self.region = region

    def put(
        self, secret: Secret, headers: MutableMapping[str, str], query: dict[str, str]
    ) -> Signer:
        assert isinstance(secret, AwsKeys)
        return partial(_sign, secret, self.service, self.region)


def _sign(
    keys: AwsKeys, service: str, region: str, prepared: requests.PreparedRequest
) -> None:
    from botocore.awsrequest import AWSRequest

    signed = {
        name: value
        for name, value in prepared.headers.items()
        if name.lower() in _SIGNED or name.lower().startswith("x-amz")
    }
    request = AWSRequest(
        method=prepared.method, url=prepared.url, headers=signed, data=prepared.body
    )
    _signer(keys, service, region).add_auth(request)
    for name in _PUT:
        if name in request.headers:
            prepared.headers[name] = request.headers[name]


def _signer(keys: AwsKeys, service: str, region: str) -> Any:
    from botocore.credentials import Credentials

    token = keys.token.reveal() if keys.token else None
    pair = Credentials(keys.access_key, keys.reveal(), token)
    return _signing()(pair, service, region)


@cache
def _signing() -> Any:
    from botocore.auth import SigV4Auth

    class Unlogged(str):
        """botocore logs what it signs, and the session's token is part of that."""

        def __str__(self) -> str:
            return "(not shown)"

    class Signing(SigV4Auth):  # type: ignore[misc,unused-ignore]
        def canonical_request(self, request: Any) -> str:
            return Unlogged(super().canonical_request(request))

    return Signing
