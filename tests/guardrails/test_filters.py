"""Each filter by itself: what it finds, what it does not, and that it is quick."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from specwire.guardrails import (
    AllOf,
    AnyOf,
    ContentFilter,
    ContentValidator,
    EmailFilter,
    Filter,
    GuardrailSeverity,
    KeywordFilter,
    LengthFilter,
    Not,
    PiiDetector,
    RegexFilter,
    SecretFilter,
    UrlFilter,
    Validator,
    When,
)

WORDS = KeywordFilter(
    ["kill", "end it all", "爆弾", "naïve", "폭탄", "\u0440\u043e\u0441\u0442"],
    mask="*",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("skills, killer, overkill", "skills, killer, overkill"),
        ("Kill! KILL? kill_it", "*! *? *_it"),
        ("end  it\nall", "*"),
        ("\uff4b\uff49\uff4c\uff4c k\u0131ll", "* *"),
        ("\U0001d424\U0001d422\U0001d425\U0001d425", "*"),
        ("k\u200bi\u200dl\u00adl", "*"),
        ("k\u0336i\u0336l\u0336l\u0336", "*"),
        ("\u043aill k\u0456ll", "* *"),
        ("この爆弾は", "この*は"),
        ("폭탄을", "*을"),
        ("na\u00efve nai\u0308ve naive", "* * naive"),
        ("\u0440\u043e\u0441\u0442", "*"),
        ("kill\u0301", "kill\u0301"),
        ("kill\U000e0041", "*"),
    ],
)
def test_words_and_their_disguises(text: str, expected: str) -> None:
    """A mask covers what was written; words within words are others."""
    assert WORDS.filter(text) == expected


def test_keywords_anywhere_and_as_written() -> None:
    """Without edges, and with case."""
    assert KeywordFilter("kill", whole_words=False).filter("skills") == "s[keyword]s"
    assert KeywordFilter("Kill", case_sensitive=True).check("kill").is_safe
    many = KeywordFilter([f"word{n}" for n in range(500)] + ["c++", "a b"])
    assert many.filter("Word499, word500, C++ and a  b") == (
        "[keyword], word500, [keyword] and [keyword]"
    )
    with pytest.raises(ValueError, match="at least one keyword"):
        ContentFilter(["kill", " "])


def test_the_result_of_asking_by_hand() -> None:
    """Violations by rule and place; what was found is not in their repr."""
    result = ContentFilter(blocked_keywords=["project x"]).check("my Project X")
    assert not result.is_safe
    (found,) = result.violations
    assert (found.rule_id, found.start, found.end) == ("blocked_keywords", 3, 12)
    assert found.matched_text == "Project X"
    assert found.severity is GuardrailSeverity.CRITICAL
    assert "Project" not in repr(result)
    assert result.to_dict()["violations"][0]["severity"] == "critical"
    assert result.filtered_content == "my [blocked_keywords]"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("https://example.com/a?b#c", True),
        ("http://a.example.com:8080", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("see example.net", True),
        ("www.example.net", False),
        ("http://notexample.com", False),
        ("http://example.com.evil.net/", False),
        ("http://example.com@evil.net/", False),
        ("http://evil.net/?u=example.com", False),
        ("http://[::1]/", False),
        ("\uff48\uff54\uff54\uff50://evil.net", False),
        ("(wss://evil.net)", False),
    ],
)
def test_hosts_of_urls(text: str, safe: bool) -> None:
    """By their labels, whatever stands before and behind them."""
    assert UrlFilter(allowed=["example.com"]).check(text).is_safe is safe


def test_denied_hosts_and_addresses() -> None:
    """A list of those that are meant, and none for all."""
    denied = UrlFilter(denied=["evil.net"], mask="-")
    assert denied.filter("http://a.evil.net/x. http://ok.org") == "-. http://ok.org"
    mail = EmailFilter(allowed=["example.com"], mask="-")
    assert mail.filter("a@x.example.com b@example.org.") == "a@x.example.com -."
    assert not EmailFilter().check("a@example.com").is_safe


def test_lengths() -> None:
    """In characters, words, and roughly in tokens."""
    assert LengthFilter(5).filter("abcdefg") == "abcde[length]"
    assert not LengthFilter(min_length=3).check("ab").is_safe
    assert not LengthFilter(2, count_mode="words").check("a b c").is_safe
    assert LengthFilter(2, count_mode="tokens_chars").check("a" * 8).is_safe
    with pytest.raises(ValueError, match="over max_length"):
        LengthFilter(1, 2)
    with pytest.raises(ValueError, match="count_mode: expected one of chars"):
        LengthFilter(1, count_mode="pages")


def test_expressions() -> None:
    """Yours; a hint is looked for first."""
    badge = RegexFilter(r"EMP-[0-9]{4,8}", hint="EMP-", rule="badge")
    assert badge.filter("EMP-12345 emp-12345") == "[badge] emp-12345"
    assert RegexFilter(re.compile("a*"), mask="-").filter("baa") == "b-"


def test_compositions() -> None:
    """Any, all, none, and on a condition."""
    key, ticket = KeywordFilter("key"), KeywordFilter("ticket", rule="ticket")
    assert AnyOf(key, ticket).filter("key or ticket") == "[keyword] or [ticket]"
    assert AllOf(key, ticket).check("key").is_safe
    assert AllOf(key, ticket).filter("key, ticket") == "[all_of], [all_of]"
    assert not Not(key).check("none").is_safe
    assert Not(key).check("a key").is_safe
    assert When(lambda place: place != "", key).check("key").is_safe
    assert When(lambda place: True, key).filter("key") == "[keyword]"
    key.disable()
    assert AnyOf(key, ticket).filter("key or ticket") == "key or [ticket]"


def test_validators() -> None:
    """``False`` or a reason refuses; ready-made ones are made of filters."""
    short = Validator(lambda text: None if len(text) < 5 else "too long")
    assert short.check("abc").is_safe
    assert short.check("abcdef").violations[0].message == "too long"
    pair = ContentValidator([KeywordFilter("a"), KeywordFilter("b", rule="b")])
    assert pair.remove_guardrail("b")
    assert not pair.remove_guardrail("b")
    pair.add_guardrail(KeywordFilter("c"))
    assert pair.filter("a b c") == "[keyword] b [keyword]"
    made = ContentValidator.create_input_validator(allowed_hosts=["example.com"])
    assert made.check("How do I kill a process?").is_safe
    assert not made.check("see http://evil.net").is_safe
    assert not ContentValidator.create_pii_validator().check("a@example.com").is_safe
    assert not ContentValidator.create_output_validator().check("a@b.org").is_safe
    assert ContentValidator.create_code_validator().check("x = 1").is_safe
    custom = ContentValidator.create_custom_validator(["x"], ["example.com"], 10)
    assert len(custom.guardrails) == 4


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: KeywordFilter("a", action="drop"), "action: expected one of block"),
        (lambda: KeywordFilter("a", on="both sides"), "on: expected one of both"),
        (lambda: KeywordFilter("a", rule=""), "expected a rule's name"),
        (lambda: PiiDetector(["cards"]), "unknown kinds cards; expected some of"),
        (lambda: SecretFilter(["sk"]), "unknown kinds sk; expected some of"),
    ],
)
def test_wrong_settings_are_told(make: Any, told: str) -> None:
    """At once, with what was expected."""
    with pytest.raises(ValueError, match=told):
        make()


def test_a_filter_of_ones_own_says_where() -> None:
    """One that does not is an error that names the class."""
    with pytest.raises(NotImplementedError, match="Filter has no spans"):
        Filter().check("x")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000,
        "a." * 25_000,
        "a@" * 25_000,
        "1 " * 25_000,
        "4111 " * 10_000,
        "(1) " * 12_500,
        "+1 " * 15_000,
        "DE89 " * 10_000,
        "http://" * 7_000,
        "http://a:b" * 5_000,
        "-----BEGIN PRIVATE KEY-----" * 1_850,
        "eyJ" * 16_500,
        "eyJaaaaaaaa." * 4_000,
        "sk-" * 16_500,
        "secret_access_key=" * 2_500,
        "k\u200b" * 25_000,
        "end it " * 7_000,
        "\u0430" * 25_000,
        "A1" * 25_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_no_text_takes_long(text: str) -> None:
    """50,000 characters made to be slow: a second at most, which is ample."""
    filters = (WORDS, PiiDetector([*PiiDetector().kinds, "ip"]), SecretFilter())
    began = time.process_time()
    for each in (*filters, UrlFilter(), EmailFilter()):
        each.check(text)
    assert time.process_time() - began < 1
