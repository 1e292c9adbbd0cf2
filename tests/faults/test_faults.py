"""Every case of the table against this project, through its public surface."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeAlias

import pytest

from .actions import able
from .case import Case, Outcome
from .ours import Specwire
from .run import judge, listening, run
from .server import CERTIFICATES
from .table import cases

OURS = Specwire()
TABLE = cases(OURS.dialect)
WORKERS = 6
MACHINE = [
    *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"),
    *("SIM_API_KEY", "SIM_BASE_URL", "CURL_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
]
SLOW = {"memory", "deadline", "life"}
Outcomes: TypeAlias = dict[str, "Future[Outcome]"]


@pytest.fixture(scope="module", autouse=True)
def _trust() -> Iterator[None]:
    """The tests' own authority is the one that is trusted; all logs are heard."""
    with pytest.MonkeyPatch.context() as patch:
        for name in MACHINE:
            patch.delenv(name, raising=False)
        patch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "ca.pem"))
        with listening():
            yield


@pytest.fixture(autouse=True)
def _plain_environment() -> None:
    """Not the suite's: the cases run beside the test that asks for them."""


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, _trust: None) -> Iterator[Outcomes]:
    """What came of the cases that were chosen; they run side by side."""
    params = [getattr(i, "callspec", None) for i in request.session.items]
    chosen = [spec.params["case"] for spec in params if spec and "case" in spec.params]
    found = [case for case in chosen if isinstance(case, Case)]
    with ThreadPoolExecutor(WORKERS) as pool:
        timed = [case for case in found if case.setup.real]
        results = {case.id: pool.submit(run, case, OURS) for case in timed}
        wait(results.values())  # nothing that is busy runs beside them
        for case in found:
            if case.id not in results:
                results[case.id] = pool.submit(run, case, OURS)
        yield results


PARAMETERS = [
    pytest.param(case, id=case.id, marks=[pytest.mark.slow] * (case.group in SLOW))
    for case in TABLE
]


@pytest.mark.parametrize("case", PARAMETERS)
def test_case(case: Case, outcomes: Outcomes) -> None:
    """The caller sees what the table says, in time, and nothing is lost or shown."""
    wrong = judge(case, outcomes[case.id].result(), OURS)
    if wrong and case.setup.real:
        # The machine may have been busy with something else; the code is not twice.
        wrong = judge(case, run(case, OURS), OURS)
    assert wrong == []


def test_the_table_is_whole() -> None:
    """At least 250 cases, each with a name of its own, none that we cannot express."""
    ids = [case.id for case in TABLE]
    assert len(set(ids)) == len(ids) >= 250
    assert all(able(case, OURS) for case in TABLE)
