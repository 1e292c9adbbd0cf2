"""``ai_lib_python.protocol``: manifests, from where they lie, and what is wrong in
them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...chat import foreign
from ...chat.loader import ManifestLoader
from ...chat.manifest import Manifest
from ...core.errors import ManifestError
from .errors import ProtocolError, translated

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

SUPPORTED_PROTOCOL_VERSIONS = ["1.0", "1.1", "1.5", "2.0"]
ProtocolManifest = Manifest


class ProtocolLoader:
    """Manifests by their providers' names, synchronously.

    :param fallback_to_github: accepted, and ignored: nothing is fetched unless a commit
        and checksums are named; see :func:`specwire.chat.github.from_github`.
    """

    def __init__(
        self,
        base_path: str | os.PathLike[str] | None = None,
        fallback_to_github: bool = False,
        hot_reload: bool = False,
        cache_enabled: bool = True,
    ) -> None:
        self._loader = ManifestLoader(
            base_path, hot_reload=hot_reload, cache=cache_enabled
        )

    @property
    def base_path(self) -> Path | None:
        """The directory that is looked in first."""
        roots = self._loader.roots()
        return Path(roots[0]) if roots else None

    def load_provider(self, provider_id: str) -> Manifest:
        """:raises ProtocolError: where there is none, or it cannot be used."""
        with translated():
            return self._loader.load(provider_id)

    def load_model(self, model_id: str) -> Manifest:
        """The manifest of ``provider/model``'s provider."""
        with translated():
            return self._loader.resolve(model_id)[0]

    def load_file(self, path: str | os.PathLike[str]) -> dict[str, Any]:
        """The data of a manifest's file."""
        with translated():
            return dict(foreign.read(Path(path)))

    def register_provider(self, data: Mapping[str, Any]) -> Manifest:
        """Use what ``data`` describes from now on."""
        with translated():
            return self._loader.register(data)

    def invalidate(self, key: str) -> None:
        """Forget a provider; ``provider:openai`` is ``openai``."""
        self._loader.invalidate(key.removeprefix("provider:"))

    def clear_cache(self) -> None:
        self._loader.clear()


class ValidationResult:
    """Whether something may be used, and what is wrong; true where it may."""

    def __init__(
        self,
        valid: bool = True,
        errors: list[str] | None = None,
        warnings: list[str] | None = None,
    ) -> None:
        self.errors = list(errors or ())
        self.warnings = list(warnings or ())
        self.valid = valid and not self.errors

    def add_error(self, error: str) -> None:
        self.errors.append(error)
        self.valid = False

    def add_warning(self, warning: str) -> None:
        self.warnings.append(warning)

    def __bool__(self) -> bool:
        return self.valid

    def __repr__(self) -> str:
        return f"ValidationResult(valid={self.valid}, errors={self.errors!r})"


class ProtocolValidator:
    """Checks manifests by structure and by their full JSON Schema.

    :param schema_path: accepted for compatibility: the schemas come with the package.
    """

    def __init__(self, schema_path: Any = None, offline: bool = True) -> None:
        self.offline = offline

    def validate(self, data: Mapping[str, Any]) -> ValidationResult:
        return validate_manifest(data, strict=True)

    def validate_or_raise(self, data: Mapping[str, Any]) -> None:
        """:raises ProtocolError: with everything that is wrong."""
        with translated():
            foreign.compiled(data, strict=True)

    def is_valid(self, data: Mapping[str, Any]) -> bool:
        return self.validate(data).valid


def validate_manifest(
    data: Mapping[str, Any], *, strict: bool = False, **_: Any
) -> ValidationResult:
    """What is wrong with a manifest."""
    try:
        foreign.compiled(data, strict=strict)
    except ManifestError as error:
        return ValidationResult(errors=list(error.problems) or [error.message])
    return ValidationResult()


def validate_manifest_or_raise(data: Mapping[str, Any], **settings: Any) -> None:
    """:raises ProtocolError: with everything that is wrong."""
    found = validate_manifest(data, **settings)
    if not found:
        raise ProtocolError("; ".join(found.errors))


def validate_protocol_version(version: Any) -> ValidationResult:
    """Whether a version of the protocol can be read."""
    if version in SUPPORTED_PROTOCOL_VERSIONS:
        return ValidationResult()
    known = ", ".join(SUPPORTED_PROTOCOL_VERSIONS)
    return ValidationResult(
        errors=[f"protocol_version: expected one of {known}, got {version!r}"]
    )


def validate_streaming_config(config: Any) -> ValidationResult:
    """Whether a manifest's ``streaming`` can be used: its expressions and rules."""
    if not isinstance(config, Mapping):
        kind = type(config).__name__
        return ValidationResult(errors=[f"streaming: expected a mapping, got {kind}"])
    return validate_manifest(
        {
            "id": "checked",
            "protocol_version": "2.0",
            "endpoint": {"base_url": "https://checked.invalid"},
            "streaming": config,
        }
    )
