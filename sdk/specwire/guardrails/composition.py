"""Filters of filters: any, all, none, on a condition; and validators made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .addresses import EmailFilter, UrlFilter
from .filter import Filter
from .findings import Finding
from .folding import View
from .keywords import KeywordFilter
from .patterns import LengthFilter
from .pii import PiiDetector
from .secrets import SecretFilter


class _Of(Filter):
    """Base: asks other filters."""

    def __init__(self, *filters: Filter, **options: Any) -> None:
        super().__init__(**options)
        self.filters: list[Filter] = list(filters)

    @property
    def _asked(self) -> Sequence[Filter]:
        return [each for each in self.filters if each.enabled]


class AnyOf(_Of):
    """What any of ``filters`` finds, with its own rule and action.

    :param stop_on_first: ask no further once one has found something.
    """

    usual_rule = "any_of"

    def __init__(
        self, *filters: Filter, stop_on_first: bool = False, **options: Any
    ) -> None:
        super().__init__(*filters, **options)
        self._first = stop_on_first

    def find(self, view: View) -> list[Finding]:
        found: list[Finding] = []
        for each in self._asked:
            found += each.find(view)
            if found and self._first:
                break
        return found

    def pending(self, view: View) -> int:
        return min((f.pending(view) for f in self._asked), default=len(view.text))


class AllOf(_Of):
    """What each of ``filters`` finds, in texts where all of them find something."""

    usual_rule = "all_of"
    whole = True

    def find(self, view: View) -> list[Finding]:
        found: list[Finding] = []
        for each in self._asked:
            said = each.find(view)
            if not said:
                return []
            found += [self.finding(one.start, one.end) for one in said]
        return found


class Not(_Of):
    """Texts in which ``filter`` finds nothing: what has to be there is missing."""

    usual_rule = "not"
    whole = True

    def __init__(self, filter: Filter, **options: Any) -> None:
        super().__init__(filter, **options)

    def find(self, view: View) -> list[Finding]:
        if not view.final or self.filters[0].find(view):
            return []
        return [self.finding(0, len(view.text), message="what must be there is not")]


class When(_Of):
    """``filter``, in texts whose place meets ``condition``.

    :param condition: asked with the place, such as ``messages[0].content``; a text that
        is checked by hand has the place ``""``.
    """

    usual_rule = "when"

    def __init__(
        self, condition: Callable[[str], bool], filter: Filter, **options: Any
    ) -> None:
        super().__init__(filter, **options)
        self._condition = condition

    def find(self, view: View) -> list[Finding]:
        inner = self.filters[0]
        return inner.find(view) if self._condition(view.place) else []

    def pending(self, view: View) -> int:
        if not self._condition(view.place):
            return len(view.text)
        return self.filters[0].pending(view)


class ContentValidator(AnyOf):
    """Several filters as one; ``create_*`` make usual ones.

    None has a list of bad words of its own: which words are bad where, you say.
    """

    usual_rule = "content_validator"

    def __init__(self, guardrails: Iterable[Filter] = (), **options: Any) -> None:
        super().__init__(*guardrails, **options)

    @property
    def guardrails(self) -> list[Filter]:
        """The filters."""
        return self.filters

    def add_guardrail(self, guardrail: Filter) -> None:
        """One more filter."""
        self.filters.append(guardrail)

    def remove_guardrail(self, rule_id: str) -> bool:
        """Take away the filter with this rule; whether there was one."""
        for place, each in enumerate(self.filters):
            if each.rule == rule_id:
                del self.filters[place]
                return True
        return False

    @classmethod
    def create_input_validator(
        cls, *, max_length: int = 10_000, allowed_hosts: Iterable[str] | None = None
    ) -> ContentValidator:
        """For what people write: its length, keys in it, and URLs of other hosts."""
        filters: list[Filter] = [
            LengthFilter(max_length, rule="input-length"),
            SecretFilter(rule="input-secret"),
        ]
        if allowed_hosts is not None:
            filters.append(UrlFilter(allowed=allowed_hosts, rule="input-url"))
        return cls(filters)

    @classmethod
    def create_output_validator(
        cls, *, max_length: int = 50_000, denied_hosts: Iterable[str] | None = None
    ) -> ContentValidator:
        """For what models write: its length, keys, personal data, and denied hosts."""
        filters: list[Filter] = [
            LengthFilter(max_length, rule="output-length"),
            SecretFilter(rule="output-secret"),
            PiiDetector(rule="output-pii"),
        ]
        if denied_hosts is not None:
            filters.append(UrlFilter(denied=denied_hosts, rule="output-url"))
        return cls(filters)

    @classmethod
    def create_pii_validator(cls, *, action: str = "block") -> ContentValidator:
        """For personal data."""
        return cls([PiiDetector(action=action)])

    @classmethod
    def create_code_validator(cls, *, max_length: int = 100_000) -> ContentValidator:
        """For code: its length, and keys in it."""
        filters: list[Filter] = [
            LengthFilter(max_length, rule="code-length"),
            SecretFilter(rule="code-secret"),
        ]
        return cls(filters)

    @classmethod
    def create_custom_validator(
        cls,
        forbidden_keywords: Iterable[str] | None = None,
        allowed_domains: Iterable[str] | None = None,
        max_length: int | None = None,
    ) -> ContentValidator:
        """Of these keywords, of other hosts' addresses, and over this length."""
        filters: list[Filter] = []
        if forbidden_keywords:
            filters.append(KeywordFilter(forbidden_keywords, rule="custom-keywords"))
        if allowed_domains:
            hosts = list(allowed_domains)
            filters.append(UrlFilter(allowed=hosts, rule="custom-urls"))
            filters.append(EmailFilter(allowed=hosts, rule="custom-emails"))
        if max_length is not None:
            filters.append(LengthFilter(max_length, rule="custom-length"))
        return cls(filters)
