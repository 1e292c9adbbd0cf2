"""Builds what is released, and tries it as its users would: ``make dist``.

Both archives are built twice from a copy of the sources, and have to be the same bytes;
the sdist has to build the wheel's bytes too. They are checked for what they hold, then
each is installed in a clean environment of every Python that is here, where ``specwire
demo`` has to end well and nothing is left when it is uninstalled.

``python -m tests.release.dist [--no-install]``; the archives land in ``dist/``.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pyproject.toml", "setup.cfg", "MANIFEST.in", "README.md", "LICENSE")
FOLDERS = ("sdk", "codegen")
DIST = ROOT / "dist"
ZIP_BEGINS = 315_532_800
"""1980: an archive of zip knows no earlier time."""
OLDEST = (3, 10)
STEP_S = 900


class Failed(Exception):
    """A step ended badly; its output is the message."""


def main(argv: Sequence[str]) -> int:
    """0 where everything held, 1 where something did not."""
    with tempfile.TemporaryDirectory(prefix="specwire-dist-") as folder:
        work = Path(folder)
        try:
            archives = built(work)
            for archive in archives:
                complain(archive.name, wrong(archive))
                print(f"{archive.name}: holds what it should")
            run([sys.executable, "-m", "twine", "check", "--strict", *archives], work)
            print("twine check: passed")
            if "--no-install" not in argv:
                for python in pythons():
                    for archive in archives:
                        print(f"{archive.name} on {try_it(python, archive, work)}")
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
    DIST.mkdir(exist_ok=True)
    for archive in archives:
        print(f"dist/{archive.name}: {archive.stat().st_size / 1e6:.2f} MB")
    return 0


# -- building


def built(work: Path) -> list[Path]:
    """The sdist and the wheel, in ``dist/``; twice the same bytes."""
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
    first, second = (build(copied(work / name), env) for name in ("one", "two"))
    for one, two in zip(first, second, strict=True):
        if one.read_bytes() != two.read_bytes():
            raise Failed(f"{one.name}: two builds differ")
    sdist, wheel = first
    with tarfile.open(sdist) as archive:
        # What was just made here; the filter is newer than some Pythons in use.
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(work / "three", **safe)
    (tree,) = (work / "three").iterdir()
    again = made(tree, "wheel", env)
    if again.read_bytes() != wheel.read_bytes():
        raise Failed(f"{sdist.name}: builds another wheel than the sources")
    print("two builds, and the wheel of the sdist: the same bytes")
    DIST.mkdir(exist_ok=True)
    return [Path(shutil.copy(archive, DIST)) for archive in first]


def epoch() -> int:
    """The time that archives tell: given, or that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        done = subprocess.run(
            ["git", "log", "-1", "--format=%ct"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        given = done.stdout.strip() or "0"
    return max(int(given), ZIP_BEGINS)


def copied(target: Path) -> Path:
    """The sources alone: nothing that an earlier build left is in the archives."""
    target.mkdir()
    for name in (*SOURCES, "CHANGELOG.md"):
        shutil.copy(ROOT / name, target)
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.pyc")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    return target


def build(tree: Path, env: dict[str, str]) -> list[Path]:
    sdist = made(tree, "sdist", env)
    settle(sdist, int(env["SOURCE_DATE_EPOCH"]))
    return [sdist, made(tree, "wheel", env)]


def made(tree: Path, kind: str, env: dict[str, str]) -> Path:
    """What the build of ``kind`` leaves."""
    out = tree / "out"
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}"]
    run([*command, "--outdir", out, tree], tree, env)
    ending = "*.whl" if kind == "wheel" else "*.tar.gz"
    return next(out.glob(ending))


def settle(sdist: Path, when: int) -> None:
    """Write the archive anew with one time, no owner and sorted names.

    setuptools leaves the times of the machine in it.
    """
    with tarfile.open(sdist) as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name)
        held = [
            (member, archive.extractfile(member) if member.isfile() else None)
            for member in members
        ]
        plain = sdist.with_suffix("")
        with tarfile.open(plain, "w", format=tarfile.PAX_FORMAT) as target:
            for member, content in held:
                member.mtime, member.uid, member.gid = when, 0, 0
                member.uname = member.gname = ""
                member.mode = 0o755 if member.isdir() else 0o644
                member.pax_headers = {}
                target.addfile(member, content)
    with open(sdist, "wb") as file, gzip.GzipFile("", "wb", 9, file, when) as packed:
        packed.write(plain.read_bytes())
    plain.unlink()


# -- contents


def names_of(archive: Path) -> list[str]:
    """The files in it, without the folder that an sdist has around them."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            return opened.namelist()
    with tarfile.open(archive) as opened:
        return [m.name.partition("/")[2] for m in opened.getmembers() if m.isfile()]


def wrong(archive: Path) -> list[str]:
    """What is missing, and what must not be there."""
    names = names_of(archive)
    inside = "" if archive.suffix == ".whl" else "sdk/"
    needed = [f"{inside}specwire/py.typed", f"{inside}specwire/specs/anthropic.json"]
    needed += [f"{inside}specwire/providers/index.json"]
    found = [f"{name} is missing" for name in needed if name not in names]
    if not any(name.endswith("LICENSE") for name in names):
        found.append("the licence is missing")
    strange = re.compile(r"(^|/)(tests|bench|docs|__pycache__|\.git)/|\.pyc$")
    found += [f"{name} is not for users" for name in names if strange.search(name)]
    return found + [f"{name} tells of this machine" for name in telling(archive)]


def telling(archive: Path) -> list[str]:
    """Files that hold the path of the folder they were built in."""
    place = str(ROOT).encode()
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            return [n for n in opened.namelist() if place in opened.read(n)]
    found = []
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member)
            if content is not None and place in content.read():
                found.append(member.name)
    return found


def complain(name: str, found: Iterable[str]) -> None:
    problems = list(found)
    if problems:
        raise Failed("\n".join(f"{name}: {problem}" for problem in problems))


# -- trying it


def pythons() -> list[Path]:
    """One interpreter of each version that can run it, the oldest first."""
    places = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep)]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [Path(sys.executable)]
    candidates += sorted(root.glob("versions/3.*/bin/python"))
    for place in places:
        candidates += [p for p in place.glob("python3.*") if p.suffix[1:].isdecimal()]
    found: dict[tuple[int, ...], Path] = {}
    for path in candidates:
        version = version_of(path)
        if version >= OLDEST:
            found.setdefault(version, path)
    return [found[version] for version in sorted(found)]


def version_of(python: Path) -> tuple[int, ...]:
    """Its version, ``()`` for what is no interpreter or cannot make environments."""
    code = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(python), "-c", code], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    words = done.stdout.split()
    return tuple(map(int, words)) if all(word.isdecimal() for word in words) else ()


def try_it(python: Path, archive: Path, work: Path) -> str:
    """Install ``archive`` alone in an environment, run the tour, and take it away."""
    version = ".".join(str(part) for part in version_of(python))
    home = work / f"venv-{version}-{archive.suffix[1:]}"
    run([python, "-m", "venv", home], work)
    bin_ = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [bin_ / "python", "-m", "pip", "-q", "--disable-pip-version-check"]
    run([*pip, "install", archive], work)
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    told = run([bin_ / "specwire", "--version"], work, env).strip()
    run([bin_ / "specwire", "demo"], work, env)
    run([*pip, "uninstall", "-y", "specwire"], work)
    left = sorted(str(path) for path in home.rglob("*specwire*"))
    complain(f"{archive.name} uninstalled", (f"{path} is left" for path in left))
    shutil.rmtree(home)
    return f"Python {version}: {told}, the demo ran, uninstalled"


def run(
    command: Sequence[str | Path], folder: Path, env: dict[str, str] | None = None
) -> str:
    """The output of a command that ended well.

    :raises Failed: with its last lines, where it did not.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=STEP_S
    )
    if done.returncode != 0:
        last = (done.stdout + done.stderr)[-2000:]
        raise Failed(f"{' '.join(words)}: exit code {done.returncode}\n{last}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
