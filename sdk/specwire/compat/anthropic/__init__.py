"""The call surface of ``anthropic`` 0.77 to 0.121, on specwire.

>>> from specwire.compat.anthropic import Anthropic
>>> client = Anthropic(api_key="...")  # doctest: +SKIP
>>> client.messages.create(  # doctest: +SKIP
...     model="claude-sonnet-4-5", max_tokens=100,
...     messages=[{"role": "user", "content": "Hello"}],
... )

What is the same, what is better and what is not there is written down in
``docs/migrating-from-anthropic.md``. The names load when they are first used (PEP 562).
"""

from __future__ import annotations

from ...core.lazily import lazily

__title__ = "anthropic"
__version__ = "0.121.0"
"""Of the call surface, for programs that ask what they may call."""

_HERE = ".compat.anthropic"
_BY_HOME = {
    f"{_HERE}._types": """
        NOT_GIVEN NoneType NotGiven Omit ProxiesTypes RequestOptions Timeout Transport
        file_from_path not_given omit
    """,
    f"{_HERE}.arguments": "PlaceholderWarning",
    f"{_HERE}.asynchronous": """
        AsyncAPIResponse AsyncAnthropic AsyncAnthropicBedrock AsyncAnthropicVertex
        AsyncStream
    """,
    f"{_HERE}.bedrock": "AnthropicBedrock",
    f"{_HERE}.client": "Anthropic",
    f"{_HERE}.constants": """
        AI_PROMPT DEFAULT_CONNECTION_LIMITS DEFAULT_MAX_RETRIES DEFAULT_TIMEOUT
        HUMAN_PROMPT
    """,
    f"{_HERE}.errors": """
        APIConnectionError APIError APIResponseValidationError APIStatusError
        APITimeoutError APIWebhookValidationError AnthropicError AuthenticationError
        BadRequestError ConflictError InternalServerError NotFoundError OverloadedError
        PermissionDeniedError RateLimitError RequestTooLargeError RetryableError
        UnprocessableEntityError
    """,
    f"{_HERE}.http_clients": """
        DefaultAioHttpClient DefaultAsyncHttpxClient DefaultHttpxClient
    """,
    f"{_HERE}.lib.streaming": """
        AsyncMessageStream AsyncMessageStreamManager BetaAsyncMessageStream
        BetaAsyncMessageStreamManager BetaContentBlockStopEvent BetaInputJsonEvent
        BetaMessageStopEvent BetaMessageStream BetaMessageStreamEvent
        BetaMessageStreamManager BetaTextEvent ContentBlockStopEvent InputJsonEvent
        MessageStopEvent MessageStream MessageStreamEvent MessageStreamManager
        ParsedBetaContentBlockStopEvent ParsedBetaMessageStopEvent
        ParsedBetaMessageStreamEvent ParsedBetaTextEvent ParsedContentBlockStopEvent
        ParsedMessageStopEvent ParsedMessageStreamEvent TextEvent
    """,
    f"{_HERE}.lib.tools": "ToolError beta_async_tool beta_tool",
    f"{_HERE}.responses": "APIResponse",
    f"{_HERE}.vertex": "AnthropicVertex",
    ".core.stream": "Stream",
    ".structured": "transform_schema",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}
_HOMES |= {
    "AsyncClient": f"{_HERE}.asynchronous:AsyncAnthropic",
    "BaseModel": ".core.types:Model",
    "Client": f"{_HERE}.client:Anthropic",
    "lib": f"{_HERE}.lib:*",
    "pagination": f"{_HERE}.pagination:*",
    "resources": f"{_HERE}.resources:*",
    "types": f"{_HERE}.types:*",
}
_MISSING_BY_REASON = {
    "of the platforms, Bedrock and Vertex alone are there": """
        AnthropicAWS AnthropicBedrockMantle AnthropicFoundry AnthropicGoogleCloud
        AsyncAnthropicAWS AsyncAnthropicBedrockMantle AsyncAnthropicFoundry
        AsyncAnthropicGoogleCloud
    """,
    "hooks of specwire.Client do the work of middleware": """
        APIRequest AsyncCallNext AsyncMiddlewareCallable BetaFallbackState
        BetaRefusalFallbackMiddleware CallNext Middleware MiddlewareCallable
        MiddlewareInput
    """,
    "keys and tokens are given or read from the environment; nothing logs in": """
        AccessToken AccessTokenAuth AccessTokenProvider CredentialResult CredentialsFile
        EnvToken IdentityTokenFile IdentityTokenProvider InMemoryConfig StaticToken
        TokenCache WorkloadIdentityCredentials WorkloadIdentityError
        default_credentials exchange_federation_assertion
    """,
}
MISSING = {
    name: reason
    for reason, names in _MISSING_BY_REASON.items()
    for name in names.split()
}
__all__ = ["__title__", "__version__", *_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES, MISSING)
