"""What the sandbox remembers between requests, and where its ids come from.

Everything is derived from a seed and counters: two sandboxes that receive the same
requests in the same order answer alike. Handlers change it under ``lock``.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import attrs

from .values import Slice

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Ids:
    """Identifiers such as ``msg_01Ab…``: unique, and the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def new(self, prefix: str, length: int = 22) -> str:
        """The next id that starts with ``prefix``."""
        with self._lock:
            self._counts[prefix] += 1
            count = self._counts[prefix]
        return prefix + scramble(f"{self._seed}/{prefix}/{count}", length)


def scramble(text: str, length: int) -> str:
    """``length`` letters and digits that depend on ``text`` alone."""
    number = int.from_bytes(hashlib.blake2b(text.encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(letters)


@attrs.define
class Batch:
    """A message batch: its requests, how often it was asked for, what became of it."""

    id: str
    created_at: str
    expires_at: str
    requests: list[dict[str, Any]]
    betas: frozenset[str] | None = None
    """The betas its requests may use; ``None``: it is no beta batch."""
    retrieved: int = 0
    cancel_at: str | None = None
    ended_at: str | None = None
    results: list[dict[str, Any]] = attrs.field(factory=list)
    counts: Counter[str] = attrs.field(factory=Counter)
    """How many of its requests came to which end, once it has ended."""

    @property
    def status(self) -> str:
        """As the service words it."""
        if self.ended_at is not None:
            return "ended"
        return "in_progress" if self.cancel_at is None else "canceling"


@attrs.define
class File:
    """A stored file; ``content`` is a slice of the upload it came in."""

    metadata: dict[str, Any]
    content: Slice


@attrs.define
class Run:
    """One run of a workflow, or the job that will make it one.

    ``steps`` is how many more looks it takes until an asynchronous run is over;
    ``paused`` is where it waits, and ``early`` how often it is resumed too early.
    """

    id: str
    workflow_id: str
    status: str
    output: Any
    error: dict[str, Any] | None
    started_at: str
    duration_ms: int
    ended_at: str | None = None
    steps: int = 0
    looked: int = 0
    given: Any = None
    paused: dict[str, Any] | None = None
    early: int = 0
    cost: float = 0.0


@attrs.define
class Workflow:
    """A workflow: what is known of it, and the versions that were deployed."""

    facts: dict[str, Any]
    deployed: int | None = None
    """The version in service."""
    versions: list[dict[str, Any]] = attrs.field(factory=list)
    deleted: bool = False


@attrs.define
class WorkspaceFile:
    """A file of a workspace; one that is deleted can be restored."""

    facts: dict[str, Any]
    workspace_id: str
    content: bytes = b""
    share: dict[str, Any] | None = None


@attrs.define
class Upload:
    """An upload that was begun; ``parts`` by number, 1 alone where it is sent whole."""

    facts: dict[str, Any]
    token: str
    workspace_id: str
    folder: str
    parts: dict[int, bytes] = attrs.field(factory=dict)


@attrs.frozen
class Limits:
    """What the workflow API allows: runs and requests a minute, and dollars."""

    runs: int = 600
    requests: int = 600
    cost: float = 20.0


@attrs.define
class State:
    """All of it. ``batch_steps`` and ``job_steps``: how many looks work takes."""

    seed: int
    clock: Callable[[], float]
    base_url: str
    batch_steps: int
    job_steps: int
    check_message: Callable[[Any, bool], str | None]
    lock: threading.RLock = attrs.field(factory=threading.RLock)
    ids: Ids = attrs.field(init=False)
    batches: dict[str, Batch] = attrs.field(factory=dict)
    files: dict[str, File] = attrs.field(factory=dict)
    jobs: dict[str, Run] = attrs.field(factory=dict)
    prompts: dict[str, float] = attrs.field(factory=dict)
    """Until when each prompt is cached, by its digest."""
    said: set[str] = attrs.field(factory=set)
    """The identifiers of all messages."""
    used: Counter[str] = attrs.field(factory=Counter)
    limits: Limits = attrs.field(factory=Limits)
    windows: dict[str, tuple[float, int]] = attrs.field(factory=dict)
    """By what is counted: when its minute began, and how many there were."""
    cost: float = 0.0
    runs: dict[str, Run] = attrs.field(factory=dict)
    workflows: dict[str, Workflow] = attrs.field(factory=dict)
    workspace_files: dict[str, WorkspaceFile] = attrs.field(factory=dict)
    uploads: dict[str, Upload] = attrs.field(factory=dict)
    recordings: dict[str, str] = attrs.field(factory=dict)
    """What was spoken, by a mark of the sound."""
    media: dict[str, tuple[str, bytes]] = attrs.field(factory=dict)
    """Files that were handed out as addresses: media type and content."""
    films: dict[str, list[Any]] = attrs.field(factory=dict)
    """Films: how many more looks each takes, and what it is of."""
    folders: dict[tuple[str, str, str], dict[str, Any]] = attrs.field(factory=dict)
    """By kind, workspace and path."""

    def __attrs_post_init__(self) -> None:
        self.ids = Ids(self.seed)

    def random(self, *facts: object) -> Random:
        """A generator that depends on the seed and ``facts`` alone."""
        return Random(f"{self.seed}/{facts!r}")

    def now(self, plus_s: float = 0.0, *, milliseconds: bool = False) -> str:
        """The clock's time, ISO 8601 in UTC."""
        at = datetime.fromtimestamp(self.clock(), timezone.utc)
        text = (at + timedelta(seconds=plus_s)).isoformat(
            timespec="milliseconds" if milliseconds else "seconds"
        )
        return text.replace("+00:00", "Z")
