"""``Filter``: one rule about texts; the base of all of them, and of yours.

A filter finds places in a text and says what is to become of them; it changes nothing
itself. For streams it also says from where on its answer depends on what follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .findings import (
    ACTIONS,
    Finding,
    GuardrailResult,
    GuardrailSeverity,
    GuardrailViolation,
)
from .folding import View

SIDES = ("both", "request", "reply")
_SEVERITY = {
    "block": GuardrailSeverity.CRITICAL,
    "mask": GuardrailSeverity.ERROR,
    "warn": GuardrailSeverity.WARNING,
    "allow": GuardrailSeverity.INFO,
}


class Filter:
    """One rule. A subclass overrides :meth:`spans`, and ``longest`` or ``whole``.

    :param rule: its name, which errors and logs tell.
    :param action: what becomes of a finding: ``block`` refuses the call, ``mask`` puts
        ``mask`` in its place, ``warn`` only tells of it, ``allow`` lets it pass
        whatever other filters say of it.
    :param mask: what stands in its place; ``[rule]`` by default.
    :param on: ``request``, ``reply`` or ``both``.
    :param severity: how grave a finding is, for those who read it; nothing follows.
    :cvar longest: no finding has more characters; so much of a stream is held back
        where :meth:`pending` does not know better.
    :cvar whole: it needs the whole text: a stream's is held back to its end.
    """

    usual_rule = "filter"
    usual_action = "block"
    longest: int = 256
    whole: bool = False

    def __init__(
        self,
        *,
        rule: str | None = None,
        action: str | None = None,
        mask: str | None = None,
        on: str = "both",
        severity: GuardrailSeverity | str | None = None,
    ) -> None:
        self.rule = self.usual_rule if rule is None else rule
        if not self.rule:
            raise ValueError(f"{type(self).__name__}: expected a rule's name, got ''")
        self.action = among("action", action or self.usual_action, ACTIONS)
        self.on = among("on", on, SIDES)
        self.mask = f"[{self.rule}]" if mask is None else mask
        self.severity = (
            _SEVERITY[self.action] if severity is None else GuardrailSeverity(severity)
        )
        self.enabled = True

    # -- what a subclass says ----------------------------------------------------------

    def spans(self, view: View) -> Iterable[tuple[int, int]]:
        """Where in ``view.text`` the rule applies: pairs of start and end."""
        raise NotImplementedError(f"{type(self).__name__} has no spans()")

    def find(self, view: View) -> list[Finding]:
        """Findings in ``view.text``."""
        return [self.finding(start, end) for start, end in self.spans(view)]

    def pending(self, view: View) -> int:
        """From where in ``view.text`` on the findings depend on what follows.

        A finding that begins before it is complete, and none is still to come there.
        """
        return 0 if self.whole else max(len(view.text) - self.longest, 0)

    def finding(self, start: int, end: int, **more: Any) -> Finding:
        """A finding of this rule at a place."""
        return Finding(self.rule, self.action, start, end, self.mask, **more)

    # -- asked by hand -----------------------------------------------------------------

    @property
    def rule_id(self) -> str:
        """The rule's name."""
        return self.rule

    def enable(self) -> None:
        """Apply the rule again."""
        self.enabled = True

    def disable(self) -> None:
        """Do not apply the rule until :meth:`enable`."""
        self.enabled = False

    def check(self, content: str) -> GuardrailResult:
        """What the rule says of ``content``; the text with findings masked is in it."""
        from .deciding import findings_in, masked

        if not self.enabled or not content:
            return GuardrailResult.safe(content)
        view = View(content)
        found = [f for f in findings_in((self,), view) if f.action != "allow"]
        if not found:
            return GuardrailResult.safe(content)
        violations = [
            GuardrailViolation(
                each.rule,
                each.message or f"rule {each.rule!r} applies",
                self.severity,
                content[each.start : each.end] or None,
                each.start,
                each.end,
            )
            for each in found
        ]
        return GuardrailResult.violated(violations, masked(content, found))

    def filter(self, content: str) -> str:
        """``content`` with each finding masked."""
        masked = self.check(content).filtered_content
        return content if masked is None else masked

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.rule!r}: {self.action}>"


def among(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """``value`` where it is one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {', '.join(allowed)}; got {value!r}")
    return value


def kinds_of(
    who: str, kinds: Iterable[str] | None, usual: tuple[str, ...], known: Iterable[str]
) -> tuple[str, ...]:
    """``kinds``, or the ``usual`` ones, where all of them are ``known``."""
    wanted = usual if kinds is None else tuple(kinds)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise ValueError(
            f"{who}: unknown kinds {', '.join(unknown)}; "
            f"expected some of {', '.join(known)}"
        )
    return wanted


def last_word(view: View, limit: int) -> int:
    """Where the last word begins, in the ``limit`` last characters."""
    text = view.text
    if not text or text[-1].isspace():
        return len(text)
    tail = text[-limit:].rsplit(None, 1)[-1]
    return len(text) - len(tail)
