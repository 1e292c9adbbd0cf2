"""``ai_lib_python.guardrails`` as its code spells it, and what is better here."""

from __future__ import annotations

import pytest

from specwire.compat.ai_lib import guardrails as peer
from specwire.errors import GuardrailError
from specwire.guardrails import Guardrails
from tests.guardrails.answering import WANT, client, whole

S = peer.GuardrailSeverity
ASK = {**WANT, "messages": [{"role": "user", "content": "Hi"}]}


def test_its_names() -> None:
    """All that it has, and no more than it says."""
    assert [name for name in peer.__all__ if not hasattr(peer, name)] == []
    assert {
        *("Guardrail", "CompositeGuardrail", "ConditionalGuardrail"),
        *("KeywordFilter", "RegexFilter", "LengthFilter", "ProfanityFilter"),
        *("UrlFilter", "EmailFilter", "ContentValidator", "SafetyValidator"),
        *("ComplianceValidator", "GuardrailResult", "GuardrailViolation"),
        *("GuardrailSeverity", "ContentFilter", "PiiDetector"),
    } <= set(peer.__all__)


def test_its_filters_by_hand() -> None:
    """Rule first; ``check`` and ``filter`` as there."""
    words = peer.KeywordFilter("no-keys", ["sk-", "Bearer"], severity=S.CRITICAL)
    result = words.check("my key is SK-12345")
    assert (result.is_safe, result.violations[0].matched_text) == (False, "SK-")
    assert words.filter("Bearer x") == "[REDACTED] x"
    regex = peer.RegexFilter("keys", r"sk-[a-z]{4}", replacement="#", message="a key")
    assert regex.check("sk-abcd").violations[0].message == "a key"
    assert regex.filter("sk-abcd") == "#"
    assert not peer.LengthFilter("length", max_length=3).check("abcd").is_safe
    url = peer.UrlFilter("urls", action="allow", allowed_domains=["example.com"])
    assert not url.check("http://evil.net/?example.com").is_safe
    mail = peer.EmailFilter("m", action="deny", blocked_domains=["evil.net"])
    assert mail.check("a@example.com").is_safe
    assert not mail.check("a@evil.net").is_safe
    with pytest.raises(ValueError, match="expected block, allow or deny"):
        peer.UrlFilter("urls", action="warn")


def test_its_compositions() -> None:
    """Composite and conditional, with a context that is set."""
    words = peer.KeywordFilter("k", ["key"])
    both = peer.CompositeGuardrail("c", [words, peer.LengthFilter("l", max_length=5)])
    assert len(both.check("a long key").violations) == 2
    assert both.remove_guardrail("l")
    when = peer.ConditionalGuardrail("w", words, lambda c: c.get("mode") == "chat")
    assert when.check("key").is_safe
    when.set_context({"mode": "chat"})
    assert not when.check("key").is_safe


def test_no_list_of_bad_words_of_its_own() -> None:
    """Three words or "kill" anywhere are none; a list of yours is taken as words."""
    with pytest.raises(ValueError, match="expected a profanity_list"):
        peer.ProfanityFilter("p")
    with pytest.raises(ValueError, match="expected keywords"):
        peer.SafetyValidator()
    assert peer.ProfanityFilter("p", profanity_list=["hell"]).filter("hello hell") == (
        "hello ***"
    )
    assert peer.SafetyValidator(keywords=["kill him"]).check("kill a process").is_safe


def test_compliance_is_checked_by_checksums() -> None:
    """Ten digits are no telephone number, sixteen no card, unless they are."""
    made = peer.ComplianceValidator(hipaa_mode=True)
    assert made.check("rows 1234567890, order 1234 5678 9012 3456").is_safe
    assert not made.check("card 4111 1111 1111 1111").is_safe
    assert not made.check("record MRA123456").is_safe


def test_they_work_in_calls() -> None:
    """A severity says what becomes of a finding."""
    severe = peer.KeywordFilter("k", ["secret"], severity=S.CRITICAL)
    with pytest.raises(GuardrailError) as caught:
        client(Guardrails(severe), whole("a secret")).messages.create(**ASK)
    assert caught.value.rule == "k"
    masks = peer.KeywordFilter("k", ["secret"], replacement="-")
    reply = client(Guardrails(masks), whole("a secret")).messages.create(**ASK)
    assert reply.content[0].text == "a -"  # type: ignore[union-attr]
