"""Every operation and every reply of whole documents, against the documents."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire.core.results import Events, Pages

from ..sampling import Sampler
from . import calls, packages
from .packages import Package
from .reading import Operation

# Samples call deprecated operations like all others.
pytestmark = pytest.mark.filterwarnings("ignore:.*calls this deprecated")


@pytest.fixture(
    scope="module",
    params=[*packages.own(), *(packages.shared() or [packages.SHARED])],
    ids=lambda path: path.stem,
)
def package(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Package]:
    """A generated package of each document, and a client of it."""
    spec: Path = request.param
    if not spec.is_file():
        pytest.skip(f"there are no shared documents: {spec} is missing")
    with packages.built(spec, tmp_path_factory.mktemp("corpus")) as found:
        yield found


def test_every_operation_is_there(package: Package) -> None:
    """Each operation of the document has a record and a method, and none is made up."""
    stated = [operation.pointer for operation in package.operations]
    others = [at for at in package.records if "/requestBody/" in at]
    assert sorted(package.records) == sorted([*stated, *others])
    assert package.output.operations == len(stated)
    assert all(map(callable, package.methods.values()))


def test_every_type_resolves(package: Package) -> None:
    """All modules import, and the annotations of all classes mean something."""
    found = 0
    for module in packages.modules(package.name, package.output):
        for value in vars(module).values():
            if inspect.isclass(value) and value.__module__ == module.__name__:
                typing.get_type_hints(value, include_extras=True)
                found += 1
    assert found


@pytest.mark.parametrize("full", [True, False], ids=["all", "required"])
def test_every_call_is_what_the_document_says(package: Package, full: bool) -> None:
    """Method, URL, headers and body of each operation, with all arguments and few."""
    wrong: list[str] = []
    for operation in package.operations:
        for turn in (0, 1) if full else (0,):
            wrong += _called(package, operation, full, turn)
    assert not wrong, "\n".join(wrong[:20])


def _called(
    package: Package, operation: Operation, full: bool, turn: int
) -> Iterator[str]:
    given = calls.arguments(package, operation, full, turn)
    status, media, schema, _ = next(calls.answers(operation), (204, "", None, False))
    body, _ = calls.body_of(Sampler(package.data), media, schema)
    package.recorder.will_answer(status, media, body)
    name = package.records[operation.pointer].name
    try:
        package.methods[operation.pointer](**given.passed)
    except Exception as error:
        yield f"{name}: {type(error).__name__}: {error}"
        return
    assert package.recorder.call is not None
    for difference in calls.differences(operation, given, package.recorder.call):
        yield f"{name}: {difference}"


VARIANTS: dict[str, dict[str, Any]] = {
    "full": {},
    "second": {"turn": 1},
    "third": {"turn": 2},
    "required": {"full": False},
    "unknown-field": {"extra": True},
    "unknown-value": {"novel": True},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_reply_survives(package: Package, variant: str) -> None:
    """What is read from a reply is written back as it came, known or not."""
    wrong: list[str] = []
    sampler = Sampler(package.data, **VARIANTS[variant])
    for operation in package.operations:
        given = calls.arguments(package, operation, False)
        for status, media, schema, stream in calls.answers(operation):
            body, expected = calls.body_of(sampler, media, schema)
            package.recorder.will_answer(status, media, body)
            record = package.records[operation.pointer]
            if isinstance(record.result, Events):
                marks = b"".join(
                    b"data: %s\n\n" % d.encode() for d in record.result.done
                )
                package.recorder.will_answer(status, media, body + marks)
            if isinstance(record.result, Pages):
                expected = expected[record.result.items]
            more = {"stream": True} if stream else {}
            try:
                method = package.methods[operation.pointer]
                actual = calls.read_back(method(**{**given.passed, **more}))
            except Exception as error:
                wrong.append(f"{record.name}: {type(error).__name__}: {error}")
                continue
            if actual != expected:
                wrong.append(f"{record.name}: {calls.first(expected, actual)}")
    assert not wrong, "\n".join(wrong[:20])
