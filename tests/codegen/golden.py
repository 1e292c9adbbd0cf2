"""Writes tests/golden/ anew: ``python -m tests.codegen.golden`` from the root."""

from __future__ import annotations

import shutil
from pathlib import Path

from specwire_codegen.build import generate
from specwire_codegen.job import job_of_specs
from specwire_codegen.problems import Problems

from .building import DOCUMENTS, GOLDEN


def main() -> None:
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
