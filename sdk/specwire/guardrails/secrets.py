"""``SecretFilter``: keys and tokens, by the shapes that their issuers give them.

Each shape has a text that it cannot be without; where that is missing, nothing else is
looked at. What is only likely (``password: …``) is not here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from .filter import Filter, kinds_of, last_word
from .findings import Finding
from .folding import View

LONGEST: Final = 12_288


class Shape(NamedTuple):
    """One kind of secret.

    :ivar hints: one of these is in each; ``pattern``'s group 1, if it has one, is what
        must not be seen.
    :ivar spread: it may have blanks in it, or be short.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    spread: bool = False


def _shape(
    name: str, hints: str, body: str, check: Callable[[str], bool] | None = None
) -> Shape:
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{body})(?![A-Za-z0-9])")
    return Shape(name, tuple(hints.split()), pattern, check)


def _mixed(text: str) -> bool:
    """Letters and digits both: words with hyphens are no keys."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def _is_jwt(text: str) -> bool:
    head = text.partition(".")[0]
    try:
        data = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False
    return isinstance(data, dict) and "alg" in data


SHAPES: Final = (
    _shape(
        "openai_key",
        "sk-",
        r"sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{32,64})",
        _mixed,
    ),
    _shape("anthropic_key", "sk-ant-", r"sk-ant-[a-z0-9]{2,12}-[A-Za-z0-9_-]{20,300}"),
    _shape("openrouter_key", "sk-or-", r"sk-or-v1-[0-9a-f]{48,80}"),
    _shape("google_key", "AIza", r"AIza[0-9A-Za-z_-]{35}"),
    _shape("google_oauth_token", "ya29.", r"ya29\.[0-9A-Za-z_-]{20,400}"),
    _shape(
        "aws_access_key_id",
        "AKIA ASIA ABIA ACCA",
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    ),
    Shape(
        "aws_secret_key",
        ("ecret", "ECRET"),
        re.compile(
            r"(?i:secret_?access_?key|aws_?secret_?key)[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
            r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        spread=True,
    ),
    _shape(
        "github_token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255}",
    ),
    _shape("gitlab_token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,64}"),
    _shape(
        "slack_token",
        "xoxb- xoxp- xoxa- xoxr- xoxs- xapp-",
        r"xox[abprs]-[A-Za-z0-9-]{15,250}|xapp-[0-9]-[A-Za-z0-9-]{20,250}",
    ),
    _shape(
        "slack_webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,30}",
    ),
    _shape(
        "stripe_key",
        "_live_ _test_",
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}",
    ),
    _shape("huggingface_token", "hf_", r"hf_[A-Za-z0-9]{30,64}", _mixed),
    _shape("groq_key", "gsk_", r"gsk_[A-Za-z0-9]{40,80}"),
    _shape("xai_key", "xai-", r"xai-[A-Za-z0-9]{60,120}"),
    _shape("perplexity_key", "pplx-", r"pplx-[A-Za-z0-9]{40,80}"),
    _shape("replicate_token", "r8_", r"r8_[A-Za-z0-9]{37,40}"),
    _shape("nvidia_key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{60,80}"),
    _shape("cerebras_key", "csk-", r"csk-[a-z0-9]{40,60}"),
    _shape("npm_token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _shape("pypi_token", "pypi-", r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250}"),
    _shape("sendgrid_key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _shape("digitalocean_token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    Shape(
        "azure_storage_key",
        ("AccountKey=",),
        re.compile(r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    ),
    _shape(
        "jwt",
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{8,1000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{16,2000}",
        _is_jwt,
    ),
    Shape(
        "private_key",
        ("PRIVATE KEY",),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?:[A-Za-z0-9+/=:,.()\s\\]|-(?!-)){0,12000}"
            r"-----END (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
            r"|(?:(?:\s|\\[nr]){1,8}[A-Za-z0-9+/=]{16,80}){1,150})"
        ),
        spread=True,
    ),
    Shape(
        "url_password",
        ("://",),
        re.compile(
            r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:"
            r"([^\s/@\"'<>{}$\[\]*]{3,200})@[A-Za-z0-9\[]"
        ),
        spread=True,
    ),
)
NAMES: Final = tuple(shape.name for shape in SHAPES)
_BEGIN: Final = "-----BEGIN"


class SecretFilter(Filter):
    """Finds API keys, tokens, private keys and passwords in URLs.

    :param kinds: which; all of :data:`NAMES` by default. A finding's rule is
        ``secret.`` and the kind.
    """

    usual_rule = "secret"
    longest = LONGEST

    def __init__(self, kinds: Iterable[str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.kinds = wanted = kinds_of("SecretFilter", kinds, NAMES, NAMES)
        self._shapes = tuple(shape for shape in SHAPES if shape.name in wanted)

    def find(self, view: View) -> list[Finding]:
        text, found = view.text, list[Finding]()
        long = view.glance.long
        if not long and "://" not in text and _BEGIN not in text:
            return found
        for shape in self._shapes:
            where = text if shape.spread else long
            for hint in shape.hints:
                if hint in where:
                    found += self._of(shape, text)
                    break
        return found

    def _of(self, shape: Shape, text: str) -> Iterator[Finding]:
        rule, told = f"{self.rule}.{shape.name}", f"looks like a secret ({shape.name})"
        for start, end in _found(shape, text):
            yield Finding(rule, self.action, start, end, self.mask, told)

    def pending(self, view: View) -> int:
        text = view.text
        word = last_word(view, LONGEST)
        begun = text.rfind(_BEGIN, max(len(text) - LONGEST, 0))
        if begun >= 0 and _open(text[begun:]):
            return min(begun, word)
        return word


def _found(shape: Shape, text: str) -> Iterator[tuple[int, int]]:
    group = 1 if shape.pattern.groups else 0
    for found in shape.pattern.finditer(text):
        if shape.check is None or shape.check(found.group()):
            yield found.span(group)


def _open(text: str) -> bool:
    """Whether what begins like a private key has not ended yet."""
    head = text[: len(_BEGIN) + 40]
    if "PRIVATE KEY" not in head:
        return len(text) < len(head) + 1 and "-----" not in text[len(_BEGIN) :]
    end = text.find("-----END", len(_BEGIN))
    return end < 0 or "-----" not in text[end + 8 :]
