"""``AnthropicBedrock``: the Messages API as Amazon Bedrock serves it.

The extra ``bedrock`` brings botocore, which finds credentials, signs, and reads AWS's
event streams. Bedrock has messages, streamed or not; it has no batches, files, models
or token counts of this API, and says so before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...core.auth import Bearer, Secret, Service, from_env
from ...core.errors import APIStatusError
from ...core.types import UNSET, Timeout, Unset
from ...core.wire import Call, Reply
from . import aws_frames
from .aws_signing import AwsCredentials, AwsKeys, SigV4, aws_session
from .constants import DEFAULT_MAX_RETRIES
from .platforms import (
    MESSAGES,
    PlatformClient,
    PlatformEngine,
    from_variable,
    region_label,
    required,
    segment,
)

if TYPE_CHECKING:
    from typing_extensions import Self

_DEFAULT_REGION: Final = "us-east-1"
_BETAS: Final = "anthropic-beta"
_KEY: Final = "AWS_BEARER_TOKEN_BEDROCK"
_Given: TypeAlias = "tuple[str | None, str | None, str | None]"
_PLACE: Final = "ANTHROPIC_BEDROCK_BASE_URL"


class BedrockEngine(PlatformEngine):
    """Sends calls of messages as invocations of a model."""

    platform = "Amazon Bedrock"
    version = "bedrock-2023-05-31"
    offers = frozenset({MESSAGES})

    def path(self, call: Call, body: dict[str, Any], headers: dict[str, str]) -> str:
        model = segment(call, "model", body.pop("model", None), ":")
        _move_betas(body, headers)
        if not body.pop("stream", False):
            return f"/model/{model}/invoke"
        headers["Accept"] = aws_frames.MEDIA
        headers["X-Amzn-Bedrock-Accept"] = "application/json"
        return f"/model/{model}/invoke-with-response-stream"

    def refused(self, reply: Reply) -> bool:
        return _kind(reply).startswith("ExpiredToken")

    def _status_error(self, call: Call, reply: Reply) -> APIStatusError:
        error = super()._status_error(call, reply)
        if error.code is None:
            error.code = _kind(reply) or None
        return error


def _kind(reply: Reply) -> str:
    # "ThrottlingException:http://internal.amazon.com/..."
    return reply.headers.get("x-amzn-errortype", "").partition(":")[0]


def _move_betas(body: dict[str, Any], headers: dict[str, str]) -> None:
    """Put what the header asks for into the body, where Bedrock reads it."""
    name = next((name for name in headers if name.lower() == _BETAS), None)
    betas = headers.pop(name).split(",") if name is not None else []
    asked = [beta.strip() for beta in betas if beta.strip()]
    if asked:
        given = body.get("anthropic_beta")
        given = given if isinstance(given, list) else []
        body["anthropic_beta"] = list(dict.fromkeys([*given, *asked]))


class AnthropicBedrock(PlatformClient):
    """The client of the Messages API on Amazon Bedrock.

    >>> client = AnthropicBedrock(aws_region="eu-central-1")  # doctest: +SKIP
    >>> message = client.messages.create(  # doctest: +SKIP
    ...     model="anthropic.claude-sonnet-4-5-20250929-v1:0", max_tokens=100,
    ...     messages=[{"role": "user", "content": "Hello"}],
    ... )

    :param aws_secret_key: with ``aws_access_key``, and ``aws_session_token`` for keys
        of a session; without them botocore looks where AWS's tools do, when a call
        needs it, and refreshes what expires.
    :param aws_region: else ``AWS_REGION``, else what AWS's configuration says
        (``AWS_DEFAULT_REGION``, the profile), else us-east-1.
    :param aws_profile: a profile of AWS's configuration.
    :param api_key: a key of Bedrock's own, sent as a bearer token; else
        ``AWS_BEARER_TOKEN_BEDROCK``, where no AWS credentials were given.
    :param base_url: else ``ANTHROPIC_BEDROCK_BASE_URL``, else the region's.
    :raises ValueError: for a key and credentials at once, or half a pair of keys.
    :raises ImportError: without the extra.

    The other settings are those of ``Anthropic``.
    """

    _sends = BedrockEngine

    def __init__(
        self,
        aws_secret_key: str | None = None,
        aws_access_key: str | None = None,
        aws_region: str | None = None,
        aws_profile: str | None = None,
        aws_session_token: str | None = None,
        api_key: str | None = None,
        base_url: Any = None,
        timeout: float | Timeout | Unset | Any | None = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, object] | None = None,
        http_client: Any = None,
        middleware: Any = None,
        *,
        long_requests: Literal["refuse", "allow"] = "refuse",
        _strict_response_validation: bool = False,
    ) -> None:
        required("botocore", "AnthropicBedrock", "bedrock")
        given = (aws_access_key, aws_secret_key, aws_session_token)
        del aws_secret_key, aws_session_token  # not to be read from a traceback
        try:
            self._key = _key(given, aws_profile, api_key)
        finally:
            del given, api_key
        self.aws_profile = aws_profile
        self.aws_region = region_label("aws_region", aws_region or _region(aws_profile))
        self._begin(
            _service(self.aws_region, self._key),
            self._key,
            str(base_url or from_variable(_PLACE) or _url(self.aws_region)),
            timeout=timeout,
            max_retries=max_retries,
            default_headers=default_headers,
            default_query=default_query,
            http_client=http_client,
            middleware=middleware,
            long_requests=long_requests,
        )

    def copy(
        self,
        *,
        aws_secret_key: str | None = None,
        aws_access_key: str | None = None,
        aws_region: str | None = None,
        aws_profile: str | None = None,
        aws_session_token: str | None = None,
        api_key: str | None = None,
        base_url: Any = None,
        **settings: Any,
    ) -> Self:
        """A client with other settings; without other credentials it shares those.

        :param settings: those of :meth:`Anthropic.copy`.
        """
        given: _Given = (aws_access_key, aws_secret_key, aws_session_token)
        del aws_secret_key, aws_session_token
        try:
            if any(given) and not (given[0] and given[1]):
                given = (
                    given[0] or self.aws_access_key,
                    given[1] or self.aws_secret_key,
                    given[2] or self.aws_session_token,
                )
            other_key = any(given) or api_key or aws_profile
            key = _key(given, aws_profile, api_key) if other_key else self._key
        finally:
            del given, api_key
        region = region_label("aws_region", aws_region or self.aws_region)
        if not base_url and self.base_url == _url(self.aws_region):
            base_url = _url(region)
        other = self._copied({**settings, "base_url": base_url})
        other._key, other.aws_region = key, region
        other.aws_profile = aws_profile or self.aws_profile
        if other_key or aws_region:
            other._begin_again(_service(region, key), key)
        return other

    with_options = copy

    @property
    def aws_access_key(self) -> str | None:
        """The id of the keys that were given."""
        keys = self._keys
        return keys.access_key if keys else None

    @property
    def aws_secret_key(self) -> str | None:
        """What was given; nothing of it is in ``repr`` or ``vars``."""
        keys = self._keys
        return keys.reveal() if keys else None

    @property
    def aws_session_token(self) -> str | None:
        keys = self._keys
        return keys.token.reveal() if keys and keys.token else None

    @property
    def api_key(self) -> str | None:
        """Bedrock's own key, given or from its variable."""
        return self._key.reveal() if isinstance(self._key, Secret) else None

    @api_key.setter
    def api_key(self, key: str | None) -> None:
        try:
            self._key = _key((None, None, None), self.aws_profile, key)
        finally:
            del key
        self._begin_again(_service(self.aws_region, self._key), self._key)

    @property
    def _keys(self) -> AwsKeys | None:
        return self._key.given if isinstance(self._key, AwsCredentials) else None


def _key(
    given: _Given, profile: str | None, api_key: str | None
) -> Secret | AwsCredentials:
    """What calls are signed or sent with, without its values in a traceback."""
    access, secret, token = given
    named = any(given) or bool(profile)
    both, half = bool(api_key) and named, not (access and secret) and any(given)
    try:
        if not (both or half):
            if api_key:
                return Secret(api_key, name="api_key")
            if access and secret:
                return AwsCredentials(AwsKeys(access, secret, token), profile)
            found = None if named else from_env(_KEY)
            return found or AwsCredentials(None, profile)
    finally:
        del given, access, secret, token, api_key
    if both:
        raise ValueError("api_key and AWS credentials cannot be used together")
    raise ValueError("aws_access_key and aws_secret_key go together")


def _region(profile: str | None) -> str:
    """The region that AWS's own settings name, looked up as its tools do."""
    named = from_variable("AWS_REGION")
    if named:
        return named
    from botocore.exceptions import BotoCoreError

    try:
        found = aws_session(profile).get_config_variable("region")
    except BotoCoreError:
        found = None  # a profile that is not there is said when it is used
    return str(found or _DEFAULT_REGION)


def _url(region: str) -> str:
    return f"https://bedrock-runtime.{region}.amazonaws.com"


def _service(region: str, key: Secret | AwsCredentials) -> Service:
    signed = isinstance(key, AwsCredentials)
    scheme = SigV4("bedrock", region) if signed else Bearer()
    return Service("anthropic", base_url="", schemes={"key": scheme}, auth=(("key",),))
