"""A rate limit for many machines, in Redis; the extra ``limits`` brings its client.

Each step is one script on the server, by the server's clock, so that machines need not
agree on the time; the server's clock may be set back. The scripts do what
:class:`.line.Line` does.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from ..core.clock import Clock
from ..core.extras import needed
from .limit_store import LimitStoreError
from .line import Cost, Limits, Taken

_TIMEOUT_S: Final = 1.0
_LOAD: Final = """
local key, known, life, at = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
if not at then
  local t = redis.call('TIME')
  at = tonumber(t[1]) + tonumber(t[2]) / 1000000
end
local names = {'life', 'seen', 'clock', 'last', 'requests', 'text', 'serial'}
local row = redis.call('HMGET', key, unpack(names))
local was = row[1]
local s = {life = was or life, seen = at, clock = 0}
for i = 3, 7 do s[names[i]] = tonumber(row[i]) or 0 end
if was then s.clock = s.clock + math.max(at - tonumber(row[2]), 0) end
local function put()
  local set = {'life', s.life, 'serial', string.format('%.0f', s.serial)}
  for _, n in ipairs({'seen', 'clock', 'last', 'requests', 'text'}) do
    set[#set + 1] = n
    set[#set + 1] = string.format('%.17g', s[n])
  end
  redis.call('HSET', key, unpack(set))
end
local function pause(service)
  return (tonumber(redis.call('HGET', key, 'p:' .. service)) or 0) - s.clock
end
"""
_TAKE: Final = (
    _LOAD
    + """
local within, service = tonumber(ARGV[4]), ARGV[5]
local cost, burst, interval, initial = {}, {}, {}, {}
for i = 1, 2 do
  cost[i], burst[i] = tonumber(ARGV[2 + 4 * i]), tonumber(ARGV[3 + 4 * i])
  interval[i], initial[i] = tonumber(ARGV[4 + 4 * i]), tonumber(ARGV[5 + 4 * i])
end
local kinds = {'requests', 'text'}
for i, n in ipairs(kinds) do
  if not was and known == '' then
    s[n] = s.clock + (burst[i] - initial[i]) * interval[i]
  elseif known ~= '' and known ~= s.life then
    s[n] = math.max(s[n], s.clock + burst[i] * interval[i])
  end
end
local last = math.max(s.last, s.clock)
local ready, earned = last, {}
for i, n in ipairs(kinds) do
  if interval[i] > 0 then
    s[n] = math.max(s[n], s.clock)
    ready = math.max(ready, s[n] + (cost[i] - burst[i]) * interval[i])
  end
  earned[i] = s[n]
end
local left = '-1'
if interval[1] > 0 then
  left = string.format('%.17g', burst[1] - (earned[1] - s.clock) / interval[1])
end
local wait, stop = ready - s.clock, pause(service)
if stop > 0 or wait > within then
  return {0, string.format('%.17g', math.max(wait, stop)), left, s.life}
end
local reply = {1, string.format('%.17g', wait), left, s.life}
s.last = ready
reply[5] = string.format('%.17g', ready - last)
for i, n in ipairs(kinds) do
  if interval[i] > 0 then s[n] = math.max(s[n], ready) + cost[i] * interval[i] end
  reply[5 + i] = string.format('%.17g', s[n] - earned[i])
end
s.serial = s.serial + 1
reply[8] = string.format('%.0f', s.serial)
put()
return reply
"""
)
_STANDS: Final = _LOAD + "return (was == ARGV[4] and pause(ARGV[5]) <= 0) and 1 or 0\n"
_GIVE_BACK: Final = (
    _LOAD
    + """
if was ~= ARGV[4] or s.serial ~= tonumber(ARGV[5]) then return 0 end
s.last = s.last - tonumber(ARGV[6])
s.requests = s.requests - tonumber(ARGV[7])
s.text = s.text - tonumber(ARGV[8])
s.serial = s.serial - 1
put()
return 1
"""
)
_CORRECT: Final = (
    _LOAD
    + """
if not was then return 0 end
local more = tonumber(ARGV[4])
if more > 0 then s.text = math.max(s.text, s.clock) end
s.text = s.text + more * tonumber(ARGV[5])
put()
return 1
"""
)
_PAUSE: Final = (
    _LOAD
    + """
local service, seconds = ARGV[4], tonumber(ARGV[5])
if not was or pause(service) >= seconds then return 0 end
redis.call('HSET', key, 'p:' .. service, string.format('%.17g', s.clock + seconds))
return 1
"""
)


class ServerStore:
    """Limits by name in a Redis server; no key expires, one is kept a name.

    :param url: as ``redis.Redis.from_url`` has it; ``socket_timeout`` in it is 1 s
        unless it says otherwise.
    :raises ImportError: without the extra ``limits``.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        with needed("limits", "a rate limit in Redis"):
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        self._clock = clock or Clock()
        # One more try is for connections that the server has closed meanwhile.
        self._redis: Any = redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
            decode_responses=True,
        )
        self._faults = (redis.RedisError, OSError)
        self._at = ""
        self._lives: dict[str, str] = {}
        self._scripts: dict[str, Any] = {}
        where = self._redis.connection_pool.connection_kwargs
        self._where = str(where.get("path") or where.get("host", "localhost"))

    def take(
        self, name: str, cost: Cost, limits: Limits, service: str, within: float
    ) -> Taken:
        numbers: list[float] = []
        for amount, limit in zip(cost, limits, strict=True):
            numbers += [amount, limit.burst, limit.interval, limit.initial]
        most = min(within, 1e15)
        reply = self._run(_TAKE, name, repr(most), service, *map(repr, numbers))
        mine, wait, left, life = reply[:4]
        had = float("inf") if left == "-1" else float(left)
        at = self._clock.monotonic()  # on its way back the moment only comes later
        if not mine:
            return Taken(float(wait), False, had, at=at)
        self._lives[name] = life
        last, requests, text = (float(each) for each in reply[4:7])
        spent, serial = (last, requests, text), int(reply[7])
        return Taken(float(wait), True, had, spent, serial, life, at)

    def stands(self, name: str, taken: Taken, service: str) -> bool:
        return bool(self._run(_STANDS, name, taken.life, service))

    def give_back(self, name: str, taken: Taken) -> None:
        spent = map(repr, taken.spent)
        self._run(_GIVE_BACK, name, taken.life, taken.serial, *spent)

    def correct(self, name: str, more: float, limits: Limits) -> None:
        self._run(_CORRECT, name, repr(more), repr(limits[1].interval))

    def pause(self, name: str, service: str, seconds: float) -> None:
        self._run(_PAUSE, name, service, repr(seconds))

    def close(self) -> None:
        self._redis.close()

    def _run(self, script: str, name: str, *args: object) -> Any:
        known = self._lives.get(name, "")
        try:
            registered = self._scripts.get(script)
            if registered is None:
                registered = self._redis.register_script(script)
                self._scripts[script] = registered
            return registered(
                keys=[f"specwire:limit:{name}"],
                args=[known, uuid.uuid4().hex, self._at, *args],
            )
        except self._faults as error:
            raise LimitStoreError(
                f"rate limit in Redis at {self._where}: {type(error).__name__}: {error}"
            ) from error
