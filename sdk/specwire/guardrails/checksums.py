"""The check digits of numbers that people and accounts have; each says whether it fits.

All take the number without separators. Sources: ISO/IEC 7812 (Luhn), ISO 13616 (IBAN),
ISO 7064 (mod 11,10), and for national numbers what their issuers publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_LENGTHS: Final = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24
    DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28
    HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20
    LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25
    QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29
    VA22 VG24 XK20
"""
IBAN_LENGTHS: Final = {each[:2]: int(each[2:]) for each in _LENGTHS.split()}
"""How many characters an IBAN has, by country."""
_DNI: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_CN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14)
_ODD_REST: Final = (16, 10, 22, 25, 24, 23)
_D5: Final = tuple(
    tuple((a + b) % 5 if b < 5 else (a + b) % 5 + 5 for b in range(10))
    if a < 5
    else tuple((a - b) % 5 + 5 if b < 5 else (a - b) % 5 for b in range(10))
    for a in range(10)
)
_STEP: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def luhn(digits: str) -> bool:
    """Cards, Swedish and Canadian numbers, IMEI."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def iban(text: str) -> bool:
    """Length by country, and 1 of mod 97."""
    if IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def card(digits: str) -> bool:
    """A length and a beginning of a card network, and Luhn."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    known = (
        (digits[0] == "4" and size in (13, 16, 19))
        or (size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720))
        or (size == 15 and two in (34, 37))
        or (size in (16, 19) and (four == 6011 or two in (60, 62, 64, 65, 81, 82)))
        or (size == 16 and 3528 <= four <= 3589)
        or (size == 14 and (two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305))
    )
    return known and len(set(digits)) > 1 and luhn(digits)


def month_and_day(month: str, day: str) -> bool:
    """Whether there is such a day in some year."""
    last = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= int(month) <= 12 and 1 <= int(day) <= last[int(month) - 1]


def us_ssn(digits: str) -> bool:
    """No check digit; areas and groups never given out, and the known fakes."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    odd = area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
    return not odd and digits not in ("078051120", "219099999", "123456789")


def uk_nhs(digits: str) -> bool:
    """Mod 11 over ten digits."""
    left = 11 - _weighted(digits, range(10, 1, -1)) % 11
    return len(set(digits)) > 1 and left % 11 == int(digits[9]) and left != 10


def de_tax_id(digits: str) -> bool:
    """One digit (or two alike thrice at most) repeated, and ISO 7064 mod 11,10."""
    counts = [digits[:10].count(d) for d in set(digits[:10])]
    if digits[0] == "0" or max(counts) not in (2, 3) or len(counts) not in (8, 9):
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def es_dni(text: str) -> bool:
    """A letter by mod 23; foreigners' numbers begin with X, Y or Z."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return _DNI[int(number) % 23] == text[-1]


def it_fiscal_code(text: str) -> bool:
    """A letter over 15 characters, those in odd places by a table."""
    total = 0
    for place, char in enumerate(text[:15]):
        value = int(char) if char.isdigit() else ord(char) - 65
        total += value if place % 2 else _odd(value)
    return chr(65 + total % 26) == text[15]


def _odd(value: int) -> int:
    return _ODD[value] if value < 20 else _ODD_REST[value - 20]


def fr_nir(text: str) -> bool:
    """97 less mod 97; Corsica's letters count as digits."""
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(text[13:])


def be_national(digits: str) -> bool:
    """97 less mod 97, with a 2 before it for who was born after 1999."""
    if not month_and_day(digits[2:4], digits[4:6]):
        return False
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def nl_bsn(digits: str) -> bool:
    """The eleven test."""
    total = _weighted(digits[:8], range(9, 1, -1)) - int(digits[8])
    return total % 11 == 0 and int(digits) > 9_999_999


def pl_pesel(digits: str) -> bool:
    """A day of birth, the century in its month, and a weighted sum."""
    month = int(digits[2:4]) % 20
    if not month_and_day(f"{month:02}", digits[4:6]):
        return False
    return _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def se_personal(digits: str) -> bool:
    """A day of birth (60 more for a coordination number), and Luhn."""
    digits, day = digits[-10:], int(digits[-10:][4:6])
    usual = month_and_day(digits[2:4], f"{day - 60 if day > 60 else day:02}")
    return usual and luhn(digits)


def ch_ahv(digits: str) -> bool:
    """EAN-13 behind 756."""
    return _weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def br_cpf(digits: str) -> bool:
    """Two digits by mod 11."""
    return len(set(digits)) > 1 and _brazilian(digits, 9, range(10, 1, -1))


def br_cnpj(digits: str) -> bool:
    """Two digits by mod 11, for companies."""
    weights = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return len(set(digits)) > 1 and _brazilian(digits, 12, weights)


def _brazilian(digits: str, size: int, weights: Sequence[int]) -> bool:
    first = _weighted(digits[:size], weights) * 10 % 11 % 10
    more = ((weights[0] + 1), *weights)
    second = _weighted(digits[: size + 1], more) * 10 % 11 % 10
    return digits[size:] == f"{first}{second}"


def cn_resident(text: str) -> bool:
    """A day of birth, and mod 11 with X for ten."""
    if not (
        1880 <= int(text[6:10]) <= 2100 and month_and_day(text[10:12], text[12:14])
    ):
        return False
    return "10X98765432"[_weighted(text[:17], _CN_WEIGHTS) % 11] == text[17].upper()


def in_aadhaar(digits: str) -> bool:
    """Verhoeff over twelve digits; the first is 2 to 9."""
    if digits[0] in "01" or len(set(digits)) == 1:
        return False
    check, table = 0, tuple(range(10))
    for digit in reversed(digits):
        check = _D5[check][table[int(digit)]]
        table = tuple(_STEP[each] for each in table)
    return check == 0


def kr_resident(digits: str) -> bool:
    """A day of birth, and mod 11."""
    if not month_and_day(digits[2:4], digits[4:6]) or digits[6] not in "12345678":
        return False
    total = _weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))
    return (11 - total % 11) % 10 == int(digits[12])
