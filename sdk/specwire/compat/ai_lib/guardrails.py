"""``ai_lib_python.guardrails``: the same names, on filters that calls pass through.

A filter's severity says what it does in a call: ``CRITICAL`` and ``ERROR`` block,
a ``replacement`` masks, the others warn. No class has a list of bad words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...guardrails import *  # noqa: F403
from ...guardrails import __all__ as _ours
from ...guardrails import addresses, composition, keywords, patterns
from ...guardrails.filter import Filter
from ...guardrails.findings import GuardrailSeverity
from ...guardrails.pii import PiiDetector

_S = GuardrailSeverity
_BLOCKS = (_S.ERROR, _S.CRITICAL)

Guardrail = Filter


def _options(
    rule_id: str, severity: GuardrailSeverity | str, replacement: str | None = None
) -> dict[str, Any]:
    said = GuardrailSeverity(severity)
    if said in _BLOCKS:
        action = "block"
    else:
        action = "warn" if replacement is None else "mask"
    mask = "[REDACTED]" if replacement is None else replacement
    return {"rule": rule_id, "action": action, "severity": said, "mask": mask}


class KeywordFilter(keywords.KeywordFilter):
    """Finds keywords, anywhere unless ``match_substring`` is false."""

    def __init__(
        self,
        rule_id: str,
        keywords: Iterable[str],
        severity: GuardrailSeverity | str = _S.WARNING,
        case_sensitive: bool = False,
        match_substring: bool = True,
        replacement: str | None = None,
    ) -> None:
        super().__init__(
            keywords,
            case_sensitive=case_sensitive,
            whole_words=not match_substring,
            **_options(rule_id, severity, replacement),
        )


class ProfanityFilter(KeywordFilter):
    """Finds the words of ``profanity_list``, as words.

    :raises ValueError: without a list: which words are bad where, you say.
    """

    def __init__(
        self,
        rule_id: str,
        severity: GuardrailSeverity | str = _S.WARNING,
        profanity_list: Sequence[str] | None = None,
        case_sensitive: bool = False,
        replacement: str | None = None,
    ) -> None:
        if not profanity_list:
            raise ValueError(f"ProfanityFilter {rule_id!r}: expected a profanity_list")
        super().__init__(
            rule_id,
            profanity_list,
            severity,
            case_sensitive,
            match_substring=False,
            replacement="***" if replacement is None else replacement,
        )


class RegexFilter(patterns.RegexFilter):
    """Finds what a regular expression matches."""

    def __init__(
        self,
        rule_id: str,
        pattern: str | re.Pattern[str],
        severity: GuardrailSeverity | str = _S.WARNING,
        flags: int = 0,
        replacement: str | None = None,
        message: str | None = None,
    ) -> None:
        super().__init__(
            pattern, flags=flags, **_options(rule_id, severity, replacement)
        )
        self._message = message or ""

    def finding(self, start: int, end: int, **more: Any) -> Any:
        return super().finding(start, end, **{"message": self._message, **more})


class LengthFilter(patterns.LengthFilter):
    """Finds texts that are too long or too short."""

    def __init__(
        self,
        rule_id: str,
        min_length: int | None = None,
        max_length: int | None = None,
        severity: GuardrailSeverity | str = _S.WARNING,
        count_mode: str = "chars",
    ) -> None:
        super().__init__(
            max_length,
            min_length,
            count_mode=count_mode,
            **_options(rule_id, severity),
        )


def _hosts(
    action: str, allowed: Iterable[str] | None, blocked: Iterable[str] | None
) -> dict[str, Any]:
    if action not in ("block", "allow", "deny"):
        raise ValueError(f"action: expected block, allow or deny; got {action!r}")
    if action == "block":
        return {}
    if action == "allow":
        return {"allowed": list(allowed or ())}
    return {"denied": list(blocked or ())}


class UrlFilter(addresses.UrlFilter):
    """Finds URLs: all of them, or by ``action`` those not allowed or denied."""

    def __init__(
        self,
        rule_id: str,
        action: str = "block",
        severity: GuardrailSeverity | str = _S.INFO,
        allowed_domains: Iterable[str] | None = None,
        blocked_domains: Iterable[str] | None = None,
    ) -> None:
        hosts = _hosts(action, allowed_domains, blocked_domains)
        super().__init__(**hosts, **_options(rule_id, severity))


class EmailFilter(addresses.EmailFilter):
    """Finds e-mail addresses, by ``action`` as :class:`UrlFilter` does."""

    def __init__(
        self,
        rule_id: str,
        action: str = "block",
        severity: GuardrailSeverity | str = _S.INFO,
        allowed_domains: Iterable[str] | None = None,
        blocked_domains: Iterable[str] | None = None,
        replacement: str | None = None,
    ) -> None:
        hosts = _hosts(action, allowed_domains, blocked_domains)
        super().__init__(**hosts, **_options(rule_id, severity, replacement))


class CompositeGuardrail(composition.ContentValidator):
    """Several filters as one."""

    def __init__(
        self,
        rule_id: str,
        guardrails: Iterable[Filter],
        severity: GuardrailSeverity | str = _S.WARNING,
        stop_on_first: bool = False,
    ) -> None:
        super().__init__(
            guardrails, rule=rule_id, severity=severity, stop_on_first=stop_on_first
        )


class ConditionalGuardrail(composition.When):
    """A filter that applies while ``condition`` holds of what was set as context."""

    def __init__(
        self,
        rule_id: str,
        guardrail: Filter,
        condition: Callable[[dict[str, Any]], bool],
        severity: GuardrailSeverity | str = _S.WARNING,
    ) -> None:
        self._context: dict[str, Any] = {}
        super().__init__(
            lambda place: condition({"place": place, **self._context}),
            guardrail,
            rule=rule_id,
            severity=severity,
        )

    def set_context(self, context: dict[str, Any]) -> None:
        """What the condition is asked with."""
        self._context = dict(context)


class SafetyValidator(composition.ContentValidator):
    """The words and phrases of ``keywords``, as words.

    :raises ValueError: without any: a list of its own would refuse "kill the process".
    """

    def __init__(
        self,
        severity: GuardrailSeverity | str = _S.CRITICAL,
        *,
        keywords: Sequence[str] = (),
        **_: bool,
    ) -> None:
        if not keywords:
            raise ValueError("SafetyValidator: expected keywords=[...]; it has none")
        words = KeywordFilter("safety", keywords, severity, match_substring=False)
        super().__init__([words])


class ComplianceValidator(composition.ContentValidator):
    """Personal data, by patterns that check themselves."""

    def __init__(
        self,
        gdpr_mode: bool = True,
        hipaa_mode: bool = False,
        severity: GuardrailSeverity | str = _S.CRITICAL,
    ) -> None:
        filters: list[Filter] = []
        if gdpr_mode:
            filters.append(PiiDetector(**_options("gdpr", severity)))
        if hipaa_mode:
            record = r"\bMR[A-Z]?[0-9]{6,12}\b"
            filters.append(RegexFilter("hipaa-medical-record", record, severity))
        super().__init__(filters)


_HERE = (
    "CompositeGuardrail",
    "ComplianceValidator",
    "ConditionalGuardrail",
    "Guardrail",
    "ProfanityFilter",
    "SafetyValidator",
)
__all__ = sorted({*_ours, *_HERE})
