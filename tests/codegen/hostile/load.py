"""Imports generated packages, watched: ``python load.py FOLDER...``.

For each folder ``NAME/out/NAME`` one JSON object a line: how many operations there
are, and what went wrong. Nothing of a document may run on import, when annotations are
evaluated, when a client is made or when its resources are.
"""

from __future__ import annotations

import builtins
import importlib
import json
import pkgutil
import signal
import sys
import traceback
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

from specwire.core.resource import Operation

CPU_S = 5.0
HERE = "https://api.example.com"
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "ctypes.")


class Watch:
    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        writes = event == "open" and set(str(args[1] or "r")) & set("wax+")
        if writes or event.startswith(FORBIDDEN):
            self.events.append(f"{event} {args!a}"[:300])


def modules(name: str) -> list[ModuleType]:
    package = importlib.import_module(name)
    found = pkgutil.walk_packages(package.__path__, f"{name}.")
    return [package, *(importlib.import_module(each.name) for each in found)]


def operations(loaded: list[ModuleType]) -> int:
    """Every record, with the types of its result evaluated."""
    records = [
        value
        for module in loaded
        for value in vars(module).values()
        if isinstance(value, Operation)
    ]
    for record in records:
        load = getattr(record.result, "load", None)
        if callable(load) and getattr(load, "__name__", "") == "<lambda>":
            load()
    return len(records)


def hints(loaded: list[ModuleType]) -> None:
    for module in loaded:
        for value in list(vars(module).values()):
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and ".models." in module.__name__:
                typing.get_type_hints(value)


def resources(package: ModuleType) -> None:
    """Make a client and every resource below it."""
    surface = importlib.import_module(f"{package.__name__}.resources._surface")
    services = surface.SERVICES
    with package.Client(base_urls=dict.fromkeys(services, HERE)) as client:
        waiting: list[object] = [client]
        while waiting:
            one = waiting.pop()
            for base in type(one).__mro__:
                if base.__module__.startswith(f"{package.__name__}.resources."):
                    waiting += [
                        getattr(one, name)
                        for name, value in vars(base).items()
                        if type(value).__name__ == "child"
                    ]


def check(folder: Path) -> dict[str, Any]:
    name = folder.name
    sys.path.insert(0, str(folder / "out"))
    found: dict[str, Any] = {"name": name, "crash": None, "operations": 0}
    signal.setitimer(signal.ITIMER_PROF, CPU_S)
    try:
        loaded = modules(name)
        found["operations"] = operations(loaded)
        hints(loaded)
        resources(loaded[0])
    except BaseException:
        found["crash"] = traceback.format_exc()[-1500:]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.path.pop(0)
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]
    return found


def _late(*_: object) -> None:
    raise TimeoutError(f"over {CPU_S} s of CPU")


def main(folders: list[Path]) -> None:
    signal.signal(signal.SIGPROF, _late)
    check(folders[0])
    watch = Watch()
    sys.addaudithook(watch)
    for folder in folders[1:]:
        watch.events = []
        found = check(folder)
        found["events"] = watch.events
        found["pwned"] = hasattr(builtins, "pwned")
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
