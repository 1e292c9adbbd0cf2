"""What the public documents call things, what ours call them, and why they differ.

The tables are data for ``compare``. Most names follow from a rule; the rest follow the
vendor's own Python client, so that programs and people find what they know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen


@frozen
class Explained:
    """A difference that is meant. ``where`` and ``what`` are shell patterns."""

    where: str
    what: str
    reason: str


@frozen
class Comparison:
    """One of our documents, the public one it stands for, and what lies between."""

    ours: str
    theirs: str
    operations: Mapping[str, str]
    """Their operationId -> ours."""
    roots: tuple[str, ...] = ()
    """Their schemas that no operation refers to and that ours has all the same."""
    names: Mapping[str, str | None] = {}
    """Their schema -> ours where no rule says it; None: has no name in ours."""
    explained: tuple[Explained, ...] = ()


def our_name(theirs: str, table: Mapping[str, str | None]) -> str | None:
    """Our name for their schema; None if ours has it without a name.

    >>> our_name("RequestTextBlock", {}), our_name("ResponseTextBlock", {})
    ('TextBlockParam', 'TextBlock')
    """
    if theirs in table:
        return table[theirs]
    if theirs.startswith("Beta"):
        return our_name(theirs.removeprefix("Beta"), table)
    if match := re.fullmatch(r"(\w+Tool)_(\d{8})", theirs):
        return f"{match[1]}{match[2]}Param"
    if match := re.fullmatch(r"Request(\w+)LocationCitation", theirs):
        return f"Citation{match[1]}LocationParam"
    if match := re.fullmatch(r"Response(\w+)LocationCitation", theirs):
        return f"Citation{match[1]}Location"
    if theirs.startswith("Request") and theirs != "RequestCounts":
        return f"{theirs.removeprefix('Request')}Param"
    return theirs.removeprefix("Response")


_TOOLS = "tool definitions stay open: they gain members more often than anything"
_REPLIES = "also in replies, which are never closed"

_TWINS = "the beta twin has it too, and the twins share the schema"
_PLAIN = "the plain twin does without it, and the twins share the schema"
_CALLER = "the plain twin always has a caller, and the twins share the schema"
_BETAS = "a list here, so that callers need not join names by commas"

_NAMES: dict[str, str | None] = {
    "JsonValue": None,
    "IterationsUsage": None,
    # requests
    "Model": "ModelId",
    "InputMessage": "MessageParam",
    "InputContentBlock": "ContentBlockParam",
    "InputSchema": "ToolInputSchema",
    "Metadata": "MetadataParam",
    "OutputConfig": "OutputConfigParam",
    "JsonOutputFormat": "JSONOutputFormatParam",
    "CacheControlEphemeral": "CacheControlEphemeralParam",
    "UserLocation": "UserLocationParam",
    "Base64ImageSource": "Base64ImageSourceParam",
    "URLImageSource": "URLImageSourceParam",
    "URLPDFSource": "URLPDFSourceParam",
    "ContentBlockSource": "ContentBlockSourceParam",
    "FileImageSource": "FileImageSourceParam",
    "FileDocumentSource": "FileDocumentSourceParam",
    "ToolChangeToolReference": "ToolChangeToolReferenceParam",
    "ToolChangeMCPToolReference": "ToolChangeMCPToolReferenceParam",
    "ToolChangeMCPToolsetReference": "ToolChangeMCPToolsetReferenceParam",
    "ThinkingConfigEnabled": "ThinkingConfigEnabledParam",
    "ThinkingConfigDisabled": "ThinkingConfigDisabledParam",
    "ThinkingConfigAdaptive": "ThinkingConfigAdaptiveParam",
    "BetaCreateMessageParams": "CreateBetaMessageParams",
    "BetaCountMessageTokensParams": "CountBetaMessageTokensParams",
    "BetaCreateMessageBatchParams": "CreateBetaMessageBatchParams",
    "BetaMessageBatchIndividualRequestParams": (
        "BetaMessageBatchIndividualRequestParams"
    ),
    "ContextManagementConfig": "ContextManagementConfigParam",
    "ClearToolUses20250919": "ClearToolUses20250919EditParam",
    "ClearThinking20251015": "ClearThinking20251015EditParam",
    "Compact20260112": "Compact20260112EditParam",
    "InputTokensClearAtLeast": "InputTokensClearAtLeastParam",
    "InputTokensTrigger": "InputTokensTriggerParam",
    "ToolUsesKeep": "ToolUsesKeepParam",
    "ToolUsesTrigger": "ToolUsesTriggerParam",
    "ThinkingTurns": "ThinkingTurnsParam",
    "AllThinkingTurns": "AllThinkingTurnsParam",
    "FallbackConfigV2": "FallbackConfigParam",
    "TokenTaskBudget": "TokenTaskBudgetParam",
    "Tool": "ToolParam",
    "ToolChoice": "ToolChoiceParam",
    "ToolChoiceAny": "ToolChoiceAnyParam",
    "ToolChoiceAuto": "ToolChoiceAutoParam",
    "ToolChoiceNone": "ToolChoiceNoneParam",
    "ToolChoiceTool": "ToolChoiceToolParam",
    "BashTool_20241022": "ToolBash20241022Param",
    "ComputerUseTool_20241022": "ToolComputerUse20241022Param",
    "ComputerUseTool_20250124": "ToolComputerUse20250124Param",
    "ComputerUseTool_20251124": "ToolComputerUse20251124Param",
    "TextEditor_20241022": "ToolTextEditor20241022Param",
    "MCPToolset": "MCPToolsetParam",
    "MCPToolConfig": "MCPToolConfigParam",
    "MCPToolDefaultConfig": "MCPToolDefaultConfigParam",
    "BashTool_20250124": "ToolBash20250124Param",
    "TextEditor_20250124": "ToolTextEditor20250124Param",
    "TextEditor_20250429": "ToolTextEditor20250429Param",
    "TextEditor_20250728": "ToolTextEditor20250728Param",
    "ToolSearchToolBM25_20251119": "ToolSearchToolBm25_20251119Param",
    "ToolSearchToolRegex_20251119": "ToolSearchToolRegex20251119Param",
    "ServerToolCaller_20260120": "ServerToolCaller20260120",
    "RequestWebFetchResultBlock": "WebFetchBlockParam",
    "RequestWebFetchToolResultError": "WebFetchToolResultErrorBlockParam",
    "RequestWebSearchToolResultError": "WebSearchToolRequestErrorParam",
    # replies
    "ResponseWebFetchResultBlock": "WebFetchBlock",
    "ResponseWebFetchToolResultError": "WebFetchToolResultErrorBlock",
    "ResponseWebSearchResultLocationCitation": "CitationsWebSearchResultLocation",
    "ResponseSearchResultLocationCitation": "CitationsSearchResultLocation",
    "ResponseContextManagement": "ContextManagementResponse",
    "ContextManagementResponse": "CountTokensContextManagementResponse",
    "ResponseClearToolUses20250919Edit": "ClearToolUses20250919EditResponse",
    "ResponseClearThinking20251015Edit": "ClearThinking20251015EditResponse",
    "CompactionContentBlockDelta": "CompactionDelta",
    "CountMessageTokensResponse": "MessageTokensCount",
    "TextContentBlockDelta": "TextDelta",
    "InputJsonContentBlockDelta": "InputJSONDelta",
    "ThinkingContentBlockDelta": "ThinkingDelta",
    "SignatureContentBlockDelta": "SignatureDelta",
    "RequestCounts": "MessageBatchRequestCounts",
    "ListResponse_MessageBatch_": "MessageBatchList",
    "ListResponse_ModelInfo_": "ModelList",
    "SucceededResult": "MessageBatchSucceededResult",
    "ErroredResult": "MessageBatchErroredResult",
    "CanceledResult": "MessageBatchCanceledResult",
    "ExpiredResult": "MessageBatchExpiredResult",
    "DeleteMessageBatchResponse": "DeletedMessageBatch",
    "BetaFileMetadataSchema": "FileMetadata",
    "BetaFileListResponse": "FileList",
    "BetaFileDeleteResponse": "DeletedFile",
    "APIError": "APIErrorObject",
}

_EXPLAINED = (
    Explained(
        "*",
        "parameter anthropic-version*",
        "a constant of the service, sent with every call",
    ),
    Explained("*", "parameter x-api-key*", "a security scheme, in the overlay"),
    Explained("*", "parameter anthropic-beta*", _BETAS),
    Explained(
        "MessageStreamEvent",
        "form*",
        "ping and error are sent too, though the public document leaves them out",
    ),
    Explained(
        "Tool[BST]*20*Param",
        "extra members*",
        _TOOLS,
    ),
    Explained(
        "*Tool20*Param",
        "extra members*",
        _TOOLS,
    ),
    Explained("ToolParam", "extra members*", _TOOLS),
    Explained("*Caller*", "extra members*", _REPLIES),
    Explained(
        "Base64PDFSource",
        "extra members*",
        _REPLIES,
    ),
    Explained(
        "PlainTextSource",
        "extra members*",
        _REPLIES,
    ),
)
_BETA_TOOLS = (
    Explained("ToolComputerUse*Param", "extra members*", _TOOLS),
    Explained("MCPToolsetParam", "extra members*", _TOOLS),
)
_OF_BETA = (
    ("OutputConfigParam", "property task_budget*theirs is absent"),
    ("*MessageTokensParams", "property tools*"),
    ("CreateMessageParams", "property tools*"),
    ("MessageParam", "property content*"),
    ("ContentBlockParam", "form*"),
    ("ImageBlockParam", "property source*"),
    ("DocumentBlockParam", "property source*"),
    ("ServerToolUseBlock*", "property name*"),
    ("Message", "property content is*"),
    ("Message", "property context_management*theirs is absent"),
    ("Message", "property diagnostics*theirs is absent"),
    ("MessageTokensCount", "property context_management*theirs is absent"),
    ("ContentBlock", "form*"),
    ("StopReason", "form*"),
    ("RefusalStopDetails", "property *theirs is absent"),
    ("Container", "property skills*theirs is absent"),
    ("*Usage", "property fallback_credit*theirs is absent"),
    ("*Usage", "property iterations*theirs is absent"),
    ("Usage", "property speed*theirs is absent"),
    ("MessageDeltaEvent", "property context_management*theirs is absent"),
    ("ContentBlockStartEvent", "property content_block*"),
    ("ContentBlockDeltaEvent", "property delta*"),
    ("ThinkingDelta", "property estimated_tokens*theirs is absent"),
    ("ModelInfo", "property allowed_fallback_models*theirs is absent"),
)
"""What our schemas have for the beta twin; whether it is right, its table shows."""
_NOT_REQUIRED = (
    "Message",
    "MessageTokensCount",
    "RefusalStopDetails",
    "Container",
    "*Usage",
    "MessageDeltaEvent",
    "ThinkingDelta",
    "ModelInfo",
)


ANTHROPIC = Comparison(
    ours="anthropic.yaml",
    theirs="anthropic.json",
    operations={
        "messages_post": "createMessage",
        "messages_count_tokens_post": "countMessageTokens",
        "message_batches_post": "createMessageBatch",
        "message_batches_list": "listMessageBatches",
        "message_batches_retrieve": "retrieveMessageBatch",
        "message_batches_delete": "deleteMessageBatch",
        "message_batches_cancel": "cancelMessageBatch",
        "message_batches_results": "retrieveMessageBatchResults",
        "beta_upload_file_v1_files_post": "uploadFile",
        "beta_list_files_v1_files_get": "listFiles",
        "beta_get_file_metadata_v1_files__file_id__get": "retrieveFileMetadata",
        "beta_delete_file_v1_files__file_id__delete": "deleteFile",
        "beta_download_file_v1_files__file_id__content_get": "downloadFile",
        "models_list": "listModels",
        "models_get": "retrieveModel",
    },
    roots=("MessageStreamEvent",),
    names=_NAMES,
    explained=(
        *_EXPLAINED,
        *(Explained(where, what, _TWINS) for where, what in _OF_BETA),
        Explained(
            "downloadFile",
            "reply*",
            "bytes are said to be bytes (format: binary), so that nothing decodes them",
        ),
    ),
)

ANTHROPIC_BETA = Comparison(
    ours="anthropic.yaml",
    theirs="anthropic.json",
    operations={
        "beta_messages_post": "createBetaMessage",
        "beta_messages_count_tokens_post": "countBetaMessageTokens",
        "beta_message_batches_post": "createBetaMessageBatch",
        "beta_message_batches_list": "listBetaMessageBatches",
        "beta_message_batches_retrieve": "retrieveBetaMessageBatch",
        "beta_message_batches_delete": "deleteBetaMessageBatch",
        "beta_message_batches_cancel": "cancelBetaMessageBatch",
        "beta_message_batches_results": "retrieveBetaMessageBatchResults",
        "beta_models_list": "listBetaModels",
        "beta_models_get": "retrieveBetaModel",
    },
    roots=("BetaMessageStreamEvent",),
    names=_NAMES,
    explained=(
        *_EXPLAINED,
        *_BETA_TOOLS,
        *(Explained(name, "required*", _PLAIN) for name in _NOT_REQUIRED),
        Explained("*Block", "property caller*", _CALLER),
        Explained("*Block", "required*", _CALLER),
    ),
)

_OLDER = "older servers send this, and the public document leaves it out"
_NEWER = "servers send this, and the public document leaves it out"
_ALWAYS = "every server sends it"

SIM = Comparison(
    ours="sim.yaml",
    theirs="sim-core.json",
    operations={
        "executeWorkflow": "executeWorkflow",
        "getJobStatus": "getJob",
        "getUsageLimits": "getUsageLimits",
    },
    names={"ExecutionResult": "WorkflowExecutionResult"},
    explained=(
        Explained(
            "executeWorkflow",
            "request*",
            "the input may be anything and may stand at the root; triggerType is fixed",
        ),
        Explained("executeWorkflow", "parameter X-Execution-*", _NEWER),
        Explained(
            "WorkflowExecutionResult",
            "required*",
            "every server sends it, unless the author replaced the whole reply",
        ),
        Explained(
            "WorkflowExecutionResult", "property output*", "the author chooses the form"
        ),
        Explained(
            "WorkflowExecutionResult",
            "property metadata*",
            "has more members than named",
        ),
        Explained("WorkflowExecutionResult", "property logs*", _OLDER),
        Explained("WorkflowExecutionResult", "property traceSpans*", _OLDER),
        Explained("WorkflowExecutionResult", "property totalDuration*", _OLDER),
        Explained(
            "AsyncExecutionResult", "required*", "older servers send other members"
        ),
        Explained(
            "WorkflowExecutionResult",
            "property status is*",
            "the second contract says it, and the client fills it in for both",
        ),
        Explained("AsyncExecutionResult", "property createdAt*", _OLDER),
        Explained("AsyncExecutionResult", "property links*", _OLDER),
        Explained("AsyncExecutionResult", "property status is*", _OLDER),
        Explained("AsyncExecutionResult", "property taskId*", _OLDER),
        Explained("JobStatus", "required*", _ALWAYS),
        Explained("JobStatus", "property status*", "pending and unknown are sent too"),
        Explained(
            "JobStatus",
            "property metadata*",
            "newer servers send identifiers; times are text, their form varies",
        ),
        Explained("JobStatus", "property output*", "the author chooses the form"),
        Explained("JobStatus", "property error*", "a text or an object, by server"),
        Explained("UsageLimits", "required*", _ALWAYS),
        Explained("UsageLimits", "property rateLimit*", _NEWER),
    ),
)
