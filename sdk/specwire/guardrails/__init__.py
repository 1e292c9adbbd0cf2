"""Guardrails: what may stand in requests and replies, and what is masked in them.

>>> from specwire.guardrails import Guardrails, KeywordFilter, PiiDetector
>>> guard = Guardrails(KeywordFilter(["project x"]), PiiDetector())

Give it to a client as a hook; see ``docs/guardrails.md``.
"""

from __future__ import annotations

import typing as _t

from ..core.errors import GuardrailError as GuardrailError
from ..core.lazily import lazily

if _t.TYPE_CHECKING:
    from .addresses import EmailFilter as EmailFilter
    from .addresses import UrlFilter as UrlFilter
    from .composition import AllOf as AllOf
    from .composition import AnyOf as AnyOf
    from .composition import ContentValidator as ContentValidator
    from .composition import Not as Not
    from .composition import When as When
    from .filter import Filter as Filter
    from .findings import Finding as Finding
    from .findings import GuardrailResult as GuardrailResult
    from .findings import GuardrailSeverity as GuardrailSeverity
    from .findings import GuardrailViolation as GuardrailViolation
    from .hook import Guardrails as Guardrails
    from .keywords import ContentFilter as ContentFilter
    from .keywords import KeywordFilter as KeywordFilter
    from .patterns import LengthFilter as LengthFilter
    from .patterns import RegexFilter as RegexFilter
    from .patterns import Validator as Validator
    from .pii import PiiDetector as PiiDetector
    from .secrets import SecretFilter as SecretFilter

_BY_HOME = {
    ".guardrails.addresses": "EmailFilter UrlFilter",
    ".guardrails.composition": "AllOf AnyOf ContentValidator Not When",
    ".guardrails.filter": "Filter",
    ".guardrails.findings": (
        "Finding GuardrailResult GuardrailSeverity GuardrailViolation"
    ),
    ".guardrails.hook": "Guardrails",
    ".guardrails.keywords": "ContentFilter KeywordFilter",
    ".guardrails.patterns": "LengthFilter RegexFilter Validator",
    ".guardrails.pii": "PiiDetector",
    ".guardrails.secrets": "SecretFilter",
}
_HOMES = {name: home for home, names in _BY_HOME.items() for name in names.split()}

__all__ = ["GuardrailError", *_HOMES]
__getattr__, __dir__ = lazily(__name__, _HOMES)
