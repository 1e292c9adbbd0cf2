"""What a filter says of a text: findings, and the result of asking one by hand."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from attrs import define, field, frozen

ACTIONS: Final = ("block", "mask", "warn", "allow")


class GuardrailSeverity(Enum):
    """How bad a finding is; programs written for ai-lib-python say it this way."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


@frozen
class Finding:
    """Where a rule applies to a text; what stands there is not kept.

    :ivar action: ``block``, ``mask``, ``warn`` or ``allow``.
    :ivar start: the place's first character, from 0; ``end`` is behind its last.
    :ivar mask: what is put in its place by ``mask``.
    :ivar place: which text it was, such as ``messages[0].content``.
    """

    rule: str
    action: str
    start: int
    end: int
    mask: str = ""
    message: str = ""
    place: str = ""


@frozen
class GuardrailViolation:
    """A finding, as :meth:`Filter.check` tells of it.

    :ivar matched_text: what was found; it is not in the ``repr``, and in no error.
    """

    rule_id: str
    message: str
    severity: GuardrailSeverity = GuardrailSeverity.WARNING
    matched_text: str | None = field(default=None, repr=False)
    start: int = 0
    end: int = 0
    metadata: dict[str, Any] = field(factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The members by name."""
        return {
            "rule_id": self.rule_id,
            "message": self.message,
            "severity": self.severity.value,
            "matched_text": self.matched_text,
            "metadata": self.metadata,
        }


@define
class GuardrailResult:
    """What filters say of one text.

    :ivar is_safe: nothing was found that is not allowed.
    :ivar filtered_content: the text with each finding masked.
    """

    is_safe: bool
    violations: list[GuardrailViolation] = field(factory=list)
    filtered_content: str | None = field(default=None, repr=False)
    metadata: dict[str, Any] = field(factory=dict)

    @classmethod
    def safe(cls, content: str | None = None) -> GuardrailResult:
        """The result where nothing was found."""
        return cls(True, [], content)

    @classmethod
    def violated(
        cls, violations: list[GuardrailViolation], filtered_content: str | None = None
    ) -> GuardrailResult:
        """The result where something was."""
        return cls(False, violations, filtered_content)

    def to_dict(self) -> dict[str, Any]:
        """The members by name, violations as dicts."""
        return {
            "is_safe": self.is_safe,
            "violations": [each.to_dict() for each in self.violations],
            "filtered_content": self.filtered_content,
            "metadata": self.metadata,
        }
