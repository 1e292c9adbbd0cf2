"""Fuzzing that coverage guides: ``python -m tests.fuzz.guided [TARGET ...]``.

Needs atheris (``pip install 'specwire[fuzz]'``, where there is a wheel); without it
this says so and ends well. Each target runs in a process of its own, from its corpus,
with a fixed seed: ``--runs N`` inputs, the same each time, or ``--seconds S``, from
where the last such run stopped. Both leave what fails below ``.fuzz/``, the latter also
what opens a path; ``--keep`` copies what is worth it of that into the corpus.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .keeping import keep
from .targets import TARGETS, check_of
from .words import WORDS

CORPUS = Path(__file__).parent / "corpus"
ROOT = Path(__file__).parents[2]
SMALL = 4096
SCALE = {"chunks": 5, "codings": 8, "documents": 100, "literals": 4, "models": 2}
"""Targets of which one input costs so many times an ordinary one."""


def main(arguments: list[str]) -> int:
    """The exit code: 1 where a property did not hold."""
    asked = _parsed(arguments)
    if importlib.util.find_spec("atheris") is None:
        print("guided fuzzing skipped: atheris is not installed (no wheel for here?)")
        return 0
    if asked.inside:
        return _inside(asked.targets[0], asked.inside)
    failed = [target for target in asked.targets if not _run(target, asked)]
    print(f"guided fuzzing: {len(asked.targets)} targets, failed: {failed or 'none'}")
    return 1 if failed else 0


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("targets", nargs="*", default=TARGETS)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / ".fuzz")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--inside", action="append", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _run(target: str, asked: argparse.Namespace) -> bool:
    """One target in a process of its own; whether its property held."""
    if asked.seconds:
        found = asked.out / target
        found.mkdir(parents=True, exist_ok=True)
        return _fuzz(target, asked, found)
    with TemporaryDirectory() as fresh:
        return _fuzz(target, asked, Path(fresh))


def _fuzz(target: str, asked: argparse.Namespace, found: Path) -> bool:
    crashes = asked.out / "failed"
    crashes.mkdir(parents=True, exist_ok=True)
    bounds = (
        [f"-max_total_time={asked.seconds}"]
        if asked.seconds
        else [f"-runs={max(asked.runs // SCALE.get(target, 1), 100)}"]
    )
    if target in WORDS:
        words = asked.out / f"{target}.words"
        words.write_text("".join(map(_quoted, WORDS[target])), "ascii")
        bounds.append(f"-dict={words}")
    flags = [*bounds, "-seed=1", "-timeout=10", "-rss_limit_mb=2048"]
    flags += [f"-max_len={SMALL}", f"-artifact_prefix={crashes}/{target}-"]
    kept = [str(CORPUS / target)] if (CORPUS / target).is_dir() else []
    done = _process(target, [*flags, str(found), *kept])
    if done.returncode:
        print(done.stdout[-1500:], done.stderr[-3000:], sep="\n")
    elif asked.keep:
        print(f"{target}: kept {keep(check_of(target), found, CORPUS / target)}")
    last = [line for line in done.stderr.splitlines() if line.startswith(("Done", "#"))]
    print(f"{target}: {'held' if not done.returncode else 'FAILED'}; {last[-1:]}")
    return not done.returncode


def _quoted(word: bytes) -> str:
    """A line of a dictionary, as libFuzzer reads it."""
    short = "".join(f"\\x{byte:02x}" for byte in word[:64])
    return f'"{short}"\n'


def _process(target: str, flags: list[str]) -> subprocess.CompletedProcess[str]:
    inside = [f"--inside={flag}" for flag in flags]
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", target, *inside],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["sdk", "codegen", "."])},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _inside(target: str, flags: list[str]) -> int:
    import atheris  # type: ignore[import-not-found, unused-ignore]

    ours = ["specwire", "specwire_codegen"]
    with atheris.instrument_imports(include=ours, enable_loader_override=False):
        check = check_of(target)
    atheris.Setup([target, *flags], check)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
