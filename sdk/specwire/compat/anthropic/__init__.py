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

from ..lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...core.stream import Stream as Stream
    from ...core.types import Model as BaseModel
    from ...structured import transform_schema as transform_schema
    from . import lib as lib
    from . import pagination as pagination
    from . import resources as resources
    from . import types as types
    from ._types import NOT_GIVEN as NOT_GIVEN
    from ._types import NoneType as NoneType
    from ._types import NotGiven as NotGiven
    from ._types import Omit as Omit
    from ._types import ProxiesTypes as ProxiesTypes
    from ._types import RequestOptions as RequestOptions
    from ._types import Timeout as Timeout
    from ._types import Transport as Transport
    from ._types import file_from_path as file_from_path
    from ._types import not_given as not_given
    from ._types import omit as omit
    from .arguments import PlaceholderWarning as PlaceholderWarning
    from .asynchronous import AsyncAnthropic as AsyncAnthropic
    from .asynchronous import AsyncAnthropic as AsyncClient
    from .asynchronous import AsyncAnthropicBedrock as AsyncAnthropicBedrock
    from .asynchronous import AsyncAnthropicVertex as AsyncAnthropicVertex
    from .asynchronous import AsyncAPIResponse as AsyncAPIResponse
    from .asynchronous import AsyncStream as AsyncStream
    from .asynchronous import DefaultAioHttpClient as DefaultAioHttpClient
    from .asynchronous import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
    from .bedrock import AnthropicBedrock as AnthropicBedrock
    from .client import Anthropic as Anthropic
    from .client import Anthropic as Client
    from .constants import AI_PROMPT as AI_PROMPT
    from .constants import DEFAULT_MAX_RETRIES as DEFAULT_MAX_RETRIES
    from .constants import DEFAULT_TIMEOUT as DEFAULT_TIMEOUT
    from .constants import HUMAN_PROMPT as HUMAN_PROMPT
    from .errors import AnthropicError as AnthropicError
    from .errors import APIConnectionError as APIConnectionError
    from .errors import APIError as APIError
    from .errors import APIResponseValidationError as APIResponseValidationError
    from .errors import APIStatusError as APIStatusError
    from .errors import APITimeoutError as APITimeoutError
    from .errors import APIWebhookValidationError as APIWebhookValidationError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import BadRequestError as BadRequestError
    from .errors import ConflictError as ConflictError
    from .errors import InternalServerError as InternalServerError
    from .errors import NotFoundError as NotFoundError
    from .errors import OverloadedError as OverloadedError
    from .errors import PermissionDeniedError as PermissionDeniedError
    from .errors import RateLimitError as RateLimitError
    from .errors import RequestTooLargeError as RequestTooLargeError
    from .errors import RetryableError as RetryableError
    from .errors import UnprocessableEntityError as UnprocessableEntityError
    from .lib.streaming import AsyncMessageStream as AsyncMessageStream
    from .lib.streaming import AsyncMessageStreamManager as AsyncMessageStreamManager
    from .lib.streaming import BetaContentBlockStopEvent as BetaContentBlockStopEvent
    from .lib.streaming import BetaInputJsonEvent as BetaInputJsonEvent
    from .lib.streaming import BetaMessageStopEvent as BetaMessageStopEvent
    from .lib.streaming import BetaMessageStream as BetaMessageStream
    from .lib.streaming import BetaMessageStreamEvent as BetaMessageStreamEvent
    from .lib.streaming import BetaMessageStreamManager as BetaMessageStreamManager
    from .lib.streaming import BetaTextEvent as BetaTextEvent
    from .lib.streaming import ContentBlockStopEvent as ContentBlockStopEvent
    from .lib.streaming import InputJsonEvent as InputJsonEvent
    from .lib.streaming import MessageStopEvent as MessageStopEvent
    from .lib.streaming import MessageStream as MessageStream
    from .lib.streaming import MessageStreamEvent as MessageStreamEvent
    from .lib.streaming import MessageStreamManager as MessageStreamManager
    from .lib.streaming import TextEvent as TextEvent
    from .lib.tools import ToolError as ToolError
    from .lib.tools import beta_async_tool as beta_async_tool
    from .lib.tools import beta_tool as beta_tool
    from .vertex import AnthropicVertex as AnthropicVertex

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
        AsyncStream DefaultAioHttpClient DefaultAsyncHttpxClient
    """,
    f"{_HERE}.bedrock": "AnthropicBedrock",
    f"{_HERE}.client": "Anthropic",
    f"{_HERE}.constants": "AI_PROMPT DEFAULT_MAX_RETRIES DEFAULT_TIMEOUT HUMAN_PROMPT",
    f"{_HERE}.errors": """
        APIConnectionError APIError APIResponseValidationError APIStatusError
        APITimeoutError APIWebhookValidationError AnthropicError AuthenticationError
        BadRequestError ConflictError InternalServerError NotFoundError OverloadedError
        PermissionDeniedError RateLimitError RequestTooLargeError RetryableError
        UnprocessableEntityError
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
