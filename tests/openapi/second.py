"""The public documents of the workflow API's second contract, and our names for it.

As :mod:`.names`, which has the first contract: names that differ, and every difference
that is meant.
"""

from __future__ import annotations

from .names import Comparison, Explained


def _same(names: str) -> dict[str, str]:
    """Operations that are called alike on both sides."""
    return {name: name for name in names.split()}


_OPEN = Explained(
    "*",
    "extra members is absent, theirs is*",
    "replies gain members, so none is closed",
)
_LISTED = "a list here, so that callers need not join values by commas"
_YES = "a boolean here; the server takes eleven words for it"
_NESTED = "an object within is named here, and open as all replies are"
_BILLED = "a run may be billed: what its reply lacks or writes oddly loses no result"
_ANY = "null is one of all values"


def _explained(*more: tuple[str, str, str]) -> tuple[Explained, ...]:
    return _OPEN, *(Explained(*each) for each in more)


_PLACES = ("*", "parameter path *", "what a path takes is left to the server to say")
_SECOND_WORKFLOWS = _explained(
    _PLACES,
    ("WorkflowRun", "required*", _BILLED),
    ("WorkflowRunResult", "required*", _BILLED),
    ("QueuedWorkflow*", "required*", _BILLED),
    ("CancelledWorkflowRun", "required*", "only its success is needed"),
    ("WorkflowRun", "property *edAt*", _BILLED),
    ("WorkflowRunResult", "property *edAt*", _BILLED),
    ("WorkflowRun", "property output*", _ANY),
    ("WorkflowRun*", "property cost*", _NESTED),
    ("WorkflowRun", "property paused*", _NESTED),
    ("WorkflowExport", "property workflow*", _NESTED),
    ("DeletedWorkflowFolder", "property deletedItems*", _NESTED),
    ("startWorkflowRun", "reply*", "the overlay adds the stream, with typed frames"),
    ("getWorkflowRun", "parameter selectedOutputs*", _LISTED),
    ("deleteWorkflowFolder", "parameter recursive*", _YES),
)
_SECOND_LOGS = _explained(
    _PLACES,
    ("RunLog*", "property cost*", _NESTED),
    ("RunLog*", "property workflow*", _NESTED),
    ("RunLog", "property finalOutput*", _ANY),
    ("TraceSpan", "property cost*", _NESTED),
    ("TraceSpan", "property to*", _NESTED),
    ("listLogs", "parameter workflowIds*", _LISTED),
    ("listLogs", "parameter triggers*", _LISTED),
    ("listLogs", "parameter folderPaths*", _LISTED),
)
_SECOND_FILES = _explained(
    _PLACES,
    ("Deleted*", "property deletedItems*", _NESTED),
    ("MovedFiles", "property movedItems*", _NESTED),
    ("*", "parameter recursive*", _YES),
)
_SECOND_BILLING = _explained(
    ("Billing*", "property workflow*", _NESTED),
    ("BillingStatus", "property credits*", _NESTED),
    ("BillingStatus", "property period*", _NESTED),
    ("BillingStatus", "property storage*", _NESTED),
)

SIM_WORKFLOWS = Comparison(
    ours="sim.yaml",
    theirs="sim-v2-workflows.json",
    operations={
        **_same(
            "listWorkflows getWorkflow getWorkflowDeployment deployWorkflow "
            "undeployWorkflow rollbackWorkflow exportWorkflow importWorkflow"
        ),
        "createWorkflowV2": "createWorkflow",
        "updateWorkflowV2": "updateWorkflow",
        "deleteWorkflowV2": "deleteWorkflow",
        "listWorkflowVersionsV2": "listWorkflowVersions",
        "getWorkflowVersionV2": "getWorkflowVersion",
        "executeWorkflowV2": "startWorkflowRun",
        "listWorkflowRunsV2": "listWorkflowRuns",
        "getWorkflowRunV2": "getWorkflowRun",
        "resumeWorkflowRunV2": "resumeWorkflowRun",
        "cancelRunV2": "cancelWorkflowRun",
        "listWorkflowsFolders": "listWorkflowFolders",
        "createWorkflowsFolder": "createWorkflowFolder",
        "relocateWorkflowsFolder": "moveWorkflowFolder",
        "deleteWorkflowsFolder": "deleteWorkflowFolder",
    },
    names={
        "V2Error": "SimErrorResponse",
        "FolderPathInput": None,
        "WorkflowListItem": "WorkflowSummary",
        "CreateWorkflowRequest": "CreateWorkflowParams",
        "WorkflowDetail": "Workflow",
        "UpdateWorkflowRequest": "UpdateWorkflowParams",
        "DeleteWorkflowResult": "DeletedWorkflow",
        "DeployedWorkflowState": None,
        "ActiveDeploymentSummary": "ActiveDeployment",
        "DeploymentOperationSummary": "DeploymentAttempt",
        "DeploymentOperationError": "DeploymentError",
        "DeployResult": "DeployedWorkflow",
        "DeployWorkflowRequest": "DeployWorkflowParams",
        "UndeployResult": "UndeployedWorkflow",
        "RollbackResult": "RolledBackWorkflow",
        "RollbackWorkflowRequest": "RollbackWorkflowParams",
        "WorkflowExportPayload": "WorkflowExport",
        "ImportWorkflowRequest": "ImportWorkflowParams",
        "ExecutionError": "WorkflowRunError",
        "ExecuteWorkflowRequest": "StartWorkflowRunParams",
        "WorkflowRunListItem": "WorkflowRunSummary",
        "WorkflowRunStatus": "WorkflowRun",
        "ResumeWorkflowRequest": "ResumeWorkflowRunParams",
        "CancelWorkflowRunResult": "CancelledWorkflowRun",
        "NonRootFolderPathInput": None,
        "CreateWorkflowFolderRequest": "CreateWorkflowFolderParams",
        "RelocateWorkflowFolderRequest": "MoveWorkflowFolderParams",
        "DeleteWorkflowFolderResult": "DeletedWorkflowFolder",
        "WorkflowListResponse": "WorkflowSummaryPage",
        "CreateWorkflowResponse": "WorkflowSummaryReply",
        "WorkflowDetailResponse": "WorkflowReply",
        "UpdateWorkflowResponse": "WorkflowSummaryReply",
        "DeleteWorkflowResponse": "DeletedWorkflowReply",
        "WorkflowVersionListResponse": "WorkflowVersionPage",
        "WorkflowVersionDetailResponse": "WorkflowVersionDetailReply",
        "WorkflowDeploymentResponse": "WorkflowDeploymentReply",
        "DeployWorkflowResponse": "DeployedWorkflowReply",
        "UndeployWorkflowResponse": "UndeployedWorkflowReply",
        "RollbackWorkflowResponse": "RolledBackWorkflowReply",
        "ExportWorkflowResponse": "WorkflowExportReply",
        "ImportWorkflowResponse": "ImportedWorkflowReply",
        "ExecuteWorkflowSyncResponse": "WorkflowRunResultReply",
        "ExecuteWorkflowQueuedResponse": "QueuedWorkflowRunReply",
        "WorkflowRunListResponse": "WorkflowRunSummaryPage",
        "WorkflowRunStatusResponse": "WorkflowRunReply",
        "ResumeWorkflowSyncResponse": "WorkflowRunResultReply",
        "ResumeWorkflowQueuedResponse": "QueuedWorkflowResumeReply",
        "CancelWorkflowRunResponse": "CancelledWorkflowRunReply",
        "WorkflowFolderListResponse": "WorkflowFolderPage",
        "CreateWorkflowFolderResponse": "WorkflowFolderReply",
        "RelocateWorkflowFolderResponse": "WorkflowFolderReply",
        "DeleteWorkflowFolderResponse": "DeletedWorkflowFolderReply",
    },
    explained=_SECOND_WORKFLOWS,
)

SIM_LOGS = Comparison(
    ours="sim.yaml",
    theirs="sim-v2-logs.json",
    operations={
        **_same("listLogs getLog"),
    },
    names={
        "V2Error": "SimErrorResponse",
        "V2LogListItem": "RunLogSummary",
        "LogTraceSpan": "TraceSpan",
        "V2LogDetail": "RunLog",
        "V2LogListResponse": "RunLogSummaryPage",
        "V2LogDetailResponse": "RunLogReply",
    },
    explained=_SECOND_LOGS,
)

SIM_FILES = Comparison(
    ours="sim.yaml",
    theirs="sim-v2-files-audit.json",
    operations={
        **_same(
            "abortFileUpload completeFileUpload listAuditLogs getAuditLog getFileShare"
        ),
        "listFiles": "listWorkspaceFiles",
        "createFile": "createWorkspaceFile",
        "createFileUpload": "beginFileUpload",
        "createFileUploadPartUrls": "getUploadPartUrls",
        "downloadFile": "downloadWorkspaceFile",
        "deleteFile": "deleteWorkspaceFile",
        "renameFile": "renameWorkspaceFile",
        "restoreFile": "restoreWorkspaceFile",
        "getFile": "getWorkspaceFile",
        "moveFileItems": "moveWorkspaceFiles",
        "upsertFileShare": "setFileShare",
        "updateFileContent": "writeWorkspaceFile",
        "bulkDeleteFiles": "deleteWorkspaceFiles",
        "listFilesFolders": "listFileFolders",
        "createFilesFolder": "createFileFolder",
        "relocateFilesFolder": "moveFileFolder",
        "deleteFilesFolder": "deleteFileFolder",
    },
    names={
        "V2Error": "SimErrorResponse",
        "FolderPathInput": None,
        "V2File": "WorkspaceFile",
        "CreateFileRequest": "CreateWorkspaceFileParams",
        "V2FileUpload": "WorkspaceFileUpload",
        "V2PutUploadTransfer": "PutTransfer",
        "V2MultipartUploadTransfer": "PartsTransfer",
        "V2CreateFileUploadData": "BegunFileUpload",
        "CreateFileUploadRequest": "BeginFileUploadParams",
        "V2UploadPartUrl": "UploadPartUrl",
        "V2PartUrlsData": "UploadPartUrls",
        "CreateFileUploadPartUrlsRequest": "UploadPartUrlsParams",
        "V2DeleteFileResult": "DeletedWorkspaceFile",
        "RenameFileRequest": "RenameWorkspaceFileParams",
        "RestoreFileRequest": "RestoreWorkspaceFileParams",
        "V2FileShare": "FileShare",
        "V2FileMetadata": "WorkspaceFileDetail",
        "V2AuditLogEntry": "AuditLogEntry",
        "V2MoveFileItemsResult": "MovedFiles",
        "MoveFileItemsRequest": "MoveWorkspaceFilesParams",
        "UpsertFileShareRequest": "SetFileShareParams",
        "UpdateFileContentRequest": "WriteWorkspaceFileParams",
        "V2BulkDeleteFilesResult": "DeletedFiles",
        "BulkDeleteFilesRequest": "DeleteWorkspaceFilesParams",
        "V2Folder": "FileFolder",
        "NonRootFolderPathInput": None,
        "CreateFileFolderRequest": "CreateFileFolderParams",
        "RelocateFileFolderRequest": "MoveFileFolderParams",
        "V2DeleteFileFolderData": "DeletedFileFolder",
        "V2FileListResponse": "WorkspaceFilePage",
        "V2FileResponse": "WorkspaceFileReply",
        "CreateFileUploadResponse": "BegunFileUploadReply",
        "FileUploadResponse": "WorkspaceFileUploadReply",
        "CreateFileUploadPartUrlsResponse": "UploadPartUrlsReply",
        "V2DeleteFileResponse": "DeletedWorkspaceFileReply",
        "V2RestoreFileResponse": "WorkspaceFileReply",
        "V2FileMetadataResponse": "WorkspaceFileDetailReply",
        "V2AuditLogListResponse": "AuditLogEntryPage",
        "V2AuditLogResponse": "AuditLogEntryReply",
        "V2MoveFileItemsResponse": "MovedFilesReply",
        "V2GetFileShareResponse": "NullableFileShareReply",
        "V2UpsertFileShareResponse": "FileShareReply",
        "BulkDeleteFilesResponse": "DeletedFilesReply",
        "FileFolderListResponse": "FileFolderPage",
        "FileFolderResponse": "FileFolderReply",
        "DeleteFileFolderResponse": "DeletedFileFolderReply",
    },
    explained=_SECOND_FILES,
)

SIM_BILLING = Comparison(
    ours="sim.yaml",
    theirs="sim-v2-billing.json",
    operations={
        **_same("getBillingStatus listBillingLogs"),
    },
    names={
        "V2Error": "SimErrorResponse",
        "V2BillingStatus": "BillingStatus",
        "V2BillingLogEntry": "BillingLogEntry",
        "V2BillingStatusResponse": "BillingStatusReply",
        "V2BillingLogListResponse": "BillingLogEntryPage",
    },
    explained=_SECOND_BILLING,
)

SECOND = (SIM_WORKFLOWS, SIM_LOGS, SIM_FILES, SIM_BILLING)
