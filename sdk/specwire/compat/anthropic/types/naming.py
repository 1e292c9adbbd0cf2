"""From a type's official name to ours, by rule; and the modules of one type each.

Most names are the same. The official beta types have names of their own, as in
``BetaMessage``, where ours are the same class; events of a stream are ``Raw...``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_PARAMS = tuple(
    f"specwire.models.{family}_params" for family in ("shared", "shared_2", "batches")
)
_RENAMED = {
    "AnthropicBetaParam": "AnthropicBeta",
    "Base64PDFBlockParam": "DocumentBlockParam",
    "CitationConfig": "CitationsConfig",
    "CitationSearchResultLocation": "CitationsSearchResultLocation",
    "CompactionContentBlockDelta": "CompactionDelta",
    "Error": "ErrorObject",
    "APIError": "APIErrorObject",
    "FallbackInfo": "FallbackHopInfo",
    "FallbackInfoParam": "FallbackHopInfoParam",
    "FallbackParam": "FallbackConfigParam",
    "MessageCountTokensToolParam": "ToolUnionParam",
    "Model": "ModelId",
    "ModelParam": "ModelId",
    "Request": "MessageBatchIndividualRequestParams",
    "RequestDocumentBlockParam": "DocumentBlockParam",
    "RequestMCPServerToolConfigurationParam": "MCPServerToolConfigurationParam",
    "RequestMCPServerURLDefinitionParam": "MCPServerURLDefinitionParam",
    "RequestMCPToolResultBlockParam": "MCPToolResultBlockParam",
    "RequestToolAdditionBlockParam": "ToolAdditionBlockParam",
    "RequestToolRemovalBlockParam": "ToolRemovalBlockParam",
}
PACKAGES = tuple(
    f"{__package__}{below}" for below in ("", ".beta", ".messages", ".beta.messages")
)
_CREATE = (
    "MessageCreateParams",
    "MessageCreateParamsNonStreaming",
    "MessageCreateParamsStreaming",
)

_PARSED = ("ParsedContentBlock", "ParsedMessage", "ParsedTextBlock")


def ours(name: str, *, beta: bool) -> Iterator[str]:
    """What the type of this official name may be called here, likeliest first."""
    if name in _CREATE:
        yield "CreateBetaMessageParams" if beta else "CreateMessageParams"
    if name == "Request" and beta:
        yield "BetaMessageBatchIndividualRequestParams"
    for plain in dict.fromkeys((name, name.removeprefix("Beta"))):
        if plain in _RENAMED:
            yield _RENAMED[plain]
        yield plain
        for prefix in ("Raw", "Parsed"):
            if plain.startswith(prefix):
                yield plain.removeprefix(prefix)
        yield plain.replace("_", "")  # ToolSearchToolBm25_20251119Param
        yield plain.replace("ParamContentParam", "ParamContent")


def finder(module: str, *, beta: bool) -> Callable[[str], Any]:
    """``__getattr__`` of a package of types."""

    def get(name: str) -> Any:
        if f"{module}.{name}" in PACKAGES:
            return import_module(f"{module}.{name}")
        if name[:1].isupper():
            for candidate in ours(name, beta=beta):
                for home in ("specwire.models", *_PARAMS):
                    value = getattr(import_module(home), candidate, None)
                    if value is not None:
                        setattr(sys.modules[module], name, value)
                        return value
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return get


def names(*, beta: bool) -> list[str]:
    """The types there are: ours, under their beta names where those are asked for."""
    found = dict.fromkeys(import_module("specwire.models").__all__)
    for home in _PARAMS:
        found |= dict.fromkeys(n for n in vars(import_module(home)) if n[:1].isupper())
    found |= dict.fromkeys((*_RENAMED, *_PARSED))
    told = [f"Beta{name}" if beta else name for name in found]
    return [*told, *_CREATE]


class OneTypeEach:
    """Finds ``types.message_param`` and its like: modules that hold one type each.

    The official module has some 900; here each is made when it is imported, and passes
    on what its package has. Only a name that is spelt like a type's is found.
    """

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        parent, _, leaf = fullname.rpartition(".")
        if parent not in PACKAGES:
            return None
        known = {_squeezed(name) for name in dir(sys.modules[parent])}
        name = _squeezed(leaf)
        plain = name.replace("raw", "", 1)
        alike = {
            name,
            plain,
            plain.removeprefix("beta"),
            plain.replace("paramcontentparam", "paramcontent"),
        }
        found = not known.isdisjoint(alike)
        return ModuleSpec(fullname, self) if found else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual module."""

    def exec_module(self, module: ModuleType) -> None:
        package = sys.modules[module.__name__.rpartition(".")[0]]
        vars(module)["__getattr__"] = lambda name: getattr(package, name)


def _squeezed(name: str) -> str:
    return name.replace("_", "").lower()
