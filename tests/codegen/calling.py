"""Packages of small documents, called against a scripted server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specwire_codegen.build import Output, generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.problems import Problems
from tests.scripted import ScriptedServer, Step, serving

from .building import imported, saved

_NUMBER = itertools.count(1)


def built(data: Mapping[str, Any], folder: Path, name: str = "shop") -> Output:
    """The output for ``data`` as the package ``name``."""
    job = job_of_specs([saved(data, folder)], folder, package=name, overlays=[])
    return generate(job, Problems())


@contextmanager
def called(
    data: Mapping[str, Any], folder: Path, *script: Step, **settings: Any
) -> Iterator[tuple[Any, ScriptedServer]]:
    """A client of the package of ``data``, and the server that it talks to."""
    name = f"shop{next(_NUMBER)}"
    output = built(data, folder, name)
    with serving(*script) as server, imported(output, folder, name) as package:
        urls = dict.fromkeys(package.Client._services, server.url)
        with package.Client(base_urls=urls, **settings) as client:
            client.package = package
            yield client, server
