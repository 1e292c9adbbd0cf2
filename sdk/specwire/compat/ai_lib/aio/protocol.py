"""``ai_lib_python.protocol``: manifests are loaded in tasks."""

from __future__ import annotations

from ....aio.faces.ai_lib_protocol import ProtocolLoader
from ..protocol import (
    SUPPORTED_PROTOCOL_VERSIONS,
    ProtocolManifest,
    ProtocolValidator,
    ValidationResult,
    validate_manifest,
    validate_manifest_or_raise,
    validate_protocol_version,
    validate_streaming_config,
)

__all__ = [
    "SUPPORTED_PROTOCOL_VERSIONS",
    "ProtocolLoader",
    "ProtocolManifest",
    "ProtocolValidator",
    "ValidationResult",
    "validate_manifest",
    "validate_manifest_or_raise",
    "validate_protocol_version",
    "validate_streaming_config",
]
