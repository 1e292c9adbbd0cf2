"""Waits between attempts as a policy describes them: growth, jitter, bounds.

What manifests and retry policies of users say in words (``exponential``, ``full``) for
the loop of :mod:`specwire.core.retry`, whose own rule has none.
"""

from __future__ import annotations

from .retry import Backoff


class Delays(Backoff):
    """Between ``initial_s`` and ``max_s``, whatever chance says.

    :param growth: ``exponential`` by ``factor``, ``linear``, or ``fixed``.
    :param jitter: ``full`` takes any time up to the next step, ``equal`` any in its
        upper half, ``none`` the step itself.
    :param max_retry_after_s: of a longer wish of the server so much is kept to.
    """

    __slots__ = ("growth", "jitter", "max_retry_after_s")

    def __init__(
        self,
        initial_s: float,
        max_s: float,
        factor: float = 2.0,
        *,
        growth: str = "exponential",
        jitter: str = "full",
        max_retry_after_s: float = float("inf"),
    ) -> None:
        super().__init__(initial_s, max(max_s, initial_s), factor)
        self.growth = growth
        self.jitter = jitter
        self.max_retry_after_s = max_retry_after_s

    def delay_s(
        self, retry: int, chance: float, retry_after_s: float | None = None
    ) -> float:
        least = self.initial_s
        if self.jitter == "none":
            low = high = self._step(retry)
        else:
            # As wide as the next step, for the first wait has to be spread as well.
            high = self._step(retry + 1)
            low = max(high / 2 if self.jitter == "equal" else 0.0, least)
        delay = low + (max(high, low) - low) * chance
        if retry_after_s is None:
            return delay
        wish = min(retry_after_s, self.max_retry_after_s)
        noise = 0.1 * chance * min(wish, high) if high > low else 0.0
        return max(wish + noise, delay)

    def _step(self, retry: int) -> float:
        return min(self._growth(retry), self.max_s)

    def _growth(self, retry: int) -> float:
        if self.growth == "fixed":
            return self.initial_s
        if self.growth == "linear":
            return self.initial_s * retry
        return self.initial_s * self.factor ** min(retry - 1, 64)
