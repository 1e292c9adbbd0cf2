"""Looks at a generated package from inside: ``python codegen_child.py FOLDER NAME``.

Imports every module and prints one line of JSON:
``{"modules": int, "failed": int, "reason": str, "operations": int}``. An operation is a
record of ours, or an endpoint module of the other kind. Not run by hand.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def modules(folder: Path, name: str) -> list[str]:
    """Dotted names of all modules of a package, its generated tests left out."""
    if (folder / f"{name}.py").is_file():
        return [name]
    found = []
    for path in sorted((folder / name).rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if "tests" not in parts:
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def main(folder: str, name: str) -> dict[str, object]:
    """Import everything and count."""
    sys.path.insert(0, folder)
    reasons, operations, records = [], 0, set()
    names = modules(Path(folder), name)
    for dotted in names:
        try:
            module = importlib.import_module(dotted)
        except Exception as error:
            reasons.append(f"{dotted}: {type(error).__name__}: {error}")
            continue
        if ".resources." in dotted:
            found = [
                v for v in vars(module).values() if type(v).__name__ == "Operation"
            ]
            # An operation that takes several kinds of bodies has a record for each.
            records |= {(o.method, o.path, str(o.const_query)) for o in found}
        elif ".api." in dotted:
            operations += hasattr(module, "sync_detailed")
    return {
        "modules": len(names),
        "failed": len(reasons),
        "reason": reasons[0][:160] if reasons else "",
        "operations": operations + len(records),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:3])))
