"""What the detectors find, and what they take for something that is none: measured."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from specwire.guardrails import Filter, PiiDetector, SecretFilter
from specwire.guardrails.findings import Finding
from specwire.guardrails.folding import View
from specwire.guardrails.pii import NAMES
from tests.house.modules import ROOT

SAMPLE = Path(__file__).with_name("sample.txt")
PAGE = ROOT / "docs/guardrails.md"
FILTERS: tuple[Filter, ...] = (PiiDetector(), SecretFilter())


def rows() -> list[tuple[set[str], str]]:
    found = []
    for line in SAMPLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kinds, text = line.split("\t")
            text = text.replace("\\n", "\n")
            found.append((set() if kinds == "-" else set(kinds.split("+")), text))
    return found


def kinds_in(text: str) -> set[str]:
    found: list[Finding] = []
    for each in FILTERS:
        found += each.find(View(text))
    return {one.rule.partition(".")[2] for one in found}


def measured() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By kind: how often it is there, is found there, and is found elsewhere."""
    there: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for kinds, text in rows():
        found = kinds_in(text)
        there.update(kinds)
        hits.update(found & kinds)
        false.update(found - kinds)
    return there, hits, false


def test_everything_in_the_sample_is_found() -> None:
    """And nothing else."""
    there, hits, false = measured()
    assert there == hits
    assert false == {}


def test_the_pages_figures_are_the_measured_ones() -> None:
    """Hits of how many, and false hits, for each kind; and the sample's size."""
    there, hits, false = measured()
    page = PAGE.read_text("utf-8")
    for kind, count in there.items():
        row = f"| `{kind}` | {hits[kind]} of {count} | {false[kind]} |"
        assert row in page, row
    plain = sum(not kinds for kinds, _ in rows())
    assert f"{len(rows())} texts, {plain} of them with nothing to find" in page


@pytest.mark.parametrize(
    ("form", "most"),
    [
        ("################", 35),  # a tenth of what begins as cards do
        ("#### #### #### ####", 35),
        ("#########", 0),
        ("###########", 0),
        ("############", 0),
        ("###-##-####", 900),  # no check digit: the form itself says what it is
        ("###-###-####", 620),
        ("########-####", 0),
        ("####-##-## ##:##:##.######", 0),
        ("##.##.####", 0),
        ("########-####-####-####-############", 0),
    ],
)
def test_random_numbers(form: str, most: int) -> None:
    """Of a thousand of a form, at most so many are taken for something."""
    chance = random.Random(form)
    false = 0
    for _ in range(1000):
        number = re.sub("#", lambda _: chance.choice("0123456789"), form)
        false += bool(kinds_in(f"number {number} of the list"))
    assert false <= most


def test_every_kind_is_in_the_sample() -> None:
    """Each kind of personal data at least once."""
    there, _, _ = measured()
    assert set(NAMES) - set(there) == {"ip"}
