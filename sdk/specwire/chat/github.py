"""Manifests from a repository on GitHub: at one commit, each with its checksum.

Nothing else fetches a manifest. A manifest decides where a key is sent, so what comes
is held against the SHA-256 that the caller names, from the network and from the disk
alike.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..core.auth import Service
from ..core.client import LOOPBACK, BaseClient
from ..core.errors import ManifestError
from ..core.resource import UNSET, Operation, Resource
from ..core.results import Bytes
from ..core.wire import origin
from .loader import ManifestLoader, is_id

if TYPE_CHECKING:
    import requests

    from ..core.download import Download
    from ..core.types import Timeout

REPOSITORY: Final = "ailib-official/ai-protocol"
HOST: Final = "https://raw.githubusercontent.com"
MAX_BYTES: Final = 4 << 20
_commit = re.compile(r"[0-9a-f]{40}").fullmatch
_digest = re.compile(r"[0-9a-f]{64}").fullmatch
_repository = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII).fullmatch
_path = re.compile(r"(?:[\w-]+/)*([a-z0-9][a-z0-9_-]{1,63})\.(?:json|ya?ml)").fullmatch


class _Files(BaseClient):
    """The raw files of repositories."""

    _services = {"github": Service("github", base_url=HOST)}


def from_github(
    *,
    commit: str,
    sha256: Mapping[str, str],
    repository: str = REPOSITORY,
    cache_dir: str | os.PathLike[str] | None = None,
    timeout: float | Timeout = 30.0,
    session: requests.Session | None = None,
    base_url: str = HOST,
) -> ManifestLoader:
    """A loader that has manifests of a repository besides those it has anyway.

    :param commit: 40 hexadecimal digits; no branch and no tag.
    :param sha256: what is wanted: a provider's id, for the compiled file of version 2,
        or a file's path in the repository, and the checksum of the file.
    :param cache_dir: where files are kept; ``~/.cache/specwire/manifests`` if not
        given.
    :raises ValueError: for what is no commit, checksum, path or repository.
    :raises ManifestError: where a file is not what its checksum says, or no manifest.
    """
    if not _commit(commit):
        raise ValueError(f"commit: expected 40 hexadecimal digits, got {commit!r:.60}")
    if not _repository(repository):
        raise ValueError(f"repository: expected owner/name, got {repository!r:.60}")
    scheme, host, _ = origin(base_url)
    if scheme != "https" and host not in LOOPBACK:
        raise ValueError("base_url: manifests are fetched by https only")
    wanted = {_place(name): _checked(name, digest) for name, digest in sha256.items()}
    root = Path(cache_dir) if cache_dir is not None else _cache()
    loader = ManifestLoader()
    with _Files(
        base_urls={"github": base_url}, timeout=timeout, session=session
    ) as files:
        for path, digest in wanted.items():
            place = f"/{repository}/{commit}/{path}"
            content = _held(root / digest, digest)
            if content is None:
                content = _fetched(files, place, digest)
                _keep(root / digest, content)
            try:
                loader.register_text(content.decode("utf-8"))
            except UnicodeDecodeError:
                raise ManifestError(f"{place}: the file is not UTF-8") from None
    return loader


def _place(name: str) -> str:
    path = f"dist/v2/providers/{name}.json" if is_id(name) else name
    if not _path(path):
        raise ValueError(
            f"sha256: expected a provider's id or a manifest's path, got {name!r:.80}"
        )
    return path


def _checked(name: str, digest: str) -> str:
    digest = str(digest).lower()
    if not _digest(digest):
        raise ValueError(f"sha256[{name!r:.80}]: expected 64 hexadecimal digits")
    return digest


def _fetched(files: BaseClient, place: str, digest: str) -> bytes:
    operation: Operation[Download] = Operation(
        "manifests.fetch", "github", "GET", place, Bytes(), auth=()
    )
    none = (UNSET, UNSET, None)
    call = Resource(files)._prepare(operation, {}, none, (None, None, None))
    content = b""
    with files._engine.send(call, files._hooks) as download:
        for chunk in download:
            content += chunk
            if len(content) > MAX_BYTES:
                raise ManifestError(
                    f"{place}: the file is larger than {MAX_BYTES} bytes"
                )
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise ManifestError(
            f"{place}: expected SHA-256 {digest}, got {found}; the file is not used"
        )
    return content


# -- on the disk -----------------------------------------------------------------------


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(home) if home else Path.home() / ".cache") / "specwire/manifests"


def _held(path: Path, digest: str) -> bytes | None:
    """The file as it was fetched; one that was changed since is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all; a disk that cannot be written is no failure."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        pass
