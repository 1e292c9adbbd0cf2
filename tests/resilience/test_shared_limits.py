"""One rate limit for several processes, in a file or in a server."""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.errors import RateLimitError
from specwire.resilience import LimitStore, LimitStoreError, RateLimiter
from specwire.resilience.limit_file import FileStore
from specwire.resilience.limit_server import ServerStore
from specwire.resilience.line import Limit, Line, Taken
from specwire.resilience.rate_limiter import _Place
from specwire.testing import FakeClock
from tests.core.sample import client
from tests.house.modules import ROOT, SDK

from .answering import Server, reply
from .redis_server import RedisServer, running
from .test_forks import in_child
from .test_rate_limiter import most_in

Make = Callable[..., RateLimiter]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "limits.db"


@pytest.fixture
def make(path: Path, clock: FakeClock) -> Iterator[Make]:
    """Limiters as several processes would make them: each has its own connection."""
    made: list[RateLimiter] = []

    def limiter(rate: float = 1, **settings: Any) -> RateLimiter:
        settings = {"shared": f"sqlite:///{path}", "clock": clock, **settings}
        made.append(RateLimiter(rate, **settings))
        return made[-1]

    yield limiter
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


# -- one rate ------------------------------------------------------------------


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    rate=st.sampled_from([0.5, 3.0, 10.0, 333.0]),
    burst=st.integers(1, 4),
    turns=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([0.0, 0.009, 0.3, 5.0])),
        min_size=20,
        max_size=40,
    ),
)
def test_no_second_sees_more_than_the_rate(
    tmp_path_factory: pytest.TempPathFactory,
    rate: float,
    burst: int,
    turns: list[tuple[int, float]],
) -> None:
    """Of all together, though each is up to a hundredth of a second late."""
    clock = FakeClock()
    shared = f"sqlite:///{tmp_path_factory.mktemp('limits')}/limits.db"
    each = [
        RateLimiter(rate, shared=shared, clock=clock, burst_size=burst)
        for _ in range(3)
    ]
    times = []
    for which, late in turns:
        each[which].acquire()
        times.append(clock.now)
        clock.now += late
    for limiter in each:
        limiter.close()
    for span in (1.0, 2.5, 20.0):
        assert most_in(times, span) <= burst + rate * span


def asked(shared: str, processes: int, rate: int, count: int) -> list[float]:
    """When ``processes`` that each ask ``count`` times were let go."""
    command = [sys.executable, "-m", "tests.resilience.asker", shared]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SDK), str(ROOT)])}
    started = [
        subprocess.Popen(
            [*command, str(rate), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            cwd=ROOT,
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [json.loads(process.communicate(timeout=60)[0]) for process in started]
    assert not any(each["down"] for each in said)
    return sorted(time for each in said for time in each["times"])


def most_within(times: list[float], span: float) -> int:
    return max(bisect_left(times, t + span) - n for n, t in enumerate(times))


def test_four_processes_keep_one_rate_in_a_file(path: Path) -> None:
    """No second sees more than 400; but each of the four may be stopped by the machine
    after it was let go, before it looks at the clock."""
    times = asked(f"sqlite:///{path}", 4, 400, 115)
    assert len(times) == 460
    assert most_within(times, 1.0) <= 400 + 4
    assert times[-1] - times[0] >= 459 / 400


def test_two_processes_keep_one_rate_in_redis(redis: RedisServer) -> None:
    """As they would from two machines: by the server's clock."""
    times = asked(redis.url, 2, 300, 75)
    assert len(times) == 150
    assert most_within(times, 0.25) <= 300 * 0.26 + 1 + 2
    assert times[-1] - times[0] >= 149 / 300


def test_names_are_limits_of_their_own(make: Make) -> None:
    """In one file."""
    assert make(name="a").acquire() == 0
    assert make(name="b").acquire() == 0
    assert make(name="a").try_acquire() is False


def test_requests_and_tokens_are_taken_in_one_step(make: Make) -> None:
    """Of a call that cannot have both, neither is taken."""
    one, other = make(tokens_per_minute=60), make(tokens_per_minute=60)
    one.acquire(text_tokens=60)
    assert other.acquire(text_tokens=30) == pytest.approx(30, abs=0.4)
    assert one.acquire() == pytest.approx(1, abs=0.02)


def test_usage_settles_what_was_estimated(make: Make, clock: FakeClock) -> None:
    """For the others as well."""
    one = make(0, tokens_per_minute=60, estimate=lambda _: 60)
    client(hooks=[one, Server()], _clock=clock).notes.create()  # NOTE says 3 tokens
    other = make(0, tokens_per_minute=60)
    assert other.acquire(text_tokens=60) == pytest.approx(3, abs=0.1)


def test_one_without_a_limit_does_not_wait_for_the_others(make: Make) -> None:
    """One counts tokens, another under the same name does not."""
    make(0, tokens_per_minute=60).acquire(text_tokens=60)
    assert make(1).acquire() == 0


def test_threads_and_calls_wait_in_the_loop(make: Make, clock: FakeClock) -> None:
    """As a hook it says how long; nothing sleeps in it."""
    made = [client(hooks=[make(0.1), Server()], _clock=clock) for _ in range(2)]
    for each in made:
        each.notes.create()
    assert clock.slept == pytest.approx([10], abs=0.02)


# -- what servers say ----------------------------------------------------------


def test_a_servers_wish_stops_the_other_processes(make: Make, clock: FakeClock) -> None:
    """A 429 with Retry-After to one is waited for by all, for that service alone."""
    server = Server(reply(429, {"retry-after": "7"}))
    one = client(hooks=[make(0), server], _clock=clock, max_retries=0)
    with pytest.raises(RateLimitError):
        one.notes.create()
    other = make(0)
    assert other.get_wait_time(service="else") == 0
    client(hooks=[other, Server()], _clock=clock).notes.create()
    assert clock.slept == pytest.approx([7])


def test_after_a_pause_they_do_not_go_all_at_once(make: Make, clock: FakeClock) -> None:
    """A moment that passed meanwhile is not good any more."""
    one, other = make(1), make(1)
    one.acquire()
    place = _waiting(other)
    one.update_from_headers({"retry-after": "7"})
    clock.now += 7
    assert one.acquire() <= 1.02
    assert other._wait_s(place) == pytest.approx(1, abs=0.02)


def _waiting(limiter: RateLimiter) -> Any:
    place = _Place("", (1, 0))
    assert limiter._wait_s(place) > 0
    return place


# -- faults --------------------------------------------------------------------


def test_a_killed_holder_holds_nothing(path: Path, make: Make) -> None:
    """SIGKILL in the middle of a step: it was not done, and the others go on."""
    make().acquire()
    script = (
        "import sqlite3, sys, time\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE')\n"
        "db.execute('UPDATE lines SET requests = 1e9')\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=10)
    limiter = make()
    assert limiter.acquire() == pytest.approx(1, abs=0.02)
    assert not limiter.signals()["rate_limiter"]["store_down"]


def test_a_file_that_is_held_too_long_is_down(path: Path, make: Make) -> None:
    """Its holder may have been stopped; nobody waits for it for ever."""
    store = FileStore(str(path), busy_s=0.01)
    limiter = make(shared=store)
    limiter.acquire()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert limiter.acquire() == 0
    assert limiter.signals()["rate_limiter"]["store_down"]
    holder.close()


def test_a_file_removed_in_the_middle_is_made_anew(
    path: Path, make: Make, clock: FakeClock
) -> None:
    """The new one begins empty, and moments of the old one are not good any more."""
    one, other = make(1), make(1)
    one.acquire()
    place = _waiting(other)
    path.unlink()
    clock.now += place.taken.wait_s
    assert other._wait_s(place) == pytest.approx(1, abs=0.02)
    assert one.acquire() == pytest.approx(2, abs=0.04)
    assert path.exists()


def test_a_corrupt_file_is_one_warning(
    path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The limit is the process's meanwhile; when the file does again it is shared."""
    path.write_bytes(b"not a database" * 100)
    limiter = make(1)
    with caplog.at_level(logging.INFO, "specwire"):
        assert [limiter.acquire() for _ in range(3)] == pytest.approx([0, 1, 1], 0.02)
        path.unlink()
        assert limiter.acquire() <= 1.02
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "not a database; make room" in caplog.records[0].getMessage()


def test_the_file_of_another_program_is_left_alone(path: Path, make: Make) -> None:
    """It is not written to."""
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE notes (text)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LimitStoreError, match="the file of another program"):
        make(if_down="closed").acquire()
    assert path.read_bytes() == before


class Down:
    """A store that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        def fails(*_: object) -> Taken:
            raise LimitStoreError("nobody there")

        return fails


def test_what_is_done_while_the_store_is_down(make: Make, clock: FakeClock) -> None:
    """By ``if_down``: the process's own limit, none, or an error."""
    down: Any = Down()
    local = make(shared=down)
    assert [local.acquire() for _ in range(2)] == pytest.approx([0, 1], abs=0.02)
    free = make(shared=down, if_down="open")
    assert [free.acquire() for _ in range(50)] == [0] * 50
    closed = client(hooks=[make(shared=down, if_down="closed"), Server()])
    with pytest.raises(LimitStoreError, match="nobody there; if_down='closed'"):
        closed.notes.create()


def test_a_redis_that_dies_and_comes_back(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Meanwhile the limit is the process's; the lost one begins empty."""
    clock = FakeClock()
    limiter = RateLimiter(1000, shared=redis.url, name="dies", clock=clock)
    limiter.acquire()
    redis.kill()
    try:
        limiter.acquire()
        assert limiter.signals()["rate_limiter"]["store_down"]
    finally:
        redis.start()
    clock.now += 2
    assert limiter.get_wait_time() > 0
    assert not limiter.signals()["rate_limiter"]["store_down"]
    limiter.close()


def test_what_is_told_in_the_middle_of_a_step_waits_for_its_end(make: Make) -> None:
    """As by a stream that a collection closes just then."""

    class Interrupted(Down):
        def __init__(self) -> None:
            self.done: list[str] = []

        def take(self, *_: object) -> Taken:
            limiter._settle(place, 7)
            self.done.append("take")
            return Taken(0.0, True)

        def correct(self, *_: object) -> None:
            self.done.append("correct")

    store: Any = Interrupted()
    limiter = make(shared=store)
    place: Any = _Place("", (1, 5))
    assert limiter.try_acquire()
    assert store.done == ["take", "correct"]


def test_a_copy_in_another_process_shares_the_limit(path: Path) -> None:
    """It is pickled as its settings."""
    limiter = RateLimiter(0.01, shared=f"sqlite:///{path}")
    limiter.acquire()
    copied = pickle.loads(pickle.dumps(limiter))
    assert copied.get_wait_time() > 90
    for each in (limiter, copied):
        each.close()


def test_a_fork_shares_the_file(path: Path) -> None:
    """No connection of the parent's is used in the child."""
    limiter = RateLimiter(0.01, shared=f"sqlite:///{path}")
    limiter.acquire()

    def waits() -> bool:
        down = limiter.signals()["rate_limiter"]["store_down"]
        return limiter.get_wait_time() > 90 and not down

    assert in_child(waits)
    assert limiter.get_wait_time() > 90
    limiter.close()


# -- clocks --------------------------------------------------------------------


def test_a_machine_that_was_started_anew_waits_no_longer(
    make: Make, clock: FakeClock
) -> None:
    """Its clock begins at 0 again; what was earned since the start is there."""
    make(0.01).acquire()
    clock.now = 40.0
    assert make(0.01).get_wait_time() == pytest.approx(60, abs=1)


def test_clocks_that_differ_a_little_give_nothing_twice(
    make: Make, clock: FakeClock
) -> None:
    """Time of one that is behind does not count until it has caught up."""
    make(1).acquire()
    clock.now -= 5
    assert make(1).get_wait_time() == pytest.approx(1, abs=0.02)


# -- the server's script -------------------------------------------------------

_STEP = st.one_of(
    st.tuples(
        st.just("take"),
        st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from([0, 5, 70])),
        st.sampled_from([-1.0, 0.0, 2.0, 1e9]),
    ),
    st.tuples(st.just("give_back"), st.none(), st.none()),
    st.tuples(st.just("correct"), st.sampled_from([-3.0, 8.0]), st.none()),
    st.tuples(st.just("pass"), st.sampled_from([-2.0, 0.4, 3.0, 90.0]), st.none()),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(steps=st.lists(_STEP, max_size=30), burst=st.integers(1, 3))
def test_the_server_does_what_the_line_does(
    redis: RedisServer, steps: list[tuple[str, Any, Any]], burst: int
) -> None:
    """Step by step, also when its clock is set back."""
    limits = (Limit.of(2, burst, 1), Limit.of(1, 60))
    server, name = ServerStore(redis.url), os.urandom(8).hex()
    line, now, last = Line("", 50.0).filled(limits), 50.0, None
    steps = [("take", (1, 5), 9.0), *steps]  # which makes the line
    for what, value, within in steps:
        now += value if what == "pass" else 0.0
        server._at = repr(now)
        kept, line = line, copy(line)
        line.wind(now, max(now - line.seen, 0.0))
        written = False
        if what == "take":
            told = server.take(name, value, limits, "", within)
            line.life = told.life or line.life
            meant = line.take(value, limits, within, told.at)
            assert (told.mine, told.serial) == (meant.mine, meant.serial)
            assert told.wait_s == pytest.approx(meant.wait_s, abs=1e-6)
            assert told.left == pytest.approx(meant.left, abs=1e-6)
            written, last = told.mine, told if told.mine else last
        elif what == "give_back" and last is not None:
            server.give_back(name, last)
            written, last = line.give_back(last), None
        elif what == "correct":
            server.correct(name, value, limits)
            line.correct(value, limits)
            written = True
        line = line if written else kept
    server.close()


def test_a_pause_in_redis(redis: RedisServer) -> None:
    """Is every machine's, and the longer of two holds."""
    clock = FakeClock()
    one, other = (
        RateLimiter(0, shared=redis.url, name="pause", clock=clock) for _ in "12"
    )
    one.acquire()
    for seconds in ("30", "9"):
        one.update_from_headers({"retry-after": seconds}, "a")
    assert other.get_wait_time(service="a") == pytest.approx(30, abs=1)
    assert other.get_wait_time() == 0
    one.close(), other.close()


# -- settings ------------------------------------------------------------------


def test_the_file_is_the_owners_alone(path: Path, make: Make) -> None:
    """It is made with the rights 0600, when it is first used."""
    limiter = make()
    assert not path.exists()
    limiter.acquire()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("shared", "said"),
    [
        ("limits.db", "expected 'sqlite:///limits.db'"),
        ("mysql://me:secret@host/0", "got 'mysql'"),
        ("sqlite:///", "there is no folder"),
        ("sqlite:///no/such/folder/limits.db", "four one from the root"),
    ],
)
def test_what_names_no_store(shared: str, said: str) -> None:
    """Is refused at once, and no password is repeated."""
    with pytest.raises(ValueError, match=said) as caught:
        RateLimiter(1, shared=shared)
    assert "secret" not in str(caught.value)
    with pytest.raises(ValueError, match="if_down"):
        RateLimiter(1, shared="sqlite:///limits.db", if_down="no")  # type: ignore[arg-type]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r"pip install 'specwire\[limits\]'"):
        RateLimiter(1, shared="redis://localhost/0")


def test_a_password_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Of a server that does not answer."""
    pytest.importorskip("redis")
    clock = FakeClock()
    url = "redis://me:secret@127.0.0.1:1/0"
    limiter = RateLimiter(1, shared=url, clock=clock)
    assert limiter.acquire() == 0
    assert "rate limit in Redis at 127.0.0.1" in caplog.text
    assert "secret" not in caplog.text + repr(limiter.signals())
    limiter.close()


def test_stores_of_ours_are_stores(path: Path) -> None:
    """They are what the protocol says, so another may take their place."""
    assert isinstance(FileStore(str(path)), LimitStore)


def test_no_store_no_cost() -> None:
    """Neither SQLite nor Redis is imported for a limit of this process."""
    script = (
        "import sys; from specwire.resilience import RateLimiter; "
        "RateLimiter(1).acquire(); print({'sqlite3', 'redis'} & set(sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": str(SDK)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True
    )
    assert done.stdout == "set()\n"
