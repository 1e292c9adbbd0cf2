"""Every case of the table against this project, through its public surface."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeAlias

import pytest

from .actions import able
from .case import Case, Outcome
from .chat import Neutral
from .client import Library
from .dropin import DropIn
from .ours import Specwire
from .run import judge, listening, run
from .server import CERTIFICATES
from .sim_dropin import APART, SimDropIn
from .table import cases
from .tasks import DropInInTasks, InTasks

OURS = Specwire()
IN_TASKS = InTasks()
DROP_IN = DropIn()
DROP_IN_TASKS = DropInInTasks()
RUNS = SimDropIn()
CHAT = Neutral()
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
Job: TypeAlias = tuple[Library, Case]


@pytest.fixture(scope="module", autouse=True)
def _trust() -> Iterator[None]:
    """The tests' own authority is the one that is trusted; all logs are heard."""
    with pytest.MonkeyPatch.context() as patch:
        for name in MACHINE:
            patch.delenv(name, raising=False)
        patch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATES / "ca.pem"))
        with listening():
            yield


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, _trust: None) -> Iterator[Outcomes]:
    """What came of the cases that were chosen; they run side by side."""
    items = [i for i in request.session.items if i.path == request.path]
    params = [getattr(item, "callspec", None) for item in items]
    found = [s.params["job"] for s in params if s is not None and "job" in s.params]
    timed = [job for job in found if job[1].setup.real]
    with ThreadPoolExecutor(WORKERS * 2) as pool:  # they wait, most of the time
        results = {name(job): pool.submit(run, job[1], job[0]) for job in timed}
        wait(results.values())  # nothing that is busy runs beside them
    with ThreadPoolExecutor(WORKERS) as pool:
        for job in found:
            if name(job) not in results:
                results[name(job)] = pool.submit(run, job[1], job[0])
        yield results


def name(job: Job) -> str:
    library, case = job
    return f"{library.name}: {case.id}"


def costs_nothing(case: Case) -> bool:
    """What takes no real time, and is put to the drop-in modules as well."""
    return not case.setup.real and case.group not in SLOW and case.action != "isolated"


def own(case: Case) -> bool:
    """What the provider-neutral client does in its own way: what it reads."""
    groups = ("body", "secrets", "stream")
    return case.group in groups and able(case, CHAT)


JOBS: list[Job] = [
    *((OURS, case) for case in TABLE),
    *((IN_TASKS, case) for case in TABLE),
    *((DROP_IN, case) for case in TABLE if costs_nothing(case)),
    *((DROP_IN_TASKS, case) for case in TABLE if costs_nothing(case)),
    *(
        (CHAT, case)
        for case in cases(CHAT.dialect)
        if costs_nothing(case) and own(case)
    ),
    *(
        (RUNS, case)
        for case in cases(RUNS.dialect)
        if costs_nothing(case) and able(case, RUNS)
    ),
]
EVERY = 8
"""The long runs put all cases to the drop-in modules, the others one in so many."""


def marks(number: int, job: Job) -> list[pytest.MarkDecorator]:
    library, case = job
    rare = library in (DROP_IN, DROP_IN_TASKS, RUNS) and number % EVERY != 0
    found = [] if costs_nothing(case) else [pytest.mark.timed]
    return [*found, pytest.mark.soak] if rare else found


PARAMETERS = [
    pytest.param(job, id=name(job), marks=marks(number, job))
    for number, job in enumerate(JOBS)
]


@pytest.mark.parametrize("job", PARAMETERS)
def test_case(job: Job, outcomes: Outcomes) -> None:
    """The caller sees what the table says, in time, and nothing is lost or shown."""
    library, case = job
    wrong = judge(case, outcomes[name(job)].result(), library)
    if wrong and (case.setup.real or all(each.startswith("took") for each in wrong)):
        # The machine may have been busy with something else; the code is not twice.
        wrong = judge(case, run(case, library), library)
    assert wrong == []


def test_the_table_is_whole() -> None:
    """At least 250 cases, each with a name of its own, none that we cannot express."""
    ids = [case.id for case in TABLE]
    assert len(set(ids)) == len(ids) >= 250
    assert all(able(case, each) for case in TABLE for each in (OURS, IN_TASKS))
    assert set(ids) >= set(APART)
