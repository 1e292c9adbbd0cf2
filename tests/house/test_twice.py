"""No decision is written twice: what only one of the two clients has is little.

Synchronous: the transport over requests, and what only it uses. Asynchronous: what is
written by hand in ``aio``, but for its faces, which only hand over. All else is shared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .modules import SDK, imports, modules, tree_of

MOST = 0.15
"""Of the lines of the core, which both stand on."""
TRANSPORT = "core.session"
ASYNC_TRANSPORT = ("aio.session", "aio.places", "aio.held", "aio.line")
FACES = {
    f"aio{name}"
    for name in (
        "",
        ".base",
        ".client",
        ".download",
        ".opening",
        ".packages",
        ".paging",
        ".resource",
    )
} | {"aio.stream"}
"""Classes for annotations, written by hand; see ``test_faces_decide_nothing``."""
GENERATED = ("aio.faces", "aio.resources")
SHARED = ("core.lease", "core.failures", "core.certificates", "core.wire")
"""What says how a request is made, how its reply is read, and what an error is."""
OF_THREADS = {"core.lease.CHUNK", "core.lease.origin_text"}
"""A size and a spelling, of which each transport has its own uses."""


def found(root: Path) -> dict[str, Path]:
    return modules(root / "specwire")


def generated(name: str) -> bool:
    return name.startswith(GENERATED)


def only_sync(root: Path) -> set[str]:
    """The transport, and the modules of the core that only it leads to."""
    uses = _uses(root)
    own = {TRANSPORT}
    while True:
        more = {
            name
            for name in uses
            if name.startswith("core.")
            and name not in own
            and (users := {other for other in uses if name in uses[other]})
            and users <= own
        }
        if not more:
            return own
        own |= more


def _uses(root: Path) -> dict[str, set[str]]:
    """What the core and the async side import; of others it is not needed.

    A module that they alone use would count as the transport's: rather too much.
    """
    return {
        name: {target.removeprefix("specwire.") for target in _run_time(name, path)}
        for name, path in found(root).items()
        if name.partition(".")[0] in ("core", "aio") and not generated(name)
    }


def only_async(root: Path) -> set[str]:
    """What waits and carries bytes in the event loop."""
    return {
        name
        for name in found(root)
        if name.partition(".")[0] == "aio" and name not in FACES and not generated(name)
    }


def _run_time(name: str, path: Path) -> Iterator[str]:
    return imports(f"specwire.{name}", path)


def lines(root: Path, names: set[str]) -> int:
    paths = found(root)
    return sum(len(paths[name].read_text("utf-8").splitlines()) for name in names)


def share(root: Path, names: set[str]) -> float:
    """How many lines ``names`` have, for each of the core's."""
    core = {name for name in found(root) if name.partition(".")[0] == "core"}
    return lines(root, names) / lines(root, core)


def deciding(root: Path) -> list[str]:
    """What faces do but hand over: ``module: what``."""
    seen = []
    for name, path in found(root).items():
        if generated(name) and not name.endswith("_table"):
            kinds: tuple[type[ast.AST], ...] = (*_BRANCHES, *_REPEATS)
        elif name in FACES:
            kinds = _REPEATS
        else:
            continue
        seen += [f"{name}: {type(n).__name__}" for n in _run(tree_of(path), kinds)]
        used = {target.partition(".")[0] for target in _run_time(name, path)}
        waits = used & {"asyncio", "aiohttp", "greenlet", "threading"}
        seen += [f"{name}: {library}" for library in sorted(waits)]
    return seen


_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.Match)
_REPEATS = (ast.While, ast.ExceptHandler)


def _run(tree: ast.AST, kinds: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, kinds):
            yield child
        yield from _run(child, kinds)


def unshared(root: Path) -> list[str]:
    """What the synchronous transport takes from the core, and the other does not."""
    paths = found(root)

    def taken(*names: str) -> set[str]:
        whole = {each for name in names for each in _run_time(name, paths[name])}
        short = {each.removeprefix("specwire.") for each in whole}
        return {each for each in short if each.startswith(SHARED)}

    return sorted(taken(TRANSPORT) - taken(*ASYNC_TRANSPORT) - OF_THREADS)


@pytest.mark.parametrize("side", [only_sync, only_async])
def test_each_client_has_little_of_its_own(side: object) -> None:
    """At most 15 lines for each 100 of the core's."""
    assert callable(side)
    assert 0 < share(SDK, side(SDK)) <= MOST


def test_faces_decide_nothing() -> None:
    """Generated ones neither branch nor repeat; those by hand do not wait or catch."""
    assert deciding(SDK) == []


def test_both_transports_read_by_the_same_functions() -> None:
    """How requests are made, heads and bodies read, errors named: the core says it."""
    assert unshared(SDK) == []


def test_every_async_resource_stands_on_a_synchronous_one() -> None:
    """One module for one, by the same name; none has more than its own."""
    names = set(found(SDK))
    faces = {name for name in names if name.startswith("aio.resources.")}
    faces.discard("aio.resources._surface")
    assert faces
    assert {name.removeprefix("aio.") for name in faces} <= names


# -- each of these can fail ------------------------------------------------------------


def planted(root: Path, **texts: str) -> Path:
    """A package of two transports, and ``texts`` by module with ``__`` for dots."""
    plain = "from ..core.lease import read\n"
    usual = {
        "core__lease": "\n" * 100,
        "core__session": "from .lease import read\nfrom .own import x\n",
        "core__own": "x = 1\n",
        **{name.replace(".", "__"): plain for name in ASYNC_TRANSPORT},
    }
    for name, text in {**usual, **texts}.items():
        path = root / "specwire" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_what_only_one_side_uses_is_counted(tmp_path: Path) -> None:
    """A module of the core that the transport alone leads to is the transport's."""
    root = planted(tmp_path)
    assert only_sync(root) == {"core.session", "core.own"}
    assert only_async(root) == set(ASYNC_TRANSPORT)
    assert share(root, only_sync(root)) <= MOST


def test_a_second_copy_is_found(tmp_path: Path) -> None:
    """Sixteen more lines on either side are too many."""
    root = planted(tmp_path, core__own="x = 1\n" * 30, aio__retry="x = 1\n" * 30)
    assert share(root, only_sync(root)) > MOST
    assert share(root, only_async(root)) > MOST


def test_a_face_that_decides_is_found(tmp_path: Path) -> None:
    """A branch in a generated one, a handler and a wait in one by hand."""
    root = planted(
        tmp_path,
        aio__resources__models="x = 1 if 2 else 3\n",
        aio__stream="import asyncio\ntry:\n    pass\nexcept OSError:\n    pass\n",
    )
    wanted = ["IfExp", "ExceptHandler", "asyncio"]
    assert [each.partition(": ")[2] for each in deciding(root)] == wanted


def test_a_transport_that_reads_in_its_own_way_is_found(tmp_path: Path) -> None:
    """What it does not take from the core is named."""
    root = planted(tmp_path, core__session="from .lease import read, framed\n")
    assert unshared(root) == ["core.lease.framed"]
