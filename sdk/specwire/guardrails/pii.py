"""``PiiDetector``: what says who somebody is, by patterns that check themselves.

A number is taken for a card, an account or a national number where its check digits
fit and it is written as such numbers are; one whose check digit fits by chance too
often (one in ten) must be grouped as usual, or stand beside its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

from . import checksums as sums
from .addresses import EMAIL
from .filter import Filter, kinds_of, last_word
from .findings import Finding
from .folding import View

_NOT: Final = re.compile(r"[^0-9A-Za-z]+")
_BACK_DIGITS: Final = re.compile(
    r"(?:[ .()/-]{0,2}[A-Za-z]?[ .()/-]{0,2}[0-9])*[ .()/-]{0,2}[+(]{0,2}"
)
_BACK_IBAN: Final = re.compile(r"(?: ?[0-9A-Z]){1,38}")
_BEGINS_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2} ?[0-9]{1,2}")


class Kind(NamedTuple):
    """One kind of detail.

    :ivar near: words of which one stands shortly before it, in small letters.
    """

    name: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    near: tuple[str, ...] = ()


def _kind(
    name: str,
    body: str,
    check: Callable[[str], bool] | None = None,
    near: str = "",
) -> Kind:
    # Not a part of a word, nor of a longer number, grouped or not.
    before = r"(?<![0-9A-Za-z_])(?<![0-9][.,-])"
    pattern = re.compile(rf"{before}(?:{body})(?![0-9A-Za-z_])(?![.,-][0-9])")
    return Kind(name, pattern, check, tuple(near.split("|")) if near else ())


def _ip(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


NUMBERS: Final = (
    _kind(
        "card",
        r"[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}"
        r"|3[0-9]{3}([ -])[0-9]{6}\2[0-9]{4,5}",
        sums.card,
    ),
    _kind(
        "us_ssn",
        r"(?!000|666|9)[0-9]{3}([ -])(?!00)[0-9]{2}\1(?!0000)[0-9]{4}",
        sums.us_ssn,
    ),
    _kind("uk_nhs", r"[0-9]{3}([ -])[0-9]{3}\1[0-9]{4}", sums.uk_nhs, "nhs|patient"),
    _kind(
        "de_tax_id",
        r"[1-9][0-9]( ?)[0-9]{3}\1[0-9]{3}\1[0-9]{3}",
        sums.de_tax_id,
        "steuer|tin|tax|idnr|id-nr|identifikation",
    ),
    _kind(
        "fr_nir",
        r"[12]( ?)[0-9]{2}\1(?:0[1-9]|1[0-2]|[2-9][0-9])\1(?:[0-9]{2}|2[AB])"
        r"\1[0-9]{3}\1[0-9]{3}\1[0-9]{2}",
        sums.fr_nir,
    ),
    _kind(
        "be_national",
        r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}",
        sums.be_national,
    ),
    _kind("nl_bsn", r"[0-9]{8,9}", lambda d: sums.nl_bsn(d.zfill(9)), "bsn|burgerserv"),
    _kind("pl_pesel", r"[0-9]{11}", sums.pl_pesel, "pesel"),
    _kind("se_personal", r"(?:19|20)?[0-9]{6}[-+][0-9]{4}", sums.se_personal),
    _kind("ch_ahv", r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}|756[0-9]{10}", sums.ch_ahv),
    _kind("br_cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", sums.br_cpf),
    _kind("br_cnpj", r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2}", sums.br_cnpj),
    _kind("cn_resident", r"[1-9][0-9]{16}[0-9Xx]", sums.cn_resident),
    _kind(
        "in_aadhaar",
        r"[2-9][0-9]{3}([ -]?)[0-9]{4}\1[0-9]{4}",
        sums.in_aadhaar,
        "aadha|uidai|\u0906\u0927\u093e\u0930",
    ),
    _kind("kr_resident", r"[0-9]{6}-[1-8][0-9]{6}", sums.kr_resident),
    _kind("es_dni", r"(?:[0-9]{8}|[XYZ]-?[0-9]{7})[ -]?[A-HJ-NP-TV-Z]", sums.es_dni),
    _kind(
        "phone",
        r"(?<!\+)\+[1-9](?:[ ./-]?\(?[0-9]{1,5}\)?){2,7}"
        r"|(?:1[ .-])?\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4}"
        r"|(?:1[ .-])?[2-9][0-9]{2}([.-])[2-9][0-9]{2}\1[0-9]{4}",
        lambda text: 9 <= len(text) <= 15,
    ),
)
_IBAN: Final = _kind(
    "iban", r"[A-Z]{2} ?[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?", sums.iban
)
_FISCAL: Final = _kind(
    "it_fiscal_code",
    r"[A-Z]{6}[0-9]{2}[ABCDEHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",
    sums.it_fiscal_code,
)
_IP: Final = _kind("ip", r"(?<!v)[0-9]{1,3}(?:\.[0-9]{1,3}){3}", None)
USUAL: Final = (
    "email",
    *(kind.name for kind in NUMBERS),
    "iban",
    "it_fiscal_code",
)
NAMES: Final = (*USUAL, "ip")


class PiiDetector(Filter):
    """Finds cards, accounts, national numbers, telephone numbers, e-mail addresses.

    :param kinds: which of :data:`NAMES`; by default all but ``ip``, which versions of
        programs look like.

    >>> PiiDetector().filter("pay with 4111 1111 1111 1111")
    'pay with [card]'
    """

    usual_rule = "pii"
    usual_action = "mask"
    longest = 330

    def __init__(self, kinds: Iterable[str] | None = None, **options: Any) -> None:
        self._mask = options.get("mask")
        super().__init__(**options)
        self.kinds = wanted = kinds_of("PiiDetector", kinds, USUAL, NAMES)
        self._numbers = tuple(kind for kind in NUMBERS if kind.name in wanted)

    def detect(self, content: str) -> list[Finding]:
        """What is found in ``content``, and where."""
        from .deciding import findings_in

        return findings_in((self,), View(content))

    def find(self, view: View) -> list[Finding]:
        found = [
            Finding(
                f"{self.rule}.{name}",
                self.action,
                start,
                end,
                f"[{name}]" if self._mask is None else self._mask,
                f"looks like personal data ({name})",
            )
            for name, start, end in self._places(view)
        ]
        return found

    def _places(self, view: View) -> Iterator[tuple[str, int, int]]:
        text = view.text
        if "@" in text and "email" in self.kinds:
            for found in EMAIL.finditer(text):
                yield "email", found.start(), found.end()
        if view.glance.number:
            for kind in self._numbers:
                yield from _checked(kind, view)
        looks = view.glance.kinds
        if "iban" in self.kinds and ("AA00" in looks or "AA 00" in looks):
            yield from _ibans(text)
        if "it_fiscal_code" in self.kinds and "AAAAAA00A" in looks:
            yield from _checked(_FISCAL, view)
        if "ip" in self.kinds and text.count(".") > 2:
            for found in _IP.pattern.finditer(text):
                if _ip(found.group()):
                    yield "ip", found.start(), found.end()

    def pending(self, view: View) -> int:
        text = view.text
        word = last_word(view, self.longest)
        back = text[:-65:-1]
        digits = _BACK_DIGITS.match(back)
        behind = len(text) - (digits.end() if digits else 0)
        behind = min(behind, len(text) - _open_iban(back))
        return min(word, behind)


def _open_iban(back: str) -> int:
    """How many characters at the end, backwards in ``back``, may become an IBAN."""
    found = _BACK_IBAN.match(back.lstrip(" "))
    if found is None:
        return 0
    blanks = len(back) - len(back.lstrip(" "))
    run = found.group()[::-1]
    begun = _BEGINS_IBAN.search(run)
    return 0 if begun is None or blanks > 1 else blanks + len(run) - begun.start()


def _checked(kind: Kind, view: View) -> Iterator[tuple[str, int, int]]:
    for found in kind.pattern.finditer(view.text):
        number = _NOT.sub("", found.group())
        if kind.check is not None and not kind.check(number):
            continue
        if kind.near:
            before = view.lower[max(found.start() - 48, 0) : found.start()]
            if not any(word in before for word in kind.near):
                continue
        yield kind.name, found.start(), found.end()


def _ibans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each takes as many characters as its country's have; more may follow it."""
    place = 0
    while (found := _IBAN.pattern.search(text, place)) is not None:
        place = found.start() + 2
        size = sums.IBAN_LENGTHS.get(text[found.start() : place], 99)
        end, taken = found.start(), 0
        while end < found.end() and taken < size:
            taken += text[end] != " "
            end += 1
        number = text[found.start() : end].replace(" ", "")
        cut = end < len(text) and text[end].isalnum()
        if not cut and sums.iban(number):
            yield "iban", found.start(), end
            place = end
