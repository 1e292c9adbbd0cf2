"""Work in threads and processes of others, and on a cluster."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from specwire import Client
from specwire.batch import BatchRunner, Settings
from specwire.batch.ray import RayExecutor

from .asked import DEFAULTS, Asked
from .dying import DieAlways, DieOnce

WORDS = [f"hi {number}" for number in range(12)]
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")


def runner(asked: Asked, journal: Path, executor: Any, *hooks: Any) -> BatchRunner:
    settings = asked.settings(hooks=hooks)
    return BatchRunner(settings, journal=journal, defaults=DEFAULTS, executor=executor)


def check(found: list[Any]) -> None:
    assert sorted(each.position for each in found) == list(range(len(WORDS)))
    assert all(each.text == WORDS[each.position].upper() for each in found)


def test_a_pool_of_threads(asked: Asked, journal: Path) -> None:
    """A pool of the caller is used, with the client of this process, and left open."""
    with ThreadPoolExecutor(3) as pool:
        client = asked.client()
        given = BatchRunner(client, journal=journal, defaults=DEFAULTS, executor=pool)
        check(list(given.run(WORDS)))
        assert pool.submit(int, "7").result() == 7
    assert asked.most <= 3


def test_processes(asked: Asked, journal: Path) -> None:
    """Each process makes a client of its own of the settings; a lost one takes nothing
    with it, and is replaced."""
    dying = DieOnce(str(journal.with_name("died")))
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        check(list(runner(asked, journal, pool, dying).run(WORDS)))
    assert os.path.exists(dying.path)
    assert all(len(set(keys)) == 1 for keys in asked.keys.values())


@pytest.mark.slow
def test_an_item_that_kills_its_workers_fails(asked: Asked, journal: Path) -> None:
    """After some workers it is the item's own failure; the others come through."""
    made: list[Any] = []

    def make() -> ProcessPoolExecutor:
        made.append(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context()))
        return made[-1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads
        deadly = runner(asked, journal, make, DieAlways(b"poison"))
        found = {each.custom_id: each for each in deadly.run(["poison"])}
        assert not found["item-0"].success
        assert found["item-0"].error["type"] == "BrokenProcessPool"
    assert len(made) == 6


def test_the_work_travels_without_keys(asked: Asked) -> None:
    """What a client's settings pickle to holds no key, and refuses headers with one."""
    client = Client(
        api_keys={"anthropic": "sk-secret"},
        default_headers={"X-Team": "a", "Authorization": "Bearer sk-secret"},
    )
    settings = Settings.of(client)
    assert b"sk-secret" not in pickle.dumps(settings)
    assert settings.default_headers == {"X-Team": "a"}
    with pytest.raises(ValueError, match="would travel"):
        Settings(default_headers={"x-api-key": "sk-secret"})


def test_a_rate_holds_for_work_elsewhere(asked: Asked, journal: Path) -> None:
    """Where calls are made in other processes, items begin at the rate."""
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        given = BatchRunner(
            asked.settings(),
            journal=journal,
            defaults=DEFAULTS,
            executor=pool,
            rate_limit=1000,
        )
        check(list(given.run(WORDS)))


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=2,
            dashboard_address=None,
            worker_dashboard_address=None,
        ) as local:
            with distributed.Client(local) as client:
                yield client


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker(
    asked: Asked, journal: Path, cluster: Any
) -> None:
    """A worker of Dask that is killed takes nothing with it."""
    dying = DieOnce(str(journal.with_name("died")))
    check(list(runner(asked, journal, cluster.get_executor(), dying).run(WORDS)))
    assert os.path.exists(dying.path)


def test_ray_names_its_extra() -> None:
    """Without ray the error says what to install."""
    try:
        import ray  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"specwire\[ray\]"):
            RayExecutor()
