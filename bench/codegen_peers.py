"""The generators that are measured: how each is installed, run, and told to import.

All run with their default settings, as their own documentation says. A generator of
models only has no operations to count.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Generator(NamedTuple):
    """One generator; ``{spec}`` and ``{out}`` in the command stand for paths."""

    name: str
    install: str
    """What pip is asked for; "" is the repository itself."""
    command: tuple[str, ...]
    target: str
    """What appears below the output folder: a package, or one module."""
    front: str
    """The line that a user of the result writes first."""
    has_operations: bool = True

    def arguments(self, spec: Path, out: Path) -> list[str]:
        """The command line after the interpreter."""
        return [part.format(spec=spec, out=out) for part in self.command]


PACKAGE = "made"
PEERS = (
    Generator(
        "specwire",
        "",
        (
            *("-m", "specwire_codegen", "build", "{spec}"),
            *("--package", PACKAGE, "--out", "{out}", "--keep-going"),
        ),
        PACKAGE,
        f"from {PACKAGE} import Client",
    ),
    Generator(
        "openapi-python-client",
        "openapi-python-client==0.29.1",
        (
            *("-m", "openapi_python_client", "generate", "--path", "{spec}"),
            *("--output-path", f"{{out}}/{PACKAGE}", "--meta", "none", "--overwrite"),
        ),
        PACKAGE,
        f"from {PACKAGE} import Client",
    ),
    Generator(
        "datamodel-code-generator",
        "datamodel-code-generator==0.89.0",
        (
            *("-m", "datamodel_code_generator", "--input", "{spec}"),
            *("--input-file-type", "openapi", "--output", f"{{out}}/{PACKAGE}.py"),
            *("--output-model-type", "pydantic_v2.BaseModel"),
        ),
        f"{PACKAGE}.py",
        f"import {PACKAGE}",
        has_operations=False,
    ),
)
