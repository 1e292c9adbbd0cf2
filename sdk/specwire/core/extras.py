"""Optional parts of the installation: what each extra brings, and how to get it.

A layer imports another library where it uses it, inside :func:`needed`; where the
library is missing, one sentence names the extra and the command. The table is what
``specwire doctor`` shows; a test holds it against ``pyproject.toml``.
"""

from __future__ import annotations

# Type checkers take the name for typing's.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class needed:
    """Around the imports of what an extra brings.

    >>> with needed("limits", "a rate limit in Redis"):  # doctest: +SKIP
    ...     import redis

    :param extra: the extra's name, one of :data:`EXTRAS`.
    :param who: what cannot work without it, as the user knows it.
    :raises ImportError: where a module is missing or cannot be loaded; the cause is
        the import's own error.
    """

    __slots__ = ("extra", "who")

    def __init__(self, extra: str, who: str) -> None:
        self.extra = extra
        self.who = who

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if isinstance(error, ImportError):
            lacking(self.extra, self.who, error)


def lacking(extra: str, who: str, error: ImportError | None = None) -> NoReturn:
    """:raises ImportError: which says what ``who`` needs, and how to get it."""
    module = EXTRAS[extra].module(error.name if error else None)
    if isinstance(error, ModuleNotFoundError) or error is None:
        what = f"needs {module}, which is not installed"
    else:
        what = f"needs {module}, which cannot be loaded ({error})"
    raise ImportError(f"{who} {what}: {command(extra)}", name=module) from error


def command(extra: str) -> str:
    """What installs ``extra``."""
    return f"pip install 'specwire[{extra}]'"


class Extra:
    """One extra: what it is for, and the modules by their distributions.

    ``includes`` are extras that come with it.
    """

    __slots__ = ("includes", "modules", "what")

    def __init__(
        self,
        what: str,
        modules: dict[str, str] | None = None,
        *,
        includes: str = "",
    ) -> None:
        self.what = what
        self.modules = modules or {}
        self.includes = tuple(includes.split())

    def module(self, name: str | None) -> str:
        """The one of its modules that ``name`` is, or is part of; else its first."""
        for module in self.modules.values():
            if name and f"{module}.".startswith(f"{name}."):
                return module
        return name or next(iter(self.modules.values()), "more")

    def all(self) -> dict[str, str]:
        """Distribution -> module, with those of the extras that come with it."""
        found = dict(self.modules)
        for name in self.includes:
            found |= EXTRAS[name].all()
        return found


EXTRAS: dict[str, Extra] = {
    "agentic": Extra("tools from MCP servers, tool loops: needs no more"),
    "async": Extra(
        "asynchronous clients", {"aiohttp": "aiohttp", "greenlet": "greenlet"}
    ),
    "audio": Extra("speech to text and back: needs no more"),
    "batch": Extra("results of many requests as Parquet", includes="parquet"),
    "bedrock": Extra("Claude on Amazon Bedrock", {"botocore": "botocore"}),
    "cli": Extra("progress of the specwire command as bars", {"rich": "rich"}),
    "codegen": Extra("OpenAPI documents and manifests in YAML", {"PyYAML": "yaml"}),
    "dask": Extra("many requests on a Dask cluster", {"distributed": "distributed"}),
    "embeddings": Extra("vectors as numpy arrays", {"numpy": "numpy"}),
    "fast": Extra("large replies of numbers are read faster", {"orjson": "orjson"}),
    "keyring": Extra("keys from the system's keyring", {"keyring": "keyring"}),
    "limits": Extra("rate limits that processes share by Redis", {"redis": "redis"}),
    "metrics": Extra(
        "metrics in a Prometheus registry", {"prometheus-client": "prometheus_client"}
    ),
    "otel": Extra("traces by OpenTelemetry", {"opentelemetry-api": "opentelemetry"}),
    "parquet": Extra("tables in Parquet files", {"pyarrow": "pyarrow"}),
    "ray": Extra("many requests on a Ray cluster", {"ray": "ray"}),
    "structured": Extra(
        "pydantic models as forms of answers", {"pydantic": "pydantic"}
    ),
    "telemetry": Extra(
        "metrics, traces, and their way to a collector",
        {
            "opentelemetry-sdk": "opentelemetry.sdk",
            "opentelemetry-exporter-otlp-proto-http": (
                "opentelemetry.exporter.otlp.proto.http"
            ),
        },
        includes="metrics otel",
    ),
    "tokenizer": Extra("OpenAI's own count of tokens", {"tiktoken": "tiktoken"}),
    "truststore": Extra(
        "the system's certificates instead of certifi's", {"truststore": "truststore"}
    ),
    "vertex": Extra("Claude on Google Vertex AI", {"google-auth": "google.auth"}),
    "vision": Extra("images from Pillow", {"pillow": "PIL"}),
    "full": Extra(
        "all of them but those of clusters, dask and ray",
        includes="agentic async audio batch bedrock cli codegen embeddings fast "
        "keyring limits structured telemetry tokenizer truststore vertex vision",
    ),
}
