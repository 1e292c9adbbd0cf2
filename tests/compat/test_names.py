"""The names that programs import: those there are, and those that are missing."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import specwire.compat.anthropic as module
from specwire import models
from specwire.compat.anthropic import lib, types
from specwire.core import errors
from specwire.core.types import Model
from tests.house.modules import ROOT, SDK

PACKAGE = "specwire.compat.anthropic"
HERE = SDK / "specwire" / "compat" / "anthropic"
# What the official module has at its top, public names of 0.121 and of some before.
_TOP = """
    __title__ __version__ types lib pagination resources
    Anthropic Client AsyncAnthropic AsyncClient Stream AsyncStream
    APIResponse AsyncAPIResponse BaseModel RequestOptions
    NoneType Transport ProxiesTypes NotGiven NOT_GIVEN not_given Omit omit Timeout
    AnthropicError APIError APIStatusError APITimeoutError APIConnectionError
    APIResponseValidationError APIWebhookValidationError BadRequestError
    AuthenticationError PermissionDeniedError NotFoundError ConflictError
    RequestTooLargeError UnprocessableEntityError RateLimitError InternalServerError
    OverloadedError RetryableError
    DEFAULT_TIMEOUT DEFAULT_MAX_RETRIES DEFAULT_CONNECTION_LIMITS
    DefaultHttpxClient DefaultAsyncHttpxClient DefaultAioHttpClient
    HUMAN_PROMPT AI_PROMPT file_from_path
    beta_tool beta_async_tool transform_schema
    MessageStream MessageStreamManager MessageStreamEvent AsyncMessageStream
    AsyncMessageStreamManager TextEvent InputJsonEvent ContentBlockStopEvent
    MessageStopEvent BetaMessageStream BetaMessageStreamManager BetaMessageStreamEvent
    BetaAsyncMessageStream BetaAsyncMessageStreamManager BetaTextEvent
    BetaInputJsonEvent BetaContentBlockStopEvent BetaMessageStopEvent
    ParsedContentBlockStopEvent ParsedMessageStopEvent ParsedMessageStreamEvent
    ParsedBetaContentBlockStopEvent ParsedBetaMessageStopEvent
    ParsedBetaMessageStreamEvent ParsedBetaTextEvent
    AsyncAnthropicBedrock AsyncAnthropicVertex
"""
STUBS = [
    ("", ""),
    ("lib/streaming", "lib.streaming"),
    ("lib/tools", "lib.tools"),
    ("types", "types"),
    ("types/beta", "types.beta"),
    ("types/messages", "types.messages"),
    ("types/beta/messages", "types.beta.messages"),
]


@pytest.mark.parametrize("name", _TOP.split())
def test_a_name_is_there(name: str) -> None:
    """At the top, and in ``dir``."""
    assert getattr(module, name) is not None
    assert name in dir(module)


def test_a_missing_name_says_why() -> None:
    """What is left out on purpose is on a list, and in the page for those who move."""
    page = (ROOT / "docs" / "migrating-from-anthropic.md").read_text("utf-8")
    for name, why in module.MISSING.items():
        assert not hasattr(module, name)
        with pytest.raises(AttributeError, match=why):
            getattr(module, name)
        assert f"`{name}`" in page
    with pytest.raises(AttributeError, match="no attribute 'Anthropc'"):
        getattr(module, "Anthropc")  # noqa: B009


def test_importing_it_loads_nothing() -> None:
    """Each name loads what it needs when it is used."""
    code = (
        "import sys, specwire.compat.anthropic as a; a.APIError; a.DEFAULT_TIMEOUT;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('requests', 'attrs', 'httpx', 'pydantic')"
        " or m.startswith(('specwire.models', 'specwire.resources'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(SDK), "PATH": ""},
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def listed(stub: Path) -> list[str]:
    """The ``__all__`` of a stub."""
    for node in ast.parse(stub.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


@pytest.mark.parametrize(("path", "name"), STUBS)
def test_what_a_stub_promises_is_there(path: str, name: str) -> None:
    """Type checkers and the running program see the same names."""
    stub = HERE / f"{path}.pyi" if path[:3] == "lib" else HERE / path / "__init__.pyi"
    found = importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))
    names = listed(stub)
    assert len(names) > 7
    assert [name for name in names if not hasattr(found, name)] == []


def test_types_are_ours_under_their_names() -> None:
    """One class for a type and its beta twin; events without their ``Raw``."""
    beta = importlib.import_module(f"{PACKAGE}.types.beta")
    assert types.Message is beta.BetaMessage is models.Message
    assert types.RawMessageStartEvent is models.MessageStartEvent
    assert types.RawContentBlockDelta is types.beta.BetaRawContentBlockDelta
    assert types.Model is models.ModelId
    assert types.MessageParam is beta.BetaMessageParam
    assert module.BaseModel is Model
    assert issubclass(types.TextBlock, module.BaseModel)


def test_a_type_is_in_a_module_of_its_own_too() -> None:
    """As in the official package; what is no type's name is no module."""
    for path, name in (
        ("types.message", "Message"),
        ("types.message_param", "MessageParam"),
        ("types.raw_message_stream_event", "RawMessageStreamEvent"),
        ("types.message_create_params", "MessageCreateParamsNonStreaming"),
        ("types.messages.batch_create_params", "Request"),
        ("types.beta.beta_tool_param", "BetaToolParam"),
        ("types.beta.messages.batch_create_params", "Request"),
        ("types.tool_search_tool_bm25_20251119_param", "ToolParam"),
    ):
        found: Any = importlib.import_module(f"{PACKAGE}.{path}")
        assert getattr(found, name) is not None
    with pytest.raises(ImportError):
        importlib.import_module(f"{PACKAGE}.types.mesage")


def test_parameters_are_dicts_at_run_time() -> None:
    """``TextBlockParam(...)`` makes a plain dict, as programs write it."""
    block = types.TextBlockParam(type="text", text="hi")
    assert block == {"type": "text", "text": "hi"}


def test_other_modules_that_programs_import() -> None:
    """Errors, pages, streams and tools under their official modules."""
    names = importlib.import_module(f"{PACKAGE}._exceptions")
    assert names.OverloadedError is errors.OverloadedError
    assert importlib.import_module(f"{PACKAGE}._types").NOT_GIVEN is module.omit
    assert module.pagination.SyncPage.__name__ == "Page"
    assert lib.streaming.MessageStream is module.MessageStream
    assert lib.tools.ToolError.__name__ == "ToolError"
    resources = importlib.import_module(f"{PACKAGE}.resources.messages")
    assert type(module.Anthropic().messages) is resources.Messages


def test_a_file_from_a_path_is_its_name_and_content(tmp_path: Path) -> None:
    """To be given to ``files.upload``."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    assert module.file_from_path(str(path)) == ("a.txt", b"abc")
