"""``AnthropicVertex``: the Messages API as Google's Vertex AI serves it.

The extra ``vertex`` brings google-auth, which finds credentials and gets tokens. Vertex
has messages, streamed or not, and token counts; it has no batches, files and models of
this API, and says so before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from ...core.auth import Bearer, Secret, Service
from ...core.errors import APIStatusError, RequestValidationError
from ...core.types import UNSET, Timeout, Unset
from ...core.wire import Call, Reply
from .constants import DEFAULT_MAX_RETRIES
from .google_tokens import GoogleCredentials
from .platforms import (
    COUNT_TOKENS,
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

_PLACE: Final = "ANTHROPIC_VERTEX_BASE_URL"
_PROJECT: Final = "ANTHROPIC_VERTEX_PROJECT_ID"
_HOSTS: Final = {
    "global": "aiplatform.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
}


class GoogleBearer(Bearer):
    """A bearer token that google-auth gets."""

    __slots__ = ()
    grants = True


class VertexEngine(PlatformEngine):
    """Sends calls of messages as raw predictions of a model."""

    platform = "Google Vertex AI"
    version = "vertex-2023-10-16"
    offers = frozenset({MESSAGES, COUNT_TOKENS})

    def place(self, region: str, project: str | None, key: Any) -> None:
        """Whose calls these are, where nothing else is said, and where they go."""
        self._region, self._project, self._key = region, project, key

    def path(self, call: Call, body: dict[str, Any], headers: dict[str, str]) -> str:
        project = segment(call, "project_id", self._of(call), ":")
        there = f"/projects/{project}/locations/{self._region}/publishers/anthropic"
        if call.operation.path == COUNT_TOKENS:
            return f"{there}/models/count-tokens:rawPredict"
        model = segment(call, "model", body.pop("model", None), "@")
        if body.get("stream"):
            return f"{there}/models/{model}:streamRawPredict"
        body.pop("stream", None)
        return f"{there}/models/{model}:rawPredict"

    def _of(self, call: Call) -> str:
        """The project; that of the machine's credentials where none was given."""
        if not self._project and isinstance(self._key, GoogleCredentials):
            self._project = self._key.project(call, lambda: self.remaining_s(call))
        if not self._project:
            raise RequestValidationError(
                f"{call.name}: no Google project; pass project_id= or set "
                "ANTHROPIC_VERTEX_PROJECT_ID"
            )
        return self._project

    def _status_error(self, call: Call, reply: Reply) -> APIStatusError:
        error = super()._status_error(call, reply)
        body = error.body
        if isinstance(body, list) and len(body) == 1:
            body = body[0]  # streams wrap what they say in an array
        said = body.get("error") if isinstance(body, dict) else None
        if isinstance(said, dict) and isinstance(said.get("status"), str):
            error.code = error.code or said["status"]
        return error


class AnthropicVertex(PlatformClient):
    """The client of the Messages API on Google's Vertex AI.

    >>> client = AnthropicVertex(region="global", project_id="mine")  # doctest: +SKIP
    >>> message = client.messages.create(  # doctest: +SKIP
    ...     model="claude-sonnet-4-5@20250929", max_tokens=100,
    ...     messages=[{"role": "user", "content": "Hello"}],
    ... )

    :param region: else ``CLOUD_ML_REGION``; ``global``, ``us`` and ``eu`` have hosts
        of their own.
    :param project_id: else ``ANTHROPIC_VERTEX_PROJECT_ID``, else that of the machine's
        credentials.
    :param access_token: a token that you refresh yourself.
    :param credentials: google-auth's; without them or a token google-auth looks for
        the machine's own when a call needs them.
    :param base_url: else ``ANTHROPIC_VERTEX_BASE_URL``, else the region's.
    :raises ValueError: without a region.
    :raises ImportError: without the extra, where it is needed.

    The other settings are those of ``Anthropic``.
    """

    _sends = VertexEngine

    def __init__(
        self,
        *,
        region: str | Unset | None = UNSET,
        project_id: str | Unset | None = UNSET,
        access_token: str | None = None,
        credentials: Any = None,
        base_url: Any = None,
        timeout: float | Timeout | Unset | Any | None = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, object] | None = None,
        http_client: Any = None,
        middleware: Any = None,
        long_requests: Literal["refuse", "allow"] = "refuse",
        _strict_response_validation: bool = False,
    ) -> None:
        try:
            self._key = _key(access_token, credentials)
        finally:
            del access_token, credentials  # not to be read from a traceback
        found = _text(region) or from_variable("CLOUD_ML_REGION")
        if not found:
            raise ValueError("no region; pass region= or set CLOUD_ML_REGION")
        self.project_id = _text(project_id) or from_variable(_PROJECT)
        self.region = region_label("region", found)
        self._begin(
            _SERVICE,
            self._key,
            str(base_url or from_variable(_PLACE) or _url(self.region)),
            timeout=timeout,
            max_retries=max_retries,
            default_headers=default_headers,
            default_query=default_query,
            http_client=http_client,
            middleware=middleware,
            long_requests=long_requests,
        )
        self._settle()

    def copy(
        self,
        *,
        region: str | Unset | None = UNSET,
        project_id: str | Unset | None = UNSET,
        access_token: str | None = None,
        credentials: Any = None,
        base_url: Any = None,
        **settings: Any,
    ) -> Self:
        """A client with other settings; without other credentials it shares those.

        :param settings: those of :meth:`Anthropic.copy`.
        """
        try:
            other_key = bool(access_token) or credentials is not None
            key = _key(access_token, credentials) if other_key else self._key
        finally:
            del access_token, credentials
        there = region_label("region", _text(region) or self.region)
        if not base_url and self.base_url == _url(self.region):
            base_url = _url(there)
        other = self._copied({**settings, "base_url": base_url})
        other._key, other.region = key, there
        other.project_id = _text(project_id) or self.project_id
        if other_key or _text(region) or _text(project_id):
            other._begin_again(_SERVICE, key)
            other._settle()
        return other

    with_options = copy

    @property
    def access_token(self) -> str | None:
        """The token that was given; another one counts from the next attempt on."""
        return self._key.reveal() if isinstance(self._key, Secret) else None

    @access_token.setter
    def access_token(self, token: str) -> None:
        try:
            self._key = Secret(token, name="access_token")
        finally:
            del token
        self._begin_again(_SERVICE, self._key)
        self._settle()

    @property
    def credentials(self) -> Any:
        """google-auth's credentials, given or found so far."""
        return self._key.found if isinstance(self._key, GoogleCredentials) else None

    def _settle(self) -> None:
        assert isinstance(self._engine, VertexEngine)
        self._engine.place(self.region, self.project_id, self._key)


_SERVICE: Final = Service(
    "anthropic", base_url="", schemes={"google": GoogleBearer()}, auth=(("google",),)
)


def _url(region: str) -> str:
    return f"https://{_HOSTS.get(region, f'{region}-aiplatform.googleapis.com')}/v1"


def _key(access_token: str | None, credentials: Any) -> Secret | GoogleCredentials:
    try:
        if access_token:
            return Secret(access_token, name="access_token")
        required("google.auth", "AnthropicVertex", "vertex")
        return GoogleCredentials(credentials)
    finally:
        del access_token, credentials


def _text(value: Any) -> str | None:
    """What was given; ``None`` for nothing in its several forms."""
    return value if isinstance(value, str) and value.strip() else None
