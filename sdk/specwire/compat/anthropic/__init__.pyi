from ...aio.faces.anthropic import AsyncAnthropic as AsyncAnthropic
from ...aio.faces.anthropic import AsyncAnthropic as AsyncClient
from ...aio.faces.anthropic_bedrock import (
    AsyncAnthropicBedrock as AsyncAnthropicBedrock,
)
from ...aio.faces.anthropic_responses import AsyncAPIResponse as AsyncAPIResponse
from ...aio.faces.anthropic_vertex import AsyncAnthropicVertex as AsyncAnthropicVertex
from ...aio.stream import AsyncStream as AsyncStream
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
from .bedrock import AnthropicBedrock as AnthropicBedrock
from .client import Anthropic as Anthropic
from .client import Anthropic as Client
from .constants import AI_PROMPT as AI_PROMPT
from .constants import DEFAULT_CONNECTION_LIMITS as DEFAULT_CONNECTION_LIMITS
from .http_clients import DefaultAioHttpClient as DefaultAioHttpClient
from .http_clients import DefaultAsyncHttpxClient as DefaultAsyncHttpxClient
from .http_clients import DefaultHttpxClient as DefaultHttpxClient
from .responses import APIResponse as APIResponse
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
from .lib.streaming import BetaAsyncMessageStream as BetaAsyncMessageStream
from .lib.streaming import (
    BetaAsyncMessageStreamManager as BetaAsyncMessageStreamManager,
)
from .lib.streaming import (
    ParsedBetaContentBlockStopEvent as ParsedBetaContentBlockStopEvent,
)
from .lib.streaming import ParsedBetaMessageStopEvent as ParsedBetaMessageStopEvent
from .lib.streaming import ParsedBetaMessageStreamEvent as ParsedBetaMessageStreamEvent
from .lib.streaming import ParsedBetaTextEvent as ParsedBetaTextEvent
from .lib.streaming import ParsedContentBlockStopEvent as ParsedContentBlockStopEvent
from .lib.streaming import ParsedMessageStopEvent as ParsedMessageStopEvent
from .lib.streaming import ParsedMessageStreamEvent as ParsedMessageStreamEvent
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

MISSING: dict[str, str]
__title__: str
__version__: str

__all__ = [
    "APIResponse",
    "DEFAULT_CONNECTION_LIMITS",
    "DefaultHttpxClient",
    "MISSING",
    "__title__",
    "__version__",
    "Stream",
    "BaseModel",
    "transform_schema",
    "lib",
    "pagination",
    "resources",
    "types",
    "NOT_GIVEN",
    "NoneType",
    "NotGiven",
    "Omit",
    "ProxiesTypes",
    "RequestOptions",
    "Timeout",
    "Transport",
    "file_from_path",
    "not_given",
    "omit",
    "PlaceholderWarning",
    "AsyncAnthropic",
    "AsyncClient",
    "AnthropicBedrock",
    "AnthropicVertex",
    "AsyncAnthropicBedrock",
    "AsyncAnthropicVertex",
    "AsyncAPIResponse",
    "AsyncStream",
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "Anthropic",
    "Client",
    "AI_PROMPT",
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "HUMAN_PROMPT",
    "AnthropicError",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "APIWebhookValidationError",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "InternalServerError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "RateLimitError",
    "RequestTooLargeError",
    "RetryableError",
    "UnprocessableEntityError",
    "AsyncMessageStream",
    "AsyncMessageStreamManager",
    "BetaAsyncMessageStream",
    "BetaAsyncMessageStreamManager",
    "ParsedBetaContentBlockStopEvent",
    "ParsedBetaMessageStopEvent",
    "ParsedBetaMessageStreamEvent",
    "ParsedBetaTextEvent",
    "ParsedContentBlockStopEvent",
    "ParsedMessageStopEvent",
    "ParsedMessageStreamEvent",
    "BetaContentBlockStopEvent",
    "BetaInputJsonEvent",
    "BetaMessageStopEvent",
    "BetaMessageStream",
    "BetaMessageStreamEvent",
    "BetaMessageStreamManager",
    "BetaTextEvent",
    "ContentBlockStopEvent",
    "InputJsonEvent",
    "MessageStopEvent",
    "MessageStream",
    "MessageStreamEvent",
    "MessageStreamManager",
    "TextEvent",
    "ToolError",
    "beta_async_tool",
    "beta_tool",
]
