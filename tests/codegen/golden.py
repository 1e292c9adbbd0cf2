"""Writes golden output anew: ``python -m tests.codegen.golden`` from the root."""

from __future__ import annotations

import shutil
from pathlib import Path

from specwire_codegen.build import generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.manifest_build import lines
from specwire_codegen.manifests import read_manifest
from specwire_codegen.problems import Problems

from .building import DOCUMENTS, GOLDEN
from .manifesting import compiled

MANIFESTS = Path(__file__).parent / "manifests"


def main() -> None:
    for source in sorted(MANIFESTS.glob("*.yaml")):
        record = compiled(read_manifest(source, Problems()))
        source.with_suffix(".json").write_text(lines(record), "utf-8")
    for spec in sorted(DOCUMENTS.glob("*.json")):
        folder = GOLDEN / spec.stem
        job = job_of_specs([spec], Path("/nonexistent"), package=None, overlays=[])
        output = generate(job, Problems())
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in output.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
