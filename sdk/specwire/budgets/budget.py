"""``Budget``: calls that would pass a limit of money or tokens are not sent.

Before each attempt it reserves what that may cost at the worst, after it puts the real
usage in its place; both in a file that all threads and processes of a limit share.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ..core.clock import Clock
from ..core.errors import APIStatusError, BudgetExceededError
from ..core.hooks import Hook, Wait
from . import money, settling
from .errors import PriceUnknownError, UsageFileError
from .ledger import Running, Scope, Sums, UsageLedger, plain
from .place import Place, Rows
from .prices import Price, Prices, price_of
from .status import BudgetStatus
from .subject import LONGEST, Request, is_batch, requests_of
from .windows import PERIODS, window, zone

if TYPE_CHECKING:
    from ..core.wire import Call, Reply

_LOOK_AGAIN_S: Final = 0.05
_HOLD_S: Final = 3600.0
_MARGIN_S: Final = 60.0


class Budget(Hook):
    """A limit of what calls cost; give it to a client as a hook.

    >>> client = Client(hooks=[Budget("5usd", per="day")])  # doctest: +SKIP

    :param limit: USD, or a text such as ``"5usd"`` or ``"200k tokens"``; ``None`` only
        writes down what calls cost.
    :param tokens: a limit of tokens, of requests and answers together.
    :param per: ``hour``, ``day``, ``week``, ``month`` or ``run``; ``None`` is for ever.
    :param ledger: the file, see :class:`~specwire.budgets.UsageLedger`.
    :param run: the name of the run, for several processes that share one; by default
        the run is this object's.
    :param key: whose calls these are; the limit is then for calls of the same key.
    :param prices: see :class:`~specwire.budgets.Prices`.
    :param unknown: ``allow`` sends calls whose price nobody knows, at no cost.
    :param wait: seconds that a call waits where only calls under way are in its way.
    :param longest: tokens of an answer that nothing limits.
    :param hold: seconds after which a reservation that nobody settles lapses; by
        default a minute more than the call may take.
    :param tz: where a day begins at midnight.
    :param clock: the time, for tests; the machine's by default.
    :raises BudgetExceededError: from calls that might pass the limit; nothing is sent.
    :raises PriceUnknownError: from calls whose price nobody knows.
    :raises UsageFileError: from calls while the file does not do.
    """

    def __init__(
        self,
        limit: float | Decimal | str | None = None,
        *,
        tokens: int | None = None,
        per: str | None = None,
        ledger: str | os.PathLike[str] | UsageLedger | None = None,
        run: str | None = None,
        key: str = "",
        prices: Prices | str | os.PathLike[str] | Mapping[str, Any] | None = None,
        unknown: str = "error",
        wait: float = 0.0,
        longest: int = LONGEST,
        hold: float | None = None,
        tz: str | tzinfo | None = None,
        clock: Clock | None = None,
    ) -> None:
        if isinstance(limit, str):
            limit, counted = money.limits_of(limit)
            tokens = counted if tokens is None else tokens
        self.limit = None if limit is None else money.nano_usd("limit", limit)
        self.tokens = None if tokens is None else int(money.exact("tokens", tokens))
        self.per = _among("per", per, (*PERIODS, "run", None))
        self.run = plain(run) if run else uuid.uuid4().hex if per == "run" else ""
        self.key = plain(key)
        self._allow = _among("unknown", unknown, ("error", "allow")) == "allow"
        kept = isinstance(ledger, UsageLedger)
        self.ledger: UsageLedger = ledger if kept else UsageLedger(ledger)  # type: ignore[assignment,arg-type]
        self.prices = prices if isinstance(prices, Prices) else Prices(prices)
        self._wait_s = float(money.exact("wait", wait))
        self._longest = longest
        self._hold_s = hold
        self._tz = zone(tz)
        self._clock = clock or Clock()
        self._running: Running | None = None

    # -- what it says ----------------------------------------------------------------

    def status(self) -> BudgetStatus:
        """How it stands, in all processes together."""
        now = self._clock.time()
        spent, reserved = self.ledger.sums(self._scope(now), now)
        left = tokens_left = None
        if self.limit is not None:
            left = money.usd(max(self.limit - spent.nano - reserved.nano, 0))
        if self.tokens is not None:
            tokens_left = max(self.tokens - spent.tokens - reserved.tokens, 0)
        since, end = self._window(now)
        return BudgetStatus(
            money.usd(spent.nano),
            money.usd(reserved.nano),
            left,
            spent.tokens,
            reserved.tokens,
            tokens_left,
            since,
            end,
        )

    def signals(self) -> Mapping[str, Any]:
        try:
            found = self.status()
        except UsageFileError as error:
            return {"budget": {"error": str(error)}}
        return {
            "budget": {
                "limit": None if self.limit is None else float(money.usd(self.limit)),
                "spent": float(found.spent),
                "reserved": float(found.reserved),
                "left": None if found.left is None else float(found.left),
                "tokens": found.tokens,
                "tokens_left": found.tokens_left,
                "resets_at": found.resets_at,
            }
        }

    def __repr__(self) -> str:
        limits = [] if self.limit is None else [f"{money.shown(self.limit)} USD"]
        limits += [] if self.tokens is None else [f"{self.tokens} tokens"]
        per = f" per {self.per}" if self.per else ""
        return f"<Budget of {' and '.join(limits) or 'no limit'}{per}>"

    # -- as a hook -------------------------------------------------------------------

    def before_attempt(self, call: Call) -> Wait | None:
        place = call.scratch.get(self._slot)
        if isinstance(place, Place) and place.attempt != call.attempt:
            place.begun_again()
            place = None
        if isinstance(place, Rows):
            return None
        if place is None:
            place = self._placed(call)
            if place is None:
                return None
            call.scratch[self._slot] = place
        return self._admit(call, place)

    def given_up(self, call: Call) -> None:
        place = call.scratch.get(self._slot)
        if isinstance(place, Place) and not place.reserved:
            del call.scratch[self._slot]

    def after_attempt(self, call: Call, outcome: Reply | BaseException) -> None:
        place = call.scratch.get(self._slot)
        if isinstance(place, Rows) and not isinstance(outcome, BaseException):
            self._begin_rows(place)
        if not isinstance(place, Place) or not place.open:
            return
        if call.attempts_made == place.made:
            place.release()  # nothing was sent
        elif isinstance(outcome, APIStatusError):
            place.release()
        elif isinstance(outcome, BaseException):
            lost = getattr(outcome, "started", True)
            place.leave() if lost else place.release()
        elif not call.open:
            self._replied(place, outcome)

    def on_event(self, call: Call, event: Any) -> None:
        place = call.scratch.get(self._slot)
        if isinstance(place, Rows):
            place.add(event)
        elif isinstance(place, Place) and place.open:
            if place.heard_by is None:
                place.heard_by = self
            if place.heard_by is self:
                place.meter.hear(event)

    def on_end(self, call: Call, outcome: BaseException | None) -> None:
        place = call.scratch.get(self._slot)
        if isinstance(place, Rows) or (isinstance(place, Place) and place.open):
            place.ended(outcome)

    # -- steps -----------------------------------------------------------------------

    @property
    def _slot(self) -> tuple[str, str]:
        """Budgets of one ledger share a place, so that a call counts there once."""
        return ("budget", os.path.abspath(self.ledger.path))

    def _placed(self, call: Call) -> Place | None:
        """A place for what ``call`` asks of models, if it asks anything."""
        if call.name.endswith("batches.rows"):
            batch_id = str(call.args.get("message_batch_id"))
            rows = Rows(self.ledger, self.prices, call.service, batch_id)
            call.scratch[self._slot] = rows
            return None
        requests = requests_of(call)
        if not requests:
            return None
        return Place(
            self.ledger,
            [(each, self._price(each)) for each in requests],
            attempt=call.attempt,
            made=call.attempts_made,
            at=self._clock.time(),
            batch=is_batch(call),
            longest=self._longest,
        )

    def _price(self, request: Request) -> Price | None:
        price = self.prices.of(request.provider, request.model)
        if price is None and request.manifest is not None:
            known = request.manifest.model(request.model) or {}
            price = price_of(request.model, known.get("prices") or {})
        if price is None and self.limit is not None and not self._allow:
            name = f"{request.provider}/{request.model}"
            raise PriceUnknownError(
                f"budget: nobody knows what {name} costs, so a limit in USD cannot be "
                "kept; nothing was sent. Name its prices in the file of "
                "SPECWIRE_PRICES or by prices=, or let such calls go with "
                "unknown='allow'",
                model=name,
            )
        return price

    def _admit(self, call: Call, place: Place) -> Wait | None:
        """Reserve, or say why not; the sum and the reservation are one step."""
        asked, now = place.worst(), self._clock.time()
        with settling.alone(), self.ledger.writing() as db:
            self.ledger.lapse(db, now)
            running = self._sum(place.at)
            spent = running.read(db)
            held = self.ledger.reserved(db, running.scope, but=place.id)
            if not self._fits(asked, spent, held):
                return self._later(place, asked, spent, held)
            whose = self._whose(place)
            total = call.timeout.total
            usual = (_HOLD_S if total is None else total) + _MARGIN_S
            expires = now + (usual if self._hold_s is None else self._hold_s)
            self.ledger.reserve(db, place.id, (place.at, expires), asked, whose)
        place.key, place.run = whose
        place.reserved = True
        return None

    def _later(self, place: Place, asked: Sums, spent: Sums, held: Sums) -> Wait:
        now = self._clock.monotonic()
        if place.waits_since is None:
            place.waits_since = now
        left = self._wait_s - (now - place.waits_since)
        if left <= 0 or not self._fits(asked, spent, Sums()):
            raise self._exceeded(place, asked, spent, held)
        place.at = self._clock.time()
        return Wait(min(left, _LOOK_AGAIN_S))

    def _fits(self, asked: Sums, spent: Sums, held: Sums) -> bool:
        nano = asked.nano + spent.nano + held.nano
        tokens = asked.tokens + spent.tokens + held.tokens
        over = self.limit is not None and nano > self.limit
        return not over and (self.tokens is None or tokens <= self.tokens)

    def _exceeded(
        self, place: Place, asked: Sums, spent: Sums, held: Sums
    ) -> BudgetExceededError:
        in_money = self.limit is not None and (
            asked.nano + spent.nano + held.nano > self.limit
        )
        if in_money:
            amounts = (self.limit or 0, spent.nano, held.nano, asked.nano)
            shown = [f"{money.shown(each)} USD" for each in amounts]
        else:
            amounts = (self.tokens or 0, spent.tokens, held.tokens, asked.tokens)
            shown = [f"{each} tokens" for each in amounts]
        end = self._window(place.at)[1]
        back = "" if end is None else f"; it begins anew at {_clock_of(end, self._tz)}"
        return BudgetExceededError(
            f"budget of {shown[0]}{f' per {self.per}' if self.per else ''}: "
            f"{shown[1]} are spent, calls under way may take {shown[2]}, and this one "
            f"{shown[3]}{back}. Nothing was sent",
            limit=money.usd(self.limit) if self.limit is not None else None,
            limit_tokens=self.tokens,
            spent=money.usd(spent.nano),
            reserved=money.usd(held.nano),
            asked_for=money.usd(asked.nano),
            spent_tokens=spent.tokens,
            per=self.per,
            resets_at=end,
        )

    def _whose(self, place: Place) -> tuple[str, str]:
        """Key and run of the entry; a budget beside this one may have said one."""
        pair = []
        for name, own, other in (
            ("key", self.key, place.key),
            ("run", self.run, place.run),
        ):
            if own and other and own != other:
                raise RuntimeError(
                    f"budget: two budgets of one call and one ledger have the {name}s "
                    f"{own!r} and {other!r}; give them the same, or a ledger each"
                )
            pair.append(own or other)
        return pair[0], pair[1]

    def _replied(self, place: Place, reply: Reply) -> None:
        try:
            data = json.loads(reply.body)
        except ValueError:
            data = None
        if not place.batch:
            place.meter.add(data)
            place.answered(len(reply.body))
        elif isinstance(data, dict) and isinstance(data.get("id"), str):
            try:
                place.became(data["id"], self._clock.time())
            except UsageFileError as error:
                settling.logger.warning("usage is not written down: %s", error)

    def _begin_rows(self, rows: Rows) -> None:
        try:
            rows.begin((self._clock.time(), self.key, self.run))
        except UsageFileError as error:
            settling.logger.warning("usage is not written down yet: %s", error)

    # -- its period ------------------------------------------------------------------

    def _window(self, now: float) -> tuple[float | None, float | None]:
        if self.per is None or self.per == "run":
            return None, None
        return window(self.per, now, self._tz)

    def _scope(self, now: float) -> Scope:
        run = self.run if self.per == "run" else ""
        return Scope(self._window(now)[0] or 0.0, self.key, run)

    def _sum(self, now: float) -> Running:
        scope = self._scope(now)
        if self._running is None or self._running.scope != scope:
            self._running = Running(scope)
        return self._running

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_running": None}


def _among(name: str, value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError(f"{name}: expected one of {known}, got {value!r}")
    return value


def _clock_of(when: float, tz: tzinfo) -> str:
    zoned = datetime.fromtimestamp(when, timezone.utc).astimezone(tz)
    return zoned.isoformat(timespec="minutes")
