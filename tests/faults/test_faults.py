"""Every case of the table against this project, through its public surface."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from .case import Case, Outcome
from .ours import Specwire
from .run import judge, listening, run
from .server import CERTIFICATES
from .table import cases

OURS = Specwire()
TABLE = cases(OURS.dialect)
WORKERS = 6


@pytest.fixture(scope="module", autouse=True)
def _trust() -> Iterator[None]:
    """The tests' own authority is the one that is trusted; logs are heard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "ca.pem"))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        with listening():
            yield


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Outcome]]]:
    """What came of the cases that were chosen; they run side by side."""
    chosen = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(getattr(item, "callspec", None), pytest_callspec)
        and "case" in item.callspec.params
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        yield {case.id: pool.submit(run, case, OURS) for case in chosen}


pytest_callspec = object


@pytest.mark.parametrize("case", TABLE, ids=[case.id for case in TABLE])
def test_case(case: Case, outcomes: dict[str, Future[Outcome]]) -> None:
    """The caller sees what the table says, in time, and nothing is lost or shown."""
    outcome = outcomes[case.id].result()
    assert judge(case, outcome, OURS) == []
