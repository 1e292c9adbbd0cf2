"""A run on many workers as queues, simulated event by event.

An item goes through stations: the journal's writer, that notes it before it is sent
and commits all that waits at once; the driver's own time to send it out; the shared
limiter; the call; the driver's time to take the result; and the writer again. Service
times are given, those of calls have a long tail. A stretch of a run is simulated in its
steady state, from a seed. ``scale.py`` has the plans that are compared; nothing here
needs the package.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ALL_ITEMS = 10_000_000
WARM = 0.25
"""The share of the simulated items that only fill the queues."""


@dataclass(frozen=True)
class Plan:
    """How a run is laid out, and what its parts cost; times in seconds.

    :ivar shards: drivers, each with a journal of its own and a part of the workers.
    :ivar window: items a driver has under way, sent out or waiting to be committed.
    :ivar note: of the writer, for an item that is to be sent; ``row`` for a result,
        and ``commit`` for a group of up to ``group`` of them.
    :ivar lease: calls that one round trip to the limiter allows.
    :ivar limit: calls a second that the provider allows; 0 for any number.
    :ivar cpu: a worker's CPU for a call; its threads share ``cores`` of them.
    """

    name: str
    workers: int = 50
    threads: int = 32
    shards: int = 1
    window: int = 0
    latency: float = 2.0
    spread: float = 0.6
    failing: float = 0.08
    limit: float = 0.0
    lease: int = 1
    limiter_service: float = 0.0
    limiter_trip: float = 0.0
    send: float = 0.0
    take: float = 0.0
    commit: float = 0.0
    note: float = 0.0
    row: float = 0.0
    group: int = 1000
    cpu: float = 0.0
    cores: int = 2

    @property
    def under_way(self) -> int:
        """Items of a driver: the window, or a fifth more than there are threads."""
        threads = self.workers * self.threads / self.shards
        return self.window or math.ceil(threads * 1.2)

    @property
    def attempts(self) -> float:
        """Calls that an item costs, failed ones among them."""
        return 1 / (1 - self.failing)


def capacity(plan: Plan) -> dict[str, float]:
    """Items a second that each station could do if nothing else were in the way."""
    calls, shards = plan.attempts, plan.shards
    mean = plan.latency * math.exp(plan.spread**2 / 2)
    waiting = plan.limiter_trip / plan.lease
    group = min(plan.group, plan.under_way)
    found = {
        "threads": plan.workers * plan.threads / ((mean + plan.cpu + waiting) * calls),
        "window": shards * plan.under_way / ((mean + plan.cpu + waiting) * calls),
        "workers' CPU": _rate(plan.cpu * calls, plan.workers * plan.cores),
        "driver": _rate(plan.send + plan.take, shards),
        "journal": _rate(plan.note + plan.row + 2 * plan.commit / group, shards),
        "limiter": _rate(plan.limiter_service / plan.lease * calls),
        "provider": plan.limit / calls if plan.limit else math.inf,
    }
    return {name: rate for name, rate in found.items() if rate < math.inf}


def _rate(service: float, servers: int = 1) -> float:
    return servers / service if service > 0 else math.inf


@dataclass
class Outcome:
    """What a simulated stretch came to.

    :ivar rate: items a second whose results are on disk.
    :ivar busy: for each station the share of the time that it worked.
    :ivar waits: how long an item's result waits for its commit, the median and the
        slowest hundredth.
    """

    plan: Plan
    rate: float
    busy: dict[str, float]
    waits: tuple[float, float]
    groups: float
    under_way: float

    @property
    def hours(self) -> float:
        """How long ten million items take."""
        return ALL_ITEMS / self.rate / 3600

    @property
    def limit(self) -> str:
        """The station with the least capacity."""
        found = capacity(self.plan)
        return min(found, key=lambda name: found[name])


@dataclass
class Queue:
    """One server, first come, first served: its next free moment is all it keeps."""

    free: float = 0.0
    worked: float = 0.0

    def done(self, now: float, service: float) -> float:
        """When what comes now has been served."""
        self.free = max(now, self.free) + service
        self.worked += service
        return self.free


@dataclass
class Shard:
    """A driver, its journal and its workers' threads."""

    driver: Queue = field(default_factory=Queue)
    threads: int = 0
    sent: deque[int] = field(default_factory=deque)
    """Items that wait for a thread."""
    waiting: list[tuple[float, bool]] = field(default_factory=list)
    """When it came that waits for a commit, and whether it is a result."""
    writing: bool = False
    written: float = 0.0
    leased: int = 0


class Run:
    """The events of one run, in order of time."""

    def __init__(self, plan: Plan, items: int, seed: int) -> None:
        self.plan, self.items = plan, items
        self.random = random.Random(seed)
        self.now, self.done, self.number = 0.0, 0, 0
        self.events: list[tuple[float, int, str, int, Any]] = []
        self.limiter, self.provider = Queue(), Queue()
        self.shards = [Shard() for _ in range(plan.shards)]
        self.waits: list[float] = []
        self.groups: list[int] = []
        self.called = 0.0
        self.began = 0.0

    def simulate(self) -> Outcome:
        """Run until so many items are on disk."""
        plan = self.plan
        for number, shard in enumerate(self.shards):
            shard.threads = plan.workers * plan.threads // plan.shards
            shard.waiting = [(0.0, False)] * plan.under_way
            self._write(shard, number)
        warm, marks = int(self.items * WARM), [0.0] * 5
        while self.done < self.items:
            self.now, _, kind, number, fact = heapq.heappop(self.events)
            getattr(self, f"_{kind}")(self.shards[number], number, fact)
            if self.done >= warm and not self.began:
                self.began, warm = self.now, self.done
                marks = self._marks()
                self.waits.clear()
        return self._outcome(warm, marks)

    def _at(self, moment: float, kind: str, shard: int, fact: Any = None) -> None:
        self.number += 1  # events of one moment keep their order
        heapq.heappush(self.events, (moment, self.number, kind, shard, fact))

    def _sent(self, shard: Shard, number: int, _: Any) -> None:
        if shard.threads:
            shard.threads -= 1
            self._call(shard, number)
        else:
            shard.sent.append(number)

    def _call(self, shard: Shard, number: int) -> None:
        """A thread takes an item: the limiter, the provider's limit, then the call."""
        plan, moment = self.plan, self.now
        if plan.limiter_service and not shard.leased:
            moment = self.limiter.done(moment, plan.limiter_service) + plan.limiter_trip
            shard.leased = plan.lease
        shard.leased -= 1
        if plan.limit:
            moment = self.provider.done(moment, 1 / plan.limit)
        took = self.random.lognormvariate(math.log(plan.latency), plan.spread)
        self.called += took
        self._at(moment + took + plan.cpu, "answered", number)

    def _answered(self, shard: Shard, number: int, _: Any) -> None:
        if self.random.random() < self.plan.failing:
            self._call(shard, number)
            return
        if shard.sent:
            shard.sent.popleft()
            self._call(shard, number)
        else:
            shard.threads += 1
        taken = shard.driver.done(self.now, self.plan.take)
        self._at(taken, "taken", number)

    def _taken(self, shard: Shard, number: int, _: Any) -> None:
        shard.waiting.append((self.now, True))
        self._write(shard, number)

    def _write(self, shard: Shard, number: int) -> None:
        if shard.writing or not shard.waiting:
            return
        group = shard.waiting[: self.plan.group]
        del shard.waiting[: len(group)]
        results = sum(result for _, result in group)
        took = self.plan.commit + results * self.plan.row
        took += (len(group) - results) * self.plan.note
        shard.writing, shard.written = True, shard.written + took
        self._at(self.now + took, "committed", number, group)

    def _committed(self, shard: Shard, number: int, group: Any) -> None:
        shard.writing = False
        self.groups.append(len(group))
        for came, result in group:
            if result:
                self.done += 1
                self.waits.append(self.now - came)
                shard.waiting.append((self.now, False))
            else:
                sent = shard.driver.done(self.now, self.plan.send)
                self._at(sent, "sent", number)
        self._write(shard, number)

    def _marks(self) -> list[float]:
        return [
            sum(shard.driver.worked for shard in self.shards),
            sum(shard.written for shard in self.shards),
            self.limiter.worked,
            self.provider.worked,
            self.called,
        ]

    def _outcome(self, warm: int, marks: list[float]) -> Outcome:
        plan, took = self.plan, self.now - self.began
        worked = [b - a for a, b in zip(marks, self._marks(), strict=True)]
        waits = sorted(self.waits)
        rate = (self.done - warm) / took
        cpu = rate * plan.attempts * plan.cpu / (plan.workers * plan.cores)
        busy = {
            "driver": worked[0] / took / plan.shards,
            "journal": worked[1] / took / plan.shards,
            "limiter": worked[2] / took,
            "provider": worked[3] / took,
            "threads": worked[4] / took / (plan.workers * plan.threads),
            "workers' CPU": cpu,
        }
        slowest = waits[len(waits) * 99 // 100]
        groups = sum(self.groups) / len(self.groups)
        return Outcome(
            *(plan, rate, busy, (median(waits), slowest), groups, worked[4] / took)
        )


def simulate(plan: Plan, items: int = 40_000, seed: int = 1) -> Outcome:
    """Simulate so many items of a plan."""
    return Run(plan, items, seed).simulate()


def sent_again(plan: Plan, hours: float, between_h: float, seed: int = 1) -> int:
    """Calls that a run sends again because a driver or a worker died now and then.

    What a dead driver had under way is sent again with the same idempotency keys, and
    a dead worker's share of it likewise; each of them dies every ``between_h`` hours.
    """
    chance, calls = random.Random(seed), 0
    share = plan.threads
    for lives, lost in ((plan.shards, plan.under_way), (plan.workers, share)):
        for _ in range(lives):
            moment = chance.expovariate(1 / between_h)
            while moment < hours:
                calls += lost
                moment += chance.expovariate(1 / between_h)
    return calls
